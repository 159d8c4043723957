//! Handing a thread to compiled code, and taking it back.
//!
//! The interpreter leaves with [`Stop::Native`](crate::interp::control::Stop::Native) and a stack whose top says what
//! to do; this file loads the STG registers accordingly, has the host run the code, and afterwards turns what the
//! code left in the registers into such a stack again. See Note [What a stop entry means]. Heap and stack checks that
//! fail in compiled code (`stg_gc_*`) and the `stg_ap_*_fast` entries are not built in yet.
//
// Note [What a stop entry means]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// Compiled code leaves by jumping to a built-in entry, and STOP_ENTRY says which. Registers are then as GHC's
// conventions have them, and the interpreter, which knows only stacks, is given one that means the same:
//
//      code jumped to                               R1 is            the interpreter finds
//      a frame that lifted values return to         the value        [stg_enter, R1 | frame]
//      a frame that any result passes through       a pointer        [stg_ret_p, R1 | frame]
//      a continuation of byte code for an Int#, …   the word, XMM1   [stg_ret_n, word | frame]
//      stg_enter and its like                       nothing          the stack as it is
//      an underflow frame                           anything         the next chunk, and registers stay
//      the code of a heap closure                   that closure     [stg_enter, R1]
//      a primop's wrapper                           that closure     [stg_enter, R1 | stg_ap_x, argument | …]
//
// The catch frame is one that any result passes through: what an IO action returns may be unevaluated, so entering
// it would be too strict.

use super::run::Handled;
use crate::abi::map;
use crate::entry::Entry;
use crate::entry::table::{ENTRIES, info};
use crate::interp::apply;
use crate::interp::control::Stop;
use crate::interp::machine::Machine;
use crate::interp::pack::con_tag;
use crate::interp::regs::Regs;
use crate::layout::closure::pap;
use crate::layout::info_table::InfoTable;
use crate::layout::tso::{self, stack};
use crate::layout::{ClosureType, bitmap, regs};
use crate::primop::table::{PRIMOPS, Rep};
use crate::word::{Addr, ClosurePtr, TAG_MASK, WORD};
use alloc::format;
use alloc::string::String;

/// The register of the first word argument: R1 is the function itself.
const FIRST_ARG: u32 = 1;
/// Words and pointers travel in R2 to R6.
const WORD_REGS: u32 = 6;
/// Float# and Double# travel in XMM1 to XMM6.
const VECTOR_REGS: u32 = 6;

impl Machine {
    /// Has compiled code do what the stack says, until it reaches a built-in entry.
    pub(super) fn run_native(&mut self) -> Handled {
        let mut index = match self.enter_native() {
            Ok(index) => index,
            Err(Refused::Stack(words)) => return self.handle_stop(Stop::StackFull(words)),
            Err(Refused::Crash(why)) => return self.crash_native(why),
        };
        loop {
            self.save_registers();
            self.leave_runtime();
            let ran = self.host.run(index);
            self.enter_runtime();
            if !ran {
                return self.crash_native("entered compiled code, which this backend cannot run".into());
            }
            if let Err(why) = self.load_registers() {
                return self.crash_native(why);
            }
            match self.leave_native() {
                // Between two pieces of compiled code there may be nothing else that looks.
                Ok(None) if Regs::stop_wanted(&self.mem) => return self.safe_point(0),
                Ok(None) => return Handled::GoOn,
                Ok(Some(next)) => index = next,
                Err(why) => return self.crash_native(why),
            }
        }
    }

    /// Returns the results that are in the registers to the compiled frame on top.
    pub(super) fn return_native(&mut self) -> Handled {
        let _index = self.code_of_frame();
        self.crash_native("several results for compiled code".into())
    }

    fn crash_native(&mut self, why: String) -> Handled {
        self.crash_report = why;
        Handled::Crashed
    }

    /// Takes from the stack what compiled code wants in registers, and answers the slot of that code.
    fn enter_native(&mut self) -> Result<u32, Refused> {
        match self.mem.info(self.regs.sp) {
            info::STG_ENTER => {
                let x = self.mem.closure(self.regs.at(1));
                let table = InfoTable::at(&self.mem, self.mem.info(x.addr()));
                let t = table.closure_type();
                let pattern = Entry::from_info(self.mem.info(self.regs.at(2))).and_then(apply::pattern);
                let is_value = t.is_fun() || t.is_constr() || matches!(t, ClosureType::PAP | ClosureType::BCO);
                match pattern {
                    Some(pattern) if is_value => self.call_native(x, pattern),
                    None if is_value => {
                        self.regs.pop(2);
                        let x = if t.is_constr() { self.tagged(x) } else { x };
                        self.set_reg(0, x.word());
                        Ok(self.code_of_frame())
                    }
                    _ => {
                        let index = table.code_index();
                        if index <= map::STOP_SLOTS {
                            // It would only come back to be evaluated again.
                            return Err(Refused::Crash(format!("evaluated {x:?}, a {}, which has no code", t.name())));
                        }
                        self.regs.pop(2);
                        self.set_reg(0, x.word());
                        Ok(index)
                    }
                }
            }
            table @ (info::STG_RET_P | info::STG_RET_N | info::STG_RET_L | info::STG_RET_F | info::STG_RET_D) => {
                let value = self.mem.word(self.regs.at(1));
                self.regs.pop(2);
                match table {
                    info::STG_RET_F | info::STG_RET_D => self.set_vector(0, value),
                    _ => self.set_reg(0, value),
                }
                Ok(self.code_of_frame())
            }
            info::STG_RET_V => {
                self.regs.pop(1);
                Ok(self.code_of_frame())
            }
            _ => Ok(self.code_of_frame()),
        }
    }

    /// The slot of the code of the frame on top.
    fn code_of_frame(&self) -> u32 {
        InfoTable::at(&self.mem, self.mem.info(self.regs.sp)).code_index()
    }

    /// `x`, an evaluated constructor, with the tag that compiled code relies on.
    fn tagged(&self, x: ClosurePtr) -> ClosurePtr {
        if x.tag() != 0 { x } else { x.with_tag(con_tag(&self.mem, x.addr()).saturating_add(1).min(TAG_MASK)) }
    }

    /// Calls `f`, a compiled function or a partial application of one, with exactly the arguments of the `stg_ap_*`
    /// frame under [stg_enter, f] (the saturated cases of `rts/Apply.cmm`).
    fn call_native(&mut self, f: ClosurePtr, pattern: &str) -> Result<u32, Refused> {
        let is_pap = self.mem.info(f.addr()) == info::STG_PAP;
        let held = if is_pap { self.mem.u32(f.addr() + pap::N_ARGS) } else { 0 };
        // [stg_enter, f, stg_ap_x] make room for three of them.
        if held > 3 && !self.regs.has_stack(held - 3) {
            return Err(Refused::Stack(held - 3));
        }
        let fun = if is_pap { self.mem.closure(f.addr() + pap::FUN) } else { f }.untagged();
        let table = InfoTable::at(&self.mem, self.mem.info(fun.addr()));
        let (arity, fun_type, own) = (table.arity(), table.fun_type(), table.code_index());
        let slow = table.slow_entry();
        let node = if arity <= TAG_MASK { fun.with_tag(arity) } else { fun };
        self.regs.pop(3);
        if !is_pap {
            self.set_reg(0, node.word());
            self.load_args(pattern.bytes().map(Rep::from_letter));
            return Ok(own);
        }
        self.regs.sp = Addr(self.regs.sp.0 - held * WORD);
        self.mem.copy_words(self.regs.sp, f.addr() + pap::PAYLOAD, held);
        self.set_reg(0, node.word());
        match fun_type {
            bitmap::ARG_GEN | bitmap::ARG_GEN_BIG => Ok(self.mem.u32(slow)),
            bitmap::ARG_V16..=bitmap::ARG_V64 => Err(Refused::Crash(format!("{fun:?} takes a vector, which none can"))),
            n => match bitmap::FUN_PATTERNS.get(n as usize) {
                Some(reps) => {
                    self.load_args(reps.bytes().map(Rep::from_letter));
                    Ok(own)
                }
                None => Err(Refused::Crash(format!("the function at {fun:?} has no argument pattern {n}"))),
            },
        }
    }

    /// Loads arguments from the stack into registers, left to right, up to the first for which there is none: that
    /// one and all behind it stay on the stack.
    fn load_args(&mut self, reps: impl Iterator<Item = Rep>) {
        let (mut words, mut vectors) = (FIRST_ARG, 0);
        for rep in reps.filter(|rep| *rep != Rep::V) {
            let w = self.mem.word(self.regs.sp);
            match rep {
                Rep::F | Rep::D if vectors < VECTOR_REGS => {
                    self.set_vector(vectors, w);
                    vectors += 1;
                }
                Rep::P | Rep::N if words < WORD_REGS => {
                    self.set_reg(words, w);
                    words += 1;
                }
                _ => return,
            }
            self.regs.pop(1);
        }
    }

    /// Turns the registers into a stack for the interpreter, or answers the slot of compiled code that comes next.
    fn leave_native(&mut self) -> Result<Option<u32>, String> {
        let slot = self.mem.u32(Addr(map::STOP_ENTRY));
        let Some(row) = slot.checked_sub(1).and_then(|n| ENTRIES.get(n as usize)) else {
            return self.call_wrapper(slot);
        };
        use Entry::*;
        match row.entry {
            STG_ENTER | STG_APPLY_INTERP | STG_RET_P | STG_RET_N | STG_RET_F | STG_RET_D | STG_RET_L | STG_RET_V => {}
            STG_STACK_UNDERFLOW_FRAME => return Ok(Some(self.pass_underflow())),
            STG_CTOI_R1UNPT
            | STG_CATCH_FRAME
            | STG_STOP_THREAD
            | STG_RESTORE_CCCS
            | STG_MASK_ASYNC_EXCEPTIONS_RET
            | STG_MASK_UNINTERRUPTIBLE_RET
            | STG_UNMASK_ASYNC_EXCEPTIONS_RET => self.push_pair(info::STG_RET_P.word(), self.reg(0)),
            STG_CTOI_R1N => self.push_pair(info::STG_RET_N.word(), self.reg(0)),
            STG_CTOI_L1 => self.push_pair(info::STG_RET_L.word(), self.reg(0)),
            STG_CTOI_F1 => self.push_pair(info::STG_RET_F.word(), self.vector(0) & u32::MAX as u64),
            STG_CTOI_D1 => self.push_pair(info::STG_RET_D.word(), self.vector(0)),
            STG_CTOI_V => self.regs.push_info(&mut self.mem, info::STG_RET_V),
            _ => self.push_pair(info::STG_ENTER.word(), self.reg(0)),
        }
        Ok(None)
    }

    /// Goes back to the stack chunk beneath, and answers the code of the frame there.
    fn pass_underflow(&mut self) -> u32 {
        self.regs = self.underflow(self.regs, self.regs.sp);
        self.code_of_frame()
    }

    /// Compiled code called the wrapper of a primop: its arguments go into frames for the interpreter.
    fn call_wrapper(&mut self, slot: u32) -> Result<Option<u32>, String> {
        let primop = slot.checked_sub(ENTRIES.len() as u32 + 1).and_then(|n| PRIMOPS.get(n as usize));
        let primop = primop.ok_or_else(|| format!("compiled code left by slot {slot}, which is no built-in entry"))?;
        // Those in registers are the first ones; the others lie on the stack already, in order.
        let (mut args, mut n) = ([(Rep::V, 0); crate::primop::table::MAX_ARGS], 0);
        let (mut words, mut vectors) = (FIRST_ARG, 0);
        for rep in primop.args() {
            args[n] = match rep {
                Rep::V => (rep, 0),
                Rep::F | Rep::D if vectors < VECTOR_REGS => {
                    vectors += 1;
                    (rep, self.vector(vectors - 1))
                }
                Rep::P | Rep::N if words < WORD_REGS => {
                    words += 1;
                    (rep, self.reg(words - 1))
                }
                _ => {
                    let w = self.mem.word(self.regs.sp);
                    self.regs.pop(1);
                    (rep, w)
                }
            };
            n += 1;
        }
        for (rep, w) in args[..n].iter().rev() {
            let frame = match rep {
                Rep::P => info::STG_AP_P,
                Rep::N => info::STG_AP_N,
                Rep::F => info::STG_AP_F,
                Rep::D => info::STG_AP_D,
                Rep::V => info::STG_AP_V,
            };
            if *rep == Rep::V {
                self.regs.push_info(&mut self.mem, frame);
            } else {
                self.push_pair(frame.word(), *w);
            }
        }
        self.push_pair(info::STG_ENTER.word(), self.reg(0));
        Ok(None)
    }

    /// Pushes `below` and over it `top`. The words that only runtime frames may use are room enough.
    fn push_pair(&mut self, top: u64, below: u64) {
        self.regs.push(&mut self.mem, below);
        self.regs.push(&mut self.mem, top);
    }

    /// Writes the machine's own registers to the register table (LOAD_THREAD_STATE).
    fn save_registers(&mut self) {
        self.save_thread();
        let (base, r) = (regs::BASE_REG, self.regs);
        self.mem.set_word(base + regs::SP, r.sp.word());
        self.mem.set_word(base + regs::SP_LIM, r.sp_lim.word());
        self.mem.set_word(base + regs::HP, (r.hp - WORD).word());
        self.mem.set_word(base + regs::HP_ALLOC, 0);
        // A stop that is asked for stays asked for: the host writes the reason first and HpLim second.
        if self.mem.word(base + regs::HP_LIM) != 0 {
            self.mem.set_word(base + regs::HP_LIM, (r.hp_lim - 1).word());
            if self.mem.volatile_u32(base + regs::INTERRUPT) != 0 {
                self.request_stop();
            }
        }
    }

    /// Takes them back (SAVE_THREAD_STATE). Code that left them beyond their bounds is not believed.
    fn load_registers(&mut self) -> Result<(), String> {
        let base = regs::BASE_REG;
        if self.mem.word(base + regs::HP_LIM) != 0 {
            self.mem.set_word(base + regs::HP_LIM, u64::MAX);
            if self.mem.volatile_u32(base + regs::INTERRUPT) != 0 {
                self.request_stop();
            }
        }
        let hp = self.mem.word(base + regs::HP).wrapping_add(WORD as u64);
        if hp < self.regs.hp.word() || hp > self.regs.hp_lim.word() || !hp.is_multiple_of(WORD as u64) {
            // As after a trap: nobody knows how far the nursery is filled.
            self.heap.retire_nursery();
            (self.regs.hp, self.regs.hp_lim) = self.heap.open_nursery();
            return Err(format!("compiled code left Hp at {hp:#x}, outside its nursery"));
        }
        self.regs.hp = Addr::from_word(hp);
        let sp = self.mem.word(base + regs::SP);
        let Some(t) = self.threads.current() else { return Err("compiled code ran without a thread".into()) };
        let s = self.mem.closure(t + tso::STACKOBJ).addr();
        let end = (s + stack::STACK).offset_w(self.mem.u32(s + stack::STACK_SIZE));
        if sp < self.regs.sp_lim.word() || sp >= end.word() || !sp.is_multiple_of(WORD as u64) {
            return Err(format!("compiled code left Sp at {sp:#x}, outside its stack"));
        }
        self.regs.sp = Addr::from_word(sp);
        Ok(())
    }

    /// R1 is number 0.
    fn reg(&self, n: u32) -> u64 {
        self.mem.word(regs::BASE_REG + regs::R1 + n * WORD)
    }

    fn set_reg(&mut self, n: u32, w: u64) {
        self.mem.set_word(regs::BASE_REG + regs::R1 + n * WORD, w);
    }

    /// The low half of XMM1 is number 0.
    fn vector(&self, n: u32) -> u64 {
        self.mem.word(regs::BASE_REG + regs::XMM1 + n * 2 * WORD)
    }

    fn set_vector(&mut self, n: u32, w: u64) {
        self.mem.set_word(regs::BASE_REG + regs::XMM1 + n * 2 * WORD, w);
    }
}

/// Why compiled code is not entered.
enum Refused {
    /// The stack has no room for so many words.
    Stack(u32),
    /// What the stack says makes no sense.
    Crash(String),
}
