//! GHC's own locks on files (`rts/FileLock.c`): within one program a file has many readers or one writer.
//!
//! They keep Haskell programs from opening a file twice by mistake, and nobody else from anything.

use super::table::functions;
use alloc::collections::BTreeMap;

/// A file: device and inode.
type File = (u64, u64);

/// Who may use a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holders {
    Readers(u32),
    Writer,
}

/// The locks of one program.
#[derive(Debug, Default)]
pub struct FileLocks {
    held: BTreeMap<File, Holders>,
    /// The file that each lock is on, by the lock's number: a file descriptor, mostly.
    by_id: BTreeMap<u64, File>,
}

impl FileLocks {
    /// Takes lock number `id` on `file`; false if others' locks forbid it (`lockFile`).
    pub fn lock(&mut self, id: u64, file: File, for_writing: bool) -> bool {
        // A number still in use is that of a descriptor that was closed behind Haskell's back: its lock went with it.
        self.unlock(id);
        let holders = match (self.held.get(&file), for_writing) {
            (None, true) => Holders::Writer,
            (None, false) => Holders::Readers(1),
            (Some(Holders::Readers(n)), false) => Holders::Readers(n.saturating_add(1)),
            (Some(_), _) => return false,
        };
        self.held.insert(file, holders);
        self.by_id.insert(id, file);
        true
    }

    /// Gives lock number `id` back; false if there is none (`unlockFile`).
    pub fn unlock(&mut self, id: u64) -> bool {
        let Some(file) = self.by_id.remove(&id) else { return false };
        match self.held.get_mut(&file) {
            Some(Holders::Readers(n)) if *n > 1 => *n -= 1,
            _ => {
                self.held.remove(&file);
            }
        }
        true
    }
}

functions! {
    "lockFile" "nnnn" b'n' = |m, [id, device, inode, for_writing, ..]| {
        let locked = m.c.locks.lock(id, (device, inode), for_writing as u32 != 0);
        if locked { 0 } else { -1i64 as u64 }
    };
    "unlockFile" "n" b'n' = |m, [id, ..]| !m.c.locks.unlock(id) as u64;
}

#[cfg(test)]
mod tests {
    use super::FileLocks;

    #[test]
    fn a_file_has_many_readers_or_one_writer() {
        let mut locks = FileLocks::default();
        assert!(locks.lock(1, (7, 7), false) && locks.lock(2, (7, 7), false));
        assert!(!locks.lock(3, (7, 7), true), "it is being read");
        assert!(locks.unlock(1) && locks.unlock(2) && !locks.unlock(2));
        assert!(locks.lock(3, (7, 7), true));
        assert!(!locks.lock(4, (7, 7), false) && !locks.lock(4, (7, 7), true), "it is being written");
        assert!(locks.lock(4, (7, 8), true), "another file");
    }

    #[test]
    fn a_number_used_again_gives_its_old_lock_back() {
        let mut locks = FileLocks::default();
        assert!(locks.lock(5, (1, 1), true) && locks.lock(5, (1, 2), true));
        assert!(locks.lock(6, (1, 1), true));
    }
}
