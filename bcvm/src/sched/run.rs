//! The scheduler: runs threads until the one that is waited for has finished (`schedule` of `rts/Schedule.c`).
//
// Note [Overflows are raised]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~
// In GHC a thread that needs too much heap or stack is interrupted as if another thread had thrown to it: thunks under
// evaluation are frozen, and go on if they are wanted again. So they hold what filled the heap. GHC holds the code of a
// statement until a collection of its own, and with it a thunk that the statement was evaluating; until then every further
// statement of the session would overflow, too. Here such thunks raise the overflow again, as with an exception of the
// thread's own, and what they held is garbage at once. It is raised even where asynchronous exceptions are masked.

use super::raise::{Interrupt, Unwound};
use super::thread::Start;
use crate::abi::stop;
use crate::entry::closures::Builtin;
use crate::gc::Kind;
use crate::interp::control::{Stop, Value};
use crate::interp::dispatch::interpret;
use crate::interp::machine::Machine;
use crate::layout::tso::{self, what_next};
use crate::word::ClosurePtr;
use alloc::format;
use alloc::string::String;

/// How an evaluation ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// With a value.
    Value(Value),
    /// With an exception that nothing caught.
    Exception(ClosurePtr),
    /// At its deadline.
    Deadline,
    /// The program did what no Haskell program may.
    Crash(String),
}

impl Machine {
    /// Evaluates `closure` in a thread of its own, and lets the other threads run meanwhile.
    pub fn evaluate(&mut self, closure: ClosurePtr, start: Start) -> Outcome {
        self.enter_runtime();
        let thread = self.new_thread(closure, start);
        self.leave_runtime();
        let Some(main) = thread else { return Outcome::Exception(self.exception(Builtin::HeapOverflow)) };
        self.main_thread = Some(main);
        self.threads.enqueue_first(main);
        let outcome = self.schedule();
        self.main_thread = None;
        outcome
    }

    pub(super) fn schedule(&mut self) -> Outcome {
        loop {
            // See Note [Calls back into Haskell] in `native::callback`.
            if let Some(outcome) = self.main_ended.take() {
                return outcome;
            }
            self.enter_runtime();
            let next = self.next_thread();
            self.leave_runtime();
            match next {
                Ok(()) => {}
                Err(Handled::GoOn | Handled::Another) => continue,
                Err(Handled::Ended(outcome)) => match self.end_thread(outcome) {
                    Some(outcome) => return outcome,
                    None => continue,
                },
                Err(Handled::Crashed) => return self.crashed(),
            }
            loop {
                let stop = interpret(self);
                if let Some(a) = self.mem.fault() {
                    self.mem.clear_fault();
                    self.crash_report = format!("touched memory at {a:?}, where there is none");
                    return self.crashed();
                }
                self.enter_runtime();
                let answer = self.handle_stop(stop);
                self.leave_runtime();
                match answer {
                    Handled::GoOn => {}
                    Handled::Another => break,
                    Handled::Ended(outcome) => match self.end_thread(outcome) {
                        Some(outcome) => return outcome,
                        None => break,
                    },
                    Handled::Crashed => return self.crashed(),
                }
            }
        }
    }

    /// The running thread has ended with `outcome`, which is the answer if it is the one that is waited for.
    fn end_thread(&mut self, outcome: Outcome) -> Option<Outcome> {
        self.save_thread();
        let ended = self.threads.current();
        self.threads.set_current(None);
        if let Some(t) = ended {
            self.wake_throwers(t);
            if let Some(outer) = self.outer.iter_mut().find(|outer| outer.main == Some(t)) {
                outer.ended = Some(outcome);
                return None;
            }
        }
        (ended.is_none() || ended == self.main_thread).then_some(outcome)
    }

    /// Makes the next thread the running one, or answers what looking for it has come to.
    fn next_thread(&mut self) -> Result<(), Handled> {
        if let Some(t) = self.threads.resurrected.pop_front() {
            return Err(self.interrupt_resurrected(t));
        }
        self.wake_sleepers();
        if let Some(t) = self.threads.dequeue() {
            self.resume(t);
            if self.transaction_is_stale()
                && let other @ (Handled::Another | Handled::Ended(_) | Handled::Crashed) =
                    self.interrupt_current(Interrupt::Restart)
            {
                return Err(other);
            }
            return Ok(());
        }
        if !self.threads.sleepers.is_empty() {
            return Err(self.wait_for_sleepers());
        }
        if self.is_idle {
            return Err(self.nothing_to_do());
        }
        // Everybody waits for somebody: perhaps nobody can reach what they wait for.
        self.perform_gc();
        if self.heap_is_corrupt {
            return Err(Handled::Crashed);
        }
        if self.threads.any_runnable() {
            return Err(Handled::GoOn);
        }
        // Or only from outside, whence nobody will: the one that is waited for waits for itself, in the end.
        match self.main_thread {
            Some(main) => {
                let exception = self.exception(Builtin::NonTermination);
                Err(self.interrupt(main, Interrupt::Raise(exception)))
            }
            None => {
                self.crash_report = "no thread can run".into();
                Err(Handled::Crashed)
            }
        }
    }

    fn crashed(&mut self) -> Outcome {
        self.abandon_evaluation();
        if core::mem::take(&mut self.overdue) {
            self.crash_report.clear();
            return Outcome::Deadline;
        }
        Outcome::Crash(core::mem::take(&mut self.crash_report))
    }

    pub(super) fn handle_stop(&mut self, why: Stop) -> Handled {
        match why {
            Stop::Finished(value) => {
                self.set_what_next(what_next::COMPLETE);
                Handled::Ended(Outcome::Value(value))
            }
            Stop::Raise(exception) => self.raise_current(exception),
            Stop::HeapFull(words) => self.safe_point(words),
            Stop::Yield => self.safe_point(0),
            Stop::StackFull(words) => {
                if self.stack_overflow(words) {
                    return Handled::GoOn;
                }
                // Perhaps only the heap is full of garbage.
                match self.collect_now(Kind::Auto, true) {
                    Handled::GoOn if self.stack_overflow(words) => Handled::GoOn,
                    Handled::GoOn => self.overflow(Builtin::StackOverflow),
                    other => other,
                }
            }
            Stop::BlockedOnBlackHole(on) => {
                if self.block_on_black_hole(on) {
                    return self.blocked();
                }
                // The thread enters it once more when there is room.
                self.collect_now(Kind::Auto, true)
            }
            Stop::Native => self.run_native(),
            Stop::NativeLeft => self.left_native(),
            Stop::Blocked => self.blocked(),
            Stop::ThrowTo(target, exception) => self.interrupt(target, Interrupt::Raise(exception)),
            Stop::Break => {
                self.crash_report = "stopped at a breakpoint, which this server does not support yet".into();
                Handled::Crashed
            }
            Stop::Crash => Handled::Crashed,
        }
    }

    /// The running thread waits in a queue, unless an exception comes first.
    fn blocked(&mut self) -> Handled {
        self.save_thread();
        self.pause_thread();
        if let Some(interrupted) = self.raise_waiting() {
            return interrupted;
        }
        self.threads.set_current(None);
        Handled::Another
    }

    /// The thread stopped where it may be stopped: do what is wanted of it.
    pub(super) fn safe_point(&mut self, words: u32) -> Handled {
        if let Some(obeyed) = self.obey_host().or_else(|| self.obey_fuel()) {
            return obeyed;
        }
        // See Note [Collections that C asks for].
        let wanted = core::mem::take(&mut self.c.collection_wanted);
        let kind = if wanted { Kind::Major } else { Kind::Auto };
        let needs_room = words > 0 || self.heap.gc_wanted();
        if (needs_room || wanted)
            && let other @ (Handled::Ended(_) | Handled::Crashed | Handled::Another) =
                self.collect_now(kind, needs_room)
        {
            return other;
        }
        if let Some(interrupted) = self.raise_waiting() {
            return interrupted;
        }
        if self.allocation_limit_reached() {
            let exception = self.exception(Builtin::AllocationLimitExceeded);
            return self.throw_to_current(exception);
        }
        self.wake_sleepers();
        if !self.threads.any_runnable() && self.main_ended.is_none() {
            return Handled::GoOn;
        }
        self.save_thread();
        self.pause_thread();
        if let Some(t) = self.threads.current() {
            self.threads.enqueue(t);
        }
        self.threads.set_current(None);
        Handled::Another
    }

    /// Takes back all requests to stop; does what the host has asked for, if it has.
    pub(super) fn obey_host(&mut self) -> Option<Handled> {
        match self.arm() {
            stop::DEADLINE => Some(self.end_evaluation()),
            stop::USER_INTERRUPT => Some(self.interrupt_evaluation()),
            _ => None,
        }
    }

    /// The evaluation is not to go on.
    pub(super) fn end_evaluation(&mut self) -> Handled {
        match self.main_thread {
            Some(main) => self.interrupt(main, Interrupt::Kill),
            None => self.interrupt_current(Interrupt::Kill),
        }
    }

    /// Collects; if the thread needs room and even then there is none, throws HeapOverflow to it.
    fn collect_now(&mut self, kind: Kind, needs_room: bool) -> Handled {
        let room = self.collect_paused(kind);
        if !self.crash_report.is_empty() {
            Handled::Crashed
        } else if room || !needs_room {
            Handled::GoOn
        } else {
            self.overflow(Builtin::HeapOverflow)
        }
    }

    /// Collects with the running thread paused, if there is one, which goes on unless the heap is no heap any more. Answers
    /// whether there is room.
    fn collect_paused(&mut self, kind: Kind) -> bool {
        self.save_thread();
        self.pause_thread();
        let room = self.collect(kind);
        if self.crash_report.is_empty()
            && let Some(t) = self.threads.current()
        {
            self.resume(t);
        }
        room
    }

    fn throw_to_current(&mut self, exception: ClosurePtr) -> Handled {
        self.interrupt_current(Interrupt::Raise(exception))
    }

    /// The thread has reached a limit of memory. See Note [Overflows are raised].
    fn overflow(&mut self, which: Builtin) -> Handled {
        let exception = self.exception(which);
        match self.raise_in_full_heap(exception) {
            Unwound::HeapFull => self.throw_to_current(exception),
            unwound => self.after_raise(exception, unwound),
        }
    }

    /// Collects all garbage (`performMajorGC`).
    pub fn perform_gc(&mut self) {
        self.collect_paused(Kind::Major);
    }

    fn raise_current(&mut self, exception: ClosurePtr) -> Handled {
        let unwound = self.raise(exception);
        self.after_raise(exception, unwound)
    }

    fn after_raise(&mut self, exception: ClosurePtr, unwound: Unwound) -> Handled {
        match unwound {
            Unwound::Caught => Handled::GoOn,
            Unwound::Empty => {
                self.set_what_next(what_next::KILLED);
                Handled::Ended(Outcome::Exception(exception))
            }
            Unwound::HeapFull => self.throw_to_current(exception),
            Unwound::Corrupt => self.corrupt_stack(),
        }
    }

    pub(super) fn corrupt_stack(&mut self) -> Handled {
        self.crash_report = format!("the stack holds no frame at {:?}", self.regs.sp);
        Handled::Crashed
    }

    fn set_what_next(&mut self, what: u16) {
        if let Some(t) = self.threads.current() {
            self.mem.set_u16(t + tso::WHAT_NEXT, what);
        }
    }
}

/// What the scheduler does after a stop.
pub(super) enum Handled {
    /// Run the same thread on.
    GoOn,
    /// Run another.
    Another,
    /// The thread has ended.
    Ended(Outcome),
    /// The evaluation cannot go on; the report says why.
    Crashed,
}
