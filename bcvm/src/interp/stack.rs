//! Instructions that move words on the stack.

use super::regs::Regs;
use crate::bytecode::code::{l, s, s2, s3};
use crate::mem::Mem;
use crate::word::InfoPtr;

/// PUSH_L.
#[inline(always)]
pub fn push_l(mem: &mut Mem, r: &mut Regs, w: u64) {
    let v = mem.word(r.at(s(w)));
    r.push(mem, v);
}

/// PUSH_LL.
#[inline(always)]
pub fn push_ll(mem: &mut Mem, r: &mut Regs, w: u64) {
    let (a, b) = (mem.word(r.at(s(w))), mem.word(r.at(s2(w))));
    r.push(mem, a);
    r.push(mem, b);
}

/// PUSH_LLL.
#[inline(always)]
pub fn push_lll(mem: &mut Mem, r: &mut Regs, w: u64) {
    let (a, b, c) = (mem.word(r.at(s(w))), mem.word(r.at(s2(w))), mem.word(r.at(s3(w))));
    r.push(mem, a);
    r.push(mem, b);
    r.push(mem, c);
}

/// PUSH8, PUSH16, PUSH32: as many bytes as `bytes`.
#[inline(always)]
pub fn push_narrow(mem: &mut Mem, r: &mut Regs, w: u64, bytes: u32) {
    let from = r.sp + s(w);
    let v = load_narrow(mem, from, bytes);
    store_narrow(mem, r, v, bytes);
}

/// PUSH8_W, PUSH16_W, PUSH32_W.
#[inline(always)]
pub fn push_widened(mem: &mut Mem, r: &mut Regs, w: u64, bytes: u32) {
    let v = load_narrow(mem, r.sp + s(w), bytes);
    r.push(mem, v);
}

/// PUSH_PAD8, PUSH_PAD16, PUSH_PAD32.
#[inline(always)]
pub fn push_pad(mem: &mut Mem, r: &mut Regs, bytes: u32) {
    store_narrow(mem, r, 0, bytes);
}

/// PUSH_UBX8, PUSH_UBX16, PUSH_UBX32.
#[inline(always)]
pub fn push_ubx_narrow(mem: &mut Mem, r: &mut Regs, w: u64, bytes: u32) {
    let v = r.lit(mem, l(w));
    store_narrow(mem, r, v, bytes);
}

/// PUSH_UBX: the first literal ends on top.
#[inline(always)]
pub fn push_ubx(mem: &mut Mem, r: &mut Regs, w: u64) {
    for i in (0..s(w)).rev() {
        let v = r.lit(mem, l(w).wrapping_add(i));
        r.push(mem, v);
    }
}

/// PUSH_G.
#[inline(always)]
pub fn push_g(mem: &mut Mem, r: &mut Regs, w: u64) {
    let p = r.ptr(mem, l(w));
    r.push(mem, p.word());
}

/// PUSH_ALTS and its kin: the frame of a case continuation.
#[inline(always)]
pub fn push_alts(mem: &mut Mem, r: &mut Regs, w: u64, ctoi: InfoPtr) {
    let bco = r.ptr(mem, l(w));
    r.push(mem, bco.word());
    r.push_info(mem, ctoi);
}

/// SLIDE.
#[inline(always)]
pub fn slide(mem: &mut Mem, r: &mut Regs, w: u64) {
    let (n, by) = (s(w), s2(w));
    mem.copy_words_down(r.at(by), r.sp, n);
    r.pop(by);
}

/// SWIZZLE.
#[inline(always)]
pub fn swizzle(mem: &mut Mem, r: &mut Regs, w: u64) {
    let at = r.at(s(w));
    let by = s2(w) as u16 as i16 as i64 as u64;
    let v = mem.word(at).wrapping_add(by);
    mem.set_word(at, v);
}

#[inline(always)]
fn load_narrow(mem: &Mem, a: crate::word::Addr, bytes: u32) -> u64 {
    match bytes {
        1 => mem.u8(a) as u64,
        2 => mem.u16(a) as u64,
        _ => mem.u32(a) as u64,
    }
}

#[inline(always)]
fn store_narrow(mem: &mut Mem, r: &mut Regs, v: u64, bytes: u32) {
    r.sp = r.sp - bytes;
    match bytes {
        1 => mem.set_u8(r.sp, v as u8),
        2 => mem.set_u16(r.sp, v as u16),
        _ => mem.set_u32(r.sp, v as u32),
    }
}
