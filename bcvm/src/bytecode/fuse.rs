//! Superinstructions: frequent sequences run as one. This file finds them; `interp::fused` runs them.
//!
//! See Note [The internal form] in `code` for how they leave GHC's form intact: a superinstruction is only another
//! opcode byte (and, where there is room, notes in unused operand fields) in the first instruction it stands for.
//! Which sequences pay was measured: see the dispatch bench.

use super::code::{self, HEADER_W, l, op, s, s2, s3};
use super::table::{Bci, number as bci};
use crate::entry::bound::Bound;
use crate::entry::closures::primop_at;
use crate::entry::known::{Function, Known};
use crate::interp::known::method;
use crate::layout::closure::{arr_words, bco, mut_arr_ptrs};
use crate::mem::Mem;
use crate::primop::pure::Pure;
use crate::primop::table::{Code, PRIMOPS, Rep};
use crate::word::Addr;

/// The first opcode byte of a superinstruction.
const FIRST: u8 = 128;
/// PUSH_APPLY_x comes in eleven kinds with consecutive numbers, and so do the calls that begin with them.
const APPLY_KINDS: u8 = bci::PUSH_APPLY_PPPPPP - bci::PUSH_APPLY_N + 1;

/// Calls `$m!` with every superinstruction that stands in the place of one instruction of GHC's.
macro_rules! for_each_fused {
    ($m:ident) => {
        $m! {
            /// PUSH_ALTS, PUSH_L, ENTER: evaluate a variable.
            CASE_L = 128 in PUSH_ALTS,
            /// PUSH_ALTS_N, arguments, a pure primop, ENTER: go to the alternatives with its result.
            CASE_PRIM_N = 129 in PUSH_ALTS_N,
            /// The same with a Double# result.
            CASE_PRIM_D = 130 in PUSH_ALTS_D,
            /// The same with a Float# result.
            CASE_PRIM_F = 131 in PUSH_ALTS_F,
            /// PUSH_L, perhaps SLIDE, ENTER: evaluate a variable as the result.
            EVAL_L = 132 in PUSH_L,
            /// PACK, SLIDE, ENTER: return a constructor.
            RETURN_CON = 133 in PACK,
            /// PUSH_L, PACK of one field.
            BOX_L = 134 in PUSH_L,
            /// PUSH_L, PACK of one field, SLIDE, ENTER: return a box.
            RETURN_BOX_L = 135 in PUSH_L,
            /// PUSH_UBX of one word, PACK of one field, SLIDE, ENTER: return a box.
            RETURN_BOX_UBX = 136 in PUSH_UBX,
            /// PUSH_ALTS, PUSH_L, PUSH_APPLY_P, PUSH_G, ENTER: evaluate a call of a known function.
            CASE_CALL = 137 in PUSH_ALTS,
            /// ALLOC_PAP of what CALL_PAP will not make: only its place on the stack.
            NO_PAP = 170 in ALLOC_PAP,
            /// ALLOC_AP_NOUPD of what CALL_AP will not make.
            NO_AP = 171 in ALLOC_AP_NOUPD,
            /// MKPAP, PUSH_APPLY_V, PUSH_L 1, SLIDE 2, ENTER: call a new partial application.
            CALL_PAP = 172 in MKPAP,
            /// MKAP, PUSH_L 0, SLIDE 1, ENTER: evaluate a new application.
            CALL_AP = 173 in MKAP,
            /// ALLOC_AP, pushes of its payload, PUSH_G, MKAP: suspend a known expression.
            LET = 174 in ALLOC_AP,
            /// The same if the expression is cheap: see Note [Cheap expressions].
            LET_CHEAP = 175 in ALLOC_AP,
            /// CALL_AP of a cheap expression.
            CALL_CHEAP = 176 in MKAP,
            /// PUSH_G of a dictionary, PUSH_APPLY_PPP, PUSH_G of a selector, perhaps SLIDE, ENTER: a known function of the two
            /// numbers on top.
            NUMBERS = 177 in PUSH_G,
            /// The same with PUSH_APPLY_PP: of one number.
            NUMBER = 178 in PUSH_G,
            /// The same with PUSH_APPLY_PP and its kin: a method that the dictionary is known to have, of one argument to five.
            METHOD = 179 in PUSH_G,
            /// CASE_PRIM_N of `+#`; those of other frequent primops follow.
            CASE_ADD = 160 in PUSH_ALTS_N,
            /// `-#`.
            CASE_SUB = 161 in PUSH_ALTS_N,
            /// `*#`.
            CASE_MUL = 162 in PUSH_ALTS_N,
            /// `<#`.
            CASE_LT = 163 in PUSH_ALTS_N,
            /// `<=#`.
            CASE_LE = 164 in PUSH_ALTS_N,
            /// `>#`.
            CASE_GT = 165 in PUSH_ALTS_N,
            /// `>=#`.
            CASE_GE = 166 in PUSH_ALTS_N,
            /// `==#`.
            CASE_EQ = 167 in PUSH_ALTS_N,
            /// `/=#`.
            CASE_NE = 168 in PUSH_ALTS_N,
        }
    };
}

macro_rules! declare {
    ($($(#[$doc:meta])* $name:ident = $n:literal in $bci:ident,)*) => {
        /// The numbers, for `match`.
        pub mod number {
            $($(#[$doc])* pub const $name: u8 = $n;)*
            /// PUSH_APPLY_N, PUSH_G, perhaps SLIDE, ENTER: call a known function. The other ten kinds follow.
            pub const CALL_G: u8 = 140;
            /// The last of them.
            pub const CALL_G_LAST: u8 = CALL_G + super::APPLY_KINDS - 1;
            /// PUSH_APPLY_N, PUSH_L, perhaps SLIDE, ENTER: call a function on the stack. The other ten kinds follow.
            pub const CALL_L: u8 = 180;
            /// The last of them.
            pub const CALL_L_LAST: u8 = CALL_L + super::APPLY_KINDS - 1;
        }

        /// The instruction whose place the opcode byte `op` took, itself if it is one of GHC's.
        #[inline]
        pub const fn original(op: u8) -> Option<Bci> {
            match op {
                $($n => Some(Bci::$bci),)*
                number::CALL_G..=number::CALL_G_LAST => Bci::from_number(op - number::CALL_G + bci::PUSH_APPLY_N),
                number::CALL_L..=number::CALL_L_LAST => Bci::from_number(op - number::CALL_L + bci::PUSH_APPLY_N),
                _ if op < FIRST => Bci::from_number(op),
                _ => None,
            }
        }
    };
}
for_each_fused!(declare);

/// Where a CASE_PRIM keeps what it was given beside the pointer operand: the primop in the aux byte, and in the
/// first small operand how many arguments it has and which of them are literals.
pub mod prim_note {
    /// Two arguments, or one.
    pub const BINARY: u32 = 1;
    /// The first argument is a literal.
    pub const FIRST_LIT: u32 = 2;
    /// The second argument is a literal.
    pub const SECOND_LIT: u32 = 4;
}

/// Primops that have a superinstruction of their own.
const FREQUENT: [(Pure, u8); 9] = [
    (Pure::IntAdd, number::CASE_ADD),
    (Pure::IntSub, number::CASE_SUB),
    (Pure::IntMul, number::CASE_MUL),
    (Pure::IntLt, number::CASE_LT),
    (Pure::IntLe, number::CASE_LE),
    (Pure::IntGt, number::CASE_GT),
    (Pure::IntGe, number::CASE_GE),
    (Pure::IntEq, number::CASE_EQ),
    (Pure::IntNe, number::CASE_NE),
];

/// Replaces the opcode byte of `w`.
fn with_op(w: u64, op: u8) -> u64 {
    w & !0xff | op as u64
}

/// Fuses what can be found without knowing the BCO's pointers, in its instruction words without header.
pub fn fuse_words(words: &mut [u64]) {
    // Forwards, so that all that follows an instruction is still as GHC wrote it.
    let is = |words: &[u64], i: usize, n: u8| words.get(i).is_some_and(|w| op(*w) == n);
    let enters =
        |words: &[u64], i: usize| is(words, i, bci::ENTER) || is(words, i, bci::SLIDE) && is(words, i + 1, bci::ENTER);
    // PACK of one field.
    let boxes = |words: &[u64], i: usize| is(words, i, bci::PACK) && s(words[i]) == 1;
    // SLIDE under one word, then ENTER.
    let returns =
        |words: &[u64], i: usize| is(words, i, bci::SLIDE) && s(words[i]) == 1 && is(words, i + 1, bci::ENTER);
    let mut i = 0;
    while i < words.len() {
        let w = words[i];
        let fused = match op(w) {
            bci::ALLOC_PAP | bci::ALLOC_AP_NOUPD => called_at_once(words, i).map(|(at, alloc, call)| {
                words[at] = with_op(words[at], call);
                alloc
            }),
            // The variable must lie under the frame that is about to be pushed.
            bci::PUSH_ALTS if is(words, i + 1, bci::PUSH_L) && s(words[i + 1]) >= 2 => {
                if is(words, i + 2, bci::ENTER) {
                    Some(number::CASE_L)
                } else {
                    let calls = is(words, i + 2, bci::PUSH_APPLY_P) && is(words, i + 3, bci::PUSH_G);
                    (calls && is(words, i + 4, bci::ENTER)).then_some(number::CASE_CALL)
                }
            }
            bci::PUSH_L if is(words, i + 1, bci::ENTER) || returns(words, i + 1) => Some(number::EVAL_L),
            bci::PUSH_L if boxes(words, i + 1) => {
                Some(if returns(words, i + 2) { number::RETURN_BOX_L } else { number::BOX_L })
            }
            bci::PUSH_UBX if s(w) == 1 && boxes(words, i + 1) && returns(words, i + 2) => Some(number::RETURN_BOX_UBX),
            bci::PACK if returns(words, i + 1) => Some(number::RETURN_CON),
            n @ bci::PUSH_APPLY_N..=bci::PUSH_APPLY_PPPPPP if is(words, i + 1, bci::PUSH_G) && enters(words, i + 2) => {
                let slides = is(words, i + 2, bci::SLIDE);
                (!slides || s(words[i + 2]) >= 2).then_some(n - bci::PUSH_APPLY_N + number::CALL_G)
            }
            n @ bci::PUSH_APPLY_N..=bci::PUSH_APPLY_PPPPPP if is(words, i + 1, bci::PUSH_L) && enters(words, i + 2) => {
                let slides = is(words, i + 2, bci::SLIDE);
                // The function lies under the frame that is about to be pushed.
                let beneath = s(words[i + 1]) >= 1;
                (beneath && (!slides || s(words[i + 2]) >= 2)).then_some(n - bci::PUSH_APPLY_N + number::CALL_L)
            }
            bci::ALLOC_AP if suspends(words, i) => Some(number::LET),
            bci::BRK_FUN => {
                i += 1;
                None
            }
            _ => None,
        };
        if let Some(n) = fused {
            words[i] = with_op(w, n);
        }
        i += 1;
    }
}

/// Whether what `words[i]` allocates is filled at once, with variables that lie under it: PUSH_LLL as long as three are left,
/// then PUSH_LL or PUSH_L.
fn suspends(words: &[u64], i: usize) -> bool {
    let (n, mut at, mut depth) = (s(words[i]), i + 1, 1);
    while depth <= n {
        let Some(w) = words.get(at).copied() else { return false };
        let left = n + 1 - depth;
        let (expected, offsets) = match left {
            1 => (bci::PUSH_L, &[s(w)] as &[u32]),
            2 => (bci::PUSH_LL, &[s(w), s2(w)] as &[u32]),
            _ => (bci::PUSH_LLL, &[s(w), s2(w), s3(w)] as &[u32]),
        };
        if op(w) != expected || offsets.iter().any(|offset| *offset < depth) {
            return false;
        }
        (at, depth) = (at + 1, depth + offsets.len() as u32);
    }
    let is = |at: usize, n: u8| words.get(at).filter(|w| op(**w) == n).copied();
    is(at, bci::PUSH_G).is_some() && is(at + 1, bci::MKAP).is_some_and(|make| s(make) == n + 1 && s2(make) == n)
}

/// Whether the application that `words[i]` allocates is called where it is made, and has no other use: where that is, and
/// the superinstructions for both places.
///
/// Between them are pushes of its payload and of its function.
fn called_at_once(words: &[u64], i: usize) -> Option<(usize, u8, u8)> {
    /// More free variables are rare.
    const MAX_PUSHES: usize = 16;
    let is = |i: usize, n: u8| words.get(i).filter(|w| op(**w) == n).copied();
    let (mut at, mut depth) = (i + 1, 0);
    for w in words.get(at..)?.iter().take(MAX_PUSHES) {
        // It may be among its own free variables.
        let is_own = |offsets: &[u32]| offsets.contains(&depth);
        let (pushed, own) = match op(*w) {
            bci::PUSH_L => (1, is_own(&[s(*w)])),
            bci::PUSH_LL => (2, is_own(&[s(*w), s2(*w)])),
            bci::PUSH_LLL => (3, is_own(&[s(*w), s2(*w), s3(*w)])),
            bci::PUSH_G => (1, false),
            bci::PUSH_UBX => (s(*w), false),
            _ => break,
        };
        if own {
            return None;
        }
        (at, depth) = (at + 1, depth + pushed);
    }
    let is_pap = op(words[i]) == bci::ALLOC_PAP;
    // Its payload, all of it, and the function lie over it.
    let make = is(at, if is_pap { bci::MKPAP } else { bci::MKAP })?;
    let payload = if is_pap { s2(words[i]) } else { s(words[i]) };
    is(at - 1, bci::PUSH_G)?;
    if s2(make) != payload || s(make) != payload + 1 || depth != payload + 1 {
        return None;
    }
    let (copy, alone) = if is_pap {
        // It takes nothing more than State#.
        is(at + 1, bci::PUSH_APPLY_V).filter(|_| s(words[i]) == 1)?;
        (at + 2, 1)
    } else {
        (at + 1, 0)
    };
    is(copy, bci::PUSH_L).filter(|w| s(*w) == alone)?;
    is(copy + 1, bci::SLIDE).filter(|w| s(*w) == alone + 1 && s2(*w) >= 1)?;
    is(copy + 2, bci::ENTER)?;
    Some(if is_pap { (at, number::NO_PAP, number::CALL_PAP) } else { (at, number::NO_AP, number::CALL_AP) })
}

/// Fuses the saturated calls of pure primops in the BCO at `object`, whose pointers are all there.
pub fn fuse_primops(mem: &mut Mem, object: Addr) {
    let array = mem.closure(object + bco::INSTRS).addr() + arr_words::PAYLOAD;
    let ptrs = mem.closure(object + bco::PTRS).addr() + mut_arr_ptrs::PAYLOAD;
    let len = (mem.word(array) >> 32) as u32;
    let first = array.offset_w(HEADER_W);
    let mut i = 0;
    while i < len {
        let at = first.offset_w(i);
        let w = mem.word(at);
        let case = match op(w) {
            bci::PUSH_ALTS_N => number::CASE_PRIM_N,
            bci::PUSH_ALTS_D => number::CASE_PRIM_D,
            bci::PUSH_ALTS_F => number::CASE_PRIM_F,
            bci::BRK_FUN => {
                i += 2;
                continue;
            }
            _ => {
                i += 1;
                continue;
            }
        };
        if let Some((primop, note)) = primop_call(mem, ptrs, at, len - i) {
            let own = FREQUENT.iter().find(|(p, _)| *p as u8 == primop && case == number::CASE_PRIM_N);
            let notes = (primop as u64) << 8 | (note as u64) << 16;
            mem.set_word(at, with_op(w, own.map_or(case, |(_, n)| *n)) | notes);
        }
        i += 1;
    }
}

/// Fuses what depends on known functions in the BCO at `object`, whose pointers are all there: calls of functions by
/// their classes' methods, and applications of `cheap`, the BCOs nested in it that have a cheap expression.
pub fn fuse_known(mem: &mut Mem, bound: &Bound, cheap: &[Addr], object: Addr) {
    let array = mem.closure(object + bco::INSTRS).addr() + arr_words::PAYLOAD;
    let ptrs = mem.closure(object + bco::PTRS).addr() + mut_arr_ptrs::PAYLOAD;
    let len = (mem.word(array) >> 32) as u32;
    let first = array.offset_w(HEADER_W);
    let pointer = |mem: &Mem, w: u64| mem.closure(ptrs.offset_w(l(w)));
    let mut i = 0;
    while i < len {
        let at = first.offset_w(i);
        let w = mem.word(at);
        let follows = |mem: &Mem, n: u32| if i + n < len { mem.word(at.offset_w(n)) } else { 0 };
        match op(w) {
            bci::BRK_FUN => i += 1,
            number::LET => {
                // A push for each three words.
                let function = follows(mem, 1 + s(w).div_ceil(3));
                if cheap.contains(&pointer(mem, function).addr()) {
                    mem.set_word(at, with_op(w, number::LET_CHEAP));
                }
            }
            bci::PUSH_G if op(follows(mem, 1)) == number::CALL_AP && cheap.contains(&pointer(mem, w).addr()) => {
                let call = follows(mem, 1);
                mem.set_word(at.offset_w(1), with_op(call, number::CALL_CHEAP));
            }
            bci::PUSH_G => {
                let (apply, select, slide) = (follows(mem, 1), follows(mem, 2), follows(mem, 3));
                let args = match original(op(apply)) {
                    Some(Bci::PUSH_APPLY_PP) => 1,
                    Some(Bci::PUSH_APPLY_PPP) => 2,
                    Some(Bci::PUSH_APPLY_PPPP) => 3,
                    Some(Bci::PUSH_APPLY_PPPPP) => 4,
                    Some(Bci::PUSH_APPLY_PPPPPP) => 5,
                    _ => 0,
                };
                let enters = op(slide) == bci::ENTER
                    || op(slide) == bci::SLIDE && s(slide) == args + 3 && op(follows(mem, 4)) == bci::ENTER;
                if args > 0
                    && enters
                    && op(select) == bci::PUSH_G
                    && let Some((field, f)) = method(mem, bound, pointer(mem, select), pointer(mem, w))
                {
                    let (own, note) = match bound.known.find(f.addr()) {
                        Some(Known::Number(kind, op)) if op.args() == args && args == 2 => {
                            (number::NUMBERS, Function::new(kind, op).0)
                        }
                        Some(Known::Number(kind, op)) if op.args() == args => {
                            (number::NUMBER, Function::new(kind, op).0)
                        }
                        _ => (number::METHOD, args as u8),
                    };
                    mem.set_word(at, with_op(w, own) | u64::from(note) << 8 | u64::from(field) << 16);
                }
            }
            _ => {}
        }
        i += 1;
    }
}

/// The pure primop that the case at `at` scrutinises, with the note on its arguments; `len` words of code are left.
fn primop_call(mem: &Mem, ptrs: Addr, at: Addr, len: u32) -> Option<(u8, u32)> {
    // alts, (push, apply) for each argument, the last one first, PUSH_G, ENTER.
    for args in 1..=2 {
        let call = 1 + 2 * args;
        if call + 1 >= len {
            return None;
        }
        let word = |n: u32| mem.word(at.offset_w(n));
        // The apply before PUSH_G may have become the beginning of a call.
        if op(word(call)) != bci::PUSH_G || op(word(call + 1)) != bci::ENTER {
            continue;
        }
        let n = primop_at(mem.closure(ptrs.offset_w(l(word(call)))).addr())?;
        let primop = &PRIMOPS[n as usize];
        let Code::Pure(pure) = primop.code else { return None };
        if primop.arity() != args {
            return None;
        }
        let mut note = if args == 2 { prim_note::BINARY } else { 0 };
        for (i, rep) in primop.args().enumerate() {
            let i = i as u32;
            let (push, apply) = (word(1 + 2 * (args - 1 - i)), word(2 + 2 * (args - 1 - i)));
            // How many words lie above what was there when the case began.
            let pushed = 2 + 2 * (args - 1 - i);
            let literal = match code::unpack(push, 0)?.op {
                Bci::PUSH_L if s(push) >= pushed => false,
                Bci::PUSH_UBX if s(push) == 1 => true,
                _ => return None,
            };
            if original(op(apply)) != Some(apply_of(rep)?) {
                return None;
            }
            if literal {
                note |= if i == 0 { prim_note::FIRST_LIT } else { prim_note::SECOND_LIT };
            }
        }
        return Some((pure as u8, note));
    }
    None
}

/// The instruction that applies to an argument of this representation.
fn apply_of(rep: Rep) -> Option<Bci> {
    match rep {
        Rep::N => Some(Bci::PUSH_APPLY_N),
        Rep::D => Some(Bci::PUSH_APPLY_D),
        Rep::F => Some(Bci::PUSH_APPLY_F),
        Rep::P | Rep::V => None,
    }
}
