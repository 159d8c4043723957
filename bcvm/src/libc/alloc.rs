//! `malloc` and its kin: a heap for C in the range of what never moves.
//!
//! Invariant: what is in use and what is free is known here and not in guest memory, so a program can overwrite what
//! it was given and its neighbours, and never lead the allocator astray. Freeing what was not given ends the program,
//! as it does in glibc. Memory is never given back to the statics it comes from; it is used again.
//!
//! Small blocks have a few sizes, each with a list of free ones. Large ones are cut from ranges that coalesce.

use super::errno::{EINVAL, ENOMEM};
use super::os::call::fail_null;
use super::table::functions;
use crate::abi::map;
use crate::heap::ranges::Ranges;
use crate::interp::machine::Machine;
use crate::mem::Mem;
use crate::word::{Addr, WORD, Word};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

/// What every block is aligned to; also the unit of the ranges.
const UNIT: u32 = 16;
/// Sizes of small blocks.
const SIZES: [u32; 14] = [16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048];
/// Bytes that are cut into small blocks at once, and the least taken from the statics.
const RUN: u32 = 0x4000;
/// Sizes of large blocks are multiples of it, so that ranges don't fall to dust.
const GRAIN: u32 = 256;

/// What the records of a small block take at most.
const KEPT_BYTES: u32 = 16;

/// Takes so many bytes for blocks, and for records of them, from what the program may have.
type More<'a> = &'a mut dyn FnMut(u32, u32) -> Option<Addr>;

/// The heap of one machine.
#[derive(Debug, Default)]
pub struct CHeap {
    /// Bytes of every block in use, by its address.
    used: BTreeMap<u32, u32>,
    /// Free small blocks, by the index of their size.
    small: [Vec<u32>; SIZES.len()],
    /// Everything else that is free, in units.
    free: Ranges,
}

/// The index of the smallest size that holds `bytes`.
fn class(bytes: u32) -> Option<usize> {
    SIZES.iter().position(|size| bytes <= *size)
}

impl CHeap {
    /// A block of at least `bytes` bytes at a multiple of `align`, a power of two; none when there is no more memory.
    pub fn allocate(&mut self, more: More<'_>, bytes: u32, align: u32) -> Option<Addr> {
        let (at, size) = match class(bytes) {
            Some(class) if align <= UNIT => (self.small_block(more, class)?, SIZES[class]),
            _ => {
                let size = bytes.max(1).checked_next_multiple_of(GRAIN)?;
                let spare = if align > UNIT { align } else { 0 };
                let whole = size.checked_add(spare)?;
                let start = self.range(more, whole, 0)?;
                let at = start.next_multiple_of(align.max(UNIT));
                self.release(start, at - start);
                self.release(at + size, start + whole - (at + size));
                (at, size)
            }
        };
        self.used.insert(at, size);
        Some(Addr(at))
    }

    fn small_block(&mut self, more: More<'_>, class: usize) -> Option<u32> {
        if let Some(at) = self.small[class].pop() {
            return Some(at);
        }
        let size = SIZES[class];
        let blocks = RUN / size;
        let start = self.range(more, RUN, blocks * KEPT_BYTES)?;
        // The lowest is handed out first.
        self.small[class].extend((1..blocks).rev().map(|i| start + i * size));
        self.release(start + blocks * size, RUN - blocks * size);
        Some(start)
    }

    /// `len` bytes, a multiple of the unit, that were free, and `kept` for the records of what will be in them.
    fn range(&mut self, more: More<'_>, len: u32, kept: u32) -> Option<u32> {
        if let Some(start) = self.free.take(len / UNIT) {
            return Some(start * UNIT);
        }
        let taken = len.max(RUN);
        let start = more(taken, kept)?.0;
        self.release(start + len, taken - len);
        Some(start)
    }

    /// Makes bytes that are in nobody's hands free.
    fn release(&mut self, start: u32, len: u32) {
        self.free.insert(start / UNIT, len / UNIT);
    }

    /// Frees the block at `at`; false if none was given out there.
    pub fn free(&mut self, at: Addr) -> bool {
        let Some(size) = self.used.remove(&at.0) else { return false };
        match SIZES.iter().position(|s| *s == size) {
            // An aligned block of such a size joins the small ones: it is one from now on.
            Some(class) => self.small[class].push(at.0),
            None => self.release(at.0, size),
        }
        true
    }

    /// Bytes of the block at `at`, which may be more than were asked for; none if none was given out there.
    pub fn size(&self, at: Addr) -> Option<u32> {
        self.used.get(&at.0).copied()
    }

    /// Blocks in use.
    pub fn len(&self) -> usize {
        self.used.len()
    }

    /// Whether no block is in use.
    pub fn is_empty(&self) -> bool {
        self.used.is_empty()
    }
}

impl Machine {
    /// `malloc`: a block aligned to 16, or none.
    pub fn c_allocate(&mut self, bytes: u64) -> Option<Addr> {
        self.c_allocate_aligned(bytes, UNIT)
    }

    /// A block at a multiple of `align`, or none.
    pub fn c_allocate_aligned(&mut self, bytes: u64, align: u32) -> Option<Addr> {
        let bytes = u32::try_from(bytes).ok()?;
        undisturbed(self, |m| {
            let Machine { c, statics, host, heap, .. } = m;
            let mut more = |bytes: u32, kept: u32| {
                let is_granted = heap.cede(&mut **host, bytes.saturating_add(kept));
                // There may be room when garbage has been collected, for who tries again.
                c.collection_wanted |= !is_granted;
                is_granted.then(|| statics.allocate(&mut **host, bytes)).flatten()
            };
            c.heap.allocate(&mut more, bytes, align)
        })
    }

    /// A block that holds `bytes` and a zero byte, or none.
    pub fn c_string(&mut self, bytes: &[u8]) -> Option<Addr> {
        let at = self.c_allocate(bytes.len() as u64 + 1)?;
        self.mem.write_bytes(at, bytes);
        self.mem.set_u8(at + bytes.len() as u32, 0);
        Some(at)
    }

    /// `free`. Freeing what is no block ends the program.
    pub fn c_free(&mut self, at: Word) {
        let given = at == 0 || u32::try_from(at).is_ok_and(|a| undisturbed(self, |m| m.c.heap.free(Addr(a))));
        if !given {
            self.end_program(format!("free of {at:#x}, which malloc has not given or which is free already"));
        }
    }

    /// `realloc`.
    pub fn c_reallocate(&mut self, at: Word, bytes: u64) -> Option<Addr> {
        if at == 0 {
            return self.c_allocate(bytes);
        }
        let Some((old, size)) = u32::try_from(at).ok().and_then(|a| Some((Addr(a), self.c.heap.size(Addr(a))?))) else {
            self.end_program(format!("realloc of {at:#x}, which malloc has not given or which is free already"));
            return None;
        };
        // What fits and doesn't waste most of the block stays where it is.
        if bytes <= size as u64 && bytes >= size as u64 / 4 {
            return Some(old);
        }
        let new = self.c_allocate(bytes)?;
        let kept = size.min(u32::try_from(bytes).unwrap_or(u32::MAX));
        self.mem.move_bytes(new, old, kept);
        self.c_free(at);
        Some(new)
    }
}

/// Does something to the allocator's lists. A trap meanwhile would leave them half changed, so the host must know.
/// The runtime itself may be calling, from a finalizer.
fn undisturbed<T>(m: &mut Machine, f: impl FnOnce(&mut Machine) -> T) -> T {
    let busy = m.mem.volatile_u32(Addr(map::RUNTIME_BUSY));
    m.enter_runtime();
    let answer = f(m);
    m.mem.set_volatile_u32(Addr(map::RUNTIME_BUSY), busy);
    answer
}

/// An address as C has it: null, with ENOMEM in `errno`, if there is none.
fn or_null(m: &mut Machine, a: Option<Addr>) -> Word {
    match a {
        Some(a) => a.word(),
        None => fail_null(m, ENOMEM),
    }
}

/// Fills a new block with zeros.
fn zeroed(mem: &mut Mem, at: Addr, bytes: u64) -> Addr {
    // A block is at least as large as its size in whole words.
    mem.fill_words(at, (bytes as u32).div_ceil(WORD), 0);
    at
}

/// An alignment that can be had: a power of two, not beyond what is reasonable for a block of its own.
fn alignment(align: Word) -> Option<u32> {
    const MOST: u32 = 1 << 20;
    u32::try_from(align).ok().filter(|a| a.is_power_of_two() && *a <= MOST)
}

/// `posix_memalign`: 0, or an error number.
fn posix_memalign(m: &mut Machine, out: Word, align: Word, bytes: Word) -> Word {
    let Some(align) = alignment(align).filter(|a| *a >= WORD) else { return EINVAL as Word };
    let Some(at) = m.c_allocate_aligned(bytes, align) else { return ENOMEM as Word };
    m.mem.set_word(Addr::from_word(out), at.word());
    0
}

functions! {
    "malloc" "n" b'n' = |m, [bytes, ..]| {
        let at = m.c_allocate(bytes);
        or_null(m, at)
    };
    "calloc" "nn" b'n' = |m, [n, size, ..]| {
        let bytes = n.saturating_mul(size);
        let at = m.c_allocate(bytes).map(|at| zeroed(&mut m.mem, at, bytes));
        or_null(m, at)
    };
    "realloc" "nn" b'n' = |m, [at, bytes, ..]| {
        let at = m.c_reallocate(at, bytes);
        or_null(m, at)
    };
    "free" "n" b'v' = |m, [at, ..]| {
        m.c_free(at);
        0
    };
    "posix_memalign" "nnn" b'n' = |m, [out, align, bytes, ..]| posix_memalign(m, out, align, bytes);
    "aligned_alloc" "nn" b'n' = |m, [align, bytes, ..]| {
        let at = alignment(align).and_then(|align| m.c_allocate_aligned(bytes, align));
        or_null(m, at)
    };
    "memalign" "nn" b'n' = |m, [align, bytes, ..]| {
        let at = alignment(align).and_then(|align| m.c_allocate_aligned(bytes, align));
        or_null(m, at)
    };
    "reallocarray" "nnn" b'n' = |m, [at, n, size, ..]| {
        let at = m.c_reallocate(at, n.saturating_mul(size));
        or_null(m, at)
    };
    "malloc_usable_size" "n" b'n' = |m, [at, ..]| {
        let size = u32::try_from(at).ok().and_then(|at| m.c.heap.size(Addr(at)));
        size.map_or(0, Word::from)
    };
    "stgMallocBytes" "nn" b'n' = |m, [bytes, what, ..]| {
        let at = m.c_allocate(bytes & u32::MAX as u64);
        if at.is_none() {
            let what = super::memory::c_string(&m.mem, what);
            m.end_program(format!("no memory for {} bytes ({})", bytes as u32, alloc::string::String::from_utf8_lossy(&what)));
        }
        or_null(m, at)
    };
    "stgFree" "n" b'v' = |m, [at, ..]| {
        m.c_free(at);
        0
    };
}

#[cfg(test)]
mod tests;
