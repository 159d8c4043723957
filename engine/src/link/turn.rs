//! [`Turn`]: those that share a cache compile packages one after the other, so that the next finds what one has made.
//!
//! Compiling uses all processors anyway, and a machine that has just been set up often starts several servers at once.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The file that is locked, in the cache.
const LOCK: &str = "compiling.lock";
/// How long to wait at most: one that is stopped in the midst of it must not stop the others.
const PATIENCE: Duration = Duration::from_secs(300);
/// Between two looks at the lock.
const PAUSE: Duration = Duration::from_millis(20);

/// A place in the queue of a cache. Whoever has it has the lock.
#[derive(Debug, Default)]
pub(super) struct Turn(Mutex<Option<File>>);

impl Turn {
    /// Waits until nobody else compiles. True if that is news: others may have left what is wanted. Without a lock,
    /// because the cache cannot be written or the wait was too long, everybody compiles for himself.
    pub(super) fn take(&self, cache: &Path) -> bool {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_some() {
            return false;
        }
        let options = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(cache.join(LOCK));
        let Ok(lock) = options else { return false };
        let deadline = Instant::now() + PATIENCE;
        while lock.try_lock().is_err() {
            if Instant::now() > deadline {
                return true;
            }
            std::thread::sleep(PAUSE);
        }
        *held = Some(lock);
        true
    }

    /// Lets the next one compile.
    pub(super) fn give_back(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn the_next_waits_until_the_turn_is_given_back() {
        let cache = tempfile::tempdir().unwrap();
        let (first, second) = (Turn::default(), Turn::default());
        let done = AtomicBool::new(false);
        assert!(first.take(cache.path()));
        assert!(!first.take(cache.path()));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                assert!(second.take(cache.path()));
                assert!(done.load(Ordering::SeqCst));
            });
            std::thread::sleep(3 * PAUSE);
            done.store(true, Ordering::SeqCst);
            first.give_back();
            waiting.join().unwrap();
        });
    }

    #[test]
    fn without_a_cache_nobody_waits() {
        assert!(!Turn::default().take(Path::new("/nonexistent")));
    }
}
