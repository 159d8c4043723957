//! Threads between evaluations: they go on while the host has nothing else to ask, as in a server that GHC's RTS runs.
//!
//! No thread is waited for meanwhile (`main_thread` is none). The host interrupts when it wants the machine back, and that
//! is nothing that a thread hears of.

use super::run::{Handled, Outcome};
use crate::entry::closures::Builtin;
use crate::interp::control::Value;
use crate::interp::machine::Machine;

/// How idling ends.
const OVER: Outcome = Outcome::Value(Value::Ptr(Builtin::Unit.ptr()));

impl Machine {
    /// Whether there are threads that could run now or later without anybody's help.
    pub fn has_threads(&self) -> bool {
        self.threads.any_runnable() || !self.threads.sleepers.is_empty()
    }

    /// Lets threads run until none can, or the host interrupts. Anything but a value means that the one that ran last has
    /// crashed.
    pub fn run_threads(&mut self) -> Outcome {
        self.is_idle = true;
        let outcome = self.schedule();
        self.is_idle = false;
        outcome
    }

    /// Nobody can run.
    pub(super) fn nothing_to_do(&self) -> Handled {
        Handled::Ended(OVER)
    }

    /// The host wants the machine back: the running thread is the next one another time.
    pub(super) fn stop_idling(&mut self) -> Handled {
        if let Some(t) = self.threads.current() {
            self.save_thread();
            self.pause_thread();
            self.threads.enqueue_first(t);
            self.threads.set_current(None);
        }
        Handled::Ended(OVER)
    }
}
