//! `wchar.h`: strings of `wchar_t`, which is 32 bits, and the multibyte characters of the locale, which are UTF-8.

use super::errno::EILSEQ;
use super::memory;
use super::os::call::fail;
use super::table::functions;
use crate::interp::machine::Machine;
use crate::mem::Mem;
use crate::word::{Addr, Word};
use core::cmp::Ordering;

/// Bytes of a `wchar_t`.
const WIDE: u64 = 4;
/// Everything.
const ALL: u64 = u32::MAX as u64;
/// What `mbrtowc` and its like answer for what is no character, and for what is the beginning of one.
const INVALID: Word = -1i64 as Word;
const INCOMPLETE: Word = -2i64 as Word;

fn at(s: Word, i: u64) -> Addr {
    Addr::from_word(s.wrapping_add(i.wrapping_mul(WIDE)))
}

fn get(mem: &Mem, s: Word, i: u64) -> u32 {
    mem.u32(at(s, i))
}

/// The first index below `most` for which `stop` holds.
fn find(mem: &Mem, most: u64, stop: impl Fn(u64) -> bool) -> Option<u64> {
    (0..most.min(ALL)).take_while(|_| mem.fault().is_none()).find(|i| stop(*i))
}

/// `wcslen`, and with a bound `wcsnlen`.
fn len(mem: &Mem, s: Word, most: u64) -> u64 {
    find(mem, most, |i| get(mem, s, i) == 0).unwrap_or(most)
}

/// Moves `n` characters.
fn copy(m: &mut Machine, to: Word, from: Word, n: u64) -> Word {
    memory::memmove(&mut m.mem, [to, from, n.saturating_mul(WIDE)])
}

/// The order of two strings, or with `past_end` of `most` characters whatever they are.
fn compare(mem: &Mem, a: Word, b: Word, most: u64, past_end: bool) -> Word {
    let ends = |i| get(mem, a, i) != get(mem, b, i) || !past_end && get(mem, a, i) == 0;
    let order =
        find(mem, most, ends).map_or(Ordering::Equal, |i| (get(mem, a, i) as i32).cmp(&(get(mem, b, i) as i32)));
    order as i64 as Word
}

/// The first such character among `most`, or null; at the end of a string, if that is not what is looked for.
fn find_char(mem: &Mem, s: Word, c: Word, most: u64, past_end: bool) -> Word {
    let found = find(mem, most, |i| get(mem, s, i) == c as u32 || !past_end && get(mem, s, i) == 0);
    found.filter(|i| get(mem, s, *i) == c as u32).map_or(0, |i| at(s, i).word())
}

/// A character that at most `most` bytes begin with, and how many they are; or why there is none.
fn decode(mem: &Mem, s: Word, most: u64) -> Result<(u32, u64), Word> {
    let mut bytes = [0; 4];
    for n in 0..most.min(4) as usize {
        bytes[n] = mem.u8(Addr::from_word(s.wrapping_add(n as u64)));
        match core::str::from_utf8(&bytes[..=n]) {
            Ok(text) => return Ok((text.chars().next().map_or(0, u32::from), n as u64 + 1)),
            Err(error) if error.error_len().is_some() => return Err(INVALID),
            Err(_) => {}
        }
    }
    Err(INCOMPLETE)
}

/// `mbrtowc`: bytes of the character, 0 for the null character; keeps nothing of one that is incomplete.
fn to_wide(m: &mut Machine, out: Word, s: Word, most: u64) -> Word {
    if s == 0 {
        return 0;
    }
    match decode(&m.mem, s, most) {
        Ok((c, used)) => {
            if out != 0 {
                m.mem.set_u32(Addr::from_word(out), c);
            }
            if c == 0 { 0 } else { used }
        }
        Err(INVALID) => fail(m, EILSEQ),
        Err(why) => why,
    }
}

/// The same as an `int`, where incomplete is invalid (`mbtowc`, `mblen`).
fn to_wide_int(m: &mut Machine, out: Word, s: Word, most: u64) -> Word {
    match to_wide(m, out, s, most) {
        INCOMPLETE => INVALID,
        used => used,
    }
}

/// `wcrtomb`: writes a character, and answers its bytes.
fn to_bytes(m: &mut Machine, out: Word, c: Word) -> Word {
    if out == 0 {
        return 1;
    }
    let Some(c) = char::from_u32(c as u32) else { return fail(m, EILSEQ) };
    let mut bytes = [0; 4];
    let text = c.encode_utf8(&mut bytes);
    m.mem.write_bytes(Addr::from_word(out), text.as_bytes());
    text.len() as Word
}

/// `mbstowcs`: at most `most` characters, without a bound if there is no place for them; answers how many.
fn string_to_wide(m: &mut Machine, out: Word, mut s: Word, most: u64) -> Word {
    let most = if out == 0 { ALL } else { most };
    for n in 0..most {
        let to = if out == 0 { 0 } else { at(out, n).word() };
        match to_wide(m, to, s, 4) {
            0 => return n,
            INVALID | INCOMPLETE => return fail(m, EILSEQ),
            used => s = s.wrapping_add(used),
        }
        if m.mem.fault().is_some() {
            break;
        }
    }
    most
}

/// `wcstombs`: at most `most` bytes, whole characters; answers how many.
fn string_to_bytes(m: &mut Machine, out: Word, s: Word, most: u64) -> Word {
    let mut written = 0;
    for i in 0..ALL {
        let c = get(&m.mem, s, i);
        let Some(bytes) = char::from_u32(c).map(|c| c.len_utf8() as u64) else { return fail(m, EILSEQ) };
        if m.mem.fault().is_some() || out != 0 && written + bytes > most {
            break;
        }
        if out != 0 {
            to_bytes(m, out.wrapping_add(written), Word::from(c));
        }
        if c == 0 {
            break;
        }
        written += bytes;
    }
    written
}

functions! {
    "wcslen" "n" b'n' = |m, [s, ..]| len(&m.mem, s, ALL);
    "wcsnlen" "nn" b'n' = |m, [s, most, ..]| len(&m.mem, s, most);
    "wcscmp" "nn" b'n' = |m, [a, b, ..]| compare(&m.mem, a, b, ALL, false);
    "wcsncmp" "nnn" b'n' = |m, [a, b, most, ..]| compare(&m.mem, a, b, most, false);
    "wmemcmp" "nnn" b'n' = |m, [a, b, most, ..]| compare(&m.mem, a, b, most, true);
    "wcscpy" "nn" b'n' = |m, [to, from, ..]| {
        let n = len(&m.mem, from, ALL);
        copy(m, to, from, n + 1)
    };
    "wcscat" "nn" b'n' = |m, [to, from, ..]| {
        let (end, n) = (at(to, len(&m.mem, to, ALL)).word(), len(&m.mem, from, ALL));
        copy(m, end, from, n + 1);
        to
    };
    "wcsncpy" "nnn" b'n' = |m, [to, from, most, ..]| {
        let n = len(&m.mem, from, most);
        copy(m, to, from, n);
        memory::memset(&mut m.mem, [at(to, n).word(), 0, (most - n).saturating_mul(WIDE)]);
        to
    };
    "wmemcpy" "nnn" b'n' = |m, [to, from, n, ..]| copy(m, to, from, n);
    "wmemmove" "nnn" b'n' = |m, [to, from, n, ..]| copy(m, to, from, n);
    "wmemset" "nnn" b'n' = |m, [to, c, n, ..]| {
        for i in 0..n.min(ALL) {
            m.mem.set_u32(at(to, i), c as u32);
            if m.mem.fault().is_some() {
                break;
            }
        }
        to
    };
    "wcschr" "nn" b'n' = |m, [s, c, ..]| find_char(&m.mem, s, c, ALL, false);
    "wmemchr" "nnn" b'n' = |m, [s, c, most, ..]| find_char(&m.mem, s, c, most, true);
    "wcsrchr" "nn" b'n' = |m, [s, c, ..]| {
        let n = len(&m.mem, s, ALL);
        (0..=n).rev().find(|i| get(&m.mem, s, *i) == c as u32).map_or(0, |i| at(s, i).word())
    };
    "mbrtowc" "nnnn" b'n' = |m, [out, s, most, ..]| to_wide(m, out, s, most);
    "mbrlen" "nnn" b'n' = |m, [s, most, ..]| to_wide(m, 0, s, most);
    "mbtowc" "nnn" b'n' = |m, [out, s, most, ..]| to_wide_int(m, out, s, most);
    "mblen" "nn" b'n' = |m, [s, most, ..]| to_wide_int(m, 0, s, most);
    "wcrtomb" "nnn" b'n' = |m, [out, c, ..]| to_bytes(m, out, c);
    "wctomb" "nn" b'n' = |m, [out, c, ..]| if out == 0 { 0 } else { to_bytes(m, out, c) };
    "mbstowcs" "nnn" b'n' = |m, [out, s, most, ..]| string_to_wide(m, out, s, most);
    "wcstombs" "nnn" b'n' = |m, [out, s, most, ..]| string_to_bytes(m, out, s, most);
    "mbsinit" "n" b'n' = |_, _| 1;
    "btowc" "n" b'n' = |_, [c, ..]| if (c as u32) < 0x80 { c } else { INVALID };
    "wctob" "n" b'n' = |_, [c, ..]| if (c as u32) < 0x80 { c } else { INVALID };
    "__ctype_get_mb_cur_max" "" b'n' = |_, _| 6;
}

#[cfg(test)]
mod tests {
    use crate::libc::harness::*;

    #[test]
    fn texts_are_utf_8_and_wide() {
        let mut m = machine();
        let (text, wide) = (string(&mut m, "zwölf €"), words(&mut m, 8));
        assert_eq!(call(&mut m, "mbstowcs", &[wide, text, 16]), 7);
        assert_eq!(call(&mut m, "wcslen", &[wide]), 7);
        let back = words(&mut m, 8);
        assert_eq!(call(&mut m, "wcstombs", &[back, wide, 64]), 10);
        assert_eq!(read(&m, back), "zwölf €");
        assert_eq!(call(&mut m, "wcschr", &[wide, 'f' as u64]), wide + 16);
        assert_eq!(call(&mut m, "mblen", &[text + 2, 1]), u64::MAX);
        assert_eq!(call(&mut m, "mblen", &[text + 2, 2]), 2);
        assert_eq!(call(&mut m, "wcsncmp", &[wide, wide + 4, 3]) as i64, 1);
    }
}
