//! The scheduler: runs threads until the one that is waited for has finished (`schedule` of `rts/Schedule.c`).

use super::raise::Unwound;
use super::thread::Start;
use crate::abi::stop;
use crate::entry::closures::Builtin;
use crate::gc::Kind;
use crate::interp::control::{Stop, Value};
use crate::interp::dispatch::interpret;
use crate::interp::machine::Machine;
use crate::layout::tso::{self, what_next};
use crate::word::{Addr, ClosurePtr};
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

    fn schedule(&mut self) -> Outcome {
        loop {
            let Some(t) = self.threads.dequeue() else {
                // Everybody waits: the one that is waited for waits for itself, in the end.
                if let Some(outcome) = self.interrupt_main(self.exception(Builtin::NonTermination)) {
                    return outcome;
                }
                continue;
            };
            self.resume(t);
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
                    Handled::Ended(outcome) => {
                        self.save_thread();
                        let ended = self.threads.current();
                        self.threads.set_current(None);
                        // Whatever another thread came to, only the main one's end is an answer.
                        if ended.is_none() || ended == self.main_thread {
                            return outcome;
                        }
                        break;
                    }
                    Handled::Crashed => return self.crashed(),
                }
            }
        }
    }

    /// Throws `exception` to the main thread, which is blocked.
    fn interrupt_main(&mut self, exception: ClosurePtr) -> Option<Outcome> {
        let main = self.main_thread?;
        self.threads.remove(main);
        self.resume(main);
        let answer = self.throw_to_current(exception);
        self.save_thread();
        self.threads.set_current(None);
        match answer {
            Handled::GoOn => {
                self.threads.enqueue_first(main);
                None
            }
            Handled::Ended(outcome) => Some(outcome),
            Handled::Another => None,
            Handled::Crashed => Some(self.crashed()),
        }
    }

    fn crashed(&mut self) -> Outcome {
        self.abandon_current_thread();
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
                match self.collect_now(Kind::Auto) {
                    Handled::GoOn if self.stack_overflow(words) => Handled::GoOn,
                    Handled::GoOn => self.throw_to_current(self.exception(Builtin::StackOverflow)),
                    other => other,
                }
            }
            Stop::BlockedOnBlackHole(on) => {
                self.save_thread();
                self.pause_thread();
                if let Some(t) = self.threads.current() {
                    self.threads.block(&mut self.mem, t, on);
                }
                self.threads.set_current(None);
                Handled::Another
            }
            Stop::NonTermination => self.throw_to_current(self.exception(Builtin::NonTermination)),
            Stop::Native => self.run_native(),
            Stop::NativeReturn => self.return_native(),
            Stop::Blocked => {
                self.save_thread();
                self.pause_thread();
                self.threads.set_current(None);
                Handled::Another
            }
            Stop::ThrowTo(target, exception) => self.throw_to(target, exception),
            Stop::Break => {
                self.crash_report = "stopped at a breakpoint, which this server does not support yet".into();
                Handled::Crashed
            }
            Stop::Crash => Handled::Crashed,
        }
    }

    /// The thread stopped where it may be stopped: do what is wanted of it.
    pub(super) fn safe_point(&mut self, words: u32) -> Handled {
        let reason = self.arm();
        match reason {
            stop::DEADLINE => {
                return self.interrupt_current(None);
            }
            stop::USER_INTERRUPT => return self.throw_to_current(self.exception(Builtin::UserInterrupt)),
            _ => {}
        }
        // See Note [Collections that C asks for].
        let wanted = core::mem::take(&mut self.c.collection_wanted);
        let kind = if wanted { Kind::Major } else { Kind::Auto };
        if (words > 0 || wanted || self.heap.gc_wanted())
            && let other @ (Handled::Ended(_) | Handled::Crashed | Handled::Another) = self.collect_now(kind)
        {
            return other;
        }
        if !self.threads.any_runnable() {
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

    /// Collects; if even then there is no room for what was wanted, throws HeapOverflow to the thread.
    fn collect_now(&mut self, kind: Kind) -> Handled {
        self.save_thread();
        self.pause_thread();
        let room = self.collect(kind);
        if self.crash_report.is_empty() {
            if let Some(t) = self.threads.current() {
                self.resume(t);
            }
            if room { Handled::GoOn } else { self.throw_to_current(self.exception(Builtin::HeapOverflow)) }
        } else {
            Handled::Crashed
        }
    }

    /// Interrupts the running thread with `exception`, or ends it without one. Unwinding a deep stack takes as much
    /// heap as the stack has, and frees the stack as it goes: so collect and go on, as long as that helps.
    fn interrupt_current(&mut self, exception: Option<ClosurePtr>) -> Handled {
        let root = exception.map(|e| self.stable.make(e));
        let mut unwound = self.raise_async(exception);
        let mut depth = u32::MAX;
        while unwound == Unwound::HeapFull && self.stack_depth_w() < depth {
            depth = self.stack_depth_w();
            self.save_thread();
            self.pause_thread();
            self.collect(Kind::Major);
            if self.heap_is_corrupt {
                return Handled::Crashed;
            }
            if let Some(t) = self.threads.current() {
                self.resume(t);
            }
            let exception = root.and_then(|r| self.stable.find(r));
            unwound = self.raise_async(exception);
        }
        let exception = root.and_then(|r| self.take_ref(r));
        match unwound {
            Unwound::Caught => Handled::GoOn,
            Unwound::Empty => Handled::Ended(exception.map_or(Outcome::Deadline, Outcome::Exception)),
            Unwound::HeapFull => {
                // Not even unwinding fits: end the thread as a trap would.
                self.abandon_current_thread();
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

    /// Throws `exception` to `target`; the running thread goes on later (`throwTo` of `rts/RaiseAsync.c`).
    fn throw_to(&mut self, target: Addr, exception: ClosurePtr) -> Handled {
        if self.threads.current() == Some(target) {
            return self.throw_to_current(exception);
        }
        self.crash_report = "throwing to another thread".into();
        Handled::Crashed
    }

    fn throw_to_current(&mut self, exception: ClosurePtr) -> Handled {
        self.interrupt_current(Some(exception))
    }

    fn raise_current(&mut self, exception: ClosurePtr) -> Handled {
        match self.raise(exception) {
            Unwound::Caught => Handled::GoOn,
            Unwound::Empty => {
                self.set_what_next(what_next::KILLED);
                Handled::Ended(Outcome::Exception(exception))
            }
            Unwound::HeapFull => self.interrupt_current(Some(exception)),
            Unwound::Corrupt => self.corrupt_stack(),
        }
    }

    fn corrupt_stack(&mut self) -> Handled {
        self.crash_report = format!("the stack holds no frame at {:?}", self.regs.sp);
        Handled::Crashed
    }

    fn set_what_next(&mut self, what: u16) {
        if let Some(t) = self.threads.current() {
            self.mem.set_u16(t + tso::WHAT_NEXT, what);
        }
    }

    /// Starts a thread for each finalizer of the weak pointers in `dead`.
    pub fn run_finalizers(&mut self, finalizers: impl Iterator<Item = ClosurePtr>) {
        for f in finalizers {
            if let Some(t) = self.new_thread(f, Start::RunIO) {
                self.threads.enqueue(t);
            }
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
