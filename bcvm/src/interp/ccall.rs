//! CCALL: calls of C functions from byte code (`bci_CCALL` of `rts/Interpreter.c`).
//!
//! ```text
//!   Sp[0..ret]   room for the result: nothing if it is void, else one word
//!   Sp[ret]      the function's address
//!   Sp[ret+1..]  the arguments, the first lowest, a word each, narrow ones in the low bytes
//! ```
//!
//! The result is left in its room and nothing is popped. The function is one of `libc`, or one of a loaded object. All
//! calls are safe ones: byte code does not say which are not.
//
// Note [Byte code that is called back]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A function that may run compiled code may call back, and then there are collections, and the stack must make sense. The
// words of the call, which are no frame, are overwritten by frames of one word, and the BCO that runs is kept by one on
// top:
//
//   Sp[0..1]     stg_ret_p, the BCO
//   Sp[2..]      stg_ret_v for each word of the call
//
// Afterwards everything may be elsewhere, so the registers are computed anew from what is found there.

use super::control::Next;
use super::machine::Machine;
use super::regs::Regs;
use crate::abi::request::cif;
use crate::bytecode::code::{l, s};
use crate::entry::table::info;
use crate::layout::closure;
use crate::libc::table::{self, CFunction, FIRST_CALLING, FUNCTIONS, MAX_ARGS, dots};
use crate::primop::table::Rep;
use crate::sched::native::callback::Outside;
use crate::word::{Addr, WORD, Word};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// GHC's numbers of FFIType that travel as a float, and as a double.
const FLOAT: u8 = 2;
const DOUBLE: u8 = 3;

/// Carries the call out, and answers the registers to go on with; or what is to be done next, if the program ends.
#[inline(never)]
pub fn ccall(m: &mut Machine, r: Regs, w: u64) -> Result<Regs, Next> {
    call(m, r, Addr::from_word(r.lit(&m.mem, l(w))), s(w)).map_err(|why| m.crash(why))
}

fn call(m: &mut Machine, r: Regs, interface: Addr, words: u32) -> Result<Regs, String> {
    let ret = (m.mem.u8(interface + cif::RESULT) != cif::VOID) as u32;
    let target = m.mem.word(r.at(ret));
    let Some(n) = table::number_at(target) else { return call_loaded(m, r, interface, target, words) };
    let f = &FUNCTIONS[n as usize];
    check(m, interface, f, ret + 1, words)?;
    let (mut args, spilled) = arguments(m, &r, interface, f, ret + 1);
    if !spilled.is_empty() {
        args[dots::STACK] = spill(m, &spilled)?;
    }
    let (result, r) =
        if n < FIRST_CALLING { ((f.run)(m, args), r) } else { outside(m, r, words, |m| Ok((f.run)(m, args)))? };
    if !spilled.is_empty() {
        m.c_free(args[dots::STACK]);
    }
    if !m.crash_report.is_empty() {
        return Err(core::mem::take(&mut m.crash_report));
    }
    if ret == 1 {
        m.mem.set_word(r.sp, result);
    }
    Ok(r)
}

/// Has `call` done, which may call back, with a stack on which `words` words are those of the call: see Note [Byte code
/// that is called back].
fn outside(
    m: &mut Machine,
    mut r: Regs,
    words: u32,
    call: impl FnOnce(&mut Machine) -> Result<Word, String>,
) -> Result<(Word, Regs), String> {
    let (frame_w, at) = (r.base.0.wrapping_sub(r.sp.0) / WORD, r.pc.0.wrapping_sub(r.code.0) / WORD);
    for i in 0..words {
        m.mem.set_info(r.at(i), info::STG_RET_V);
    }
    let bco = r.bco.word();
    r.push(&mut m.mem, bco);
    r.push_info(&mut m.mem, info::STG_RET_P);
    m.regs = r;
    m.outside = Outside::Machine;
    let result = call(m);
    m.outside = Outside::No;
    let mut r = Regs { base_extra: r.base_extra, ..m.regs };
    r.bco = m.mem.closure(r.at(1)).addr();
    r.pop(2);
    r.base = r.at(frame_w);
    r.code = m.mem.closure(r.bco + closure::bco::INSTRS).addr() + closure::arr_words::PAYLOAD;
    r.pc = r.code.offset_w(at);
    r.ptrs = m.mem.closure(r.bco + closure::bco::PTRS).addr();
    Ok((result?, r))
}

/// Calls a function of a loaded object, as the interface describes it.
fn call_loaded(m: &mut Machine, r: Regs, interface: Addr, target: Word, words: u32) -> Result<Regs, String> {
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
    let (answer, r) = outside(m, r, words, |m| m.call_loaded(Addr::from_word(target), &args, rep_of(result)))?;
    if !m.crash_report.is_empty() {
        return Err(core::mem::take(&mut m.crash_report));
    }
    if result != cif::VOID {
        m.mem.set_word(r.sp, widen(result, answer));
    }
    Ok(r)
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

/// Writes arguments where they lie on a stack: to memory of their own, since byte code needs no C stack.
fn spill(m: &mut Machine, words: &[Word]) -> Result<Word, String> {
    let at = m.c_allocate(words.len() as u64 * u64::from(WORD)).ok_or("CCALL: no memory for the arguments")?;
    for (i, word) in (0..).zip(words) {
        m.mem.set_word(at.offset_w(i), *word);
    }
    Ok(at.word())
}

/// The argument words, where the function expects them, and those that a variadic one finds on the stack.
fn arguments(m: &Machine, r: &Regs, interface: Addr, f: &CFunction, above: u32) -> ([Word; MAX_ARGS], Vec<Word>) {
    let (mut args, mut spilled) = ([0; MAX_ARGS], Vec::new());
    let (mut words, mut doubles) = (0..dots::WORDS, dots::WORDS..dots::STACK);
    for i in 0..m.mem.u32(interface + cif::N_ARGS) {
        let word = m.mem.word(r.at(above + i));
        let place = match m.mem.u8(interface + cif::ARGS + i) {
            _ if !f.is_variadic => Some(i as usize),
            DOUBLE => doubles.next(),
            _ => words.next(),
        };
        match place {
            Some(place) => args[place] = word,
            None => spilled.push(word),
        }
    }
    (args, spilled)
}

/// Whether the call interface fits the function, and its words are there. A result may be ignored.
fn check(m: &Machine, interface: Addr, f: &CFunction, above: u32, words: u32) -> Result<(), String> {
    let n = m.mem.u32(interface + cif::N_ARGS);
    let result = rep_of(m.mem.u8(interface + cif::RESULT));
    let arity = n as usize == f.args.len() || f.is_variadic && n as usize > f.args.len();
    let agrees = arity
        && above.checked_add(n).is_some_and(|end| end <= words)
        && (result == f.result() || result == Rep::V)
        && (0..n).all(|i| {
            let rep = rep_of(m.mem.u8(interface + cif::ARGS + i));
            match f.args.as_bytes().get(i as usize) {
                Some(letter) => rep == Rep::from_letter(*letter),
                None => matches!(rep, Rep::N | Rep::D),
            }
        });
    if agrees { Ok(()) } else { Err(format!("CCALL of {} with a call interface that is not its own", f.symbol)) }
}
