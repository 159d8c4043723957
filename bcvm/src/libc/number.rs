//! Numbers out of text (`stdlib.h`), and pseudo-random ones.
//!
//! Results that do not fit are the nearest that do, with ERANGE in `errno`.

use super::errno::ERANGE;
use super::memory;
use super::os::call::fail;
use super::table::functions;
use crate::interp::machine::Machine;
use crate::word::{Addr, Word};
use alloc::vec::Vec;

/// The longest text that is looked at.
const MAX_TEXT: usize = 4096;

/// The text at `s` that a number may be in, without the spaces before it, and how many those are.
fn text(m: &Machine, s: Word) -> (Vec<u8>, usize) {
    let mut text = memory::c_string_of(&m.mem, s, MAX_TEXT);
    let spaces = text.iter().take_while(|c| c.is_ascii_whitespace() || **c == 0x0b).count();
    text.drain(..spaces);
    (text, spaces)
}

/// Tells where a number of `used` bytes behind `spaces` spaces ended; at the beginning if there was none.
fn set_end(m: &mut Machine, s: Word, end_at: Word, used: Option<usize>, spaces: usize) {
    if end_at != 0 {
        let end = used.map_or(s, |n| s.wrapping_add((n + spaces) as u64));
        m.mem.set_word(Addr::from_word(end_at), end);
    }
}

/// Sign and length of the sign.
fn sign(text: &[u8]) -> (bool, usize) {
    match text.first() {
        Some(b'-') => (true, 1),
        Some(b'+') => (false, 1),
        _ => (false, 0),
    }
}

/// An integer at the beginning of `text`: sign, magnitude (none if it takes more than 64 bits), bytes.
pub fn integer(text: &[u8], base: u32) -> Option<(bool, Option<u64>, usize)> {
    let (negative, mut at) = sign(text);
    let digit = |i: usize, base: u32| text.get(i).and_then(|c| (*c as char).to_digit(base));
    let hex = matches!(text.get(at..at + 2), Some([b'0', b'x' | b'X'])) && digit(at + 2, 16).is_some();
    let base = match base {
        0 if hex => 16,
        0 if text.get(at) == Some(&b'0') => 8,
        0 => 10,
        2..=36 => base,
        _ => return None,
    };
    if base == 16 && hex {
        at += 2;
    }
    digit(at, base)?;
    let mut value = Some(0u64);
    while let Some(d) = digit(at, base) {
        value = value.and_then(|v| v.checked_mul(base as u64)?.checked_add(d as u64));
        at += 1;
    }
    Some((negative, value, at))
}

/// `strtol`.
fn strtol(m: &mut Machine, [s, end_at, base]: [Word; 3]) -> Word {
    let (text, spaces) = text(m, s);
    let parsed = integer(&text, base as u32);
    set_end(m, s, end_at, parsed.map(|p| p.2), spaces);
    let Some((negative, magnitude, _)) = parsed else { return 0 };
    let limit = i64::MAX as u64 + negative as u64;
    if magnitude.is_none_or(|n| n > limit) {
        fail(m, ERANGE);
    }
    let magnitude = magnitude.unwrap_or(limit).min(limit);
    if negative { magnitude.wrapping_neg() } else { magnitude }
}

/// `strtoul`: a negative number is that many less than 2^64.
fn strtoul(m: &mut Machine, [s, end_at, base]: [Word; 3]) -> Word {
    let (text, spaces) = text(m, s);
    let parsed = integer(&text, base as u32);
    set_end(m, s, end_at, parsed.map(|p| p.2), spaces);
    match parsed {
        Some((true, Some(magnitude), _)) => magnitude.wrapping_neg(),
        Some((_, magnitude, _)) => match magnitude {
            Some(n) => n,
            None => fail(m, ERANGE),
        },
        None => 0,
    }
}

/// A double at the beginning of `text`, and its bytes.
pub fn double(text: &[u8]) -> Option<(f64, usize)> {
    let (negative, start) = sign(text);
    let rest = &text[start..];
    let begins = |word: &[u8]| rest.get(..word.len()).is_some_and(|r| r.eq_ignore_ascii_case(word));
    let (value, used) = if begins(b"infinity") {
        (f64::INFINITY, 8)
    } else if begins(b"inf") {
        (f64::INFINITY, 3)
    } else if begins(b"nan") {
        (f64::NAN, 3)
    } else if begins(b"0x") && hexadecimal(&rest[2..]).is_some() {
        let (value, used) = hexadecimal(&rest[2..])?;
        (value, used + 2)
    } else {
        decimal(rest)?
    };
    Some((if negative { -value } else { value }, start + used))
}

/// How many digits `text` begins with.
fn digits(text: &[u8], base: u32) -> usize {
    text.iter().take_while(|c| (**c as char).is_digit(base)).count()
}

/// The length of an exponent that `text` begins with: a letter, a sign, digits.
fn exponent(text: &[u8], letter: u8) -> usize {
    if !text.first().is_some_and(|c| c.eq_ignore_ascii_case(&letter)) {
        return 0;
    }
    let signed = 1 + matches!(text.get(1), Some(b'+' | b'-')) as usize;
    match digits(&text[signed..], 10) {
        0 => 0,
        n => signed + n,
    }
}

/// The length of digits with a point among them, and of those before it; none if there is no digit.
fn mantissa(text: &[u8], base: u32) -> Option<(usize, usize)> {
    let whole = digits(text, base);
    let fraction = if text.get(whole) == Some(&b'.') { digits(&text[whole + 1..], base) + 1 } else { 0 };
    (whole > 0 || fraction > 1).then_some((whole + fraction, whole))
}

fn decimal(text: &[u8]) -> Option<(f64, usize)> {
    let (len, _) = mantissa(text, 10)?;
    let used = len + exponent(&text[len..], b'e');
    let value = core::str::from_utf8(&text[..used]).ok()?.parse().ok()?;
    Some((value, used))
}

fn hexadecimal(text: &[u8]) -> Option<(f64, usize)> {
    let (len, whole) = mantissa(text, 16)?;
    let (mut value, mut power, mut lost) = (0u64, 0i32, false);
    for (i, c) in text[..len].iter().enumerate() {
        let Some(d) = (*c as char).to_digit(16) else { continue };
        // Sixteen hexadecimal digits are more than a double holds; of the others only whether they are all 0 matters.
        let fits = value >> 60 == 0;
        if fits {
            value = value << 4 | d as u64;
        } else {
            lost |= d != 0;
        }
        power += 4 * ((i < whole && !fits) as i32 - (i > whole && fits) as i32);
    }
    let tail = exponent(&text[len..], b'p');
    if tail > 0 {
        let digits = core::str::from_utf8(&text[len + 1..len + tail]).ok()?;
        let saturated = if digits.starts_with('-') { -100_000 } else { 100_000 };
        power = power.saturating_add(digits.parse().unwrap_or(saturated).clamp(-100_000, 100_000));
    }
    Some((libm::scalbn((value | lost as u64) as f64, power), len + tail))
}

/// `strtod`.
fn strtod(m: &mut Machine, s: Word, end_at: Word) -> f64 {
    let (text, spaces) = text(m, s);
    let parsed = double(&text);
    set_end(m, s, end_at, parsed.map(|p| p.1), spaces);
    let (value, used) = parsed.unwrap_or((0.0, 0));
    // An infinity that was not asked for by name.
    if value.is_infinite() && text[..used].iter().any(u8::is_ascii_digit) {
        fail(m, ERANGE);
    }
    value
}

functions! {
    "strtol" "nnn" b'n' = |m, [s, end_at, base, ..]| strtol(m, [s, end_at, base]);
    "strtoll" "nnn" b'n' = |m, [s, end_at, base, ..]| strtol(m, [s, end_at, base]);
    "strtoimax" "nnn" b'n' = |m, [s, end_at, base, ..]| strtol(m, [s, end_at, base]);
    "strtoul" "nnn" b'n' = |m, [s, end_at, base, ..]| strtoul(m, [s, end_at, base]);
    "strtoull" "nnn" b'n' = |m, [s, end_at, base, ..]| strtoul(m, [s, end_at, base]);
    "strtoumax" "nnn" b'n' = |m, [s, end_at, base, ..]| strtoul(m, [s, end_at, base]);
    "strtod" "nn" b'd' = |m, [s, end_at, ..]| strtod(m, s, end_at).to_bits();
    "strtof" "nn" b'f' = |m, [s, end_at, ..]| (strtod(m, s, end_at) as f32).to_bits() as Word;
    // With a locale, of which there is one.
    "__strtod_l" "nnn" b'd' = |m, [s, end_at, ..]| strtod(m, s, end_at).to_bits();
    "__strtof_l" "nnn" b'f' = |m, [s, end_at, ..]| (strtod(m, s, end_at) as f32).to_bits() as Word;
    "atoi" "n" b'n' = |m, [s, ..]| strtol(m, [s, 0, 10]) as i32 as i64 as Word;
    "atol" "n" b'n' = |m, [s, ..]| strtol(m, [s, 0, 10]);
    "atoll" "n" b'n' = |m, [s, ..]| strtol(m, [s, 0, 10]);
    "atof" "n" b'd' = |m, [s, ..]| strtod(m, s, 0).to_bits();
}

#[cfg(test)]
mod tests;
