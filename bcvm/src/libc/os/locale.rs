//! The locale (`locale.h`, `langinfo.h`): the character encoding is the host's, everything else as in the C locale.

use super::area::{CODESET, CODESET_BYTES, LCONV, NO_TEXT, TEXT};
use super::call::{try_system, write_text};
use crate::abi::system::System;
use crate::interp::machine::Machine;
use crate::libc::table::functions;
use crate::word::{Addr, Word};

/// `nl_langinfo`.
fn nl_langinfo(m: &mut Machine, item: Word) -> Word {
    const CODESET_ITEM: Word = 14;
    const RADIXCHAR: Word = 0x1_0000;
    match item {
        CODESET_ITEM => match try_system(m, System::Codeset, &[CODESET.word(), CODESET_BYTES]) {
            Ok(_) => CODESET.word(),
            Err(_) => write_text(m, CODESET, "UTF-8"),
        },
        RADIXCHAR => write_text(m, TEXT, "."),
        _ => NO_TEXT.word(),
    }
}

/// `setlocale`: the program's own locale, whatever it asks for, as long as it does not name another.
fn setlocale(m: &mut Machine, name: Word) -> Word {
    let at = Addr::from_word(name);
    let known = name == 0 || m.mem.u8(at) == 0 || (m.mem.u8(at) == b'C' && m.mem.u8(at + 1) == 0);
    if known { write_text(m, TEXT, "C") } else { 0 }
}

/// `localeconv`: ten texts, of which the first is the decimal point and the others are empty, and numbers that say
/// "not available".
fn localeconv(m: &mut Machine) -> Word {
    const TEXTS: u32 = 10;
    const NUMBERS: u32 = 14;
    const POINT: u32 = TEXTS * 8 + NUMBERS;
    write_text(m, LCONV + POINT, ".");
    m.mem.set_word(LCONV, (LCONV + POINT).word());
    for i in 1..TEXTS {
        m.mem.set_word(LCONV.offset_w(i), NO_TEXT.word());
    }
    for i in 0..NUMBERS {
        m.mem.set_u8(LCONV + TEXTS * 8 + i, i8::MAX as u8);
    }
    LCONV.word()
}

functions! {
    "nl_langinfo" "n" b'n' = |m, [item, ..]| nl_langinfo(m, item as u32 as Word);
    "setlocale" "nn" b'n' = |m, [_, name, ..]| setlocale(m, name);
    "localeconv" "" b'n' = |m, _| localeconv(m);
}
