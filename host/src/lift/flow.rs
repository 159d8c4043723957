//! Where control goes after an instruction.

use iced_x86::{FlowControl, Instruction, OpKind, Register};

/// What follows an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// The next one. Calls are here too: they come back.
    Next,
    /// Always this address.
    Goto(u64),
    /// This address or the next instruction.
    Branch(u64),
    /// `jmp [table + reg*8]`: one of the addresses in the table at this address, if it is one.
    Table(u32),
    /// Wherever a register or memory says.
    Indirect,
    /// The caller.
    Return,
    /// Nowhere: not an instruction, or one that never continues.
    Stop,
}

/// Classifies an instruction.
pub fn flow(i: &Instruction) -> Flow {
    match i.flow_control() {
        _ if i.is_invalid() => Flow::Stop,
        FlowControl::Next | FlowControl::Call | FlowControl::IndirectCall => Flow::Next,
        FlowControl::UnconditionalBranch if i.op0_kind() == OpKind::NearBranch64 => Flow::Goto(i.near_branch_target()),
        // `loop` and `jrcxz` branch on no condition code; the translator reports them.
        FlowControl::ConditionalBranch if i.op0_kind() == OpKind::NearBranch64 => Flow::Branch(i.near_branch_target()),
        FlowControl::IndirectBranch => {
            let is_table = i.op0_kind() == OpKind::Memory
                && i.memory_base() == Register::None
                && i.memory_index().is_gpr64()
                && i.memory_index_scale() == 8;
            match u32::try_from(i.memory_displacement64()) {
                Ok(table) if is_table => Flow::Table(table),
                _ => Flow::Indirect,
            }
        }
        FlowControl::Return => Flow::Return,
        _ => Flow::Stop,
    }
}
