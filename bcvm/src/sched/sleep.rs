//! Threads that the outside wakes: `delay#`, `waitRead#`, `waitWrite#` (`rts/posix/Select.c`).
//!
//! There is no other thread that would wait for them: the machine looks whether one is due whenever it comes to the
//! scheduler, and has the host wait when nobody can run.

use super::run::Handled;
use super::threads::{Sleeper, Wake};
use crate::abi::host::FdWait;
use crate::entry::closures::Builtin;
use crate::entry::table::info;
use crate::interp::machine::Machine;
use crate::layout::tso::why_blocked;
use crate::primop::effect::Answer;
use alloc::vec::Vec;

impl Machine {
    /// Blocks the running thread, which then returns nothing.
    pub(crate) fn sleep(&mut self, wake: Wake) -> Answer {
        self.regs.push_info(&mut self.mem, info::STG_RET_V);
        if let Some(thread) = self.threads.current() {
            self.threads.sleepers.push(Sleeper { thread, wake });
        }
        let why = match wake {
            Wake::At(_) => why_blocked::DELAY,
            Wake::Fd { write: false, .. } => why_blocked::READ,
            Wake::Fd { write: true, .. } => why_blocked::WRITE,
        };
        self.block_current(why, Builtin::EndTsoQueue.ptr())
    }

    /// Wakes the sleepers whose time has come or whose descriptor is ready.
    pub(super) fn wake_sleepers(&mut self) {
        if !self.threads.sleepers.is_empty() {
            let now = self.host.now_ns();
            self.wake_by(now);
        }
    }

    /// Lets the host wait for the next sleeper, when nobody can run.
    pub(super) fn wait_for_sleepers(&mut self) -> Handled {
        let times = self.threads.sleepers.iter().filter_map(|s| match s.wake {
            Wake::At(t) => Some(t),
            Wake::Fd { .. } => None,
        });
        self.wake_by(times.min().unwrap_or(u64::MAX));
        // The host may have come back because of what it wants itself.
        self.obey_host().unwrap_or(Handled::GoOn)
    }

    /// Wakes who is ready; waits up to the time `until` if nobody is.
    fn wake_by(&mut self, until: u64) {
        let sleepers = core::mem::take(&mut self.threads.sleepers);
        let mut fds: Vec<FdWait> = sleepers.iter().filter_map(|s| fd_of(s.wake)).collect();
        self.host.wait(&mut fds, until);
        let now = self.host.now_ns();
        let mut fds = fds.iter();
        let mut due = Vec::new();
        for s in sleepers {
            let ready = match s.wake {
                Wake::At(t) => t <= now,
                Wake::Fd { .. } => fds.next().is_some_and(|fd| fd.ready),
            };
            if ready { due.push(s) } else { self.threads.sleepers.push(s) }
        }
        // Those who have slept longest first.
        due.sort_by_key(|s| match s.wake {
            Wake::At(t) => t,
            Wake::Fd { .. } => 0,
        });
        for s in due {
            self.wake(s.thread);
        }
    }
}

fn fd_of(wake: Wake) -> Option<FdWait> {
    match wake {
        Wake::At(_) => None,
        Wake::Fd { fd, write } => Some(FdWait { fd, write, ready: false }),
    }
}
