//! One thread per process that wakes whoever asked to be woken at a certain time.
//!
//! Invariant: every id has at most one wake-up, and the thread sleeps no longer than to the earliest. What to do when
//! woken is `stop`'s business. It is the only thing that sandboxes share: a thread each would cost more to start than a
//! sandbox.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

/// Something to be woken.
pub(super) trait Timed: Send + Sync {
    /// It is `now`; answers when to call next, if at all. A call too early or once too often must do no harm.
    fn tick(&self, now: Instant) -> Option<Instant>;
}

/// Names a sleeper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TimerId(u64);

impl TimerId {
    /// One that no one else has.
    pub(super) fn fresh() -> TimerId {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        TimerId(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

struct Queue {
    sleepers: HashMap<TimerId, (Instant, Arc<dyn Timed>)>,
    order: BTreeSet<(Instant, TimerId)>,
    running: bool,
    /// When the thread will look by itself; `None` while it sleeps until it is told.
    looks_at: Option<Instant>,
}

struct Watchdog {
    queue: Mutex<Option<Queue>>,
    changed: Condvar,
}

static WATCHDOG: Watchdog = Watchdog { queue: Mutex::new(None), changed: Condvar::new() };

/// Starts the thread, if it does not run yet.
pub(super) fn start() -> io::Result<()> {
    let mut queue = WATCHDOG.lock();
    let queue = queue.get_or_insert_with(Queue::new);
    if !queue.running {
        thread::Builder::new().name("bcvm-watchdog".to_owned()).spawn(|| WATCHDOG.watch())?;
        queue.running = true;
    }
    Ok(())
}

/// Has `sleeper` called at `when`, or at the time it was to be called already if that is earlier.
pub(super) fn wake(id: TimerId, when: Instant, sleeper: Arc<dyn Timed>) {
    let mut queue = WATCHDOG.lock();
    let queue = queue.get_or_insert_with(Queue::new);
    queue.add(id, when, sleeper);
    // A request often ends before its deadline, and the next has a later one: only an earlier one is worth a system
    // call.
    if queue.looks_at.is_none_or(|at| when < at) {
        WATCHDOG.changed.notify_one();
    }
}

/// Forgets the wake-up of this id. A call may still be on its way.
pub(super) fn cancel(id: TimerId) {
    if let Some(queue) = &mut *WATCHDOG.lock() {
        queue.take(id);
    }
}

impl Queue {
    fn new() -> Queue {
        Queue { sleepers: HashMap::new(), order: BTreeSet::new(), running: false, looks_at: None }
    }

    fn add(&mut self, id: TimerId, when: Instant, sleeper: Arc<dyn Timed>) {
        let earlier = self.take(id).map_or(when, |(old, _)| old.min(when));
        self.order.insert((earlier, id));
        self.sleepers.insert(id, (earlier, sleeper));
    }

    fn take(&mut self, id: TimerId) -> Option<(Instant, Arc<dyn Timed>)> {
        let entry = self.sleepers.remove(&id)?;
        self.order.remove(&(entry.0, id));
        Some(entry)
    }
}

impl Watchdog {
    fn lock(&self) -> MutexGuard<'_, Option<Queue>> {
        // A panic in `tick` cannot hold this lock, and the queue's own operations do not panic half-way.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watch(&self) {
        let mut guard = self.lock();
        loop {
            let queue = guard.get_or_insert_with(Queue::new);
            let now = Instant::now();
            queue.looks_at = queue.order.first().map(|(when, _)| *when);
            guard = match (queue.looks_at, queue.order.first().copied()) {
                (Some(when), Some((_, id))) if when <= now => {
                    let due = queue.take(id);
                    drop(guard);
                    // Without the lock: a sleeper may take its time, and takes locks of its own.
                    let again = due.and_then(|(_, sleeper)| Some((sleeper.tick(now)?, sleeper)));
                    let mut guard = self.lock();
                    if let (Some((when, sleeper)), Some(queue)) = (again, &mut *guard) {
                        queue.add(id, when, sleeper);
                    }
                    guard
                }
                (Some(when), _) => {
                    let waited = self.changed.wait_timeout(guard, when - now);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                (None, _) => self.changed.wait(guard).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

#[cfg(test)]
mod tests;
