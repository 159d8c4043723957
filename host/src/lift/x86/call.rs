//! Calls. Whoever calls, what is called is a C function.
//!
//! See Note [Registers at function boundaries] in `convention`.

use iced_x86::{Instruction, OpKind};

use super::Emitted;
use super::mov::adjust_sp;
use crate::lift::convention::{C_CLOBBERS, C_PARAMS, C_RESULTS, CodeKind, home_index};
use crate::lift::emit::{Emitter, Temp, index};
use crate::lift::error::Reason;
use crate::lift::operand::Extend;
use crate::lift::regs::{Reg, Width};

pub(super) fn call(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let target = match i.op0_kind() {
        OpKind::NearBranch64 => {
            let target = u32::try_from(i.near_branch_target()).map_err(|_| Reason::Operand)?;
            if let Some(function) = e.context.entries.get(&target)
                && function.kind != CodeKind::C
            {
                return Err(Reason::CrossesConventions);
            }
            Some(target)
        }
        OpKind::Register | OpKind::Memory if e.width(i, 0)? == Width::W64 => {
            // The address is read before the stack pointer moves.
            e.push(i, 0, Width::W64, Extend::Any)?;
            e.w().i32_wrap_i64();
            let mem = e.mem(0);
            e.w().i32_load(mem);
            e.set_temp(Temp::A32);
            None
        }
        _ => return Err(Reason::Operand),
    };
    // The slot of the return address; nobody reads it, so nothing is stored.
    adjust_sp(e, -8);
    e.get(Reg::RSP);
    e.w().global_set(home_index(Reg::RSP).unwrap_or_default());
    // GHC sets rax before every call to the number of vectors that it passes; the others need not travel.
    let vectors = match (e.kind, e.known_rax) {
        (CodeKind::Stg, Some(count)) => count,
        _ => u64::MAX,
    };
    for reg in C_PARAMS {
        if reg.is_vector() && u64::from(reg.0 - Reg::XMM0.0) >= vectors {
            e.get_temp(Temp::Zero);
        } else {
            e.get(reg);
        }
    }
    match target {
        Some(target) => match e.context.entries.get(&target) {
            Some(function) => {
                let function = function.index;
                e.w().call(function);
            }
            None => {
                push_code_slot(e, target);
                e.w().call_indirect(index::C_TABLE, index::C_TYPE);
            }
        },
        None => {
            e.get_temp(Temp::A32);
            e.w().call_indirect(index::C_TABLE, index::C_TYPE);
        }
    }
    for &reg in C_RESULTS.iter().rev() {
        e.set(reg);
    }
    adjust_sp(e, 8);
    // GHC relies on nothing but the convention. gcc knows what functions of its own file leave alone and
    // keeps values there across calls, so in C code every register survives, as a local does.
    if e.kind == CodeKind::Stg {
        e.effects.defs = e.effects.defs.or(C_CLOBBERS);
        e.effects.clean = e.effects.clean.or(C_CLOBBERS);
        e.effects.dirty = e.effects.dirty.minus(C_CLOBBERS);
    }
    for flag in [Reg::CF, Reg::PF, Reg::ZF, Reg::SF, Reg::OF] {
        e.flag_known(flag, false);
    }
    Ok(())
}

/// Pushes the table index of code at a known address outside this object: a constant when its definition
/// gave one, else what the code's first four bytes say.
pub fn push_code_slot(e: &mut Emitter<'_>, address: u32) {
    match e.context.placed.outside_slot(address) {
        Some(slot) => {
            e.w().i32_const(slot as i32);
        }
        None => {
            e.w().i32_const(address as i32);
            let mem = e.mem(0);
            e.w().i32_load(mem);
        }
    }
}
