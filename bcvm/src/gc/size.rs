//! Sizes of closures nobody vouches for.
//!
//! Layouts and sizes are `layout::closure`'s; here are the bounds that a hostile closure must keep, so that no
//! loop over its words is longer than memory.

use crate::heap::block::Blocks;
use crate::heap::config::LARGE_W;
use crate::layout::ClosureType;
use crate::layout::closure;
use crate::layout::info_table::InfoTable;
use crate::mem::Mem;
use crate::word::{Addr, WORD};

/// Fields of TREC_CHUNK (`StgTRecChunk`, non-threaded).
pub mod trec_chunk {
    /// The previous chunk.
    pub const PREV: u32 = 8;
    /// Entries in use.
    pub const NEXT_ENTRY: u32 = 16;
    /// The entries.
    pub const ENTRIES: u32 = 24;
    /// Words of an entry: TVar, expected value, new value, all pointers.
    pub const ENTRY_W: u32 = 3;
    /// Number of entries.
    pub const ENTRY_COUNT: u32 = 16;
    /// Words of the object.
    pub const SIZE_W: u32 = ENTRIES / crate::word::WORD + ENTRY_COUNT * ENTRY_W;
}

/// Words of the closure at `c`; none if its info table describes no heap closure or a preposterous one.
pub fn size_w(mem: &Mem, c: Addr) -> Option<u32> {
    /// No constructor or function has as many fields; sums below can't overflow.
    const FIELDS: u32 = 1 << 24;
    let info = InfoTable::at(mem, mem.info(c));
    if info.closure_type() == ClosureType::TREC_CHUNK {
        return Some(trec_chunk::SIZE_W);
    }
    if info.ptrs() >= FIELDS || info.nptrs() >= FIELDS {
        return None;
    }
    closure::size_w(mem, c)
}

/// Words of the closure at `c`, which lies in the heap; none if it doesn't fit where it lies.
pub fn size_in_place(mem: &Mem, blocks: &Blocks, c: Addr) -> Option<u32> {
    let words = size_w(mem, c)?;
    let place = blocks.place(c);
    if !place.is_large() {
        return (words < LARGE_W).then_some(words);
    }
    let group = if place.is_compact() { blocks.compact_group_of(c) } else { blocks.group_at(c) }?;
    (words as u64 * WORD as u64 <= (group.end.0 - c.0) as u64).then_some(words)
}
