//! Compact regions: blocks whose objects never move, live and die together, and point to nothing but each other and
//! static closures. So the collector marks a region whole when it meets a pointer into it, and never looks inside.
//!
//! Regions are of the old generation from the start. What is put into them, and that it is complete, is
//! `primop::compact`'s business (`rts/sm/CNF.c`).

use super::block::{BLOCK, Blocks, Group, Place};
use super::space::Chunk;
use super::state::Heap;
use crate::abi::host::Host;
use crate::layout::closure::compact::{BLOCK_HEADER, SIZE_W};
use crate::mem::Mem;
use crate::word::{Addr, WORD};
use alloc::vec::Vec;

/// What the blocks of compact regions are.
pub const COMPACT: Place = Place::OLD.compact();

/// A compact region.
#[derive(Debug)]
pub struct Region {
    /// The last one is being filled. Each begins with a block header, the first with the COMPACT_NFDATA closure after it.
    chunks: Vec<Chunk>,
    /// Blocks by which the region grows.
    grow_by: u32,
}

/// A point in a region to go back to.
#[derive(Clone, Copy, Debug)]
pub struct Filled {
    chunks: usize,
    free: Addr,
}

impl Region {
    /// Bytes of all its blocks.
    pub fn bytes(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.group.blocks() as u64 * BLOCK as u64).sum()
    }

    /// How far it is filled.
    pub fn filled(&self) -> Filled {
        Filled { chunks: self.chunks.len(), free: self.chunks.last().map_or(Addr::NULL, |chunk| chunk.free) }
    }

    fn contains(&self, a: Addr) -> bool {
        self.chunks.iter().any(|chunk| chunk.group.start <= a && a < chunk.group.end)
    }

    fn bump(&mut self, words: u32) -> Option<Addr> {
        let chunk = self.chunks.last_mut()?;
        let at = chunk.free;
        let end = at.0.checked_add(words.checked_mul(WORD)?)?;
        (end <= chunk.group.end.0).then(|| {
            chunk.free = Addr(end);
            at
        })
    }

    /// Declares it to be emptied by the collection that begins.
    pub fn set_from(&self, blocks: &mut Blocks) {
        self.chunks.iter().for_each(|chunk| blocks.set_from(chunk.group));
    }

    /// Whether nobody has marked it.
    pub fn is_from(&self, blocks: &Blocks) -> bool {
        self.chunks.first().is_some_and(|chunk| blocks.place(chunk.group.start).is_from())
    }

    /// Its blocks.
    pub fn groups(&self) -> impl Iterator<Item = Group> {
        self.chunks.iter().map(|chunk| chunk.group)
    }
}

impl Heap {
    /// A new region of at least `bytes` bytes for objects; where its COMPACT_NFDATA closure is to be written. `None`: the
    /// limit is reached.
    pub fn new_region(&mut self, host: &mut dyn Host, bytes: u32) -> Option<Addr> {
        let all = bytes.checked_add(BLOCK_HEADER + SIZE_W * WORD)?;
        let n = all.div_ceil(BLOCK);
        let mut region = Region { chunks: Vec::new(), grow_by: n };
        self.add_chunk(host, &mut region, n)?;
        let closure = region.bump(SIZE_W);
        self.regions.push(region);
        closure
    }

    fn add_chunk(&mut self, host: &mut dyn Host, region: &mut Region, n: u32) -> Option<()> {
        let Some(group) = self.contiguous(host, n, COMPACT) else {
            return self.refuse(n.saturating_mul(BLOCK / WORD));
        };
        self.large.old_blocks += n;
        region.chunks.push(Chunk { group, free: group.start + BLOCK_HEADER });
        if self.old_blocks() > self.major_at {
            self.set_gc_wanted(true);
        }
        Some(())
    }

    /// The number of the region that `a` lies in. It holds until the next collection.
    pub fn region_of(&self, a: Addr) -> Option<usize> {
        if !self.blocks.place(a).is_compact() {
            return None;
        }
        self.regions.iter().position(|region| region.contains(a))
    }

    /// Room for `words` words in region `number`, which grows if need be. `None`: the limit is reached.
    pub fn allocate_in_region(&mut self, host: &mut dyn Host, number: usize, words: u32) -> Option<Addr> {
        if let Some(at) = self.regions[number].bump(words) {
            return Some(at);
        }
        let bytes = words.checked_mul(WORD)?.checked_add(BLOCK_HEADER)?;
        let n = bytes.div_ceil(BLOCK).max(self.regions[number].grow_by);
        let mut region = core::mem::replace(&mut self.regions[number], Region { chunks: Vec::new(), grow_by: 0 });
        let grown = self.add_chunk(host, &mut region, n);
        let at = grown.and_then(|()| region.bump(words));
        self.regions[number] = region;
        at
    }

    /// Region `number` grows by blocks of so many bytes from now on.
    pub fn grow_region_by(&mut self, number: usize, bytes: u32) {
        self.regions[number].grow_by = bytes.saturating_add(BLOCK_HEADER).div_ceil(BLOCK);
    }

    /// Takes back what was put into region `number` since it was filled so far; nothing points there any more.
    pub fn unfill_region(&mut self, mem: &mut Mem, number: usize, before: Filled) {
        for chunk in self.regions[number].chunks.split_off(before.chunks) {
            self.large.old_blocks -= chunk.group.blocks();
            self.large.blocks -= chunk.group.blocks();
            self.blocks.free(mem, chunk.group);
        }
        if let Some(last) = self.regions[number].chunks.last_mut() {
            last.free = before.free;
        }
    }

    /// Marks the region that `a` lies in as one that lives; false if it lies in none.
    pub(crate) fn mark_region(&mut self, a: Addr) -> bool {
        let Some(region) = self.regions.iter().find(|region| region.contains(a)) else { return false };
        for group in region.groups() {
            self.blocks.set_place(group, COMPACT);
            self.large.old_blocks += group.blocks();
        }
        true
    }

    /// Frees the regions that a major collection has not marked.
    pub(crate) fn free_dead_regions(&mut self, mem: &mut Mem) {
        let (dead, alive) =
            core::mem::take(&mut self.regions).into_iter().partition(|region| region.is_from(&self.blocks));
        self.regions = alive;
        let dead: Vec<Region> = dead;
        for group in dead.iter().flat_map(Region::groups) {
            self.large.blocks -= group.blocks();
            self.blocks.free(mem, group);
        }
    }
}
