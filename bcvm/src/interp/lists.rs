//! Known functions that fold a list to a Bool: `and`, `or`, `all`, `any`. Their elements are mostly byte code, and so is what
//! makes the list, for which compiled code would be left twice for each element.
//
// Note [Folds in the frame of their arguments]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A fold goes on where its arguments were, in a frame of three that the function itself is applied to again and again:
//
//      [stg_ap_pp, foldable, list]            and, or            becomes [stg_ap_ppp, foldable, list, so far]
//      [stg_ap_ppp, foldable, test, list]     all, any           becomes [stg_ap_ppp, test, list, so far]
//
// `so far` is what the last element came to, and before the first one what does not end the fold. Where the rest of the list
// or an element is to be evaluated, the frame is in the meantime one that waits for this argument: see Note [Operands of known
// functions]. What tells the forms apart is that the last argument is a Bool, which nothing is that can be folded.

use super::apply::Frame;
use super::control::{Next, Packed, Stop};
use super::eval::enter_later;
use super::known::{THREE, TWO, value};
use super::machine::Machine;
use super::plain::is_second;
use super::regs::{Regs, try_on_copy};
use crate::entry::closures::Builtin;
use crate::entry::known::Known;
use crate::entry::table::info;
use crate::layout::closure::PAYLOAD;
use crate::word::{ClosurePtr, WORD};

/// What a fold does with an element.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    /// It is a Bool.
    Itself,
    /// The first argument is applied to it.
    Applied,
}

/// Carries out the fold `f`, which is done when an element comes to `decides`, on the arguments of the frame on top; nothing is
/// done if the compiled function must.
#[inline(never)]
pub(super) fn apply(m: &mut Machine, f: ClosurePtr, frame: Frame, test: Test, decides: bool) -> Packed {
    try_on_copy(m, |m, r| {
        let is_list = matches!(m.bound.known.find(m.mem.closure(r.at(1)).addr()), Some(Known::FoldableOfLists));
        let so_far = m.bound.closure(if decides { Builtin::False } else { Builtin::True });
        match test {
            Test::Itself if frame == TWO && is_list => {
                let (foldable, list) = (m.mem.closure(r.at(1)), m.mem.closure(r.at(2)));
                if !r.has_stack(1) {
                    return None;
                }
                r.sp = r.sp - WORD;
                set(m, r, [foldable, list, so_far]);
            }
            Test::Applied if frame == THREE && is_list => {
                let (predicate, list) = (m.mem.closure(r.at(2)), m.mem.closure(r.at(3)));
                set(m, r, [predicate, list, so_far]);
            }
            _ if frame == THREE && is_bool(m, m.mem.closure(r.at(3))) => {}
            _ => return None,
        }
        go_on(m, r, f, test, decides)
    })
}

/// Whether `x` is True or False, evaluated.
fn is_bool(m: &Machine, x: ClosurePtr) -> bool {
    let constructor = |which| m.mem.info(m.bound.closure(which).addr());
    value(m, x).is_some_and(|x| {
        let table = m.mem.info(x.addr());
        table == constructor(Builtin::True) || table == constructor(Builtin::False)
    })
}

/// The frame on top holds these.
fn set(m: &mut Machine, r: &mut Regs, args: [ClosurePtr; 3]) {
    m.mem.set_info(r.sp, info::STG_AP_PPP);
    for (i, x) in args.into_iter().enumerate() {
        m.mem.set_closure(r.at(1 + i as u32), x);
    }
}

/// Goes on as the frame on top says, until something is to be evaluated.
fn go_on(m: &mut Machine, r: &mut Regs, f: ClosurePtr, test: Test, decides: bool) -> Option<Next> {
    /// What waits, an element, and the frame that applies the test to it.
    const PUSHED: u32 = 2;
    loop {
        let [first, list, so_far] = [1, 2, 3].map(|i| m.mem.closure(r.at(i)));
        if is_second(m, value(m, so_far)?) == decides {
            r.pop(4);
            return Some(Next::Return(so_far));
        }
        let Some(list) = value(m, list) else {
            m.mem.set_info(r.sp, info::STG_MIDDLE_FRAME);
            m.mem.set_closure(r.at(1), f);
            m.mem.set_closure(r.at(2), first);
            return Some(Next::Eval(list));
        };
        if !is_second(m, list) {
            r.pop(4);
            return Some(Next::Return(so_far));
        }
        // A list in a circle has no end, and perhaps no byte code.
        if Regs::stop_wanted(&m.mem) {
            return Some(enter_later(m, r, f, Stop::Yield));
        }
        if !r.has_stack(PUSHED) {
            return Some(enter_later(m, r, f, Stop::StackFull(PUSHED)));
        }
        let element = m.mem.closure(list.addr() + PAYLOAD);
        let rest = m.mem.closure(list.addr() + PAYLOAD + WORD);
        if test == Test::Itself
            && let Some(known) = value(m, element)
        {
            m.mem.set_closure(r.at(2), rest);
            m.mem.set_closure(r.at(3), known);
            continue;
        }
        m.mem.set_info(r.sp, info::STG_THIRD_FRAME);
        m.mem.set_closure(r.at(1), f);
        m.mem.set_closure(r.at(2), first);
        m.mem.set_closure(r.at(3), rest);
        if test == Test::Itself {
            return Some(Next::Eval(element));
        }
        r.push(&mut m.mem, element.word());
        r.push_info(&mut m.mem, info::STG_AP_P);
        return Some(Next::Eval(first));
    }
}
