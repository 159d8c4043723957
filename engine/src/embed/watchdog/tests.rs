//! Wake-ups come in time, once, and not after they were cancelled.

use super::{Timed, TimerId, cancel, start, wake};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

/// Reports each call, and asks for the next ones at the given times.
struct Sleeper {
    calls: Mutex<mpsc::Sender<Instant>>,
    next: Mutex<Vec<Instant>>,
}

impl Timed for Sleeper {
    fn tick(&self, now: Instant) -> Option<Instant> {
        self.calls.lock().expect("unpoisoned").send(now).expect("the test listens");
        self.next.lock().expect("unpoisoned").pop()
    }
}

fn sleeper(next: Vec<Instant>) -> (TimerId, Arc<Sleeper>, mpsc::Receiver<Instant>) {
    start().expect("a thread");
    let (sender, calls) = mpsc::channel();
    (TimerId::fresh(), Arc::new(Sleeper { calls: Mutex::new(sender), next: Mutex::new(next) }), calls)
}

const SECOND: Duration = Duration::from_secs(1);
const SHORT: Duration = Duration::from_millis(30);

#[test]
fn an_earlier_sleeper_is_not_held_up_by_a_later_one() {
    let now = Instant::now();
    let (late_id, late, late_calls) = sleeper(vec![]);
    let (id, early, calls) = sleeper(vec![]);
    wake(late_id, now + 60 * SECOND, late);
    wake(id, now + SHORT, early);
    let called = calls.recv_timeout(SECOND).expect("woken");
    assert!(called >= now + SHORT);
    assert!(late_calls.try_recv().is_err());
    cancel(late_id);
}

#[test]
fn a_sleeper_may_ask_for_more() {
    let now = Instant::now();
    let (id, sleeper, calls) = sleeper(vec![now + 3 * SHORT, now + 2 * SHORT]);
    wake(id, now + SHORT, sleeper);
    for n in 1..=3 {
        assert!(calls.recv_timeout(SECOND).expect("woken") >= now + n * SHORT);
    }
    assert!(calls.recv_timeout(4 * SHORT).is_err());
}

#[test]
fn the_earlier_of_two_times_counts() {
    let now = Instant::now();
    let (id, sleeper, calls) = sleeper(vec![]);
    wake(id, now + SHORT, Arc::clone(&sleeper) as Arc<dyn Timed>);
    wake(id, now + 60 * SECOND, sleeper);
    assert!(calls.recv_timeout(SECOND).is_ok());
    cancel(id);
}

#[test]
fn the_cancelled_sleep_on() {
    let (id, sleeper, calls) = sleeper(vec![]);
    wake(id, Instant::now() + SHORT, sleeper);
    cancel(id);
    assert!(calls.recv_timeout(3 * SHORT).is_err());
}
