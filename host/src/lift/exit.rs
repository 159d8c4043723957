//! Leaving a function: tail calls, returns, traps.
//!
//! See Note [Registers at function boundaries] in `convention`. Scanning uses the same functions
//! with nothing to write home, so that effects agree with what is emitted.

use iced_x86::{Instruction, OpKind, Register};

use super::blocks::{Target, Terminator};
use super::convention::{CodeKind, home_index};
use super::emit::{Emitter, Temp, index};
use super::error::Reason;
use super::helpers::Helper;
use super::operand::Extend;
use super::regs::{Reg, RegSet, Width};
use super::x86::push_code_slot;

/// Records what a terminator reads. Conventions at edges between blocks are liveness's business.
pub fn scan_terminator(e: &mut Emitter<'_>, end: &Terminator, i: &Instruction) -> Result<(), Reason> {
    match end {
        Terminator::Goto(Target::Block(_)) | Terminator::NoReturn => {}
        Terminator::Goto(Target::Outside(address)) => leave_outside(e, *address, RegSet::EMPTY),
        Terminator::Branch { taken, next } => {
            if i.condition_code() == iced_x86::ConditionCode::None {
                return Err(Reason::Instruction);
            }
            e.push_condition(i.condition_code());
            for target in [taken, next] {
                if let Target::Outside(address) = target {
                    leave_outside(e, *address, RegSet::EMPTY);
                }
            }
        }
        Terminator::Table(_) => e.get(table_index(i)?),
        Terminator::Computed(_) | Terminator::Guessed(_) | Terminator::Indirect => leave_indirect(e, i, RegSet::EMPTY)?,
        Terminator::Return => leave_return(e),
        Terminator::Trap(reason) => return Err(*reason),
    }
    Ok(())
}

/// The register that selects a jump table's entry.
pub fn table_index(i: &Instruction) -> Result<Reg, Reason> {
    Reg::of(i.memory_index()).ok_or(Reason::Operand)
}

/// Writes registers to their homes.
pub fn write_homes(e: &mut Emitter<'_>, dirty: RegSet) {
    for reg in dirty.and(e.kind.homed()).iter() {
        if let Some(home) = home_index(reg) {
            e.get(reg);
            e.w().global_set(home);
        }
    }
}

fn push_params(e: &mut Emitter<'_>, params: &[Reg]) {
    for &reg in params {
        // A live flag is in its own local by now.
        e.get(reg);
    }
}

fn tables(kind: CodeKind) -> (u32, u32) {
    match kind {
        CodeKind::Stg => (index::STG_TABLE, index::STG_TYPE),
        CodeKind::C => (index::C_TABLE, index::C_TYPE),
    }
}

/// Tail-calls a function of this module.
pub fn leave_to(e: &mut Emitter<'_>, function: u32, params: &[Reg], dirty: RegSet) {
    write_homes(e, dirty);
    push_params(e, params);
    e.w().return_call(function);
}

/// Tail-calls code of another object.
pub fn leave_outside(e: &mut Emitter<'_>, address: u32, dirty: RegSet) {
    write_homes(e, dirty);
    push_params(e, e.kind.params());
    push_code_slot(e, address);
    let (table, ty) = tables(e.kind);
    e.w().return_call_indirect(table, ty);
}

/// See Note [Jumps through the register table] in `helpers`.
fn table_jump(i: &Instruction) -> Option<Helper> {
    let plain = i.op0_kind() == OpKind::Memory && i.memory_index() == Register::None;
    let displacement = i.memory_displacement64() as i64;
    (plain && i.memory_base() == Register::R13).then(|| Helper::jump(displacement)).flatten()
}

/// Tail-calls the code whose address a register or memory holds.
pub fn leave_indirect(e: &mut Emitter<'_>, i: &Instruction, dirty: RegSet) -> Result<(), Reason> {
    // Only a whole address will do: `jmp ax` and far jumps are not code anybody generates.
    let wide = match i.op0_kind() {
        OpKind::Register | OpKind::Memory => e.width(i, 0)? == Width::W64,
        _ => false,
    };
    if !wide {
        return Err(Reason::Operand);
    }
    if i.is_ip_rel_memory_operand()
        && let Ok(place) = u32::try_from(i.ip_rel_memory_address())
        && e.context.placed.nowhere(place).is_some()
    {
        return Err(Reason::Nowhere);
    }
    if e.kind == CodeKind::Stg
        && let Some(helper) = table_jump(i)
    {
        let helper = e.context.helper(helper);
        leave_to(e, helper, e.kind.params(), dirty);
        return Ok(());
    }
    write_homes(e, dirty);
    push_params(e, e.kind.params());
    // The low half of the address is all there is.
    if i.op0_kind() == OpKind::Memory {
        let offset = e.push_address(i)?;
        e.load(offset, Width::W32, Extend::Any);
    } else {
        e.push(i, 0, Width::W64, Extend::Any)?;
        e.w().i32_wrap_i64();
    }
    let mem = e.mem(0);
    e.w().i32_load(mem);
    let (table, ty) = tables(e.kind);
    e.w().return_call_indirect(table, ty);
    Ok(())
}

/// Tail-calls the code whose address is in D64.
pub fn leave_to_address(e: &mut Emitter<'_>, dirty: RegSet) {
    write_homes(e, dirty);
    push_params(e, e.kind.params());
    e.get_temp(Temp::D64);
    e.w().i32_wrap_i64();
    let mem = e.mem(0);
    e.w().i32_load(mem);
    let (table, ty) = tables(e.kind);
    e.w().return_call_indirect(table, ty);
}

/// Returns from a C function.
pub fn leave_return(e: &mut Emitter<'_>) {
    push_params(e, e.kind.results());
    e.w().return_();
}

/// Reports an untranslated place and traps.
pub fn leave_trap(e: &mut Emitter<'_>, id: u32) {
    e.w().i32_const(id as i32).call(index::UNSUPPORTED).unreachable();
}
