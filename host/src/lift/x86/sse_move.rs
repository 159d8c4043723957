//! Moves of xmm registers: whole, in parts, to and from general registers.
//!
//! Alignment is not checked: the processor's fault on a misaligned `movaps` is not reproduced.

use iced_x86::{Instruction, Mnemonic as M, OpKind};

use super::Emitted;
use crate::lift::emit::{Emitter, Temp};
use crate::lift::error::Reason;
use crate::lift::operand::Extend;
use crate::lift::regs::{Reg, Width};

pub(super) fn emit(e: &mut Emitter<'_>, i: &Instruction) -> Option<Emitted> {
    Some(match i.mnemonic() {
        M::Movaps | M::Movapd | M::Movups | M::Movupd | M::Movdqa | M::Movdqu | M::Lddqu => whole(e, i),
        M::Movntps | M::Movntpd | M::Movntdq => whole(e, i),
        M::Movss => scalar(e, i, 4),
        M::Movsd => scalar(e, i, 8),
        M::Movd => integer(e, i),
        M::Movq => quad(e, i),
        M::Movlps | M::Movlpd => half(e, i, 0),
        M::Movhps | M::Movhpd => half(e, i, 1),
        M::Movmskps | M::Movmskpd | M::Pmovmskb => mask(e, i),
        _ => return None,
    })
}

fn whole(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    if i.op0_kind() == OpKind::Memory {
        if i.memory_size().size() != 16 {
            return Err(Reason::Operand);
        }
        let from = e.vector(i, 1)?;
        let offset = e.push_address(i)?;
        e.get(from);
        let mem = e.mem_store(offset);
        e.w().v128_store(mem);
        return Ok(());
    }
    let to = e.vector(i, 0)?;
    e.push_vector(i, 1)?;
    e.set(to);
    Ok(())
}

/// Register to register keeps the rest of the destination; from memory clears it.
fn scalar(e: &mut Emitter<'_>, i: &Instruction, size: u32) -> Emitted {
    if i.op0_kind() == OpKind::Memory {
        let from = e.vector(i, 1)?;
        return store_lane(e, i, from, size, 0);
    }
    let to = e.vector(i, 0)?;
    if i.op1_kind() == OpKind::Memory {
        e.push_vector(i, 1)?;
    } else {
        e.get(to);
        e.push_vector(i, 1)?;
        if size == 4 {
            e.w().i32x4_extract_lane(0).i32x4_replace_lane(0);
        } else {
            e.w().f64x2_extract_lane(0).f64x2_replace_lane(0);
        }
    }
    e.set(to);
    Ok(())
}

fn store_lane(e: &mut Emitter<'_>, i: &Instruction, from: Reg, size: u32, lane: u8) -> Emitted {
    let offset = e.push_address(i)?;
    e.get(from);
    let mem = e.mem_store(offset);
    if size == 4 {
        e.w().v128_store32_lane(mem, lane)
    } else {
        e.w().v128_store64_lane(mem, lane)
    };
    Ok(())
}

/// `movd`, and `movq` in its form for general registers.
fn integer(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    if let Ok(to) = e.vector(i, 0) {
        let width = e.width(i, 1)?;
        e.push(i, 1, width, Extend::Any)?;
        e.set_temp(if width.is_long() { Temp::A64 } else { Temp::A32 });
        e.w().v128_const(0);
        match width {
            Width::W64 => {
                e.get_temp(Temp::A64);
                e.w().i64x2_replace_lane(0);
            }
            Width::W32 => {
                e.get_temp(Temp::A32);
                e.w().i32x4_replace_lane(0);
            }
            _ => return Err(Reason::Operand),
        }
        e.set(to);
        return Ok(());
    }
    let from = e.vector(i, 1)?;
    let width = e.width(i, 0)?;
    let dest = e.begin(i, 0)?;
    e.get(from);
    match width {
        Width::W64 => e.w().i64x2_extract_lane(0),
        Width::W32 => e.w().i32x4_extract_lane(0),
        _ => return Err(Reason::Operand),
    };
    e.end(dest, width)
}

fn quad(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    match (e.vector(i, 0), e.vector(i, 1)) {
        (Ok(to), Ok(from)) => {
            e.w().v128_const(0);
            e.get(from);
            e.w().i64x2_extract_lane(0).i64x2_replace_lane(0);
            e.set(to);
            Ok(())
        }
        (Ok(to), Err(_)) if i.op1_kind() == OpKind::Memory => {
            e.push_vector(i, 1)?;
            e.set(to);
            Ok(())
        }
        (Err(_), Ok(from)) if i.op0_kind() == OpKind::Memory => store_lane(e, i, from, 8, 0),
        (Err(_), Err(_)) => Err(Reason::Operand),
        _ => integer(e, i),
    }
}

/// Half a register to or from memory; the other half stays.
fn half(e: &mut Emitter<'_>, i: &Instruction, lane: u8) -> Emitted {
    if i.op0_kind() == OpKind::Memory {
        let from = e.vector(i, 1)?;
        return store_lane(e, i, from, 8, lane);
    }
    let to = e.vector(i, 0)?;
    let offset = e.push_address(i)?;
    e.get(to);
    let mem = e.mem(offset);
    e.w().v128_load64_lane(mem, lane);
    e.set(to);
    Ok(())
}

fn mask(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let from = e.vector(i, 1)?;
    e.get(from);
    match i.mnemonic() {
        M::Movmskps => e.w().i32x4_bitmask(),
        M::Movmskpd => e.w().i64x2_bitmask(),
        _ => e.w().i8x16_bitmask(),
    };
    if i.op0_register().size() == 8 {
        e.w().i64_extend_i32_u();
    }
    e.pop_register(i.op0_register())
}
