//! `printf` and its kin: where a formatted text goes, and where its arguments come from.

use super::arguments::Arguments;
use super::format::format;
use super::{STDOUT, file, print};
use crate::interp::machine::Machine;
use crate::libc::memory::c_string;
use crate::libc::table::{MAX_ARGS, functions};
use crate::word::{Addr, Word};
use alloc::vec::Vec;

/// The text of a variadic function with `fixed` arguments before the dots, the last of them the format.
pub fn passed(m: &Machine, args: &[Word; MAX_ARGS], fixed: usize) -> Vec<u8> {
    format(m, &c_string(&m.mem, args[fixed - 1]), &mut Arguments::behind(args, fixed))
}

/// The text of a function that gets a `va_list`.
fn listed(m: &Machine, text: Word, list: Word) -> Vec<u8> {
    format(m, &c_string(&m.mem, text), &mut Arguments::listed(m, list))
}

/// Writes `text`, cut off to fit, and a zero byte to the `room` bytes at `out`; answers its whole length.
fn to_buffer(m: &mut Machine, out: Word, room: Word, text: &[u8]) -> Word {
    if room > 0 {
        let kept = text.len().min(usize::try_from(room - 1).unwrap_or(usize::MAX));
        let at = Addr::from_word(out);
        m.mem.write_bytes(at, &text[..kept]);
        m.mem.set_u8(at + kept as u32, 0);
    }
    text.len() as Word
}

/// `asprintf`: has the variable at `out` point to memory with the text; answers its length, or -1.
fn to_memory(m: &mut Machine, out: Word, text: &[u8]) -> Word {
    let Some(copy) = m.c_string(text) else { return -1i64 as Word };
    m.mem.set_word(Addr::from_word(out), copy.word());
    text.len() as Word
}

/// What is done with a text, given the function's arguments.
type Put = fn(&mut Machine, &[Word; MAX_ARGS], &[u8]) -> Word;

/// A function with dots behind `$fixed` arguments.
macro_rules! with_dots {
    ($fixed:literal, $put:expr) => {
        |m, args| {
            let (text, put): (_, Put) = (passed(m, &args, $fixed), $put);
            put(m, &args, &text)
        }
    };
}

/// A function whose argument number `$format`, from 0, is the format, and the next a `va_list`.
macro_rules! with_list {
    ($format:literal, $put:expr) => {
        |m, args| {
            let (text, put): (_, Put) = (listed(m, args[$format], args[$format + 1]), $put);
            put(m, &args, &text)
        }
    };
}

fn to_output(m: &mut Machine, _: &[Word; MAX_ARGS], text: &[u8]) -> Word {
    print(m, STDOUT, text)
}

fn to_descriptor(m: &mut Machine, args: &[Word; MAX_ARGS], text: &[u8]) -> Word {
    print(m, args[0] as i32, text)
}

fn to_file(m: &mut Machine, args: &[Word; MAX_ARGS], text: &[u8]) -> Word {
    if file::write(m, args[0], text) == text.len() { text.len() as Word } else { -1i64 as Word }
}

fn unbounded(m: &mut Machine, args: &[Word; MAX_ARGS], text: &[u8]) -> Word {
    to_buffer(m, args[0], Word::MAX, text)
}

fn bounded(m: &mut Machine, args: &[Word; MAX_ARGS], text: &[u8]) -> Word {
    to_buffer(m, args[0], args[1], text)
}

/// The buffer's size is the third argument.
fn checked(m: &mut Machine, args: &[Word; MAX_ARGS], text: &[u8]) -> Word {
    to_buffer(m, args[0], args[2], text)
}

fn allocated(m: &mut Machine, args: &[Word; MAX_ARGS], text: &[u8]) -> Word {
    to_memory(m, args[0], text)
}

functions! {
    "printf" "n..." b'n' = with_dots!(1, to_output);
    "fprintf" "nn..." b'n' = with_dots!(2, to_file);
    "dprintf" "nn..." b'n' = with_dots!(2, to_descriptor);
    "sprintf" "nn..." b'n' = with_dots!(2, unbounded);
    "snprintf" "nnn..." b'n' = with_dots!(3, bounded);
    "asprintf" "nn..." b'n' = with_dots!(2, allocated);
    "vprintf" "nn" b'n' = with_list!(0, to_output);
    "vfprintf" "nnn" b'n' = with_list!(1, to_file);
    "vdprintf" "nnn" b'n' = with_list!(1, to_descriptor);
    "vsprintf" "nnn" b'n' = with_list!(1, unbounded);
    "vsnprintf" "nnnn" b'n' = with_list!(2, bounded);
    "vasprintf" "nnn" b'n' = with_list!(1, allocated);
    // The forms that gcc calls when it fortifies: a flag, and for buffers their size, before the format.
    "__printf_chk" "nn..." b'n' = with_dots!(2, to_output);
    "__fprintf_chk" "nnn..." b'n' = with_dots!(3, to_file);
    "__dprintf_chk" "nnn..." b'n' = with_dots!(3, to_descriptor);
    "__sprintf_chk" "nnnn..." b'n' = with_dots!(4, checked);
    "__snprintf_chk" "nnnnn..." b'n' = with_dots!(5, bounded);
    "__asprintf_chk" "nnn..." b'n' = with_dots!(3, allocated);
    "__vprintf_chk" "nnn" b'n' = with_list!(1, to_output);
    "__vfprintf_chk" "nnnn" b'n' = with_list!(2, to_file);
    "__vdprintf_chk" "nnnn" b'n' = with_list!(2, to_descriptor);
    "__vsprintf_chk" "nnnnn" b'n' = with_list!(3, checked);
    "__vsnprintf_chk" "nnnnnn" b'n' = with_list!(4, bounded);
    "__vasprintf_chk" "nnnn" b'n' = with_list!(2, allocated);
}
