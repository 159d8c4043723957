//! Instructions that test a value and jump.

use super::pack::con_tag;
use super::regs::Regs;
use crate::bytecode::code::{l, lit24, s};
use crate::mem::Mem;

/// Jumps to the label of `w` if `fail`.
#[inline(always)]
fn jump_if(r: &mut Regs, w: u64, fail: bool) {
    if fail {
        jump(r, w);
    }
}

/// JMP.
#[inline(always)]
pub fn jump(r: &mut Regs, w: u64) {
    r.pc = r.code.offset_w(l(w));
}

/// The tests on unlifted values: `ok` of the returned word and the literal, or jump.
#[inline(always)]
pub fn test(mem: &Mem, r: &mut Regs, w: u64, ok: impl Fn(u64, u64) -> bool) {
    let pass = ok(mem.word(r.at(1)), r.lit(mem, lit24(w)));
    jump_if(r, w, !pass);
}

/// TESTLT_P and TESTEQ_P: `ok` of the constructor's tag and the operand, or jump.
#[inline(always)]
pub fn test_con(mem: &Mem, r: &mut Regs, w: u64, ok: impl Fn(u32, u32) -> bool) {
    let pass = ok(con_tag(mem, mem.closure(r.sp).addr()), s(w));
    jump_if(r, w, !pass);
}

/// A word as Float#: the low half counts.
#[inline(always)]
pub fn float(w: u64) -> f32 {
    f32::from_bits(w as u32)
}

/// How TESTLT_D and TESTLT_F decide: the test fails when `x` is greater or equal, and a NaN is neither.
#[inline(always)]
pub fn not_ge<T: PartialOrd>(x: T, y: T) -> bool {
    !matches!(x.partial_cmp(&y), Some(core::cmp::Ordering::Greater | core::cmp::Ordering::Equal))
}
