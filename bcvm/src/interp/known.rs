//! Functions of packages that are carried out here instead of by their compiled code: see `entry::known`.
//!
//! Whatever is out of the ordinary (a divisor of zero, a large Integer, a dictionary that is a thunk) is left to the
//! compiled function, with the frame of its arguments as it was, so that nothing here raises an exception.
//
// Note [Operands of known functions]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A known function of two numbers evaluates the first, then the second, as the compiled one does. (Those on Integers do
// not all: addition and subtraction begin with the second, and where the order is not known and neither operand is a value,
// compiled code does it.) While it waits, the frame of its arguments is one of its own instead, of the same size:
//
//      [stg_ap_pp, x, y]     waits for x as [first, f, y],    and then for y as [second, f, x]
//      [stg_ap_p, x]         waits for x as [only, f]
//      [stg_ap_ppp, x, y, z] waits for y as [middle, f, x, z], and for z as [third, f, x, y]
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
use super::regs::{Regs, alloc, try_on_copy};
use super::{each, lists, mvars, plain};
use crate::entry::bound::Bound;
use crate::entry::closures::Builtin;
use crate::entry::known::{Function, Kind, Known, Op};
use crate::entry::table::info;
use crate::layout::ClosureType;
use crate::layout::closure::{INDIRECTEE, PAYLOAD, pap};
use crate::layout::info_table::InfoTable;
use crate::mem::Mem;
use crate::primop::table::Rep;
use crate::word::{Addr, ClosurePtr, InfoPtr, WORD, Word};
use alloc::format;
use core::cmp::Ordering;

/// Words of a box.
pub(super) const BOX_W: u32 = 2;
/// The frame of one argument.
pub(super) const ONE: Frame = Frame::new(1, 1);
/// The frame of two arguments.
pub(super) const TWO: Frame = Frame::new(2, 2);
/// The frame of three arguments.
pub(super) const THREE: Frame = Frame::new(3, 3);
/// The frame of four arguments.
const FOUR: Frame = Frame::new(4, 4);

/// Carries out `known`, which `f` is, on the arguments of the frame on top; nothing is done if the compiled function must.
#[inline(never)]
pub fn apply(m: &mut Machine, f: ClosurePtr, frame: Frame, known: Known) -> Packed {
    match known {
        Known::Select(field) => select(m, field),
        Known::Number(kind, op) if frame == TWO && op.args() == 2 => binary(m, f, Function::new(kind, op)),
        Known::Number(kind, op) if frame == ONE && op.args() == 1 => unary(m, f, Function::new(kind, op)),
        Known::BindIo | Known::ThenIo | Known::ReturnIo => try_on_copy(m, |m, r| carry_out(m, r, known)),
        Known::TakeMVar | Known::ReadMVar | Known::PutMVar | Known::ModifyMVar | Known::WithMVar => {
            mvars::apply(m, known)
        }
        Known::Fold(decides) => lists::apply(m, f, frame, lists::Test::Itself, decides),
        Known::FoldBy(decides) => lists::apply(m, f, frame, lists::Test::Applied, decides),
        Known::Each(function_first) if frame == FOUR => each::over_list(m, function_first),
        Known::Times if frame == THREE => each::times(m, f),
        Known::Number(..) | Known::Dictionary(_) | Known::FoldableOfLists | Known::Actions => Packed::NONE,
        other => plain::apply(m, f, frame, other),
    }
}

/// What is known of IO's Monad.
fn carry_out(m: &mut Machine, r: &mut Regs, known: Known) -> Option<Next> {
    match known {
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
        _ => {
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
    }
}

/// Carries out `known`, of which `f` is a partial application that lacks nothing but the arguments of the frame on top.
pub fn run(m: &mut Machine, f: ClosurePtr, known: Known) -> Packed {
    let (held, sp) = (m.mem.u32(f.addr() + pap::N_ARGS), m.regs.sp);
    let top = m.mem.info(sp);
    let Some((all, frame)) = with_more(top, held).filter(|_| m.regs.has_stack(held)) else { return Packed::NONE };
    // [all, what it holds, arguments], the last word of what it holds being where the frame's word was.
    m.regs.sp = Addr(sp.0 - held * WORD);
    m.mem.copy_words(m.regs.at(1), f.addr() + pap::PAYLOAD, held);
    m.mem.set_info(m.regs.sp, all);
    let function = m.mem.closure(f.addr() + pap::FUN);
    let next = apply(m, function, frame, known);
    if next.done().is_none() {
        m.regs.sp = sp;
        m.mem.set_info(sp, top);
    }
    next
}

/// The frame of `more` pointers and the arguments of the frame `table`, pointers and perhaps State#.
fn with_more(table: InfoPtr, more: u32) -> Option<(InfoPtr, Frame)> {
    const POINTERS: [InfoPtr; 6] =
        [info::STG_AP_P, info::STG_AP_PP, info::STG_AP_PPP, info::STG_AP_PPPP, info::STG_AP_PPPPP, info::STG_AP_PPPPPP];
    const AND_STATE: [InfoPtr; 4] = [info::STG_AP_V, info::STG_AP_PV, info::STG_AP_PPV, info::STG_AP_PPPV];
    let frame = Frame::at(table)?;
    let frames = if frame.args() > frame.words() { &AND_STATE[..] } else { &POINTERS[..] };
    let own = frames.get(frame.args() as usize - 1).is_some_and(|own| *own == table);
    let all = frames.get((frame.args() - 1 + more) as usize).filter(|_| own)?;
    Some((*all, Frame::new(frame.args() + more, frame.words() + more)))
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
pub fn sequel(m: &mut Machine, x: ClosurePtr) -> Packed {
    let sp = m.regs.sp;
    let next = m.mem.closure(sp.offset_w(1));
    let frame = if m.mem.info(sp) == info::STG_BIND_FRAME {
        m.mem.set_info(sp, info::STG_AP_PV);
        m.mem.set_closure(sp.offset_w(1), x);
        Frame::new(2, 1)
    } else {
        m.regs.pop(1);
        m.mem.set_info(m.regs.sp, info::STG_AP_V);
        Frame::new(1, 0)
    };
    if m.mem.info(next.addr()) == info::STG_BCO { apply_slow(m, next, frame) } else { Next::Eval(next).into() }
}

/// Selects a field of the dictionary that is the first argument, and applies it to the others.
fn select(m: &mut Machine, field: u8) -> Packed {
    let sp = m.regs.sp;
    let Some(rest) = without_first(m.mem.info(sp)) else { return Packed::NONE };
    let Some(dictionary) = value(m, m.mem.closure(sp.offset_w(1))) else { return Packed::NONE };
    let x = m.mem.closure((dictionary.addr() + PAYLOAD).offset_w(field.into()));
    let Some((frame, info)) = rest else {
        m.regs.pop(2);
        return Next::Eval(x).into();
    };
    m.regs.pop(1);
    m.mem.set_info(m.regs.sp, info);
    if x.tag() == 0 { Next::Eval(x).into() } else { apply_slow(m, x, frame) }
}

/// The frame of the arguments but the first, which is a pointer; the inner `None` if that was all.
fn without_first(frame: InfoPtr) -> Option<Option<(Frame, InfoPtr)>> {
    let rest = |args, words, info| Some(Some((Frame::new(args, words), info)));
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

/// What is to be done about the operands of a function of two numbers.
pub(super) enum Operands {
    /// Both have their values.
    Both(ClosurePtr, ClosurePtr),
    /// The first is to be evaluated, with this as the second.
    WaitFirst(ClosurePtr),
    /// The second is to be evaluated, with this as the first.
    WaitSecond(ClosurePtr),
}

/// Which operand is to be evaluated, as the compiled function would; none if that must see to it.
#[inline(always)]
pub(super) fn evaluated(m: &Machine, function: Function, first: ClosurePtr, second: ClosurePtr) -> Option<Operands> {
    let (x, y) = (value(m, first), value(m, second));
    if let (Some(x), Some(y)) = (x, y) {
        return Some(Operands::Both(x, y));
    }
    if function.kind() == Kind::Integer && y.is_none() && x.is_none() {
        return match function.op() {
            Op::Mul => Some(Operands::WaitFirst(second)),
            Op::Add | Op::Sub => Some(Operands::WaitSecond(first)),
            _ => None,
        };
    }
    // A divisor of zero may make an exception before the dividend does.
    if function.kind() == Kind::Integer
        && x.is_none()
        && function.op().divides()
        && unboxed(&m.mem, Kind::Integer, y?) == Some(0)
    {
        return None;
    }
    Some(match x {
        None => Operands::WaitFirst(y.unwrap_or(second)),
        Some(x) => Operands::WaitSecond(x),
    })
}

/// A function of two numbers, whose frame is on top: see Note [Operands of known functions].
#[inline(never)]
pub(super) fn binary(m: &mut Machine, f: ClosurePtr, function: Function) -> Packed {
    try_on_copy(m, |m, r| {
        let (first, second) = (m.mem.closure(r.at(1)), m.mem.closure(r.at(2)));
        let (x, y) = match evaluated(m, function, first, second)? {
            Operands::Both(x, y) => (x, y),
            Operands::WaitFirst(y) => {
                m.mem.set_info(r.sp, info::STG_FIRST_FRAME);
                m.mem.set_closure(r.at(1), f);
                m.mem.set_closure(r.at(2), y);
                return Some(Next::Eval(first));
            }
            Operands::WaitSecond(x) => {
                m.mem.set_info(r.sp, info::STG_SECOND_FRAME);
                m.mem.set_closure(r.at(1), f);
                m.mem.set_closure(r.at(2), x);
                return Some(Next::Eval(second));
            }
        };
        let (a, b) = (unboxed(&m.mem, function.kind(), x)?, unboxed(&m.mem, function.kind(), y)?);
        let answer = compute(function, a, b)?;
        let Some(result) = closure_of(m, r, answer, x) else {
            return Some(enter_later(m, r, f, Stop::HeapFull(BOX_W)));
        };
        r.pop(3);
        Some(Next::Return(result))
    })
}

/// The same for one number.
#[inline(never)]
pub(super) fn unary(m: &mut Machine, f: ClosurePtr, function: Function) -> Packed {
    try_on_copy(m, |m, r| {
        let only = m.mem.closure(r.at(1));
        let Some(x) = value(m, only) else {
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
    })
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
        return m.crash(format!("an operand came to {x:?}, which is no constructor")).into();
    }
    let r = m.regs;
    let f = m.mem.closure(r.at(1));
    let frame = match m.mem.info(r.sp) {
        info::STG_ONLY_FRAME => {
            m.mem.set_info(r.sp, info::STG_AP_P);
            m.mem.set_closure(r.at(1), x);
            ONE
        }
        waits @ (info::STG_FIRST_FRAME | info::STG_SECOND_FRAME) => {
            let other = m.mem.closure(r.at(2));
            let operands = if waits == info::STG_FIRST_FRAME { [x, other] } else { [other, x] };
            m.mem.set_info(r.sp, info::STG_AP_PP);
            m.mem.set_closure(r.at(1), operands[0]);
            m.mem.set_closure(r.at(2), operands[1]);
            TWO
        }
        waits => {
            let others = [m.mem.closure(r.at(2)), m.mem.closure(r.at(3))];
            let last = if waits == info::STG_MIDDLE_FRAME { [x, others[1]] } else { [others[1], x] };
            m.mem.set_info(r.sp, info::STG_AP_PPP);
            m.mem.set_closure(r.at(1), others[0]);
            m.mem.set_closure(r.at(2), last[0]);
            m.mem.set_closure(r.at(3), last[1]);
            THREE
        }
    };
    apply_slow(m, f, frame)
}

/// The field that `selector` selects of `dictionary`, if both are known: its number, and what is there.
pub fn method(mem: &Mem, bound: &Bound, selector: ClosurePtr, dictionary: ClosurePtr) -> Option<(u8, ClosurePtr)> {
    let Known::Select(field) = bound.known.find(selector.addr())? else { return None };
    if !matches!(bound.known.find(dictionary.addr())?, Known::Dictionary(_) | Known::FoldableOfLists | Known::Actions) {
        return None;
    }
    Some((field, mem.closure((dictionary.addr() + PAYLOAD).offset_w(field.into()))))
}
