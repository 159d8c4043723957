//! Moves: general registers and memory, extensions, exchanges, the stack, conditions.

use iced_x86::{Instruction, Mnemonic, OpKind, Register};

use super::Emitted;
use crate::lift::emit::{Emitter, Temp};
use crate::lift::error::Reason;
use crate::lift::operand::Extend;
use crate::lift::regs::{Reg, Width};

pub(super) fn mov(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    // A move into 64 bits with an immediate has no width of its own in memory forms; the destination has.
    let width = e.width(i, 0)?;
    let dest = e.begin(i, 0)?;
    e.push(i, 1, width, Extend::Any)?;
    e.end(dest, width)?;
    if i.op0_kind() == OpKind::Register && !matches!(i.op1_kind(), OpKind::Register | OpKind::Memory) {
        note_constant(e, i.op0_register(), i.immediate(1));
    }
    Ok(())
}

/// Remembers a constant in rax, which before a call says how many vectors are passed.
pub(super) fn note_constant(e: &mut Emitter<'_>, register: Register, value: u64) {
    match register {
        Register::RAX => e.known_rax = Some(value),
        Register::EAX => e.known_rax = Some(value & 0xffff_ffff),
        _ => {}
    }
}

pub(super) fn extend(e: &mut Emitter<'_>, i: &Instruction, signed: bool) -> Emitted {
    let (to, from) = (e.width(i, 0)?, e.width(i, 1)?);
    e.push(i, 1, from, if signed { Extend::Sign } else { Extend::Zero })?;
    if to.is_long() && !from.is_long() {
        if signed {
            e.w().i64_extend_i32_s()
        } else {
            e.w().i64_extend_i32_u()
        };
    }
    e.pop_register(i.op0_register())
}

pub(super) fn lea(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let (base, index) = (i.memory_base(), i.memory_index());
    let displacement = i.memory_displacement64() as i64;
    if i.is_ip_rel_memory_operand() || (base == Register::None && index == Register::None) {
        let cell = u32::try_from(displacement).ok().and_then(|address| e.context.cells.of(address));
        e.w().i64_const(cell.map_or(displacement, i64::from));
    } else {
        if base != Register::None {
            e.get(Reg::of(base).ok_or(Reason::Operand)?);
        }
        if index != Register::None {
            e.get(Reg::of(index).ok_or(Reason::Operand)?);
            let shift = i.memory_index_scale().trailing_zeros();
            if shift > 0 {
                e.w().i64_const(shift.into()).i64_shl();
            }
            if base != Register::None {
                e.w().i64_add();
            }
        }
        if displacement != 0 {
            e.w().i64_const(displacement).i64_add();
        }
    }
    // A 32-bit address size wraps the sum.
    if base.size() == 4 || index.size() == 4 {
        e.w().i64_const(0xffff_ffff).i64_and();
    }
    let to = e.width(i, 0)?;
    if !to.is_long() {
        e.w().i32_wrap_i64();
    }
    e.pop_register(i.op0_register())
}

pub(super) fn xchg(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    // The register may be either operand; memory, if any, is the other.
    let (place, register) = if i.op1_kind() == OpKind::Memory { (1, i.op0_register()) } else { (0, i.op1_register()) };
    let width = e.width(i, place)?;
    let old = if width.is_long() { Temp::A64 } else { Temp::A32 };
    let dest = e.begin_update(i, place, width, Extend::Any)?;
    e.set_temp(old);
    e.push_register(register, Extend::Any)?;
    e.end(dest, width)?;
    e.get_temp(old);
    e.pop_register(register)
}

/// The operand width of push and pop: 64 bits, or 16 with a prefix, which nobody uses.
fn stack_width(i: &Instruction) -> Result<(), Reason> {
    if i.stack_pointer_increment().abs() == 8 { Ok(()) } else { Err(Reason::Operand) }
}

pub(super) fn push(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    stack_width(i)?;
    // The operand is read before rsp changes.
    e.push(i, 0, Width::W64, Extend::Any)?;
    e.set_temp(Temp::A64);
    adjust_sp(e, -8);
    e.get(Reg::RSP);
    e.w().i32_wrap_i64();
    e.get_temp(Temp::A64);
    e.store(0, Width::W64);
    Ok(())
}

pub(super) fn pop(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    stack_width(i)?;
    e.get(Reg::RSP);
    e.w().i32_wrap_i64();
    e.load(0, Width::W64, Extend::Any);
    e.set_temp(Temp::A64);
    // The address of a memory operand is computed after rsp has changed.
    adjust_sp(e, 8);
    let dest = e.begin(i, 0)?;
    e.get_temp(Temp::A64);
    e.end(dest, Width::W64)
}

pub(super) fn leave(e: &mut Emitter<'_>) -> Emitted {
    e.get(Reg::RBP);
    e.w().i32_wrap_i64();
    e.load(0, Width::W64, Extend::Any);
    e.get(Reg::RBP);
    e.w().i64_const(8).i64_add();
    e.set(Reg::RSP);
    e.set(Reg::RBP);
    Ok(())
}

/// Adds a constant to the machine stack pointer.
pub(super) fn adjust_sp(e: &mut Emitter<'_>, by: i64) {
    e.get(Reg::RSP);
    e.w().i64_const(by).i64_add();
    e.set(Reg::RSP);
}

/// The accumulator's extensions, into itself or into rdx.
pub(super) fn convert(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let (from, into) = match i.mnemonic() {
        Mnemonic::Cbw => (Register::AL, Register::AX),
        Mnemonic::Cwde => (Register::AX, Register::EAX),
        Mnemonic::Cdqe => (Register::EAX, Register::RAX),
        Mnemonic::Cwd => (Register::AX, Register::DX),
        Mnemonic::Cdq => (Register::EAX, Register::EDX),
        _ => (Register::RAX, Register::RDX),
    };
    e.push_register(from, Extend::Sign)?;
    match into {
        Register::RAX => {
            e.w().i64_extend_i32_s();
        }
        Register::RDX => {
            e.w().i64_const(63).i64_shr_s();
        }
        Register::DX | Register::EDX => {
            e.w().i32_const(31).i32_shr_s();
        }
        _ => {}
    }
    e.pop_register(into)
}

pub(super) fn is_setcc(mnemonic: Mnemonic) -> bool {
    use Mnemonic as M;
    matches!(
        mnemonic,
        M::Seto
            | M::Setno
            | M::Setb
            | M::Setae
            | M::Sete
            | M::Setne
            | M::Setbe
            | M::Seta
            | M::Sets
            | M::Setns
            | M::Setp
            | M::Setnp
            | M::Setl
            | M::Setge
            | M::Setle
            | M::Setg
    )
}

pub(super) fn is_cmov(mnemonic: Mnemonic) -> bool {
    use Mnemonic as M;
    matches!(
        mnemonic,
        M::Cmovo
            | M::Cmovno
            | M::Cmovb
            | M::Cmovae
            | M::Cmove
            | M::Cmovne
            | M::Cmovbe
            | M::Cmova
            | M::Cmovs
            | M::Cmovns
            | M::Cmovp
            | M::Cmovnp
            | M::Cmovl
            | M::Cmovge
            | M::Cmovle
            | M::Cmovg
    )
}

pub(super) fn setcc(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let dest = e.begin(i, 0)?;
    e.push_condition(i.condition_code());
    e.end(dest, Width::W8)
}

pub(super) fn cmov(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let width = e.width(i, 0)?;
    e.push(i, 1, width, Extend::Any)?;
    e.push_register(i.op0_register(), Extend::Any)?;
    e.push_condition(i.condition_code());
    e.w().select();
    e.pop_register(i.op0_register())
}
