//! Functions of packages that are carried out here instead of by their compiled code: see `entry::known`.
//!
//! Whatever is out of the ordinary (a divisor of zero, a large Integer, a dictionary that is a thunk) is left to the
//! compiled function, with the frame of its arguments as it was, so that nothing here raises an exception.
//
// Note [Operands of known functions]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A known function of two numbers evaluates the first, then the second, as the compiled one does. (Those on Integers do
// not all: they are carried out on operands that are values already, and left to compiled code else.) While it waits, the
// frame of its arguments is one of its own instead, of the same size:
//
//      [stg_ap_pp, x, y]    waits for x as [first, f, y],    and then for y as [second, f, x]
//      [stg_ap_p, x]        waits for x as [only, f]
//
// The value that comes back takes its operand's place in a `stg_ap_pp` frame, and f is applied anew. That x is looked
// at twice costs little; that there are only frames and closures anyone can read means that collections, exceptions
// and thread switches need not know.

use super::apply::{Frame, apply_slow};
use super::call::push_result;
use super::control::{Next, Packed, Stop};
use super::eval::enter_later;
use super::machine::Machine;
use super::number::{Answer, compute, unboxed};
use super::regs::{Regs, alloc};
use crate::entry::bound::Bound;
use crate::entry::closures::Builtin;
use crate::entry::known::{Function, Kind, Known};
use crate::entry::table::info;
use crate::layout::ClosureType;
use crate::layout::closure::{INDIRECTEE, PAYLOAD, pap};
use crate::layout::info_table::InfoTable;
use crate::mem::Mem;
use crate::primop::table::Rep;
use crate::word::{ClosurePtr, InfoPtr, Word};
use alloc::format;
use core::cmp::Ordering;

/// Words of a box.
pub(super) const BOX_W: u32 = 2;
/// The frame of one argument.
const ONE: Frame = Frame { args: 1, words: 1 };
/// The frame of two arguments.
const TWO: Frame = Frame { args: 2, words: 2 };

/// Carries out `known`, which `f` is, on the arguments of the frame on top; `None` if the compiled function must.
pub fn apply(m: &mut Machine, f: ClosurePtr, frame: Frame, known: Known) -> Option<Packed> {
    if let Known::Select(field) = known {
        return select(m, field);
    }
    let mut r = m.regs;
    let next = carry_out(m, &mut r, f, frame, known)?;
    m.regs = r;
    Some(next.into())
}

fn carry_out(m: &mut Machine, r: &mut Regs, f: ClosurePtr, frame: Frame, known: Known) -> Option<Next> {
    match known {
        Known::Number(kind, op) if frame == TWO && op.args() == 2 => binary(m, r, f, Function::new(kind, op)),
        Known::Number(kind, op) if frame == ONE && op.args() == 1 => unary(m, r, f, Function::new(kind, op)),
        // Mostly State# comes in a frame of its own.
        Known::BindIo | Known::ThenIo => {
            let words = match m.mem.info(r.sp) {
                info::STG_AP_PPV => 3,
                info::STG_AP_PP if m.mem.info(r.at(3)) == info::STG_AP_V => 4,
                _ => return None,
            };
            let actions = [m.mem.closure(r.at(1)), m.mem.closure(r.at(2))];
            sequence(m, r, known, words, actions)
        }
        Known::ReturnIo => {
            let words = match m.mem.info(r.sp) {
                info::STG_AP_PV => 2,
                info::STG_AP_P if m.mem.info(r.at(2)) == info::STG_AP_V => 3,
                _ => return None,
            };
            let x = m.mem.closure(r.at(1));
            r.pop(words);
            push_result(&mut m.mem, r, Rep::P, x.word());
            Some(Next::ReturnUnlifted)
        }
        Known::Number(..) | Known::Dictionary | Known::Select(_) => None,
    }
}

/// Carries out `known`, an IO action that lacks nothing but State#: `f` is a partial application of it.
pub fn run(m: &mut Machine, f: ClosurePtr, known: Known) -> Option<Packed> {
    let mut r = m.regs;
    let next = run_action(m, &mut r, f, known)?;
    m.regs = r;
    Some(next.into())
}

fn run_action(m: &mut Machine, r: &mut Regs, f: ClosurePtr, known: Known) -> Option<Next> {
    if m.mem.info(r.sp) != info::STG_AP_V {
        return None;
    }
    let (held, payload) = (m.mem.u32(f.addr() + pap::N_ARGS), f.addr() + pap::PAYLOAD);
    match known {
        Known::BindIo | Known::ThenIo if held == 2 => {
            let (action, next) = (m.mem.closure(payload), m.mem.closure(payload.offset_w(1)));
            sequence(m, r, known, 1, [action, next])
        }
        Known::ReturnIo if held == 1 => {
            let x = m.mem.closure(payload);
            if !r.has_stack(2) {
                return None;
            }
            r.pop(1);
            push_result(&mut m.mem, r, Rep::P, x.word());
            Some(Next::ReturnUnlifted)
        }
        _ => None,
    }
}

/// Runs an IO action, and then another: the frame on top has `words` words, and goes.
///
/// A loop of such actions may never start byte code, so a stop that is asked for is left to the compiled function, too.
fn sequence(m: &mut Machine, r: &mut Regs, known: Known, words: u32, actions: [ClosurePtr; 2]) -> Option<Next> {
    if !r.has_stack(3) || Regs::stop_wanted(&m.mem) {
        return None;
    }
    let [action, next] = actions;
    r.pop(words);
    r.push(&mut m.mem, next.word());
    r.push_info(&mut m.mem, if known == Known::BindIo { info::STG_BIND_FRAME } else { info::STG_THEN_FRAME });
    r.push_info(&mut m.mem, info::STG_AP_V);
    Some(Next::Eval(action))
}

/// The IO action of a bind or then frame, which is on top, has returned `x`.
pub fn sequel(m: &mut Machine, r: &mut Regs, x: ClosurePtr) -> Next {
    let next = m.mem.closure(r.at(1));
    if m.mem.info(r.sp) == info::STG_BIND_FRAME {
        m.mem.set_info(r.sp, info::STG_AP_PV);
        m.mem.set_closure(r.at(1), x);
    } else {
        r.pop(1);
        m.mem.set_info(r.sp, info::STG_AP_V);
    }
    Next::Eval(next)
}

/// Selects a field of the dictionary that is the first argument, and applies it to the others.
fn select(m: &mut Machine, field: u8) -> Option<Packed> {
    let sp = m.regs.sp;
    let rest = without_first(m.mem.info(sp))?;
    let dictionary = value(m, m.mem.closure(sp.offset_w(1)))?;
    let x = m.mem.closure((dictionary.addr() + PAYLOAD).offset_w(field.into()));
    let Some((frame, info)) = rest else {
        m.regs.pop(2);
        return Some(Next::Eval(x).into());
    };
    m.regs.pop(1);
    m.mem.set_info(m.regs.sp, info);
    Some(if x.tag() == 0 { Next::Eval(x).into() } else { apply_slow(m, x, frame) })
}

/// The frame of the arguments but the first, which is a pointer; the inner `None` if that was all.
fn without_first(frame: InfoPtr) -> Option<Option<(Frame, InfoPtr)>> {
    let rest = |args, words, info| Some(Some((Frame { args, words }, info)));
    match frame {
        info::STG_AP_P => Some(None),
        info::STG_AP_PP => rest(1, 1, info::STG_AP_P),
        info::STG_AP_PPP => rest(2, 2, info::STG_AP_PP),
        info::STG_AP_PPPP => rest(3, 3, info::STG_AP_PPP),
        info::STG_AP_PPPPP => rest(4, 4, info::STG_AP_PPPP),
        info::STG_AP_PPPPPP => rest(5, 5, info::STG_AP_PPPPP),
        info::STG_AP_PV => rest(1, 0, info::STG_AP_V),
        info::STG_AP_PPV => rest(2, 1, info::STG_AP_PV),
        info::STG_AP_PPPV => rest(3, 2, info::STG_AP_PPV),
        _ => None,
    }
}

/// The constructor that `p` is or has been updated with, if it is evaluated.
#[inline(always)]
pub(super) fn value(m: &Machine, p: ClosurePtr) -> Option<ClosurePtr> {
    if p.tag() != 0 {
        return Some(p);
    }
    let table = m.mem.info(p.addr());
    if table == info::STG_AP {
        return None;
    }
    if table == info::STG_BLACKHOLE {
        return Some(m.mem.closure(p.addr() + INDIRECTEE)).filter(|x| x.tag() != 0);
    }
    match InfoTable::at(&m.mem, table).closure_type() {
        t if t.is_constr() => Some(p),
        ClosureType::IND | ClosureType::IND_STATIC => {
            Some(m.mem.closure(p.addr() + INDIRECTEE)).filter(|x| x.tag() != 0)
        }
        _ => None,
    }
}

/// A function of two numbers, whose frame is on top: see Note [Operands of known functions].
pub(super) fn binary(m: &mut Machine, r: &mut Regs, f: ClosurePtr, function: Function) -> Option<Next> {
    let (first, second) = (m.mem.closure(r.at(1)), m.mem.closure(r.at(2)));
    if function.kind() == Kind::Integer {
        value(m, first)?;
        value(m, second)?;
    }
    let Some(x) = value(m, first) else {
        m.mem.set_info(r.sp, info::STG_FIRST_FRAME);
        m.mem.set_closure(r.at(1), f);
        return Some(Next::Eval(first));
    };
    let Some(y) = value(m, second) else {
        m.mem.set_info(r.sp, info::STG_SECOND_FRAME);
        m.mem.set_closure(r.at(1), f);
        m.mem.set_closure(r.at(2), x);
        return Some(Next::Eval(second));
    };
    let (a, b) = (unboxed(&m.mem, function.kind(), x)?, unboxed(&m.mem, function.kind(), y)?);
    let answer = compute(function, a, b)?;
    let Some(result) = closure_of(m, r, answer, x) else {
        return Some(enter_later(m, r, f, Stop::HeapFull(BOX_W)));
    };
    r.pop(3);
    Some(Next::Return(result))
}

/// The same for one number.
pub(super) fn unary(m: &mut Machine, r: &mut Regs, f: ClosurePtr, function: Function) -> Option<Next> {
    let only = m.mem.closure(r.at(1));
    let evaluated = value(m, only);
    if function.kind() == Kind::Integer {
        evaluated?;
    }
    let Some(x) = evaluated else {
        m.mem.set_info(r.sp, info::STG_ONLY_FRAME);
        m.mem.set_closure(r.at(1), f);
        return Some(Next::Eval(only));
    };
    let a = unboxed(&m.mem, function.kind(), x)?;
    let answer = compute(function, a, a)?;
    let Some(result) = closure_of(m, r, answer, x) else {
        return Some(enter_later(m, r, f, Stop::HeapFull(BOX_W)));
    };
    r.pop(2);
    Some(Next::Return(result))
}

/// The closure for `answer`: a number gets a box of the same type as `like`. None if there is no heap.
#[inline(always)]
pub(super) fn closure_of(m: &mut Machine, r: &mut Regs, answer: Answer, like: ClosurePtr) -> Option<ClosurePtr> {
    Some(match answer {
        Answer::Is(truth) => m.bound.closure(if truth { Builtin::True } else { Builtin::False }),
        Answer::Order(order) => m.bound.closure(ordering(order)),
        Answer::Number(w) => {
            let table = m.mem.info(like.addr());
            new_box(m, r, table, w)?
        }
    })
}

/// A box of `w` whose constructor is `table`; none if there is no heap.
#[inline(always)]
pub(super) fn new_box(m: &mut Machine, r: &mut Regs, table: InfoPtr, w: Word) -> Option<ClosurePtr> {
    let object = alloc(m, r, BOX_W)?;
    m.mem.set_info(object, table);
    m.mem.set_word(object + PAYLOAD, w);
    Some(ClosurePtr::from(object).with_tag(1))
}

/// The constructor of an Ordering.
pub(super) fn ordering(order: Ordering) -> Builtin {
    match order {
        Ordering::Less => Builtin::Lt,
        Ordering::Equal => Builtin::Eq,
        Ordering::Greater => Builtin::Gt,
    }
}

/// An operand has been evaluated to `x`, and the frame of the function that waits for it is on top.
pub fn operand(m: &mut Machine, x: ClosurePtr) -> Packed {
    if value(m, x).is_none() {
        // It would be evaluated for ever.
        return m.crash(format!("a number came to {x:?}, which is no constructor")).into();
    }
    let r = m.regs;
    let f = m.mem.closure(r.at(1));
    let frame = match m.mem.info(r.sp) {
        info::STG_ONLY_FRAME => {
            m.mem.set_info(r.sp, info::STG_AP_P);
            m.mem.set_closure(r.at(1), x);
            ONE
        }
        waits => {
            let other = m.mem.closure(r.at(2));
            let operands = if waits == info::STG_FIRST_FRAME { [x, other] } else { [other, x] };
            m.mem.set_info(r.sp, info::STG_AP_PP);
            m.mem.set_closure(r.at(1), operands[0]);
            m.mem.set_closure(r.at(2), operands[1]);
            TWO
        }
    };
    apply_slow(m, f, frame)
}

/// The field that `selector` selects of `dictionary`, if both are known: its number, and what is there.
pub fn method(mem: &Mem, bound: &Bound, selector: ClosurePtr, dictionary: ClosurePtr) -> Option<(u8, ClosurePtr)> {
    let Known::Select(field) = bound.known.find(selector.addr())? else { return None };
    if bound.known.find(dictionary.addr())? != Known::Dictionary {
        return None;
    }
    Some((field, mem.closure((dictionary.addr() + PAYLOAD).offset_w(field.into()))))
}
