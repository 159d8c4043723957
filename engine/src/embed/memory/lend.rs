//! Guest memory lent to native libraries: it is not closed while they use it, and not locked either.

use bcvm::abi;

use super::{GuestMemory, Mapping, MemoryError, RESERVED_BYTES};
use crate::native;

/// Guest memory that stays open for as long as this lives.
pub(in crate::embed) struct Lent<'a> {
    memory: &'a GuestMemory,
}

impl GuestMemory {
    /// Lends it, unless it is closed.
    pub(in crate::embed) fn lend(&self) -> Result<Lent<'_>, MemoryError> {
        let mut state = self.0.lock();
        if state.closed {
            return Err(MemoryError::Closed);
        }
        state.lent += 1;
        Ok(Lent { memory: self })
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.memory.0.lock().lent -= 1;
    }
}

impl Mapping {
    /// Whether these bytes can be read, and written if that is wanted.
    fn is_within_reach(&self, addr: u32, len: u64, to_write: bool) -> bool {
        let end = u64::from(addr).saturating_add(len);
        if end > RESERVED_BYTES {
            return false;
        }
        let state = self.lock();
        let pages = addr / abi::PAGE..end.div_ceil(u64::from(abi::PAGE)) as u32;
        // It is in bounds, so the length fits but for that of all memory, which is never there.
        let is_there = len == 0 || state.pages.contains_all(pages);
        is_there && !(to_write && state.is_constant(addr, len as u32))
    }
}

impl native::Lent for Lent<'_> {
    fn host_address(&self, addr: u32, len: u64, to_write: bool) -> Option<usize> {
        let mapping = self.memory.mapping();
        mapping.is_within_reach(addr, len, to_write).then(|| mapping.at(addr) as usize)
    }

    fn guest_address(&self, host: usize) -> Option<u32> {
        host.checked_sub(self.memory.mapping().at(0) as usize).and_then(|offset| u32::try_from(offset).ok())
    }

    fn read(&self, addr: u32, len: u32) -> Option<Vec<u8>> {
        self.memory.read(addr, len).ok()
    }
}
