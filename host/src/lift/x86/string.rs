//! String instructions, with and without repetition, going upwards.
//!
//! The direction flag is always clear: both conventions require it at calls, and `std` is not supported.
//! Loops are written as loops of single elements; wasm's bulk instructions are never used, since the
//! engine runs them in the host, which must not touch guest pages that are not committed.

use iced_x86::{Instruction, Mnemonic as M, Register};
use wasm_encoder::BlockType;

use super::Emitted;
use crate::lift::emit::{Emitter, Temp};
use crate::lift::error::Reason;
use crate::lift::flags::{Source, flag_a, flag_b};
use crate::lift::operand::Extend;
use crate::lift::regs::{Reg, Width};

const RCX: Reg = Reg(1);
const FLAGS: [Reg; 5] = [Reg::CF, Reg::PF, Reg::ZF, Reg::SF, Reg::OF];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Move,
    Store,
    Load,
    Scan,
    Compare,
}

fn operation(mnemonic: M) -> Option<(Operation, Width)> {
    use Operation as O;
    Some(match mnemonic {
        M::Movsb => (O::Move, Width::W8),
        M::Movsw => (O::Move, Width::W16),
        M::Movsd => (O::Move, Width::W32),
        M::Movsq => (O::Move, Width::W64),
        M::Stosb => (O::Store, Width::W8),
        M::Stosw => (O::Store, Width::W16),
        M::Stosd => (O::Store, Width::W32),
        M::Stosq => (O::Store, Width::W64),
        M::Lodsb => (O::Load, Width::W8),
        M::Lodsw => (O::Load, Width::W16),
        M::Lodsd => (O::Load, Width::W32),
        M::Lodsq => (O::Load, Width::W64),
        M::Scasb => (O::Scan, Width::W8),
        M::Scasw => (O::Scan, Width::W16),
        M::Scasd => (O::Scan, Width::W32),
        M::Scasq => (O::Scan, Width::W64),
        M::Cmpsb => (O::Compare, Width::W8),
        M::Cmpsw => (O::Compare, Width::W16),
        M::Cmpsd => (O::Compare, Width::W32),
        M::Cmpsq => (O::Compare, Width::W64),
        _ => return None,
    })
}

fn accumulator(width: Width) -> Register {
    match width {
        Width::W8 => Register::AL,
        Width::W16 => Register::AX,
        Width::W32 => Register::EAX,
        Width::W64 => Register::RAX,
    }
}

pub(super) fn emit(e: &mut Emitter<'_>, i: &Instruction) -> Emitted {
    let (operation, width) = operation(i.mnemonic()).ok_or(Reason::Instruction)?;
    // A 32-bit address size would count in ecx and move esi and edi.
    if (0..i.op_count()).any(|n| {
        use iced_x86::OpKind as K;
        matches!(i.op_kind(n), K::MemorySegESI | K::MemoryESEDI | K::MemorySegSI | K::MemoryESDI)
    }) {
        return Err(Reason::Operand);
    }
    let compares = matches!(operation, Operation::Scan | Operation::Compare);
    if !i.has_rep_prefix() && !i.has_repne_prefix() {
        once(e, operation, width)?;
        if compares {
            e.flags_from_compare(width);
        }
        return Ok(());
    }
    // Everything the loop changes is read first, so that nothing looks overwritten when no round runs.
    for reg in [RCX, Reg::RSI, Reg::RDI] {
        e.note_use(reg);
    }
    if compares {
        for flag in FLAGS {
            if e.flags.wants(&[flag]) {
                e.materialise(flag);
            }
        }
        e.w().i32_const(0);
        e.set_temp(Temp::C32);
    }
    let stores_before = e.effects.stores;
    e.w().block(BlockType::Empty).loop_(BlockType::Empty);
    e.get(RCX);
    e.w().i64_eqz().br_if(1);
    once(e, operation, width)?;
    e.get(RCX);
    e.w().i64_const(1).i64_sub();
    e.set(RCX);
    if compares {
        e.w().i32_const(1);
        e.set_temp(Temp::C32);
        e.push_flag_from(Reg::ZF, Source::Compare(width));
        if i.has_repne_prefix() {
            e.w().i32_eqz();
        }
        e.w().br_if(0);
    } else {
        e.w().br(0);
    }
    e.w().end().end();
    // There may have been no round.
    e.effects.stores = stores_before;
    if compares {
        for flag in FLAGS {
            if e.flags.wants(&[flag]) {
                e.push_flag_from(flag, Source::Compare(width));
                e.push_flag(flag);
                e.get_temp(Temp::C32);
                e.w().select();
                e.set_flag(flag);
            } else {
                e.flag_known(flag, false);
            }
        }
    }
    Ok(())
}

fn push_pointer(e: &mut Emitter<'_>, reg: Reg) {
    e.get(reg);
    e.w().i32_wrap_i64();
}

fn advance(e: &mut Emitter<'_>, reg: Reg, width: Width) {
    e.get(reg);
    e.w().i64_const(width.bytes().into()).i64_add();
    e.set(reg);
}

/// One element. Comparisons leave their operands in FlagA and FlagB.
fn once(e: &mut Emitter<'_>, operation: Operation, width: Width) -> Emitted {
    match operation {
        Operation::Move => {
            push_pointer(e, Reg::RDI);
            push_pointer(e, Reg::RSI);
            e.load(0, width, Extend::Any);
            e.store(0, width);
            advance(e, Reg::RSI, width);
            advance(e, Reg::RDI, width);
        }
        Operation::Store => {
            push_pointer(e, Reg::RDI);
            e.push_register(accumulator(width), Extend::Any)?;
            e.store(0, width);
            advance(e, Reg::RDI, width);
        }
        Operation::Load => {
            push_pointer(e, Reg::RSI);
            e.load(0, width, Extend::Any);
            e.pop_register(accumulator(width))?;
            advance(e, Reg::RSI, width);
        }
        Operation::Scan => {
            e.push_register(accumulator(width), Extend::Any)?;
            e.set_temp(flag_a(width));
            push_pointer(e, Reg::RDI);
            e.load(0, width, Extend::Any);
            e.set_temp(flag_b(width));
            advance(e, Reg::RDI, width);
        }
        Operation::Compare => {
            push_pointer(e, Reg::RSI);
            e.load(0, width, Extend::Any);
            e.set_temp(flag_a(width));
            push_pointer(e, Reg::RDI);
            e.load(0, width, Extend::Any);
            e.set_temp(flag_b(width));
            advance(e, Reg::RSI, width);
            advance(e, Reg::RDI, width);
        }
    }
    Ok(())
}
