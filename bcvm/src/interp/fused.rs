//! Superinstructions: each does what the instructions it stands for do, and reads its operands from them.
//!
//! `r.pc` is behind the first of them. See `bytecode::fuse` for which sequences there are.

use super::apply::{Frame, apply_slow};
use super::call::DIVISION_BY_ZERO;
use super::control::{Next, Packed};
use super::eval::{self, start_bco};
use super::known::{BOX_W, new_box};
use super::machine::Machine;
use super::number::{compute, unboxed};
use super::regs::{Regs, alloc, out_of_line};
use super::{cheap, known, operand, pack, stack};
use crate::bytecode::code::{aux, l, op, s, s2, s3};
use crate::bytecode::fuse::{number, prim_note};
use crate::bytecode::table::number as bci;
use crate::entry::known::Function;
use crate::entry::table::info;
use crate::layout::closure::{PAYLOAD, ap, bco, pap};
use crate::mem::Mem;
use crate::primop::pure::{PURE, Pure};
use crate::word::{Addr, ClosurePtr, InfoPtr, WORD};
use alloc::format;

/// The word `n` instructions behind the one that runs.
#[inline(always)]
fn following(mem: &Mem, r: &Regs, n: u32) -> u64 {
    mem.word(r.pc.offset_w(n))
}

/// CASE_L: go straight to the alternatives if the variable has its value already.
#[inline(always)]
pub fn case_l(m: &mut Machine, r: &mut Regs, w: u64) -> Next {
    let x = m.mem.closure(r.at(s(following(&m.mem, r, 0)) - 2));
    stack::push_alts(&mut m.mem, r, w, info::STG_CTOI_R1P);
    eval::eval(m, r, x)
}

/// EVAL_L.
#[inline(always)]
pub fn eval_l(m: &mut Machine, r: &mut Regs, w: u64) -> Next {
    let x = m.mem.closure(r.at(s(w)));
    let next = following(&m.mem, r, 0);
    if op(next) == bci::SLIDE {
        r.pop(s2(next));
    }
    eval::eval(m, r, x)
}

/// RETURN_CON; none if there is no heap.
#[inline(always)]
pub fn return_con(m: &mut Machine, r: &mut Regs, w: u64) -> Option<Next> {
    let slide = following(&m.mem, r, 0);
    pack::pack(m, r, w)?;
    let x = m.mem.closure(r.sp);
    r.pop(1 + s2(slide));
    Some(Next::Return(x))
}

/// RETURN_BOX_L and RETURN_BOX_UBX: a constructor of one field, `value`; none if there is no heap.
#[inline(always)]
pub fn return_box(m: &mut Machine, r: &mut Regs, value: u64) -> Option<Next> {
    let (pack, slide) = (following(&m.mem, r, 0), following(&m.mem, r, 1));
    r.push(&mut m.mem, value);
    pack::pack(m, r, pack)?;
    let x = m.mem.closure(r.sp);
    r.pop(1 + s2(slide));
    Some(Next::Return(x))
}

/// CASE_CALL: the frame of the alternatives, the argument, and the function itself without a frame for it if it is
/// byte code of one argument.
#[inline(always)]
pub fn case_call(m: &mut Machine, r: &mut Regs, w: u64) -> Next {
    let x = m.mem.word(r.at(s(following(&m.mem, r, 0)) - 2));
    let f = r.ptr(&m.mem, l(following(&m.mem, r, 2)));
    stack::push_alts(&mut m.mem, r, w, info::STG_CTOI_R1P);
    r.push(&mut m.mem, x);
    let fun = f.addr();
    if m.mem.info(fun) == info::STG_BCO && m.mem.u32(fun + bco::ARITY) == 1 {
        return start_bco(m, r, fun, 0);
    }
    r.push_info(&mut m.mem, info::STG_AP_P);
    call_other(m, r, f, Frame::new(1, 1))
}

/// BOX_L; none if there is no heap.
#[inline(always)]
pub fn box_l(m: &mut Machine, r: &mut Regs, w: u64) -> Option<()> {
    stack::push_l(&mut m.mem, r, w);
    let w = following(&m.mem, r, 0);
    r.pc = r.pc + WORD;
    pack::pack(m, r, w)
}

/// What each PUSH_APPLY_x applies to, in the order of the instructions' numbers.
const FRAMES: [(InfoPtr, Frame); 11] = [
    (info::STG_AP_N, Frame::new(1, 1)),
    (info::STG_AP_F, Frame::new(1, 1)),
    (info::STG_AP_D, Frame::new(1, 1)),
    (info::STG_AP_L, Frame::new(1, 1)),
    (info::STG_AP_V, Frame::new(1, 0)),
    (info::STG_AP_P, Frame::new(1, 1)),
    (info::STG_AP_PP, Frame::new(2, 2)),
    (info::STG_AP_PPP, Frame::new(3, 3)),
    (info::STG_AP_PPPP, Frame::new(4, 4)),
    (info::STG_AP_PPPPP, Frame::new(5, 5)),
    (info::STG_AP_PPPPPP, Frame::new(6, 6)),
];

/// CALL_G: a function known by pointer. Byte code that takes just these arguments is started without a frame.
#[inline(always)]
pub fn call_g(m: &mut Machine, r: &mut Regs, w: u64) -> Next {
    let f = r.ptr(&m.mem, l(following(&m.mem, r, 0)));
    let next = following(&m.mem, r, 1);
    if op(next) == bci::SLIDE {
        let (n, by) = (s(next) - 2, s2(next));
        m.mem.copy_words_down(r.at(by), r.sp, n);
        r.pop(by);
    }
    let (table, frame) = FRAMES[(op(w) - number::CALL_G) as usize % FRAMES.len()];
    let fun = f.addr();
    if m.mem.info(fun) == info::STG_BCO && m.mem.u32(fun + bco::ARITY) == frame.args() {
        return start_bco(m, r, fun, 0);
    }
    r.push_info(&mut m.mem, table);
    call_other(m, r, f, frame)
}

/// CALL_L: a function on the stack. Byte code that takes just these arguments, or a partial application of it, is started
/// without a frame.
#[inline(always)]
pub fn call_l(m: &mut Machine, r: &mut Regs, w: u64) -> Next {
    // The frame's word was not pushed.
    let f = m.mem.closure(r.at(s(following(&m.mem, r, 0)) - 1));
    let next = following(&m.mem, r, 1);
    if op(next) == bci::SLIDE {
        let (n, by) = (s(next) - 2, s2(next));
        m.mem.copy_words_down(r.at(by), r.sp, n);
        r.pop(by);
    }
    let (table, frame) = FRAMES[(op(w) - number::CALL_L) as usize % FRAMES.len()];
    let fun = f.addr();
    let kind = m.mem.info(fun);
    if kind == info::STG_PAP && m.mem.u32(fun + pap::ARITY) == frame.args() {
        let (n, of) = (m.mem.u32(fun + pap::N_ARGS), m.mem.closure(fun + pap::FUN).addr());
        if m.mem.info(of) == info::STG_BCO && r.has_stack(n) {
            r.sp = Addr(r.sp.0 - n * WORD);
            m.mem.copy_words(r.sp, fun + pap::PAYLOAD, n);
            return start_bco(m, r, of, 0);
        }
    }
    if kind == info::STG_BCO && m.mem.u32(fun + bco::ARITY) == frame.args() {
        return start_bco(m, r, fun, 0);
    }
    r.push_info(&mut m.mem, table);
    eval::eval(m, r, f)
}

/// Applies `f`, which is no byte code that takes just these arguments, to the frame on top. It need not be evaluated.
#[inline(always)]
fn call_other(m: &mut Machine, r: &mut Regs, f: ClosurePtr, frame: Frame) -> Next {
    out_of_line(m, r, |m| apply_slow(m, f, frame))
}

/// CALL_PAP and CALL_AP: runs a BCO on the words that would have been the payload of an application of it, without
/// making that. What follows is `tail` instructions, the last but one a SLIDE.
///
/// GHC's byte code for an expression with a breakpoint is such a call of a function of its own.
#[inline(always)]
pub fn call_new(m: &mut Machine, r: &mut Regs, w: u64, tail: u32) -> Next {
    let f = m.mem.closure(r.sp).addr();
    let (n, by) = (s2(w), s2(following(&m.mem, r, tail - 2)));
    if m.mem.info(f) != info::STG_BCO {
        return not_byte_code(m, f);
    }
    // [f, n words of payload, the application's place and what is slid away with it].
    m.mem.copy_words_down(r.at(1 + by), r.at(1), n);
    r.pop(1 + by);
    start_bco(m, r, f, 0)
}

/// LET: an application whose payload are variables, made in one step. None if there is no heap.
#[inline(always)]
pub fn suspend(m: &mut Machine, r: &mut Regs, w: u64) -> Option<()> {
    let (object, function) = gather(m, r, w)?;
    finish_application(m, r, object, function, s(w));
    Some(())
}

/// LET_CHEAP: the value of a cheap expression if it can be had, an application otherwise.
#[inline(always)]
pub fn compute_or_suspend(m: &mut Machine, r: &mut Regs, w: u64) -> Option<()> {
    let (object, function) = gather(m, r, w)?;
    if let Some((table, result)) = cheap::compute(m, function, object + ap::PAYLOAD) {
        // The value takes the application's place.
        let size = if table.is_null() { 0 } else { BOX_W };
        if r.hp == object.offset_w(ap::SIZE_W + s(w)) {
            r.hp = object.offset_w(size);
        }
        let value = if table.is_null() { result } else { cheap::fill_box(&mut m.mem, object, table, result) };
        r.push(&mut m.mem, value);
        return Some(());
    }
    finish_application(m, r, object, function, s(w));
    Some(())
}

/// Allocates the application of a LET and copies its payload; answers its function, too, and goes behind MKAP.
#[inline(always)]
fn gather(m: &mut Machine, r: &mut Regs, w: u64) -> Option<(Addr, Addr)> {
    let n = s(w);
    let object = alloc(m, r, ap::SIZE_W + n)?;
    let mut to = (object + ap::PAYLOAD).offset_w(n);
    // The offsets count what would have been pushed: first the application itself.
    let (mut depth, mut left) = (1, n);
    let mut put = |m: &mut Machine, offset: u32| {
        to = to - WORD;
        let v = m.mem.word(r.at(offset));
        m.mem.set_word(to, v);
    };
    let mut pc = r.pc;
    while left >= 3 {
        let push = m.mem.word(pc);
        put(m, s(push).wrapping_sub(depth));
        put(m, s2(push).wrapping_sub(depth));
        put(m, s3(push).wrapping_sub(depth));
        (pc, depth, left) = (pc + WORD, depth + 3, left - 3);
    }
    if left > 0 {
        let push = m.mem.word(pc);
        put(m, s(push).wrapping_sub(depth));
        if left == 2 {
            put(m, s2(push).wrapping_sub(depth));
        }
        pc = pc + WORD;
    }
    let function = r.ptr(&m.mem, l(m.mem.word(pc))).addr();
    r.pc = pc.offset_w(2);
    Some((object, function))
}

#[inline(always)]
fn finish_application(m: &mut Machine, r: &mut Regs, object: Addr, function: Addr, n: u32) {
    m.mem.set_info(object, info::STG_AP);
    m.mem.set_word(object + ap::ARITY, (n as u64) << 32);
    m.mem.set_closure(object + ap::FUN, function.into());
    r.push(&mut m.mem, object.0 as u64);
}

/// CALL_CHEAP: the value of a cheap expression if it can be had, as CALL_AP otherwise.
#[inline(always)]
pub fn call_cheap(m: &mut Machine, r: &mut Regs, w: u64) -> Next {
    let f = m.mem.closure(r.sp).addr();
    if let Some((table, result)) = cheap::compute(m, f, r.at(1)) {
        let value = match table.is_null() {
            true => Some(ClosurePtr::from_word(result)),
            false => new_box(m, r, table, result),
        };
        if let Some(value) = value {
            // [f, payload, the application's place and what is slid away with it].
            r.pop(1 + s2(w) + s2(following(&m.mem, r, 1)));
            return Next::Return(value);
        }
    }
    call_new(m, r, w, 3)
}

/// NUMBERS; none if there is no heap.
#[inline(always)]
pub fn numbers(m: &mut Machine, r: &mut Regs, w: u64) -> Option<Next> {
    let (first, second) = (m.mem.closure(r.at(0)), m.mem.closure(r.at(1)));
    let function = Function(aux(w));
    let by = slid_by(&m.mem, r);
    if let (Some(x), Some(y)) = (known::value(m, first), known::value(m, second))
        && let (Some(a), Some(b)) = (unboxed(&m.mem, function.kind(), x), unboxed(&m.mem, function.kind(), y))
        && let Some(answer) = compute(function, a, b)
    {
        let result = known::closure_of(m, r, answer, x)?;
        r.pop(2 + by);
        return Some(Next::Return(result));
    }
    let f = method_of(m, r, w);
    let before = r.sp;
    r.pop(2 + by);
    if let Some(next) = operand::wait(m, r, function, f, [first, second]) {
        return Some(next);
    }
    r.sp = before;
    m.mem.copy_words_down(r.at(by), r.sp, 2);
    r.pop(by);
    r.push_info(&mut m.mem, info::STG_AP_PP);
    Some(out_of_line(m, r, |m| apply_number(m, f, function)))
}

/// NUMBER; none if there is no heap.
#[inline(always)]
pub fn number(m: &mut Machine, r: &mut Regs, w: u64) -> Option<Next> {
    let only = m.mem.closure(r.at(0));
    let function = Function(aux(w));
    let by = slid_by(&m.mem, r);
    if let Some(x) = known::value(m, only)
        && let Some(a) = unboxed(&m.mem, function.kind(), x)
        && let Some(answer) = compute(function, a, a)
    {
        let result = known::closure_of(m, r, answer, x)?;
        r.pop(1 + by);
        return Some(Next::Return(result));
    }
    let f = method_of(m, r, w);
    m.mem.set_closure(r.at(by), only);
    r.pop(by);
    r.push_info(&mut m.mem, info::STG_AP_P);
    Some(out_of_line(m, r, |m| apply_number(m, f, function)))
}

/// METHOD.
#[inline(always)]
pub fn method(m: &mut Machine, r: &mut Regs, w: u64) -> Next {
    const FIRST: usize = (bci::PUSH_APPLY_P - bci::PUSH_APPLY_N) as usize;
    let (args, by, f) = (aux(w).into(), slid_by(&m.mem, r), method_of(m, r, w));
    m.mem.copy_words_down(r.at(by), r.sp, args);
    r.pop(by);
    let (table, frame) = FRAMES[(FIRST + args as usize - 1) % FRAMES.len()];
    r.push_info(&mut m.mem, table);
    call_other(m, r, f, frame)
}

/// Applies `f`, which is `function`, to the numbers of the frame on top, where they are not evaluated or it is not known
/// what it comes to.
#[inline(never)]
fn apply_number(m: &mut Machine, f: ClosurePtr, function: Function) -> Packed {
    let args = function.op().args();
    let next = if args == 2 { known::binary(m, f, function) } else { known::unary(m, f, function) };
    next.done().unwrap_or_else(|| apply_slow(m, f, Frame::new(args, args)))
}

/// How many words the SLIDE of NUMBERS or NUMBER drops, if there is one. What follows is the apply, PUSH_G, SLIDE.
#[inline(always)]
fn slid_by(mem: &Mem, r: &Regs) -> u32 {
    let slide = following(mem, r, 2);
    if op(slide) == bci::SLIDE { s2(slide) } else { 0 }
}

/// The compiled method that `w`, of which the dictionary is the pointer, stands for.
#[inline(always)]
fn method_of(m: &Machine, r: &Regs, w: u64) -> ClosurePtr {
    let dictionary = r.ptr(&m.mem, l(w));
    m.mem.closure((dictionary.addr() + PAYLOAD).offset_w(s(w)))
}

#[cold]
#[inline(never)]
fn not_byte_code(m: &mut Machine, f: Addr) -> Next {
    m.crash(format!("made an application of {f:?}, which is no BCO"))
}

/// CASE_PRIM_x: the result goes to the alternatives under the `stg_ret_*` word `ret`.
#[inline(always)]
pub fn case_prim(m: &mut Machine, r: &mut Regs, w: u64, ctoi: InfoPtr, ret: InfoPtr) -> Next {
    let note = s(w);
    let args = if note & prim_note::BINARY != 0 {
        binary_arguments(&m.mem, r, note)
    } else {
        [argument(&m.mem, r, following(&m.mem, r, 0), note & prim_note::FIRST_LIT != 0, 2), 0]
    };
    let Some(result) = Pure::from_number(aux(w)).and_then(|p| p.compute(args)) else {
        return division_by_zero(m, aux(w));
    };
    to_alternatives(m, r, w, result, ctoi, ret)
}

/// CASE_ADD and its kin: the primop is known, and binary.
#[inline(always)]
pub fn case_binary(m: &mut Machine, r: &mut Regs, w: u64, compute: impl Fn(i64, i64) -> i64) -> Next {
    let [a, b] = binary_arguments(&m.mem, r, s(w));
    let result = compute(a as i64, b as i64) as u64;
    to_alternatives(m, r, w, result, info::STG_CTOI_R1N, info::STG_RET_N)
}

#[cold]
#[inline(never)]
fn division_by_zero(m: &mut Machine, primop: u8) -> Next {
    let name = PURE.get(primop as usize).map_or("a primop", |p| p.name);
    m.crash(format!("{name}: {DIVISION_BY_ZERO}"))
}

/// Pushes the frame of the alternatives that `w` names and `result` above it, and starts them.
#[inline(always)]
fn to_alternatives(m: &mut Machine, r: &mut Regs, w: u64, result: u64, ctoi: InfoPtr, ret: InfoPtr) -> Next {
    let alts = r.ptr(&m.mem, l(w));
    r.push(&mut m.mem, alts.word());
    r.push_info(&mut m.mem, ctoi);
    r.push(&mut m.mem, result);
    r.push_info(&mut m.mem, ret);
    start_bco(m, r, alts.addr(), 4)
}

/// The arguments of a binary primop. What follows is: second, apply, first, apply, PUSH_G, ENTER; stack offsets
/// count the words that these would have pushed.
#[inline(always)]
fn binary_arguments(mem: &Mem, r: &Regs, note: u32) -> [u64; 2] {
    let first = argument(mem, r, following(mem, r, 2), note & prim_note::FIRST_LIT != 0, 4);
    let second = argument(mem, r, following(mem, r, 0), note & prim_note::SECOND_LIT != 0, 2);
    [first, second]
}

#[inline(always)]
fn argument(mem: &Mem, r: &Regs, push: u64, literal: bool, pushed: u32) -> u64 {
    if literal { r.lit(mem, l(push)) } else { mem.word(r.at(s(push) - pushed)) }
}
