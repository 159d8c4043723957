//! Processor time of a process, from `/proc`: what matters on a machine that does other things, too.

use std::fs;
use std::time::Duration;

/// Time that all threads of a process have run. The kernel brings it up to date at every tick, so it is good to a few
/// milliseconds; zero where there is no such file.
pub fn time(pid: u32) -> Duration {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { return Duration::ZERO };
    let nanos = tasks.flatten().filter_map(|task| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}
