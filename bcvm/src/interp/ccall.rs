//! CCALL: calls of C functions from byte code (`bci_CCALL` of `rts/Interpreter.c`).
//!
//! ```text
//!   Sp[0..ret]   room for the result: nothing if it is void, else one word
//!   Sp[ret]      the function's address
//!   Sp[ret+1..]  the arguments, the first lowest, a word each, narrow ones in the low bytes
//! ```
//!
//! The result is left in its room and nothing is popped. The function is one of `libc`, or one of a loaded object. That
//! the call is safe or interruptible makes no difference, because neither kind calls back.

use super::control::Next;
use super::machine::Machine;
use super::regs::Regs;
use crate::abi::request::cif;
use crate::bytecode::code::{l, s};
use crate::libc::stdio;
use crate::libc::table::{self, CFunction, MAX_ARGS};
use crate::primop::table::Rep;
use crate::word::{Addr, Word};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// GHC's numbers of FFIType that travel as a float, and as a double.
const FLOAT: u8 = 2;
const DOUBLE: u8 = 3;

/// Carries the call out; what is to be done next only if the program ends.
#[inline(never)]
pub fn ccall(m: &mut Machine, r: Regs, w: u64) -> Option<Next> {
    match call(m, &r, Addr::from_word(r.lit(&m.mem, l(w))), s(w)) {
        Ok(()) => None,
        Err(why) => Some(m.crash(why)),
    }
}

fn call(m: &mut Machine, r: &Regs, interface: Addr, words: u32) -> Result<(), String> {
    let ret = (m.mem.u8(interface + cif::RESULT) != cif::VOID) as u32;
    let target = m.mem.word(r.at(ret));
    let Some(f) = table::at(target) else { return call_loaded(m, r, interface, target, words) };
    check(m, interface, f, ret + 1, words)?;
    let args = arguments(m, r, interface, f, ret + 1);
    let result = (f.run)(m, args);
    if !m.crash_report.is_empty() {
        return Err(core::mem::take(&mut m.crash_report));
    }
    if ret == 1 {
        m.mem.set_word(r.sp, result);
    }
    Ok(())
}

/// Calls a function of a loaded object, as the interface describes it.
fn call_loaded(m: &mut Machine, r: &Regs, interface: Addr, target: Word, words: u32) -> Result<(), String> {
    let result = m.mem.u8(interface + cif::RESULT);
    let above = (result != cif::VOID) as u32 + 1;
    let n = m.mem.u32(interface + cif::N_ARGS);
    if above.checked_add(n).is_none_or(|end| end > words) {
        return Err(format!("CCALL of the function at {target:#x} with {n} arguments, and {words} words on the stack"));
    }
    let args: Vec<(Rep, Word)> = (0..n)
        .map(|i| {
            let t = m.mem.u8(interface + cif::ARGS + i);
            (rep_of(t), widen(t, m.mem.word(r.at(above + i))))
        })
        .collect();
    m.regs = *r;
    let answer = m.call_loaded(Addr::from_word(target), &args, rep_of(result))?;
    if !m.crash_report.is_empty() {
        return Err(core::mem::take(&mut m.crash_report));
    }
    if result != cif::VOID {
        m.mem.set_word(r.sp, widen(result, answer));
    }
    Ok(())
}

/// How values of an FFIType travel.
fn rep_of(t: u8) -> Rep {
    match t {
        cif::VOID => Rep::V,
        FLOAT => Rep::F,
        DOUBLE => Rep::D,
        _ => Rep::N,
    }
}

/// A word whose low bytes are a value of an FFIType, extended as C has it in a register.
fn widen(t: u8, w: Word) -> Word {
    match t {
        4 => w as i8 as i64 as Word,
        5 => w as i16 as i64 as Word,
        6 => w as i32 as i64 as Word,
        8 => w as u8 as Word,
        9 => w as u16 as Word,
        FLOAT | 10 => w as u32 as Word,
        _ => w,
    }
}

/// The argument words, where the function expects them. Behind the dots words and doubles are apart: see `libc/stdio.rs`.
fn arguments(m: &Machine, r: &Regs, interface: Addr, f: &CFunction, above: u32) -> [Word; MAX_ARGS] {
    let mut args = [0; MAX_ARGS];
    let (mut words, mut doubles) = (f.fixed..stdio::WORDS, stdio::WORDS..MAX_ARGS);
    for i in 0..m.mem.u32(interface + cif::N_ARGS) {
        let place = match m.mem.u8(interface + cif::ARGS + i) {
            _ if (i as usize) < f.fixed => Some(i as usize),
            DOUBLE => doubles.next(),
            _ => words.next(),
        };
        // What a variadic function doesn't look at is not passed.
        if let Some(place) = place {
            args[place] = m.mem.word(r.at(above + i));
        }
    }
    args
}

/// Whether the call interface fits the function, and its words are there. A result may be ignored.
fn check(m: &Machine, interface: Addr, f: &CFunction, above: u32, words: u32) -> Result<(), String> {
    let n = m.mem.u32(interface + cif::N_ARGS);
    let result = rep_of(m.mem.u8(interface + cif::RESULT));
    let arity = n as usize == f.fixed || f.is_variadic() && n as usize > f.fixed;
    let agrees = arity
        && above.checked_add(n).is_some_and(|end| end <= words)
        && (result == f.result() || result == Rep::V)
        && (0..n).all(|i| {
            let rep = rep_of(m.mem.u8(interface + cif::ARGS + i));
            match f.args.as_bytes().get(i as usize) {
                Some(letter) if (i as usize) < f.fixed => rep == Rep::from_letter(*letter),
                _ => matches!(rep, Rep::N | Rep::D),
            }
        });
    if agrees { Ok(()) } else { Err(format!("CCALL of {} with a call interface that is not its own", f.symbol)) }
}
