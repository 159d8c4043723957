//! `select`: as `poll` of those descriptors that are asked about.

use super::call::{FAILED, allocate, fail, system};
use super::fd;
use crate::abi::system::System;
use crate::interp::machine::Machine;
use crate::libc::errno::EINVAL;
use crate::libc::table::functions;
use crate::word::{Addr, Word};
use alloc::vec::Vec;

/// Descriptors that a set has room for, and its bytes.
const SETSIZE: u32 = 1024;
const SET_BYTES: usize = SETSIZE as usize / 8;
/// Where a `struct pollfd` has its events and its results, and its bytes.
const EVENTS: u32 = 4;
const RESULTS: u32 = 6;
const POLLFD_BYTES: u32 = fd::POLLFD_BYTES as u32;
/// What is waited for in each of the three sets, and what `poll` answers then.
const KINDS: [(u16, u16); 3] = [(0x001, 0x001 | 0x010 | 0x008), (0x004, 0x004 | 0x008), (0x002, 0x002)];

/// Whether the bit of a descriptor is set.
fn has(set: &[u8], fd: u32) -> bool {
    set[fd as usize / 8] & 1 << (fd % 8) != 0
}

fn set_at(m: &Machine, at: Word) -> [u8; SET_BYTES] {
    let mut set = [0; SET_BYTES];
    if at != 0 {
        m.mem.read_bytes(Addr::from_word(at), &mut set);
    }
    set
}

/// Waits on three sets, each of which may be null, for at most `timeout_ms`, or forever if that is -1.
fn wait(m: &mut Machine, count: Word, at: [Word; 3], timeout_ms: Word) -> Word {
    if count as u32 > SETSIZE {
        return fail(m, EINVAL);
    }
    let sets = at.map(|at| set_at(m, at));
    let asked = |fd: u32| {
        let events = KINDS.iter().zip(&sets).filter(|(_, set)| has(*set, fd));
        events.fold(0, |all, ((event, _), _)| all | event)
    };
    let fds: Vec<(u32, u16)> = (0..count as u32).map(|fd| (fd, asked(fd))).filter(|(_, events)| *events != 0).collect();
    let area = match allocate(m, (fds.len() as u64 + 1) * u64::from(POLLFD_BYTES)) {
        Ok(area) => area,
        Err(number) => return fail(m, number),
    };
    for (i, (fd, events)) in (0..).zip(&fds) {
        let entry = area + i * POLLFD_BYTES;
        m.mem.set_u32(entry, *fd);
        m.mem.set_u32(entry + EVENTS, u32::from(*events));
    }
    let answer = system(m, System::Poll, &[area.word(), fds.len() as Word * Word::from(POLLFD_BYTES), timeout_ms]);
    let mut found = answer;
    if answer != FAILED {
        let mut results = [[0u8; SET_BYTES]; 3];
        found = 0;
        for (i, (fd, events)) in (0..).zip(&fds) {
            let happened = (m.mem.u32(area + i * POLLFD_BYTES + EVENTS) >> (8 * (RESULTS - EVENTS))) as u16;
            for (result, (event, answers)) in results.iter_mut().zip(KINDS) {
                if events & event != 0 && happened & answers != 0 {
                    result[*fd as usize / 8] |= 1 << (fd % 8);
                    found += 1;
                }
            }
        }
        for (at, result) in at.iter().zip(&results).filter(|(at, _)| **at != 0) {
            m.mem.write_bytes(Addr::from_word(*at), &result[..(count as usize).div_ceil(64) * 8]);
        }
    }
    m.c_free(area.word());
    found
}

/// The time at `at`, in parts of which a second has `per_s`, in milliseconds; -1 if it is null.
fn milliseconds(m: &Machine, at: Word, per_s: Word) -> Word {
    if at == 0 {
        return Word::MAX;
    }
    let (at, per_ms) = (Addr::from_word(at), per_s / 1000);
    let parts = m.mem.word(at.offset_w(1)).div_ceil(per_ms);
    m.mem.word(at).saturating_mul(1000).saturating_add(parts).min(i32::MAX as Word)
}

functions! {
    // Which word of a set a descriptor is in, from fortified headers.
    "__fdelt_chk" "n" b'n' = |m, [fd, ..]| {
        if fd >= Word::from(SETSIZE) {
            m.end_program(alloc::format!("a set of descriptors has no room for descriptor {}", fd as i64));
        }
        fd / 64
    };
    "select" "nnnnn" b'n' = |m, [count, read, write, except, timeout, ..]| {
        let timeout = milliseconds(m, timeout, 1_000_000);
        wait(m, count, [read, write, except], timeout)
    };
    "pselect" "nnnnnn" b'n' = |m, [count, read, write, except, timeout, ..]| {
        let timeout = milliseconds(m, timeout, 1_000_000_000);
        wait(m, count, [read, write, except], timeout)
    };
}
