//! Rearrangements: shuffles, interleaving, packing, single words in and out.

use iced_x86::{Instruction, Mnemonic as M, OpKind};

use super::Emitted;
use crate::lift::emit::Emitter;
use crate::lift::error::Reason;
use crate::lift::operand::Extend;
use crate::lift::regs::Width;

pub(super) fn emit(e: &mut Emitter<'_>, i: &Instruction) -> Option<Emitted> {
    Some(match i.mnemonic() {
        M::Pinsrw => insert_word(e, i),
        M::Pextrw => extract_word(e, i),
        M::Packsswb | M::Packuswb | M::Packssdw => pack(e, i),
        M::Pshufb => pick(e, i),
        _ => match lanes(i)? {
            Ok(lanes) => shuffle(e, i, lanes),
            Err(reason) => Err(reason),
        },
    })
}

/// Where each byte of the result comes from: 0–15 the destination, 16–31 the source.
fn lanes(i: &Instruction) -> Option<Result<[u8; 16], Reason>> {
    let select = |n: usize| (i.immediate8() >> (2 * n) & 3) as usize;
    Some(Ok(match i.mnemonic() {
        M::Punpcklbw => interleave(1, 0),
        M::Punpcklwd => interleave(2, 0),
        M::Punpckldq | M::Unpcklps => interleave(4, 0),
        M::Punpcklqdq | M::Unpcklpd => interleave(8, 0),
        M::Punpckhbw => interleave(1, 8),
        M::Punpckhwd => interleave(2, 8),
        M::Punpckhdq | M::Unpckhps => interleave(4, 8),
        M::Punpckhqdq | M::Unpckhpd => interleave(8, 8),
        M::Movhlps => elements(8, |n| [3, 1][n]),
        M::Movlhps => elements(8, |n| [0, 2][n]),
        M::Pshufd => elements(4, |n| 4 + select(n)),
        M::Pshuflw => elements(2, |n| if n < 4 { 8 + select(n) } else { 8 + n }),
        M::Pshufhw => elements(2, |n| if n < 4 { 8 + n } else { 12 + select(n - 4) }),
        M::Shufps => elements(4, |n| if n < 2 { select(n) } else { 4 + select(n) }),
        M::Shufpd => elements(8, |n| 2 * n + (i.immediate8() >> n & 1) as usize),
        _ => return None,
    }))
}

/// Bytes for elements of `size` bytes, numbered through destination and source.
fn elements(size: usize, from: impl Fn(usize) -> usize) -> [u8; 16] {
    std::array::from_fn(|byte| (from(byte / size) * size + byte % size) as u8)
}

/// Elements of `size` bytes alternately from destination and source, from byte `start` of each.
fn interleave(size: usize, start: usize) -> [u8; 16] {
    elements(size, |n| start / size + n / 2 + if n % 2 == 1 { 16 / size } else { 0 })
}

fn shuffle(e: &mut Emitter<'_>, i: &Instruction, lanes: [u8; 16]) -> Emitted {
    let to = e.vector(i, 0)?;
    e.get(to);
    e.push_vector(i, 1)?;
    e.w().i8x16_shuffle(lanes);
    e.set(to);
    Ok(())
}

fn pack(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let to = e.vector(i, 0)?;
    e.get(to);
    e.push_vector(i, 1)?;
    match i.mnemonic() {
        M::Packsswb => e.w().i8x16_narrow_i16x8_s(),
        M::Packuswb => e.w().i8x16_narrow_i16x8_u(),
        _ => e.w().i16x8_narrow_i32x4_s(),
    };
    e.set(to);
    Ok(())
}

/// Each byte of the source says which byte of the destination comes to its place, or that zero does.
fn pick(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let to = e.vector(i, 0)?;
    e.get(to);
    e.push_vector(i, 1)?;
    // A number that is too large makes zero in WebAssembly; here only the highest bit does.
    e.w().v128_const(i128::from_le_bytes([0x8f; 16])).v128_and().i8x16_swizzle();
    e.set(to);
    Ok(())
}

fn insert_word(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let to = e.vector(i, 0)?;
    e.get(to);
    if i.op1_kind() == OpKind::Memory {
        let offset = e.push_address(i)?;
        e.load(offset, Width::W16, Extend::Any);
    } else {
        e.push_register(i.op1_register(), Extend::Any)?;
        if i.op1_register().size() == 8 {
            e.w().i32_wrap_i64();
        }
    }
    e.w().i16x8_replace_lane(i.immediate8() & 7);
    e.set(to);
    Ok(())
}

fn extract_word(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let from = e.vector(i, 1)?;
    if i.op0_kind() != OpKind::Register {
        return Err(Reason::Operand);
    }
    e.get(from);
    e.w().i16x8_extract_lane_u(i.immediate8() & 7);
    if i.op0_register().size() == 8 {
        e.w().i64_extend_i32_u();
    }
    e.pop_register(i.op0_register())
}
