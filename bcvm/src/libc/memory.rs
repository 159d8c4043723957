//! Functions of `string.h` on guest memory, each as a function of Rust; their symbols are in [`string`](super::string).
//!
//! Lengths come from the program. Memory ends, so every loop does: in the guest with a trap, in an arena because a
//! fault is looked for after each chunk.

use crate::mem::Mem;
use crate::word::Addr;
use alloc::vec;
use alloc::vec::Vec;
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

/// Whether there is memory at the last of `len` bytes: looked at first, so that a wild length costs nothing.
fn has_end(mem: &Mem, base: u64, len: u64) -> bool {
    mem.u8(at(base, len - 1));
    mem.fault().is_none()
}

/// `memcpy` and `memmove`.
pub fn memmove(mem: &mut Mem, [dst, src, len]: [u64; 3]) -> u64 {
    // More than the address space is a wild access, wherever it begins.
    let len = len.min(u32::MAX as u64);
    if len > CHUNK && !(has_end(mem, src, len) && has_end(mem, dst, len)) {
        return dst;
    }
    mem.move_bytes(Addr::from_word(dst), Addr::from_word(src), len as u32);
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

/// The longest C string that is copied out of memory.
const MAX_STRING: usize = 1 << 20;

/// The C string at `s`, without its zero byte; what exceeds a bound is cut off.
pub fn c_string(mem: &Mem, s: u64) -> Vec<u8> {
    c_string_of(mem, s, MAX_STRING)
}

/// The C string at `s`, or its first `most` bytes.
pub fn c_string_of(mem: &Mem, s: u64, most: usize) -> Vec<u8> {
    let len = find(mem, most.min(MAX_STRING) as u64, |i| mem.u8(at(s, i)) == 0);
    let mut out = vec![0; len.unwrap_or(if mem.fault().is_some() { 0 } else { most.min(MAX_STRING) as u64 }) as usize];
    mem.read_bytes(Addr::from_word(s), &mut out);
    out
}

/// `strnlen`.
pub fn strnlen(mem: &Mem, s: u64, most: u64) -> u64 {
    find(mem, most.min(u32::MAX as u64), |i| mem.u8(at(s, i)) == 0).unwrap_or(most)
}

/// `memrchr`: the address of the last such byte, or null.
pub fn memrchr(mem: &Mem, [s, byte, len]: [u64; 3]) -> u64 {
    let len = len.min(u32::MAX as u64);
    find(mem, len, |i| mem.u8(at(s, len - 1 - i)) == byte as u8).map_or(0, |i| s.wrapping_add(len - 1 - i))
}

/// `strncasecmp`: the order of at most `len` characters, those of ASCII without regard to case.
pub fn strncasecmp(mem: &Mem, [a, b, len]: [u64; 3]) -> u64 {
    let lower = |s: u64, i: u64| mem.u8(at(s, i)).to_ascii_lowercase();
    let ends = find(mem, len, |i| lower(a, i) != lower(b, i) || lower(a, i) == 0);
    order(ends.map_or(Ordering::Equal, |i| lower(a, i).cmp(&lower(b, i))))
}

/// `strstr`: where `needle` first occurs in `haystack`, or null.
pub fn strstr(mem: &Mem, haystack: u64, needle: u64) -> u64 {
    let needle = c_string(mem, needle);
    let len = strnlen(mem, haystack, u32::MAX as u64);
    let Some(last) = len.checked_sub(needle.len() as u64) else { return 0 };
    let matches = |i: u64| needle.iter().enumerate().all(|(k, byte)| mem.u8(at(haystack, i + k as u64)) == *byte);
    find(mem, last + 1, matches).map_or(0, |i| haystack.wrapping_add(i))
}

/// How many bytes of the string at `s` are all in `set`, or, if not `inside`, all outside of it: `strspn`, `strcspn`.
pub fn span(mem: &Mem, s: u64, set: u64, inside: bool) -> u64 {
    let set = c_string(mem, set);
    let ends = |i: u64| match mem.u8(at(s, i)) {
        0 => true,
        byte => set.contains(&byte) != inside,
    };
    find(mem, u32::MAX as u64, ends).unwrap_or(0)
}
