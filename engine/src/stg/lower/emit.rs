//! Code of a BCO under construction: lines, labels, and how much stack they may use.
//!
//! Truth: `mkProtoBCO` of `compiler/GHC/CoreToByteCode.hs` and `bciStackUse` of `compiler/GHC/ByteCode/Instr.hs`:
//! what is pushed is added up and pops are ignored, continuations included, so only functions have to check.

use super::{LowerError, asm};
use crate::unlinked::asm::{Label, Line, Operand, ProtoBco};
use crate::unlinked::bco::{BcoNPtr, BcoPtr, UnlinkedBco};
use bcvm::bytecode::Bci;

/// Stack words that a function may use unchecked (`INTERP_STACK_CHECK_THRESH`): the interpreter has them ready.
const UNCHECKED_WORDS: u64 = 50;

/// Stack words from which a continuation checks for itself (`AP_STACK_SPLIM`).
const CONTINUATION_WORDS: u64 = 1024;

/// What a BCO is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It is entered as a function or thunk.
    Function,
    /// It is returned to.
    Continuation,
}

/// Code under construction.
#[derive(Default)]
pub struct Code {
    lines: Vec<Line>,
    labels: u32,
    stack_words: u64,
}

impl Code {
    /// Appends an instruction with numbers as operands.
    pub fn op(&mut self, op: Bci, operands: &[u64]) {
        self.push(op, operands.iter().map(|n| Operand::Word(*n)).collect());
    }

    /// Appends an instruction whose first operand is a literal.
    pub fn op_lit(&mut self, op: Bci, lit: BcoNPtr, operands: &[u64]) {
        let rest = operands.iter().map(|n| Operand::Word(*n));
        self.push(op, std::iter::once(Operand::Lit(lit)).chain(rest).collect());
    }

    /// Appends an instruction whose operand is a pointer.
    pub fn op_ptr(&mut self, op: Bci, ptr: BcoPtr) {
        self.push(op, vec![Operand::Ptr(ptr)]);
    }

    /// Appends a conditional jump.
    pub fn test(&mut self, op: Bci, against: Operand, fail: Label) {
        self.push(op, vec![against, Operand::Label(fail)]);
    }

    /// Pushes a case continuation that itself may use so many words.
    pub fn push_alts(&mut self, op: Bci, alts: UnlinkedBco, alts_words: u64) {
        self.stack_words += alts_words;
        self.op_ptr(op, BcoPtr::Bco(Box::new(alts)));
    }

    /// Drops `by` words under the top `n`.
    pub fn slide(&mut self, n: u64, by: u64) {
        if by > 0 {
            self.op(Bci::SLIDE, &[n, by]);
        }
    }

    /// A new label.
    pub fn label(&mut self) -> Label {
        self.labels += 1;
        Label(self.labels)
    }

    /// Puts a label here.
    pub fn place(&mut self, label: Label) {
        self.lines.push(Line::Label(label));
    }

    fn push(&mut self, op: Bci, operands: Vec<Operand>) {
        self.stack_words += pushed_words(op, &operands);
        self.lines.push(Line::Op(op, operands));
    }

    /// Assembles the code. Also answers the stack words it may use.
    pub fn finish(
        self,
        name: String,
        arity: u32,
        non_pointers: Vec<bool>,
        role: Role,
    ) -> Result<(UnlinkedBco, u64), LowerError> {
        let check = match role {
            Role::Function => self.stack_words >= UNCHECKED_WORDS,
            Role::Continuation => self.stack_words >= CONTINUATION_WORDS,
        };
        let mut code = Vec::with_capacity(self.lines.len() + 1);
        if check {
            code.push(Line::Op(Bci::STKCHECK, vec![Operand::Word(self.stack_words)]));
        }
        join_pushes(self.lines, &mut code);
        Ok((asm::assemble(ProtoBco { name, arity, non_pointers, code })?, self.stack_words))
    }
}

/// Stack words that an instruction pushes; of those that push less than a word, a whole one.
fn pushed_words(op: Bci, operands: &[Operand]) -> u64 {
    use Bci::*;
    match (op, operands) {
        (UNPACK, [Operand::Word(n)]) | (PUSH_UBX, [_, Operand::Word(n)]) => *n,
        (PUSH_ALTS | PUSH_ALTS_P | PUSH_ALTS_N | PUSH_ALTS_F | PUSH_ALTS_D | PUSH_ALTS_L | PUSH_ALTS_V, _) => 2,
        (SLIDE | MKAP | MKPAP | ENTER | JMP | CASEFAIL | STKCHECK, _) => 0,
        (TESTLT_I | TESTEQ_I | TESTLT_W | TESTEQ_W | TESTLT_F | TESTEQ_F, _) => 0,
        (TESTLT_D | TESTEQ_D | TESTLT_P | TESTEQ_P, _) => 0,
        _ => 1,
    }
}

/// Copies lines, two or three PUSH_L in a row joined. Their offsets all count from before the first one.
fn join_pushes(lines: Vec<Line>, out: &mut Vec<Line>) {
    let offset = |line: Option<&Line>, earlier: u64| match line {
        Some(Line::Op(Bci::PUSH_L, operands)) => match operands[..] {
            // An offset into what the earlier ones push has no joined form.
            [Operand::Word(o)] => o.checked_sub(earlier),
            _ => None,
        },
        _ => None,
    };
    let mut at = 0;
    while at < lines.len() {
        let row = [0, 1, 2].map(|i| offset(lines.get(at + i), i as u64));
        let (op, operands) = match row {
            [Some(a), Some(b), Some(c)] => (Bci::PUSH_LLL, vec![a, b, c]),
            [Some(a), Some(b), None] => (Bci::PUSH_LL, vec![a, b]),
            _ => {
                out.push(lines[at].clone());
                at += 1;
                continue;
            }
        };
        at += operands.len();
        out.push(Line::Op(op, operands.into_iter().map(Operand::Word).collect()));
    }
}
