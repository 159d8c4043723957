//! A collection from start to end: what is emptied, the order of the phases, when to collect how much.
//
// Note [Hostile heaps]
// ~~~~~~~~~~~~~~~~~~~~
// Byte code and compiled code can write anything anywhere in guest memory, so the collector may meet garbage. It
// answers for two things: it ends, and it doesn't leave its own tables. Every loop is bounded by the size of
// something that was checked against the block table (not against the heap's own words), and the first thing
// found wrong is kept in `corrupt`, after which the collection stops: no chain of indirections is followed again,
// nothing more is scanned. A bad load or store
// itself is `mem`'s matter. What is left of such a heap is of no use: the caller builds a new one.

use super::roots::{Roots, Visitor};
use super::size;
use super::stats::{Corrupt, Kind, Stats};
use crate::abi::host::Host;
use crate::heap::Heap;
use crate::heap::block::{BLOCK, Group, Place};
use crate::heap::large::PinnedBlock;
use crate::heap::space::{Chunk, Cursor};
use crate::layout::ClosureType::*;
use crate::layout::info_table::InfoTable;
use crate::mem::Mem;
use crate::sanity;
use crate::word::{Addr, ClosurePtr, WORD};
use alloc::vec::Vec;
use core::cell::Cell;

/// Old space may grow to this many times what was live after the last major collection (GHC's `-F`).
const GROWTH: u64 = 2;

/// The state of a collection going on.
pub(super) struct Collector<'a> {
    pub heap: &'a mut Heap,
    pub mem: &'a mut Mem,
    pub host: &'a mut dyn Host,
    /// Send what is evacuated to the old generation: see Note [Promotion].
    pub promote: bool,
    /// Something evacuated since this was cleared is young.
    pub young_seen: bool,
    /// Large objects that were marked and not scanned yet.
    pub large_todo: Vec<Addr>,
    /// Words copied so far.
    pub copied_w: u64,
    /// See Note [Hostile heaps].
    pub corrupt: Cell<Option<Corrupt>>,
    aged_scan: Cursor,
    old_scan: Cursor,
}

/// What a collection empties.
struct From {
    chunks: Vec<Chunk>,
    large: Vec<Addr>,
}

/// Collects garbage: moves what `roots` reach, and answers what happened. May GC: every pointer that isn't
/// shown by `roots` is dead afterwards. The nursery is closed, and every thread but the garbage has its stack
/// pointer saved and the thunks of its update frames blackholed.
pub fn collect(heap: &mut Heap, mem: &mut Mem, host: &mut dyn Host, roots: &mut dyn Roots, kind: Kind) -> Stats {
    debug_assert!(!heap.nursery_is_open(), "the interpreter has the nursery");
    let major = match kind {
        Kind::Minor => false,
        Kind::Major => true,
        Kind::Auto => heap.refused_w.is_some() || heap.old_blocks() > heap.major_at,
    };
    let mut stats = Stats { major, ..Stats::default() };
    if let Err(corrupt) = sanity::check_heap(heap, mem, roots) {
        stats.corrupt = Some(corrupt);
        return stats;
    }

    let from = begin(heap, major);
    let mut weaks = heap.weaks.take(major);
    let mut threads = heap.threads.take(major);
    let (aged_scan, old_scan) = (Cursor::at_end(&heap.aged), Cursor::at_end(&heap.old));
    let mut c = Collector {
        heap,
        mem,
        host,
        promote: false,
        young_seen: false,
        large_todo: Vec::new(),
        copied_w: 0,
        corrupt: Cell::new(None),
        aged_scan,
        old_scan,
    };
    if major {
        c.heap.remembered.clear();
        roots.stable().visit(&mut c);
    } else {
        c.scavenge_remembered();
        roots.stable().visit_young(&mut c);
    }
    roots.visit(&mut c);
    c.scavenge_all();
    // Threads come back before weak pointers die: a thread that will get an exception may still use them.
    while c.tidy_weaks(&mut weaks) {
        c.scavenge_all();
    }
    c.tidy_threads(&mut threads);
    stats.resurrected = c.resurrect_threads(threads);
    c.scavenge_all();
    while c.tidy_weaks(&mut weaks) {
        c.scavenge_all();
    }
    stats.dead_weaks = c.bury_weaks(weaks);
    c.scavenge_all();
    roots.stable().sweep_names(|p| c.alive(p));
    roots.update_weak(&|p| c.alive(p));
    stats.copied_words = c.copied_w;
    stats.corrupt = c.corrupt.get();
    if stats.corrupt.is_some() {
        return stats;
    }

    roots.stable().sort_by_age(&heap.blocks, major);
    end(heap, mem, from);
    settle(heap, host, &mut stats);
    stats.corrupt = sanity::check_heap(heap, mem, roots).err();
    stats
}

/// Declares the spaces to be emptied.
fn begin(heap: &mut Heap, major: bool) -> From {
    let mut chunks = heap.aged.take().chunks;
    let mut large = core::mem::take(&mut heap.large.young);
    if major {
        chunks.append(&mut heap.old.take().chunks);
        large.append(&mut heap.large.old);
        heap.regions.iter().for_each(|region| region.set_from(&mut heap.blocks));
        heap.large.old_blocks = 0;
    }
    for g in &heap.nursery.groups {
        heap.blocks.set_from(*g);
    }
    for c in &chunks {
        heap.blocks.set_from(c.group);
    }
    for start in &large {
        heap.blocks.set_head(*start, Place::from_space);
    }
    heap.large.pinned = PinnedBlock::default();
    From { chunks, large }
}

/// Frees what nobody has moved out or marked.
fn end(heap: &mut Heap, mem: &mut Mem, from: From) {
    for c in from.chunks {
        heap.blocks.free(mem, c.group);
    }
    for start in from.large {
        if heap.blocks.place(start).is_from()
            && let Some(group) = heap.blocks.group_at(start)
        {
            heap.large.blocks -= group.blocks();
            heap.blocks.free(mem, group);
        }
    }
    heap.free_dead_regions(mem);
    let others: Vec<Group> = heap.nursery.reset();
    for g in others {
        heap.blocks.free(mem, g);
    }
    if let Some(main) = heap.nursery.groups.first() {
        heap.blocks.set_place(*main, Place::NURSERY);
        sanity::poison(mem, main.start, main.end);
    }
}

/// Policy: when the next major collection is due, what memory to give back, whether there is room at all.
fn settle(heap: &mut Heap, host: &mut dyn Host, stats: &mut Stats) {
    heap.collections += 1;
    heap.large.fresh_w = 0;
    heap.set_gc_wanted(false);
    let old = heap.old_blocks();
    if stats.major {
        heap.major_at = (GROWTH * old).max(heap.config.min_old as u64);
        if heap.blocks.in_use() < heap.blocks.committed() / 2 {
            let keep = heap.need(heap.config.chunk, 0).max(2 * heap.blocks.in_use() as u64);
            heap.blocks.trim(host, keep.min(u32::MAX as u64) as u32);
        }
    }
    stats.live_words = (heap.aged.bytes() + heap.old.bytes() + heap.large.blocks as u64 * BLOCK as u64) / WORD as u64;
    let wanted = heap.refused_w.take().unwrap_or(0);
    stats.heap_exhausted = !heap.make_room(host, wanted);
}

impl Visitor for Collector<'_> {
    fn pointer(&mut self, p: &mut ClosurePtr) {
        self.promote = false;
        *p = self.evacuate(*p);
    }

    fn field(&mut self, at: Addr) {
        self.promote = false;
        Collector::field(self, at);
    }

    fn mem(&self) -> &Mem {
        self.mem
    }
}

impl Collector<'_> {
    /// Notes that the heap is corrupt. The first time counts.
    #[cold]
    pub fn fail(&self, at: Addr, what: &'static str) {
        if !self.is_corrupt() {
            self.corrupt.set(Some(Corrupt { at, what }));
        }
    }

    /// Whether the heap has turned out to be corrupt, and nothing is worth doing any more.
    pub fn is_corrupt(&self) -> bool {
        self.corrupt.get().is_some()
    }

    /// Scans until nothing is left to scan.
    fn scavenge_all(&mut self) {
        loop {
            let mut idle = !self.scavenge_old();
            idle &= !self.scavenge_aged();
            while let Some(c) = self.large_todo.pop() {
                self.scavenge_in_place(c);
                idle = false;
            }
            if idle || self.is_corrupt() {
                return;
            }
        }
    }

    fn scavenge_old(&mut self) -> bool {
        let mut any = false;
        while let Some((at, end)) = self.old_scan.next(&self.heap.old) {
            any = true;
            self.promote = true;
            self.young_seen = false;
            let words = self.scavenge(at);
            if self.young_seen {
                self.heap.remembered.push(at);
            }
            if !self.check_step(at, end, words) {
                return true;
            }
            self.old_scan.advance(words);
        }
        any
    }

    fn scavenge_aged(&mut self) -> bool {
        let mut any = false;
        while let Some((at, end)) = self.aged_scan.next(&self.heap.aged) {
            any = true;
            self.promote = false;
            self.young_seen = false;
            let words = self.scavenge(at);
            if !self.check_step(at, end, words) {
                return true;
            }
            self.aged_scan.advance(words);
        }
        any
    }

    /// Whether the scan may go on behind an object of `words` words at `at`.
    #[inline(always)]
    fn check_step(&mut self, at: Addr, end: Addr, words: u32) -> bool {
        if words == 0 || words > (end.0 - at.0) / WORD {
            self.fail(at, "an object whose size has changed");
        }
        !self.is_corrupt()
    }

    /// Scans a large object, which lies where it always was.
    fn scavenge_in_place(&mut self, c: Addr) {
        if size::size_in_place(self.mem, &self.heap.blocks, c).is_none() {
            return self.fail(c, "a large object that doesn't fit its blocks");
        }
        let old = !self.heap.blocks.place(c).is_young();
        self.promote = old;
        self.young_seen = false;
        self.scavenge(c);
        if old && self.young_seen {
            self.heap.remembered.push(c);
        }
    }

    /// Scans the old objects on the mutable list, and keeps on it those that still belong there
    /// (`scavenge_mutable_list`).
    fn scavenge_remembered(&mut self) {
        let mut list = core::mem::take(&mut self.heap.remembered);
        list.sort_unstable();
        list.dedup();
        for c in list {
            let place = self.heap.blocks.place(c);
            // Pinned blocks hold no pointers, and compact regions none that matter.
            if place.kind() != Place::OLD || place.is_inner() || place.is_pinned() {
                continue;
            }
            if size::size_in_place(self.mem, &self.heap.blocks, c).is_none() {
                return self.fail(c, "no closure on the mutable list");
            }
            self.promote = true;
            self.young_seen = false;
            match InfoTable::at(self.mem, self.mem.info(c)).closure_type() {
                MUT_ARR_PTRS_CLEAN | SMALL_MUT_ARR_PTRS_CLEAN => self.young_seen = true,
                MUT_ARR_PTRS_DIRTY => self.dirty_cards(c),
                WEAK => self.weak_fields(c),
                _ => {
                    self.scavenge(c);
                }
            }
            if self.young_seen {
                self.heap.remembered.push(c);
            }
        }
    }
}
