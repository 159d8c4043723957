//! Which evaluation a ^C concerns.
//!
//! A terminal sends SIGINT to GHC and to its server at once. During an evaluation it must end that evaluation; at any
//! other time it must be forgotten, and not hit the evaluation that comes next.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Stops a running evaluation from another thread, waking it from a blocking call if need be. The evaluation then
/// ends with a `UserInterrupt` exception.
pub trait Interrupter: Send + Sync {
    /// Stop now. May come when the evaluation has just ended, which must do no harm.
    fn interrupt(&self);
}

/// The place where signals and evaluations meet. Clones are the same place.
#[derive(Clone, Default)]
pub struct InterruptGate {
    current: Arc<Mutex<Option<Arc<dyn Interrupter>>>>,
}

impl InterruptGate {
    /// Open the gate to `interrupter` until the result is dropped.
    pub fn enter(&self, interrupter: Option<Arc<dyn Interrupter>>) -> Entered<'_> {
        *self.lock() = interrupter;
        Entered { gate: self }
    }

    /// Interrupt what runs now. False: nothing does, and the interrupt is forgotten.
    pub fn interrupt(&self) -> bool {
        // Held while interrupting: an evaluation that ends meanwhile waits, so the next one is not hit.
        let current = self.lock();
        match &*current {
            Some(interrupter) => {
                interrupter.interrupt();
                true
            }
            None => false,
        }
    }

    /// A panic elsewhere leaves nothing half done behind this lock.
    fn lock(&self) -> MutexGuard<'_, Option<Arc<dyn Interrupter>>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An evaluation that can be interrupted.
pub struct Entered<'a> {
    gate: &'a InterruptGate,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        *self.gate.lock() = None;
    }
}
