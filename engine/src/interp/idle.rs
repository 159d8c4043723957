//! Threads that evaluations have left, which go on between them.
//
// Note [Threads between evaluations]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// `forkIO` in a statement of GHCi starts a thread that outlives the statement, and GHC's server runs it while it waits for
// the next message. A machine runs only while it is asked something, so who has nothing else to ask asks it to run its
// threads (`Request::RunThreads`), and interrupts that when a message comes. Like an evaluation the request takes
// turns by the clock. A thread that does not react is ended, as an evaluation is.
//
// An evaluation with limited time or fuel could go on without limits in a thread it leaves, so then threads rest between
// evaluations.

use super::backend::Backend;
use super::machine::MachineBackend;
use super::{Error, Interp};
use crate::vm::VmError;
use bcvm::abi::request::{Outcome, Reply, Request};

impl Interp {
    /// Whether evaluations have left threads that may go on now. See [`Interp::run_threads`].
    pub fn has_threads(&self) -> bool {
        self.lock().as_deref().is_some_and(Backend::has_threads)
    }

    /// Lets the threads that evaluations have left run, until none can any more or another thread calls
    /// [`Interp::interrupt`], of which they hear nothing. With a limit of time or fuel there are none that may.
    pub fn run_threads(&self) -> Result<(), Error> {
        self.run(|backend| backend.run_threads())
    }
}

impl MachineBackend {
    /// An evaluation says whether it has left threads.
    pub(super) fn note_threads(&mut self, has_threads: bool) {
        self.has_threads = has_threads && self.limits.timeout.is_none() && self.limits.fuel.is_none();
    }

    /// As [`Interp::run_threads`] has it.
    pub(super) fn let_threads_run(&mut self) -> Result<(), Error> {
        let answer = self.vm.request(&Request::RunThreads, None);
        self.has_threads = false;
        match answer {
            Ok(Reply::Evaluated { outcome, has_threads, .. }) => {
                self.note_threads(has_threads);
                if let Outcome::Crash(why) = outcome {
                    tracing::warn!("a thread between evaluations crashed: {why}");
                }
                Ok(())
            }
            Err(VmError::Crashed(why)) => {
                tracing::warn!("a thread between evaluations was ended: {why}");
                // There may be others.
                self.note_threads(true);
                Ok(())
            }
            Ok(_) => Err(Error::Protocol("RunThreads")),
            Err(error) => Err(error.into()),
        }
    }
}
