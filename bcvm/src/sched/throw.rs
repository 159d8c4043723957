//! Exceptions that a thread gets from elsewhere: from other threads, from whoever waits for the evaluation, from the
//! collector when nobody else can ever wake it (`throwTo`, `maybePerformBlockedException` of `rts/RaiseAsync.c`,
//! `resurrectThreads` of `rts/Schedule.c`).
//!
//! How a stack is unwound is `raise`'s. Unwinding needs heap, so all of it happens in the scheduler, where a collection
//! may come between; primops only say what is wanted.

use super::raise::{Interrupt, Unwound};
use super::run::{Handled, Outcome};
use super::threads::{chain, has_ended};
use crate::entry::closures::Builtin;
use crate::entry::table::info;
use crate::gc::Kind;
use crate::interp::machine::Machine;
use crate::layout::closure::{THUNK_PAYLOAD, msg_throw_to as msg};
use crate::layout::tso::{self, flags, why_blocked};
use crate::word::{Addr, ClosurePtr, WORD};
use alloc::vec::Vec;

impl Machine {
    /// Whether an exception thrown to `t` is raised at once: it has none masked, or waits interruptibly.
    pub(crate) fn takes_exceptions(&self, t: Addr) -> bool {
        let state = self.mem.u32(t + tso::FLAGS) & flags::MASK;
        let why = self.mem.u16(t + tso::WHY_BLOCKED);
        if why == why_blocked::C_CALL {
            return false;
        }
        state == 0 || state == flags::MASK && why_blocked::interruptible(why)
    }

    /// Whether the running thread, which has nothing masked, must take an exception now.
    pub(crate) fn exceptions_wait(&self) -> bool {
        let Some(t) = self.threads.current() else { return false };
        self.mem.u32(t + tso::FLAGS) & flags::BLOCKEX == 0
            && self.mem.closure(t + tso::BLOCKED_EXCEPTIONS).addr() != Builtin::EndTsoQueue.addr()
    }

    /// Lets `exception` wait until `target` takes it (`blockedThrowTo`); `source` is the thread to be woken then. None
    /// when there is no heap for it.
    pub(crate) fn add_exception(&mut self, target: Addr, exception: ClosurePtr, source: Option<Addr>) -> Option<Addr> {
        let message = self.allocate(msg::SIZE_W)?;
        let others = self.mem.closure(target + tso::BLOCKED_EXCEPTIONS);
        self.mem.set_info(message, info::STG_MSG_THROWTO);
        self.mem.set_closure(message + msg::LINK, others);
        self.mem.set_closure(message + msg::SOURCE, source.map_or(Builtin::EndTsoQueue.ptr(), ClosurePtr::from));
        self.mem.set_closure(message + msg::TARGET, target.into());
        self.mem.set_closure(message + msg::EXCEPTION, exception);
        self.heap.dirty_tso(&mut self.mem, target);
        self.mem.set_closure(target + tso::BLOCKED_EXCEPTIONS, message.into());
        Some(message)
    }

    /// Raises an exception that waits for the running thread, if there is one and it may be raised now.
    pub(super) fn raise_waiting(&mut self) -> Option<Handled> {
        let t = self.threads.current()?;
        if !self.takes_exceptions(t) {
            return None;
        }
        let end = Builtin::EndTsoQueue.addr();
        let waiting = self.mem.closure(t + tso::BLOCKED_EXCEPTIONS);
        if waiting.addr() == end {
            return None;
        }
        let message = chain(&self.mem, waiting, msg::LINK, end).find(|m| self.mem.info(*m) == info::STG_MSG_THROWTO);
        self.heap.dirty_tso(&mut self.mem, t);
        let Some(message) = message else {
            self.mem.set_closure(t + tso::BLOCKED_EXCEPTIONS, Builtin::EndTsoQueue.ptr());
            return None;
        };
        let rest = self.mem.closure(message + msg::LINK);
        self.mem.set_closure(t + tso::BLOCKED_EXCEPTIONS, rest);
        let exception = self.mem.closure(message + msg::EXCEPTION);
        self.wake_source(message);
        if self.mem.u16(t + tso::WHY_BLOCKED) != why_blocked::NOT_BLOCKED {
            self.remove_from_queues(t);
        }
        Some(self.interrupt_current(Interrupt::Raise(exception)))
    }

    /// The exception of `message` has been taken, or there is nobody left to take it.
    fn wake_source(&mut self, message: Addr) {
        self.mem.set_info(message, info::STG_MSG_NULL);
        let source = self.mem.closure(message + msg::SOURCE).addr();
        if self.mem.info(source) == info::STG_TSO {
            self.wake(source);
        }
    }

    /// The thread `t` has ended: those who wait to throw exceptions to it go on (`awakenBlockedExceptionQueue`).
    pub(super) fn wake_throwers(&mut self, t: Addr) {
        let end = Builtin::EndTsoQueue.addr();
        let waiting = self.mem.closure(t + tso::BLOCKED_EXCEPTIONS);
        let messages: Vec<Addr> = chain(&self.mem, waiting, msg::LINK, end).collect();
        self.heap.dirty_tso(&mut self.mem, t);
        self.mem.set_closure(t + tso::BLOCKED_EXCEPTIONS, Builtin::EndTsoQueue.ptr());
        for m in messages {
            if self.mem.info(m) == info::STG_MSG_THROWTO {
                self.wake_source(m);
            }
        }
    }

    /// Interrupts `t`, whatever it waits for and whatever it has masked. If it
    /// is not the running thread, that one goes on later.
    pub(super) fn interrupt(&mut self, t: Addr, why: Interrupt) -> Handled {
        if self.threads.current() == Some(t) {
            return self.interrupt_current(why);
        }
        self.save_thread();
        self.pause_thread();
        if let Some(running) = self.threads.current() {
            self.threads.enqueue_first(running);
        }
        self.threads.set_current(None);
        if has_ended(&self.mem, t) {
            return Handled::Another;
        }
        self.remove_from_queues(t);
        self.resume(t);
        match self.interrupt_current(why) {
            Handled::GoOn => {
                self.save_thread();
                self.threads.enqueue(t);
                self.threads.set_current(None);
                Handled::Another
            }
            other => other,
        }
    }

    /// The user interrupts the evaluation: its thread gets UserInterrupt as soon as it takes exceptions.
    pub(super) fn interrupt_evaluation(&mut self) -> Handled {
        if self.is_idle {
            return self.stop_idling();
        }
        let exception = self.user_interrupt();
        let Some(main) = self.main_thread else { return self.interrupt_current(Interrupt::Raise(exception)) };
        if !self.takes_exceptions(main) && self.add_exception(main, exception, None).is_some() {
            return Handled::GoOn;
        }
        self.interrupt(main, Interrupt::Raise(exception))
    }

    /// UserInterrupt as base's handlers know it.
    fn user_interrupt(&mut self) -> ClosurePtr {
        const THUNK_W: u32 = THUNK_PAYLOAD / WORD + 3;
        let parts = self.bound.user_interrupt();
        let Some((parts, thunk)) = parts.and_then(|parts| Some((parts, self.allocate(THUNK_W)?))) else {
            return self.exception(Builtin::UserInterrupt);
        };
        self.mem.set_info(thunk, info::STG_AP_3_UPD);
        for (i, part) in (0..).zip(parts) {
            self.mem.set_closure((thunk + THUNK_PAYLOAD).offset_w(i), part);
        }
        thunk.into()
    }

    /// Tells a thread that a collection has brought back that it waits for ever (`resurrectThreads`).
    pub(super) fn interrupt_resurrected(&mut self, t: Addr) -> Handled {
        let exception = match self.mem.u16(t + tso::WHY_BLOCKED) {
            _ if has_ended(&self.mem, t) => return Handled::Another,
            why_blocked::MVAR | why_blocked::MVAR_READ | why_blocked::IO_COMPLETION => {
                Builtin::BlockedIndefinitelyOnMVar
            }
            why_blocked::STM => Builtin::BlockedIndefinitelyOnSTM,
            why_blocked::BLACK_HOLE => Builtin::NonTermination,
            // It throws to a thread that is brought back as well, or has been woken meanwhile.
            _ => return Handled::Another,
        };
        let exception = self.exception(exception);
        self.interrupt(t, Interrupt::Raise(exception))
    }

    /// Interrupts the running thread. Unwinding a deep stack takes as much
    /// heap as the stack has, and frees the stack as it goes: so collect and go on, as long as that helps. Small objects
    /// need room to be copied, too, so that it may not: then the thunks that are left are not frozen, but raise the
    /// exception if they are wanted again.
    pub(super) fn interrupt_current(&mut self, why: Interrupt) -> Handled {
        let root = match why {
            Interrupt::Raise(e) => Some(self.stable.make(e)),
            _ => None,
        };
        let mut unwound = self.raise_async(why);
        let mut depth = u32::MAX;
        while unwound == Unwound::HeapFull && self.stack_depth_w() < depth {
            depth = self.stack_depth_w();
            self.save_thread();
            self.pause_thread();
            let has_room = self.collect(Kind::Major);
            if self.heap_is_corrupt {
                return Handled::Crashed;
            }
            if let Some(t) = self.threads.current() {
                self.resume(t);
            }
            let exception = root.and_then(|r| self.stable.find(r));
            unwound = match exception {
                Some(exception) if !has_room => self.raise_in_full_heap(exception),
                _ => self.raise_async(exception.map_or(why, Interrupt::Raise)),
            };
        }
        let exception = root.and_then(|r| self.take_ref(r));
        match unwound {
            Unwound::Caught => Handled::GoOn,
            Unwound::Empty => Handled::Ended(exception.map_or(Outcome::Deadline, Outcome::Exception)),
            Unwound::HeapFull => {
                // Not even unwinding fits: end the thread as a trap would.
                if let Some(t) = self.threads.current() {
                    self.abandon_stack(t);
                }
                Handled::Ended(exception.map_or(Outcome::Deadline, Outcome::Exception))
            }
            Unwound::Corrupt => self.corrupt_stack(),
        }
    }

    /// Words of all stack chunks of the running thread.
    fn stack_depth_w(&self) -> u32 {
        self.threads.current().map_or(0, |t| self.mem.u32(t + tso::TOT_STACK_SIZE))
    }

    /// What a stable pointer points to, which is freed.
    fn take_ref(&mut self, r: u64) -> Option<ClosurePtr> {
        let p = self.stable.find(r);
        self.stable.free(r);
        p
    }
}
