//! Superinstructions: frequent sequences run as one.
//!
//! See Note [The internal form] in `code` for how they leave GHC's form intact.

use super::table::Bci;
use crate::interp::control::Next;
use crate::interp::machine::Machine;
use crate::interp::regs::Regs;

/// A superinstruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fused {}

impl Fused {
    /// The superinstruction of this opcode byte.
    #[inline(always)]
    pub const fn from_number(_: u8) -> Option<Fused> {
        None
    }
}

/// Runs a superinstruction.
#[inline(always)]
pub fn run(f: Fused, _: &mut Machine, _: &mut Regs, _: u64) -> Option<Next> {
    match f {}
}

/// The instruction whose place the opcode byte `op` took, itself if it is one of GHC's.
#[inline]
pub const fn original(op: u8) -> Option<Bci> {
    Bci::from_number(op)
}

/// Replaces what it can in the BCO at `bco` by superinstructions.
pub fn fuse(_: &mut crate::mem::Mem, _: crate::word::Addr) {}
