//! From the registers that compiled code left behind to what comes next: see Note [What a stop entry means].

use super::{VECTOR_REGS, WORD_REGS};
use crate::abi::map;
use crate::entry::Entry;
use crate::entry::closures::Slot;
use crate::entry::table::info;
use crate::interp::apply;
use crate::interp::control::Stop;
use crate::interp::machine::Machine;
use crate::interp::regs::Regs;
use crate::layout::info_table::InfoTable;
use crate::layout::{bitmap, closure, regs};
use crate::primop::table::{MAX_ARGS, PRIMOPS, Rep};
use crate::word::{Addr, ClosurePtr, InfoPtr, WORD};
use alloc::format;
use alloc::string::String;

/// Words of stack that a failed stack check is given: it does not say how many it wants. A check that wants more fails
/// again, and is given as much again.
const STACK_CHECK_W: u32 = 1024;

/// What compiled code left for.
pub(super) enum Left {
    /// This is to be evaluated.
    Eval(ClosurePtr),
    /// The unlifted value on top of the stack, under its `stg_ret_*` word, is returned.
    ReturnUnlifted,
    /// The stack says what is to be done.
    Top,
    /// The code in this slot comes next.
    ToCode(u32),
    /// The thread stops; its stack says how it goes on.
    Stopped(Stop),
}

impl Machine {
    /// What comes next, after compiled code has jumped to the entry in STOP_ENTRY.
    pub(super) fn leave_native(&mut self) -> Result<Left, String> {
        let slot = self.mem.u32(Addr(map::STOP_ENTRY));
        let entry = match Slot::of(slot) {
            Some(Slot::Entry(entry)) => entry,
            Some(Slot::Wrapper(n)) => {
                self.gather_args(PRIMOPS[n as usize].args(), 1);
                return Ok(Left::Eval(self.node()));
            }
            Some(Slot::Primop(n)) => return self.call_primop(n),
            None => return Err(format!("compiled code left by slot {slot}, which is no built-in entry")),
        };
        use Entry::*;
        match entry {
            STG_ENTER | STG_APPLY_INTERP | STG_RET_P | STG_RET_N | STG_RET_F | STG_RET_D | STG_RET_L | STG_RET_V
            | STG_RET_PP | STG_RET_PPP | STG_RET_PPPP | STG_GC_FUN => return Ok(Left::Top),
            STG_STACK_UNDERFLOW_FRAME => return Ok(Left::ToCode(self.pass_underflow())),
            STG_CTOI_R1UNPT
            | STG_CATCH_FRAME
            | STG_BIND_FRAME
            | STG_THEN_FRAME
            | STG_PUT_FRAME
            | STG_PUT_BACK_FRAME
            | STG_EACH_FRAME
            | STG_TIMES_FRAME
            | STG_STOP_THREAD
            | STG_RESTORE_CCCS
            | STG_ATOMICALLY_FRAME
            | STG_CATCH_RETRY_FRAME
            | STG_CATCH_STM_FRAME
            | STG_RUN_FINALIZERS_FRAME
            | STG_MASK_ASYNC_EXCEPTIONS_RET
            | STG_MASK_UNINTERRUPTIBLE_RET
            | STG_UNMASK_ASYNC_EXCEPTIONS_RET => self.push_pair(info::STG_RET_P.word(), self.reg(0)),
            STG_CTOI_R1N => self.push_pair(info::STG_RET_N.word(), self.reg(0)),
            STG_CTOI_L1 => self.push_pair(info::STG_RET_L.word(), self.reg(0)),
            STG_CTOI_F1 => self.push_float(),
            STG_CTOI_D1 => self.push_pair(info::STG_RET_D.word(), self.vector(0)),
            STG_CTOI_V | STG_COPY_ARRAY_BARRIER => self.regs.push_info(&mut self.mem, info::STG_RET_V),
            STG_GC_ENTER_1 => return self.check_failed(Kept::Closure),
            STG_GC_FUN_CODE => return self.check_failed(Kept::Call),
            STG_GC_NOREGS => return self.check_failed(Kept::Nothing),
            STG_GC_UNPT_R1 => return self.check_failed(Kept::Word(info::STG_RET_P)),
            STG_GC_UNBX_R1 | STG_GC_L1 => return self.check_failed(Kept::Word(info::STG_RET_N)),
            STG_GC_F1 => return self.check_failed(Kept::Float),
            STG_GC_D1 => return self.check_failed(Kept::Double),
            STG_GC_PP => return self.check_failed(Kept::Pointers(info::STG_RET_PP, 2)),
            STG_GC_PPP => return self.check_failed(Kept::Pointers(info::STG_RET_PPP, 3)),
            STG_GC_PPPP => return self.check_failed(Kept::Pointers(info::STG_RET_PPPP, 4)),
            _ => {
                let f = self.node();
                let Some((frame, pattern)) = apply::fast(entry) else { return Ok(Left::Eval(f)) };
                self.push_unknown_call(frame, pattern);
                return Ok(Left::Eval(f));
            }
        }
        Ok(Left::ReturnUnlifted)
    }

    /// R1, a closure.
    fn node(&self) -> ClosurePtr {
        ClosurePtr::from_word(self.reg(0))
    }

    fn push_float(&mut self) {
        self.push_pair(info::STG_RET_F.word(), self.vector(0) & u32::MAX as u64);
    }

    /// Pushes `below` and over it `top`. The words that only runtime frames may use are room enough.
    pub(super) fn push_pair(&mut self, top: u64, below: u64) {
        self.regs.push(&mut self.mem, below);
        self.regs.push(&mut self.mem, top);
    }

    /// Goes back to the stack chunk beneath, and answers the code of the frame there.
    fn pass_underflow(&mut self) -> u32 {
        self.regs = self.underflow(self.regs, self.regs.sp);
        self.code_of_frame()
    }

    /// The arguments of a call by GHC's convention, the first word in register `first`; those that found no register
    /// are taken off the stack.
    pub(super) fn take_args(&mut self, reps: impl Iterator<Item = Rep>, first: u32) -> ([(Rep, u64); MAX_ARGS], usize) {
        let (mut args, mut n) = ([(Rep::V, 0); MAX_ARGS], 0);
        let (mut words, mut vectors, mut registers_left) = (first, 0, true);
        for rep in reps.take(MAX_ARGS) {
            let w = match rep {
                Rep::V => 0,
                Rep::F | Rep::D if registers_left && vectors < VECTOR_REGS => {
                    vectors += 1;
                    self.vector(vectors - 1)
                }
                Rep::P | Rep::N if registers_left && words < WORD_REGS => {
                    words += 1;
                    self.reg(words - 1)
                }
                _ => {
                    registers_left = false;
                    let w = self.mem.word(self.regs.sp);
                    self.regs.pop(1);
                    w
                }
            };
            args[n] = (rep, w);
            n += 1;
        }
        (args, n)
    }

    /// Puts the arguments of a call into `stg_ap_*` frames, one each: how the interpreter wants them for a primop.
    pub(super) fn gather_args(&mut self, reps: impl Iterator<Item = Rep>, first: u32) {
        let (args, n) = self.take_args(reps, first);
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
    }

    /// Puts the arguments of an unknown call into the one frame that has their pattern.
    fn push_unknown_call(&mut self, frame: InfoPtr, pattern: &str) {
        if let Some(words) = apply::plain_words(frame) {
            // What found no register is on the stack already.
            for i in (0..words.min(WORD_REGS - 1)).rev() {
                let w = self.reg(1 + i);
                self.regs.push(&mut self.mem, w);
            }
            return self.regs.push_info(&mut self.mem, frame);
        }
        let (args, n) = self.take_args(pattern.bytes().map(Rep::from_letter), 1);
        for (_, w) in args[..n].iter().rev().filter(|(rep, _)| *rep != Rep::V) {
            self.regs.push(&mut self.mem, *w);
        }
        self.regs.push_info(&mut self.mem, frame);
    }

    /// A heap or stack check failed, or somebody wants the thread to stop: what lives in registers goes to the stack.
    fn check_failed(&mut self, kept: Kept) -> Result<Left, String> {
        match kept {
            Kept::Nothing => {}
            Kept::Closure => self.push_pair(info::STG_ENTER.word(), self.reg(0)),
            Kept::Word(frame) => self.push_pair(frame.word(), self.reg(0)),
            Kept::Float => self.push_float(),
            Kept::Double => self.push_pair(info::STG_RET_D.word(), self.vector(0)),
            Kept::Pointers(frame, n) => {
                for i in (0..n).rev() {
                    let w = self.reg(i);
                    self.regs.push(&mut self.mem, w);
                }
                self.regs.push_info(&mut self.mem, frame);
            }
            Kept::Call => self.keep_call()?,
        }
        let asked = self.mem.word(regs::BASE_REG + regs::HP_ALLOC);
        let words = u32::try_from(asked.div_ceil(WORD as u64)).unwrap_or(u32::MAX);
        if words > 0 {
            self.compiled_room_w = words;
            let room = self.heap.nursery_end().0.saturating_sub(self.regs.hp.0) / WORD;
            if words <= room && !self.heap.count_compiled_allocation() {
                // Only stopped, or a test that counts allocations.
                return Ok(Left::Stopped(Stop::Yield));
            }
            return Ok(Left::Stopped(Stop::HeapFull(words)));
        }
        let stop = if Regs::stop_wanted(&self.mem) { Stop::Yield } else { Stop::StackFull(STACK_CHECK_W) };
        Ok(Left::Stopped(stop))
    }

    /// Pushes the call of the function in R1 with the arguments in its registers (`__stg_gc_fun`): a RET_FUN frame, whose
    /// words are its size, the function and the arguments. A function of a general pattern has pushed them itself.
    fn keep_call(&mut self) -> Result<(), String> {
        let fun = ClosurePtr::from_word(self.reg(0));
        let table = InfoTable::at(&self.mem, self.mem.info(fun.addr()));
        if !table.closure_type().is_fun() {
            return Err(format!("compiled code failed a check on entry to {fun:?}, which is no function"));
        }
        let words = match table.fun_type() {
            bitmap::ARG_GEN | bitmap::ARG_GEN_BIG => closure::fun_bitmap(&self.mem, fun.addr()).size(),
            n => {
                let pattern = bitmap::FUN_PATTERNS.get(n as usize).copied().unwrap_or_default();
                let (args, n) = self.take_args(pattern.bytes().map(Rep::from_letter), 1);
                for (_, w) in args[..n].iter().rev() {
                    self.regs.push(&mut self.mem, *w);
                }
                n as u32
            }
        };
        self.regs.push(&mut self.mem, fun.word());
        self.push_pair(info::STG_GC_FUN.word(), words as u64);
        Ok(())
    }
}

/// What is to be kept over a failed check.
enum Kept {
    /// Nothing is in registers.
    Nothing,
    /// R1, to be entered.
    Closure,
    /// R1, as what this frame returns.
    Word(InfoPtr),
    /// XMM1, a Float#.
    Float,
    /// XMM1, a Double#.
    Double,
    /// R1 and so on, this many pointers, for this frame to return.
    Pointers(InfoPtr, u32),
    /// R1, a function, and its arguments.
    Call,
}
