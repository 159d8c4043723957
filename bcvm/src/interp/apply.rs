//! Applying a function value to the arguments of a `stg_ap_*` frame.
//!
//! Truth: `do_apply` of `rts/Interpreter.c` for byte code, `rts/Apply.cmm` for the rest. Arity counts void
//! arguments, which take no stack words.

use super::control::{Into, Next, Packed, Stop};
use super::eval::{enter_later, start_bco};
use super::machine::Machine;
use super::regs::{Regs, alloc, on_copy, out_of_line};
use super::{call, known};
use crate::abi::map;
use crate::entry::Entry;
use crate::entry::table::{ENTRIES, info};
use crate::layout::ClosureType;
use crate::layout::closure::{bco, pap};
use crate::layout::info_table::InfoTable;
use crate::mem::Mem;
use crate::word::{Addr, ClosurePtr, InfoPtr, TAG_MASK, WORD};
use alloc::format;

/// What a `stg_ap_*` frame holds: how many arguments, and in the upper half how many words they take.
///
/// One number, because what a function of the guest takes beyond four goes over the host's stack: see
/// Note [Narrow stores and wide loads] in `regs`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame(u32);

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

/// The shapes of [`PATTERNS`].
const SHAPES: [Frame; PATTERNS.len()] = {
    let mut shapes = [Frame::new(0, 0); PATTERNS.len()];
    let mut i = 0;
    while i < shapes.len() {
        let p = PATTERNS[i].1.as_bytes();
        let args = p.len() as u32;
        shapes[i] = Frame::new(args, args - (p[p.len() - 1] == b'v') as u32);
        i += 1;
    }
    shapes
};

/// The frames of the first few arguments of each of [`PATTERNS`] and of the others, by how many go into the first.
const SPLITS: [[Option<(InfoPtr, InfoPtr)>; 6]; PATTERNS.len()] = {
    let mut splits = [[None; 6]; PATTERNS.len()];
    let mut i = 0;
    while i < splits.len() {
        let p = PATTERNS[i].1.as_bytes();
        let mut first = 1;
        while first < p.len() {
            let (a, b) = p.split_at(first);
            splits[i][first] = match (frame_of(a), frame_of(b)) {
                (Some(a), Some(b)) => Some((a, b)),
                _ => None,
            };
            first += 1;
        }
        i += 1;
    }
    splits
};

/// The frame for the pattern `p`.
pub fn frame_for(p: &str) -> Option<InfoPtr> {
    frame_of(p.as_bytes())
}

const fn frame_of(p: &[u8]) -> Option<InfoPtr> {
    let mut i = 0;
    while i < PATTERNS.len() {
        let q = PATTERNS[i].1.as_bytes();
        let mut same = 0;
        while same < p.len() && same < q.len() && p[same] == q[same] {
            same += 1;
        }
        if same == p.len() && same == q.len() {
            return Some(PATTERNS[i].0.info());
        }
        i += 1;
    }
    None
}

impl Frame {
    /// A frame of so many arguments, void ones counted, that take so many words.
    #[inline(always)]
    pub const fn new(args: u32, words: u32) -> Frame {
        Frame(args | words << 16)
    }

    /// Arguments, void ones counted.
    #[inline(always)]
    pub const fn args(self) -> u32 {
        self.0 & 0xffff
    }

    /// Words they take.
    #[inline(always)]
    pub const fn words(self) -> u32 {
        self.0 >> 16
    }

    /// The shape of the frame whose info pointer is `table`, if it is a `stg_ap_*` frame.
    #[inline(always)]
    pub fn at(table: InfoPtr) -> Option<Frame> {
        SHAPES.get(Frame::number(table)?).copied()
    }

    /// The place of the frame whose info pointer is `table` among [`PATTERNS`], or beyond.
    #[inline(always)]
    fn number(table: InfoPtr) -> Option<usize> {
        let (at, stride) = (table.0.wrapping_sub(info::STG_AP_V.0), info::STG_AP_F.0 - info::STG_AP_V.0);
        if !at.is_multiple_of(stride) {
            return None;
        }
        Some((at / stride) as usize).filter(|n| *n < PATTERNS.len())
    }
}

/// Applies the evaluated `f` to the arguments of the frame on top, which is of shape `frame`.
#[inline(always)]
pub fn apply(m: &mut Machine, r: &mut Regs, f: ClosurePtr, frame: Frame) -> Next {
    let fun = f.addr();
    let table = m.mem.info(fun);
    if table == info::STG_BCO && m.mem.u32(fun + bco::ARITY) == frame.args() {
        r.pop(1);
        return start_bco(m, r, fun, 0);
    }
    if table == info::STG_PAP && m.mem.u32(fun + pap::ARITY) == frame.args() {
        let n = m.mem.u32(fun + pap::N_ARGS);
        let of = m.mem.closure(fun + pap::FUN).addr();
        if m.mem.info(of) == info::STG_BCO && r.has_stack(n) {
            r.pop(1);
            r.sp = Addr(r.sp.0 - n * WORD);
            m.mem.copy_words(r.sp, fun + pap::PAYLOAD, n);
            return start_bco(m, r, of, 0);
        }
    }
    out_of_line(m, r, |m| apply_slow(m, f, frame))
}

/// Everything but the saturated call of byte code.
#[cold]
#[inline(never)]
pub(super) fn apply_slow(m: &mut Machine, f: ClosurePtr, frame: Frame) -> Packed {
    let fun = f.addr();
    let info = m.mem.info(fun);
    if info == info::STG_BCO {
        return apply_words(m, f, frame, m.mem.u32(fun + bco::ARITY), fun, 0);
    }
    // What is known does not move, and lies below the heap.
    if fun.0 < map::HEAP_START
        && let Some(known) = m.bound.known.find(fun)
        && let Some(next) = known::apply(m, f, frame, known).done()
    {
        return next;
    }
    if call::primop_of(&m.mem, fun).is_some() {
        return call::apply_primop(m, f);
    }
    let table = InfoTable::at(&m.mem, info);
    let (arity, of, held) = match table.closure_type() {
        t if t.is_fun() => (table.arity(), fun, 0),
        ClosureType::PAP => {
            let of = m.mem.closure(fun + pap::FUN).addr();
            if m.mem.u32(fun + pap::ARITY) == frame.args()
                && of.0 < map::HEAP_START
                && let Some(known) = m.bound.known.find(of)
                && let Some(next) = known::run(m, f, known).done()
            {
                return next;
            }
            (m.mem.u32(fun + pap::ARITY), of, m.mem.u32(fun + pap::N_ARGS))
        }
        ClosureType::INVALID_OBJECT => {
            return m.crash(format!("applied {f:?}, which is no closure, to {} arguments", frame.args())).into();
        }
        t if t.is_constr() => {
            return m.crash(format!("applied a constructor at {f:?} to {} arguments", frame.args())).into();
        }
        // An unevaluated function: evaluate it above the frame.
        _ => return Next::Eval(f).into(),
    };
    if of != fun && call::primop_of(&m.mem, of).is_some() {
        return call::apply_primop(m, f);
    }
    apply_words(m, f, frame, arity, of, held)
}

/// Applies `f`, which wants `arity` arguments and holds `held` words of those of the function `of`.
#[inline(always)]
fn apply_words(m: &mut Machine, f: ClosurePtr, frame: Frame, arity: u32, of: Addr, held: u32) -> Packed {
    if arity == 0 {
        // It would be given none of the arguments, and come back for ever.
        return m.crash(format!("applied {f:?}, which takes no arguments, to {}", frame.args())).into();
    }
    if arity < frame.args() {
        return on_copy(m, |m, r| {
            split(m, r, arity);
            // The frame on top now holds just what the function takes.
            Next::Return(f)
        });
    }
    if !m.regs.has_stack(held) {
        return on_copy(m, |m, r| enter_later(m, r, f, Stop::StackFull(held)));
    }
    let is_byte_code = m.mem.info(of) == info::STG_BCO;
    if arity == frame.args() {
        if !is_byte_code {
            return Next::Compiled(Into::Call(f)).into();
        }
        m.regs.pop(1);
    } else if !gather(&mut m.mem, &mut m.regs, arity) {
        return partial(m, f, arity - frame.args(), frame.words());
    } else if !is_byte_code {
        return Next::Compiled(Into::CallBare(f)).into();
    }
    on_copy(m, |m, r| {
        r.sp = Addr(r.sp.0 - held * WORD);
        m.mem.copy_words(r.sp, f.addr() + pap::PAYLOAD, held);
        start_bco(m, r, of, 0)
    })
}

/// Several `stg_ap_*` frames on top that together hold just `wanted` arguments become the bare arguments. False, and nothing
/// has changed, if there are no such frames.
///
/// Byte code applies an IO action to its arguments by one frame and to State# by another, where the action's function takes
/// both: no partial application is made for the time in between.
fn gather(mem: &mut Mem, r: &mut Regs, wanted: u32) -> bool {
    const MOST: usize = 4;
    let (mut frames, mut n, mut args, mut end) = ([(Addr::NULL, 0); MOST], 0, 0, r.sp);
    while args < wanted {
        let Some(frame) = Frame::at(mem.info(end)).filter(|_| n < MOST) else { return false };
        frames[n] = (end.offset_w(1), frame.words());
        (n, args, end) = (n + 1, args + frame.args(), end.offset_w(1 + frame.words()));
    }
    if args != wanted {
        return false;
    }
    for (from, words) in frames[..n].iter().rev() {
        end = Addr(end.0 - words * WORD);
        mem.copy_words_down(end, *from, *words);
    }
    r.sp = end;
    true
}

/// Makes a partial application of `f`, still wanting `arity` arguments, to those of the frame on top, which take `words`
/// words, pops the frame and returns it.
#[inline(never)]
pub fn partial(m: &mut Machine, f: ClosurePtr, arity: u32, words: u32) -> Packed {
    let fun = f.addr();
    let is_pap = m.mem.info(fun) == info::STG_PAP;
    let (of, old) = if is_pap { (m.mem.closure(fun + pap::FUN), m.mem.u32(fun + pap::N_ARGS)) } else { (f, 0) };
    let total = old.saturating_add(words);
    on_copy(m, |m, r| {
        let Some(object) = alloc(m, r, pap::SIZE_W.saturating_add(total)) else {
            return enter_later(m, r, f, Stop::HeapFull(pap::SIZE_W + total));
        };
        m.mem.set_info(object, info::STG_PAP);
        m.mem.set_word(object + pap::ARITY, arity as u64 | (total as u64) << 32);
        // A compiled function has the tag that says so: see `host::glue::shims::apply`.
        let table = m.mem.info(of.addr());
        let own_arity = if table == info::STG_BCO { 0 } else { InfoTable::at(&m.mem, table).arity() };
        let of = if own_arity <= TAG_MASK { of.untagged().with_tag(own_arity) } else { of.untagged() };
        m.mem.set_closure(object + pap::FUN, of);
        m.mem.copy_words(object + pap::PAYLOAD, fun + pap::PAYLOAD, old);
        m.mem.copy_words((object + pap::PAYLOAD).offset_w(old), r.at(1), words);
        r.pop(1 + words);
        Next::Return(object.into())
    })
}

/// Splits the `stg_ap_*` frame on top in two: the upper one with the first `first` arguments.
pub fn split(m: &mut Machine, r: &mut Regs, first: u32) {
    let Some(n) = Frame::number(m.mem.info(r.sp)) else { return };
    let Some((upper, lower)) = SPLITS[n].get(first as usize).copied().flatten() else { return };
    let words = Frame::at(upper).map_or(0, |frame| frame.words());
    // [info, a…, b…] becomes [upper, a…, lower, b…].
    let old = r.sp;
    r.sp = r.sp - WORD;
    m.mem.set_info(r.sp, upper);
    m.mem.copy_words(r.at(1), old.offset_w(1), words);
    m.mem.set_info(r.at(1 + words), lower);
}
