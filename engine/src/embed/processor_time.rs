//! How long a thread has been on a processor, as another thread asks: `/proc/PID/task/TID/schedstat`.

use std::fs;
use std::time::Duration;

use rustix::thread::{Pid, gettid};

/// A thread of this process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Thread(Pid);

impl Thread {
    /// The one that asks.
    pub(super) fn this() -> Thread {
        thread_local! {
            static THIS: Thread = Thread(gettid());
        }
        THIS.with(|this| *this)
    }

    /// How long it has been on a processor; none where the kernel does not tell.
    pub(super) fn time(self) -> Option<Duration> {
        let text = fs::read_to_string(format!("/proc/self/task/{}/schedstat", self.0.as_raw_nonzero())).ok()?;
        text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn time_passes_for_who_works() {
        let this = Thread::this();
        let Some(before) = this.time() else { return };
        let began = Instant::now();
        while this.time().is_some_and(|now| now < before + Duration::from_millis(20)) {
            assert!(began.elapsed() < Duration::from_secs(60), "no time passes");
        }
    }
}
