//! Multiplication and division of integers.
//!
//! A quotient that does not fit, and division by zero, trap, as the processor's divide error does.

use iced_x86::{Instruction, Register};

use super::Emitted;
use crate::lift::emit::{Emitter, Temp};
use crate::lift::helpers::Helper;
use crate::lift::operand::Extend;
use crate::lift::regs::{Reg, Width};

/// CF and OF are set together; what ZF, SF and PF become is undefined.
fn set_overflow(e: &mut Emitter<'_>, push: impl Fn(&mut Emitter<'_>)) {
    for flag in [Reg::CF, Reg::OF] {
        if e.flags.wants(&[flag]) {
            push(e);
            e.set_flag(flag);
        } else {
            e.flag_known(flag, false);
        }
    }
    [Reg::ZF, Reg::SF, Reg::PF].iter().for_each(|&flag| e.flag_known(flag, false));
}

/// One operand: the accumulator's double width takes the product.
pub(super) fn mul(e: &mut Emitter<'_>, i: &Instruction, signed: bool) -> Emitted {
    let width = e.width(i, 0)?;
    let extend = if signed { Extend::Sign } else { Extend::Zero };
    if width.is_long() {
        e.get(Reg::RAX);
        e.push(i, 0, width, extend)?;
        if signed {
            e.w().i64_mul_wide_s()
        } else {
            e.w().i64_mul_wide_u()
        };
        e.set(Reg::RDX);
        e.set(Reg::RAX);
        set_overflow(e, |e| {
            e.get(Reg::RDX);
            if signed {
                e.get(Reg::RAX);
                e.w().i64_const(63).i64_shr_s();
            } else {
                e.w().i64_const(0);
            }
            e.w().i64_ne();
        });
        return Ok(());
    }
    let (low, high) = match width {
        Width::W8 => (Register::AL, Register::AH),
        Width::W16 => (Register::AX, Register::DX),
        _ => (Register::EAX, Register::EDX),
    };
    let widen = |e: &mut Emitter<'_>| {
        if signed {
            e.w().i64_extend_i32_s()
        } else {
            e.w().i64_extend_i32_u()
        };
    };
    e.push_register(low, extend)?;
    widen(e);
    e.push(i, 0, width, extend)?;
    widen(e);
    e.w().i64_mul();
    e.tee_temp(Temp::A64);
    e.w().i32_wrap_i64();
    e.pop_register(low)?;
    e.get_temp(Temp::A64);
    e.w().i64_const(width.bits().into()).i64_shr_u().i32_wrap_i64();
    e.pop_register(high)?;
    set_overflow(e, |e| push_product_overflow(e, width, signed));
    Ok(())
}

/// Pushes whether the exact product in A64 does not fit `width` (below 64 bits).
fn push_product_overflow(e: &mut Emitter<'_>, width: Width, signed: bool) {
    e.get_temp(Temp::A64);
    e.get_temp(Temp::A64);
    match (width, signed) {
        (Width::W8, true) => e.w().i64_extend8_s(),
        (Width::W16, true) => e.w().i64_extend16_s(),
        (_, true) => e.w().i64_extend32_s(),
        (_, false) => e.w().i64_const(width.mask() as i64).i64_and(),
    };
    e.w().i64_ne();
}

/// Two or three operands: the low half only.
pub(super) fn imul(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let width = e.width(i, 0)?;
    let (first, second) = if i.op_count() == 3 { (1, 2) } else { (0, 1) };
    let wanted = e.flags.wants(&[Reg::CF, Reg::OF]);
    e.push(i, first, width, Extend::Sign)?;
    if !width.is_long() && wanted {
        e.w().i64_extend_i32_s();
    }
    e.push(i, second, width, Extend::Sign)?;
    match (width.is_long(), wanted) {
        (true, false) => {
            e.w().i64_mul();
        }
        (false, false) => {
            e.w().i32_mul();
        }
        (true, true) => {
            e.w().i64_mul_wide_s();
            e.set_temp(Temp::B64);
            e.tee_temp(Temp::A64);
        }
        (false, true) => {
            e.w().i64_extend_i32_s().i64_mul();
            e.tee_temp(Temp::A64);
            e.w().i32_wrap_i64();
        }
    }
    e.pop_register(i.op0_register())?;
    set_overflow(e, |e| {
        if width.is_long() {
            e.get_temp(Temp::B64);
            e.get_temp(Temp::A64);
            e.w().i64_const(63).i64_shr_s().i64_ne();
        } else {
            push_product_overflow(e, width, true);
        }
    });
    Ok(())
}

pub(super) fn div(e: &mut Emitter<'_>, i: &Instruction, signed: bool) -> Emitted {
    let width = e.width(i, 0)?;
    if width.is_long() {
        e.push(i, 0, width, Extend::Any)?;
        e.set_temp(Temp::A64);
        if signed {
            long_signed(e)
        } else {
            long_unsigned(e)
        }
        e.get_temp(Temp::B64);
        e.set(Reg::RAX);
        e.get_temp(Temp::C64);
        e.set(Reg::RDX);
    } else {
        narrow(e, i, width, signed)?;
    }
    RESULT_UNDEFINED.iter().for_each(|&flag| e.flag_known(flag, false));
    Ok(())
}

const RESULT_UNDEFINED: [Reg; 5] = [Reg::CF, Reg::OF, Reg::ZF, Reg::SF, Reg::PF];

/// Divides rdx:rax by A64 into quotient B64 and remainder C64.
fn long_unsigned(e: &mut Emitter<'_>) {
    let divide = e.context.helper(Helper::Divide);
    e.get(Reg::RDX);
    e.w().i64_eqz().if_(wasm_encoder::BlockType::Empty);
    quotient_and_remainder(e, false);
    e.w().else_();
    e.get(Reg::RDX);
    e.get(Reg::RAX);
    e.get_temp(Temp::A64);
    e.w().call(divide);
    e.set_temp(Temp::C64);
    e.set_temp(Temp::B64);
    e.w().end();
}

/// rax by A64, where that is all there is.
fn quotient_and_remainder(e: &mut Emitter<'_>, signed: bool) {
    e.get(Reg::RAX);
    e.get_temp(Temp::A64);
    if signed {
        e.w().i64_div_s()
    } else {
        e.w().i64_div_u()
    };
    e.set_temp(Temp::B64);
    e.get(Reg::RAX);
    e.get_temp(Temp::A64);
    if signed {
        e.w().i64_rem_s()
    } else {
        e.w().i64_rem_u()
    };
    e.set_temp(Temp::C64);
}

/// Signed: nearly always rdx is just rax's sign. Otherwise divide magnitudes and put the signs back.
fn long_signed(e: &mut Emitter<'_>) {
    let divide = e.context.helper(Helper::Divide);
    e.get(Reg::RDX);
    e.get(Reg::RAX);
    e.w().i64_const(63).i64_shr_s().i64_eq().if_(wasm_encoder::BlockType::Empty);
    quotient_and_remainder(e, true);
    e.w().else_();
    // D64 is −1 for a negative dividend, else 0; |hi:lo| = (hi:lo ^ D) − D.
    e.get(Reg::RDX);
    e.w().i64_const(63).i64_shr_s();
    e.set_temp(Temp::D64);
    e.get(Reg::RAX);
    e.get_temp(Temp::D64);
    e.w().i64_xor();
    e.get(Reg::RDX);
    e.get_temp(Temp::D64);
    e.w().i64_xor();
    e.get_temp(Temp::D64);
    e.get_temp(Temp::D64);
    e.w().i64_sub128();
    e.set_temp(Temp::C64);
    e.set_temp(Temp::B64);
    e.get_temp(Temp::C64);
    e.get_temp(Temp::B64);
    // |divisor|
    e.get_temp(Temp::A64);
    e.get_temp(Temp::A64);
    e.w().i64_const(63).i64_shr_s().i64_xor();
    e.get_temp(Temp::A64);
    e.w().i64_const(63).i64_shr_s().i64_sub();
    e.w().call(divide);
    // The remainder has the dividend's sign.
    e.get_temp(Temp::D64);
    e.w().i64_xor();
    e.get_temp(Temp::D64);
    e.w().i64_sub();
    e.set_temp(Temp::C64);
    // The quotient is negative when the signs differ; A64 becomes −1 then.
    e.set_temp(Temp::B64);
    e.get_temp(Temp::A64);
    e.w().i64_const(63).i64_shr_s();
    e.get_temp(Temp::D64);
    e.w().i64_xor();
    e.set_temp(Temp::A64);
    e.get_temp(Temp::B64);
    e.get_temp(Temp::A64);
    e.w().i64_xor();
    e.get_temp(Temp::A64);
    e.w().i64_sub();
    e.tee_temp(Temp::B64);
    // It must not be zero with, or differ in sign from, what was expected.
    e.get_temp(Temp::A64);
    e.w().i64_xor().i64_const(0).i64_lt_s();
    e.get_temp(Temp::B64);
    e.w().i64_const(0).i64_ne().i32_and();
    e.w().if_(wasm_encoder::BlockType::Empty).unreachable().end();
    e.w().end();
}

/// Operands below 64 bits: the dividend fits an i64.
fn narrow(e: &mut Emitter<'_>, i: &Instruction, width: Width, signed: bool) -> Emitted {
    let (low, high) = match width {
        Width::W8 => (Register::AL, Register::AH),
        Width::W16 => (Register::AX, Register::DX),
        _ => (Register::EAX, Register::EDX),
    };
    let extend = if signed { Extend::Sign } else { Extend::Zero };
    let widen = |e: &mut Emitter<'_>| {
        if signed {
            e.w().i64_extend_i32_s()
        } else {
            e.w().i64_extend_i32_u()
        };
    };
    e.push(i, 0, width, extend)?;
    widen(e);
    e.set_temp(Temp::A64);
    e.push_register(high, extend)?;
    widen(e);
    e.w().i64_const(width.bits().into()).i64_shl();
    e.push_register(low, Extend::Zero)?;
    e.w().i64_extend_i32_u().i64_or();
    e.tee_temp(Temp::D64);
    e.get_temp(Temp::A64);
    if signed {
        e.w().i64_div_s()
    } else {
        e.w().i64_div_u()
    };
    e.tee_temp(Temp::B64);
    // The quotient must fit.
    e.get_temp(Temp::B64);
    match (width, signed) {
        (Width::W8, true) => e.w().i64_extend8_s(),
        (Width::W16, true) => e.w().i64_extend16_s(),
        (_, true) => e.w().i64_extend32_s(),
        (_, false) => e.w().i64_const(width.mask() as i64).i64_and(),
    };
    e.w().i64_ne().if_(wasm_encoder::BlockType::Empty).unreachable().end();
    e.get_temp(Temp::D64);
    e.get_temp(Temp::A64);
    if signed {
        e.w().i64_rem_s()
    } else {
        e.w().i64_rem_u()
    };
    e.w().i32_wrap_i64();
    e.set_temp(Temp::C32);
    e.get_temp(Temp::B64);
    e.w().i32_wrap_i64();
    e.pop_register(low)?;
    e.get_temp(Temp::C32);
    e.pop_register(high)
}
