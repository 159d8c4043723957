//! Applying a function value to the arguments of a `stg_ap_*` frame.
//!
//! Truth: `do_apply` of `rts/Interpreter.c` for byte code, `rts/Apply.cmm` for the rest. Arity counts void
//! arguments, which take no stack words.

use super::control::{Into, Next, Stop};
use super::eval::{enter_later, start_bco};
use super::machine::Machine;
use super::regs::{Regs, alloc};
use super::{call, known};
use crate::entry::Entry;
use crate::entry::table::{ENTRIES, info};
use crate::layout::ClosureType;
use crate::layout::closure::{bco, pap};
use crate::layout::info_table::InfoTable;
use crate::word::{Addr, ClosurePtr, InfoPtr, WORD};
use alloc::format;

/// What a `stg_ap_*` frame holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame {
    /// Arguments, void ones counted.
    pub args: u32,
    /// Words they take.
    pub words: u32,
}

/// The argument patterns, in the order of their entries.
pub const PATTERNS: [(Entry, &str); 14] = [
    (Entry::STG_AP_V, "v"),
    (Entry::STG_AP_F, "f"),
    (Entry::STG_AP_D, "d"),
    (Entry::STG_AP_L, "l"),
    (Entry::STG_AP_N, "n"),
    (Entry::STG_AP_P, "p"),
    (Entry::STG_AP_PV, "pv"),
    (Entry::STG_AP_PP, "pp"),
    (Entry::STG_AP_PPV, "ppv"),
    (Entry::STG_AP_PPP, "ppp"),
    (Entry::STG_AP_PPPV, "pppv"),
    (Entry::STG_AP_PPPP, "pppp"),
    (Entry::STG_AP_PPPPP, "ppppp"),
    (Entry::STG_AP_PPPPPP, "pppppp"),
];

/// The argument pattern of an entry, if it is a `stg_ap_*` frame.
pub fn pattern(e: Entry) -> Option<&'static str> {
    PATTERNS.get((e as usize).wrapping_sub(Entry::STG_AP_V as usize)).map(|(_, p)| *p)
}

/// How many words the arguments of a `stg_ap_*` frame take, if none is a Float# or a Double#.
#[inline(always)]
pub fn plain_words(frame: InfoPtr) -> Option<u32> {
    match frame {
        info::STG_AP_V => Some(0),
        info::STG_AP_P | info::STG_AP_N | info::STG_AP_L | info::STG_AP_PV => Some(1),
        info::STG_AP_PP | info::STG_AP_PPV => Some(2),
        info::STG_AP_PPP | info::STG_AP_PPPV => Some(3),
        info::STG_AP_PPPP => Some(4),
        info::STG_AP_PPPPP => Some(5),
        info::STG_AP_PPPPPP => Some(6),
        _ => None,
    }
}

/// The frame and the argument pattern of an unknown call, if `e` is a `stg_ap_*_fast` entry.
pub fn fast(e: Entry) -> Option<(InfoPtr, &'static str)> {
    PATTERNS.get((e as usize).wrapping_sub(Entry::STG_AP_V_FAST as usize)).map(|(frame, p)| (frame.info(), *p))
}

/// The `stg_ap_*_fast` entry of a `stg_ap_*` frame; `stg_ap_v_fast` for any other entry.
pub fn fast_of(frame: Entry) -> Entry {
    let n = (frame as usize).wrapping_sub(Entry::STG_AP_V as usize);
    let fast = Entry::STG_AP_V_FAST as usize + if n < PATTERNS.len() { n } else { 0 };
    ENTRIES[fast].entry
}

/// The frame for the pattern `p`.
pub fn frame_for(p: &str) -> Option<InfoPtr> {
    PATTERNS.iter().find(|(_, q)| *q == p).map(|(e, _)| e.info())
}

impl Frame {
    /// The shape of an entry's frame, if it is a `stg_ap_*` frame.
    pub fn of(e: Entry) -> Option<Frame> {
        let p = pattern(e)?;
        Some(Frame { args: p.len() as u32, words: p.len() as u32 - p.ends_with('v') as u32 })
    }
}

/// Applies the evaluated `f` to the arguments of the frame on top, which is of shape `frame`.
#[inline(always)]
pub fn apply(m: &mut Machine, r: &mut Regs, f: ClosurePtr, frame: Frame) -> Next {
    let fun = f.addr();
    let table = m.mem.info(fun);
    if table == info::STG_BCO && m.mem.u32(fun + bco::ARITY) == frame.args {
        r.pop(1);
        return start_bco(m, r, fun, 0);
    }
    if table == info::STG_PAP && m.mem.u32(fun + pap::ARITY) == frame.args {
        let n = m.mem.u32(fun + pap::N_ARGS);
        let of = m.mem.closure(fun + pap::FUN).addr();
        if m.mem.info(of) == info::STG_BCO && r.has_stack(n) {
            r.pop(1);
            r.sp = Addr(r.sp.0 - n * WORD);
            m.mem.copy_words(r.sp, fun + pap::PAYLOAD, n);
            return start_bco(m, r, of, 0);
        }
    }
    let (regs, next) = apply_slow(m, *r, f, frame);
    *r = regs;
    next
}

/// Everything but the saturated call of byte code.
#[cold]
#[inline(never)]
pub(super) fn apply_slow(m: &mut Machine, mut r: Regs, f: ClosurePtr, frame: Frame) -> (Regs, Next) {
    let fun = f.addr();
    if let Some(known) = m.bound.known.find(fun)
        && let Some(next) = known::apply(m, &mut r, f, frame, known)
    {
        return (r, next);
    }
    let table = InfoTable::at(&m.mem, m.mem.info(fun));
    let (arity, of) = match table.closure_type() {
        ClosureType::BCO => (m.mem.u32(fun + bco::ARITY), fun),
        ClosureType::PAP => (m.mem.u32(fun + pap::ARITY), m.mem.closure(fun + pap::FUN).addr()),
        t if t.is_fun() => (table.arity(), fun),
        ClosureType::INVALID_OBJECT => {
            let next = m.crash(format!("applied {f:?}, which is no closure, to {} arguments", frame.args));
            return (r, next);
        }
        t if t.is_constr() => {
            let next = m.crash(format!("applied a constructor at {f:?} to {} arguments", frame.args));
            return (r, next);
        }
        // An unevaluated function: evaluate it above the frame.
        _ => return (r, Next::Eval(f)),
    };
    if call::primop_of(&m.mem, of).is_some() {
        return call::apply_primop(m, r, f);
    }
    if of != fun
        && arity == frame.args
        && let Some(known) = m.bound.known.find(of)
        && let Some(next) = known::run(m, &mut r, f, known)
    {
        return (r, next);
    }
    let next = if arity == 0 {
        // It would be given none of the arguments, and come back for ever.
        m.crash(format!("applied {f:?}, which takes no arguments, to {}", frame.args))
    } else if arity > frame.args {
        let words = frame.words;
        partial(m, &mut r, f, arity - frame.args, 1, words)
    } else if arity < frame.args {
        split(m, &mut r, arity);
        // The frame on top now holds just what the function takes.
        Next::Return(f)
    } else if m.mem.info(of) != info::STG_BCO {
        Next::Compiled(Into::Call(f))
    } else {
        // A PAP whose arguments did not fit on the stack.
        let n = m.mem.u32(fun + pap::N_ARGS);
        enter_later(m, &mut r, f, Stop::StackFull(n))
    };
    (r, next)
}

/// Makes a partial application of `f`, still wanting `arity` arguments, to the `words` words that lie `skip`
/// words above the top of the stack, pops all of them and returns it.
pub fn partial(m: &mut Machine, r: &mut Regs, f: ClosurePtr, arity: u32, skip: u32, words: u32) -> Next {
    let fun = f.addr();
    let is_pap = m.mem.info(fun) == info::STG_PAP;
    let (of, old) = if is_pap { (m.mem.closure(fun + pap::FUN), m.mem.u32(fun + pap::N_ARGS)) } else { (f, 0) };
    let total = old.saturating_add(words);
    let Some(object) = alloc(m, r, pap::SIZE_W.saturating_add(total)) else {
        return enter_later(m, r, f, Stop::HeapFull(pap::SIZE_W + total));
    };
    m.mem.set_info(object, info::STG_PAP);
    m.mem.set_word(object + pap::ARITY, arity as u64 | (total as u64) << 32);
    m.mem.set_closure(object + pap::FUN, if m.mem.info(of.addr()) == info::STG_BCO { of.untagged() } else { of });
    m.mem.copy_words(object + pap::PAYLOAD, fun + pap::PAYLOAD, old);
    m.mem.copy_words((object + pap::PAYLOAD).offset_w(old), r.at(skip), words);
    r.pop(skip + words);
    Next::Return(object.into())
}

/// Splits the `stg_ap_*` frame on top in two: the upper one with the first `first` arguments.
pub fn split(m: &mut Machine, r: &mut Regs, first: u32) {
    let Some(p) = Entry::from_info(m.mem.info(r.sp)).and_then(pattern) else { return };
    let (a, b) = p.split_at((first as usize).min(p.len()));
    let (Some(upper), Some(lower)) = (frame_for(a), frame_for(b)) else { return };
    let words = a.len() as u32 - a.ends_with('v') as u32;
    // [info, a…, b…] becomes [upper, a…, lower, b…].
    let old = r.sp;
    r.sp = r.sp - WORD;
    m.mem.set_info(r.sp, upper);
    m.mem.copy_words(r.at(1), old.offset_w(1), words);
    m.mem.set_info(r.at(1 + words), lower);
}
