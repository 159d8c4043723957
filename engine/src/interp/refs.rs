//! References to values of the machine.
//!
//! The machine keeps what a reference refers to alive until it is told otherwise. A [`ForeignRef`] tells it when the
//! last clone is dropped: the number is queued and travels with the next request, because a drop may happen anywhere.

use super::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One life of a machine. References of an earlier one refer to nothing any more.
#[derive(Debug, Default)]
pub(super) struct Session {
    epoch: AtomicU64,
    /// References to release with the next request.
    pending: Mutex<Vec<u64>>,
}

impl Session {
    pub(super) fn new() -> Arc<Session> {
        Arc::default()
    }

    /// Wraps a reference that the machine has just made.
    pub(super) fn adopt(self: &Arc<Session>, raw: u64) -> ForeignRef {
        let epoch = self.epoch.load(Ordering::Acquire);
        ForeignRef(Arc::new(Owned { raw, epoch, session: self.clone() }))
    }

    /// The references dropped since the last call.
    pub(super) fn take_pending(&self) -> Vec<u64> {
        std::mem::take(&mut self.pending())
    }

    /// The machine was replaced: all references so far are void.
    pub(super) fn lost(&self) {
        let mut pending = self.pending();
        self.epoch.fetch_add(1, Ordering::AcqRel);
        pending.clear();
    }

    fn pending(&self) -> MutexGuard<'_, Vec<u64>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct Owned {
    raw: u64,
    epoch: u64,
    session: Arc<Session>,
}

impl Drop for Owned {
    fn drop(&mut self) {
        let mut pending = self.session.pending();
        if self.epoch == self.session.epoch.load(Ordering::Acquire) {
            pending.push(self.raw);
        }
    }
}

/// A reference to a value of the machine, released when the last clone is dropped (`ForeignRef`, `ForeignHValue`).
#[derive(Clone, Debug)]
pub struct ForeignRef(Arc<Owned>);

impl ForeignRef {
    /// The number that the machine of `session` knows it by (`withForeignRef`).
    pub(super) fn raw(&self, session: &Arc<Session>) -> Result<u64, Error> {
        if !Arc::ptr_eq(&self.0.session, session) {
            return Err(Error::ForeignInterp);
        }
        if self.0.epoch != session.epoch.load(Ordering::Acquire) {
            return Err(Error::Stale);
        }
        Ok(self.0.raw)
    }

    /// The number in the machine, for who puts it into a `ResolvedBCO`. It is good as long as this reference lives.
    pub fn as_remote_ref(&self) -> u64 {
        self.0.raw
    }
}
