//! Read-modify-write instructions that take part in synchronisation.
//!
//! Guest code runs on one thread at a time, and nothing interrupts a wasm function between two
//! instructions with an effect that guest code could see: plain loads and stores are atomic enough, and the
//! `lock` prefix is ignored everywhere.

use iced_x86::Instruction;
use iced_x86::Register;

use super::{Emitted, add};
use crate::lift::emit::{Emitter, Temp};
use crate::lift::error::Reason;
use crate::lift::flags::{flag_a, flag_b};
use crate::lift::operand::{Dest, Extend};
use crate::lift::regs::{Reg, Width};

/// If the accumulator equals the destination, the destination becomes the source, else the
/// accumulator becomes the destination. Flags as of comparing the two.
pub(super) fn cmpxchg(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let width = e.width(i, 0)?;
    let long = width.is_long();
    let accumulator = match width {
        Width::W8 => Register::AL,
        Width::W16 => Register::AX,
        Width::W32 => Register::EAX,
        Width::W64 => Register::RAX,
    };
    e.push_register(accumulator, Extend::Zero)?;
    e.set_temp(flag_a(width));
    let dest = e.begin_update(i, 0, width, Extend::Zero)?;
    e.set_temp(flag_b(width));
    e.push_register(i.op1_register(), Extend::Any)?;
    e.get_temp(flag_b(width));
    e.get_temp(flag_a(width));
    e.get_temp(flag_b(width));
    if long {
        e.w().i64_eq()
    } else {
        e.w().i32_eq()
    };
    e.tee_temp(Temp::C32);
    e.w().select();
    match dest {
        Dest::Memory(_) => e.end(dest, width)?,
        // A register that stays as it is keeps its upper half too.
        Dest::Register(register) => {
            let whole = Reg::of(register).ok_or(Reason::Operand)?;
            e.get(whole);
            e.set_temp(Temp::A64);
            e.end(dest, width)?;
            e.get(whole);
            e.get_temp(Temp::A64);
            e.get_temp(Temp::C32);
            e.w().select();
            e.set(whole);
        }
    }
    // When equal the accumulator stays as it is, its upper half included. A destination that is the
    // accumulator itself has just been written.
    if !matches!(dest, Dest::Register(register) if Reg::of(register) == Some(Reg::RAX)) {
        e.get(Reg::RAX);
        e.set_temp(Temp::A64);
        e.get_temp(flag_b(width));
        e.pop_register(accumulator)?;
        e.get_temp(Temp::A64);
        e.get(Reg::RAX);
        e.get_temp(Temp::C32);
        e.w().select();
        e.set(Reg::RAX);
    }
    e.flags_from_compare(width);
    Ok(())
}

/// The destination becomes the sum, the source the old destination.
pub(super) fn xadd(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let width = e.width(i, 0)?;
    let dest = e.begin_update(i, 0, width, Extend::Any)?;
    e.set_temp(flag_a(width));
    e.push_register(i.op1_register(), Extend::Any)?;
    e.set_temp(flag_b(width));
    let sum = |e: &mut Emitter<'_>| {
        e.get_temp(flag_a(width));
        e.get_temp(flag_b(width));
        add(e, width);
    };
    if let Dest::Register(_) = dest {
        // With one register for both, the sum is what remains.
        e.get_temp(flag_a(width));
        e.pop_register(i.op1_register())?;
        sum(e);
        e.end(dest, width)?;
    } else {
        sum(e);
        e.end(dest, width)?;
        e.get_temp(flag_a(width));
        e.pop_register(i.op1_register())?;
    }
    e.flags_from_sum(width);
    Ok(())
}
