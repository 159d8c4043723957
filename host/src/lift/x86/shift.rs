//! Shifts and rotations, by a constant or by `cl`.

// Note [Shifts by zero]
// ~~~~~~~~~~~~~~~~~~~~~
// Counts are taken modulo 32 (modulo 64 for 64-bit operands), and a count of zero leaves every flag as it
// was. With a constant count that is decided here. With `cl` each flag that somebody wants becomes
// "the new one if the count is not zero, else the old one", so a shift by `cl` also reads flags.

use iced_x86::{Instruction, OpKind};

use super::{Emitted, constant};
use crate::lift::emit::{Emitter, Temp};
use crate::lift::error::Reason;
use crate::lift::flags::{Source, flag_r};
use crate::lift::operand::Extend;
use crate::lift::regs::{Reg, Width};

/// The kinds of shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shift {
    Left,
    Right,
    Arithmetic,
}

/// A shift count.
#[derive(Clone, Copy)]
enum Count {
    /// Known, and reduced.
    Known(u32),
    /// In `cl`; the reduced count is put into a temporary of the operand's type.
    Variable,
}

/// The temporaries for operand and count.
fn temps(width: Width) -> (Temp, Temp) {
    if width.is_long() { (Temp::A64, Temp::B64) } else { (Temp::A32, Temp::B32) }
}

fn count(e: &mut Emitter<'_>, i: &Instruction, operand: u32, width: Width) -> Result<Count, Reason> {
    let mask = if width.is_long() { 63 } else { 31 };
    if i.op_kind(operand) != OpKind::Register {
        return Ok(Count::Known(i.immediate(operand) as u32 & mask));
    }
    e.get(Reg(1));
    if !width.is_long() {
        e.w().i32_wrap_i64();
    }
    constant(e, width, mask.into());
    if width.is_long() {
        e.w().i64_and()
    } else {
        e.w().i32_and()
    };
    e.set_temp(temps(width).1);
    Ok(Count::Variable)
}

fn push_count(e: &mut Emitter<'_>, width: Width, count: Count) {
    match count {
        Count::Known(n) => constant(e, width, n.into()),
        Count::Variable => e.get_temp(temps(width).1),
    }
}

/// Pushes bit `position` (relative to the count when variable) of operand A as 0 or 1:
/// for counts from the left, bit `bits − count`; from the right, bit `count − 1`.
fn push_last_bit_out(e: &mut Emitter<'_>, width: Width, count: Count, left: bool) {
    let (a, _) = temps(width);
    e.get_temp(a);
    if left {
        constant(e, width, width.bits().into());
        push_count(e, width, count);
    } else {
        push_count(e, width, count);
        constant(e, width, 1);
    }
    if width.is_long() {
        e.w().i64_sub().i64_shr_u().i32_wrap_i64().i32_const(1).i32_and();
    } else {
        e.w().i32_sub().i32_shr_u().i32_const(1).i32_and();
    }
}

/// Pushes the sign bit of the value on the stack.
fn sign_bit(e: &mut Emitter<'_>, width: Width) {
    if width.is_long() {
        e.w().i64_const(63).i64_shr_u().i32_wrap_i64();
    } else {
        e.w().i32_const(width.bits() as i32 - 1).i32_shr_u().i32_const(1).i32_and();
    }
}

/// Sets the wanted ones of `flags` from `push`, except that a variable count of zero keeps the old.
fn set_flags(
    e: &mut Emitter<'_>,
    width: Width,
    count: Count,
    flags: &[Reg],
    mut push: impl FnMut(&mut Emitter<'_>, Reg),
) {
    let (_, b) = temps(width);
    if let Count::Variable = count {
        for &flag in flags {
            if e.flags.wants(&[flag]) {
                e.materialise(flag);
            }
        }
    }
    for &flag in flags {
        if !e.flags.wants(&[flag]) {
            e.flag_known(flag, false);
            continue;
        }
        push(e, flag);
        if let Count::Variable = count {
            e.push_flag(flag);
            e.get_temp(b);
            if width.is_long() {
                e.w().i64_const(0).i64_ne();
            }
            e.w().select();
        }
        e.set_flag(flag);
    }
}

const CHANGED: [Reg; 5] = [Reg::CF, Reg::OF, Reg::ZF, Reg::SF, Reg::PF];

pub(super) fn shift(e: &mut Emitter<'_>, i: &Instruction, kind: Shift) -> Emitted {
    let width = e.width(i, 0)?;
    let long = width.is_long();
    let count = count(e, i, 1, width)?;
    let extend = if kind == Shift::Arithmetic { Extend::Sign } else { Extend::Zero };
    let dest = e.begin_update(i, 0, width, extend)?;
    let (a, _) = temps(width);
    e.tee_temp(a);
    push_count(e, width, count);
    match (kind, long) {
        (Shift::Left, true) => e.w().i64_shl(),
        (Shift::Left, false) => e.w().i32_shl(),
        (Shift::Right, true) => e.w().i64_shr_u(),
        (Shift::Right, false) => e.w().i32_shr_u(),
        (Shift::Arithmetic, true) => e.w().i64_shr_s(),
        (Shift::Arithmetic, false) => e.w().i32_shr_s(),
    };
    if matches!(count, Count::Known(0)) {
        return e.end(dest, width);
    }
    if !e.flags.wants_any() {
        CHANGED.iter().for_each(|&flag| e.flag_known(flag, false));
        return e.end(dest, width);
    }
    // Old flags of this width's result may still be wanted, so the result waits for `set_flags`.
    let fresh = if long { Temp::C64 } else { Temp::C32 };
    e.tee_temp(fresh);
    e.end(dest, width)?;
    set_flags(e, width, count, &CHANGED, |e, flag| match flag {
        Reg::CF => push_last_bit_out(e, width, count, kind == Shift::Left),
        Reg::OF => match kind {
            // Defined for counts of one: the sign changed.
            Shift::Left => {
                e.get_temp(fresh);
                sign_bit(e, width);
                push_last_bit_out(e, width, count, true);
                e.w().i32_xor();
            }
            Shift::Right => {
                e.get_temp(a);
                sign_bit(e, width);
            }
            Shift::Arithmetic => {
                e.w().i32_const(0);
            }
        },
        _ => push_result_flag(e, fresh, width, flag),
    });
    Ok(())
}

/// Pushes ZF, SF or PF of the value in a temporary.
fn push_result_flag(e: &mut Emitter<'_>, value: Temp, width: Width, flag: Reg) {
    e.get_temp(value);
    e.set_temp(flag_r(width));
    e.push_flag_from(flag, Source::Result(width));
}

/// Rotations change CF and OF only.
pub(super) fn rotate(e: &mut Emitter<'_>, i: &Instruction, left: bool) -> Emitted {
    let width = e.width(i, 0)?;
    let count = count(e, i, 1, width)?;
    let dest = e.begin_update(i, 0, width, Extend::Zero)?;
    let fresh = if width.is_long() { Temp::C64 } else { Temp::C32 };
    match width {
        Width::W64 => {
            push_count(e, width, count);
            if left {
                e.w().i64_rotl()
            } else {
                e.w().i64_rotr()
            };
        }
        Width::W32 => {
            push_count(e, width, count);
            if left {
                e.w().i32_rotl()
            } else {
                e.w().i32_rotr()
            };
        }
        Width::W16 | Width::W8 => {
            // Repeat the value through 32 bits, then rotate: the count works modulo the width by itself.
            let by = width.bits() as i32;
            e.tee_temp(Temp::A32);
            e.get_temp(Temp::A32);
            e.w().i32_const(by).i32_shl().i32_or();
            if width == Width::W8 {
                e.tee_temp(Temp::A32);
                e.get_temp(Temp::A32);
                e.w().i32_const(16).i32_shl().i32_or();
            }
            push_count(e, width, count);
            if left {
                e.w().i32_rotl()
            } else {
                e.w().i32_rotr()
            };
        }
    }
    if matches!(count, Count::Known(0)) {
        return e.end(dest, width);
    }
    e.tee_temp(fresh);
    e.end(dest, width)?;
    let bit = move |e: &mut Emitter<'_>, position: u32| {
        e.get_temp(fresh);
        if width.is_long() {
            e.w().i64_const(position.into()).i64_shr_u().i32_wrap_i64().i32_const(1).i32_and();
        } else {
            e.w().i32_const(position as i32).i32_shr_u().i32_const(1).i32_and();
        }
    };
    let top = width.bits() - 1;
    set_flags(e, width, count, &[Reg::CF, Reg::OF], |e, flag| match (flag, left) {
        (Reg::CF, true) => bit(e, 0),
        (Reg::CF, false) => bit(e, top),
        (_, true) => {
            bit(e, 0);
            bit(e, top);
            e.w().i32_xor();
        }
        (_, false) => {
            bit(e, top);
            bit(e, top - 1);
            e.w().i32_xor();
        }
    });
    Ok(())
}

/// Rotation through CF, by one: what compilers emit to shift numbers of several words.
pub(super) fn rotate_carry(e: &mut Emitter<'_>, i: &Instruction, left: bool) -> Emitted {
    let width = e.width(i, 0)?;
    if i.op1_kind() == OpKind::Register || i.immediate(1) != 1 {
        return Err(Reason::Operand);
    }
    e.push_flag(Reg::CF);
    e.set_temp(Temp::C32);
    let dest = e.begin_update(i, 0, width, Extend::Zero)?;
    let (a, _) = temps(width);
    e.tee_temp(a);
    let carry = |e: &mut Emitter<'_>| {
        e.get_temp(Temp::C32);
        if width.is_long() {
            e.w().i64_extend_i32_u();
        }
    };
    constant(e, width, 1);
    if left {
        if width.is_long() {
            e.w().i64_shl()
        } else {
            e.w().i32_shl()
        };
        carry(e);
    } else {
        if width.is_long() {
            e.w().i64_shr_u()
        } else {
            e.w().i32_shr_u()
        };
        carry(e);
        constant(e, width, i64::from(width.bits()) - 1);
        if width.is_long() {
            e.w().i64_shl()
        } else {
            e.w().i32_shl()
        };
    }
    if width.is_long() {
        e.w().i64_or()
    } else {
        e.w().i32_or()
    };
    let fresh = temps(width).1;
    e.tee_temp(fresh);
    e.end(dest, width)?;
    e.get_temp(a);
    if left {
        sign_bit(e, width);
    } else {
        if width.is_long() {
            e.w().i32_wrap_i64();
        }
        e.w().i32_const(1).i32_and();
    }
    e.set_flag(Reg::CF);
    // The sign changed.
    e.get_temp(a);
    e.get_temp(fresh);
    if width.is_long() {
        e.w().i64_xor()
    } else {
        e.w().i32_xor()
    };
    sign_bit(e, width);
    e.set_flag(Reg::OF);
    Ok(())
}

/// Shifts that fill from a second register.
pub(super) fn double(e: &mut Emitter<'_>, i: &Instruction, left: bool) -> Emitted {
    let width = e.width(i, 0)?;
    if width < Width::W32 {
        return Err(Reason::Operand);
    }
    let long = width.is_long();
    let count = count(e, i, 2, width)?;
    let dest = e.begin_update(i, 0, width, Extend::Any)?;
    let (a, _) = temps(width);
    e.tee_temp(a);
    push_count(e, width, count);
    match (left, long) {
        (true, true) => e.w().i64_shl(),
        (true, false) => e.w().i32_shl(),
        (false, true) => e.w().i64_shr_u(),
        (false, false) => e.w().i32_shr_u(),
    };
    // The other half is shifted by one and then by `bits − 1 − count`, so that a count of zero fills nothing.
    e.push_register(i.op1_register(), Extend::Any)?;
    constant(e, width, 1);
    let fill = |e: &mut Emitter<'_>| match (left, long) {
        (true, true) => {
            e.w().i64_shr_u();
        }
        (true, false) => {
            e.w().i32_shr_u();
        }
        (false, true) => {
            e.w().i64_shl();
        }
        (false, false) => {
            e.w().i32_shl();
        }
    };
    fill(e);
    constant(e, width, i64::from(width.bits()) - 1);
    push_count(e, width, count);
    if long {
        e.w().i64_sub()
    } else {
        e.w().i32_sub()
    };
    fill(e);
    if long {
        e.w().i64_or()
    } else {
        e.w().i32_or()
    };
    if matches!(count, Count::Known(0)) {
        return e.end(dest, width);
    }
    let fresh = if long { Temp::C64 } else { Temp::C32 };
    e.tee_temp(fresh);
    e.end(dest, width)?;
    set_flags(e, width, count, &CHANGED, |e, flag| match flag {
        Reg::CF => push_last_bit_out(e, width, count, left),
        Reg::OF => {
            e.get_temp(fresh);
            e.get_temp(a);
            if long {
                e.w().i64_xor()
            } else {
                e.w().i32_xor()
            };
            sign_bit(e, width);
        }
        _ => push_result_flag(e, fresh, width, flag),
    });
    Ok(())
}
