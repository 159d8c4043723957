//! Unwinding a thread's stack: exceptions raised by the thread itself, and by others (`rts/RaiseAsync.c`,
//! `raiseExceptionHelper` of `rts/Schedule.c`).

use super::thread::is_update_frame;
use crate::entry::closures::Builtin;
use crate::entry::table::info;
use crate::interp::machine::Machine;
use crate::interp::update::update;
use crate::layout::closure::{THUNK_PAYLOAD, ap_stack, frame};
use crate::layout::tso::flags::MASK;
use crate::layout::tso::{self, stack, what_next};
use crate::primop::effect::Effect;
use crate::word::{Addr, ClosurePtr, WORD};
use alloc::vec::Vec;

/// What unwinding came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unwound {
    /// A handler will run when the thread goes on.
    Caught,
    /// The stack is empty: the thread has ended.
    Empty,
    /// The heap has no room for what unwinding must build: go on after a collection. What has been unwound so far
    /// stays so, and is garbage.
    HeapFull,
    /// The stack could not be understood.
    Corrupt,
}

/// Why a running thread is interrupted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Interrupt {
    /// To handle this exception.
    Raise(ClosurePtr),
    /// To end.
    Kill,
    /// To begin its transaction again.
    Restart,
}

/// Words of a `stg_raise` thunk.
const RAISE_W: u32 = 3;
/// Words of a catch frame.
const CATCH_W: u32 = 3;
/// Words of the frames of transactions; that of `catchSTM#` is as long as a catch frame.
const ATOMICALLY_W: u32 = 3;
const CATCH_RETRY_W: u32 = 4;

impl Machine {
    /// Raises `exception` in the running thread, whose registers are in `regs`: every thunk under evaluation up
    /// to the handler becomes one that raises it again, and the handler is applied.
    pub fn raise(&mut self, exception: ClosurePtr) -> Unwound {
        match self.raise_thunk(exception) {
            Some(raise) => self.unwind(exception, raise),
            None => Unwound::HeapFull,
        }
    }

    /// The same when the heap is full, and the stack deep: the mutable list, too, stays as short as it is.
    pub(super) fn raise_in_full_heap(&mut self, exception: ClosurePtr) -> Unwound {
        let Machine { heap, host, .. } = self;
        let Some(raise) = heap.allocate_old(&mut **host, RAISE_W) else { return Unwound::HeapFull };
        self.make_raise_thunk(raise, exception);
        self.heap.remember(raise);
        self.unwind(exception, raise)
    }

    /// Unwinds the stack up to a handler for `exception`, or to its end; `raise` is a thunk that raises it.
    fn unwind(&mut self, exception: ClosurePtr, raise: Addr) -> Unwound {
        loop {
            let sp = self.regs.sp;
            match self.mem.info(sp) {
                info::STG_STOP_THREAD => return Unwound::Empty,
                info::STG_STACK_UNDERFLOW_FRAME => self.regs = self.underflow(self.regs, sp),
                info::STG_CATCH_FRAME => {
                    self.handle(sp, exception);
                    return Unwound::Caught;
                }
                info::STG_CATCH_STM_FRAME => {
                    self.abort_nested();
                    let handler = self.mem.closure(sp + 2 * WORD);
                    self.regs.sp = sp.offset_w(CATCH_W);
                    self.push_handler(handler, exception);
                    return Unwound::Caught;
                }
                info::STG_CATCH_RETRY_FRAME => {
                    self.abort_nested();
                    self.regs.sp = sp.offset_w(CATCH_RETRY_W);
                }
                // What a transaction raises that has seen what never was means nothing.
                info::STG_ATOMICALLY_FRAME if self.transaction_is_stale() => {
                    self.restart_at(sp);
                    return Unwound::Caught;
                }
                info::STG_ATOMICALLY_FRAME => {
                    self.forget_transaction();
                    self.regs.sp = sp.offset_w(ATOMICALLY_W);
                }
                table => {
                    if is_update_frame(table) {
                        let updatee = self.mem.closure(sp + WORD).addr();
                        update(self, updatee, raise.into());
                    }
                    let Some((size, _)) = frame(&self.mem, sp) else { return Unwound::Corrupt };
                    self.regs.sp = sp.offset_w(size);
                }
            }
        }
    }

    /// Replaces the catch frame at `at` by the application of its handler, with asynchronous exceptions masked. Whether
    /// interruptibly is inherited from where catch# was called, to whose masking state the handler returns.
    fn handle(&mut self, at: Addr, exception: ClosurePtr) {
        let saved = self.mem.word(at + WORD) as u32 & MASK;
        let handler = self.mem.closure(at + 2 * WORD);
        self.regs.sp = at.offset_w(CATCH_W);
        if saved & tso::flags::BLOCKEX == 0 {
            self.regs.push_info(&mut self.mem, info::STG_UNMASK_ASYNC_EXCEPTIONS_RET);
        }
        self.push_handler(handler, exception);
        let masked = if saved == tso::flags::BLOCKEX { saved } else { MASK };
        self.set_current_flags(self.current_flags() & !MASK | masked);
    }

    /// Leaves the application of a handler to be evaluated.
    fn push_handler(&mut self, handler: ClosurePtr, exception: ClosurePtr) {
        let (r, mem) = (&mut self.regs, &mut self.mem);
        r.push(mem, exception.word());
        r.push_info(mem, info::STG_AP_PV);
        r.push(mem, handler.word());
        r.push_info(mem, info::STG_ENTER);
    }

    /// Leaves the transaction of the `atomically#` frame at `at` to be run from its beginning.
    fn restart_at(&mut self, at: Addr) {
        self.restart_transaction();
        self.regs.sp = at;
        let code = self.mem.word(at + WORD);
        self.regs.push_info(&mut self.mem, info::STG_AP_V);
        self.regs.push(&mut self.mem, code);
        self.regs.push_info(&mut self.mem, info::STG_ENTER);
    }

    /// A thunk that raises `exception`.
    fn raise_thunk(&mut self, exception: ClosurePtr) -> Option<Addr> {
        let raise = self.allocate(RAISE_W)?;
        self.make_raise_thunk(raise, exception);
        Some(raise)
    }

    fn make_raise_thunk(&mut self, at: Addr, exception: ClosurePtr) {
        self.mem.set_info(at, info::STG_RAISE);
        self.mem.set_closure(at + THUNK_PAYLOAD, exception);
    }

    /// Interrupts the running thread, whose registers are in `regs`.
    ///
    /// Unlike [`Machine::raise`] this may happen anywhere, so the thunks under evaluation are not wrong: each is
    /// updated with an AP_STACK, from which its evaluation can go on if it is ever wanted again.
    pub fn raise_async(&mut self, why: Interrupt) -> Unwound {
        let Some(t) = self.threads.current() else { return Unwound::Empty };
        // What is frozen begins with a closure to enter, at sp; the frames follow.
        if self.mem.info(self.regs.sp) == info::STG_ENTER {
            self.regs.sp = self.regs.sp + WORD;
        } else {
            self.regs.push(&mut self.mem, Builtin::DummyRet.addr().word());
        }
        let mut at = self.regs.sp + WORD;
        loop {
            let table = self.mem.info(at);
            match table {
                info::STG_STOP_THREAD => {
                    self.mem.set_u16(t + tso::WHAT_NEXT, what_next::KILLED);
                    self.regs.sp = at;
                    return Unwound::Empty;
                }
                info::STG_CATCH_FRAME if let Interrupt::Raise(exception) = why => {
                    let Some(raise) = self.raise_thunk(exception) else { return self.suspend() };
                    // The frame stays; entering the thunk above it raises the exception to it.
                    self.regs.sp = at;
                    self.regs.push(&mut self.mem, raise.word());
                    self.regs.push_info(&mut self.mem, info::STG_ENTER);
                    let saved = self.mem.word(at + WORD) as u32;
                    let masked = tso::flags::BLOCKEX | saved & tso::flags::INTERRUPTIBLE;
                    self.set_current_flags(self.current_flags() & !MASK | masked);
                    return Unwound::Caught;
                }
                info::STG_ATOMICALLY_FRAME if why == Interrupt::Restart => {
                    self.restart_at(at);
                    return Unwound::Caught;
                }
                // Whoever wants the value after all begins the transaction anew: what lies above the frame is dropped.
                info::STG_ATOMICALLY_FRAME => {
                    self.forget_transaction();
                    let code = self.mem.word(at + WORD);
                    self.regs.sp = at.offset_w(ATOMICALLY_W);
                    self.leave_call(Effect::Atomically, &[code]);
                    self.regs.pop(1);
                    at = self.regs.sp + WORD;
                }
                info::STG_STACK_UNDERFLOW_FRAME => {
                    let Some(frozen) = self.freeze(at) else { return self.suspend() };
                    self.regs = self.underflow(self.regs, at);
                    self.regs.push(&mut self.mem, frozen.word());
                    at = self.regs.sp + WORD;
                }
                _ if is_update_frame(table) => {
                    let Some(frozen) = self.freeze(at) else { return self.suspend() };
                    let updatee = self.mem.closure(at + WORD).addr();
                    update(self, updatee, frozen.into());
                    self.regs.sp = at + WORD;
                    self.mem.set_word(self.regs.sp, frozen.word());
                    at = at + 2 * WORD;
                }
                _ => match frame(&self.mem, at) {
                    Some((size, _)) => at = at.offset_w(size),
                    None => return Unwound::Corrupt,
                },
            }
        }
    }

    /// Makes the stack a proper one again in the midst of `raise_async`.
    fn suspend(&mut self) -> Unwound {
        self.regs.push_info(&mut self.mem, info::STG_ENTER);
        Unwound::HeapFull
    }

    /// An AP_STACK of the closure at sp and the words above it up to `end`.
    fn freeze(&mut self, end: Addr) -> Option<Addr> {
        let from = self.regs.sp;
        let words = (end.0 - from.0) / WORD - 1;
        let frozen = self.allocate(ap_stack::SIZE_W + words)?;
        let mem = &mut self.mem;
        mem.set_info(frozen, info::STG_AP_STACK);
        mem.set_word(frozen + ap_stack::SIZE, words as u64);
        let fun = mem.word(from);
        mem.set_word(frozen + ap_stack::FUN, fun);
        mem.copy_words(frozen + ap_stack::PAYLOAD, from + WORD, words);
        Some(frozen)
    }

    /// Ends the thread `t` without looking at its stack, because a trap left it in an unknown state. Thunks it had
    /// blackholed raise the crash exception from now on, since their owner is dead.
    pub(super) fn abandon_stack(&mut self, t: Addr) {
        self.mem.set_u16(t + tso::WHAT_NEXT, what_next::KILLED);
        let s = self.mem.closure(t + tso::STACKOBJ).addr();
        let end = (s + stack::STACK).offset_w(self.mem.u32(s + stack::STACK_SIZE));
        let bottom = end - WORD;
        self.mem.set_info(bottom, info::STG_STOP_THREAD);
        self.mem.set_word(s + stack::SP, bottom.word());
        self.regs.sp = bottom;
        self.wake_all_black_holes(t);
    }

    /// Ends the running thread and the one whose end is waited for, after the program has done what no program may.
    pub fn abandon_evaluation(&mut self) {
        let current = self.threads.current();
        self.threads.set_current(None);
        let outer: Vec<_> = self.outer.iter().flat_map(|outer| [Some(outer.caller), outer.main]).collect();
        for t in [current, self.main_thread].into_iter().chain(outer).flatten() {
            self.remove_from_queues(t);
            self.abandon_stack(t);
            self.wake_throwers(t);
        }
    }
}
