//! Addition, subtraction, logic and comparison of integers.

use iced_x86::{Instruction, OpKind};

use super::mov::note_constant;
use super::{Emitted, add, constant, same_register, sub};
use crate::lift::emit::{Emitter, Temp};
use crate::lift::flags::{flag_a, flag_b, flag_r};
use crate::lift::operand::Extend;
use crate::lift::regs::{Reg, Width};

/// A bitwise operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Logic {
    And,
    Or,
    Xor,
}

/// Keeps the value on the stack as FlagA if anybody will want flags.
fn keep_a(e: &mut Emitter<'_>, width: Width) {
    if e.flags.wants_any() {
        e.tee_temp(flag_a(width));
    }
}

fn keep_b(e: &mut Emitter<'_>, width: Width) {
    if e.flags.wants_any() {
        e.tee_temp(flag_b(width));
    }
}

fn keep_r(e: &mut Emitter<'_>, width: Width) {
    if e.flags.wants(&[Reg::ZF, Reg::SF, Reg::PF]) {
        e.tee_temp(flag_r(width));
    }
}

pub(super) fn add_sub(e: &mut Emitter<'_>, i: &Instruction, subtract: bool) -> Emitted {
    let width = e.width(i, 0)?;
    let dest = e.begin_update(i, 0, width, Extend::Any)?;
    keep_a(e, width);
    e.push(i, 1, width, Extend::Any)?;
    keep_b(e, width);
    if subtract {
        sub(e, width);
        e.flags_from_compare(width);
    } else {
        add(e, width);
        e.flags_from_sum(width);
    }
    e.end(dest, width)
}

pub(super) fn cmp(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let width = e.width(i, 0)?;
    e.push(i, 0, width, Extend::Any)?;
    e.set_temp(flag_a(width));
    e.push(i, 1, width, Extend::Any)?;
    e.set_temp(flag_b(width));
    e.flags_from_compare(width);
    Ok(())
}

pub(super) fn logic(e: &mut Emitter<'_>, i: &Instruction, op: Logic) -> Emitted {
    let width = e.width(i, 0)?;
    if op == Logic::Xor && same_register(i) && i.op0_kind() == OpKind::Register {
        constant(e, width, 0);
        e.pop_register(i.op0_register())?;
        note_constant(e, i.op0_register(), 0);
        for (flag, value) in [(Reg::CF, false), (Reg::OF, false), (Reg::SF, false), (Reg::ZF, true), (Reg::PF, true)] {
            e.flag_known(flag, value);
        }
        return Ok(());
    }
    let dest = e.begin_update(i, 0, width, Extend::Any)?;
    e.push(i, 1, width, Extend::Any)?;
    match (op, width.is_long()) {
        (Logic::And, true) => e.w().i64_and(),
        (Logic::And, false) => e.w().i32_and(),
        (Logic::Or, true) => e.w().i64_or(),
        (Logic::Or, false) => e.w().i32_or(),
        (Logic::Xor, true) => e.w().i64_xor(),
        (Logic::Xor, false) => e.w().i32_xor(),
    };
    keep_r(e, width);
    e.flags_from_logic(width);
    e.end(dest, width)
}

pub(super) fn test(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let width = e.width(i, 0)?;
    e.push(i, 0, width, Extend::Any)?;
    if !(same_register(i) && i.op0_kind() == OpKind::Register) {
        e.push(i, 1, width, Extend::Any)?;
        if width.is_long() {
            e.w().i64_and()
        } else {
            e.w().i32_and()
        };
    }
    e.set_temp(flag_r(width));
    e.flags_from_logic(width);
    Ok(())
}

/// `inc` and `dec` leave CF alone; OF says that the sign limit was crossed.
pub(super) fn inc_dec(e: &mut Emitter<'_>, i: &Instruction, decrement: bool) -> Emitted {
    let width = e.width(i, 0)?;
    let dest = e.begin_update(i, 0, width, Extend::Any)?;
    constant(e, width, 1);
    if decrement {
        sub(e, width)
    } else {
        add(e, width)
    };
    let wants_overflow = e.flags.wants(&[Reg::OF]);
    if wants_overflow || e.flags.wants(&[Reg::ZF, Reg::SF, Reg::PF]) {
        e.tee_temp(flag_r(width));
    }
    e.end(dest, width)?;
    if wants_overflow {
        let lowest = (1u64 << (width.bits() - 1)) as i64;
        let limit = if decrement { (lowest as u64).wrapping_sub(1) as i64 } else { lowest };
        e.get_temp(flag_r(width));
        e.extend_narrow(width, false);
        constant(e, width, limit);
        if width.is_long() {
            e.w().i64_eq()
        } else {
            e.w().i32_eq()
        };
        e.set_flag(Reg::OF);
    } else {
        e.flag_known(Reg::OF, false);
    }
    e.flags_from_result(width);
    Ok(())
}

/// `neg` is zero minus the operand, flags included.
pub(super) fn neg(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let width = e.width(i, 0)?;
    let dest = e.begin_update(i, 0, width, Extend::Any)?;
    let operand = if width.is_long() { Temp::A64 } else { Temp::A32 };
    e.set_temp(operand);
    constant(e, width, 0);
    keep_a(e, width);
    e.get_temp(operand);
    keep_b(e, width);
    sub(e, width);
    e.flags_from_compare(width);
    e.end(dest, width)
}

pub(super) fn not(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let width = e.width(i, 0)?;
    let dest = e.begin_update(i, 0, width, Extend::Any)?;
    constant(e, width, -1);
    if width.is_long() {
        e.w().i64_xor()
    } else {
        e.w().i32_xor()
    };
    e.end(dest, width)
}

/// Addition or subtraction with CF coming in. Flags going out are computed one by one: there are
/// three operands, and the fused forms know two.
pub(super) fn adc_sbb(e: &mut Emitter<'_>, i: &Instruction, subtract: bool) -> Emitted {
    let width = e.width(i, 0)?;
    let (a, b) = if width.is_long() { (Temp::A64, Temp::B64) } else { (Temp::A32, Temp::B32) };
    e.push_flag(Reg::CF);
    e.set_temp(Temp::C32);
    let dest = e.begin_update(i, 0, width, Extend::Zero)?;
    e.tee_temp(a);
    e.push(i, 1, width, Extend::Zero)?;
    e.tee_temp(b);
    if subtract {
        sub(e, width)
    } else {
        add(e, width)
    };
    e.get_temp(Temp::C32);
    if width.is_long() {
        e.w().i64_extend_i32_u();
    }
    if subtract {
        sub(e, width)
    } else {
        add(e, width)
    };
    e.tee_temp(flag_r(width));
    e.end(dest, width)?;
    if e.flags.wants(&[Reg::CF]) {
        push_carry_out(e, width, subtract);
        e.set_flag(Reg::CF);
    } else {
        e.flag_known(Reg::CF, false);
    }
    if e.flags.wants(&[Reg::OF]) {
        let long = width.is_long();
        let xor = |e: &mut Emitter<'_>| {
            if long {
                e.w().i64_xor()
            } else {
                e.w().i32_xor()
            };
        };
        e.get_temp(a);
        e.get_temp(if subtract { b } else { flag_r(width) });
        xor(e);
        e.get_temp(if subtract { a } else { b });
        e.get_temp(flag_r(width));
        xor(e);
        if long {
            e.w().i64_and().i64_const(63).i64_shr_u().i32_wrap_i64();
        } else {
            e.w().i32_and().i32_const(width.bits() as i32 - 1).i32_shr_u().i32_const(1).i32_and();
        }
        e.set_flag(Reg::OF);
    } else {
        e.flag_known(Reg::OF, false);
    }
    e.flags_from_result(width);
    Ok(())
}

/// Pushes the carry (or borrow) out of A ± B ± C32.
fn push_carry_out(e: &mut Emitter<'_>, width: Width, subtract: bool) {
    if !width.is_long() {
        // The exact sum or difference fits 64 bits; bit `bits` of it is the carry.
        e.get_temp(Temp::A32);
        e.w().i64_extend_i32_u();
        e.get_temp(Temp::B32);
        e.w().i64_extend_i32_u();
        sub_or_add_long(e, subtract);
        e.get_temp(Temp::C32);
        e.w().i64_extend_i32_u();
        sub_or_add_long(e, subtract);
        e.w().i64_const(width.bits().into()).i64_shr_u().i32_wrap_i64().i32_const(1).i32_and();
        return;
    }
    // The first step carries, or the second does.
    if subtract {
        e.get_temp(Temp::A64);
        e.get_temp(Temp::B64);
        e.w().i64_lt_u();
        e.get_temp(Temp::A64);
        e.get_temp(Temp::B64);
        e.w().i64_sub();
        e.get_temp(Temp::C32);
        e.w().i64_extend_i32_u().i64_lt_u().i32_or();
    } else {
        e.get_temp(Temp::A64);
        e.get_temp(Temp::B64);
        e.w().i64_add();
        e.get_temp(Temp::A64);
        e.w().i64_lt_u();
        e.get_temp(Temp::FlagR64);
        e.get_temp(Temp::C32);
        e.w().i64_extend_i32_u().i64_lt_u().i32_or();
    }
}

fn sub_or_add_long(e: &mut Emitter<'_>, subtract: bool) {
    if subtract {
        e.w().i64_sub()
    } else {
        e.w().i64_add()
    };
}

pub(super) fn carry(e: &mut Emitter<'_>, value: bool) -> Emitted {
    e.flag_known(Reg::CF, value);
    Ok(())
}

pub(super) fn complement_carry(e: &mut Emitter<'_>) -> Emitted {
    e.push_flag(Reg::CF);
    e.w().i32_eqz();
    e.set_flag(Reg::CF);
    Ok(())
}
