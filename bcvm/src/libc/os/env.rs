//! The environment (`stdlib.h`): the array that `environ` points to, which programs may also read and change
//! themselves.
//!
//! As in glibc, strings that were replaced are not freed, because the program may still look at them.

use super::area::{ENVIRON, NO_ENVIRON, OWN_ENVIRON, OWN_ENVIRON_ROOM};
use super::call::{allocate, fail, try_system};
use crate::abi::system::System;
use crate::interp::machine::Machine;
use crate::libc::errno::{EINVAL, ENOMEM};
use crate::libc::memory::strlen;
use crate::libc::table::functions;
use crate::word::{Addr, Word};

/// Has `environ` point to what the host grants. To be called once, when the machine starts.
pub fn install(m: &mut Machine) {
    m.mem.set_word(ENVIRON, NO_ENVIRON.word());
    // A host that has no environment, or no memory for one, leaves it empty.
    let _ = read(m);
}

/// Asks the host for the environment.
fn read(m: &mut Machine) -> Result<(), i32> {
    let len = try_system(m, System::Environ, &[0, 0])?;
    if len == 0 {
        return Ok(());
    }
    let block = allocate(m, len)?;
    if try_system(m, System::Environ, &[block.word(), len])? != len {
        return Ok(());
    }
    let end = block.word() + len;
    let mut string = block.word();
    while string < end {
        put(m, string)?;
        string += strlen(&mut m.mem, [string, 0, 0]) + 1;
    }
    Ok(())
}

/// The places in the array, up to the null at its end; a null `environ` is none.
fn places(m: &Machine) -> impl Iterator<Item = (Addr, Word)> + '_ {
    let first = Addr::from_word(m.mem.word(ENVIRON));
    let most = if first.is_null() { 0 } else { u32::MAX };
    let places = (0..most).map(move |i| first.offset_w(i)).map(|at| (at, m.mem.word(at)));
    places.take_while(|(_, string)| *string != 0 && m.mem.fault().is_none())
}

/// If `string` is `NAME=value` and `name` begins with `NAME` and then ends or has a `=`: where the value begins.
fn value(m: &Machine, string: Word, name: Word) -> Option<Word> {
    for i in 0..u32::MAX {
        let (c, n) = (m.mem.u8(Addr::from_word(string) + i), m.mem.u8(Addr::from_word(name) + i));
        match (c, n) {
            (b'=', 0 | b'=') => return Some(string + i as Word + 1),
            (c, n) if c != n || c == 0 || m.mem.fault().is_some() => return None,
            _ => {}
        }
    }
    None
}

/// The place of a variable, and its value.
fn find(m: &Machine, name: Word) -> Option<(Addr, Word)> {
    places(m).find_map(|(at, string)| Some((at, value(m, string, name)?)))
}

/// Length of a name that can be a variable's.
fn name_len(m: &mut Machine, name: Word) -> Result<Word, i32> {
    if name == 0 {
        return Err(EINVAL);
    }
    let len = strlen(&mut m.mem, [name, 0, 0]);
    let has_equals = (0..len as u32).any(|i| m.mem.u8(Addr::from_word(name) + i) == b'=');
    if len == 0 || has_equals { Err(EINVAL) } else { Ok(len) }
}

/// Enters `string`, which is `NAME=value` and stays where it is.
fn put(m: &mut Machine, string: Word) -> Result<(), i32> {
    if let Some((at, _)) = find(m, string) {
        m.mem.set_word(at, string);
        return Ok(());
    }
    let count = places(m).count() as u32;
    let mut array = Addr::from_word(m.mem.word(ENVIRON));
    let is_own = array == Addr::from_word(m.mem.word(OWN_ENVIRON));
    if !is_own || m.mem.word(OWN_ENVIRON_ROOM) < count as Word + 2 {
        let room = count.checked_mul(2).and_then(|n| n.checked_add(16)).ok_or(ENOMEM)?;
        let new = allocate(m, room as Word * 8)?;
        m.mem.copy_words(new, array, count);
        m.mem.set_word(OWN_ENVIRON, new.word());
        m.mem.set_word(OWN_ENVIRON_ROOM, room as Word);
        m.mem.set_word(ENVIRON, new.word());
        array = new;
    }
    m.mem.set_word(array.offset_w(count), string);
    m.mem.set_word(array.offset_w(count + 1), 0);
    Ok(())
}

/// Takes a variable out, wherever it occurs.
fn remove(m: &mut Machine, name: Word) {
    while let Some((at, _)) = find(m, name) {
        let mut at = at;
        loop {
            let next = m.mem.word(at.offset_w(1));
            m.mem.set_word(at, next);
            if next == 0 || m.mem.fault().is_some() {
                break;
            }
            at = at.offset_w(1);
        }
        if m.mem.fault().is_some() {
            return;
        }
    }
}

fn setenv(m: &mut Machine, name: Word, new: Word, overwrite: bool) -> Result<(), i32> {
    let n = name_len(m, name)?;
    if !overwrite && find(m, name).is_some() {
        return Ok(());
    }
    let v = strlen(&mut m.mem, [new, 0, 0]);
    let string = allocate(m, n + v + 2)?;
    m.mem.move_bytes(string, Addr::from_word(name), n as u32);
    m.mem.set_u8(string + n as u32, b'=');
    m.mem.move_bytes(string + n as u32 + 1, Addr::from_word(new), v as u32 + 1);
    put(m, string.word())
}

/// `putenv`: without a `=` it takes the variable out, as in glibc.
fn putenv(m: &mut Machine, string: Word) -> Result<(), i32> {
    let len = strlen(&mut m.mem, [string, 0, 0]) as u32;
    if (0..len).any(|i| m.mem.u8(Addr::from_word(string) + i) == b'=') {
        put(m, string)
    } else {
        remove(m, string);
        Ok(())
    }
}

/// What C answers for a change of the environment.
fn done(m: &mut Machine, result: Result<(), i32>) -> Word {
    match result {
        Ok(()) => 0,
        Err(number) => fail(m, number),
    }
}

functions! {
    "getenv" "n" b'n' = |m, [name, ..]| find(m, name).map_or(0, |(_, value)| value);
    "setenv" "nnn" b'n' = |m, [name, value, overwrite, ..]| {
        let result = setenv(m, name, value, overwrite as u32 != 0);
        done(m, result)
    };
    "unsetenv" "n" b'n' = |m, [name, ..]| {
        let result = name_len(m, name).map(|_| remove(m, name));
        done(m, result)
    };
    "putenv" "n" b'n' = |m, [string, ..]| {
        let result = putenv(m, string);
        done(m, result)
    };
    "clearenv" "" b'n' = |m, _| {
        m.mem.set_word(ENVIRON, NO_ENVIRON.word());
        0
    };
}
