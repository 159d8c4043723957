//! `ctype.h` in the C locale, and `wctype.h` by Unicode.

use super::memory::c_string;
use super::table::functions;
use crate::interp::machine::Machine;
use crate::word::{Addr, Word};

/// A class of bytes.
macro_rules! class {
    ($test:expr) => {
        |_, [c, ..]| {
            let test: fn(&u8) -> bool = $test;
            u8::try_from(c as u32).is_ok_and(|c| test(&c)) as Word
        }
    };
}

/// A class of characters.
macro_rules! wide {
    ($test:expr) => {
        |_, [c, ..]| {
            let test: fn(char) -> bool = $test;
            char::from_u32(c as u32).is_some_and(test) as Word
        }
    };
}

/// A byte of the C locale in the other case; what is no byte stays.
pub(super) fn with_byte(c: Word, f: fn(&u8) -> u8) -> Word {
    match u8::try_from(c as u32) {
        Ok(byte) => f(&byte) as Word,
        Err(_) => c as u32 as i32 as i64 as Word,
    }
}

/// A character in the other case, if that is one character.
fn with_char<I: Iterator<Item = char>>(c: Word, f: fn(char) -> I) -> Word {
    let other = char::from_u32(c as u32).and_then(|c| {
        let mut other = f(c);
        let first = other.next();
        if other.next().is_some() { None } else { first }
    });
    other.map_or(c & u32::MAX as u64, |c| c as Word)
}

/// A class: its bit in the table that `__ctype_b_loc` answers (`bits/ctype.h`), its name for `wctype`, who is in it.
type Class = (u16, &'static str, fn(&u8) -> bool);

const CLASSES: [Class; 12] = [
    (1 << 8, "upper", u8::is_ascii_uppercase),
    (1 << 9, "lower", u8::is_ascii_lowercase),
    (1 << 10, "alpha", u8::is_ascii_alphabetic),
    (1 << 11, "digit", u8::is_ascii_digit),
    (1 << 12, "xdigit", u8::is_ascii_hexdigit),
    (1 << 13, "space", |c| matches!(c, b'\t'..=b'\r' | b' ')),
    (1 << 14, "print", |c| matches!(c, b' '..=b'~')),
    (1 << 15, "graph", u8::is_ascii_graphic),
    (1 << 0, "blank", |c| matches!(c, b'\t' | b' ')),
    (1 << 1, "cntrl", u8::is_ascii_control),
    (1 << 2, "punct", u8::is_ascii_punctuation),
    (1 << 3, "alnum", u8::is_ascii_alphanumeric),
];

/// The tables that C's own `isalpha` and its like look into have entries for -128 to 255, and are known by the address
/// of a pointer to the entry for 0.
const LOWEST: i32 = -128;
const ENTRIES: u32 = 384;
/// Bytes of the three pointers, of the table of classes, and of each of those of the other case.
const POINTERS: u32 = 32;
const CLASS_TABLE: u32 = 2 * ENTRIES;
const CASE_TABLE: u32 = 4 * ENTRIES;
/// Where all that ends and the locale begins, a `struct __locale_struct`: thirteen pointers, then those three, in which the
/// standard library of C++ looks.
const LOCALE: u32 = POINTERS + CLASS_TABLE + 2 * CASE_TABLE;
const LOCALE_POINTERS: u32 = 13 * 8;
const LOCALE_BYTES: u32 = 232;

/// The only `locale_t`.
pub fn locale(m: &mut Machine) -> Word {
    match tables(m, 0) {
        0 => 0,
        at => at + Word::from(LOCALE),
    }
}

/// The number of the class of that name.
fn number_of(name: &[u8]) -> Option<usize> {
    CLASSES.iter().position(|(_, known, _)| known.as_bytes() == name)
}

/// Who is in the class of that name.
pub fn named(name: &[u8]) -> Option<fn(&u8) -> bool> {
    number_of(name).map(|n| CLASSES[n].2)
}

/// `wctype`: the class of that name, counted from 1; 0 if there is none.
fn wctype(m: &Machine, name: Word) -> Word {
    number_of(&c_string(&m.mem, name)).map_or(0, |n| n as Word + 1)
}

/// `iswctype`: no class has characters beyond ASCII.
fn iswctype(c: Word, class: Word) -> Word {
    let class = usize::try_from(class).ok().and_then(|class| CLASSES.get(class.wrapping_sub(1)));
    let byte = u8::try_from(c as u32).ok().filter(u8::is_ascii);
    class.zip(byte).is_some_and(|((_, _, is), byte)| is(&byte)) as Word
}

/// Where the pointer to the table is: of the classes, of lower case, of upper case.
fn tables(m: &mut Machine, which: u32) -> Word {
    if m.c.classes.is_none() {
        m.c.classes = make_tables(m);
    }
    match m.c.classes {
        Some(at) => at.offset_w(which).word(),
        None => {
            m.end_program("no memory for the tables of character classes".into());
            0
        }
    }
}

fn make_tables(m: &mut Machine) -> Option<Addr> {
    let at = m.c_allocate(Word::from(LOCALE + LOCALE_BYTES))?;
    for i in 0..LOCALE_BYTES / 8 {
        m.mem.set_word((at + LOCALE).offset_w(i), 0);
    }
    let classes = at + POINTERS;
    let (lower, upper) = (classes + CLASS_TABLE, classes + CLASS_TABLE + CASE_TABLE);
    let zero = LOWEST.unsigned_abs();
    for (i, (table, bytes)) in (0..).zip([(classes, 2), (lower, 4), (upper, 4)]) {
        m.mem.set_word(at.offset_w(i), (table + zero * bytes).word());
        m.mem.set_word((at + LOCALE + LOCALE_POINTERS).offset_w(i), (table + zero * bytes).word());
    }
    for (i, c) in (0..).zip(LOWEST..LOWEST + ENTRIES as i32) {
        let byte = u8::try_from(c).ok().filter(u8::is_ascii);
        let bits = byte.map_or(0, |c| CLASSES.iter().filter(|(_, _, is)| is(&c)).fold(0, |all, (bit, ..)| all | bit));
        m.mem.write_bytes(classes + 2 * i, &bits.to_le_bytes());
        m.mem.set_u32(lower + 4 * i, byte.map_or(c, |c| c.to_ascii_lowercase().into()) as u32);
        m.mem.set_u32(upper + 4 * i, byte.map_or(c, |c| c.to_ascii_uppercase().into()) as u32);
    }
    Some(at)
}

functions! {
    "__ctype_b_loc" "" b'n' = |m, _| tables(m, 0);
    "__ctype_tolower_loc" "" b'n' = |m, _| tables(m, 1);
    "__ctype_toupper_loc" "" b'n' = |m, _| tables(m, 2);
    "wctype" "n" b'n' = |m, [name, ..]| wctype(m, name);
    "iswctype" "nn" b'n' = |_, [c, class, ..]| iswctype(c, class);
    "iswpunct" "n" b'n' = wide!(|c| c.is_ascii_punctuation() || !c.is_ascii() && !c.is_alphanumeric() && !c.is_control() && !c.is_whitespace());
    "iswprint" "n" b'n' = wide!(|c| !c.is_control());
    "iswgraph" "n" b'n' = wide!(|c| !c.is_control() && !c.is_whitespace());
    "iswxdigit" "n" b'n' = wide!(|c| c.is_ascii_hexdigit());
    "iswblank" "n" b'n' = wide!(|c| matches!(c, ' ' | '\t'));
    "toascii" "n" b'n' = |_, [c, ..]| c & 0x7f;
    "isalpha" "n" b'n' = class!(u8::is_ascii_alphabetic);
    "isdigit" "n" b'n' = class!(u8::is_ascii_digit);
    "isalnum" "n" b'n' = class!(u8::is_ascii_alphanumeric);
    "isxdigit" "n" b'n' = class!(u8::is_ascii_hexdigit);
    "isupper" "n" b'n' = class!(u8::is_ascii_uppercase);
    "islower" "n" b'n' = class!(u8::is_ascii_lowercase);
    "isspace" "n" b'n' = class!(|c| matches!(c, b'\t'..=b'\r' | b' '));
    "isblank" "n" b'n' = class!(|c| matches!(c, b'\t' | b' '));
    "ispunct" "n" b'n' = class!(u8::is_ascii_punctuation);
    "iscntrl" "n" b'n' = class!(u8::is_ascii_control);
    "isgraph" "n" b'n' = class!(u8::is_ascii_graphic);
    "isprint" "n" b'n' = class!(|c| matches!(c, b' '..=b'~'));
    "isascii" "n" b'n' = class!(u8::is_ascii);
    "tolower" "n" b'n' = |_, [c, ..]| with_byte(c, u8::to_ascii_lowercase);
    "toupper" "n" b'n' = |_, [c, ..]| with_byte(c, u8::to_ascii_uppercase);
    "iswalpha" "n" b'n' = wide!(char::is_alphabetic);
    "iswdigit" "n" b'n' = wide!(|c| c.is_ascii_digit());
    "iswalnum" "n" b'n' = wide!(char::is_alphanumeric);
    "iswupper" "n" b'n' = wide!(char::is_uppercase);
    "iswlower" "n" b'n' = wide!(char::is_lowercase);
    "iswspace" "n" b'n' = wide!(char::is_whitespace);
    "iswcntrl" "n" b'n' = wide!(char::is_control);
    "towlower" "n" b'n' = |_, [c, ..]| with_char(c, char::to_lowercase);
    "towupper" "n" b'n' = |_, [c, ..]| with_char(c, char::to_uppercase);
}
