//! GHC's instruction stream: halfwords, the opcode in the low byte, large operands of four halfwords.
//!
//! Truth: `compiler/GHC/ByteCode/Asm.hs` (`assembleI`, `largeArg`) and the `BCO_GET_LARGE_ARG` of
//! `rts/Interpreter.c`.

use super::table::{ALL, Bci, Class, MAX_OPERANDS};
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

/// A halfword of a stream: a number, or the two bytes of one in little-endian order.
pub trait Halfword: Copy {
    /// Its value.
    fn value(self) -> u16;
}

impl Halfword for u16 {
    #[inline(always)]
    fn value(self) -> u16 {
        self
    }
}

impl Halfword for [u8; 2] {
    #[inline(always)]
    fn value(self) -> u16 {
        u16::from_le_bytes(self)
    }
}

/// For each opcode byte: how many operands, and a bit for each that is large, and one for each that is signed.
const SHAPES: [Option<Shape>; 256] = {
    let mut shapes = [None; 256];
    let mut i = 0;
    while i < ALL.len() {
        let operands = ALL[i].operands();
        let mut shape = Shape { op: ALL[i], operands: operands.len() as u8, large: 0, signed: 0 };
        let mut o = 0;
        while o < operands.len() {
            shape.large |= (operands[o].class.is_large() as u8) << o;
            shape.signed |= (matches!(operands[o].class, Class::Signed) as u8) << o;
            o += 1;
        }
        shapes[ALL[i] as usize] = Some(shape);
        i += 1;
    }
    shapes
};

/// What decoding must know of an instruction.
#[derive(Clone, Copy)]
struct Shape {
    op: Bci,
    operands: u8,
    large: u8,
    signed: u8,
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
    #[inline(always)]
    pub fn decode<H: Halfword>(code: &[H], at: usize) -> Result<(Instr, usize), RawError> {
        let word = code.get(at).map_or(0, |h| h.value());
        let shape = match SHAPES[word as u8 as usize] {
            Some(shape) if word & 0x7f00 == 0 => shape,
            _ => return Err(RawError::BadOpcode(word)),
        };
        let large = if word & FLAG_LARGE_ARGS != 0 { shape.large } else { 0 };
        let (mut at, mut args) = (at + 1, [0; MAX_OPERANDS]);
        for (i, slot) in args.iter_mut().enumerate().take(shape.operands as usize) {
            let width = if large >> i & 1 != 0 { 4 } else { 1 };
            let halfwords = code.get(at..at + width).ok_or(RawError::Truncated(shape.op))?;
            let value = halfwords.iter().fold(0u64, |v, h| v << 16 | h.value() as u64);
            *slot = if shape.signed >> i & 1 != 0 { value as u16 as i16 as i64 as u64 } else { value };
            at += width;
        }
        Ok((Instr { op: shape.op, args }, at))
    }

    /// Whether an operand needs the large form.
    fn needs_large(&self, long_labels: bool) -> bool {
        self.op.operands().iter().zip(self.args).any(|(operand, v)| match operand.class {
            Class::Label => long_labels,
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
