//! What is done while GHC has nothing to say: the program's threads run. See Note [Threads between evaluations] in
//! `interp::idle`.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::thread;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};

use crate::interp::Interp;

/// After how long threads are interrupted again, if they have not begun to run yet or the interrupt came to nothing.
const AGAIN: Timespec = Timespec { tv_sec: 0, tv_nsec: 1_000_000 };

const NO_TIME: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// Lets the threads that evaluations have left run until `input` can be read.
pub(super) fn run_threads(interp: &Interp, input: BorrowedFd<'_>) {
    if !interp.has_threads() || is_readable_within(input, &NO_TIME) {
        return;
    }
    if let Err(error) = run_until_readable(interp, input) {
        tracing::warn!("threads between evaluations: {error}");
    }
}

fn run_until_readable(interp: &Interp, input: BorrowedFd<'_>) -> io::Result<()> {
    let over = eventfd(0, EventfdFlags::CLOEXEC)?;
    let watch = || {
        let mut both = [PollFd::new(&input, PollFlags::IN), PollFd::new(&over, PollFlags::IN)];
        while !matches!(poll(&mut both, None), Ok(n) if n > 0) {}
        while !is_readable_within(over.as_fd(), &NO_TIME) {
            interp.interrupt();
            is_readable_within(over.as_fd(), &AGAIN);
        }
    };
    thread::scope(|scope| {
        thread::Builder::new().name("input".into()).spawn_scoped(scope, watch)?;
        let ran = interp.run_threads();
        rustix::io::write(&over, &1_u64.to_ne_bytes())?;
        ran.map_err(io::Error::other)
    })
}

fn is_readable_within(fd: BorrowedFd<'_>, time: &Timespec) -> bool {
    poll(&mut [PollFd::new(&fd, PollFlags::IN)], Some(time)).is_ok_and(|n| n > 0)
}
