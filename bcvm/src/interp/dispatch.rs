//! The driver: a loop over a `match` on the opcode byte.
//!
//! This is the only place that knows how the next instruction is found; the semantics are the functions it calls.
//! wasm32 code compiled from stable Rust cannot tail-call through a table, so the loop is one function, and
//! Cranelift makes one jump table of it.

use super::control::{Next, Stop};
use super::machine::Machine;
use super::regs::{Regs, out_of_line};
use super::{breakpoint, case, ccall, eval, fused, pack, ret, stack};
use crate::bytecode::code::{l, op, s};
use crate::bytecode::fuse::number;
use crate::bytecode::table::number as bci;
use crate::entry::closures::Builtin;
use crate::entry::table::info;
use crate::word::{Addr, WORD};
use alloc::format;

/// Runs the current thread from its top frame until it leaves; its registers are in `m.regs` before and after.
pub fn interpret(m: &mut Machine) -> Stop {
    let is_watched = m.config.trace || m.config.fuel > 0;
    if is_watched { interpret_with::<true>(m) } else { interpret_with::<false>(m) }
}

/// With `WATCHED` instructions are traced, and starts of BCOs counted, as far as somebody wants that.
fn interpret_with<const WATCHED: bool>(m: &mut Machine) -> Stop {
    let mut r = m.regs;
    let mut next = Next::Top;
    loop {
        next = match next {
            Next::Run => {
                if WATCHED {
                    m.count_start(r.hp);
                }
                run::<WATCHED>(m, &mut r)
            }
            Next::Eval(x) => eval::eval(m, &mut r, x),
            Next::Return(x) => ret::return_lifted(m, &mut r, x),
            Next::ReturnUnlifted => ret::return_unlifted(m, &mut r),
            Next::Top => out_of_line(m, &mut r, ret::top),
            Next::Compiled(what) => out_of_line(m, &mut r, |m| m.pass_through(what)),
            Next::Stop => {
                m.regs = r;
                return m.stop_reason;
            }
        };
    }
}

/// Returns the value on top of the stack under a `stg_ret_*` word.
macro_rules! return_unboxed {
    ($m:ident, $r:ident, $info:ident) => {{
        $r.push_info(&mut $m.mem, info::$info);
        return Some(Next::ReturnUnlifted);
    }};
}

/// Does what may find no heap, and ends the BCO if it did not.
macro_rules! alloc_or_stop {
    ($m:ident, $r:ident, $e:expr) => {
        if $e.is_none() {
            return Some(heap_exhausted($m, $r));
        }
    };
}

/// Runs instructions until one of them hands control on to what is no byte code.
#[inline(always)]
fn run<const WATCHED: bool>(m: &mut Machine, r: &mut Regs) -> Next {
    loop {
        let w = m.mem.word(r.pc);
        if WATCHED && m.config.trace {
            m.trace_instruction(r, w);
        }
        r.pc = r.pc + WORD;
        let Some(next) = instruction(m, r, w) else { continue };
        // Here once for all instructions: it takes so much code that it would fill the processor's cache.
        let next = if let Next::Return(x) = next { ret::return_lifted(m, r, x) } else { next };
        if !matches!(next, Next::Run) {
            return next;
        }
        if WATCHED {
            m.count_start(r.hp);
        }
    }
}

/// Carries out the instruction `w`, which the pc is behind; answers where control goes if it ends its BCO.
#[inline(always)]
fn instruction(m: &mut Machine, r: &mut Regs, w: u64) -> Option<Next> {
    match op(w) {
        bci::PUSH_L => stack::push_l(&mut m.mem, r, w),
        bci::PUSH_LL => stack::push_ll(&mut m.mem, r, w),
        bci::PUSH_LLL => stack::push_lll(&mut m.mem, r, w),
        bci::PUSH_G => stack::push_g(&mut m.mem, r, w),
        bci::PUSH_UBX => stack::push_ubx(&mut m.mem, r, w),
        bci::PUSH_ALTS => stack::push_alts(&mut m.mem, r, w, info::STG_CTOI_R1P),
        bci::PUSH_ALTS_P => stack::push_alts(&mut m.mem, r, w, info::STG_CTOI_R1UNPT),
        bci::PUSH_ALTS_N => stack::push_alts(&mut m.mem, r, w, info::STG_CTOI_R1N),
        bci::PUSH_ALTS_F => stack::push_alts(&mut m.mem, r, w, info::STG_CTOI_F1),
        bci::PUSH_ALTS_D => stack::push_alts(&mut m.mem, r, w, info::STG_CTOI_D1),
        bci::PUSH_ALTS_L => stack::push_alts(&mut m.mem, r, w, info::STG_CTOI_L1),
        bci::PUSH_ALTS_V => stack::push_alts(&mut m.mem, r, w, info::STG_CTOI_V),
        bci::PUSH_APPLY_N => r.push_info(&mut m.mem, info::STG_AP_N),
        bci::PUSH_APPLY_F => r.push_info(&mut m.mem, info::STG_AP_F),
        bci::PUSH_APPLY_D => r.push_info(&mut m.mem, info::STG_AP_D),
        bci::PUSH_APPLY_L => r.push_info(&mut m.mem, info::STG_AP_L),
        bci::PUSH_APPLY_V => r.push_info(&mut m.mem, info::STG_AP_V),
        bci::PUSH_APPLY_P => r.push_info(&mut m.mem, info::STG_AP_P),
        bci::PUSH_APPLY_PP => r.push_info(&mut m.mem, info::STG_AP_PP),
        bci::PUSH_APPLY_PPP => r.push_info(&mut m.mem, info::STG_AP_PPP),
        bci::PUSH_APPLY_PPPP => r.push_info(&mut m.mem, info::STG_AP_PPPP),
        bci::PUSH_APPLY_PPPPP => r.push_info(&mut m.mem, info::STG_AP_PPPPP),
        bci::PUSH_APPLY_PPPPPP => r.push_info(&mut m.mem, info::STG_AP_PPPPPP),
        bci::SLIDE => stack::slide(&mut m.mem, r, w),
        bci::ALLOC_AP => alloc_or_stop!(m, r, pack::alloc_ap(m, r, w, info::STG_AP)),
        bci::ALLOC_AP_NOUPD => alloc_or_stop!(m, r, pack::alloc_ap(m, r, w, info::STG_AP_NOUPD)),
        bci::ALLOC_PAP => alloc_or_stop!(m, r, pack::alloc_pap(m, r, w)),
        bci::MKAP => pack::mkap(&mut m.mem, r, w),
        bci::MKPAP => {
            if !pack::mkpap(&mut m.mem, r, w) {
                return Some(m.crash(format!("MKPAP on {:?}, which is no BCO", m.mem.closure(r.sp))));
            }
        }
        bci::UNPACK => pack::unpack(&mut m.mem, r, w),
        bci::PACK => alloc_or_stop!(m, r, pack::pack(m, r, w)),
        bci::TESTLT_I => case::test(&m.mem, r, w, |x, y| (x as i64) < y as i64),
        bci::TESTEQ_I => case::test(&m.mem, r, w, |x, y| x == y),
        bci::TESTLT_W => case::test(&m.mem, r, w, |x, y| x < y),
        bci::TESTEQ_W => case::test(&m.mem, r, w, |x, y| x == y),
        bci::TESTLT_D => case::test(&m.mem, r, w, |x, y| case::not_ge(f64::from_bits(x), f64::from_bits(y))),
        bci::TESTEQ_D => case::test(&m.mem, r, w, |x, y| f64::from_bits(x) == f64::from_bits(y)),
        bci::TESTLT_F => case::test(&m.mem, r, w, |x, y| case::not_ge(case::float(x), case::float(y))),
        bci::TESTEQ_F => case::test(&m.mem, r, w, |x, y| case::float(x) == case::float(y)),
        bci::TESTLT_P => case::test_con(&m.mem, r, w, |x, y| x < y),
        bci::TESTEQ_P => case::test_con(&m.mem, r, w, |x, y| x == y),
        bci::JMP => case::jump(r, w),
        bci::ENTER => {
            let x = m.mem.closure(r.sp);
            r.pop(1);
            return Some(eval::eval(m, r, x));
        }
        bci::RETURN => {
            let x = m.mem.closure(r.sp);
            r.pop(1);
            return Some(Next::Return(x));
        }
        bci::RETURN_P => return_unboxed!(m, r, STG_RET_P),
        bci::RETURN_N => return_unboxed!(m, r, STG_RET_N),
        bci::RETURN_F => return_unboxed!(m, r, STG_RET_F),
        bci::RETURN_D => return_unboxed!(m, r, STG_RET_D),
        bci::RETURN_L => return_unboxed!(m, r, STG_RET_L),
        bci::RETURN_V => return_unboxed!(m, r, STG_RET_V),
        bci::SWIZZLE => stack::swizzle(&mut m.mem, r, w),
        bci::PUSH8 => stack::push_narrow(&mut m.mem, r, w, 1),
        bci::PUSH16 => stack::push_narrow(&mut m.mem, r, w, 2),
        bci::PUSH32 => stack::push_narrow(&mut m.mem, r, w, 4),
        bci::PUSH8_W => stack::push_widened(&mut m.mem, r, w, 1),
        bci::PUSH16_W => stack::push_widened(&mut m.mem, r, w, 2),
        bci::PUSH32_W => stack::push_widened(&mut m.mem, r, w, 4),
        bci::PUSH_PAD8 => stack::push_pad(&mut m.mem, r, 1),
        bci::PUSH_PAD16 => stack::push_pad(&mut m.mem, r, 2),
        bci::PUSH_PAD32 => stack::push_pad(&mut m.mem, r, 4),
        bci::PUSH_UBX8 => stack::push_ubx_narrow(&mut m.mem, r, w, 1),
        bci::PUSH_UBX16 => stack::push_ubx_narrow(&mut m.mem, r, w, 2),
        bci::PUSH_UBX32 => stack::push_ubx_narrow(&mut m.mem, r, w, 4),
        // All the room the code needs was checked when it was started.
        bci::STKCHECK => {}
        bci::BRK_FUN => {
            if breakpoint::is_enabled(&m.mem, r, w) {
                return Some(m.stop(Stop::Break));
            }
            r.pc = r.pc + WORD;
        }
        bci::CASEFAIL => return Some(case_failed(m, r.bco)),
        bci::CCALL => match ccall::ccall(m, *r, w) {
            Ok(after) => *r = after,
            Err(next) => return Some(next),
        },
        number::CASE_L => return Some(fused::case_l(m, r, w)),
        number::CASE_PRIM_N => return Some(fused::case_prim(m, r, w, info::STG_CTOI_R1N, info::STG_RET_N)),
        number::CASE_PRIM_D => return Some(fused::case_prim(m, r, w, info::STG_CTOI_D1, info::STG_RET_D)),
        number::CASE_PRIM_F => return Some(fused::case_prim(m, r, w, info::STG_CTOI_F1, info::STG_RET_F)),
        number::CASE_ADD => return Some(fused::case_binary(m, r, w, |a, b| a.wrapping_add(b))),
        number::CASE_SUB => return Some(fused::case_binary(m, r, w, |a, b| a.wrapping_sub(b))),
        number::CASE_MUL => return Some(fused::case_binary(m, r, w, |a, b| a.wrapping_mul(b))),
        number::CASE_LT => return Some(fused::case_binary(m, r, w, |a, b| (a < b) as i64)),
        number::CASE_LE => return Some(fused::case_binary(m, r, w, |a, b| (a <= b) as i64)),
        number::CASE_GT => return Some(fused::case_binary(m, r, w, |a, b| (a > b) as i64)),
        number::CASE_GE => return Some(fused::case_binary(m, r, w, |a, b| (a >= b) as i64)),
        number::CASE_EQ => return Some(fused::case_binary(m, r, w, |a, b| (a == b) as i64)),
        number::CASE_NE => return Some(fused::case_binary(m, r, w, |a, b| (a != b) as i64)),
        number::EVAL_L => return Some(fused::eval_l(m, r, w)),
        number::RETURN_CON => match fused::return_con(m, r, w) {
            Some(next) => return Some(next),
            None => return Some(heap_exhausted(m, r)),
        },
        number::RETURN_BOX_L => {
            let value = m.mem.word(r.at(s(w)));
            match fused::return_box(m, r, value) {
                Some(next) => return Some(next),
                None => return Some(heap_exhausted(m, r)),
            }
        }
        number::RETURN_BOX_UBX => {
            let value = r.lit(&m.mem, l(w));
            match fused::return_box(m, r, value) {
                Some(next) => return Some(next),
                None => return Some(heap_exhausted(m, r)),
            }
        }
        number::NO_PAP | number::NO_AP => r.push(&mut m.mem, 0),
        number::CALL_PAP => return Some(fused::call_new(m, r, w, 4)),
        number::CALL_AP => return Some(fused::call_new(m, r, w, 3)),
        number::CASE_CALL => return Some(fused::case_call(m, r, w)),
        number::LET => alloc_or_stop!(m, r, fused::suspend(m, r, w)),
        number::LET_CHEAP => alloc_or_stop!(m, r, fused::compute_or_suspend(m, r, w)),
        number::CALL_CHEAP => return Some(fused::call_cheap(m, r, w)),
        number::NUMBERS => match fused::numbers(m, r, w) {
            Some(next) => return Some(next),
            None => return Some(heap_exhausted(m, r)),
        },
        number::NUMBER => match fused::number(m, r, w) {
            Some(next) => return Some(next),
            None => return Some(heap_exhausted(m, r)),
        },
        number::METHOD => return Some(fused::method(m, r, w)),
        number::BOX_L => alloc_or_stop!(m, r, fused::box_l(m, r, w)),
        number::CALL_G..=number::CALL_G_LAST => return Some(fused::call_g(m, r, w)),
        number::CALL_L..=number::CALL_L_LAST => return Some(fused::call_l(m, r, w)),
        n => return Some(bad_opcode(m, r.bco, n)),
    }
    None
}

// What goes wrong is told by functions that take copies: a reference to a register, as `format!` takes, would move all
// of them from wasm locals to memory.

#[cold]
#[inline(never)]
fn case_failed(m: &mut Machine, bco: Addr) -> Next {
    m.crash(format!("no alternative of a case matched, in the BCO at {bco:?}"))
}

#[cold]
#[inline(never)]
fn bad_opcode(m: &mut Machine, bco: Addr, opcode: u8) -> Next {
    m.crash(format!("opcode {opcode} in the BCO at {bco:?}"))
}

/// The heap can't give what the BCO needs in its midst: forget what it pushed and raise the exception from where
/// its caller left off.
#[cold]
#[inline(never)]
fn heap_exhausted_at(m: &mut Machine, mut r: Regs) -> Regs {
    let size = m.mem.u32(r.bco + crate::layout::closure::bco::BITMAP);
    r.sp = r.base.offset_w(r.base_extra.wrapping_add(size));
    r
}

#[inline(always)]
fn heap_exhausted(m: &mut Machine, r: &mut Regs) -> Next {
    *r = heap_exhausted_at(m, *r);
    let overflow = m.exception(Builtin::HeapOverflow);
    m.stop(Stop::Raise(overflow))
}
