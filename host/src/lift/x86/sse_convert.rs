//! Conversions between integers and floating point, and between the two precisions.
//!
//! A value that does not fit the integer becomes the "indefinite" integer, the sign bit alone; wasm's
//! saturating conversions answer something else there, so it is chosen explicitly. Rounding is to
//! nearest: the mode cannot be changed, `ldmxcsr` is not supported.

use iced_x86::{Instruction, Mnemonic as M};

use super::Emitted;
use crate::lift::emit::{Emitter, Temp};
use crate::lift::error::Reason;
use crate::lift::operand::Extend;

pub(super) fn emit(e: &mut Emitter<'_>, i: &Instruction) -> Option<Emitted> {
    Some(match i.mnemonic() {
        M::Cvtsi2sd => from_integer(e, i, true),
        M::Cvtsi2ss => from_integer(e, i, false),
        M::Cvttsd2si => to_integer(e, i, true, false),
        M::Cvttss2si => to_integer(e, i, false, false),
        M::Cvtsd2si => to_integer(e, i, true, true),
        M::Cvtss2si => to_integer(e, i, false, true),
        M::Cvtss2sd | M::Cvtsd2ss => precision(e, i),
        M::Cvtdq2pd | M::Cvtdq2ps | M::Cvtps2pd | M::Cvtpd2ps => packed(e, i),
        M::Cvttps2dq => packed_to_integer(e, i, false, false),
        M::Cvtps2dq => packed_to_integer(e, i, false, true),
        M::Cvttpd2dq => packed_to_integer(e, i, true, false),
        M::Cvtpd2dq => packed_to_integer(e, i, true, true),
        _ => return None,
    })
}

fn from_integer(e: &mut Emitter<'_>, i: &Instruction, double: bool) -> Emitted {
    let to = e.vector(i, 0)?;
    let width = e.width(i, 1)?;
    e.get(to);
    e.push(i, 1, width, Extend::Any)?;
    match (double, width.is_long()) {
        (true, true) => e.w().f64_convert_i64_s().f64x2_replace_lane(0),
        (true, false) => e.w().f64_convert_i32_s().f64x2_replace_lane(0),
        (false, true) => e.w().f32_convert_i64_s().f32x4_replace_lane(0),
        (false, false) => e.w().f32_convert_i32_s().f32x4_replace_lane(0),
    };
    e.set(to);
    Ok(())
}

/// The lowest and the first too high value that convert; comparisons with a NaN are false.
fn to_integer(e: &mut Emitter<'_>, i: &Instruction, double: bool, nearest: bool) -> Emitted {
    let width = e.width(i, 0)?;
    let long = width.is_long();
    // A float is widened first, which is exact, so that limits need not be rounded.
    if double {
        e.push_double(i, 1)?;
    } else {
        e.push_float(i, 1)?;
        e.w().f64_promote_f32();
    }
    if nearest {
        e.w().f64_nearest();
    }
    e.tee_temp(Temp::Fa);
    if long {
        e.w().i64_trunc_sat_f64_s().i64_const(i64::MIN);
    } else {
        e.w().i32_trunc_sat_f64_s().i32_const(i32::MIN);
    }
    let high = if long { 9_223_372_036_854_775_808.0 } else { 2_147_483_648.0 };
    e.get_temp(Temp::Fa);
    e.w().f64_const(high.into()).f64_lt();
    e.get_temp(Temp::Fa);
    if long {
        e.w().f64_const((-high).into()).f64_ge();
    } else {
        // Truncation brings anything above −2^31 − 1 into range.
        e.w().f64_const((-high - 1.0).into()).f64_gt();
    }
    e.w().i32_and().select();
    e.pop_register(i.op0_register())
}

fn precision(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let to = e.vector(i, 0)?;
    e.get(to);
    if i.mnemonic() == M::Cvtss2sd {
        e.push_float(i, 1)?;
        e.w().f64_promote_f32().f64x2_replace_lane(0);
    } else {
        e.push_double(i, 1)?;
        e.w().f32_demote_f64().f32x4_replace_lane(0);
    }
    e.set(to);
    Ok(())
}

fn packed(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let to = e.vector(i, 0)?;
    e.push_vector(i, 1)?;
    match i.mnemonic() {
        M::Cvtdq2pd => e.w().f64x2_convert_low_i32x4_s(),
        M::Cvtdq2ps => e.w().f32x4_convert_i32x4_s(),
        M::Cvtps2pd => e.w().f64x2_promote_low_f32x4(),
        M::Cvtpd2ps => e.w().f32x4_demote_f64x2_zero(),
        _ => return Err(Reason::Instruction),
    };
    e.set(to);
    Ok(())
}

/// Four floats, or two doubles with zeros above, to 32-bit integers.
fn packed_to_integer(e: &mut Emitter<'_>, i: &Instruction, double: bool, nearest: bool) -> Emitted {
    let to = e.vector(i, 0)?;
    e.push_vector(i, 1)?;
    if nearest {
        if double {
            e.w().f64x2_nearest()
        } else {
            e.w().f32x4_nearest()
        };
    }
    e.set_temp(Temp::Va);
    let limit = |e: &mut Emitter<'_>| {
        if double {
            e.w().f64_const(2_147_483_648.0.into()).f64x2_splat();
        } else {
            e.w().f32_const(2_147_483_648.0.into()).f32x4_splat();
        }
    };
    // Saturation is right below; above, and for NaN, the answer is the sign bit.
    e.w().i32_const(i32::MIN).i32x4_splat();
    e.get_temp(Temp::Va);
    if double {
        e.w().i32x4_trunc_sat_f64x2_s_zero()
    } else {
        e.w().i32x4_trunc_sat_f32x4_s()
    };
    e.get_temp(Temp::Va);
    limit(e);
    if double {
        e.w().f64x2_lt()
    } else {
        e.w().f32x4_lt()
    };
    e.w().v128_not();
    if double {
        // One mask of 64 bits per double, narrowed to the 32-bit lanes; nothing in the upper two.
        e.w().v128_const(0).i8x16_shuffle([0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23]);
    }
    e.w().v128_bitselect();
    e.set(to);
    Ok(())
}
