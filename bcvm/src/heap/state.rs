//! The heap as everybody but the collector sees it: allocation, in the nursery and elsewhere.
//!
//! Two generations: the young one is the nursery plus the survivors of one collection (*aged*), the old one the
//! rest. The interpreter keeps the nursery's pointer in its own locals between [`Heap::open_nursery`] and
//! [`Heap::close_nursery`]; everybody else allocates while it is closed. No function here collects: one that
//! finds no room answers `None`, and who asked leaves to a safe point.
//!
//! Memory handed out is not cleared: it must be a closure before the next collection.

use super::block::{BLOCK, Blocks, Place};
use super::compact::Region;
use super::config::{Config, LARGE_BYTES, LARGE_W};
use super::large::{Large, PinnedBlock, align_object};
use super::nursery::Nursery;
use super::space::Space;
use crate::abi::host::Host;
use crate::gc::listed::Listed;
use crate::layout::closure::arr_words;
use crate::mem::Mem;
use crate::sanity;
use crate::word::{Addr, WORD, words_for};
use alloc::vec::Vec;
use core::ops::Range;

/// The Haskell heap of one machine.
#[derive(Debug)]
pub struct Heap {
    pub(crate) config: Config,
    /// Blocks that may be in use.
    pub(super) limit: u32,
    pub(crate) blocks: Blocks,
    pub(crate) nursery: Nursery,
    pub(crate) aged: Space,
    pub(crate) old: Space,
    pub(crate) large: Large,
    pub(crate) regions: Vec<Region>,
    /// See Note [The mutable list].
    pub(crate) remembered: Vec<Addr>,
    /// The weak pointers that haven't died.
    pub weaks: Listed,
    /// The threads that haven't ended.
    pub threads: Listed,
    /// Blocks of old space at which a major collection is due.
    pub(crate) major_at: u64,
    gc_wanted: bool,
    /// The request that could not be granted since the last collection.
    pub(crate) refused_w: Option<u32>,
    pub(crate) collections: u64,
    stress: sanity::Stress,
}

/// A point in time to go back to: see [`Heap::rollback`].
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    collections: u64,
    chunks: usize,
    hp: Addr,
    large: usize,
    remembered: usize,
}

impl Heap {
    /// A heap in `range` of at most `limit_bytes` bytes, nothing of it committed yet.
    pub fn new(range: Range<u32>, limit_bytes: u32) -> Heap {
        Heap::with_config(range, limit_bytes, Config::default())
    }

    /// The same with parts of other sizes.
    pub fn with_config(range: Range<u32>, limit_bytes: u32, config: Config) -> Heap {
        let limit = limit_bytes / BLOCK;
        let config = config.fit(limit);
        Heap {
            config,
            limit,
            blocks: Blocks::new(range),
            nursery: Nursery::default(),
            aged: Space::new(Place::AGED),
            old: Space::new(Place::OLD),
            large: Large::default(),
            regions: Vec::new(),
            remembered: Vec::new(),
            weaks: Listed::default(),
            threads: Listed::default(),
            major_at: config.min_old as u64,
            gc_wanted: false,
            refused_w: None,
            collections: 0,
            stress: sanity::Stress::new(config.gc_every_n_allocations),
        }
    }

    /// Opens the nursery: the next free address, and the end of what may be filled by bumping it.
    #[inline(always)]
    pub fn open_nursery(&mut self) -> (Addr, Addr) {
        let (hp, lim) = self.nursery.open();
        (hp, self.stress.limit(hp, lim))
    }

    /// The end of the nursery's current group, to which compiled code may fill it.
    pub fn nursery_end(&self) -> Addr {
        self.nursery.free_part().1
    }

    /// Where the nursery's current group begins and ends.
    pub fn nursery_range(&self) -> (Addr, Addr) {
        self.nursery.groups.last().map_or((Addr(0), Addr(0)), |group| (group.start, group.end))
    }

    /// Counts an allocation by compiled code, which found no room before the nursery's end was reached; whether that
    /// asks for a collection.
    pub fn count_compiled_allocation(&mut self) -> bool {
        self.stress.due()
    }

    /// Closes the nursery, which is filled up to `hp`.
    #[inline(always)]
    pub fn close_nursery(&mut self, hp: Addr) {
        self.nursery.close(hp);
    }

    /// Whether somebody keeps the nursery's pointer to himself.
    pub fn nursery_is_open(&self) -> bool {
        self.nursery.is_open()
    }

    /// Room for `words` words when an open nursery, filled up to `hp`, has it no more: the object, and what
    /// `open_nursery` would answer now. The nursery stays open also when the answer is `None`: the limit is
    /// reached, and what was allocated so far stands.
    #[cold]
    pub fn extend_nursery(&mut self, host: &mut dyn Host, hp: Addr, words: u32) -> Option<(Addr, Addr, Addr)> {
        self.nursery.advance(hp);
        let object = self.allocate_any(host, words)?;
        let (hp, lim) = self.nursery.free_part();
        Some((object, hp, self.stress.limit(hp, lim)))
    }

    /// Room for an object of `words` words; the nursery is closed. `None`: the limit is reached.
    pub fn allocate(&mut self, host: &mut dyn Host, words: u32) -> Option<Addr> {
        debug_assert!(!self.nursery.is_open(), "the interpreter has the nursery");
        self.allocate_any(host, words)
    }

    fn allocate_any(&mut self, host: &mut dyn Host, words: u32) -> Option<Addr> {
        if self.stress.due() {
            self.gc_wanted = true;
        }
        if words >= LARGE_W {
            return self.allocate_large(host, words);
        }
        if let Some(object) = self.nursery.bump(words) {
            return Some(object);
        }
        self.extend(host, words)?;
        self.nursery.bump(words)
    }

    /// Adds a group to the nursery: the main one, or a chunk that should not have been needed.
    fn extend(&mut self, host: &mut dyn Host, words: u32) -> Option<()> {
        let n = if self.nursery.groups.is_empty() {
            self.config.nursery
        } else {
            self.gc_wanted = true;
            self.config.chunk
        };
        if !self.reserve(host, n, 0) {
            return self.refuse(words);
        }
        match self.blocks.alloc_up_to(n, Place::NURSERY) {
            Some(group) => {
                self.nursery.add(group);
                Some(())
            }
            None => self.refuse(words),
        }
    }

    #[cold]
    pub(super) fn refuse<T>(&mut self, words: u32) -> Option<T> {
        self.gc_wanted = true;
        self.refused_w = Some(words);
        None
    }

    fn allocate_large(&mut self, host: &mut dyn Host, words: u32) -> Option<Addr> {
        let Some(bytes) = words.checked_mul(WORD) else {
            return self.refuse(words);
        };
        let Some(group) = self.contiguous(host, bytes.div_ceil(BLOCK), Place::NURSERY.large()) else {
            return self.refuse(words);
        };
        self.large.young.push(group.start);
        self.count_large(words);
        Some(group.start)
    }

    /// Large objects hasten the next collection as if they were in the nursery.
    fn count_large(&mut self, words: u32) {
        self.nursery.count(words);
        self.large.fresh_w += words as u64;
        if self.large.fresh_w * WORD as u64 >= self.config.nursery as u64 * BLOCK as u64 {
            self.gc_wanted = true;
        }
    }

    /// Room for an ARR_WORDS of `bytes` bytes of data that never moves; its data is aligned to `align` bytes, a
    /// power of two of at most a block (`allocatePinned`). `None`: the limit is reached.
    pub fn allocate_pinned(&mut self, host: &mut dyn Host, bytes: u32, align: u32) -> Option<Addr> {
        let words = arr_words::SIZE_W + words_for(bytes);
        let most = (words as u64 * WORD as u64) + align as u64;
        if most >= LARGE_BYTES as u64 {
            // What is refused is what a collection must make room for, alignment included.
            let asked = u32::try_from(most.div_ceil(WORD as u64)).unwrap_or(u32::MAX);
            let Ok(most) = u32::try_from(most) else {
                return self.refuse(asked);
            };
            let Some(group) = self.contiguous(host, most.div_ceil(BLOCK), Place::NURSERY.pinned()) else {
                return self.refuse(asked);
            };
            self.large.young.push(group.start);
            self.count_large(words);
            return align_object(group.start, arr_words::PAYLOAD, align);
        }
        let mut object = self.large.pinned.bump(words, arr_words::PAYLOAD, align);
        if object.is_none() {
            let Some(group) = self.contiguous(host, 1, Place::NURSERY.pinned()) else {
                return self.refuse(words);
            };
            self.large.young.push(group.start);
            self.large.pinned = PinnedBlock::new(group.start, group.end);
            object = self.large.pinned.bump(words, arr_words::PAYLOAD, align);
        }
        if object.is_some() {
            self.count_large(words);
        }
        object
    }

    /// Room for an object that is born old; not counted as allocated by the program. Its maker remembers it if
    /// it points to anything young: see Note [The mutable list].
    pub fn allocate_old(&mut self, host: &mut dyn Host, words: u32) -> Option<Addr> {
        if words >= LARGE_W {
            let Some(bytes) = words.checked_mul(WORD) else {
                return self.refuse(words);
            };
            let n = bytes.div_ceil(BLOCK);
            let Some(group) = self.contiguous(host, n, Place::OLD.large()) else {
                return self.refuse(words);
            };
            self.large.old.push(group.start);
            self.large.old_blocks += n;
            return Some(group.start);
        }
        if let Some(object) = self.old.bump(words) {
            return Some(object);
        }
        if !self.reserve(host, self.config.chunk, 0) {
            return self.refuse(words);
        }
        let Some(group) = self.blocks.alloc_up_to(self.config.chunk, Place::OLD) else {
            return self.refuse(words);
        };
        self.old.add(group);
        if self.old_blocks() > self.major_at {
            self.gc_wanted = true;
        }
        self.old.bump(words)
    }

    /// Notes what [`Heap::allocate_old`] has handed out so far.
    pub fn mark(&self) -> Mark {
        Mark {
            collections: self.collections,
            chunks: self.old.chunks.len(),
            hp: self.old.hp(),
            large: self.large.old.len(),
            remembered: self.remembered.len(),
        }
    }

    /// Takes back what [`Heap::allocate_old`] has handed out since `mark`; nothing may point there any more.
    /// After a collection this does nothing, because the objects have moved; then they are ordinary garbage.
    pub fn rollback(&mut self, mem: &mut Mem, mark: Mark) {
        if mark.collections != self.collections {
            return;
        }
        for chunk in self.old.truncate(mark.chunks, mark.hp) {
            self.blocks.free(mem, chunk.group);
        }
        for start in self.large.old.split_off(mark.large.min(self.large.old.len())) {
            if let Some(group) = self.blocks.group_at(start) {
                self.large.blocks -= group.blocks();
                self.large.old_blocks -= group.blocks();
                self.blocks.free(mem, group);
            }
        }
        let gone = self.remembered.split_off(mark.remembered.min(self.remembered.len()));
        let last = self.old.chunks.last().map(|c| c.group);
        for a in gone {
            let taken_back = last.is_some_and(|g| a >= mark.hp && a < g.end);
            if self.is_old(a) && !taken_back {
                self.remembered.push(a);
            }
        }
    }

    /// After a trap: nobody knows how far the nursery was filled, so its current group counts as full.
    pub fn retire_nursery(&mut self) {
        self.nursery.abandon();
    }

    /// Whether a collection is due at the next safe point.
    #[inline(always)]
    pub fn gc_wanted(&self) -> bool {
        self.gc_wanted
    }

    /// Asks for a collection at the next safe point, or takes that back.
    pub fn set_gc_wanted(&mut self, wanted: bool) {
        self.gc_wanted = wanted;
    }

    /// Words the program has allocated: the same on every target, however often was collected. While the
    /// nursery is open, what was allocated since is not in it.
    pub fn allocated_words(&self) -> u64 {
        self.nursery.allocated_w()
    }

    /// The same while the nursery is open and filled up to `hp`.
    pub fn allocated_words_at(&self, hp: Addr) -> u64 {
        let (counted, lim) = self.nursery.free_part();
        let fresh = if hp >= counted && hp <= lim { (hp.0 - counted.0) / WORD } else { 0 };
        self.nursery.allocated_w() + fresh as u64
    }

    /// Blocks of old space, large objects included.
    pub(crate) fn old_blocks(&self) -> u64 {
        self.old.bytes().div_ceil(BLOCK as u64) + self.large.old_blocks as u64
    }

    /// Bytes of blocks in use.
    pub fn used_bytes(&self) -> u64 {
        self.blocks.in_use() as u64 * BLOCK as u64
    }

    /// Bytes that the host has committed.
    pub fn committed_bytes(&self) -> u64 {
        self.blocks.committed() as u64 * BLOCK as u64
    }

    /// Whether `object` is of the old generation.
    #[inline(always)]
    pub fn is_old(&self, object: Addr) -> bool {
        self.blocks.place(object).kind() == Place::OLD
    }

    /// Whether `object` never moves: a large object, a pinned byte array, or outside the heap.
    pub fn is_pinned(&self, object: Addr) -> bool {
        let place = self.blocks.place(object);
        place.is_large() || place == Place::STATIC
    }

    /// What lives at `a`.
    #[inline(always)]
    pub fn place(&self, a: Addr) -> Place {
        self.blocks.place(a)
    }
}
