//! Known loops of actions of IO and ST: `mapM_` and its kin over a list, `replicateM_`. What is run is mostly byte code, for
//! which the compiled loop would be left, and entered, each time.
//
// Note [Loops are primops]
// ~~~~~~~~~~~~~~~~~~~~~~~~
// `mapM_ f xs` without State# is an action, which anyone may apply to State# later, compiled code too. So it must be a partial
// application of something that can be entered: of `bcvmEach# f xs`, a primop of the runtime, as `replicateM_ n io` is one of
// `bcvmTimes# n io`. What base evaluates before there is an action, the first cell of the list and the number, is evaluated
// here as well. A loop that runs has one frame, which is another one while the list is evaluated: compiled code returns a list
// as it returns what an action comes to.
//
//      [bcvm_list_frame, f, what was the rest]  the rest of the list is evaluated
//      [bcvm_each_frame, f, rest of the list]   f of an element runs
//      [bcvm_times_frame, times left, action]   the action runs

use super::call::push_result;
use super::control::{Next, Packed, Stop};
use super::eval::enter_later;
use super::known::value;
use super::machine::Machine;
use super::number::unboxed;
use super::plain::{arg, is_second, wait};
use super::regs::{Regs, alloc, on_copy, try_on_copy};
use crate::entry::closures::{self, Builtin};
use crate::entry::known::{Kind, Known};
use crate::entry::table::info;
use crate::layout::closure::{PAYLOAD, pap};
use crate::primop::effect::{Answer, Args, Effect};
use crate::primop::table::Rep;
use crate::word::{Addr, ClosurePtr, WORD};
use alloc::format;

/// Words of the frames of loops.
const FRAME_W: u32 = 3;
/// Words that an element's application takes.
const APPLIED_W: u32 = 2;

/// Whether `p` is the dictionary of IO, or of ST, of which nobody can tell the actions apart.
fn is_of_actions(m: &Machine, p: ClosurePtr) -> bool {
    matches!(m.bound.known.find(p.addr()), Some(Known::Actions))
}

/// `mapM_` and its kin, on the four arguments of the frame on top.
#[inline(never)]
pub(super) fn over_list(m: &mut Machine, function_first: bool) -> Packed {
    try_on_copy(m, |m, r| {
        let is_list = matches!(m.bound.known.find(arg(m, r, 0).addr()), Some(Known::FoldableOfLists));
        if !is_list || !is_of_actions(m, arg(m, r, 1)) {
            return None;
        }
        let (a, b) = (arg(m, r, 2), arg(m, r, 3));
        let (function, list) = if function_first { (a, b) } else { (b, a) };
        let action = hold(m, r, Effect::Each, &[function])?;
        // [stg_ap_pppp, four] becomes [bcvm_strict_frame, one].
        r.pop(3);
        m.mem.set_info(r.sp, info::STG_STRICT_FRAME);
        m.mem.set_closure(r.at(1), action);
        Some(Next::Eval(list))
    })
}

/// `replicateM_`, which `f` is, on the three arguments of the frame on top.
#[inline(never)]
pub(super) fn times(m: &mut Machine, f: ClosurePtr) -> Packed {
    try_on_copy(m, |m, r| {
        let [dictionary, n, action] = [0, 1, 2].map(|i| arg(m, r, i));
        if !is_of_actions(m, dictionary) {
            return None;
        }
        let Some(n) = value(m, n) else {
            return wait(m, r, info::STG_MIDDLE_FRAME, &[f, dictionary, action], n);
        };
        let action = hold(m, r, Effect::Times, &[n, action])?;
        r.pop(4);
        Some(Next::Return(action))
    })
}

/// A partial application of `effect`; none if there is no heap.
fn hold(m: &mut Machine, r: &mut Regs, effect: Effect, args: &[ClosurePtr]) -> Option<ClosurePtr> {
    let (held, arity) = (args.len() as u32, effect.row().arity());
    let object = alloc(m, r, pap::SIZE_W + held)?;
    m.mem.set_info(object, info::STG_PAP);
    m.mem.set_word(object + pap::ARITY, u64::from(arity - held) | u64::from(held) << 32);
    m.mem.set_closure(object + pap::FUN, ClosurePtr::from(closures::wrapper(effect.number())).with_tag(arity));
    for (i, x) in args.iter().enumerate() {
        m.mem.set_closure((object + pap::PAYLOAD).offset_w(i as u32), *x);
    }
    Some(object.into())
}

/// `bcvmEach#`: function, list.
pub(crate) fn run_each(m: &mut Machine, args: &Args) -> Answer {
    let (r, mem) = (&mut m.regs, &mut m.mem);
    r.push(mem, args[1]);
    r.push(mem, args[0]);
    r.push_info(mem, info::STG_LIST_FRAME);
    Answer::Enter(ClosurePtr::from_word(args[1]))
}

/// `bcvmTimes#`: an Int, which is evaluated, and an action.
pub(crate) fn run_times(m: &mut Machine, args: &Args) -> Answer {
    let Some(n) = unboxed(&m.mem, Kind::Int, ClosurePtr::from_word(args[0])) else {
        return Answer::Crash("the number is none");
    };
    let Some(left) = (n as i64).checked_sub(1).filter(|left| *left >= 0) else {
        return Answer::ptr(m.bound.closure(Builtin::Unit));
    };
    let (r, mem) = (&mut m.regs, &mut m.mem);
    r.push(mem, args[1]);
    r.push(mem, left as u64);
    r.push_info(mem, info::STG_TIMES_FRAME);
    Answer::Run(ClosurePtr::from_word(args[1]))
}

/// The rest of the list has come to `x`, and the frame of the loop is on top.
pub(super) fn element(m: &mut Machine, x: ClosurePtr) -> Packed {
    let Some(list) = value(m, x) else {
        return m.crash(format!("a list came to {x:?}, which is no constructor")).into();
    };
    if !is_second(m, list) {
        return end(m);
    }
    on_copy(m, |m, r| {
        if !r.has_stack(APPLIED_W) {
            return enter_later(m, r, x, Stop::StackFull(APPLIED_W));
        }
        let function = arg(m, r, 0);
        let head = m.mem.closure(list.addr() + PAYLOAD);
        let rest = m.mem.closure(list.addr() + PAYLOAD + WORD);
        m.mem.set_info(r.sp, info::STG_EACH_FRAME);
        m.mem.set_closure(r.at(2), rest);
        r.push(&mut m.mem, head.word());
        r.push_info(&mut m.mem, info::STG_AP_PV);
        Next::Eval(function)
    })
}

/// An action of a loop has returned something, which takes `above` words over the loop's frame.
pub(super) fn next(m: &mut Machine, above: u32) -> Packed {
    let frame: Addr = m.regs.at(above);
    if m.mem.info(frame) == info::STG_EACH_FRAME {
        m.regs.pop(above);
        m.mem.set_info(frame, info::STG_LIST_FRAME);
        return Next::Eval(m.mem.closure(frame.offset_w(2))).into();
    }
    // Such actions may never start byte code.
    if Regs::stop_wanted(&m.mem) {
        return m.stop(Stop::Yield).into();
    }
    m.regs.pop(above);
    let left = m.mem.word(frame + WORD);
    if left == 0 {
        return end(m);
    }
    m.mem.set_word(frame + WORD, left - 1);
    let action = m.mem.closure(frame.offset_w(2));
    m.regs.push_info(&mut m.mem, info::STG_AP_V);
    Next::Eval(action).into()
}

/// The loop whose frame is on top returns `()`.
fn end(m: &mut Machine) -> Packed {
    m.regs.pop(FRAME_W);
    let unit = m.bound.closure(Builtin::Unit);
    push_result(&mut m.mem, &mut m.regs, Rep::P, unit.word());
    Next::ReturnUnlifted.into()
}
