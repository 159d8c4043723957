//! The internal form of byte code, which is what lies in a BCO's instruction array and is run.
//!
//! See Note [The internal form]. This file packs and unpacks instruction words and shows GHC's form again; the
//! checks on the way in are `verify`'s, superinstructions are `fuse`'s.
//
// Note [The internal form]
// ~~~~~~~~~~~~~~~~~~~~~~~~
// GHC's stream is compact and slow to decode: halfwords, a flag that changes widths, jump targets in halfwords.
// Each instruction is decoded once, when its BCO is created, into one 8-byte word (BRK_FUN takes two):
//
//      bits   0..8    8..16   16..32   32..48   48..64
//             op      aux     s        ------l------      one small, one large operand (PUSH_G, PACK, TESTEQ_P)
//             op      -       s        s2       s3        up to three small ones (PUSH_LLL, SLIDE, MKAP)
//             op      ------lit24---   ----label----      TESTxx: a literal and a jump target
//
// A jump target is the index of a word of the instruction array. Word 0 of the array is a header: the most words
// the code ever has on the stack above those at entry (low half), and the number of instruction words (high
// half). The first makes one stack check at entry enough, whatever the code does.
//
// A superinstruction replaces only the opcode byte of the first instruction it stands for; the others stay where
// they are and it reads its operands from them. So jumps into the middle still work, and GHC's form can always
// be had back: `fuse` knows the original opcode of each.

use super::fuse;
use super::raw::Instr;
use super::table::{Bci, Class, MAX_OPERANDS};
use alloc::vec::Vec;

/// Words of the instruction array before the first instruction.
pub const HEADER_W: u32 = 1;

/// The largest literal index of a TESTxx instruction.
pub const MAX_TEST_LIT: u64 = (1 << 24) - 1;

/// The header word of an instruction array.
pub const fn header(max_growth_w: u32, len_w: u32) -> u64 {
    max_growth_w as u64 | (len_w as u64) << 32
}

/// The opcode byte.
#[inline(always)]
pub const fn op(w: u64) -> u8 {
    w as u8
}

/// The aux byte.
#[inline(always)]
pub const fn aux(w: u64) -> u8 {
    (w >> 8) as u8
}

/// The first small operand.
#[inline(always)]
pub const fn s(w: u64) -> u32 {
    (w >> 16) as u16 as u32
}

/// The second small operand.
#[inline(always)]
pub const fn s2(w: u64) -> u32 {
    (w >> 32) as u16 as u32
}

/// The third small operand.
#[inline(always)]
pub const fn s3(w: u64) -> u32 {
    (w >> 48) as u32
}

/// The large operand.
#[inline(always)]
pub const fn l(w: u64) -> u32 {
    (w >> 32) as u32
}

/// The literal index of a TESTxx instruction.
#[inline(always)]
pub const fn lit24(w: u64) -> u32 {
    (w >> 8) as u32 & 0xff_ffff
}

/// Which fields an instruction's operands go to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Small operands only.
    Smalls,
    /// One large operand.
    Large,
    /// Large, then small.
    LargeSmall,
    /// Small, then large.
    SmallLarge,
    /// Literal, then label.
    Test,
    /// CCALL.
    Call,
    /// BRK_FUN, in two words.
    Break,
}

const fn shape(op: Bci) -> Shape {
    match op {
        Bci::BRK_FUN => Shape::Break,
        Bci::CCALL => Shape::Call,
        Bci::TESTLT_P | Bci::TESTEQ_P => Shape::SmallLarge,
        _ => {
            let o = op.operands();
            match o.len() {
                2 if matches!(o[1].class, Class::Label) => Shape::Test,
                2 if o[0].class.is_large() => Shape::LargeSmall,
                1 if o[0].class.is_large() => Shape::Large,
                _ => Shape::Smalls,
            }
        }
    }
}

const SHAPES: [Shape; 256] = {
    let mut shapes = [Shape::Smalls; 256];
    let mut i = 0;
    while i < super::table::ALL.len() {
        let op = super::table::ALL[i];
        shapes[op as usize] = shape(op);
        i += 1;
    }
    shapes
};

/// Instruction words that `op` takes.
#[inline(always)]
pub const fn len_w(op: Bci) -> u32 {
    if matches!(op, Bci::BRK_FUN) { 2 } else { 1 }
}

/// Packs an instruction, labels as they are; none if an operand fits no field. The second word is for BRK_FUN.
#[inline]
pub fn pack(i: &Instr) -> Option<(u64, u64)> {
    let [a, b, c, d] = i.args;
    const SMALL: u64 = u16::MAX as u64;
    const LARGE: u64 = u32::MAX as u64;
    let fields = match SHAPES[i.op as usize] {
        Shape::Smalls => (a & SMALL) << 16 | (b & SMALL) << 32 | (c & SMALL) << 48,
        Shape::Large if a <= LARGE => a << 32,
        Shape::LargeSmall if a <= LARGE => a << 32 | b << 16,
        Shape::SmallLarge if b <= LARGE => b << 32 | a << 16,
        Shape::Test if a <= MAX_TEST_LIT && b <= LARGE => a << 8 | b << 32,
        Shape::Call if b <= LARGE && c <= u8::MAX as u64 => a << 16 | b << 32 | c << 8,
        Shape::Break if a <= LARGE && c <= LARGE && d <= LARGE => {
            return Some((i.op as u64 | b << 16 | a << 32, c | d << 32));
        }
        _ => return None,
    };
    Some((i.op as u64 | fields, 0))
}

/// The instruction packed in `w`, with `next` the word behind it; none if the opcode byte is no instruction.
pub fn unpack(w: u64, next: u64) -> Option<Instr> {
    let op = fuse::original(op(w))?;
    let (s1, large) = (s(w) as u64, l(w) as u64);
    let args: [u64; MAX_OPERANDS] = match shape(op) {
        Shape::Smalls if op == Bci::SWIZZLE => [s1, s2(w) as u16 as i16 as i64 as u64, 0, 0],
        Shape::Smalls => [s1, s2(w) as u64, s3(w) as u64, 0],
        Shape::Large => [large, 0, 0, 0],
        Shape::LargeSmall => [large, s1, 0, 0],
        Shape::SmallLarge => [s1, large, 0, 0],
        Shape::Test => [lit24(w) as u64, large, 0, 0],
        Shape::Call => [s1, large, aux(w) as u64, 0],
        Shape::Break => [large, s1, next & u32::MAX as u64, next >> 32],
    };
    let mut i = Instr { op, args };
    for (n, arg) in i.args.iter_mut().enumerate() {
        if n >= op.operands().len() {
            *arg = 0;
        }
    }
    Some(i)
}

/// GHC's stream again from the instruction words behind the header; none if they are not what [`pack`] makes.
pub fn to_raw(words: &[u64]) -> Option<Vec<u16>> {
    let mut instrs = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let i = unpack(words[at], words.get(at + 1).copied().unwrap_or(0))?;
        instrs.push((at as u32 + HEADER_W, i));
        at += len_w(i.op) as usize;
    }
    let layout = |long_labels| {
        let mut offset = 0;
        let offsets: Vec<usize> =
            instrs.iter().map(|(_, i)| (offset, offset += i.encoded_len(long_labels)).0).collect();
        (offsets, offset)
    };
    let (mut offsets, mut len) = layout(false);
    let long_labels = len > u16::MAX as usize;
    if long_labels {
        (offsets, len) = layout(true);
    }
    let mut raw = Vec::with_capacity(len);
    for (_, i) in &instrs {
        let mut i = *i;
        for (operand, arg) in i.op.operands().iter().zip(i.args.iter_mut()) {
            if operand.class == Class::Label {
                let target = instrs.binary_search_by_key(&(*arg as u32), |(w, _)| *w).ok()?;
                *arg = offsets[target] as u64;
            }
        }
        i.encode(long_labels, &mut raw);
    }
    Some(raw)
}
