//! The clock of the machines, and waiting by it for sleeping Haskell threads.
//!
//! A wait must end when the machine is asked to stop, which nothing but its own memory tells, so it looks every now and
//! then. File descriptors of a program are not known here: whoever waits for one is told that it is ready, and learns the
//! rest by using it.

use bcvm::abi::host::FdWait;
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

/// How long a wait goes on before it looks whether it is to end.
const SLICE: Duration = Duration::from_millis(5);

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Nanoseconds since the clock was first looked at.
pub fn now_ns() -> u64 {
    u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// Waits until one of `fds` is ready, the clock shows `until`, or `asked_to_stop` says so.
pub fn wait(fds: &mut [FdWait], until: u64, asked_to_stop: impl Fn() -> bool) {
    for fd in &mut *fds {
        fd.ready = true;
    }
    while fds.is_empty() && !asked_to_stop() {
        let left = Duration::from_nanos(until.saturating_sub(now_ns()));
        if left.is_zero() {
            return;
        }
        thread::sleep(left.min(SLICE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_as_long_as_it_should() {
        let start = now_ns();
        wait(&mut [], start + 12_000_000, || false);
        assert!(now_ns() >= start + 12_000_000);
        wait(&mut [], u64::MAX, || true);
        let mut fds = [FdWait { fd: 7, write: false, ready: false }];
        wait(&mut fds, u64::MAX, || false);
        assert!(fds[0].ready);
    }
}
