//! A space of survivors: chunks of blocks filled one after the other by bumping a pointer.
//!
//! Invariant: objects lie back to back from the start of each chunk up to where it was left, so a collection
//! that fills a space can scan it from any earlier end. (Later the program shortens objects in place, by updates
//! for instance, so nobody may walk a space between collections.)

use super::block::{Group, Place};
use crate::word::{Addr, WORD};
use alloc::vec::Vec;

/// A chunk that is full: its blocks, and where its last object ends.
#[derive(Clone, Copy, Debug)]
pub struct Chunk {
    /// Its blocks.
    pub group: Group,
    /// The end of its objects; of the space's last chunk, `Space::hp` is.
    pub free: Addr,
}

/// A space filled by bumping a pointer.
#[derive(Debug)]
pub struct Space {
    /// What its blocks are.
    pub place: Place,
    /// The chunks; the last one is being filled.
    pub chunks: Vec<Chunk>,
    hp: Addr,
    lim: Addr,
    full_bytes: u64,
}

impl Space {
    /// An empty space whose blocks will be `place`.
    pub fn new(place: Place) -> Space {
        Space { place, chunks: Vec::new(), hp: Addr::NULL, lim: Addr::NULL, full_bytes: 0 }
    }

    /// Room for `words` words in the chunk being filled.
    #[inline(always)]
    pub fn bump(&mut self, words: u32) -> Option<Addr> {
        let (at, bytes) = (self.hp, words * WORD);
        if self.lim.0 - at.0 < bytes {
            return None;
        }
        self.hp = at + bytes;
        Some(at)
    }

    /// Fills `group` from now on.
    pub fn add(&mut self, group: Group) {
        self.close();
        self.chunks.push(Chunk { group, free: group.start });
        (self.hp, self.lim) = (group.start, group.end);
    }

    fn close(&mut self) {
        if let Some(last) = self.chunks.last_mut() {
            last.free = self.hp;
            self.full_bytes += (self.hp.0 - last.group.start.0) as u64;
        }
    }

    /// Where the next object goes.
    #[inline(always)]
    pub fn hp(&self) -> Addr {
        self.hp
    }

    /// Bytes of objects.
    pub fn bytes(&self) -> u64 {
        let open = self.chunks.last().map_or(0, |last| self.hp.0 - last.group.start.0);
        self.full_bytes + open as u64
    }

    /// The space as it is, leaving an empty one.
    pub fn take(&mut self) -> Space {
        core::mem::replace(self, Space::new(self.place))
    }

    /// Takes back the newest objects: from `hp` in chunk number `chunks - 1` on. Answers the chunks left over.
    pub fn truncate(&mut self, chunks: usize, hp: Addr) -> Vec<Chunk> {
        if chunks > self.chunks.len() {
            return Vec::new();
        }
        let gone = self.chunks.split_off(chunks);
        self.full_bytes = 0;
        match self.chunks.split_last() {
            Some((last, full)) => {
                self.full_bytes = full.iter().map(|c| (c.free.0 - c.group.start.0) as u64).sum();
                (self.hp, self.lim) = (hp, last.group.end);
            }
            None => (self.hp, self.lim) = (Addr::NULL, Addr::NULL),
        }
        gone
    }
}

/// How far the objects of a space have been scanned (Cheney's second pointer).
#[derive(Clone, Copy, Debug)]
pub struct Cursor {
    chunk: usize,
    at: Addr,
}

impl Cursor {
    /// At the end of what `space` holds now.
    pub fn at_end(space: &Space) -> Cursor {
        Cursor { chunk: space.chunks.len().saturating_sub(1), at: space.hp }
    }

    /// The next object of `space` that hasn't been scanned, and where its chunk's objects end.
    #[inline(always)]
    pub fn next(&mut self, space: &Space) -> Option<(Addr, Addr)> {
        loop {
            let last = self.chunk + 1 >= space.chunks.len();
            let chunk = space.chunks.get(self.chunk)?;
            let end = if last { space.hp } else { chunk.free };
            // A cursor made while the space was empty belongs at the start of its first chunk.
            if self.at < chunk.group.start || self.at > chunk.group.end {
                self.at = chunk.group.start;
            }
            if self.at < end {
                return Some((self.at, end));
            }
            if last {
                return None;
            }
            self.chunk += 1;
            self.at = space.chunks[self.chunk].group.start;
        }
    }

    /// Moves past an object of `words` words.
    #[inline(always)]
    pub fn advance(&mut self, words: u32) {
        self.at = self.at.offset_w(words);
    }
}
