//! Blocks of 4 KiB: who owns each, and which are free.
//!
//! Invariant: a block is in exactly one of three states: uncommitted (inaccessible), free, or part of a group,
//! and `places` says FREE for all but the last. Groups are runs of contiguous blocks; the table keeps a group's
//! length at its first block. What may be allocated is `budget`'s matter; this file only knows the range and
//! what the host commits.

use super::ranges::Ranges;
use crate::abi::PAGE;
use crate::abi::host::Host;
use crate::mem::Mem;
use crate::sanity;
use crate::word::Addr;
use alloc::vec::Vec;
use core::ops::Range;

/// Bytes of a block (`BLOCK_SIZE`).
pub const BLOCK: u32 = 4096;
const SHIFT: u32 = BLOCK.trailing_zeros();
/// Blocks that the host commits at a time at least, and the alignment of what it commits.
pub const COMMIT_BLOCKS: u32 = PAGE / BLOCK;
const UNIT: u32 = COMMIT_BLOCKS;
/// Blocks by which committed memory grows.
const STEP: u32 = 0x10_0000 / BLOCK;

/// What lives in a block: a kind and flags in one byte, because the collector asks for every pointer it sees.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Place(u8);

impl Place {
    /// Nothing, or not committed.
    pub const FREE: Place = Place(0);
    /// Objects made since the last collection.
    pub const NURSERY: Place = Place(1);
    /// Survivors of one collection.
    pub const AGED: Place = Place(2);
    /// The old generation.
    pub const OLD: Place = Place(3);
    /// Not in the heap at all: static closures, which are neither moved nor scanned.
    pub const STATIC: Place = Place(0x40);
    const KIND: u8 = 3;
    const LARGE: u8 = 0x04;
    const PINNED: u8 = 0x08;
    const INNER: u8 = 0x10;
    const COMPACT: u8 = 0x20;
    const FROM: u8 = 0x80;

    /// This kind, for a large object.
    pub const fn large(self) -> Place {
        Place(self.0 | Place::LARGE)
    }

    /// This kind, for pinned byte arrays.
    pub const fn pinned(self) -> Place {
        Place(self.0 | Place::LARGE | Place::PINNED)
    }

    /// This kind, for a compact region.
    pub const fn compact(self) -> Place {
        Place(self.0 | Place::LARGE | Place::PINNED | Place::COMPACT)
    }

    /// Of another kind, with the same flags but FROM.
    pub const fn moved_to(self, kind: Place) -> Place {
        Place(self.0 & !(Place::KIND | Place::FROM) | kind.0)
    }

    /// The same, to be emptied by the collection going on.
    pub const fn from_space(self) -> Place {
        Place(self.0 | Place::FROM)
    }

    /// Without flags.
    pub const fn kind(self) -> Place {
        Place(self.0 & (Place::KIND | Place::STATIC.0))
    }

    /// Whether objects here are to be moved or marked by the collection going on.
    #[inline(always)]
    pub const fn is_from(self) -> bool {
        self.0 & Place::FROM != 0
    }

    /// Whether a pointer here from the old generation must be remembered.
    #[inline(always)]
    pub const fn is_young(self) -> bool {
        matches!(self.0 & Place::KIND, 1 | 2)
    }

    /// Whether objects here stay where they are.
    #[inline(always)]
    pub const fn is_large(self) -> bool {
        self.0 & Place::LARGE != 0
    }

    /// Whether the block holds pinned byte arrays.
    pub const fn is_pinned(self) -> bool {
        self.0 & Place::PINNED != 0
    }

    /// Whether the block is one of a compact region.
    pub const fn is_compact(self) -> bool {
        self.0 & Place::COMPACT != 0
    }

    /// Whether this is a later block of a large object, where no object begins.
    pub const fn is_inner(self) -> bool {
        self.0 & Place::INNER != 0
    }
}

impl core::fmt::Debug for Place {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let kind = match self.kind() {
            Place::NURSERY => "nursery",
            Place::AGED => "aged",
            Place::OLD => "old",
            Place::STATIC => "static",
            _ => "free",
        };
        f.write_str(kind)?;
        for (flag, name) in
            [(Place::LARGE, " large"), (Place::PINNED, " pinned"), (Place::COMPACT, " compact"), (Place::FROM, " from")]
        {
            if self.0 & flag != 0 {
                f.write_str(name)?;
            }
        }
        Ok(())
    }
}

/// A run of blocks in use.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Where it begins.
    pub start: Addr,
    /// Where it ends.
    pub end: Addr,
}

impl Group {
    /// Number of blocks.
    pub const fn blocks(self) -> u32 {
        (self.end.0 - self.start.0) / BLOCK
    }
}

/// The block allocator.
#[derive(Debug)]
pub struct Blocks {
    base: u32,
    places: Vec<Place>,
    lengths: Vec<u32>,
    free: Ranges,
    uncommitted: Ranges,
    committed: u32,
    in_use: u32,
}

impl Blocks {
    /// No block committed yet of those in `range`, which is narrowed to what the host can commit.
    pub fn new(range: Range<u32>) -> Blocks {
        let base = range.start.next_multiple_of(PAGE);
        let end = range.end / PAGE * PAGE;
        let mut uncommitted = Ranges::default();
        uncommitted.insert(0, end.saturating_sub(base) / BLOCK);
        Blocks {
            base,
            places: Vec::new(),
            lengths: Vec::new(),
            free: Ranges::default(),
            uncommitted,
            committed: 0,
            in_use: 0,
        }
    }

    /// What lives at `a`.
    #[inline(always)]
    pub fn place(&self, a: Addr) -> Place {
        match self.places.get((a.0.wrapping_sub(self.base) >> SHIFT) as usize) {
            Some(p) => *p,
            None => Place::STATIC,
        }
    }

    /// Blocks that the host has committed.
    pub fn committed(&self) -> u32 {
        self.committed
    }

    /// Blocks that belong to a group.
    pub fn in_use(&self) -> u32 {
        self.in_use
    }

    fn index(&self, a: Addr) -> u32 {
        a.0.wrapping_sub(self.base) >> SHIFT
    }

    fn addr(&self, block: u32) -> Addr {
        Addr(self.base + (block << SHIFT))
    }

    /// The group that begins at the block of `a`, if one does.
    pub fn group_at(&self, a: Addr) -> Option<Group> {
        let block = self.index(a);
        let n = *self.lengths.get(block as usize)?;
        (n != 0).then(|| Group { start: self.addr(block), end: self.addr(block + n) })
    }

    /// The group of a compact region that `a` lies in, at whatever block of it.
    pub fn compact_group_of(&self, a: Addr) -> Option<Group> {
        let mut block = self.index(a) as usize;
        while self.places.get(block)?.is_compact() && self.lengths[block] == 0 {
            block = block.checked_sub(1)?;
        }
        self.group_at(self.addr(block as u32))
    }

    /// A group of `n` blocks out of committed memory, all of them `place`.
    pub fn alloc(&mut self, n: u32, place: Place) -> Option<Group> {
        let block = self.free.take(n)?;
        self.in_use += n;
        self.lengths[block as usize] = n;
        let end = block + n;
        self.places[block as usize..end as usize].fill(place);
        // In a compact region objects begin in every block.
        if place.is_large() && !place.is_compact() {
            self.places[block as usize + 1..end as usize].fill(Place(place.0 | Place::INNER));
        }
        Some(Group { start: self.addr(block), end: self.addr(end) })
    }

    /// A group of up to `n` blocks: fewer where no run is as long.
    pub fn alloc_up_to(&mut self, n: u32, place: Place) -> Option<Group> {
        let mut n = n;
        while n > 0 {
            if let Some(g) = self.alloc(n, place) {
                return Some(g);
            }
            n /= 2;
        }
        None
    }

    /// Frees the group.
    pub fn free(&mut self, mem: &mut Mem, g: Group) {
        sanity::poison(mem, g.start, g.end);
        let (block, n) = (self.index(g.start), g.blocks());
        self.lengths[block as usize] = 0;
        self.places[block as usize..(block + n) as usize].fill(Place::FREE);
        self.free.insert(block, n);
        self.in_use -= n;
    }

    /// Marks every block of the group as one that the collection going on empties.
    pub fn set_from(&mut self, g: Group) {
        let (block, n) = (self.index(g.start) as usize, g.blocks() as usize);
        for p in &mut self.places[block..block + n] {
            *p = p.from_space();
        }
    }

    /// Changes what a whole group is.
    pub fn set_place(&mut self, g: Group, place: Place) {
        let (block, n) = (self.index(g.start) as usize, g.blocks() as usize);
        self.places[block..block + n].fill(place);
    }

    /// Marks or changes the block where a large object begins; the others are never looked at.
    pub fn set_head(&mut self, a: Addr, f: impl FnOnce(Place) -> Place) {
        let block = self.index(a) as usize;
        if let Some(p) = self.places.get_mut(block) {
            *p = f(*p);
        }
    }

    /// Commits until `wanted` blocks are, without going beyond `limit`; false when the host or the range refuses.
    pub fn commit(&mut self, host: &mut dyn Host, wanted: u32, limit: u32) -> bool {
        while self.committed < wanted {
            let room = limit.saturating_sub(self.committed);
            let step = STEP.max((wanted - self.committed).next_multiple_of(UNIT)).min(room / UNIT * UNIT);
            if step == 0 || !self.commit_run(host, step) {
                return false;
            }
        }
        true
    }

    /// Commits a run that, alone, holds `n` contiguous blocks; false when the host, the range or `limit` refuses.
    pub fn commit_contiguous(&mut self, host: &mut dyn Host, n: u32, limit: u32) -> bool {
        let Some(n) = n.checked_next_multiple_of(UNIT) else {
            return false;
        };
        self.committed.checked_add(n).is_some_and(|total| total <= limit)
            && self.uncommitted.iter().any(|(_, len)| len >= n)
            && self.commit_run(host, n)
    }

    /// Whether so many contiguous blocks are free.
    pub fn has_run(&self, n: u32) -> bool {
        self.free.iter().any(|(_, len)| len >= n)
    }

    /// Commits `n` blocks, a multiple of the unit, in one run, or fewer when the range has no such run.
    fn commit_run(&mut self, host: &mut dyn Host, n: u32) -> bool {
        let mut n = n;
        let block = loop {
            if n < UNIT {
                return false;
            }
            match self.uncommitted.take(n) {
                Some(block) => break block,
                None => n = (n / 2).next_multiple_of(UNIT).min(n - UNIT),
            }
        };
        if !host.commit(self.addr(block).0, n << SHIFT) {
            self.uncommitted.insert(block, n);
            return false;
        }
        let end = (block + n) as usize;
        if self.places.len() < end {
            self.places.resize(end, Place::FREE);
            self.lengths.resize(end, 0);
        }
        self.free.insert(block, n);
        self.committed += n;
        true
    }

    /// Gives free runs back to the host, the highest first, while at least `keep` blocks stay committed.
    pub fn trim(&mut self, host: &mut dyn Host, keep: u32) {
        // Only runs of a step or more: giving back small ones would cost more calls than it frees memory.
        let runs: Vec<(u32, u32)> = self.free.iter().rev().filter(|(_, n)| *n >= STEP).collect();
        for (start, len) in runs {
            let spare = self.committed.saturating_sub(keep);
            let end = (start + len) / UNIT * UNIT;
            let begin = start.next_multiple_of(UNIT).max(end.saturating_sub(spare / UNIT * UNIT));
            if begin >= end {
                continue;
            }
            let n = end - begin;
            if self.free.take_at(begin, n) {
                host.decommit(self.addr(begin).0, n << SHIFT);
                self.uncommitted.insert(begin, n);
                self.committed -= n;
            }
        }
    }

    /// Whether the block of `a` is committed and free; for tests and the sanity checks.
    pub fn is_free(&self, a: Addr) -> bool {
        self.free.contains(self.index(a))
    }
}

#[cfg(test)]
mod tests;
