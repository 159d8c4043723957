//! `string.h`, `strings.h` and what of `stdlib.h` is about memory or integers alone, by symbol.
//!
//! `qsort` and its kin are in [`sort`](super::sort), numbers out of text in [`number`](super::number).

use super::memory;
use super::os::area::{TEXT, TOKEN};
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

/// `strsep`: the token at `*at`, which may be empty; `*at` becomes where the next begins, or null.
fn separate(m: &mut Machine, at: Word, delimiters: Word) -> Word {
    let at = Addr::from_word(at);
    let start = m.mem.word(at);
    if start == 0 {
        return 0;
    }
    let end = start.wrapping_add(memory::span(&m.mem, start, delimiters, false));
    let ends_here = m.mem.u8(Addr::from_word(end)) == 0;
    if !ends_here {
        m.mem.set_u8(Addr::from_word(end), 0);
    }
    m.mem.set_word(at, if ends_here { 0 } else { end.wrapping_add(1) });
    start
}

/// `strcasestr`.
fn find_without_case(m: &mut Machine, haystack: Word, needle: Word) -> Word {
    let (len, needle_len) = (memory::strnlen(&m.mem, haystack, ALL), memory::strnlen(&m.mem, needle, ALL));
    let places = len.checked_sub(needle_len).map_or(0, |last| last + 1);
    let mut found = (0..places).map(|i| haystack.wrapping_add(i)).take_while(|_| m.mem.fault().is_none());
    found.find(|at| memory::strncasecmp(&m.mem, [*at, needle, needle_len]) == 0).unwrap_or(0)
}

/// `memmem`.
fn find_bytes(m: &mut Machine, [haystack, len, needle, needle_len]: [Word; 4]) -> Word {
    let places = len.min(ALL).checked_sub(needle_len).map_or(0, |last| last + 1);
    for i in 0..places {
        let at = haystack.wrapping_add(i);
        if memory::memcmp(&mut m.mem, [at, needle, needle_len]) == 0 {
            return at;
        }
        if m.mem.fault().is_some() {
            break;
        }
    }
    0
}

/// `memccpy`: copies up to and including the byte; answers what comes behind it in the copy, or null.
fn copy_until(m: &mut Machine, [dst, src, byte, len]: [Word; 4]) -> Word {
    match memory::memchr(&mut m.mem, [src, byte, len.min(ALL)]) {
        0 => {
            memory::memmove(&mut m.mem, [dst, src, len]);
            0
        }
        found => {
            let copied = found.wrapping_sub(src).wrapping_add(1);
            memory::memmove(&mut m.mem, [dst, src, copied]);
            dst.wrapping_add(copied)
        }
    }
}

/// POSIX's `basename`: what is behind the last slash that is not at the end; slashes at the end are overwritten.
fn base_name(m: &mut Machine, path: Word) -> Word {
    match last_component(m, path) {
        None => super::os::call::write_text(m, TEXT, "."),
        Some((start, end)) => {
            m.mem.set_u8(Addr::from_word(end), 0);
            start
        }
    }
}

/// `dirname`: what is in front of that.
fn directory_name(m: &mut Machine, path: Word) -> Word {
    let Some((start, _)) = last_component(m, path) else { return super::os::call::write_text(m, TEXT, ".") };
    let is_slash = |m: &Machine, at: Word| m.mem.u8(Addr::from_word(at)) == b'/';
    if start == path {
        return super::os::call::write_text(m, TEXT, if is_slash(m, path) { "/" } else { "." });
    }
    let mut end = start;
    while end > path.wrapping_add(1) && is_slash(m, end - 1) {
        end -= 1;
    }
    m.mem.set_u8(Addr::from_word(end), 0);
    path
}

/// Where the last component of a path begins and ends; a path of slashes is its own. None for no path, or an empty one.
fn last_component(m: &Machine, path: Word) -> Option<(Word, Word)> {
    let text = if path == 0 { return None } else { memory::c_string(&m.mem, path) };
    let end = text.iter().rposition(|c| *c != b'/').map(|last| last + 1);
    let Some(end) = end else { return (!text.is_empty()).then_some((path, path.wrapping_add(1))) };
    let start = text[..end].iter().rposition(|c| *c == b'/').map_or(0, |slash| slash + 1);
    Some((path.wrapping_add(start as Word), path.wrapping_add(end as Word)))
}

/// The number of the lowest bit that is set, from 1, or 0.
fn first_bit(x: u64) -> Word {
    if x == 0 { 0 } else { Word::from(x.trailing_zeros()) + 1 }
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
    "stpcpy" "nn" b'n' = |m, [dst, src, ..]| dst.wrapping_add(copy(m, dst, src));
    "strncpy" "nnn" b'n' = |m, [dst, src, len, ..]| {
        copy_padded(m, [dst, src, len]);
        dst
    };
    "stpncpy" "nnn" b'n' = |m, [dst, src, len, ..]| dst.wrapping_add(copy_padded(m, [dst, src, len]));
    "strcat" "nn" b'n' = |m, [dst, src, ..]| append(m, [dst, src, ALL]);
    "strncat" "nnn" b'n' = |m, [dst, src, len, ..]| append(m, [dst, src, len]);
    "strdup" "n" b'n' = |m, [s, ..]| duplicate(m, s, ALL);
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
    "strtok" "nn" b'n' = |m, [s, delimiters, ..]| token(m, [s, delimiters, TOKEN.word()]);
    "strsep" "nn" b'n' = |m, [at, delimiters, ..]| separate(m, at, delimiters);
    "strcasestr" "nn" b'n' = |m, [haystack, needle, ..]| find_without_case(m, haystack, needle);
    "memmem" "nnnn" b'n' = |m, [haystack, len, needle, needle_len, ..]| find_bytes(m, [haystack, len, needle, needle_len]);
    "memccpy" "nnnn" b'n' = |m, [dst, src, byte, len, ..]| copy_until(m, [dst, src, byte, len]);
    "explicit_bzero" "nn" b'v' = |m, [dst, len, ..]| memory::memset(&mut m.mem, [dst, 0, len]);
    "strxfrm" "nnn" b'n' = |m, [dst, src, len, ..]| {
        if len > 0 {
            let copied = memory::strnlen(&m.mem, src, len - 1);
            memory::memmove(&mut m.mem, [dst, src, copied]);
            m.mem.set_u8(Addr::from_word(dst.wrapping_add(copied)), 0);
        }
        memory::strnlen(&m.mem, src, ALL)
    };
    "basename" "n" b'n' = |m, [path, ..]| base_name(m, path);
    "dirname" "n" b'n' = |m, [path, ..]| directory_name(m, path);
    "ffs" "n" b'n' = |_, [x, ..]| first_bit(x as u32 as u64);
    "ffsl" "n" b'n' = |_, [x, ..]| first_bit(x);
    "ffsll" "n" b'n' = |_, [x, ..]| first_bit(x);
    "abs" "n" b'n' = |_, [x, ..]| (x as i32).wrapping_abs() as i64 as u64;
    "labs" "n" b'n' = |_, [x, ..]| (x as i64).wrapping_abs() as u64;
    "llabs" "n" b'n' = |_, [x, ..]| (x as i64).wrapping_abs() as u64;
}

#[cfg(test)]
mod tests;
