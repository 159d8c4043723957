//! Arithmetic, comparison and shifts of integer vectors.

use iced_x86::{Instruction, Mnemonic as M, OpKind};
use wasm_encoder::InstructionSink;

use super::Emitted;
use crate::lift::emit::{Emitter, Temp};
use crate::lift::error::Reason;

pub(super) fn emit(e: &mut Emitter<'_>, i: &Instruction) -> Option<Emitted> {
    if let Some(operation) = binary(i.mnemonic()) {
        return Some(apply(e, i, operation));
    }
    Some(match i.mnemonic() {
        M::Pmulhw => multiply_high(e, i, true),
        M::Pmulhuw => multiply_high(e, i, false),
        M::Pmuludq => multiply_even(e, i),
        M::Psadbw => sum_of_differences(e, i),
        M::Psllw | M::Pslld | M::Psllq | M::Psrlw | M::Psrld | M::Psrlq | M::Psraw | M::Psrad => shift(e, i),
        M::Pslldq | M::Psrldq => shift_bytes(e, i),
        _ => return None,
    })
}

type Operation = fn(&mut InstructionSink<'_>);

macro_rules! operations {
    ($($mnemonic:ident => $method:ident),* $(,)?) => {
        /// Instructions that are one wasm instruction with the same operands.
        fn binary(mnemonic: M) -> Option<Operation> {
            Some(match mnemonic {
                $(M::$mnemonic => |w| { w.$method(); },)*
                _ => return None,
            })
        }
    };
}

operations! {
    Paddb => i8x16_add, Paddw => i16x8_add, Paddd => i32x4_add, Paddq => i64x2_add,
    Psubb => i8x16_sub, Psubw => i16x8_sub, Psubd => i32x4_sub, Psubq => i64x2_sub,
    Paddsb => i8x16_add_sat_s, Paddsw => i16x8_add_sat_s,
    Paddusb => i8x16_add_sat_u, Paddusw => i16x8_add_sat_u,
    Psubsb => i8x16_sub_sat_s, Psubsw => i16x8_sub_sat_s,
    Psubusb => i8x16_sub_sat_u, Psubusw => i16x8_sub_sat_u,
    Pmullw => i16x8_mul, Pmaddwd => i32x4_dot_i16x8_s,
    Pavgb => i8x16_avgr_u, Pavgw => i16x8_avgr_u,
    Pminub => i8x16_min_u, Pmaxub => i8x16_max_u, Pminsw => i16x8_min_s, Pmaxsw => i16x8_max_s,
    Pcmpeqb => i8x16_eq, Pcmpeqw => i16x8_eq, Pcmpeqd => i32x4_eq,
    Pcmpgtb => i8x16_gt_s, Pcmpgtw => i16x8_gt_s, Pcmpgtd => i32x4_gt_s,
}

fn apply(e: &mut Emitter<'_>, i: &Instruction, operation: Operation) -> Emitted {
    let to = e.vector(i, 0)?;
    e.get(to);
    e.push_vector(i, 1)?;
    operation(e.w());
    e.set(to);
    Ok(())
}

/// Puts both operands into Va and Vb.
fn take(e: &mut Emitter<'_>, i: &Instruction) -> Result<crate::lift::regs::Reg, Reason> {
    let to = e.vector(i, 0)?;
    e.push_vector(i, 1)?;
    e.set_temp(Temp::Vb);
    e.get(to);
    e.set_temp(Temp::Va);
    Ok(to)
}

fn operands(e: &mut Emitter<'_>) {
    e.get_temp(Temp::Va);
    e.get_temp(Temp::Vb);
}

/// The upper halves of 16-bit products.
fn multiply_high(e: &mut Emitter<'_>, i: &Instruction, signed: bool) -> Emitted {
    let to = take(e, i)?;
    operands(e);
    if signed {
        e.w().i32x4_extmul_low_i16x8_s()
    } else {
        e.w().i32x4_extmul_low_i16x8_u()
    };
    operands(e);
    if signed {
        e.w().i32x4_extmul_high_i16x8_s()
    } else {
        e.w().i32x4_extmul_high_i16x8_u()
    };
    e.w().i8x16_shuffle([2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31]);
    e.set(to);
    Ok(())
}

/// 64-bit products of the even 32-bit lanes.
fn multiply_even(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let to = take(e, i)?;
    for temp in [Temp::Va, Temp::Vb] {
        e.get_temp(temp);
        e.get_temp(temp);
        e.w().i8x16_shuffle([0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11]);
    }
    e.w().i64x2_extmul_low_i32x4_u();
    e.set(to);
    Ok(())
}

/// Per half, the sum of the absolute differences of bytes.
fn sum_of_differences(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let to = take(e, i)?;
    operands(e);
    e.w().i8x16_max_u();
    operands(e);
    e.w().i8x16_min_u().i8x16_sub();
    // Pairs, then pairs of pairs, then the two sums of four in each half.
    e.w().i16x8_extadd_pairwise_i8x16_u().i32x4_extadd_pairwise_i16x8_u();
    e.tee_temp(Temp::Va);
    e.get_temp(Temp::Va);
    e.w().i32_const(32).i64x2_shr_u().i64x2_add();
    e.w().i64_const(0xffff_ffff).i64x2_splat().v128_and();
    e.set(to);
    Ok(())
}

/// Shifts by an immediate or by the low 64 bits of a vector. A count of the lane's width or more
/// gives zero, or the sign everywhere; wasm would reduce it.
fn shift(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let to = e.vector(i, 0)?;
    let (bits, operation): (u64, Operation) = match i.mnemonic() {
        M::Psllw => (16, |w| {
            w.i16x8_shl();
        }),
        M::Pslld => (32, |w| {
            w.i32x4_shl();
        }),
        M::Psllq => (64, |w| {
            w.i64x2_shl();
        }),
        M::Psrlw => (16, |w| {
            w.i16x8_shr_u();
        }),
        M::Psrld => (32, |w| {
            w.i32x4_shr_u();
        }),
        M::Psrlq => (64, |w| {
            w.i64x2_shr_u();
        }),
        M::Psraw => (16, |w| {
            w.i16x8_shr_s();
        }),
        _ => (32, |w| {
            w.i32x4_shr_s();
        }),
    };
    let arithmetic = matches!(i.mnemonic(), M::Psraw | M::Psrad);
    if i.op1_kind() == OpKind::Immediate8 {
        let count = i.immediate(1);
        if count >= bits && !arithmetic {
            e.w().v128_const(0);
        } else {
            e.get(to);
            e.w().i32_const(count.min(bits - 1) as i32);
            operation(e.w());
        }
        e.set(to);
        return Ok(());
    }
    e.push_vector(i, 1)?;
    e.w().i64x2_extract_lane(0);
    e.tee_temp(Temp::A64);
    if arithmetic {
        // The count, at most the width less one.
        e.w().i64_const(bits as i64 - 1);
        e.get_temp(Temp::A64);
        e.w().i64_const(bits as i64).i64_lt_u().select();
        e.set_temp(Temp::A64);
    } else {
        e.w().drop();
    }
    e.get(to);
    e.get_temp(Temp::A64);
    e.w().i32_wrap_i64();
    operation(e.w());
    if !arithmetic {
        e.w().v128_const(0);
        e.get_temp(Temp::A64);
        e.w().i64_const(bits as i64).i64_lt_u().select();
    }
    e.set(to);
    Ok(())
}

fn shift_bytes(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let to = e.vector(i, 0)?;
    if i.op1_kind() != OpKind::Immediate8 {
        return Err(Reason::Operand);
    }
    let count = i.immediate(1).min(16) as u8;
    let left = i.mnemonic() == M::Pslldq;
    // Lanes 0–15 are the register's, 16–31 zeros.
    let lanes: [u8; 16] = std::array::from_fn(|lane| {
        let lane = lane as u8;
        if left {
            lane.checked_sub(count).unwrap_or(16)
        } else if lane + count < 16 {
            lane + count
        } else {
            16
        }
    });
    e.get(to);
    e.w().v128_const(0).i8x16_shuffle(lanes);
    e.set(to);
    Ok(())
}
