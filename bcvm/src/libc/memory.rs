//! Functions of `string.h` on guest memory.
//!
//! Lengths come from the program. Memory ends, so every loop does: in the guest with a trap, in an arena because a
//! fault is looked for after each chunk.

use crate::mem::Mem;
use crate::word::Addr;
use core::cmp::Ordering;

/// Bytes between two looks at whether memory was there.
const CHUNK: u64 = 4096;

/// Address `base + i`, modulo the address space.
fn at(base: u64, i: u64) -> Addr {
    Addr::from_word(base.wrapping_add(i))
}

/// The first `i` below `len` for which `stop` holds.
fn find(mem: &Mem, len: u64, stop: impl Fn(u64) -> bool) -> Option<u64> {
    for i in 0..len {
        if stop(i) {
            return Some(i);
        }
        if i % CHUNK == 0 && mem.fault().is_some() {
            return None;
        }
    }
    None
}

/// `memcpy` and `memmove`.
pub fn memmove(mem: &mut Mem, [dst, src, len]: [u64; 3]) -> u64 {
    // More than the address space is a wild access, wherever it begins.
    mem.move_bytes(Addr::from_word(dst), Addr::from_word(src), len.min(u32::MAX as u64) as u32);
    dst
}

/// `memset`.
pub fn memset(mem: &mut Mem, [dst, byte, len]: [u64; 3]) -> u64 {
    for i in 0..len.min(u32::MAX as u64) {
        mem.set_u8(at(dst, i), byte as u8);
        if i % CHUNK == 0 && mem.fault().is_some() {
            break;
        }
    }
    dst
}

/// `memcmp`: negative, zero or positive, as a C `int`.
pub fn memcmp(mem: &mut Mem, [a, b, len]: [u64; 3]) -> u64 {
    let differs = find(mem, len, |i| mem.u8(at(a, i)) != mem.u8(at(b, i)));
    order(differs.map_or(Ordering::Equal, |i| mem.u8(at(a, i)).cmp(&mem.u8(at(b, i)))))
}

/// `memchr`: the address of the first such byte, or null.
pub fn memchr(mem: &mut Mem, [s, byte, len]: [u64; 3]) -> u64 {
    find(mem, len, |i| mem.u8(at(s, i)) == byte as u8).map_or(0, |i| s.wrapping_add(i))
}

/// `strlen`.
pub fn strlen(mem: &mut Mem, [s, ..]: [u64; 3]) -> u64 {
    find(mem, u32::MAX as u64, |i| mem.u8(at(s, i)) == 0).unwrap_or(0)
}

/// `strcmp`, and with a length `strncmp`.
pub fn strncmp(mem: &mut Mem, [a, b, len]: [u64; 3]) -> u64 {
    let ends = find(mem, len, |i| mem.u8(at(a, i)) != mem.u8(at(b, i)) || mem.u8(at(a, i)) == 0);
    order(ends.map_or(Ordering::Equal, |i| mem.u8(at(a, i)).cmp(&mem.u8(at(b, i)))))
}

/// An `int` of C, sign-extended to a word.
fn order(o: Ordering) -> u64 {
    o as i64 as u64
}
