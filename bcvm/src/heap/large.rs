//! Large objects and pinned byte arrays: groups of their own that are marked instead of copied.
//!
//! Invariant: each group is on exactly one list, that of its generation, by the address of its first block. A
//! pinned block holds several byte arrays and lives as long as any of them, as in GHC (`allocatePinned`).

use crate::word::{Addr, WORD};
use alloc::vec::Vec;

/// The pinned block being filled.
#[derive(Clone, Copy, Debug, Default)]
pub struct PinnedBlock {
    hp: Addr,
    lim: Addr,
}

impl PinnedBlock {
    /// Fills a fresh block from now on.
    pub fn new(hp: Addr, lim: Addr) -> PinnedBlock {
        PinnedBlock { hp, lim }
    }

    /// Room for an object of `words` words whose byte number `header` is aligned to `align`.
    pub fn bump(&mut self, words: u32, header: u32, align: u32) -> Option<Addr> {
        let at = align_object(self.hp, header, align)?;
        let end = at.0.checked_add(words.checked_mul(WORD)?)?;
        if end > self.lim.0 {
            return None;
        }
        self.hp = Addr(end);
        Some(at)
    }
}

/// The first object address from `from` on whose byte number `header` is aligned to `align`, a power of two.
pub fn align_object(from: Addr, header: u32, align: u32) -> Option<Addr> {
    let data = from.0.checked_add(header)?.checked_next_multiple_of(align.max(WORD))?;
    Some(Addr(data - header))
}

/// The lists of large objects.
#[derive(Debug, Default)]
pub struct Large {
    /// Groups of the young generation.
    pub young: Vec<Addr>,
    /// Groups of the old generation.
    pub old: Vec<Addr>,
    /// Blocks of both.
    pub blocks: u32,
    /// Blocks of the old ones.
    pub old_blocks: u32,
    /// Words allocated as large objects since the last collection.
    pub fresh_w: u64,
    /// Where small pinned byte arrays go.
    pub pinned: PinnedBlock,
}
