//! Bit tests, scans for bits, counts of bits, byte order.

use iced_x86::{Instruction, OpKind};

use super::{Emitted, constant};
use crate::lift::emit::{Emitter, Temp};
use crate::lift::error::Reason;
use crate::lift::flags::flag_r;
use crate::lift::operand::Extend;
use crate::lift::regs::{Reg, Width};

/// What a bit test does to the bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    None,
    Set,
    Reset,
    Complement,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    TrailingZeros,
    LeadingZeros,
    Ones,
}

/// CF becomes the tested bit; ZF stays, the others are undefined and stay too.
pub(super) fn test(e: &mut Emitter<'_>, i: &Instruction, change: Change) -> Emitted {
    let width = e.width(i, 0)?;
    // With memory and a register the index reaches beyond the operand; compilers avoid it.
    if i.op0_kind() == OpKind::Memory && i.op1_kind() == OpKind::Register {
        return Err(Reason::Operand);
    }
    let long = width.is_long();
    let (value, index) = if long { (Temp::A64, Temp::B64) } else { (Temp::A32, Temp::B32) };
    if i.op1_kind() == OpKind::Register {
        e.push_register(i.op1_register(), Extend::Any)?;
    } else {
        constant(e, width, i.immediate(1) as i64);
    }
    constant(e, width, i64::from(width.bits()) - 1);
    if long {
        e.w().i64_and()
    } else {
        e.w().i32_and()
    };
    e.set_temp(index);
    if change == Change::None {
        e.push(i, 0, width, Extend::Any)?;
        e.set_temp(value);
    } else {
        let dest = e.begin_update(i, 0, width, Extend::Any)?;
        e.tee_temp(value);
        constant(e, width, 1);
        e.get_temp(index);
        if long {
            e.w().i64_shl()
        } else {
            e.w().i32_shl()
        };
        if change == Change::Reset {
            constant(e, width, -1);
            if long {
                e.w().i64_xor()
            } else {
                e.w().i32_xor()
            };
        }
        match (change, long) {
            (Change::Set, true) => e.w().i64_or(),
            (Change::Set, false) => e.w().i32_or(),
            (Change::Reset, true) => e.w().i64_and(),
            (Change::Reset, false) => e.w().i32_and(),
            (_, true) => e.w().i64_xor(),
            (_, false) => e.w().i32_xor(),
        };
        e.end(dest, width)?;
    }
    if !e.flags.wants(&[Reg::CF]) {
        e.flag_known(Reg::CF, false);
        return Ok(());
    }
    e.get_temp(value);
    e.get_temp(index);
    if long {
        e.w().i64_shr_u().i32_wrap_i64();
    } else {
        e.w().i32_shr_u();
    }
    e.w().i32_const(1).i32_and();
    e.set_flag(Reg::CF);
    Ok(())
}

/// `bsf` and `bsr`: the position of a bit; a zero operand sets ZF and leaves the destination alone.
pub(super) fn scan(e: &mut Emitter<'_>, i: &Instruction, reverse: bool) -> Emitted {
    let width = e.width(i, 0)?;
    let long = width.is_long();
    let value = if long { Temp::A64 } else { Temp::A32 };
    e.push(i, 1, width, Extend::Zero)?;
    e.set_temp(value);
    if reverse {
        constant(e, width, if long { 63 } else { 31 });
    }
    e.get_temp(value);
    match (reverse, long) {
        (false, true) => e.w().i64_ctz(),
        (false, false) => e.w().i32_ctz(),
        (true, true) => e.w().i64_clz().i64_sub(),
        (true, false) => e.w().i32_clz().i32_sub(),
    };
    let reg = Reg::of(i.op0_register()).ok_or(Reason::Operand)?;
    if long {
        e.get(reg);
        e.get_temp(value);
        e.w().i64_const(0).i64_ne().select();
        e.set(reg);
    } else {
        // A zero operand leaves all 64 bits alone, so the choice is between whole registers.
        e.get(reg);
        e.set_temp(Temp::A64);
        e.pop_register(i.op0_register())?;
        e.get(reg);
        e.get_temp(Temp::A64);
        e.get_temp(value);
        e.w().select();
        e.set(reg);
    }
    if e.flags.wants(&[Reg::ZF]) {
        e.get_temp(value);
        if long {
            e.w().i64_eqz()
        } else {
            e.w().i32_eqz()
        };
        e.set_flag(Reg::ZF);
    } else {
        e.flag_known(Reg::ZF, false);
    }
    [Reg::CF, Reg::OF, Reg::SF, Reg::PF].iter().for_each(|&flag| e.flag_known(flag, false));
    Ok(())
}

/// Counts that are defined for every operand.
pub(super) fn count(e: &mut Emitter<'_>, i: &Instruction, what: Count) -> Emitted {
    let width = e.width(i, 0)?;
    let long = width.is_long();
    let value = if long { Temp::A64 } else { Temp::A32 };
    e.push(i, 1, width, Extend::Zero)?;
    e.tee_temp(value);
    match (what, width) {
        (Count::TrailingZeros, Width::W64) => e.w().i64_ctz(),
        (Count::TrailingZeros, Width::W16) => e.w().i32_const(1 << 16).i32_or().i32_ctz(),
        (Count::TrailingZeros, _) => e.w().i32_ctz(),
        (Count::LeadingZeros, Width::W64) => e.w().i64_clz(),
        (Count::LeadingZeros, Width::W16) => e.w().i32_const(16).i32_shl().i32_const(1 << 15).i32_or().i32_clz(),
        (Count::LeadingZeros, _) => e.w().i32_clz(),
        (Count::Ones, Width::W64) => e.w().i64_popcnt(),
        (Count::Ones, _) => e.w().i32_popcnt(),
    };
    if e.flags.wants_any() {
        e.tee_temp(flag_r(width));
    }
    e.pop_register(i.op0_register())?;
    // ZF is about the result; CF says whether the operand was zero. `popcnt` clears the others.
    if what != Count::Ones && e.flags.wants(&[Reg::CF]) {
        e.get_temp(value);
        if long {
            e.w().i64_eqz()
        } else {
            e.w().i32_eqz()
        };
        e.set_flag(Reg::CF);
    } else {
        e.flag_known(Reg::CF, false);
    }
    e.flags_from_result(width);
    [Reg::OF, Reg::SF, Reg::PF].iter().for_each(|&flag| e.flag_known(flag, false));
    Ok(())
}

pub(super) fn bswap(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let width = e.width(i, 0)?;
    match width {
        Width::W32 => {
            e.push_register(i.op0_register(), Extend::Any)?;
            e.tee_temp(Temp::A32);
            e.w().i32_const(8).i32_rotl().i32_const(0x00ff_00ff).i32_and();
            e.get_temp(Temp::A32);
            e.w().i32_const(8).i32_rotr().i32_const(0xff00_ff00_u32 as i32).i32_and().i32_or();
        }
        Width::W64 => {
            e.push_register(i.op0_register(), Extend::Any)?;
            for (shift, mask) in [(8, 0x00ff_00ff_00ff_00ff_i64), (16, 0x0000_ffff_0000_ffff)] {
                e.tee_temp(Temp::A64);
                e.w().i64_const(mask).i64_and().i64_const(shift).i64_shl();
                e.get_temp(Temp::A64);
                e.w().i64_const(shift).i64_shr_u().i64_const(mask).i64_and().i64_or();
            }
            e.w().i64_const(32).i64_rotl();
        }
        _ => return Err(Reason::Operand),
    }
    e.pop_register(i.op0_register())
}
