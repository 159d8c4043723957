//! `string.h`, `strings.h` and what of `stdlib.h` is about memory or integers alone, by symbol.
//!
//! `qsort` and `bsearch` are absent: they call back. Numbers out of text are in [`number`](super::number).

use super::memory;
use super::table::functions;
use crate::interp::machine::Machine;
use crate::word::{Addr, Word};

/// A function of memory and at most three words.
macro_rules! mem {
    ($f:path) => {
        |m, [a, b, c, ..]| $f(&mut m.mem, [a, b, c])
    };
}

/// Everything.
const ALL: u64 = u32::MAX as u64;

/// Copies the string at `src` with its zero byte; answers its length.
fn copy(m: &mut Machine, dst: Word, src: Word) -> u64 {
    let len = memory::strnlen(&m.mem, src, ALL);
    memory::memmove(&mut m.mem, [dst, src, len + 1]);
    len
}

/// `strncpy`: at most `len` bytes, and zeros up to as many; answers how many were copied.
fn copy_padded(m: &mut Machine, [dst, src, len]: [Word; 3]) -> u64 {
    let copied = memory::strnlen(&m.mem, src, len);
    memory::memmove(&mut m.mem, [dst, src, copied]);
    memory::memset(&mut m.mem, [dst.wrapping_add(copied), 0, len - copied]);
    copied
}

/// `strncat`: appends at most `len` bytes and a zero byte.
fn append(m: &mut Machine, [dst, src, len]: [Word; 3]) -> Word {
    let end = dst.wrapping_add(memory::strnlen(&m.mem, dst, ALL));
    let appended = memory::strnlen(&m.mem, src, len);
    memory::memmove(&mut m.mem, [end, src, appended]);
    m.mem.set_u8(Addr::from_word(end.wrapping_add(appended)), 0);
    dst
}

/// `strndup`: a copy of at most `len` bytes that `free` frees, or null.
fn duplicate(m: &mut Machine, s: Word, len: u64) -> Word {
    let len = memory::strnlen(&m.mem, s, len);
    let Some(new) = m.c_allocate(len + 1) else { return 0 };
    memory::memmove(&mut m.mem, [new.word(), s, len]);
    m.mem.set_u8(new + len as u32, 0);
    new.word()
}

/// `strchr`: the first such byte, which may be the zero byte; with `or_end`, that byte where there is no other.
fn find_char(m: &mut Machine, s: Word, byte: Word, or_end: bool) -> Word {
    let len = memory::strnlen(&m.mem, s, ALL);
    match memory::memchr(&mut m.mem, [s, byte, len + 1]) {
        0 if or_end => s.wrapping_add(len),
        found => found,
    }
}

/// `strtok_r`: the next token of the string at `s`, or of the one at `*save`, and where to go on.
fn token(m: &mut Machine, [s, delimiters, save]: [Word; 3]) -> Word {
    let save = Addr::from_word(save);
    let s = if s == 0 { m.mem.word(save) } else { s };
    if s == 0 {
        return 0;
    }
    let start = s.wrapping_add(memory::span(&m.mem, s, delimiters, true));
    let end = start.wrapping_add(memory::span(&m.mem, start, delimiters, false));
    let more = m.mem.u8(Addr::from_word(end)) != 0;
    if more {
        m.mem.set_u8(Addr::from_word(end), 0);
    }
    m.mem.set_word(save, end.wrapping_add(more as u64));
    if start == end { 0 } else { start }
}

functions! {
    "memcpy" "nnn" b'n' = mem!(memory::memmove);
    "memmove" "nnn" b'n' = mem!(memory::memmove);
    "mempcpy" "nnn" b'n' = |m, [dst, src, len, ..]| memory::memmove(&mut m.mem, [dst, src, len]).wrapping_add(len);
    "memset" "nnn" b'n' = mem!(memory::memset);
    "memcmp" "nnn" b'n' = mem!(memory::memcmp);
    "bcmp" "nnn" b'n' = mem!(memory::memcmp);
    "memchr" "nnn" b'n' = mem!(memory::memchr);
    "memrchr" "nnn" b'n' = |m, [s, byte, len, ..]| memory::memrchr(&m.mem, [s, byte, len]);
    "rawmemchr" "nn" b'n' = |m, [s, byte, ..]| memory::memchr(&mut m.mem, [s, byte, ALL]);
    "bzero" "nn" b'v' = |m, [dst, len, ..]| memory::memset(&mut m.mem, [dst, 0, len]);
    // What gcc calls when it fortifies: the size of the target comes last, and is not looked at.
    "__memcpy_chk" "nnnn" b'n' = mem!(memory::memmove);
    "__memmove_chk" "nnnn" b'n' = mem!(memory::memmove);
    "__memset_chk" "nnnn" b'n' = mem!(memory::memset);
    "strlen" "n" b'n' = mem!(memory::strlen);
    "strnlen" "nn" b'n' = |m, [s, most, ..]| memory::strnlen(&m.mem, s, most);
    "strcmp" "nn" b'n' = |m, [a, b, ..]| memory::strncmp(&mut m.mem, [a, b, ALL]);
    "strcoll" "nn" b'n' = |m, [a, b, ..]| memory::strncmp(&mut m.mem, [a, b, ALL]);
    "__strcoll_l" "nnn" b'n' = |m, [a, b, ..]| memory::strncmp(&mut m.mem, [a, b, ALL]);
    "strncmp" "nnn" b'n' = mem!(memory::strncmp);
    "strcasecmp" "nn" b'n' = |m, [a, b, ..]| memory::strncasecmp(&m.mem, [a, b, ALL]);
    "strncasecmp" "nnn" b'n' = |m, [a, b, len, ..]| memory::strncasecmp(&m.mem, [a, b, len]);
    "strcpy" "nn" b'n' = |m, [dst, src, ..]| {
        copy(m, dst, src);
        dst
    };
    "__strcpy_chk" "nnn" b'n' = |m, [dst, src, ..]| {
        copy(m, dst, src);
        dst
    };
    "stpcpy" "nn" b'n' = |m, [dst, src, ..]| dst.wrapping_add(copy(m, dst, src));
    "strncpy" "nnn" b'n' = |m, [dst, src, len, ..]| {
        copy_padded(m, [dst, src, len]);
        dst
    };
    "stpncpy" "nnn" b'n' = |m, [dst, src, len, ..]| dst.wrapping_add(copy_padded(m, [dst, src, len]));
    "strcat" "nn" b'n' = |m, [dst, src, ..]| append(m, [dst, src, ALL]);
    "strncat" "nnn" b'n' = |m, [dst, src, len, ..]| append(m, [dst, src, len]);
    "strdup" "n" b'n' = |m, [s, ..]| duplicate(m, s, ALL);
    "__strdup" "n" b'n' = |m, [s, ..]| duplicate(m, s, ALL);
    "strndup" "nn" b'n' = |m, [s, len, ..]| duplicate(m, s, len);
    "strchr" "nn" b'n' = |m, [s, byte, ..]| find_char(m, s, byte, false);
    "index" "nn" b'n' = |m, [s, byte, ..]| find_char(m, s, byte, false);
    "strchrnul" "nn" b'n' = |m, [s, byte, ..]| find_char(m, s, byte, true);
    "strrchr" "nn" b'n' = |m, [s, byte, ..]| {
        let len = memory::strnlen(&m.mem, s, ALL);
        memory::memrchr(&m.mem, [s, byte, len + 1])
    };
    "strstr" "nn" b'n' = |m, [haystack, needle, ..]| memory::strstr(&m.mem, haystack, needle);
    "strspn" "nn" b'n' = |m, [s, set, ..]| memory::span(&m.mem, s, set, true);
    "strcspn" "nn" b'n' = |m, [s, set, ..]| memory::span(&m.mem, s, set, false);
    "strpbrk" "nn" b'n' = |m, [s, set, ..]| {
        let found = s.wrapping_add(memory::span(&m.mem, s, set, false));
        if m.mem.u8(Addr::from_word(found)) == 0 { 0 } else { found }
    };
    "strtok_r" "nnn" b'n' = |m, [s, delimiters, save, ..]| token(m, [s, delimiters, save]);
    "__strtok_r" "nnn" b'n' = |m, [s, delimiters, save, ..]| token(m, [s, delimiters, save]);
    "abs" "n" b'n' = |_, [x, ..]| (x as i32).wrapping_abs() as i64 as u64;
    "labs" "n" b'n' = |_, [x, ..]| (x as i64).wrapping_abs() as u64;
    "llabs" "n" b'n' = |_, [x, ..]| (x as i64).wrapping_abs() as u64;
}

#[cfg(test)]
mod tests;
