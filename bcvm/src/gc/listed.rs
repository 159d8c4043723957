//! Lists of objects that being listed doesn't keep alive: threads, weak pointers.
//!
//! Each is kept per generation, so that a minor collection doesn't look at old objects.

use crate::heap::block::Place;
use crate::word::Addr;
use alloc::vec::Vec;

/// Every object of a kind, by generation.
#[derive(Debug, Default)]
pub struct Listed {
    pub(crate) young: Vec<Addr>,
    pub(crate) old: Vec<Addr>,
}

impl Listed {
    /// Adds an object just made.
    pub fn add(&mut self, object: Addr) {
        self.young.push(object);
    }

    /// Every object.
    pub fn iter(&self) -> impl Iterator<Item = Addr> {
        self.young.iter().chain(&self.old).copied()
    }

    /// Takes the objects that a collection must look at.
    pub(super) fn take(&mut self, major: bool) -> Vec<Addr> {
        let mut pending = core::mem::take(&mut self.young);
        if major {
            pending.append(&mut self.old);
        }
        pending
    }

    /// Lists an object that has survived, where it is now.
    pub(super) fn put(&mut self, object: Addr, place: Place) {
        if place.is_young() { self.young.push(object) } else { self.old.push(object) }
    }
}
