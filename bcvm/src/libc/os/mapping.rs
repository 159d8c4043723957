//! `mmap` and its kin: memory that is the caller's own, which may begin as a copy of a file.
//!
//! There is no mapping that others see and none that can be executed: these are refused.

use super::call::{FAILED, fail, try_system};
use super::fd::at_offset;
use crate::abi::system::System;
use crate::interp::machine::Machine;
use crate::libc::errno::{EACCES, EINVAL, ENODEV, ENOMEM};
use crate::libc::table::functions;
use crate::word::{Addr, Word};

const PAGE: Word = 4096;
const PROT_WRITE: Word = 2;
const PROT_EXEC: Word = 4;
const MAP_SHARED: Word = 1;
const MAP_FIXED: Word = 0x10;
const MAP_ANONYMOUS: Word = 0x20;

/// `mmap`: the address, or -1.
fn map(m: &mut Machine, [len, protection, flags, fd, offset]: [Word; 5]) -> Word {
    let is_file = flags & MAP_ANONYMOUS == 0;
    let refused = if protection & PROT_EXEC != 0 {
        Some(EACCES)
    } else if flags & MAP_FIXED != 0 || len == 0 || !offset.is_multiple_of(PAGE) {
        Some(EINVAL)
    } else if is_file && flags & MAP_SHARED != 0 && protection & PROT_WRITE != 0 {
        Some(ENODEV)
    } else {
        None
    };
    if let Some(number) = refused {
        return fail(m, number);
    }
    let len = len.saturating_add(PAGE - 1) & !(PAGE - 1);
    let Some(at) = m.c_allocate_aligned(len, PAGE as u32) else { return fail(m, ENOMEM) };
    m.mem.fill_words(at, len as u32 / 8, 0);
    if is_file && let Err(number) = fill(m, at, len, fd, offset) {
        m.c_free(at.word());
        return fail(m, number);
    }
    at.word()
}

/// Reads a file from `offset` on, as far as it goes.
fn fill(m: &mut Machine, at: Addr, len: Word, fd: Word, offset: Word) -> Result<(), i32> {
    at_offset(m, fd, offset, |m| {
        let mut done = 0;
        while done < len {
            match try_system(m, System::Read, &[fd, at.word() + done, len - done])? {
                0 => break,
                n => done += n.min(len - done),
            }
        }
        Ok(done)
    })?;
    Ok(())
}

/// `munmap`: gives a whole mapping back. A part of one stays where it is.
fn unmap(m: &mut Machine, at: Word, len: Word) -> Word {
    if !at.is_multiple_of(PAGE) || len == 0 {
        return fail(m, EINVAL);
    }
    let len = len.saturating_add(PAGE - 1) & !(PAGE - 1);
    if u32::try_from(at).ok().and_then(|at| m.c.heap.size(Addr(at))).is_some_and(|size| Word::from(size) <= len) {
        m.c_free(at);
    }
    0
}

functions! {
    "mmap" "nnnnnn" b'n' = |m, [_, len, protection, flags, fd, offset, ..]| {
        map(m, [len, protection, flags, fd, offset])
    };
    "munmap" "nn" b'n' = |m, [at, len, ..]| unmap(m, at, len);
    "mprotect" "nnn" b'n' = |m, [_, _, protection, ..]| {
        if protection & PROT_EXEC != 0 { fail(m, EACCES) } else { 0 }
    };
    "mremap" "nnnn" b'n' = |m, _| {
        fail(m, ENOMEM);
        FAILED
    };
    "madvise" "nnn" b'n' = |_, _| 0;
    "posix_madvise" "nnn" b'n' = |_, _| 0;
    "msync" "nnn" b'n' = |_, _| 0;
    "mlock" "nn" b'n' = |_, _| 0;
    "munlock" "nn" b'n' = |_, _| 0;
    "getpagesize" "" b'n' = |_, _| PAGE;
}
