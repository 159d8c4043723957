//! C's `stdio.h`.
//!
//! | file | what |
//! |---|---|
//! | [`file`] | `FILE`s: opening, reading, writing, positions |
//! | [`print`], [`format`] | `printf` and its kin; what a format makes |
//! | [`scan`] | `scanf` and its kin |
//! | [`arguments`] | arguments behind dots, and those of a `va_list` |
//!
//! What is written goes out at once: nothing is lost however a program ends, and what Haskell writes to the same
//! descriptor keeps its place.

use super::os;
use crate::interp::machine::Machine;
use crate::word::Word;
use alloc::string::String;

pub mod arguments;
pub mod file;
pub mod format;
pub mod print;
pub mod scan;

/// The descriptor of the standard output.
pub const STDOUT: i32 = 1;
/// The descriptor of the standard error.
pub const STDERR: i32 = 2;
/// What functions answer at the end of a file, and when they fail.
pub const EOF: Word = -1i64 as Word;

/// The most that one call formats; what exceeds it is cut off.
pub const MAX_OUTPUT: usize = 1 << 20;

/// Writes `bytes` to a descriptor; where that cannot be done, to the log, a line at a time, so that no message is lost.
pub fn emit(m: &mut Machine, fd: i32, bytes: &[u8]) {
    if !os::fd::write(m, fd, bytes) {
        for line in String::from_utf8_lossy(bytes).lines() {
            m.host.log(line);
        }
    }
}

/// Writes `text` to a descriptor; answers its length.
fn print(m: &mut Machine, fd: i32, text: &[u8]) -> Word {
    emit(m, fd, text);
    text.len() as Word
}

#[cfg(test)]
mod tests;
