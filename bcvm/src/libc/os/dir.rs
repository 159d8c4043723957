//! Directories (`dirent.h`).
//!
//! A `DIR` is one of a fixed number of places in guest memory ([`area::STREAMS`]); what is in it can be anything the
//! program wrote there, so the host sees no more than a descriptor.

use super::area::{self, STREAM_BYTES, STREAM_COUNT, STREAMS};
use super::call::{fail, fail_null, system, try_system};
use crate::abi::system::System;
use crate::interp::machine::Machine;
use crate::libc::errno::{EBADF, EMFILE, EOVERFLOW};
use crate::libc::table::functions;
use crate::word::{Addr, Word};

/// Where in a stream what is: see [`area::STREAM_BYTES`].
const FD_PLUS_1: u32 = 0;
const POSITION: u32 = 8;
const DIRENT: u32 = 16;
/// Bytes of a `struct dirent`.
pub const DIRENT_BYTES: Word = (STREAM_BYTES - DIRENT) as Word;
/// Offset of `d_off` in a `struct dirent`.
const D_OFF: u32 = 8;

/// `O_RDONLY | O_DIRECTORY | O_CLOEXEC`.
pub const DIRECTORY: Word = 0o2200000;

/// The stream at `dir`, if there is one, and its descriptor.
fn stream(m: &Machine, dir: Word) -> Option<(Addr, Word)> {
    let offset = u32::try_from(dir).ok()?.checked_sub(STREAMS.0)?;
    if !offset.is_multiple_of(STREAM_BYTES) || offset / STREAM_BYTES >= STREAM_COUNT {
        return None;
    }
    let at = STREAMS + offset;
    Some((at, m.mem.word(at + FD_PLUS_1).checked_sub(1)?))
}

fn opendir(m: &mut Machine, path: Word) -> Word {
    let mut places = (0..STREAM_COUNT).map(|n| STREAMS + n * STREAM_BYTES);
    let Some(at) = places.find(|at| m.mem.word(*at + FD_PLUS_1) == 0) else {
        return fail_null(m, EMFILE);
    };
    match try_system(m, System::Open, &[path, DIRECTORY, 0]) {
        Ok(fd) => {
            m.mem.set_word(at + FD_PLUS_1, fd + 1);
            m.mem.set_word(at + POSITION, 0);
            at.word()
        }
        Err(number) => fail_null(m, number),
    }
}

fn closedir(m: &mut Machine, dir: Word) -> Word {
    let Some((at, fd)) = stream(m, dir) else {
        return fail(m, EBADF);
    };
    m.mem.set_word(at + FD_PLUS_1, 0);
    system(m, System::Close, &[fd])
}

/// `readdir`: null at the end, with `errno` as it was.
fn readdir(m: &mut Machine, dir: Word) -> Word {
    let Some((at, fd)) = stream(m, dir) else {
        return fail_null(m, EBADF);
    };
    let entry = at + DIRENT;
    match try_system(m, System::Readdir, &[fd, entry.word(), DIRENT_BYTES]) {
        Ok(0) => 0,
        Ok(_) => {
            let position = m.mem.word(at + POSITION).wrapping_add(1);
            m.mem.set_word(at + POSITION, position);
            m.mem.set_word(entry + D_OFF, position);
            entry.word()
        }
        Err(number) => fail_null(m, number),
    }
}

/// `seekdir`, to what `telldir` has answered: the number of entries before.
fn seekdir(m: &mut Machine, dir: Word, position: Word) -> Word {
    if let Some((at, fd)) = stream(m, dir) {
        m.mem.set_word(at + POSITION, position);
        system(m, System::Seekdir, &[fd, position]);
    }
    0
}

/// `readdir_r`, which answers an errno.
fn readdir_r(m: &mut Machine, dir: Word, entry: Word, result: Word) -> Word {
    m.mem.set_u32(area::ERRNO, 0);
    let found = readdir(m, dir);
    if found != 0 {
        m.mem.move_bytes(Addr::from_word(entry), Addr::from_word(found), DIRENT_BYTES as u32);
    }
    m.mem.set_word(Addr::from_word(result), if found == 0 { 0 } else { entry });
    m.mem.u32(area::ERRNO) as Word
}

/// A number that a stream answers, or -1.
fn of_stream(m: &mut Machine, dir: Word, ask: fn(&Machine, Addr, Word) -> Word) -> Word {
    match stream(m, dir) {
        Some((at, fd)) => i64::try_from(ask(m, at, fd)).map_or_else(|_| fail(m, EOVERFLOW), |n| n as Word),
        None => fail(m, EBADF),
    }
}

functions! {
    "opendir" "n" b'n' = |m, [path, ..]| opendir(m, path);
    "readdir" "n" b'n' = |m, [dir, ..]| readdir(m, dir);
    "readdir_r" "nnn" b'n' = |m, [dir, entry, result, ..]| readdir_r(m, dir, entry, result);
    "closedir" "n" b'n' = |m, [dir, ..]| closedir(m, dir);
    "rewinddir" "n" b'v' = |m, [dir, ..]| seekdir(m, dir, 0);
    "telldir" "n" b'n' = |m, [dir, ..]| of_stream(m, dir, |m, at, _| m.mem.word(at + POSITION));
    "seekdir" "nn" b'v' = |m, [dir, position, ..]| seekdir(m, dir, position);
    "dirfd" "n" b'n' = |m, [dir, ..]| of_stream(m, dir, |_, _, fd| fd);
}
