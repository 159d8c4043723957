//! Soft and hard stops: deadlines, interrupts, the collector's grace, and that the host survives closing memory.

mod support;

use bcvm::abi;
use bcvm_engine::embed::{Aftermath, Deadline, GRACE, StopReason, Trap, TrapKind};
use std::thread;
use std::time::{Duration, Instant};
use support::{ask, ask_within, op, sandbox};

const SHORT: Duration = Duration::from_millis(50);

fn stopped(reason: StopReason) -> Result<u32, Trap> {
    Err(Trap { kind: TrapKind::Stopped(reason), aftermath: Aftermath::Recovered })
}

#[test]
fn a_deadline_is_asked_for_first() {
    let mut sandbox = sandbox();
    let start = Instant::now();
    assert_eq!(ask_within(&mut sandbox, op::OBEY, 0, 0, SHORT), Ok(abi::stop::DEADLINE));
    assert!(start.elapsed() >= SHORT, "{:?}", start.elapsed());
}

#[test]
fn a_deadline_is_insisted_on() {
    let mut sandbox = sandbox();
    for _ in 0..3 {
        let start = Instant::now();
        assert_eq!(ask(&mut sandbox, op::STORE, 0x20_1000, 42), Ok(0));
        assert_eq!(ask_within(&mut sandbox, op::SPIN, 0, 0, SHORT), stopped(StopReason::Deadline));
        assert!(start.elapsed() >= SHORT + GRACE, "{:?}", start.elapsed());
        assert_eq!(ask(&mut sandbox, op::LOAD, 0x20_1000, 0), Ok(42), "contents are intact");
    }
}

#[test]
fn a_deadline_holds_even_for_who_obeys_and_goes_on() {
    let mut sandbox = sandbox();
    assert_eq!(ask_within(&mut sandbox, op::OBEY_AND_SPIN, 0, 0, SHORT), stopped(StopReason::Deadline));
}

#[test]
fn host_calls_are_stopped_too() {
    let mut sandbox = sandbox();
    for _ in 0..5 {
        assert_eq!(ask_within(&mut sandbox, op::COMMIT_FOREVER, 0, 0, SHORT), stopped(StopReason::Deadline));
    }
}

#[test]
fn the_user_interrupts() {
    let mut sandbox = sandbox();
    let stopper = sandbox.stopper();
    assert!(!stopper.stop(StopReason::UserInterrupt), "nothing runs");
    for (what, expected) in [(op::OBEY, Ok(abi::stop::USER_INTERRUPT)), (op::SPIN, stopped(StopReason::UserInterrupt))]
    {
        let reply = thread::scope(|scope| {
            scope.spawn(|| {
                while !stopper.stop(StopReason::UserInterrupt) {
                    thread::yield_now();
                }
            });
            ask(&mut sandbox, what, 0, 0)
        });
        assert_eq!(reply, expected);
    }
}

#[test]
fn an_obeyed_interrupt_leaves_the_deadline_in_force() {
    let mut sandbox = sandbox();
    let stopper = sandbox.stopper();
    let time = 4 * GRACE;
    let start = Instant::now();
    let reply = thread::scope(|scope| {
        scope.spawn(|| {
            while !stopper.stop(StopReason::UserInterrupt) {
                thread::yield_now();
            }
        });
        ask_within(&mut sandbox, op::OBEY_AND_SPIN, 0, 0, time)
    });
    assert_eq!(reply, stopped(StopReason::Deadline));
    assert!(start.elapsed() >= time + GRACE, "the interrupt was obeyed, so nobody insists on it");
}

#[test]
fn stops_do_not_outlive_their_request() {
    let mut sandbox = sandbox();
    assert_eq!(ask_within(&mut sandbox, op::SPIN, 0, 0, SHORT), stopped(StopReason::Deadline));
    assert_eq!(ask_within(&mut sandbox, op::OBEY, 0, 0, SHORT), Ok(abi::stop::DEADLINE));
    assert_eq!(ask_within(&mut sandbox, op::LOAD, abi::INTERRUPT, 0, SHORT), Ok(abi::stop::NONE));
    thread::sleep(SHORT + 2 * GRACE);
    assert_eq!(ask(&mut sandbox, op::LOAD, abi::INTERRUPT, 0), Ok(abi::stop::NONE));
}

#[test]
fn the_collector_is_given_time() {
    let mut sandbox = sandbox();
    // Some hundreds of millions of loads take longer than the grace period.
    let reply = ask_within(&mut sandbox, op::BUSY_THEN_SPIN, 1000, 0, Duration::from_millis(1));
    assert_eq!(reply, stopped(StopReason::Deadline));
    assert_eq!(ask(&mut sandbox, op::LOAD, 0x20_0020, 0), Ok(77), "it was not stopped while busy");
}

#[test]
fn many_deadlines_share_one_watchdog() {
    thread::scope(|scope| {
        for n in 0..8 {
            scope.spawn(move || {
                let mut sandbox = sandbox();
                let time = Duration::from_millis(5 * (8 - n));
                let start = Instant::now();
                assert_eq!(ask_within(&mut sandbox, op::SPIN, 0, 0, time), stopped(StopReason::Deadline));
                assert!(start.elapsed() >= time + GRACE);
            });
        }
    });
}

#[test]
fn a_past_deadline_stops_at_once() {
    let mut sandbox = sandbox();
    let request: Vec<u8> = [op::OBEY, 0, 0].iter().flat_map(|word| word.to_le_bytes()).collect();
    let reply = sandbox.request(&request, Deadline::after(Duration::ZERO));
    assert_eq!(reply, Ok(abi::stop::DEADLINE.to_le_bytes().to_vec()));
    assert!(Deadline::after(Duration::MAX).is_none());
}
