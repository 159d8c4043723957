//! Making a system call from a C function, and `errno`.

use super::area;
use crate::abi::system::{ARGS, MAX_ERRNO, System};
use crate::interp::machine::Machine;
use crate::libc::errno::{self, ENOMEM};
use crate::libc::table::functions;
use crate::word::{Addr, Word};
use alloc::format;
use core::ffi::CStr;

/// What C functions answer to say that `errno` tells why.
pub const FAILED: Word = -1i64 as Word;

/// Makes a call as C's wrapper of it does: an error goes to `errno`, and the answer is -1.
pub fn system(m: &mut Machine, call: System, args: &[Word]) -> Word {
    match try_system(m, call, args) {
        Ok(answer) => answer,
        Err(number) => fail(m, number),
    }
}

/// Makes a call; an error is its number.
pub fn try_system(m: &mut Machine, call: System, args: &[Word]) -> Result<Word, i32> {
    let mut all = [0; ARGS];
    for (to, from) in all.iter_mut().zip(args) {
        *to = *from;
    }
    let answer = m.host.system(call, all);
    if (-MAX_ERRNO..0).contains(&answer) { Err(-answer as i32) } else { Ok(answer as Word) }
}

/// Sets `errno`, and answers -1.
pub fn fail(m: &mut Machine, number: i32) -> Word {
    m.mem.set_u32(area::ERRNO, number as u32);
    FAILED
}

/// Sets `errno`, and answers null.
pub fn fail_null(m: &mut Machine, number: i32) -> Word {
    fail(m, number);
    0
}

/// Has the refusal of `what` recorded; answers -1 with EPERM in `errno`.
pub fn refuse(m: &mut Machine, what: &'static CStr) -> Word {
    // In the guest a pointer is an address of guest memory; elsewhere no host looks.
    system(m, System::Refused, &[what.as_ptr() as usize as Word])
}

/// Memory as `malloc` gives it, or an errno.
pub fn allocate(m: &mut Machine, bytes: u64) -> Result<Addr, i32> {
    m.c_allocate(bytes).ok_or(ENOMEM)
}

/// Writes `text` and a zero byte.
pub fn write_text(m: &mut Machine, at: Addr, text: &str) -> Word {
    m.mem.write_bytes(at, text.as_bytes());
    m.mem.set_u8(at + text.len() as u32, 0);
    at.word()
}

/// `strerror`.
fn strerror(m: &mut Machine, number: i32) -> Word {
    match errno::text(number) {
        Some(text) => write_text(m, area::ERROR_TEXT, text),
        None => write_text(m, area::ERROR_TEXT, &format!("Unknown error {number}")),
    }
}

/// POSIX's `strerror_r`: 0, or why the text is not there whole.
fn write_error(m: &mut Machine, number: i32, out: Word, room: Word) -> Word {
    let known = errno::text(number);
    let text = known.map_or_else(|| format!("Unknown error {number}"), |text| text.into());
    let fits = (text.len() as Word) < room;
    if fits {
        write_text(m, Addr::from_word(out), &text);
    } else if let Some(kept) = room.checked_sub(1).and_then(|kept| text.get(..kept as usize)) {
        write_text(m, Addr::from_word(out), kept);
    }
    match (known, fits) {
        (None, _) => errno::EINVAL as Word,
        (_, false) => errno::ERANGE as Word,
        _ => 0,
    }
}

functions! {
    "__errno_location" "" b'n' = |_, _| area::ERRNO.word();
    "strerror" "n" b'n' = |m, [number, ..]| strerror(m, number as i32);
    // GNU's, which answers a text, and POSIX's, which writes it.
    "strerror_r" "nnn" b'n' = |m, [number, ..]| strerror(m, number as i32);
    "__xpg_strerror_r" "nnn" b'n' = |m, [number, out, room, ..]| write_error(m, number as i32, out, room);
}
