//! Handles: what programs hold of things outside guest memory.
//!
//! Invariant: a number is never given out a second time, so one of something that was freed leads to nothing.

use std::collections::BTreeMap;

use super::prototype::Pointee;

/// How many there may be at once.
const MOST: usize = 1 << 16;
/// What all have set. No guest address is so large.
const MARK: u64 = 1 << 62;

/// What a handle stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Thing {
    library: usize,
    to: Pointee,
    address: usize,
}

/// The handles of one interpreter.
#[derive(Debug, Default)]
pub(super) struct Handles {
    things: BTreeMap<u64, Thing>,
    handles: BTreeMap<Thing, u64>,
    /// How many there have been.
    count: u64,
}

impl Handles {
    /// The handle of what lies at `address`: the same one whenever it is asked for. `None` if there are too many.
    pub(super) fn give(&mut self, library: usize, to: &Pointee, address: usize) -> Option<u64> {
        let thing = Thing { library, to: to.clone(), address };
        if let Some(handle) = self.handles.get(&thing) {
            return Some(*handle);
        }
        // Numbers are the middle bits: the low half is zero.
        if self.things.len() >= MOST || self.count >= (1 << 29) {
            return None;
        }
        self.count += 1;
        let handle = MARK | self.count << 32;
        self.things.insert(handle, thing.clone());
        self.handles.insert(thing, handle);
        Some(handle)
    }

    /// The address that a handle stands for, if it is of this library and type.
    pub(super) fn find(&self, library: usize, to: &Pointee, handle: u64) -> Option<usize> {
        let thing = self.things.get(&handle)?;
        (thing.library == library && thing.to == *to).then_some(thing.address)
    }

    /// A handle is no good any more.
    pub(super) fn free(&mut self, handle: u64) {
        if let Some(thing) = self.things.remove(&handle) {
            self.handles.remove(&thing);
        }
    }

    /// Gives out other numbers than `before` has.
    pub(super) fn go_on_from(&mut self, before: &Handles) {
        self.count = before.count;
    }
}
