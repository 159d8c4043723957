//! `ctype.h` in the C locale, and `wctype.h` by Unicode.

use super::table::functions;
use crate::word::Word;

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

functions! {
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
