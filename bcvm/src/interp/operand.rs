//! Functions of two numbers that byte code calls where one is not evaluated yet: what waits for it in the meantime.
//!
//! As Note [Operands of known functions] has it, but with the function's number in the frame, so that nothing has to be looked
//! up when the value comes, and with a word more of stack:
//!
//! ```text
//! [number_first, number, f, y]     waits for x
//! [number_second, number, f, x]    waits for y
//! ```
//!
//! The method `f` does what is out of the ordinary.

use super::apply::apply_slow;
use super::control::{Next, Packed, Stop};
use super::eval::enter_later;
use super::known::{BOX_W, Operands, TWO, closure_of, evaluated, value};
use super::machine::Machine;
use super::number::{compute, unboxed};
use super::regs::{Regs, on_copy, try_on_copy};
use crate::entry::known::Function;
use crate::entry::table::info;
use crate::word::{ClosurePtr, InfoPtr};
use alloc::format;

/// Waits for an operand of `function`, whose method is `f`, under which there is room for four words; none if both have their
/// values, or compiled code must see to it.
#[inline(always)]
pub fn wait(
    m: &mut Machine,
    r: &mut Regs,
    function: Function,
    f: ClosurePtr,
    operands: [ClosurePtr; 2],
) -> Option<Next> {
    let (frame, other, operand) = match evaluated(m, function, operands[0], operands[1])? {
        Operands::Both(..) => return None,
        Operands::WaitFirst(y) => (info::STG_NUMBER_FIRST_FRAME, y, operands[0]),
        Operands::WaitSecond(x) => (info::STG_NUMBER_SECOND_FRAME, x, operands[1]),
    };
    r.push(&mut m.mem, other.word());
    r.push(&mut m.mem, f.word());
    r.push(&mut m.mem, function.0.into());
    r.push_info(&mut m.mem, frame);
    Some(Next::Eval(operand))
}

/// An operand has been evaluated to `x`, and the frame `frame` that waits for it is on top.
pub fn arrived(m: &mut Machine, x: ClosurePtr, frame: InfoPtr) -> Packed {
    if value(m, x).is_none() {
        return m.crash(format!("a number came to {x:?}, which is no constructor")).into();
    }
    let sp = m.regs.sp;
    let function = Function(m.mem.word(sp.offset_w(1)) as u8);
    let (f, other) = (m.mem.closure(sp.offset_w(2)), m.mem.closure(sp.offset_w(3)));
    let is_first = frame == info::STG_NUMBER_FIRST_FRAME;
    let Some(known) = value(m, other) else {
        let waits = if is_first { info::STG_NUMBER_SECOND_FRAME } else { info::STG_NUMBER_FIRST_FRAME };
        m.mem.set_info(sp, waits);
        m.mem.set_closure(sp.offset_w(3), x);
        return Next::Eval(other).into();
    };
    let [a, b] = if is_first { [x, known] } else { [known, x] };
    let words = unboxed(&m.mem, function.kind(), a).zip(unboxed(&m.mem, function.kind(), b));
    let answer = words.and_then(|(a, b)| compute(function, a, b));
    let is_known = answer.is_some();
    let returned = try_on_copy(m, |m, r| {
        let result = closure_of(m, r, answer?, x)?;
        r.pop(4);
        Some(Next::Return(result))
    });
    if let Some(next) = returned.done() {
        return next;
    }
    m.regs.pop(1);
    let sp = m.regs.sp;
    m.mem.set_info(sp, info::STG_AP_PP);
    m.mem.set_closure(sp.offset_w(1), a);
    m.mem.set_closure(sp.offset_w(2), b);
    if is_known {
        return on_copy(m, |m, r| enter_later(m, r, f, Stop::HeapFull(BOX_W)));
    }
    apply_slow(m, f, TWO)
}
