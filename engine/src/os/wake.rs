//! [`Wake`]: how a call that waits for the outside is told that the program is to stop.
//!
//! Invariant: a signal given after [`Wake::rearm`] makes the descriptor readable. One given before may be lost, so who
//! waits asks whether it is to stop between the two: see `Os::before_waiting`.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::{EventfdFlags, eventfd};
use rustix::io::{Errno, read, write};

/// A descriptor that becomes readable when somebody signals.
#[derive(Debug)]
pub struct Wake {
    event: OwnedFd,
    signalled: AtomicBool,
}

impl Wake {
    /// One that nobody has signalled.
    pub fn new() -> Result<Wake, Errno> {
        let event = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Wake { event, signalled: AtomicBool::new(false) })
    }

    /// Ends what waits now or begins to after the next [`Wake::rearm`] that does not see it.
    pub fn signal(&self) {
        // It fails only if the counter is full, and then it is readable already.
        let _ = write(&self.event, &1u64.to_ne_bytes());
        // Second, so that whoever sees the flag finds something to take away.
        self.signalled.store(true, Ordering::SeqCst);
    }

    /// Forgets signals.
    pub(super) fn rearm(&self) {
        if self.signalled.swap(false, Ordering::SeqCst) {
            let _ = read(&self.event, &mut [0; 8]);
        }
    }

    /// Whether somebody has signalled.
    pub(super) fn is_signalled(&self) -> bool {
        self.signalled.load(Ordering::SeqCst)
    }

    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}
