//! Waiting, always so that a stop ends it: `poll`, sleeping, and the scheduler's own waiting.

use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::time::{ClockId, clock_gettime};

use super::layout::{POLLFD_BYTES, field};
use super::memory::{Answer, Memory, Room};
use super::state::Os;

/// Most descriptors that one call asks for.
const MAX_POLLED: usize = 1024;

/// What `poll` says of a descriptor that is none.
const POLLNVAL: u16 = 0x20;

/// Nanoseconds of a time.
pub(super) fn nanoseconds(t: Timespec) -> i64 {
    t.tv_sec.saturating_mul(1_000_000_000).saturating_add(t.tv_nsec)
}

fn timespec(t: Duration) -> Timespec {
    Timespec { tv_sec: i64::try_from(t.as_secs()).unwrap_or(i64::MAX), tv_nsec: i64::from(t.subsec_nanos()) }
}

impl Os {
    /// Nanoseconds that the monotonic clock shows.
    pub fn now_ns(&self) -> u64 {
        nanoseconds(clock_gettime(ClockId::Monotonic)) as u64
    }

    /// Waits until one of the descriptors can be read (or, where it says so, written), the monotonic clock shows
    /// `until_ns`, or the guest is to stop; answers which are ready. A descriptor that is none counts as ready, for the
    /// call that uses it will say so.
    pub fn wait(&mut self, memory: &dyn Memory, fds: &[(i32, bool)], until_ns: Option<u64>) -> Vec<bool> {
        self.before_waiting(memory);
        let events = |write: bool| if write { PollFlags::OUT } else { PollFlags::IN };
        let wanted: Vec<_> = fds.iter().take(MAX_POLLED).map(|(fd, write)| (*fd, events(*write))).collect();
        let timeout = until_ns.map(|until| Duration::from_nanos(until.saturating_sub(self.now_ns())));
        match self.ready(&wanted, timeout) {
            Ok(ready) => {
                ready.iter().map(|events| *events != 0).chain(fds.iter().skip(MAX_POLLED).map(|_| false)).collect()
            }
            Err(Errno::INTR) => vec![false; fds.len()],
            Err(_) => vec![true; fds.len()],
        }
    }

    /// What of `wanted` is true, waiting until something is. EINTR when the guest is to stop and the call would wait: who
    /// only looks is answered, since C code such as base's `fdReady` begins again at EINTR and would do so for ever.
    fn ready(&self, wanted: &[(i32, PollFlags)], timeout: Option<Duration>) -> Result<Vec<u16>, Errno> {
        let mut answers = vec![0; wanted.len()];
        let mut hosts = Vec::new();
        let mut polled = Vec::new();
        for (i, (fd, events)) in wanted.iter().enumerate() {
            if *fd < 0 {
                continue;
            }
            match self.fds.get(*fd).map(|description| description.host()) {
                Ok(Some(host)) => {
                    hosts.push(i);
                    polled.push(PollFd::from_borrowed_fd(host, *events));
                }
                // What is no file of the host never makes anybody wait.
                Ok(None) => answers[i] = (*events & (PollFlags::IN | PollFlags::OUT)).bits(),
                Err(_) => answers[i] = POLLNVAL,
            }
        }
        let at_once = answers.iter().any(|events| *events != 0);
        if at_once && polled.is_empty() {
            return Ok(answers);
        }
        let only_looks = at_once || timeout == Some(Duration::ZERO);
        let timeout = if only_looks || self.stop_asked { Some(Duration::ZERO) } else { timeout };
        polled.push(PollFd::from_borrowed_fd(self.wake.descriptor(), PollFlags::IN));
        poll(&mut polled, timeout.map(timespec).as_ref())?;
        for (i, polled) in hosts.iter().zip(&polled) {
            answers[*i] = polled.revents().bits();
        }
        let stopped = self.stop_asked || polled.last().is_some_and(|wake| !wake.revents().is_empty());
        if stopped && !only_looks && answers.iter().all(|events| *events == 0) { Err(Errno::INTR) } else { Ok(answers) }
    }

    /// Waits until a descriptor of the host is ready. EINTR when the guest is to stop, EAGAIN after the timeout.
    pub(super) fn until_ready(
        &self,
        host: impl AsFd,
        events: PollFlags,
        timeout: Option<Duration>,
    ) -> Result<(), Errno> {
        if self.stop_asked && timeout != Some(Duration::ZERO) {
            return Err(Errno::INTR);
        }
        let mut polled = [
            PollFd::from_borrowed_fd(host.as_fd(), events),
            PollFd::from_borrowed_fd(self.wake.descriptor(), PollFlags::IN),
        ];
        poll(&mut polled, timeout.map(timespec).as_ref())?;
        match polled.map(|fd| !fd.revents().is_empty()) {
            [true, _] => Ok(()),
            [false, true] if timeout != Some(Duration::ZERO) => Err(Errno::INTR),
            [false, _] => Err(Errno::AGAIN),
        }
    }

    /// Waits for a stream that others share, whose own flags say that it blocks; EAGAIN instead if the program wants
    /// that.
    pub(super) fn may_wait_for(&self, host: BorrowedFd<'_>, events: PollFlags, nonblocking: bool) -> Result<(), Errno> {
        self.until_ready(host, events, nonblocking.then_some(Duration::ZERO))
    }

    pub(super) fn poll(&mut self, fds: Room<'_>, timeout_ms: i32) -> Answer {
        let mut bytes = fds.contents()?;
        if bytes.len() > MAX_POLLED * POLLFD_BYTES {
            return Err(Errno::INVAL);
        }
        let wanted: Vec<_> = bytes
            .chunks_exact(POLLFD_BYTES)
            .map(|fd| (i32::from_le_bytes(field(fd, 0)), PollFlags::from_bits_retain(u16::from_le_bytes(field(fd, 4)))))
            .collect();
        let timeout = u64::try_from(timeout_ms).ok().map(Duration::from_millis);
        let answers = self.ready(&wanted, timeout)?;
        for (fd, answer) in bytes.chunks_exact_mut(POLLFD_BYTES).zip(&answers) {
            fd[6..].copy_from_slice(&answer.to_le_bytes());
        }
        fds.put(&bytes)?;
        Ok(answers.iter().filter(|events| **events != 0).count() as i64)
    }

    pub(super) fn nanosleep(&mut self, ns: u64) -> Answer {
        self.ready(&[], Some(Duration::from_nanos(ns))).map(|_| 0)
    }
}
