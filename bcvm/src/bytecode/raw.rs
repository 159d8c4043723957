//! GHC's instruction stream: halfwords, the opcode in the low byte, large operands of four halfwords.
//!
//! Truth: `compiler/GHC/ByteCode/Asm.hs` (`assembleI`, `largeArg`) and the `BCO_GET_LARGE_ARG` of
//! `rts/Interpreter.c`.

use super::table::{Bci, MAX_OPERANDS};
use alloc::vec::Vec;

/// The bit of an opcode word that makes its large operands four halfwords long (`bci_FLAG_LARGE_ARGS`).
pub const FLAG_LARGE_ARGS: u16 = 0x8000;

/// An instruction with its operands in stream order; those it doesn't have are 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instr {
    /// Which instruction.
    pub op: Bci,
    /// Operand values; a signed one is sign-extended.
    pub args: [u64; MAX_OPERANDS],
}

/// Why a stream does not decode.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RawError {
    /// No instruction has this number.
    #[error("opcode word {0:#06x} is no instruction of GHC 9.0.2")]
    BadOpcode(u16),
    /// The stream ends within the instruction.
    #[error("{0:?} is cut off by the end of the code")]
    Truncated(Bci),
    /// An operand is larger than this machine supports.
    #[error("operand {1} of {0:?} is too large")]
    TooLarge(Bci, u64),
}

impl Instr {
    /// An instruction from its operands; missing ones are 0.
    pub fn new(op: Bci, operands: &[u64]) -> Instr {
        let mut args = [0; MAX_OPERANDS];
        for (to, from) in args.iter_mut().zip(operands) {
            *to = *from;
        }
        Instr { op, args }
    }

    /// Decodes the instruction at halfword `at` of `code`; also answers the halfword behind it.
    #[inline]
    pub fn decode(code: &[u16], at: usize) -> Result<(Instr, usize), RawError> {
        let word = code.get(at).copied().unwrap_or(0);
        let op = match Bci::from_number(word as u8) {
            Some(op) if word & 0x7f00 == 0 => op,
            _ => return Err(RawError::BadOpcode(word)),
        };
        let large = word & FLAG_LARGE_ARGS != 0;
        let (mut at, mut args) = (at + 1, [0; MAX_OPERANDS]);
        for (slot, operand) in args.iter_mut().zip(op.operands()) {
            let width = if large && operand.class.is_large() { 4 } else { 1 };
            let halfwords = code.get(at..at + width).ok_or(RawError::Truncated(op))?;
            let value = halfwords.iter().fold(0u64, |v, h| v << 16 | *h as u64);
            *slot = match operand.class {
                super::table::Class::Signed => value as u16 as i16 as i64 as u64,
                _ => value,
            };
            at += width;
        }
        Ok((Instr { op, args }, at))
    }

    /// Whether an operand needs the large form.
    fn needs_large(&self, long_labels: bool) -> bool {
        self.op.operands().iter().zip(self.args).any(|(operand, v)| match operand.class {
            super::table::Class::Label => long_labels,
            class => class.is_large() && v > u16::MAX as u64,
        })
    }

    /// Halfwords of the encoded instruction; `long_labels` says that the code has more than 65,535.
    pub fn encoded_len(&self, long_labels: bool) -> usize {
        let large = self.needs_large(long_labels);
        let operands = self.op.operands().iter();
        1 + operands.map(|o| if large && o.class.is_large() { 4 } else { 1 }).sum::<usize>()
    }

    /// Appends the encoded instruction to `out`.
    pub fn encode(&self, long_labels: bool, out: &mut Vec<u16>) {
        let large = self.needs_large(long_labels);
        out.push(self.op as u16 | if large { FLAG_LARGE_ARGS } else { 0 });
        for (operand, v) in self.op.operands().iter().zip(self.args) {
            if large && operand.class.is_large() {
                out.extend([(v >> 48) as u16, (v >> 32) as u16, (v >> 16) as u16, v as u16]);
            } else {
                out.push(v as u16);
            }
        }
    }
}
