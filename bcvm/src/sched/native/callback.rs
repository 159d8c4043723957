//! Calls back into Haskell: C that Haskell has called evaluates something.
//!
//! What C does so with (`rts_lock`, `rts_evalIO`, ...) is in `libc/callback.rs`.
//
// Note [Calls back into Haskell]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A C function that was called safely may evaluate Haskell expressions. The thread that called it waits meanwhile, and
// a scheduler within the first runs until the new evaluation has ended:
//
//   schedule ─▶ thread A ─▶ C function ─▶ rts_evalIO ─▶ schedule ─▶ thread B, and all others but A
//
// Frames of compiled code and of the machine lie on the native stack between the two, so what was called last finishes
// first. Three things follow:
//
// * A is in no queue. It is kept in `outer`, a root, and blocked on a foreign call: exceptions thrown to it wait.
// * Any thread but A may run in the inner scheduler, also the one that an outer scheduler waits for. If that one ends, how
//   it did is kept in `outer`, until the outer scheduler gets to run again and finds it (`main_ended`).
// * If the inner evaluation ends by a crash or at a deadline, C has nothing to go on with. A trap then ends everything up
//   to the request.
//
// While C runs, the machine's registers are out of date: compiled code has Hp. Before a safe call it writes Hp to the
// nursery's descriptor and Sp to the stack object, so a call back can make them right (`come_in`). What has become of them
// is published when C returns (`resumeThread`). Byte code's registers are the machine's own, see `interp::ccall`. After
// an unsafe call there is no way in, as in GHC.
//
// The inner evaluation's compiled code uses the C stack below what the C function uses of it: a built-in function that
// may run compiled code is told the C stack pointer of its caller (`FIRST_CALLING` in `libc::table`).

use super::NURSERY_BLOCK;
use crate::abi::map;
use crate::interp::machine::Machine;
use crate::layout::regs::{self, nursery};
use crate::layout::tso::{self, stack, why_blocked};
use crate::sched::run::Outcome;
use crate::sched::thread::Start;
use crate::word::{Addr, ClosurePtr, WORD};

/// The most calls back that may be under way: each has frames on the native stack.
const MAX_NESTED: usize = 100;
/// Bytes of C stack that must be left for a call back.
const LEAST_C_STACK: u32 = 2 * map::RESERVED_C_STACK_BYTES;

/// Who runs, as far as calls back are concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Outside {
    /// Haskell, or C that was called unsafely: there is no way in.
    #[default]
    No,
    /// C that compiled code has called safely: the thread and the nursery are as compiled code saves them.
    Compiled,
    /// C, and the machine's registers are right.
    Machine,
    /// The finalizer of a weak pointer.
    Finalizer,
}

/// An evaluation that waits for a C function which has called back.
#[derive(Debug)]
pub struct Outer {
    /// The thread that has called the function.
    pub caller: Addr,
    /// The thread whose end is waited for.
    pub main: Option<Addr>,
    /// How that has ended meanwhile.
    pub ended: Option<Outcome>,
}

impl Machine {
    /// Makes the machine's registers right for C that calls back. False if it may not: then the program ends.
    pub fn come_in(&mut self) -> bool {
        let why = match self.outside {
            Outside::Machine => return true,
            Outside::Compiled => match self.take_saved() {
                Ok(()) => {
                    self.outside = Outside::Machine;
                    return true;
                }
                Err(why) => why,
            },
            Outside::No => "C called back into Haskell, but was not called by a foreign call that is safe".into(),
            Outside::Finalizer => "a C finalizer called back into Haskell, which it may not".into(),
        };
        self.end_program(why);
        false
    }

    /// Takes the registers from where compiled code has saved them before a safe call.
    fn take_saved(&mut self) -> Result<(), alloc::string::String> {
        let hp = self.mem.word(Addr(map::NURSERY) + nursery::FREE);
        self.take_hp(hp)?;
        let sp = self.threads.current().map_or(0, |t| {
            let s = self.mem.closure(t + tso::STACKOBJ).addr();
            self.mem.word(s + stack::SP)
        });
        self.take_sp(sp)
    }

    /// Evaluates `closure` in a new thread, for C that has come in. An outcome that is no value or exception ends the
    /// program.
    pub fn evaluate_for_c(&mut self, closure: ClosurePtr, start: Start) -> Option<Outcome> {
        let c_sp = self.mem.word(Addr(map::C_SP));
        let deeper = c_sp.wrapping_sub(map::RESERVED_C_STACK_BYTES as u64);
        let Some(caller) = self.threads.current() else {
            self.end_program("C called back into Haskell while no thread was running".into());
            return None;
        };
        let no_stack = self.has_c_stack() && deeper < (map::C_STACK_START + LEAST_C_STACK) as u64;
        if self.outer.len() >= MAX_NESTED || no_stack {
            self.end_program("calls back into Haskell are nested too deeply".into());
            return None;
        }
        self.enter_runtime();
        self.save_thread();
        self.pause_thread();
        self.mem.set_u16(caller + tso::WHY_BLOCKED, why_blocked::C_CALL);
        self.threads.set_current(None);
        self.outer.push(Outer { caller, main: self.main_thread.take(), ended: self.main_ended.take() });
        self.outside = Outside::No;
        if self.has_c_stack() {
            self.mem.set_word(Addr(map::C_SP), deeper);
        }
        self.leave_runtime();
        let outcome = self.evaluate(closure, start);
        self.enter_runtime();
        self.mem.set_word(Addr(map::C_SP), c_sp);
        self.outside = Outside::Machine;
        if let Some(outer) = self.outer.pop() {
            self.main_thread = outer.main;
            self.main_ended = outer.ended;
            self.mem.set_u16(outer.caller + tso::WHY_BLOCKED, why_blocked::NOT_BLOCKED);
            self.resume(outer.caller);
            if self.main_ended.is_some() || self.exceptions_wait() {
                self.request_stop();
            }
        }
        self.leave_runtime();
        match outcome {
            Outcome::Value(_) | Outcome::Exception(_) => return Some(outcome),
            Outcome::Deadline => {
                self.overdue = true;
                self.end_program("its time was up during a call back into Haskell".into());
            }
            Outcome::Crash(why) => self.end_program(why),
        }
        None
    }

    /// The running thread has returned from C; its nursery is opened to compiled code again.
    pub(super) fn go_out(&mut self) {
        if self.outside == Outside::Machine {
            self.open_nursery_to_code();
        }
        self.outside = Outside::No;
    }

    /// Describes the nursery to compiled code: where it may allocate, and where it may update thunks and tell nobody.
    /// Answers the end of what it may fill.
    pub(super) fn open_nursery_to_code(&mut self) -> Addr {
        let r = self.regs;
        // What a failed check asked for is there now, even where tests leave no room to be taken unasked.
        let room = core::mem::take(&mut self.compiled_room_w).saturating_mul(WORD);
        let hp_lim = Addr(r.hp.0.saturating_add(room).min(self.heap.nursery_end().0).max(r.hp_lim.0));
        let blocks = (hp_lim.0 - r.hp.0).div_ceil(NURSERY_BLOCK);
        let descriptor = Addr(map::NURSERY);
        self.mem.set_word(descriptor + nursery::START, (hp_lim - blocks * NURSERY_BLOCK).word());
        self.mem.set_word(descriptor + nursery::FREE, r.hp.word());
        self.mem.set_u32(descriptor + nursery::BLOCKS, blocks);
        let (young, end) = self.heap.nursery_range();
        let bytes = if self.threads.any_blocked() { 0 } else { end.0 - young.0 };
        self.mem.set_u32(Addr(map::YOUNG_START), young.0);
        self.mem.set_u32(Addr(map::YOUNG_BYTES), bytes);
        self.compiled_hp_lim = hp_lim;
        hp_lim
    }
}

/// `suspendThread`: the token of the thread is the register table's address.
pub fn suspend_thread(m: &mut Machine, base: u64) -> u64 {
    m.outside = Outside::Compiled;
    base
}

/// `resumeThread`.
pub fn resume_thread(m: &mut Machine, token: u64) -> u64 {
    m.go_out();
    let base = regs::BASE_REG;
    if m.mem.word(base + regs::HP_LIM) == 0 || m.mem.volatile_u32(base + regs::INTERRUPT) != 0 {
        m.mem.set_u32(Addr(map::NURSERY) + nursery::BLOCKS, 0);
    }
    token
}
