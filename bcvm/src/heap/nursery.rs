//! The nursery: where the running program allocates by bumping a pointer it keeps to itself.
//!
//! Invariant: `[hp, lim)` of the last group is free, everything before it in use. While the interpreter has the
//! nursery open, the pointer is in its hands and `hp` here is stale; after a trap nobody has it: see
//! `Heap::retire_nursery`.

use super::block::Group;
use crate::word::{Addr, WORD};
use alloc::vec::Vec;

/// The groups that the program allocates in.
#[derive(Debug, Default)]
pub struct Nursery {
    /// The main group, then those that extend it because no collection could be had.
    pub groups: Vec<Group>,
    hp: Addr,
    lim: Addr,
    open: bool,
    blocks: u32,
    allocated_w: u64,
}

impl Nursery {
    /// Hands out the free part.
    #[inline(always)]
    pub fn open(&mut self) -> (Addr, Addr) {
        debug_assert!(!self.open, "the nursery is open already");
        self.open = true;
        (self.hp, self.lim)
    }

    /// Takes it back, filled up to `hp`, and counts what was allocated.
    #[inline(always)]
    pub fn close(&mut self, hp: Addr) {
        self.open = false;
        self.advance(hp);
    }

    /// Counts what was allocated up to `hp` and goes on there.
    #[inline(always)]
    pub fn advance(&mut self, hp: Addr) {
        if hp >= self.hp && hp <= self.lim {
            self.allocated_w += ((hp.0 - self.hp.0) / WORD) as u64;
            self.hp = hp;
        }
    }

    /// Whether somebody keeps the pointer to himself.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Room for `words` words, if the last group has it. The nursery is not open.
    #[inline(always)]
    pub fn bump(&mut self, words: u32) -> Option<Addr> {
        let (at, bytes) = (self.hp, words * WORD);
        if self.lim.0 - at.0 < bytes {
            return None;
        }
        self.hp = at + bytes;
        self.allocated_w += words as u64;
        Some(at)
    }

    /// Goes on in `group`.
    pub fn add(&mut self, group: Group) {
        self.blocks += group.blocks();
        self.groups.push(group);
        (self.hp, self.lim) = (group.start, group.end);
    }

    /// Gives up the rest of the last group.
    pub fn abandon(&mut self) {
        self.open = false;
        self.hp = self.lim;
    }

    /// Counts words that were allocated elsewhere, as large objects are.
    pub fn count(&mut self, words: u32) {
        self.allocated_w += words as u64;
    }

    /// Words allocated so far, but for those of an open nursery.
    pub fn allocated_w(&self) -> u64 {
        self.allocated_w
    }

    /// Blocks of all groups.
    pub fn blocks(&self) -> u32 {
        self.blocks
    }

    /// Where the next object goes, and the end of the group.
    pub fn free_part(&self) -> (Addr, Addr) {
        (self.hp, self.lim)
    }

    /// Empties the nursery: goes on at the start of its main group. Answers the other groups.
    pub fn reset(&mut self) -> Vec<Group> {
        if self.groups.is_empty() {
            return Vec::new();
        }
        let others = self.groups.split_off(1);
        let main = self.groups[0];
        self.blocks = main.blocks();
        (self.hp, self.lim) = (main.start, main.end);
        others
    }
}
