//! Evacuation: moving one object out of the space being emptied, and leaving its new address behind.
//!
//! A forwarded object's first word is its new address with the lowest bit set, which no info pointer has. Large
//! objects stay and are marked. Indirections, evaluated blackholes and selectors of evaluated constructors are
//! skipped on the way (`rts/sm/Evac.c`).
//
// Note [Promotion]
// ~~~~~~~~~~~~~~~~
// A survivor of the nursery becomes aged, an aged one old. While an old immutable object is scanned, `promote`
// sends whatever it points to straight to the old generation: there is no reason to remember the object for the
// sake of something that will be old after the next collection anyway. Mutable objects don't promote, because
// what they point to may soon be garbage. Whichever it is, `young_seen` tells afterwards whether the object
// still points to something young (GHC's `failed_to_evac`), and must go on the mutable list if it is old.

use super::collect::Collector;
use super::size;
use crate::heap::block::Place;
use crate::heap::config::LARGE_W;
use crate::layout::ClosureType::{self, *};
use crate::layout::closure;
use crate::layout::info_table::InfoTable;
use crate::layout::tso::stack;
use crate::word::{Addr, ClosurePtr, InfoPtr, TAG_MASK};

/// The bit that tells a forwarding address from an info pointer.
const FORWARDED: u32 = 1;
/// Indirections followed before they are taken for a circle.
pub(super) const MAX_HOPS: u32 = 1 << 22;
/// What such a circle is reported as.
pub(super) const CIRCLE: &str = "indirections in a circle";

impl Collector<'_> {
    /// The new address of what `p` points to, with `p`'s tag; moves it if nobody has.
    #[inline(always)]
    pub(super) fn evacuate(&mut self, p: ClosurePtr) -> ClosurePtr {
        let place = self.heap.blocks.place(p.addr());
        if place.is_from() {
            self.evacuate_from(p, place)
        } else {
            self.young_seen |= place.is_young();
            p
        }
    }

    fn evacuate_from(&mut self, p: ClosurePtr, place: Place) -> ClosurePtr {
        let (mut p, mut place) = (p, place);
        for _ in 0..MAX_HOPS {
            if place.is_large() {
                return self.mark_large(p, place);
            }
            let q = p.addr();
            let info = self.mem.u32(q);
            if info & FORWARDED != 0 {
                let to = ClosurePtr(info & !TAG_MASK | p.tag());
                self.young_seen |= self.heap.blocks.place(to.addr()).is_young();
                return to;
            }
            match InfoTable::at(self.mem, InfoPtr(info)).closure_type() {
                CONSTR_1_0 | CONSTR_0_1 | FUN_1_0 | FUN_0_1 | MUT_VAR_CLEAN | MUT_VAR_DIRTY => {
                    return self.copy(p, 2, place);
                }
                CONSTR_2_0 | CONSTR_1_1 | CONSTR_0_2 | FUN_2_0 | FUN_1_1 | FUN_0_2 | THUNK_1_0 | THUNK_0_1 => {
                    return self.copy(p, 3, place);
                }
                THUNK_2_0 | THUNK_1_1 | THUNK_0_2 => return self.copy(p, 4, place),
                THUNK_SELECTOR => match self.select(q, 0) {
                    Some(value) => p = value,
                    None => return self.copy(p, 3, place),
                },
                IND => p = self.mem.closure(q + closure::INDIRECTEE),
                BLACKHOLE => match self.value_of_blackhole(q) {
                    Some(value) => p = value,
                    None => return self.copy(p, 2, place),
                },
                _ => return self.copy_any(p, place),
            }
            place = self.heap.blocks.place(p.addr());
            if !place.is_from() {
                self.young_seen |= place.is_young();
                return p;
            }
            if self.is_corrupt() {
                return p;
            }
        }
        self.fail(p.addr(), CIRCLE);
        p
    }

    /// Evacuates what an update frame will update: as it is, because a value put in its place would be
    /// overwritten (`evacuate_BLACKHOLE`). Selectors are not expected here: a thread blackholes the thunks of its
    /// update frames before it stops.
    pub(super) fn evacuate_updatee(&mut self, p: ClosurePtr) -> ClosurePtr {
        let place = self.heap.blocks.place(p.addr());
        if place.is_from() && !place.is_large() {
            let info = self.mem.u32(p.addr());
            if info & FORWARDED == 0 && matches!(InfoTable::at(self.mem, InfoPtr(info)).closure_type(), IND | BLACKHOLE)
            {
                return self.copy(p, 2, place);
            }
        }
        self.evacuate(p)
    }

    /// The value of a BLACKHOLE, or none while somebody evaluates it.
    pub(super) fn value_of_blackhole(&self, q: Addr) -> Option<ClosurePtr> {
        let r = self.mem.closure(q + closure::INDIRECTEE);
        if r.tag() == 0 && matches!(self.type_of(r.addr()), TSO | BLOCKING_QUEUE | WHITEHOLE) {
            return None;
        }
        Some(r)
    }

    /// The closure type of what was at `a` when the collection began.
    pub(super) fn type_of(&self, a: Addr) -> ClosureType {
        let mut info = self.mem.u32(a);
        if info & FORWARDED != 0 && self.heap.blocks.place(a).is_from() {
            info = self.mem.u32(Addr(info & !TAG_MASK));
        }
        InfoTable::at(self.mem, InfoPtr(info)).closure_type()
    }

    /// Where the object at `a`, in the space being emptied, has gone, if it has.
    pub(super) fn forwarded(&self, a: Addr) -> Option<Addr> {
        let info = self.mem.u32(a);
        (info & FORWARDED != 0).then_some(Addr(info & !TAG_MASK))
    }

    /// What `p` points to now, if it has been reached so far (`isAlive`).
    pub(super) fn alive(&self, p: ClosurePtr) -> Option<ClosurePtr> {
        let mut p = p;
        for _ in 0..MAX_HOPS {
            let place = self.heap.blocks.place(p.addr());
            if !place.is_from() {
                return Some(p);
            }
            if place.is_large() {
                return None;
            }
            if let Some(to) = self.forwarded(p.addr()) {
                return Some(ClosurePtr(to.0 | p.tag()));
            }
            p = match self.type_of(p.addr()) {
                IND => self.mem.closure(p.addr() + closure::INDIRECTEE),
                BLACKHOLE => self.value_of_blackhole(p.addr())?,
                _ => return None,
            };
            if self.is_corrupt() {
                return None;
            }
        }
        self.fail(p.addr(), CIRCLE);
        None
    }

    #[inline(always)]
    fn copy(&mut self, p: ClosurePtr, words: u32, place: Place) -> ClosurePtr {
        let old = self.promote || place.kind() != Place::NURSERY;
        let space = if old { &mut self.heap.old } else { &mut self.heap.aged };
        let to = match space.bump(words) {
            Some(to) => to,
            None => match self.bump_in_new_chunk(words, old) {
                Some(to) => to,
                None => return p,
            },
        };
        self.young_seen |= !old;
        self.copied_w += words as u64;
        self.mem.copy_words(to, p.addr(), words);
        self.mem.set_word(p.addr(), (to.0 | FORWARDED) as u64);
        ClosurePtr(to.0 | p.tag())
    }

    #[cold]
    fn bump_in_new_chunk(&mut self, words: u32, old: bool) -> Option<Addr> {
        if !self.heap.grow_space(self.host, old) {
            self.fail(Addr::NULL, "no room to copy");
            return None;
        }
        let space = if old { &mut self.heap.old } else { &mut self.heap.aged };
        space.bump(words)
    }

    fn copy_any(&mut self, p: ClosurePtr, place: Place) -> ClosurePtr {
        match size::size_w(self.mem, p.addr()) {
            Some(words) if words < LARGE_W => {
                let is_stack = self.type_of(p.addr()) == STACK;
                let to = self.copy(p, words, place);
                if is_stack {
                    self.move_stack(p.addr(), to.addr());
                }
                to
            }
            Some(_) => {
                self.fail(p.addr(), "a closure too large for its block");
                p
            }
            None => {
                self.fail(p.addr(), "no closure");
                p
            }
        }
    }

    /// A stack's pointer points into itself (`move_STACK`).
    fn move_stack(&mut self, from: Addr, to: Addr) {
        let sp = Addr::from_word(self.mem.word(to + stack::SP));
        self.mem.set_word(to + stack::SP, Addr(sp.0.wrapping_sub(from.0).wrapping_add(to.0)).word());
    }

    fn mark_large(&mut self, p: ClosurePtr, place: Place) -> ClosurePtr {
        if place.is_compact() {
            if !self.heap.mark_region(p.addr()) {
                self.fail(p.addr(), "a pointer into a region that is not there");
            }
            return p;
        }
        let Some(group) = self.heap.blocks.group_at(p.addr()) else {
            self.fail(p.addr(), "a pointer into a large object");
            return p;
        };
        if !place.is_pinned() && p.addr() != group.start {
            self.fail(p.addr(), "a pointer into a large object");
            return p;
        }
        let old = self.promote || place.kind() != Place::NURSERY;
        let kind = if old { Place::OLD } else { Place::AGED };
        self.heap.blocks.set_head(group.start, |p| p.moved_to(kind));
        self.young_seen |= !old;
        if old {
            self.heap.large.old.push(group.start);
            self.heap.large.old_blocks += group.blocks();
        } else {
            self.heap.large.young.push(group.start);
        }
        if !place.is_pinned() {
            self.large_todo.push(group.start);
        }
        p
    }
}
