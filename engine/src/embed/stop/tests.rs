//! The steps of stopping, with made-up times. That closed memory stops wasm code is tested with a guest, in
//! `engine/tests/embed_stop.rs`.

use super::{
    BUSY_BYTES_PER_MS, BUSY_GRACE, BUSY_LEAST, BUSY_POLL, COURTESY, Control, Deadline, GRACE, SLICE, StopReason, Timed,
};
use crate::embed::memory::{GuestMemory, Mapping, MemoryError};
use crate::os::Wake;
use bcvm::abi;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Nothing here takes as long as this, so the real watchdog does not interfere.
const FAR: Duration = Duration::from_secs(3600);

fn control() -> (Arc<Control>, GuestMemory) {
    control_of(4 << 20)
}

fn control_of(bytes: u64) -> (Arc<Control>, GuestMemory) {
    let mapping = Mapping::new(bytes, abi::DATA_START).expect("a mapping");
    (Control::new(Arc::clone(&mapping), Arc::new(Wake::new().expect("a descriptor"))), GuestMemory::new(mapping))
}

fn word(memory: &GuestMemory, addr: u32) -> Result<u32, MemoryError> {
    memory.read(addr, 4).map(|bytes| u32::from_le_bytes(bytes.try_into().expect("four bytes")))
}

#[test]
fn a_deadline_asks_then_insists() {
    let (control, memory) = control();
    let when = Instant::now() + FAR;
    control.begin(Some(Deadline::at(when)), false, None);
    memory.write(abi::HP_LIM, &[0xFF; 8]).expect("open");
    assert_eq!(control.tick(when - FAR), Some(when), "too early: nothing happens");
    assert_eq!(word(&memory, abi::INTERRUPT), Ok(abi::stop::NONE));

    assert_eq!(control.tick(when), Some(when + GRACE));
    assert_eq!(word(&memory, abi::INTERRUPT), Ok(abi::stop::DEADLINE));
    assert_eq!(memory.read(abi::HP_LIM, 8), Ok(vec![0; 8]));

    assert_eq!(control.tick(when + GRACE), None);
    assert_eq!(word(&memory, abi::INTERRUPT), Err(MemoryError::Closed));
    assert_eq!(control.tick(when + 2 * GRACE), None, "once is enough");
    assert_eq!(control.end().expect("opened"), Some(StopReason::Deadline));
    assert_eq!(word(&memory, abi::INTERRUPT), Ok(abi::stop::DEADLINE), "as it was");
    control.begin(None, false, None);
    assert_eq!(word(&memory, abi::INTERRUPT), Ok(abi::stop::NONE));
    assert_eq!(control.end().expect("open"), None);
}

#[test]
fn a_polite_deadline_interrupts_first() {
    let (control, memory) = control();
    let when = Instant::now() + FAR;
    control.begin(Some(Deadline { when: when + COURTESY, courtesy: Some(when) }), false, None);
    assert_eq!(control.tick(when - FAR), Some(when));
    assert!(!control.is_overdue());
    assert_eq!(control.tick(when), Some(when + COURTESY));
    assert_eq!(word(&memory, abi::INTERRUPT), Ok(abi::stop::USER_INTERRUPT));
    assert!(control.is_overdue());
    assert_eq!(control.tick(when + COURTESY), Some(when + COURTESY + GRACE));
    assert_eq!(word(&memory, abi::INTERRUPT), Ok(abi::stop::DEADLINE));
    assert_eq!(control.tick(when + COURTESY + GRACE), None);
    assert_eq!(control.end().expect("opened"), Some(StopReason::Deadline));
    assert!(control.is_overdue(), "until the next request");
    control.begin(None, false, None);
    assert!(!control.is_overdue());
    control.end().expect("open");
}

#[test]
fn the_busy_are_given_time_by_how_much_memory_there_is_but_not_for_ever() {
    for (heap, most) in [(abi::PAGE, BUSY_LEAST + GRACE), (1 << 28, 4 * BUSY_LEAST), (0x7fff_0000, BUSY_GRACE)] {
        let (control, memory) = control_of(4 << 30);
        assert_eq!(memory.mapping().commit(abi::HEAP_START, heap), Ok(true));
        let (when, bytes) = (Instant::now() + FAR, memory.committed_bytes());
        control.begin(Some(Deadline::at(when)), false, None);
        memory.write(abi::RUNTIME_BUSY, &1u32.to_le_bytes()).expect("open");
        control.tick(when);
        let given = BUSY_GRACE.min(BUSY_LEAST + Duration::from_millis(bytes / BUSY_BYTES_PER_MS));
        let mut now = when + GRACE;
        while now < when + GRACE + given {
            let next = control.tick(now).expect("another look");
            assert_eq!(next, now + BUSY_POLL);
            now = next;
        }
        assert!(now <= when + GRACE + most + BUSY_POLL, "{bytes} bytes");
        assert_eq!(control.tick(now), None);
        assert_eq!(control.end().expect("opened"), Some(StopReason::Deadline));
    }
}

#[test]
fn an_obeyed_interrupt_is_over() {
    let (control, memory) = control();
    let now = Instant::now();
    control.begin(Some(Deadline::at(now + FAR)), false, None);
    assert!(control.stop(StopReason::UserInterrupt));
    assert_eq!(word(&memory, abi::INTERRUPT), Ok(abi::stop::USER_INTERRUPT));
    memory.write(abi::INTERRUPT, &[0; 4]).expect("open");
    assert_eq!(control.tick(now + 2 * GRACE), Some(now + FAR), "only the deadline is left");
    assert_eq!(control.end().expect("open"), None);
}

#[test]
fn a_second_interrupt_is_delivered_once_the_first_is_obeyed() {
    let (control, memory) = control();
    control.begin(None, false, None);
    assert!(control.stop(StopReason::UserInterrupt));
    memory.write(abi::INTERRUPT, &[0; 4]).expect("open");
    assert!(control.stop(StopReason::UserInterrupt));
    assert_eq!(word(&memory, abi::INTERRUPT), Ok(abi::stop::USER_INTERRUPT));
    assert_eq!(control.end().expect("open"), None);
}

#[test]
fn the_stronger_reason_counts() {
    let (control, memory) = control();
    let now = Instant::now();
    control.begin(Some(Deadline::at(now)), false, None);
    control.tick(now);
    assert!(control.stop(StopReason::UserInterrupt));
    assert_eq!(word(&memory, abi::INTERRUPT), Ok(abi::stop::DEADLINE));
    assert_eq!(control.end().expect("open"), None);
}

#[test]
fn idle_sandboxes_are_not_stopped() {
    let (control, memory) = control();
    assert!(!control.stop(StopReason::UserInterrupt));
    control.begin(None, false, None);
    control.end().expect("open");
    assert!(!control.stop(StopReason::Deadline));
    assert_eq!(control.tick(Instant::now() + FAR), None);
    assert_eq!(word(&memory, abi::INTERRUPT), Ok(abi::stop::NONE));
}

#[test]
fn slices_end_in_a_switch_that_nobody_insists_on() {
    let (control, memory) = control();
    control.begin(None, true, None);
    memory.write(abi::HP_LIM, &[0xFF; 8]).expect("open");
    let now = Instant::now();
    let again = control.tick(now + SLICE).expect("slices go on");
    assert_eq!(memory.read(abi::HP_LIM, 8), Ok(vec![0; 8]));
    assert_eq!(word(&memory, abi::INTERRUPT), Ok(abi::stop::NONE), "it ends no system call");
    assert!(again > now + SLICE);
    assert_eq!(control.end().expect("open"), None);
}

#[test]
fn what_is_lent_is_insisted_on_later() {
    let (control, memory) = control();
    let when = Instant::now() + FAR;
    control.begin(Some(Deadline::at(when)), false, None);
    assert_eq!(control.tick(when), Some(when + GRACE));
    let lent = memory.lend().expect("open");
    assert_eq!(control.tick(when + GRACE), Some(when + 2 * GRACE));
    assert_eq!(control.tick(when + 2 * GRACE), Some(when + 3 * GRACE));
    assert_eq!(word(&memory, abi::INTERRUPT), Ok(abi::stop::DEADLINE), "open");
    drop(lent);
    assert_eq!(control.tick(when + 3 * GRACE), None);
    assert_eq!(word(&memory, abi::INTERRUPT), Err(MemoryError::Closed));
    assert_eq!(control.end().expect("opened"), Some(StopReason::Deadline));
}
