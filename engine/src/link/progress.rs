//! Tells whoever waits at a terminal why it takes long: packages are compiled when they are met for the first time.

use std::io::{IsTerminal, Write, stderr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// What takes less time is not worth a word.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many packages there were to compile, and how many are done.
#[derive(Debug, Default)]
pub(super) struct Progress {
    begun: AtomicU32,
    done: AtomicU32,
}

impl Progress {
    /// A package is about to be compiled.
    pub(super) fn begin(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
    }

    /// It has been.
    pub(super) fn done(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Somebody else compiles; `wait` is over when he has done so.
    pub(super) fn wait<T>(&self, wait: impl FnOnce() -> T) -> T {
        self.begin();
        let result = wait();
        self.begun.fetch_sub(1, Ordering::Relaxed);
        result
    }

    /// Shows the progress of `work`, if it takes long and standard error is a terminal.
    pub(super) fn show<T>(&self, work: impl FnOnce() -> T) -> T {
        if !stderr().is_terminal() {
            return work();
        }
        let (finished, wait) = mpsc::channel::<()>();
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut shown = false;
                while wait.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                    let (begun, done) = (self.begun.load(Ordering::Relaxed), self.done.load(Ordering::Relaxed));
                    if begun > done {
                        // To a terminal that is gone nothing need be said.
                        let _ = write!(stderr(), "\rbcvm: compiling packages, the first time only ({done} done) ");
                        let _ = stderr().flush();
                        shown = true;
                    }
                }
                if shown {
                    let _ = write!(stderr(), "\r\x1b[K");
                }
            });
            let result = work();
            drop(finished);
            result
        })
    }
}
