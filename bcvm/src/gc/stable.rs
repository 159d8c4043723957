//! Stable pointers, which are roots, and stable names, which are not (`rts/StablePtr.c`, `rts/StableName.c`).
//!
//! GHC's `HValueRef`s are stable pointers of this table, so every number that comes in is somebody's input: it is
//! looked up and never trusted. Invariant: no number is given out twice, though places in the table are used again.
//!
//! A number is the place, counted from [`FIRST`], in its lower half, and in its upper half how often the place was freed.
//
// Note [Compiled code reads stable pointers]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// C stubs that GHC makes for callbacks dereference a stable pointer themselves: `stable_ptr_table[n].addr`. So there is
// a copy of the table in guest memory. Nobody but compiled code reads it, so it need be right only when compiled code
// runs: what has changed is remembered as a range of places, and written (`publish`) when compiled code is entered or
// returned to. The table itself stays where a program can't reach it.
//
// Addresses have 32 bits, so that the upper half of the number makes no difference to what is read: a number that was
// freed leads to whatever has its place now.
//
// The copy never moves. A stable pointer beyond its end could not be read, so a program gets none (`is_readable`); the
// references of the engine have no bound.

use super::roots::Visitor;
use crate::abi::host::Host;
use crate::abi::map::{self, PAGE};
use crate::heap::block::Blocks;
use crate::mem::Mem;
use crate::word::{Addr, ClosurePtr, WORD};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;

/// The number of the first stable pointer. 0 must be none; GHC's server has used the numbers below for its own.
pub const FIRST: u64 = 0x1b;

/// Places that a program pays for at once.
const PLACES_PAID: usize = 4096;
/// What a place takes at most: in the table, which may be twice as large as it is full, in its lists, and in the copy.
const PLACE_BYTES: u32 = 48;

/// The most places that [`StableTable::refer`] makes room for.
const MAX_REFERRED: usize = 1 << 24;

/// The table of one machine.
#[derive(Debug, Default)]
pub struct StableTable {
    pointers: Vec<Option<ClosurePtr>>,
    /// How often each place was freed.
    freed: Vec<u32>,
    /// Places to use again, but for those that [`StableTable::refer`] has used meanwhile.
    free: Vec<u32>,
    in_use: usize,
    /// Those that may point to young objects: all that a minor collection looks at.
    young: Vec<u32>,
    /// Those that changed since they were published: see Note [Compiled code reads stable pointers].
    changed: Range<usize>,
    /// Bytes of the copy that are committed.
    committed: u32,
    /// Places that the program has paid for with its heap.
    paid: usize,
    /// It could not pay, and a collection was to mend that.
    in_arrears: bool,
    names: Vec<Option<Name>>,
    free_names: Vec<u32>,
    /// Names by the untagged address of their object.
    by_object: BTreeMap<u32, u32>,
}

/// A stable name.
#[derive(Clone, Copy, Debug)]
struct Name {
    /// The object, or none once it has died before its name.
    object: Option<ClosurePtr>,
    /// The STABLE_NAME.
    name: Addr,
}

impl StableTable {
    /// A stable pointer to `p` (`getStablePtr`).
    pub fn make(&mut self, p: ClosurePtr) -> u64 {
        let mut place = self.free.pop();
        while place.is_some_and(|i| self.pointers[i as usize].is_some()) {
            place = self.free.pop();
        }
        let i = place.unwrap_or_else(|| {
            self.grow(self.pointers.len() + 1);
            (self.pointers.len() - 1) as u32
        });
        self.set(i, p);
        (FIRST + i as u64) | ((self.freed[i as usize] as u64) << 32)
    }

    fn grow(&mut self, len: usize) {
        self.pointers.resize(len, None);
        self.freed.resize(len, 0);
    }

    fn set(&mut self, i: u32, p: ClosurePtr) {
        self.in_use += self.pointers[i as usize].is_none() as usize;
        self.pointers[i as usize] = Some(p);
        self.young.push(i);
        self.note_change(i as usize);
    }

    /// The place that a number names, if it is in the table.
    fn place(n: u64) -> Option<usize> {
        usize::try_from((n & u64::from(u32::MAX)).checked_sub(FIRST)?).ok()
    }

    fn note_change(&mut self, i: usize) {
        let changed = &mut self.changed;
        *changed = match *changed {
            Range { start, end } if start < end => start.min(i)..end.max(i + 1),
            _ => i..i + 1,
        };
    }

    /// What the program must pay for, in bytes of its heap, before it makes another stable pointer: many places at once, or
    /// none at all.
    pub fn price(&self) -> u32 {
        let has_free = self.in_use < self.pointers.len() || self.pointers.len() < self.paid;
        if has_free { 0 } else { PLACES_PAID as u32 * PLACE_BYTES }
    }

    /// That has been paid.
    pub fn pay(&mut self) {
        self.paid = self.pointers.len() + PLACES_PAID;
        self.in_arrears = false;
    }

    /// It can't be paid. Whether a collection might help: the first time it might.
    pub fn fail_to_pay(&mut self) -> bool {
        self.in_arrears = !self.in_arrears;
        self.in_arrears
    }

    /// Whether compiled code can read stable pointer number `n`.
    pub fn is_readable(&self, n: u64) -> bool {
        (n as u32) < (map::STABLE_END - map::STABLE_START) / WORD
    }

    /// Writes what has changed to the copy that compiled code reads; as much of it as the host gives memory for.
    #[inline(always)]
    pub fn publish(&mut self, mem: &mut Mem, host: &mut dyn Host) {
        if !self.changed.is_empty() {
            self.write_copy(mem, host);
        }
    }

    #[cold]
    fn write_copy(&mut self, mem: &mut Mem, host: &mut dyn Host) {
        let room = map::STABLE_END - map::STABLE_START;
        let wanted = (FIRST as usize + self.changed.end).saturating_mul(WORD as usize).min(room as usize) as u32;
        if wanted > self.committed {
            let more = wanted.next_multiple_of(PAGE) - self.committed;
            if host.commit(map::STABLE_START + self.committed, more) {
                self.committed += more;
            }
        }
        let changed = core::mem::take(&mut self.changed);
        let readable = ((self.committed / WORD) as usize).saturating_sub(FIRST as usize);
        for i in changed.start..changed.end.min(readable) {
            let at = Addr(map::STABLE_START).offset_w(FIRST as u32 + i as u32);
            mem.set_word(at, self.pointers[i].map_or(0, ClosurePtr::word));
        }
        if changed.end > readable {
            // To be tried again.
            self.changed = changed.start.max(readable)..changed.end;
        }
    }

    fn index(&self, n: u64) -> Option<usize> {
        let i = StableTable::place(n)?;
        (i < self.pointers.len() && self.freed[i] as u64 == n >> 32).then_some(i)
    }

    /// What stable pointer number `n` points to, if there is one (`deRefStablePtr`).
    pub fn find(&self, n: u64) -> Option<ClosurePtr> {
        self.pointers[self.index(n)?]
    }

    /// Frees stable pointer number `n`; false if there is none (`freeStablePtr`).
    pub fn free(&mut self, n: u64) -> bool {
        match self.index(n) {
            Some(i) if self.pointers[i].take().is_some() => {
                self.in_use -= 1;
                self.freed[i] = self.freed[i].wrapping_add(1);
                self.free.push(i as u32);
                self.note_change(i);
                true
            }
            _ => false,
        }
    }

    /// Makes number `n`, which another table gave out, a stable pointer to `p`, or has it point there from now on; an earlier
    /// number of the same place is free then. False if `n` is out of all reason, or its place has a later number.
    pub fn refer(&mut self, n: u64, p: ClosurePtr) -> bool {
        let Some(i) = StableTable::place(n).filter(|i| *i < MAX_REFERRED) else { return false };
        let len = self.pointers.len();
        if i >= len {
            self.grow(i + 1);
            self.free.extend(len as u32..i as u32);
        } else if n >> 32 < self.freed[i] as u64 {
            return false;
        }
        self.freed[i] = (n >> 32) as u32;
        self.set(i as u32, p);
        true
    }

    /// Stable pointers in use.
    pub fn len(&self) -> usize {
        self.in_use
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The STABLE_NAME of `object`, if it has one (`lookupStableName`). Names are by identity, so the caller has
    /// followed indirections.
    pub fn find_name(&self, object: ClosurePtr) -> Option<Addr> {
        let i = *self.by_object.get(&object.addr().0)?;
        self.names[i as usize].map(|n| n.name)
    }

    /// Enters the STABLE_NAME `name` of `object`, which has none yet; answers its number.
    pub fn add_name(&mut self, object: ClosurePtr, name: Addr) -> u64 {
        let entry = Some(Name { object: Some(object), name });
        let i = match self.free_names.pop() {
            Some(i) => {
                self.names[i as usize] = entry;
                i
            }
            None => {
                self.names.push(entry);
                (self.names.len() - 1) as u32
            }
        };
        self.by_object.insert(object.addr().0, i);
        // 0 is no name, as in GHC.
        i as u64 + 1
    }

    /// Shows every stable pointer.
    pub(crate) fn visit(&mut self, v: &mut dyn Visitor) {
        for p in self.pointers.iter_mut().flatten() {
            v.pointer(p);
        }
    }

    /// Shows the stable pointers that may point to young objects.
    pub(super) fn visit_young(&mut self, v: &mut dyn Visitor) {
        for i in &self.young {
            if let Some(p) = &mut self.pointers[*i as usize] {
                v.pointer(p);
            }
        }
    }

    /// Lists anew which stable pointers point to young objects. Those that were listed may have moved, and after a major
    /// collection all.
    pub(super) fn sort_by_age(&mut self, blocks: &Blocks, major: bool) {
        if major {
            self.changed = 0..self.pointers.len();
        } else {
            for n in 0..self.young.len() {
                self.note_change(self.young[n] as usize);
            }
        }
        let is_young = |i: &u32| self.pointers[*i as usize].is_some_and(|p| blocks.place(p.addr()).is_young());
        if major {
            self.young = (0..self.pointers.len() as u32).filter(is_young).collect();
        } else {
            let mut young = core::mem::take(&mut self.young);
            young.retain(is_young);
            young.sort_unstable();
            young.dedup();
            self.young = young;
        }
    }

    /// Drops names that have died, moves the others (`gcStableNameTable`, `updateStableNameTable`).
    pub(super) fn sweep_names(&mut self, alive: impl Fn(ClosurePtr) -> Option<ClosurePtr>) {
        if self.names.is_empty() {
            return;
        }
        self.by_object.clear();
        for (i, entry) in self.names.iter_mut().enumerate() {
            let Some(n) = entry else { continue };
            match alive(n.name.into()) {
                Some(name) => {
                    n.name = name.addr();
                    n.object = n.object.and_then(&alive);
                    if let Some(object) = n.object {
                        self.by_object.insert(object.addr().0, i as u32);
                    }
                }
                None => {
                    *entry = None;
                    self.free_names.push(i as u32);
                }
            }
        }
    }
}
