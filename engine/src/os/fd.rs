//! The table of descriptors: small numbers to open file descriptions, which several may share.
//!
//! Invariant: a description is kept exactly as long as some descriptor refers to it.

use std::collections::BTreeMap;

use rustix::io::Errno;

/// The most descriptors at a time; also in `process.rs` of `bcvm::libc::os`, where `sysconf` answers it.
pub(super) const MAX_FDS: i32 = 256;

#[derive(Debug, Clone, Copy)]
struct Slot {
    description: u64,
    close_on_exec: bool,
    /// It stays open whatever the program does.
    fixed: bool,
}

/// Descriptors to descriptions of type `D`.
#[derive(Debug)]
pub(super) struct FdTable<D> {
    slots: BTreeMap<i32, Slot>,
    descriptions: BTreeMap<u64, D>,
    next: u64,
}

impl<D> FdTable<D> {
    pub(super) fn new() -> FdTable<D> {
        FdTable { slots: BTreeMap::new(), descriptions: BTreeMap::new(), next: 0 }
    }

    /// The lowest number from `least` on that is free.
    fn free_from(&self, least: i32) -> Result<i32, Errno> {
        if !(0..MAX_FDS).contains(&least) {
            return Err(Errno::INVAL);
        }
        (least..MAX_FDS).find(|fd| !self.slots.contains_key(fd)).ok_or(Errno::MFILE)
    }

    /// Whether `n` more descriptors can be had: asked before something is opened that would have to be closed again.
    pub(super) fn has_room(&self, n: usize) -> Result<(), Errno> {
        if self.slots.len() + n <= MAX_FDS as usize { Ok(()) } else { Err(Errno::MFILE) }
    }

    /// Gives a new description the lowest free number.
    pub(super) fn insert(&mut self, description: D, close_on_exec: bool) -> Result<i32, Errno> {
        let fd = self.free_from(0)?;
        self.slots.insert(fd, Slot { description: self.next, close_on_exec, fixed: false });
        self.descriptions.insert(self.next, description);
        self.next += 1;
        Ok(fd)
    }

    /// Gives a new description a number that is free, for good.
    pub(super) fn insert_fixed(&mut self, fd: i32, description: D) -> Result<(), Errno> {
        if self.free_from(fd)? != fd {
            return Err(Errno::BUSY);
        }
        self.slots.insert(fd, Slot { description: self.next, close_on_exec: false, fixed: true });
        self.descriptions.insert(self.next, description);
        self.next += 1;
        Ok(())
    }

    pub(super) fn get(&self, fd: i32) -> Result<&D, Errno> {
        let slot = self.slots.get(&fd).ok_or(Errno::BADF)?;
        self.descriptions.get(&slot.description).ok_or(Errno::BADF)
    }

    pub(super) fn get_mut(&mut self, fd: i32) -> Result<&mut D, Errno> {
        let slot = self.slots.get(&fd).ok_or(Errno::BADF)?;
        self.descriptions.get_mut(&slot.description).ok_or(Errno::BADF)
    }

    /// Another descriptor, the lowest from `least` on, for the same description.
    pub(super) fn duplicate(&mut self, fd: i32, least: i32, close_on_exec: bool) -> Result<i32, Errno> {
        let slot = *self.slots.get(&fd).ok_or(Errno::BADF)?;
        let new = self.free_from(least)?;
        self.slots.insert(new, Slot { close_on_exec, fixed: false, ..slot });
        Ok(new)
    }

    /// Has `new` refer to what `fd` does, closing it first if it is open.
    pub(super) fn duplicate_to(&mut self, fd: i32, new: i32) -> Result<i32, Errno> {
        let slot = *self.slots.get(&fd).ok_or(Errno::BADF)?;
        if !(0..MAX_FDS).contains(&new) {
            return Err(Errno::BADF);
        }
        if fd != new {
            self.check_not_fixed(new)?;
            let old = self.slots.insert(new, Slot { close_on_exec: false, fixed: false, ..slot });
            self.forget(old);
        }
        Ok(new)
    }

    fn check_not_fixed(&self, fd: i32) -> Result<(), Errno> {
        if self.slots.get(&fd).is_some_and(|slot| slot.fixed) { Err(Errno::BUSY) } else { Ok(()) }
    }

    pub(super) fn close(&mut self, fd: i32) -> Result<(), Errno> {
        self.check_not_fixed(fd)?;
        let old = self.slots.remove(&fd);
        if old.is_none() {
            return Err(Errno::BADF);
        }
        self.forget(old);
        Ok(())
    }

    /// Drops the description of a slot that is gone, if it was the last.
    fn forget(&mut self, slot: Option<Slot>) {
        if let Some(Slot { description, .. }) = slot
            && self.slots.values().all(|other| other.description != description)
        {
            self.descriptions.remove(&description);
        }
    }

    pub(super) fn close_on_exec(&self, fd: i32) -> Result<bool, Errno> {
        self.slots.get(&fd).map(|slot| slot.close_on_exec).ok_or(Errno::BADF)
    }

    pub(super) fn set_close_on_exec(&mut self, fd: i32, close_on_exec: bool) -> Result<(), Errno> {
        self.slots.get_mut(&fd).ok_or(Errno::BADF)?.close_on_exec = close_on_exec;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
