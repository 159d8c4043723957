//! Decodes GHC's stream into the internal form and checks on the way all that can be decided before it runs.
//!
//! Decidable is: every opcode exists; operands lie within their arrays; jumps land on instructions; the code
//! cannot fall off its end; no instruction reads or drops stack words below those the BCO owns, on any path;
//! the stack is word-aligned wherever a frame may be looked at. What a word *is* cannot be decided: that is
//! contained, not checked (DESIGN §1).

use super::code::{self, HEADER_W};
use super::raw::{Halfword, Instr, RawError};
use super::table::{ALL, Bci, Class};
use crate::word::WORD;
use alloc::vec::Vec;

/// Why code was refused: what is wrong with which instruction.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("instruction at halfword {at}: {reason}")]
pub struct VerifyError {
    /// The halfword where the instruction begins.
    pub at: usize,
    /// What is wrong.
    pub reason: Reason,
}

/// What is wrong with an instruction.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Reason {
    /// It does not decode.
    #[error(transparent)]
    Raw(#[from] RawError),
    /// There is none, or the last one is not the end of control.
    #[error("control runs off the end of the code")]
    FallsOff,
    /// A jump lands between instructions or outside the code.
    #[error("it jumps to halfword {0}, where no instruction begins")]
    BadTarget(u64),
    /// A jump goes back. GHC's never do, so that every run of a BCO ends, and threads need to be stoppable only
    /// where one begins.
    #[error("it jumps back to halfword {0}")]
    JumpsBack(u64),
    /// Two paths reach it with different stacks.
    #[error("it is reached with {0} and with {1} bytes of stack")]
    DepthMismatch(u32, u32),
    /// It needs stack words the BCO does not own.
    #[error("{op:?} needs {need} bytes of stack where the code has {have}")]
    StackUnderflow {
        /// The instruction.
        op: Bci,
        /// Bytes it needs.
        need: u64,
        /// Bytes the code has pushed or was given.
        have: u32,
    },
    /// A frame or object would be built at an address that is not a multiple of 8.
    #[error("{0:?} with a stack that is not a whole number of words")]
    Unaligned(Bci),
    /// It pushes more than any stack can hold.
    #[error("the code pushes more than {0} bytes")]
    TooDeep(u32),
    /// A pointer operand lies beyond the pointer array.
    #[error("{0:?} uses pointer {1} of {2}")]
    NoSuchPtr(Bci, u32, u32),
    /// A literal operand lies beyond the literal array.
    #[error("{0:?} uses literal {1} of {2}")]
    NoSuchLit(Bci, u64, u32),
}

/// The most bytes a BCO may push, far beyond what any compiler makes.
const MAX_PUSH: u32 = 1 << 24;

/// Marks a halfword to which nothing has been seen to jump.
const NONE: u32 = u32::MAX;

/// What an instruction has, from the table: the checks it needs not are not even looked for.
mod has {
    /// It refers to the pointer or literal array.
    pub const INDEX: u8 = 1;
    /// It may jump.
    pub const LABEL: u8 = 2;
    /// It pushes a case continuation.
    pub const ALTS: u8 = 4;
    /// Control never reaches the next instruction.
    pub const END: u8 = 8;
    /// It takes two instruction words.
    pub const TWO_WORDS: u8 = 16;
}

const HAS: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < ALL.len() {
        let op = ALL[i];
        let mut flags = if op.is_terminal() { has::END } else { 0 };
        if alts_extra_words(op).is_some() {
            flags |= has::ALTS;
        }
        if code::len_w(op) == 2 {
            flags |= has::TWO_WORDS;
        }
        let operands = op.operands();
        let mut o = 0;
        while o < operands.len() {
            flags |= match operands[o].class {
                Class::Ptr | Class::Lit => has::INDEX,
                Class::Label => has::LABEL,
                _ => 0,
            };
            o += 1;
        }
        table[op as usize] = flags;
        i += 1;
    }
    table
};

/// How the stack looks when a case continuation is entered: words above those its bitmap describes.
pub const fn alts_extra_words(op: Bci) -> Option<u32> {
    Some(match op {
        Bci::PUSH_ALTS | Bci::PUSH_ALTS_V => 3,
        Bci::PUSH_ALTS_P | Bci::PUSH_ALTS_N | Bci::PUSH_ALTS_F | Bci::PUSH_ALTS_D | Bci::PUSH_ALTS_L => 4,
        _ => return None,
    })
}

/// What is known of a BCO's code once it is translated; checks against arrays that come later use it.
#[derive(Clone, Debug, Default)]
pub struct Translated {
    /// Words the code has at most on the stack above those at entry.
    pub max_growth_w: u32,
    /// The instruction that uses the highest pointer index, and the index.
    pub max_ptr: Option<(usize, Bci, u32)>,
    /// The instruction that uses the highest literal index, and the index.
    pub max_lit: Option<(usize, Bci, u64)>,
}

impl Translated {
    /// Refuses code that uses more pointers or literals than there are.
    pub fn check_arrays(&self, ptrs: u32, lits: u32) -> Result<(), VerifyError> {
        match self.max_ptr {
            Some((at, op, p)) if p >= ptrs => return Err(VerifyError { at, reason: Reason::NoSuchPtr(op, p, ptrs) }),
            _ => {}
        }
        match self.max_lit {
            Some((at, op, l)) if l >= lits as u64 => Err(VerifyError { at, reason: Reason::NoSuchLit(op, l, lits) }),
            _ => Ok(()),
        }
    }
}

/// Translates BCO after BCO, keeping its buffers.
#[derive(Debug, Default)]
pub struct Translator {
    /// The instruction words of the last BCO translated, without header.
    pub words: Vec<u64>,
    /// The pointers that its code uses as case continuations, with their extra words.
    pub alts: Vec<(u32, u32)>,
    /// The halfword and the word at which each instruction begins.
    starts: Vec<(u32, u32)>,
    /// Stack depth at labels by halfword; empty in code without jumps.
    depth_at: Vec<u32>,
    /// Instruction words whose label must be translated, and the halfword of each.
    jumps: Vec<(u32, u32)>,
}

impl Translator {
    /// Translates `code`, which finds `entry_w` words of its own on the stack.
    pub fn translate<H: Halfword>(&mut self, code: &[H], entry_w: u32) -> Result<Translated, VerifyError> {
        self.words.clear();
        self.alts.clear();
        self.jumps.clear();
        self.starts.clear();
        self.depth_at.clear();
        let entry = entry_w.checked_mul(WORD).filter(|n| *n <= MAX_PUSH);
        let entry = entry.ok_or(VerifyError { at: 0, reason: Reason::TooDeep(MAX_PUSH) })?;
        let mut t = Translated::default();
        let (mut at, mut depth, mut deepest) = (0, Some(entry), entry);
        while at < code.len() {
            let start = at;
            let fail = |reason| VerifyError { at: start, reason };
            let (i, next) = Instr::decode(code, at).map_err(|e| fail(e.into()))?;
            let has = HAS[i.op as usize];
            if let Some(&known) = self.depth_at.get(at).filter(|d| **d != NONE) {
                if depth.is_some_and(|d| d != known) {
                    return Err(fail(Reason::DepthMismatch(known, depth.unwrap_or(0))));
                }
                depth = Some(known);
            }
            self.starts.push((at as u32, self.words.len() as u32));
            if let Some(d) = depth {
                let after = stack_effect(&i, d).map_err(fail)?;
                deepest = deepest.max(after);
                depth = Some(after);
            }
            if has & has::INDEX != 0 {
                note_operands(&mut t, &i, start).map_err(fail)?;
            }
            if has & has::ALTS != 0
                && let Some(extra) = alts_extra_words(i.op)
            {
                self.alts.push((i.args[0] as u32, extra));
            }
            if has & has::LABEL != 0 {
                self.note_jump(code.len(), start, target(&i), depth).map_err(fail)?;
            }
            let (word, second) = code::pack(&i).ok_or_else(|| fail(RawError::TooLarge(i.op, i.args[0]).into()))?;
            self.words.push(word);
            if has & has::TWO_WORDS != 0 {
                self.words.push(second);
            }
            at = next;
            if has & has::END != 0 {
                depth = None;
            } else if at == code.len() {
                return Err(fail(Reason::FallsOff));
            }
        }
        if code.is_empty() {
            return Err(VerifyError { at: 0, reason: Reason::FallsOff });
        }
        self.patch_jumps()?;
        t.max_growth_w = (deepest - entry).div_ceil(WORD);
        Ok(t)
    }

    /// Records a jump from `at` to halfword `target`, where the stack is then `depth` bytes deep.
    fn note_jump(&mut self, len: usize, at: usize, target: u64, depth: Option<u32>) -> Result<(), Reason> {
        if target >= len as u64 {
            return Err(Reason::BadTarget(target));
        }
        if target <= at as u64 {
            return Err(Reason::JumpsBack(target));
        }
        if self.depth_at.is_empty() {
            self.depth_at.resize(len, NONE);
        }
        let t = target as usize;
        if let Some(d) = depth {
            let known = self.depth_at[t];
            if known != NONE && known != d {
                return Err(Reason::DepthMismatch(known, d));
            }
            self.depth_at[t] = d;
        }
        self.jumps.push((self.words.len() as u32, target as u32));
        Ok(())
    }

    /// Replaces halfword targets by word targets.
    fn patch_jumps(&mut self) -> Result<(), VerifyError> {
        for &(word, target) in &self.jumps {
            let Ok(found) = self.starts.binary_search_by_key(&target, |(at, _)| *at) else {
                let jump = self.starts.iter().find(|(_, w)| *w == word);
                return Err(VerifyError {
                    at: jump.map_or(0, |(at, _)| *at as usize),
                    reason: Reason::BadTarget(target as u64),
                });
            };
            let to = self.starts[found].1 + HEADER_W;
            let w = &mut self.words[word as usize];
            *w = *w & u32::MAX as u64 | (to as u64) << 32;
        }
        Ok(())
    }
}

/// Where an instruction with a label, which is its last operand, may jump to.
fn target(i: &Instr) -> u64 {
    i.args[i.op.operands().len() - 1]
}

/// Remembers the highest pointer and literal used.
fn note_operands(t: &mut Translated, i: &Instr, at: usize) -> Result<(), Reason> {
    use Bci::*;
    let mut lit = |last: u64| {
        if t.max_lit.is_none_or(|(_, _, m)| last > m) {
            t.max_lit = Some((at, i.op, last));
        }
    };
    let ptr = match i.op {
        PUSH_G | PUSH_ALTS | PUSH_ALTS_P | PUSH_ALTS_N | PUSH_ALTS_F | PUSH_ALTS_D | PUSH_ALTS_L | PUSH_ALTS_V => {
            Some(i.args[0])
        }
        BRK_FUN => {
            lit(i.args[2].max(i.args[3]));
            Some(i.args[0])
        }
        PUSH_UBX if i.args[1] == 0 => None,
        PUSH_UBX => {
            lit(i.args[0].saturating_add(i.args[1] - 1));
            None
        }
        PUSH_UBX8 | PUSH_UBX16 | PUSH_UBX32 | PACK | TESTLT_I | TESTEQ_I | TESTLT_F | TESTEQ_F | TESTLT_D
        | TESTEQ_D | TESTLT_W | TESTEQ_W => {
            lit(i.args[0]);
            None
        }
        CCALL => {
            lit(i.args[1]);
            None
        }
        _ => None,
    };
    if let Some(p) = ptr {
        let p = u32::try_from(p).map_err(|_| RawError::TooLarge(i.op, p))?;
        if t.max_ptr.is_none_or(|(_, _, m)| p > m) {
            t.max_ptr = Some((at, i.op, p));
        }
    }
    Ok(())
}

/// The stack depth in bytes behind an instruction that finds `depth`; checks that it has what it needs.
fn stack_effect(i: &Instr, depth: u32) -> Result<u32, Reason> {
    use Bci::*;
    const W: u64 = WORD as u64;
    let [a, b, c, _] = i.args;
    let (need, pop, push) = match i.op {
        STKCHECK | JMP | CASEFAIL | BRK_FUN => (0, 0, 0),
        PUSH_L => (W * (a + 1), 0, W),
        PUSH_LL => (W * (a.max(b) + 1), 0, 2 * W),
        PUSH_LLL => (W * (a.max(b).max(c) + 1), 0, 3 * W),
        PUSH8 => (a + 1, 0, 1),
        PUSH16 => (a + 2, 0, 2),
        PUSH32 => (a + 4, 0, 4),
        PUSH8_W => (a + 1, 0, W),
        PUSH16_W => (a + 2, 0, W),
        PUSH32_W => (a + 4, 0, W),
        PUSH_PAD8 | PUSH_UBX8 => (0, 0, 1),
        PUSH_PAD16 | PUSH_UBX16 => (0, 0, 2),
        PUSH_PAD32 | PUSH_UBX32 => (0, 0, 4),
        PUSH_UBX => (0, 0, W * b),
        PUSH_G | ALLOC_AP | ALLOC_AP_NOUPD | ALLOC_PAP => (0, 0, W),
        PUSH_ALTS | PUSH_ALTS_P | PUSH_ALTS_N | PUSH_ALTS_F | PUSH_ALTS_D | PUSH_ALTS_L | PUSH_ALTS_V => (0, 0, 2 * W),
        PUSH_APPLY_N | PUSH_APPLY_F | PUSH_APPLY_D | PUSH_APPLY_L | PUSH_APPLY_V | PUSH_APPLY_P | PUSH_APPLY_PP
        | PUSH_APPLY_PPP | PUSH_APPLY_PPPP | PUSH_APPLY_PPPPP | PUSH_APPLY_PPPPPP => (0, 0, W),
        SLIDE => (W * (a + b), W * b, 0),
        MKAP | MKPAP => (W * (a + 1).max(b + 1), W * (b + 1), 0),
        UNPACK => (W, 0, W * a),
        PACK => (W * b, W * b, W),
        TESTLT_I | TESTEQ_I | TESTLT_F | TESTEQ_F | TESTLT_D | TESTEQ_D | TESTLT_W | TESTEQ_W => (2 * W, 0, 0),
        TESTLT_P | TESTEQ_P => (W, 0, 0),
        CCALL => (W * a, 0, 0),
        SWIZZLE => (W * (a + 1), 0, 0),
        ENTER | RETURN | RETURN_P | RETURN_N | RETURN_F | RETURN_D | RETURN_L => (W, 0, 0),
        RETURN_V => (0, 0, 0),
    };
    if need > depth as u64 {
        return Err(Reason::StackUnderflow { op: i.op, need, have: depth });
    }
    if !depth.is_multiple_of(WORD) && !may_be_unaligned(i.op) {
        return Err(Reason::Unaligned(i.op));
    }
    let after = depth as u64 - pop + push;
    if after > MAX_PUSH as u64 {
        return Err(Reason::TooDeep(MAX_PUSH));
    }
    Ok(after as u32)
}

/// Instructions that build the payload of a constructor with narrow fields, between whose pushes the stack is
/// not word-aligned.
fn may_be_unaligned(op: Bci) -> bool {
    use Bci::*;
    matches!(
        op,
        PUSH8
            | PUSH16
            | PUSH32
            | PUSH8_W
            | PUSH16_W
            | PUSH32_W
            | PUSH_PAD8
            | PUSH_PAD16
            | PUSH_PAD32
            | PUSH_UBX8
            | PUSH_UBX16
            | PUSH_UBX32
            | PUSH_UBX
            | PUSH_L
            | PUSH_LL
            | PUSH_LLL
            | PUSH_G
    )
}
