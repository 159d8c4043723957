//! The tables of `ctype.h` in the C locale, which compiled code indexes itself, and locales, of which there is that one.
//!
//! Code that was compiled against glibc's headers does not call `isalpha` and its kin: it asks once where the tables are.
//! Each covers -128 to 255, so that a negative `char` and EOF are in it. C++ looks for them in the `locale_t`.

use super::character;
use super::table::functions;
use crate::abi::map::{C_DATA, CTYPE};
use crate::interp::machine::Machine;
use crate::mem::Mem;
use crate::word::{Addr, Word};

/// Characters before the one with number 0.
const BELOW: u32 = 128;
/// Characters of a table.
const COUNT: u32 = BELOW + 256;

/// `const unsigned short[]`: the classes of each character.
const CLASSES: Addr = Addr(CTYPE);
/// `const int[]`: each in the other case.
const LOWER: Addr = Addr(CTYPE + 2 * COUNT);
const UPPER: Addr = Addr(CTYPE + 6 * COUNT);
/// Where each table's number 0 is, for the functions that answer where that is written.
const PLACES: Addr = Addr(CTYPE + 10 * COUNT);
/// A `struct __locale_struct`: thirteen pointers, then those three.
const LOCALE: Addr = Addr(CTYPE + 10 * COUNT + 32);
const LOCALE_TABLES: u32 = 13 * 8;
/// Bytes of it all.
pub const BYTES: u32 = 10 * COUNT + 32 + 256;

const _: () = assert!(CTYPE + BYTES <= C_DATA);

/// A class: the bit that stands for it, its name, and who is in it.
type Kind = (u16, &'static [u8], fn(u8) -> bool);

const KINDS: [Kind; 12] = [
    (1 << 8, b"upper", |c| c.is_ascii_uppercase()),
    (1 << 9, b"lower", |c| c.is_ascii_lowercase()),
    (1 << 10, b"alpha", |c| c.is_ascii_alphabetic()),
    (1 << 11, b"digit", |c| c.is_ascii_digit()),
    (1 << 12, b"xdigit", |c| c.is_ascii_hexdigit()),
    (1 << 13, b"space", |c| matches!(c, b'\t'..=b'\r' | b' ')),
    (1 << 14, b"print", |c| matches!(c, b' '..=b'~')),
    (1 << 15, b"graph", |c| c.is_ascii_graphic()),
    (1 << 0, b"blank", |c| matches!(c, b'\t' | b' ')),
    (1 << 1, b"cntrl", |c| c.is_ascii_control()),
    (1 << 2, b"punct", |c| c.is_ascii_punctuation()),
    (1 << 3, b"alnum", |c| c.is_ascii_alphanumeric()),
];

/// All classes of a character.
fn classes(c: u8) -> u16 {
    KINDS.iter().filter(|(_, _, is_in)| is_in(c)).map(|(bit, ..)| bit).sum()
}

/// Writes the tables.
pub fn write(mem: &mut Mem) {
    for n in 0..COUNT {
        let c = n as i32 - BELOW as i32;
        let (class, lower, upper) = match u8::try_from(c) {
            Ok(byte) => (classes(byte), byte.to_ascii_lowercase().into(), byte.to_ascii_uppercase().into()),
            Err(_) => (0, c, c),
        };
        mem.set_u16(CLASSES + 2 * n, class);
        mem.set_u32(LOWER + 4 * n, lower as u32);
        mem.set_u32(UPPER + 4 * n, upper as u32);
    }
    let zeros = [CLASSES + 2 * BELOW, LOWER + 4 * BELOW, UPPER + 4 * BELOW];
    for (n, zero) in (0..).zip(zeros) {
        mem.set_word(PLACES + 8 * n, zero.word());
        mem.set_word(LOCALE + LOCALE_TABLES + 8 * n, zero.word());
    }
}

/// `wctype`: a class by its name, as its number and one; 0 for none.
fn wctype(m: &Machine, name: Word) -> Word {
    let name = super::memory::c_string(&m.mem, name);
    KINDS.iter().position(|(_, known, _)| *known == &name[..]).map_or(0, |n| n as Word + 1)
}

/// `iswctype`: characters beyond ASCII are in no class of the C locale.
fn iswctype(c: Word, class: Word) -> Word {
    let kind = usize::try_from(class).ok().and_then(|class| KINDS.get(class.wrapping_sub(1)));
    let byte = u8::try_from(c as u32).ok();
    kind.zip(byte).is_some_and(|((_, _, is_in), byte)| is_in(byte)) as Word
}

functions! {
    "__ctype_b_loc" "" b'n' = |_, _| PLACES.word();
    "__ctype_tolower_loc" "" b'n' = |_, _| PLACES.word() + 8;
    "__ctype_toupper_loc" "" b'n' = |_, _| PLACES.word() + 16;
    "newlocale" "nnn" b'n' = |_, _| LOCALE.word();
    "__newlocale" "nnn" b'n' = |_, _| LOCALE.word();
    "duplocale" "n" b'n' = |_, _| LOCALE.word();
    "__duplocale" "n" b'n' = |_, _| LOCALE.word();
    "uselocale" "n" b'n' = |_, _| LOCALE.word();
    "__uselocale" "n" b'n' = |_, _| LOCALE.word();
    "freelocale" "n" b'v' = |_, _| 0;
    "__freelocale" "n" b'v' = |_, _| 0;
    "wctype" "n" b'n' = |m, [name, ..]| wctype(m, name);
    "__wctype_l" "nn" b'n' = |m, [name, ..]| wctype(m, name);
    "iswctype" "nn" b'n' = |_, [c, class, ..]| iswctype(c, class);
    "__iswctype_l" "nnn" b'n' = |_, [c, class, ..]| iswctype(c, class);
    "__towlower_l" "nn" b'n' = |_, [c, ..]| character::with_byte(c, u8::to_ascii_lowercase);
    "__towupper_l" "nn" b'n' = |_, [c, ..]| character::with_byte(c, u8::to_ascii_uppercase);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_those_of_the_c_locale() {
        // What glibc's table has for these.
        let known = [
            (b'a', 0xd608),
            (b'g', 0xc608),
            (b'Z', 0xc508),
            (b'7', 0xd808),
            (b' ', 0x6001),
            (b'\t', 0x2003),
            (0x0b, 0x2002),
            (b'!', 0xc004),
            (0x7f, 2),
            (0x80, 0),
        ];
        for (c, expected) in known {
            assert_eq!(classes(c), expected, "{c:#x}");
        }
    }
}
