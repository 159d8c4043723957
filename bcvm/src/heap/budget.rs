//! What may be allocated: the heap limit, and the promise that a collection always finds room.
//
// Note [Room to copy]
// ~~~~~~~~~~~~~~~~~~~
// A copying collection needs room for the survivors before it frees what they leave, and it can't stop halfway
// to say that there is none. So the room is set aside when memory is handed out: with
//
//     small = nursery blocks, and bytes of objects in the aged and old spaces
//     chunks(small) = what those bytes take in the worst case when they are copied, each chunk losing less than
//                     the smallest large object at its end, and one chunk of each space being part full
//
// every allocation keeps 2 * chunks(small) + blocks of large objects <= limit, and that many blocks committed.
// Bytes never grow in a collection, so the promise holds afterwards too.
//
// One thing can break it: when large objects leave no run of a chunk's length free, spaces grow by shorter runs,
// which waste more at their ends. Then the collector goes over the limit by what is missing (`Heap::grow_space`);
// the next allocation sees that, and the program gets its heap overflow. Only a host that refuses those last
// blocks stops a collection, which is a `Corrupt` heap.

use super::block::{BLOCK, COMMIT_BLOCKS, Group, Place};
use super::config::{LARGE_BYTES, LARGE_W};
use super::state::Heap;
use crate::abi::host::Host;
use crate::word::WORD;

/// Chunks of the limit that only Haskell may have.
const CHUNKS_KEPT: u32 = 4;

impl Heap {
    /// Blocks that the heap may need at worst, were it to get so many more blocks.
    pub(crate) fn need(&self, more_small: u32, more_large: u32) -> u64 {
        let chunk = self.config.chunk as u64;
        let bytes =
            (self.nursery.blocks() as u64 + more_small as u64) * BLOCK as u64 + self.aged.bytes() + self.old.bytes();
        let chunks = bytes.div_ceil(chunk * BLOCK as u64 - LARGE_BYTES as u64) + 2;
        2 * chunks * chunk + self.large.blocks as u64 + more_large as u64
    }

    /// Whether so many more blocks leave room to copy; commits what is missing. See Note [Room to copy].
    pub(super) fn reserve(&mut self, host: &mut dyn Host, more_small: u32, more_large: u32) -> bool {
        match u32::try_from(self.need(more_small, more_large)) {
            Ok(n) if n <= self.limit => {
                // Committing goes in units; the last may pass the limit by a part of one.
                let most = self.limit.next_multiple_of(COMMIT_BLOCKS);
                self.blocks.commit(host, n, most)
            }
            _ => false,
        }
    }

    /// Gives so many bytes of the limit to somebody else, for good: what C takes counts as heap. False, and nothing has
    /// changed, if what lives might find no room then, or the session could not go on for want of some chunks.
    pub fn cede(&mut self, host: &mut dyn Host, bytes: u32) -> bool {
        let Some(limit) = self.limit.checked_sub(bytes.div_ceil(BLOCK)) else { return false };
        if self.need(CHUNKS_KEPT * self.config.chunk, 0) > u64::from(limit) {
            return false;
        }
        self.blocks.trim(host, limit);
        self.limit = limit;
        true
    }

    /// A group of exactly `n` blocks for a large object.
    pub(super) fn contiguous(&mut self, host: &mut dyn Host, n: u32, place: Place) -> Option<Group> {
        if !self.reserve(host, 0, n) {
            return None;
        }
        if !self.find_run(host, n) {
            return None;
        }
        let group = self.blocks.alloc(n, place);
        if group.is_some() {
            self.large.blocks += n;
        }
        group
    }

    /// A chunk for survivors, wherever it can be had. Collections call this, so the limit doesn't count.
    pub(crate) fn grow_space(&mut self, host: &mut dyn Host, old: bool) -> bool {
        let place = if old { self.old.place } else { self.aged.place };
        let n = self.config.chunk;
        let mut group = self.blocks.alloc_up_to(n, place);
        if group.is_none() {
            let more = self.blocks.committed().saturating_add(n);
            self.blocks.commit(host, more, u32::MAX);
            group = self.blocks.alloc_up_to(n, place);
        }
        let Some(group) = group else { return false };
        if old {
            self.old.add(group)
        } else {
            self.aged.add(group)
        }
        true
    }

    /// Whether `n` contiguous blocks are free; commits some if free blocks there are, but in pieces.
    fn find_run(&mut self, host: &mut dyn Host, n: u32) -> bool {
        self.blocks.has_run(n) || self.blocks.commit_contiguous(host, n, self.limit) && self.blocks.has_run(n)
    }

    /// Whether an object of so many words could be allocated now, beyond what the nursery has left. It answers
    /// what the allocation itself would, or a program that was refused would try again and again.
    pub fn make_room(&mut self, host: &mut dyn Host, words: u32) -> bool {
        if words < LARGE_W {
            return self.reserve(host, self.config.chunk, 0) && self.find_run(host, 1);
        }
        let blocks = (words as u64 * WORD as u64).div_ceil(BLOCK as u64);
        u32::try_from(blocks).is_ok_and(|n| self.reserve(host, 0, n) && self.find_run(host, n))
    }
}
