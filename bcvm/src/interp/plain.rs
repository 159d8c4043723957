//! Known functions that are no arithmetic on one type of numbers: applying, choosing, references, conversions.
//!
//! As in `known`, an operand that is not evaluated yet is waited for in the frame of the arguments (Note [Operands of known
//! functions]), and what is out of the ordinary is left to the compiled function.
//!
//! What answers where control goes is inlined: see Note [Narrow stores and wide loads] in `regs`.

use super::apply::Frame;
use super::call::push_result;
use super::control::{Next, Packed, Stop};
use super::known::{BOX_W, ONE, THREE, TWO, new_box, value};
use super::machine::Machine;
use super::number::{convert, unboxed, whole};
use super::pack::con_tag;
use super::regs::{Regs, alloc, try_on_copy};
use crate::entry::closures::Builtin;
use crate::entry::known::{Kind, Known};
use crate::entry::table::info;
use crate::layout::closure::{PAYLOAD, THUNK_PAYLOAD, mut_var};
use crate::primop::table::Rep;
use crate::word::{Addr, ClosurePtr, InfoPtr, WORD, Word};

/// Words of the application of a function to an argument, a thunk.
const APPLICATION_W: u32 = 4;
/// The field of an Applicative's dictionary that is `pure`.
const PURE: u32 = 1;
/// The field of an Exception's dictionary that is `toException`.
const TO_EXCEPTION: u32 = 2;
/// The constructor numbers of True and of Just and Right.
const SECOND: u32 = 1;

/// Carries out `known`, which `f` is, on the arguments of the frame on top; nothing is done if the compiled function must.
#[inline(never)]
pub(super) fn apply(m: &mut Machine, f: ClosurePtr, frame: Frame, known: Known) -> Packed {
    try_on_copy(m, |m, r| carry_out(m, r, f, frame, known))
}

#[inline(always)]
fn carry_out(m: &mut Machine, r: &mut Regs, f: ClosurePtr, frame: Frame, known: Known) -> Option<Next> {
    match known {
        Known::Apply if frame == ONE => {
            let x = arg(m, r, 0);
            r.pop(2);
            Some(Next::Eval(x))
        }
        Known::Apply if frame == TWO => apply_to(m, r, 1),
        Known::Apply if frame == THREE => apply_to(m, r, 2),
        Known::Strict if frame == TWO => {
            let x = arg(m, r, 1);
            if value(m, x).is_some() {
                return apply_to(m, r, 1);
            }
            let function = arg(m, r, 0);
            r.pop(1);
            m.mem.set_info(r.sp, info::STG_STRICT_FRAME);
            m.mem.set_closure(r.at(1), function);
            Some(Next::Eval(x))
        }
        Known::Compose if frame == THREE => {
            let (function, inner, x) = (arg(m, r, 0), arg(m, r, 1), arg(m, r, 2));
            let application = suspend(m, r, inner, x)?;
            r.pop(2);
            m.mem.set_info(r.sp, info::STG_AP_P);
            m.mem.set_closure(r.at(1), application);
            Some(Next::Eval(function))
        }
        Known::Const if frame == TWO => {
            let x = arg(m, r, 0);
            r.pop(3);
            Some(Next::Eval(x))
        }
        Known::Flip if frame == THREE => {
            let (function, x, y) = (arg(m, r, 0), arg(m, r, 1), arg(m, r, 2));
            r.pop(1);
            m.mem.set_info(r.sp, info::STG_AP_PP);
            m.mem.set_closure(r.at(1), y);
            m.mem.set_closure(r.at(2), x);
            Some(Next::Eval(function))
        }
        Known::Short(decides) if frame == TWO => {
            let (x, y) = (arg(m, r, 0), arg(m, r, 1));
            let Some(x) = value(m, x) else {
                return wait(m, r, info::STG_FIRST_FRAME, &[f, y], x);
            };
            r.pop(3);
            Some(if is_second(m, x) == decides { Next::Return(x) } else { Next::Eval(y) })
        }
        Known::Not if frame == ONE => {
            let x = arg(m, r, 0);
            let Some(x) = value(m, x) else {
                return wait(m, r, info::STG_ONLY_FRAME, &[f], x);
            };
            r.pop(2);
            Some(Next::Return(m.bound.closure(if is_second(m, x) { Builtin::False } else { Builtin::True })))
        }
        Known::Field(field) if frame == ONE => {
            let x = arg(m, r, 0);
            let Some(x) = value(m, x) else {
                return wait(m, r, info::STG_ONLY_FRAME, &[f], x);
            };
            r.pop(2);
            Some(Next::Eval(m.mem.closure((x.addr() + PAYLOAD).offset_w(field.into()))))
        }
        Known::Maybe | Known::Either if frame == THREE => {
            let (a, b, x) = (arg(m, r, 0), arg(m, r, 1), arg(m, r, 2));
            let Some(x) = value(m, x) else {
                return wait(m, r, info::STG_THIRD_FRAME, &[f, a, b], x);
            };
            let chosen = if is_second(m, x) { b } else { a };
            if known == Known::Maybe && !is_second(m, x) {
                r.pop(4);
                return Some(Next::Eval(a));
            }
            r.pop(2);
            m.mem.set_info(r.sp, info::STG_AP_P);
            let field = m.mem.closure(x.addr() + PAYLOAD);
            m.mem.set_closure(r.at(1), field);
            Some(Next::Eval(chosen))
        }
        Known::When(wanted) if frame == THREE => {
            let (dictionary, condition, action) = (arg(m, r, 0), arg(m, r, 1), arg(m, r, 2));
            let dictionary = value(m, dictionary)?;
            let Some(condition) = value(m, condition) else {
                return wait(m, r, info::STG_MIDDLE_FRAME, &[f, dictionary, action], condition);
            };
            if is_second(m, condition) == wanted {
                r.pop(4);
                return Some(Next::Eval(action));
            }
            let pure = m.mem.closure((dictionary.addr() + PAYLOAD).offset_w(PURE));
            r.pop(2);
            m.mem.set_info(r.sp, info::STG_AP_P);
            let unit = m.bound.closure(Builtin::Unit);
            m.mem.set_closure(r.at(1), unit);
            Some(Next::Eval(pure))
        }
        Known::ReadRef | Known::WriteRef | Known::ModifyRef | Known::ModifyRefStrict => reference(m, r, known),
        Known::Evaluate => {
            let words = io_words(m, r, 1)?;
            let x = arg(m, r, 0);
            r.pop(words);
            r.push_info(&mut m.mem, info::STG_SEQ_RET_FRAME);
            Some(Next::Eval(x))
        }
        Known::Throw if frame == TWO => raise(m, r, 3),
        Known::ThrowIo => {
            let words = io_words(m, r, 2)?;
            raise(m, r, words)
        }
        Known::Parity(bit) if frame == TWO => {
            let (kind, x) = (kind_of(m, arg(m, r, 0))?, arg(m, r, 1));
            let Some(x) = value(m, x) else {
                let dictionary = arg(m, r, 0);
                return wait(m, r, info::STG_SECOND_FRAME, &[f, dictionary], x);
            };
            let is = (unboxed(&m.mem, kind, x)? & 1) as u8 == bit;
            r.pop(3);
            Some(Next::Return(m.bound.closure(if is { Builtin::True } else { Builtin::False })))
        }
        Known::Convert(from, to) if frame == ONE => {
            let x = arg(m, r, 0);
            let Some(x) = value(m, x) else {
                return wait(m, r, info::STG_ONLY_FRAME, &[f], x);
            };
            let w = convert(from, to, unboxed(&m.mem, from, x)?)?;
            return_number(m, r, 2, to, w)
        }
        Known::FromIntegral if frame == THREE => {
            let (a, b, x) = (arg(m, r, 0), arg(m, r, 1), arg(m, r, 2));
            let (from, to) = (kind_of(m, a)?, kind_of(m, b)?);
            let Some(x) = value(m, x) else {
                return wait(m, r, info::STG_THIRD_FRAME, &[f, a, b], x);
            };
            let w = convert(from, to, unboxed(&m.mem, from, x)?)?;
            return_number(m, r, 4, to, w)
        }
        Known::Whole(rounding) if frame == TWO => {
            let (dictionary, x) = (arg(m, r, 0), arg(m, r, 1));
            let to = kind_of(m, dictionary)?;
            let Some(x) = value(m, x) else {
                return wait(m, r, info::STG_SECOND_FRAME, &[f, dictionary], x);
            };
            let n = whole(rounding, unboxed(&m.mem, Kind::Double, x)?)?;
            let w = convert(Kind::Integer, to, n)?;
            return_number(m, r, 3, to, w)
        }
        _ => None,
    }
}

/// Raises what `toException` of the dictionary makes of the other argument, the frames on top having `words` words.
#[inline(always)]
fn raise(m: &mut Machine, r: &mut Regs, words: u32) -> Option<Next> {
    let dictionary = value(m, arg(m, r, 0))?;
    let to_exception = m.mem.closure((dictionary.addr() + PAYLOAD).offset_w(TO_EXCEPTION));
    let x = arg(m, r, 1);
    let exception = suspend(m, r, to_exception, x)?;
    r.pop(words);
    Some(m.stop(Stop::Raise(exception)))
}

/// Argument `i` of the frame on top.
#[inline(always)]
pub(super) fn arg(m: &Machine, r: &Regs, i: u32) -> ClosurePtr {
    m.mem.closure(r.at(1 + i))
}

/// Makes the frame on top one of those that wait for an operand, with these words, and evaluates `operand`.
#[inline(always)]
pub(super) fn wait(
    m: &mut Machine,
    r: &mut Regs,
    frame: InfoPtr,
    words: &[ClosurePtr],
    operand: ClosurePtr,
) -> Option<Next> {
    m.mem.set_info(r.sp, frame);
    for (i, w) in words.iter().enumerate() {
        m.mem.set_closure(r.at(1 + i as u32), *w);
    }
    Some(Next::Eval(operand))
}

/// Applies the first argument of the frame on top to the others, one or two.
#[inline(always)]
fn apply_to(m: &mut Machine, r: &mut Regs, others: u32) -> Option<Next> {
    let function = arg(m, r, 0);
    r.pop(1);
    m.mem.set_info(r.sp, if others == 1 { info::STG_AP_P } else { info::STG_AP_PP });
    Some(Next::Eval(function))
}

/// Whether `x`, of a type of two constructors, is the second.
pub(super) fn is_second(m: &Machine, x: ClosurePtr) -> bool {
    match x.tag() {
        0 => con_tag(&m.mem, x.addr()) == SECOND,
        tag => tag == SECOND + 1,
    }
}

/// The kind of the numbers of which `p` is a dictionary, if it is a known one.
fn kind_of(m: &Machine, p: ClosurePtr) -> Option<Kind> {
    match m.bound.known.find(p.addr())? {
        Known::Dictionary(kind) => kind,
        _ => None,
    }
}

/// Returns a new box of `w`, the frame on top having `words` words; none if there is no heap or no such box.
#[inline(always)]
fn return_number(m: &mut Machine, r: &mut Regs, words: u32, kind: Kind, w: Word) -> Option<Next> {
    const { assert!(BOX_W == 2) };
    let table = m.bound.info_of_box(kind)?;
    let x = new_box(m, r, table, w)?;
    r.pop(words);
    Some(Next::Return(x))
}

/// How many words the frames of `pointers` arguments and State# have; none if those are not on top. Mostly State# comes in a
/// frame of its own.
pub(super) fn io_words(m: &Machine, r: &Regs, pointers: u32) -> Option<u32> {
    let (alone, with_state) = match pointers {
        1 => (info::STG_AP_P, info::STG_AP_PV),
        _ => (info::STG_AP_PP, info::STG_AP_PPV),
    };
    let top = m.mem.info(r.sp);
    if top == with_state {
        Some(1 + pointers)
    } else if top == alone && m.mem.info(r.at(1 + pointers)) == info::STG_AP_V {
        Some(2 + pointers)
    } else {
        None
    }
}

/// The thunk of `function x`; none if there is no heap.
fn suspend(m: &mut Machine, r: &mut Regs, function: ClosurePtr, x: ClosurePtr) -> Option<ClosurePtr> {
    let object = alloc(m, r, APPLICATION_W)?;
    m.mem.set_info(object, info::STG_AP_2_UPD);
    m.mem.set_word(object + WORD, 0);
    m.mem.set_closure(object + THUNK_PAYLOAD, function);
    m.mem.set_closure(object + THUNK_PAYLOAD + WORD, x);
    Some(object.into())
}

/// What is done with an IORef that is evaluated.
#[inline(always)]
fn reference(m: &mut Machine, r: &mut Regs, known: Known) -> Option<Next> {
    let words = io_words(m, r, if known == Known::ReadRef { 1 } else { 2 })?;
    let var = m.mem.closure(value(m, arg(m, r, 0))?.addr() + PAYLOAD).addr();
    let old = m.mem.closure(var + mut_var::VAR);
    let result = match known {
        Known::ReadRef => old,
        Known::WriteRef => {
            let x = arg(m, r, 1);
            write(m, var, x)
        }
        Known::ModifyRef => {
            let function = arg(m, r, 1);
            let x = suspend(m, r, function, old)?;
            write(m, var, x)
        }
        _ => {
            if !r.has_stack(2) {
                return None;
            }
            let function = arg(m, r, 1);
            r.pop(words);
            r.push(&mut m.mem, var.word());
            r.push_info(&mut m.mem, info::STG_WRITE_FRAME);
            r.push(&mut m.mem, old.word());
            r.push_info(&mut m.mem, info::STG_AP_P);
            return Some(Next::Eval(function));
        }
    };
    r.pop(words);
    push_result(&mut m.mem, r, Rep::P, result.word());
    Some(Next::ReturnUnlifted)
}

/// Writes `x` to the variable, and answers what the action returns.
fn write(m: &mut Machine, var: Addr, x: ClosurePtr) -> ClosurePtr {
    m.mem.set_closure(var + mut_var::VAR, x);
    m.heap.dirty_mut_var(&mut m.mem, var);
    m.bound.closure(Builtin::Unit)
}

/// The value of a strict argument has come to `x`: what waits for it in a frame of one word is done.
pub(super) fn waited(m: &mut Machine, r: &mut Regs, x: ClosurePtr) -> Next {
    let word = m.mem.closure(r.at(1));
    if m.mem.info(r.sp) == info::STG_STRICT_FRAME {
        m.mem.set_info(r.sp, info::STG_AP_P);
        m.mem.set_closure(r.at(1), x);
        return Next::Eval(word);
    }
    let result = write(m, word.addr(), x);
    r.pop(2);
    push_result(&mut m.mem, r, Rep::P, result.word());
    Next::ReturnUnlifted
}
