//! Stopping a running request: when to ask, when to insist. How time passes is `watchdog`'s, what closing a memory means
//! is `memory`'s business.
//!
//! Invariant: memory is closed only between [`Control::begin`] and [`Control::end`], and `end` opens it again.

// Note [Stopping without epochs]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A program that runs too long is stopped in two steps.
//
// *Asking.* Another thread writes the reason to the word `Capability.interrupt` and zero to HpLim in guest memory. Heap
// checks of byte code and of compiled code compare with HpLim, so the next one fails and control comes to the
// machine's scheduler, which finds the reason. It ends the evaluation at a safe point; heap and interpreter stay as
// they are. This costs running code nothing, since the comparison is there anyway.
//
// *Insisting.* Code without heap checks (a tight loop in Haskell or C, or a damaged interpreter) does not notice. After
// a grace period the watchdog makes all of guest memory inaccessible: one mprotect call. Whatever the code is, its next
// load or store faults, which wasmtime turns into a wasm trap and an error on the thread that made the request.
// Then the pages that were committed are made accessible again, contents intact.
//
// wasmtime's own means are a poll at every loop head and function entry (epochs), which made lifted code 23 % larger and
// nfib 8-13 % slower, or fuel, which costs more. Closing the memory costs nothing until it is used.
//
// On a busy machine a thread may not get to a processor in all the grace period. It has had no chance to obey, so it is
// not insisted on before it has had one, within limits: `Run::starves`.
//
// What follows from it:
//
// * The host must not fault itself. Every access of the host to guest memory holds the mapping's lock, and so does
//   closing; an access that comes later fails with `MemoryError::Closed`, and the host function that made it traps.
//   Native libraries use it without the lock, and closing fails meanwhile: see Note [Native libraries] in `native`.
// * The trap may hit the collector half-way. The guest says in RUNTIME_BUSY when it would be a bad moment, and is then
//   given more time, by how much memory there is to work on, but not for ever: the flag can be a lie. It is not asked
//   to stop half-way: what it has moved can't be moved back, so that would cost the session, as insisting does.
// * A loop that touches no memory is not stopped, and Cranelift can make one: guest memory is not shared as far as it
//   knows, so in a loop without stores and calls it takes a load from a fixed address to give the same value each
//   time, and drops it if an access before the loop tells the value. For the same reason such a loop never sees
//   HpLim change. The machine's loops all store. Whoever generates wasm from machine code must see to it that every
//   loop, cycles of tail calls included, contains a *store* (to a scratch word of the RTS region if nothing else);
//   stores are never dropped.
// * A user's interrupt is obeyed when the machine has taken the reason away: it throws an exception, which the
//   program may handle and go on. A deadline is obeyed when the request is answered.

// Note [Deadlines interrupt first]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A thread that is ended where it stands releases nothing. What it held last is often the lock of standard output's
// Handle, and then nobody in this session could write any more: GHCi itself fails when it next flushes the Handle. So the
// deadline of an evaluation begins as an interrupt, an asynchronous exception that respects `mask` and runs handlers.
// Whoever handles it and goes on is ended 50 ms later without being asked. The exception that an overdue evaluation
// ends with is reported as the deadline (`MachineBackend::evaluate`).

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bcvm::abi;

use super::memory::Mapping;
use super::processor_time::Thread;
use super::watchdog::{self, Timed, TimerId};
use crate::os::Wake;

// Note [Time slices]
// ~~~~~~~~~~~~~~~~~~
// Haskell threads take turns at heap checks that fail, when a part of the nursery is used up. A thread that allocates
// nothing never fails one, and `timeout` would wait for it for ever, as would every thread that could run. GHC's timer
// sees to that, and here the watchdog: while an evaluation runs it asks for a switch after every slice. That costs an
// evaluation one visit to the scheduler in so many milliseconds, and one that is shorter than a slice nothing.
//
// An evaluation with limited fuel has no slices, since the same program is to take the same steps every time: see Note
// [Fuel] in `bcvm::sched::fuel`.

/// How long a request that was asked to stop may go on.
pub const GRACE: Duration = Duration::from_millis(100);
/// How much longer if the collector is at work: so much of a processor's time, and so much for every byte of memory.
/// A collection copies 1.2 GB/s and more, so this is several times what the longest takes. Who says so and does something else
/// gets it too.
const BUSY_LEAST: Duration = Duration::from_millis(500);
const BUSY_BYTES_PER_MS: u64 = 250_000;
/// But no longer than this, whatever it has had of a processor.
const BUSY_GRACE: Duration = Duration::from_secs(5);
/// How long it must have been on a processor meanwhile, unless that takes longer than so much.
const CHANCE: Duration = Duration::from_millis(30);
const STARVED_GRACE: Duration = Duration::from_secs(1);
/// How often to look whether it still is, or has been.
const BUSY_POLL: Duration = Duration::from_millis(20);

/// How long a Haskell thread runs before another is let to, as in GHC.
const SLICE: Duration = Duration::from_millis(20);

/// Why a request shall stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum StopReason {
    /// The user interrupts, as with ^C in GHCi.
    #[error("the user interrupted it")]
    UserInterrupt,
    /// The request's time is up.
    #[error("its time was up")]
    Deadline,
}

impl StopReason {
    fn code(self) -> u32 {
        match self {
            StopReason::UserInterrupt => abi::stop::USER_INTERRUPT,
            StopReason::Deadline => abi::stop::DEADLINE,
        }
    }
}

/// When a request's time is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline {
    when: Instant,
    /// When the program is interrupted, so that it can tidy up.
    courtesy: Option<Instant>,
}

/// How long a program may tidy up at a deadline.
pub const COURTESY: Duration = Duration::from_millis(50);

impl Deadline {
    /// So much from now on; a time beyond what the clock can tell is no deadline.
    pub fn after(time: Duration) -> Option<Deadline> {
        Instant::now().checked_add(time).map(Deadline::at)
    }

    fn at(when: Instant) -> Deadline {
        Deadline { when, courtesy: None }
    }

    /// As [`Deadline::after`], but then the program is interrupted as by ^C and has [`COURTESY`] longer. See Note
    /// [Deadlines interrupt first].
    pub fn politely_after(time: Duration) -> Option<Deadline> {
        let courtesy = Instant::now().checked_add(time)?;
        Some(Deadline { when: courtesy.checked_add(COURTESY)?, courtesy: Some(courtesy) })
    }
}

/// Stops the request that a sandbox is working on, from any thread.
#[derive(Clone)]
pub struct Stopper(Arc<Control>);

impl Stopper {
    /// Asks the running request to stop, and sees to it that it does. False if there is none.
    pub fn stop(&self, reason: StopReason) -> bool {
        self.0.stop(reason)
    }
}

/// The stopping side of one sandbox.
pub(super) struct Control {
    mapping: Arc<Mapping>,
    /// Ends a system call that waits, after the reason has been written.
    wake: Arc<Wake>,
    run: Mutex<Run>,
    timer: TimerId,
    /// The deadline of the request that runs or has run last has come.
    is_overdue: AtomicBool,
}

/// What is known about the running request.
#[derive(Default)]
struct Run {
    active: bool,
    /// When to interrupt before the deadline; gone once that is done.
    courtesy: Option<Instant>,
    /// When to ask; gone once that is done.
    deadline: Option<Instant>,
    /// When to let another thread run, if it has slices.
    slice: Option<Instant>,
    asked: Option<Asked>,
    /// Memory has been closed, for this reason.
    insisted: Option<StopReason>,
    /// The thread that works on it, if its time can be told.
    thread: Option<Thread>,
}

#[derive(Clone, Copy)]
struct Asked {
    reason: StopReason,
    at: Instant,
    insist_at: Instant,
    /// How long the thread had been on one.
    thread_time: Option<Duration>,
}

impl Run {
    /// How long the thread has been on a processor since it was asked, if that can be told.
    fn worked(&self, asked: Asked) -> Option<Duration> {
        self.thread.and_then(Thread::time)?.checked_sub(asked.thread_time?)
    }

    /// Whether the thread has hardly been on a processor since it was asked.
    fn starves(&self, asked: Asked, now: Instant) -> bool {
        now < asked.at + STARVED_GRACE && self.worked(asked).is_some_and(|time| time < CHANCE)
    }

    /// Whether a runtime that is at work on so many bytes of memory is given more time.
    fn may_be_busy(&self, asked: Asked, now: Instant, bytes: u64) -> bool {
        let enough = GRACE + BUSY_LEAST + Duration::from_millis(bytes / BUSY_BYTES_PER_MS);
        now < asked.at + GRACE + BUSY_GRACE && self.worked(asked).unwrap_or(now - asked.at) < enough
    }

    /// When there will be something to do.
    fn next_tick(&self) -> Option<Instant> {
        let insist_at = self.asked.map(|asked| asked.insist_at);
        self.courtesy.into_iter().chain(self.deadline).chain(self.slice).chain(insist_at).min()
    }
}

impl Control {
    pub(super) fn new(mapping: Arc<Mapping>, wake: Arc<Wake>) -> Arc<Control> {
        Arc::new(Control {
            mapping,
            wake,
            run: Mutex::default(),
            timer: TimerId::fresh(),
            is_overdue: AtomicBool::new(false),
        })
    }

    pub(super) fn stopper(self: &Arc<Self>) -> Stopper {
        Stopper(Arc::clone(self))
    }

    /// A request begins. What was asked of earlier ones is forgotten.
    pub(super) fn begin(self: &Arc<Self>, deadline: Option<Deadline>, has_slices: bool, thread: Option<Thread>) {
        let mut run = self.lock();
        self.mapping.forget_stop();
        self.is_overdue.store(false, Ordering::Relaxed);
        let courtesy = deadline.and_then(|deadline| deadline.courtesy);
        let slice = has_slices.then(|| Instant::now() + SLICE);
        *run = Run { active: true, courtesy, deadline: deadline.map(|d| d.when), slice, thread, ..Run::default() };
        let first = run.next_tick();
        drop(run);
        if let Some(when) = first {
            watchdog::wake(self.timer, when, Arc::clone(self) as Arc<dyn Timed>);
        }
    }

    /// The request has ended, one way or another. Answers the reason if it had to be insisted on. Fails if memory
    /// cannot be opened again, after which the sandbox is of no use.
    pub(super) fn end(&self) -> io::Result<Option<StopReason>> {
        let mut run = self.lock();
        let ended = std::mem::take(&mut *run);
        self.mapping.open()?;
        drop(run);
        watchdog::cancel(self.timer);
        Ok(ended.insisted)
    }

    /// Whether the deadline of the request that runs or has run last has come.
    pub(super) fn is_overdue(&self) -> bool {
        self.is_overdue.load(Ordering::Relaxed)
    }

    fn stop(self: &Arc<Self>, reason: StopReason) -> bool {
        let mut run = self.lock();
        if !run.active {
            return false;
        }
        if run.asked.is_none_or(|asked| asked.reason < reason || self.is_obeyed(asked)) {
            let insist_at = self.ask(&mut run, reason, Instant::now());
            drop(run);
            watchdog::wake(self.timer, insist_at, Arc::clone(self) as Arc<dyn Timed>);
        }
        true
    }

    /// Asks, and answers when to insist.
    fn ask(&self, run: &mut Run, reason: StopReason, now: Instant) -> Instant {
        self.mapping.ask_to_stop(reason.code());
        self.wake.signal();
        let insist_at = now + GRACE;
        run.asked = Some(Asked { reason, at: now, insist_at, thread_time: run.thread.and_then(Thread::time) });
        insist_at
    }

    /// Whether the machine has done what was asked. A deadline is not obeyed before the request is answered.
    fn is_obeyed(&self, asked: Asked) -> bool {
        asked.reason < StopReason::Deadline && self.mapping.asked_to_stop() == abi::stop::NONE
    }

    fn lock(&self) -> MutexGuard<'_, Run> {
        // The state is replaced as a whole or field by field in any order: it is never half-changed.
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Timed for Control {
    fn tick(&self, now: Instant) -> Option<Instant> {
        let mut run = self.lock();
        if !run.active || run.insisted.is_some() {
            return None;
        }
        if run.courtesy.is_some_and(|when| when <= now) {
            run.courtesy = None;
            self.is_overdue.store(true, Ordering::Relaxed);
            self.mapping.ask_to_stop(StopReason::UserInterrupt.code());
            self.wake.signal();
        }
        if run.deadline.is_some_and(|when| when <= now) {
            self.is_overdue.store(true, Ordering::Relaxed);
            run.deadline = None;
            self.ask(&mut run, StopReason::Deadline, now);
        }
        if let Some(mut asked) = run.asked
            && asked.insist_at <= now
        {
            if self.is_obeyed(asked) {
                run.asked = None;
            } else if run.starves(asked, now)
                || self.mapping.runtime_is_busy() && run.may_be_busy(asked, now, self.mapping.committed_bytes())
            {
                asked.insist_at = now + BUSY_POLL;
                run.asked = Some(asked);
            } else if self.mapping.close().is_ok() {
                self.wake.signal();
                run.insisted = Some(asked.reason);
                return None;
            } else {
                // It is lent to a native library, or the kernel was short of memory for its own tables. Nothing is lost by trying
                // again.
                asked.insist_at = now + GRACE;
                run.asked = Some(asked);
            }
        }
        if run.slice.is_some_and(|when| when <= now) {
            run.slice = Some(now + SLICE);
            self.mapping.ask_to_switch();
        }
        run.next_tick()
    }
}

#[cfg(test)]
mod tests;
