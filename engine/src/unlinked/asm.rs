//! The assembler: instructions with symbolic operands become an [`UnlinkedBco`].
//!
//! Driven by the instruction table of `bcvm`, so that it knows no instruction by name. Truth:
//! `compiler/GHC/ByteCode/Asm.hs` (`assembleBCO`): literals and pointers are numbered in the order of their use and
//! not shared; when the code is longer than 65,535 halfwords all labels become large.

use super::bco::{BcoNPtr, BcoPtr, UnlinkedBco};
use bcvm::bytecode::raw::Instr;
use bcvm::bytecode::table::{Bci, Class, MAX_OPERANDS};
use std::collections::HashMap;

/// A place in the code that a jump may name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Label(pub u32);

/// An operand of an instruction, in the order of the instruction table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Operand {
    /// A number.
    Word(u64),
    /// A new entry of the pointer array.
    Ptr(BcoPtr),
    /// A new entry of the literal array.
    Lit(BcoNPtr),
    /// Where to jump.
    Label(Label),
}

/// A line of assembly.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Line {
    /// An instruction.
    Op(Bci, Vec<Operand>),
    /// A jump goes here.
    Label(Label),
}

/// A BCO to assemble.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProtoBco {
    /// See [`UnlinkedBco::name`].
    pub name: String,
    /// See [`UnlinkedBco::arity`].
    pub arity: u32,
    /// One flag a word of the stack at entry, from the top: whether it is something else than a pointer.
    pub non_pointers: Vec<bool>,
    /// The code.
    pub code: Vec<Line>,
}

/// Why a BCO can't be assembled.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AsmError {
    /// An offset or a count does not fit its halfword.
    #[error("`{bco}` is too large for byte code: operand {value} of {op:?} does not fit 16 bits")]
    OperandTooLarge {
        /// The BCO.
        bco: String,
        /// The instruction.
        op: Bci,
        /// The operand.
        value: u64,
    },
    /// A jump goes nowhere, or an instruction has operands that are not its own: a bug in the lowering.
    #[error("`{bco}`: {op:?} has operands {operands:?}, which it can't have")]
    BadOperands {
        /// The BCO.
        bco: String,
        /// The instruction.
        op: Bci,
        /// The operands.
        operands: Vec<Operand>,
    },
}

/// Assembles a BCO.
pub fn assemble(proto: ProtoBco) -> Result<UnlinkedBco, AsmError> {
    let ProtoBco { name, arity, non_pointers, code } = proto;
    let mut arrays = Arrays::default();
    let mut instrs = Vec::with_capacity(code.len());
    for line in code {
        instrs.push(match line {
            Line::Label(label) => Item::Label(label),
            Line::Op(op, operands) => arrays.number(&name, op, operands)?,
        });
    }
    let (labels, long) = match place(&instrs, false) {
        (labels, len) if len <= u16::MAX as usize => (labels, false),
        _ => (place(&instrs, true).0, true),
    };
    let mut stream = Vec::new();
    for item in &instrs {
        let Item::Op { mut instr, target } = *item else { continue };
        if let Some((operand, label)) = target {
            let at = labels.get(&label).copied();
            instr.args[operand] = at.ok_or_else(|| AsmError::BadOperands {
                bco: name.clone(),
                op: instr.op,
                operands: vec![Operand::Label(label)],
            })? as u64;
        }
        instr.encode(long, &mut stream);
    }
    Ok(UnlinkedBco { name, arity, instrs: stream, bitmap: bitmap(&non_pointers), lits: arrays.lits, ptrs: arrays.ptrs })
}

/// An instruction whose arrays are known, its jump target not yet.
enum Item {
    Op { instr: Instr, target: Option<(usize, Label)> },
    Label(Label),
}

#[derive(Default)]
struct Arrays {
    lits: Vec<BcoNPtr>,
    ptrs: Vec<BcoPtr>,
}

impl Arrays {
    /// Puts an instruction's literals and pointers into the arrays and checks the other operands.
    fn number(&mut self, bco: &str, op: Bci, operands: Vec<Operand>) -> Result<Item, AsmError> {
        let classes = op.operands();
        let fits = |(operand, class): (&Operand, Class)| {
            matches!(
                (operand, class),
                (Operand::Ptr(_), Class::Ptr)
                    | (Operand::Lit(_), Class::Lit)
                    | (Operand::Label(_), Class::Label)
                    | (Operand::Word(_), Class::Off | Class::ByteOff | Class::Small | Class::Signed | Class::Count)
            )
        };
        if operands.len() != classes.len() || !operands.iter().zip(classes.iter().map(|o| o.class)).all(fits) {
            return Err(AsmError::BadOperands { bco: bco.into(), op, operands });
        }
        let mut args = [0; MAX_OPERANDS];
        let mut target = None;
        for (i, (operand, class)) in operands.into_iter().zip(classes.iter().map(|o| o.class)).enumerate() {
            args[i] = match operand {
                Operand::Word(value) if !class.is_large() && value > u16::MAX as u64 => {
                    return Err(AsmError::OperandTooLarge { bco: bco.into(), op, value });
                }
                Operand::Word(value) => value,
                Operand::Ptr(ptr) => {
                    self.ptrs.push(ptr);
                    self.ptrs.len() as u64 - 1
                }
                Operand::Lit(lit) => {
                    self.lits.push(lit);
                    self.lits.len() as u64 - 1
                }
                Operand::Label(label) => {
                    target = Some((i, label));
                    0
                }
            };
        }
        Ok(Item::Op { instr: Instr { op, args }, target })
    }
}

/// The halfword of every label, and the length of the code.
fn place(items: &[Item], long_labels: bool) -> (HashMap<Label, usize>, usize) {
    let (mut labels, mut at) = (HashMap::new(), 0);
    for item in items {
        match item {
            Item::Op { instr, .. } => at += instr.encoded_len(long_labels),
            Item::Label(label) => {
                labels.insert(*label, at);
            }
        }
    }
    (labels, at)
}

/// GHC's bitmap: the size, then words of bits, the lowest first.
fn bitmap(non_pointers: &[bool]) -> Vec<u64> {
    let bits = non_pointers
        .chunks(64)
        .map(|chunk| chunk.iter().enumerate().fold(0, |word, (i, non_pointer)| word | (*non_pointer as u64) << i));
    std::iter::once(non_pointers.len() as u64).chain(bits).collect()
}

#[cfg(test)]
mod tests;
