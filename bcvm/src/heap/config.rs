//! Sizes of the heap's parts. All are in blocks; the defaults suit programs, tests choose tiny ones.

use super::block::BLOCK;

/// Words from which an object is large (`LARGE_OBJECT_THRESHOLD`): eight tenths of a block.
pub const LARGE_W: u32 = BLOCK * 8 / 10 / crate::word::WORD;
/// The same in bytes.
pub const LARGE_BYTES: u32 = LARGE_W * crate::word::WORD;

/// Sizes of the heap's parts.
#[derive(Clone, Copy, Debug, bincode::Encode, bincode::Decode)]
pub struct Config {
    /// Blocks of the nursery's main group.
    pub nursery: u32,
    /// Blocks of a chunk, by which the nursery is extended and survivors' spaces grow; at least 2.
    pub chunk: u32,
    /// Blocks of old space (large objects counted) below which no major collection is due.
    pub min_old: u32,
    /// Ask for a collection at every so-manieth allocation; 0 for never. Only the sanity build obeys.
    pub gc_every_n_allocations: u32,
}

impl Default for Config {
    fn default() -> Config {
        Config { nursery: 512, chunk: 16, min_old: 4096, gc_every_n_allocations: 0 }
    }
}

impl Config {
    /// The same, made to fit a heap of `limit` blocks: a nursery takes no more than a sixteenth of it.
    pub(super) fn fit(self, limit: u32) -> Config {
        Config { nursery: self.nursery.min(limit / 16).max(2), chunk: self.chunk.min(limit / 64).max(2), ..self }
    }
}
