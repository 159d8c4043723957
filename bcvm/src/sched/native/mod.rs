//! Handing a thread to compiled code, and taking it back.
//!
//! The interpreter goes on with [`Next::Compiled`](crate::interp::control::Next::Compiled); a thread that is resumed stops
//! with [`Stop::Native`] and a stack whose top says what to do. This file owns the loop that runs compiled code from one
//! built-in entry to the next for the scheduler, and the register table in between.
//!
//! | file | what |
//! |---|---|
//! | `enter` | from such a stack to registers and a table slot |
//! | `leave` | from registers to such a stack, by the entry that the code left through |
//! | `pass` | the short way, which the interpreter takes without leaving its loop |
//! | `primop` | primops that compiled code calls |
//! | `c` | C functions: those of ours that compiled code calls, and those of loaded objects that we call |
//! | `callback` | C that calls back |
//
// Note [What a stop entry means]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// Compiled code leaves by jumping to a built-in entry, and STOP_ENTRY says which. Registers are then as GHC's
// conventions have them, and the interpreter, which knows only stacks, is given one that means the same:
//
//      code jumped to                               R1 is            the interpreter finds
//      a frame that lifted values return to         the value        [stg_enter, R1 | frame]
//      a frame that any result passes through       a pointer        [stg_ret_p, R1 | frame]
//      a continuation of byte code for an Int#, ...  the word, XMM1   [stg_ret_n, word | frame]
//      stg_enter and its like                       nothing          the stack as it is
//      an underflow frame                           anything         the next chunk, and registers stay
//      the code of a heap closure, stg_ap_0_fast    that closure     [stg_enter, R1]
//      stg_ap_x_fast                                the function     [stg_enter, R1 | stg_ap_x, arguments]
//      a primop's wrapper                           that closure     [stg_enter, R1 | stg_ap_x, argument | ...]
//      stg_gc_*: a check failed                     by its name      [stg_ret_p, R1] and the like, after a safe point
//      a primop                                     an argument      (carried out at once: `primop`)
//
// A closure to be evaluated is handed over as such where the interpreter's loop waits for it, and [stg_enter, R1] only where
// the thread may stop in between.
//
// The catch frame is one that any result passes through: what an IO action returns may be unevaluated, so entering
// it would be too strict.

pub mod c;
pub mod callback;
mod enter;
mod leave;
mod pass;
mod primop;

use super::run::Handled;
use crate::entry::registers::Registers;
use crate::entry::table::info;
use crate::interp::control::Stop;
use crate::interp::machine::{Compiled, Machine};
use crate::interp::regs::Regs;
use crate::layout::regs;
use crate::layout::tso::{self, stack};
use crate::word::{Addr, WORD};
use alloc::format;
use alloc::string::String;
use enter::Refused;
use leave::Left;

/// Words and pointers travel in R1 to R6.
const WORD_REGS: u32 = 6;
/// R1 and R2 are among the few registers that are loaded always.
const FEW: u32 = 2;
/// Float# and Double# travel in XMM1 to XMM6.
const VECTOR_REGS: u32 = 6;
/// Words beyond SpLim that compiled code may have filled when it leaves: an unknown call pushes its arguments unchecked
/// before it enters a thunk, whose own check may then fail. The rest of the reserved words is for what `leave` pushes.
const UNCHECKED_STACK_W: u32 = stack::RESERVED_W / 3;
/// The unit in which compiled code measures the nursery.
const NURSERY_BLOCK: u32 = 4096;

impl Machine {
    /// Has compiled code do what the stack says, until it reaches an entry that is the interpreter's business.
    pub(super) fn run_native(&mut self) -> Handled {
        match self.enter_native() {
            Ok(index) => self.run_from(index),
            Err(Refused::Stack(words)) => self.handle_stop(Stop::StackFull(words)),
            Err(Refused::Crash(why)) => self.crash_native(why),
        }
    }

    /// Goes on where compiled code has jumped to an entry.
    pub(super) fn left_native(&mut self) -> Handled {
        match self.after_native() {
            Ok(index) => self.run_from(index),
            Err(handled) => handled,
        }
    }

    fn run_from(&mut self, mut index: u32) -> Handled {
        loop {
            self.save_thread();
            self.leave_runtime();
            let ran = self.run_code(index);
            self.enter_runtime();
            let next = ran.map_err(|why| self.crash_native(why)).and_then(|()| self.after_native());
            match next {
                Ok(next) => index = next,
                Err(handled) => return handled,
            }
        }
    }

    /// Sees to what compiled code has left for; answers the slot of the code that comes next, if that is what is next.
    fn after_native(&mut self) -> Result<u32, Handled> {
        match self.leave_native() {
            Ok(Left::ToCode(next)) => return Ok(next),
            Ok(Left::Stopped(stop)) => return Err(self.handle_stop(stop)),
            Ok(Left::Eval(x)) => self.push_pair(info::STG_ENTER.word(), x.word()),
            Ok(Left::ReturnUnlifted | Left::Top) => {}
            Err(why) => return Err(self.crash_native(why)),
        }
        // Between two pieces of compiled code there may be nothing else that looks.
        Err(if Regs::stop_wanted(&self.mem) { self.safe_point(0) } else { Handled::GoOn })
    }

    /// Runs the code in slot `index` up to a built-in entry.
    #[inline(always)]
    fn run_code(&mut self, index: u32) -> Result<(), String> {
        self.save_registers();
        let written = core::mem::take(&mut self.written);
        if !self.run_compiled(Compiled::Stg(index, written)) {
            return Err("entered compiled code, which this backend cannot run".into());
        }
        self.load_registers()
    }

    fn crash_native(&mut self, why: String) -> Handled {
        self.crash_report = why;
        Handled::Crashed
    }

    /// Writes the machine's own registers to the register table, and opens the nursery to compiled code
    /// (LOAD_THREAD_STATE).
    fn save_registers(&mut self) {
        let (base, r) = (regs::BASE_REG, self.regs);
        self.mem.set_word(base + regs::SP, r.sp.word());
        self.mem.set_word(base + regs::SP_LIM, r.sp_lim.word());
        self.mem.set_word(base + regs::HP, (r.hp - WORD).word());
        self.mem.set_word(base + regs::HP_ALLOC, 0);
        let hp_lim = self.open_nursery_to_code();
        // A stop that is asked for stays asked for: the host writes the reason first and HpLim second.
        if self.mem.word(base + regs::HP_LIM) != 0 {
            self.mem.set_word(base + regs::HP_LIM, (hp_lim - 1).word());
            if self.mem.volatile_u32(base + regs::INTERRUPT) != 0 {
                self.request_stop();
            }
        }
    }

    /// Takes them back (SAVE_THREAD_STATE). Code that left them beyond their bounds is not believed.
    #[inline(always)]
    fn load_registers(&mut self) -> Result<(), String> {
        let base = regs::BASE_REG;
        if self.mem.word(base + regs::HP_LIM) != 0 {
            self.mem.set_word(base + regs::HP_LIM, u64::MAX);
            if self.mem.volatile_u32(base + regs::INTERRUPT) != 0 {
                self.request_stop();
            }
        }
        // A heap check that failed has moved Hp already, and says by how much.
        let asked = self.mem.word(base + regs::HP_ALLOC);
        self.take_hp(self.mem.word(base + regs::HP).wrapping_add(WORD as u64).wrapping_sub(asked))?;
        self.take_sp(self.mem.word(base + regs::SP))
    }

    /// Makes `hp` the next word to allocate, if compiled code can have got there.
    #[inline(always)]
    fn take_hp(&mut self, hp: u64) -> Result<(), String> {
        if hp < self.regs.hp.word() || hp > self.compiled_hp_lim.word() || !hp.is_multiple_of(WORD as u64) {
            return Err(self.wild_hp(hp));
        }
        self.regs.hp = Addr::from_word(hp);
        self.regs.hp_lim = self.regs.hp_lim.max(self.regs.hp);
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn wild_hp(&mut self, hp: u64) -> String {
        // As after a trap: nobody knows how far the nursery is filled.
        self.heap.retire_nursery();
        (self.regs.hp, self.regs.hp_lim) = self.heap.open_nursery();
        format!("compiled code left Hp at {hp:#x}, outside its nursery")
    }

    /// Makes `sp` the top of the running thread's stack, if compiled code can have got there.
    #[inline(always)]
    fn take_sp(&mut self, sp: u64) -> Result<(), String> {
        let Some(t) = self.threads.current() else { return Err(no_thread()) };
        let s = self.mem.closure(t + tso::STACKOBJ).addr();
        let end = (s + stack::STACK).offset_w(self.mem.u32(s + stack::STACK_SIZE));
        let limit = self.regs.sp_lim - UNCHECKED_STACK_W * WORD;
        if sp < limit.word() || sp >= end.word() || !sp.is_multiple_of(WORD as u64) {
            return Err(wild_sp(sp, limit, end));
        }
        self.regs.sp = Addr::from_word(sp);
        Ok(())
    }

    /// R1 is number 0.
    fn reg(&self, n: u32) -> u64 {
        self.mem.word(regs::BASE_REG + regs::R1 + n * WORD)
    }

    fn set_reg(&mut self, n: u32, w: u64) {
        if n >= FEW {
            self.written = self.written.max(Registers::Words);
        }
        self.mem.set_word(regs::BASE_REG + regs::R1 + n * WORD, w);
    }

    /// The low half of XMM1 is number 0.
    fn vector(&self, n: u32) -> u64 {
        self.mem.word(regs::BASE_REG + regs::XMM1 + n * 2 * WORD)
    }

    fn set_vector(&mut self, n: u32, w: u64) {
        self.written = Registers::All;
        self.mem.set_word(regs::BASE_REG + regs::XMM1 + n * 2 * WORD, w);
    }
}

#[cold]
#[inline(never)]
fn no_thread() -> String {
    "compiled code ran without a thread".into()
}

#[cold]
#[inline(never)]
fn wild_sp(sp: u64, limit: Addr, end: Addr) -> String {
    format!("compiled code left Sp at {sp:#x}, outside its stack from {limit:?} to {end:?}")
}
