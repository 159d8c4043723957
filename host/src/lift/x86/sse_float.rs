//! Floating arithmetic and comparison, and bitwise logic on whole registers.

// Note [Scalar floating point in vectors]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// Scalar instructions change the low lane of an xmm register and keep the rest. They take the lane out,
// compute, and put it back; the compiler recognises that. A register holds a float or a double only by
// what is done to it, so nothing is tracked about types.
//
// Which NaN an operation yields is not specified by wasm. The compiler uses the processor's own
// instructions, so in practice it is the same NaN, except that commuted operands may pick the other
// payload. Nothing in GHC's world looks.

use iced_x86::{Instruction, Mnemonic as M, OpKind};

use super::Emitted;
use crate::lift::emit::{Emitter, Temp};
use crate::lift::error::Reason;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Add,
    Sub,
    Mul,
    Div,
    Min,
    Max,
    Sqrt,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    ScalarFloat,
    ScalarDouble,
    PackedFloat,
    PackedDouble,
}

fn arithmetic(mnemonic: M) -> Option<(Op, Shape)> {
    use Op::{Add, Div, Max, Min, Mul, Sqrt, Sub};
    use Shape::{PackedDouble, PackedFloat, ScalarDouble, ScalarFloat};
    Some(match mnemonic {
        M::Addss => (Add, ScalarFloat),
        M::Addsd => (Add, ScalarDouble),
        M::Addps => (Add, PackedFloat),
        M::Addpd => (Add, PackedDouble),
        M::Subss => (Sub, ScalarFloat),
        M::Subsd => (Sub, ScalarDouble),
        M::Subps => (Sub, PackedFloat),
        M::Subpd => (Sub, PackedDouble),
        M::Mulss => (Mul, ScalarFloat),
        M::Mulsd => (Mul, ScalarDouble),
        M::Mulps => (Mul, PackedFloat),
        M::Mulpd => (Mul, PackedDouble),
        M::Divss => (Div, ScalarFloat),
        M::Divsd => (Div, ScalarDouble),
        M::Divps => (Div, PackedFloat),
        M::Divpd => (Div, PackedDouble),
        M::Minss => (Min, ScalarFloat),
        M::Minsd => (Min, ScalarDouble),
        M::Minps => (Min, PackedFloat),
        M::Minpd => (Min, PackedDouble),
        M::Maxss => (Max, ScalarFloat),
        M::Maxsd => (Max, ScalarDouble),
        M::Maxps => (Max, PackedFloat),
        M::Maxpd => (Max, PackedDouble),
        M::Sqrtss => (Sqrt, ScalarFloat),
        M::Sqrtsd => (Sqrt, ScalarDouble),
        M::Sqrtps => (Sqrt, PackedFloat),
        M::Sqrtpd => (Sqrt, PackedDouble),
        _ => return None,
    })
}

pub(super) fn emit(e: &mut Emitter<'_>, i: &Instruction) -> Option<Emitted> {
    if let Some((op, shape)) = arithmetic(i.mnemonic()) {
        return Some(compute(e, i, op, shape));
    }
    Some(match i.mnemonic() {
        M::Andps
        | M::Andpd
        | M::Pand
        | M::Orps
        | M::Orpd
        | M::Por
        | M::Xorps
        | M::Xorpd
        | M::Pxor
        | M::Andnps
        | M::Andnpd
        | M::Pandn => logic(e, i),
        M::Ucomiss | M::Comiss => order(e, i, false),
        M::Ucomisd | M::Comisd => order(e, i, true),
        M::Cmpss => compare(e, i, Shape::ScalarFloat),
        M::Cmpsd => compare(e, i, Shape::ScalarDouble),
        M::Cmpps => compare(e, i, Shape::PackedFloat),
        M::Cmppd => compare(e, i, Shape::PackedDouble),
        _ => return None,
    })
}

fn compute(e: &mut Emitter<'_>, i: &Instruction, op: Op, shape: Shape) -> Emitted {
    let to = e.vector(i, 0)?;
    let unary = op == Op::Sqrt;
    let whole = matches!(shape, Shape::PackedFloat | Shape::PackedDouble);
    if whole || matches!(op, Op::Min | Op::Max) {
        // Minimum and maximum answer the second operand when the operands are unordered or both zero: wasm's
        // pseudo-minimum with the operands exchanged, which exists for vectors only.
        e.push_vector(i, 1)?;
        if !unary {
            e.set_temp(Temp::Va);
            e.get(to);
            e.get_temp(Temp::Va);
        }
        if matches!(op, Op::Min | Op::Max) {
            e.set_temp(Temp::Vb);
            e.set_temp(Temp::Va);
            e.get_temp(Temp::Vb);
            e.get_temp(Temp::Va);
        }
        let double = matches!(shape, Shape::PackedDouble | Shape::ScalarDouble);
        match (op, double) {
            (Op::Add, false) => e.w().f32x4_add(),
            (Op::Add, true) => e.w().f64x2_add(),
            (Op::Sub, false) => e.w().f32x4_sub(),
            (Op::Sub, true) => e.w().f64x2_sub(),
            (Op::Mul, false) => e.w().f32x4_mul(),
            (Op::Mul, true) => e.w().f64x2_mul(),
            (Op::Div, false) => e.w().f32x4_div(),
            (Op::Div, true) => e.w().f64x2_div(),
            (Op::Min, false) => e.w().f32x4_pmin(),
            (Op::Min, true) => e.w().f64x2_pmin(),
            (Op::Max, false) => e.w().f32x4_pmax(),
            (Op::Max, true) => e.w().f64x2_pmax(),
            (Op::Sqrt, false) => e.w().f32x4_sqrt(),
            (Op::Sqrt, true) => e.w().f64x2_sqrt(),
        };
        if !whole {
            e.set_temp(Temp::Va);
            e.get(to);
            e.get_temp(Temp::Va);
            if double {
                e.w().f64x2_extract_lane(0).f64x2_replace_lane(0);
            } else {
                e.w().f32x4_extract_lane(0).f32x4_replace_lane(0);
            }
        }
    } else if shape == Shape::ScalarDouble {
        e.get(to);
        if !unary {
            e.get(to);
            e.w().f64x2_extract_lane(0);
        }
        e.push_double(i, 1)?;
        match op {
            Op::Add => e.w().f64_add(),
            Op::Sub => e.w().f64_sub(),
            Op::Mul => e.w().f64_mul(),
            Op::Div => e.w().f64_div(),
            _ => e.w().f64_sqrt(),
        };
        e.w().f64x2_replace_lane(0);
    } else {
        e.get(to);
        if !unary {
            e.get(to);
            e.w().f32x4_extract_lane(0);
        }
        e.push_float(i, 1)?;
        match op {
            Op::Add => e.w().f32_add(),
            Op::Sub => e.w().f32_sub(),
            Op::Mul => e.w().f32_mul(),
            Op::Div => e.w().f32_div(),
            _ => e.w().f32_sqrt(),
        };
        e.w().f32x4_replace_lane(0);
    }
    e.set(to);
    Ok(())
}

fn logic(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let to = e.vector(i, 0)?;
    let exclusive = matches!(i.mnemonic(), M::Xorps | M::Xorpd | M::Pxor);
    if exclusive && i.op1_kind() == OpKind::Register && i.op0_register() == i.op1_register() {
        e.w().v128_const(0);
        e.set(to);
        return Ok(());
    }
    match i.mnemonic() {
        M::Andnps | M::Andnpd | M::Pandn => {
            // Not the destination, and the source: wasm complements its second operand.
            e.push_vector(i, 1)?;
            e.get(to);
            e.w().v128_andnot();
        }
        mnemonic => {
            e.get(to);
            e.push_vector(i, 1)?;
            match mnemonic {
                M::Andps | M::Andpd | M::Pand => e.w().v128_and(),
                M::Orps | M::Orpd | M::Por => e.w().v128_or(),
                _ => e.w().v128_xor(),
            };
        }
    }
    e.set(to);
    Ok(())
}

/// `ucomis*` and `comis*` differ only in exceptions that are masked.
fn order(e: &mut Emitter<'_>, i: &Instruction, double: bool) -> Emitted {
    for (operand, temp) in [(0, Temp::FlagAf), (1, Temp::FlagBf)] {
        if double {
            e.push_double(i, operand)?;
        } else {
            // Widening is exact and keeps every ordering.
            e.push_float(i, operand)?;
            e.w().f64_promote_f32();
        }
        e.set_temp(temp);
    }
    e.flags_from_float();
    Ok(())
}

fn compare(e: &mut Emitter<'_>, i: &Instruction, shape: Shape) -> Emitted {
    let to = e.vector(i, 0)?;
    let predicate = i.immediate(2);
    if predicate > 7 {
        return Err(Reason::Operand);
    }
    let double = matches!(shape, Shape::PackedDouble | Shape::ScalarDouble);
    e.push_vector(i, 1)?;
    e.set_temp(Temp::Vb);
    e.get(to);
    e.set_temp(Temp::Va);
    let operands = |e: &mut Emitter<'_>| {
        e.get_temp(Temp::Va);
        e.get_temp(Temp::Vb);
    };
    match predicate & 3 {
        0 => {
            operands(e);
            if double {
                e.w().f64x2_eq()
            } else {
                e.w().f32x4_eq()
            };
        }
        1 => {
            operands(e);
            if double {
                e.w().f64x2_lt()
            } else {
                e.w().f32x4_lt()
            };
        }
        2 => {
            operands(e);
            if double {
                e.w().f64x2_le()
            } else {
                e.w().f32x4_le()
            };
        }
        // Unordered: one of the operands differs from itself.
        _ => {
            for temp in [Temp::Va, Temp::Vb] {
                e.get_temp(temp);
                e.get_temp(temp);
                if double {
                    e.w().f64x2_ne()
                } else {
                    e.w().f32x4_ne()
                };
            }
            e.w().v128_or();
        }
    }
    if predicate & 4 != 0 {
        e.w().v128_not();
    }
    match shape {
        Shape::ScalarDouble => {
            e.set_temp(Temp::Vb);
            e.get_temp(Temp::Va);
            e.get_temp(Temp::Vb);
            e.w().i64x2_extract_lane(0).i64x2_replace_lane(0);
        }
        Shape::ScalarFloat => {
            e.set_temp(Temp::Vb);
            e.get_temp(Temp::Va);
            e.get_temp(Temp::Vb);
            e.w().i32x4_extract_lane(0).i32x4_replace_lane(0);
        }
        _ => {}
    }
    e.set(to);
    Ok(())
}
