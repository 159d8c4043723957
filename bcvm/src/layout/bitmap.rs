//! Bitmaps that say which words of a frame or of a function's arguments are pointers.
//!
//! A set bit is a *non*-pointer and the lowest bit describes the first word, both as in GHC. A small bitmap is
//! one word: the low six bits its size, the rest its bits. A large one is a size word and then words of bits.

use crate::mem::Mem;
use crate::word::Addr;

/// Bits of a small bitmap that hold its size (`BITMAP_BITS_SHIFT`).
const SIZE_BITS: u32 = 6;
/// The bits themselves (`BITMAP_SIZE_MASK`).
pub const SMALL_SIZE_MASK: u32 = (1 << SIZE_BITS) - 1;

/// The small bitmap of a pattern string: `p` is a pointer word, any other letter a non-pointer word.
pub const fn small(pattern: &str) -> u64 {
    let bytes = pattern.as_bytes();
    let (mut bits, mut i) = (0u64, 0);
    while i < bytes.len() {
        if bytes[i] != b'p' {
            bits |= 1 << (i as u32 + SIZE_BITS);
        }
        i += 1;
    }
    bits | bytes.len() as u64
}

/// Representations of a function's arguments by `fun_type`, which names patterns without a bitmap of their own; the
/// general types have none. `f` and `d` travel in XMM registers.
pub const FUN_PATTERNS: [&str; 29] = [
    "", "", "", "", "n", "p", "f", "d", "n", "nn", "nnnn", "nnnnnnnn", "nn", "np", "pn", "pp", "nnn", "nnp", "npn",
    "npp", "pnn", "pnp", "ppn", "ppp", "pppp", "ppppp", "pppppp", "ppppppp", "pppppppp",
];

/// Argument bitmaps by `fun_type` (`stg_arg_bitmaps`); the three general types have none.
pub const FUN_BITMAPS: [u64; 29] = {
    let mut table = [0; 29];
    let mut i = 0;
    while i < 29 {
        table[i] = small(FUN_PATTERNS[i]);
        i += 1;
    }
    table
};

/// How many words a function takes, by `fun_type`; [`NOT_WORDS`] where that does not say so, or one is no plain word.
pub const FUN_WORDS: [u8; FUN_PATTERNS.len()] = {
    let mut table = [NOT_WORDS; FUN_PATTERNS.len()];
    let mut i = ARG_NONE as usize;
    while i < FUN_PATTERNS.len() {
        let is_plain =
            !matches!(FUN_PATTERNS[i].as_bytes(), b"f" | b"d") && !(i >= ARG_V16 as usize && i <= ARG_V64 as usize);
        if is_plain {
            table[i] = FUN_PATTERNS[i].len() as u8;
        }
        i += 1;
    }
    table
};

/// See [`FUN_WORDS`].
pub const NOT_WORDS: u8 = u8::MAX;

/// `fun_type` of a function whose bitmap is in its info table.
pub const ARG_GEN: u32 = 0;
/// `fun_type` of a function whose bitmap is a large one beside its info table.
pub const ARG_GEN_BIG: u32 = 1;
/// `fun_type` of a BCO.
pub const ARG_BCO: u32 = 2;
/// `fun_type` of a function of void arguments only.
pub const ARG_NONE: u32 = 3;

/// `fun_type` of a function of one vector of 16 bytes; 32 and 64 bytes follow.
pub const ARG_V16: u32 = 9;
/// `fun_type` of a function of one vector of 64 bytes.
pub const ARG_V64: u32 = 11;

/// A bitmap to walk: where the words it describes end, and whether each is a pointer.
#[derive(Clone, Copy, Debug)]
pub enum Bitmap {
    /// Size and bits.
    Small(u32, u64),
    /// Size and the address of the first word of bits.
    Large(u32, Addr),
}

impl Bitmap {
    /// Decodes a small bitmap.
    #[inline(always)]
    pub const fn from_small(word: u64) -> Bitmap {
        Bitmap::Small((word & ((1 << SIZE_BITS) - 1)) as u32, word >> SIZE_BITS)
    }

    /// The large bitmap whose size word is at `at`.
    #[inline(always)]
    pub fn from_large(mem: &Mem, at: Addr) -> Bitmap {
        let size = mem.word(at);
        if size <= 64 {
            Bitmap::Small(size as u32, if size == 0 { 0 } else { mem.word(at.offset_w(1)) })
        } else {
            Bitmap::Large(size.min(u32::MAX as u64) as u32, at.offset_w(1))
        }
    }

    /// Words described.
    #[inline(always)]
    pub const fn size(self) -> u32 {
        match self {
            Bitmap::Small(n, _) | Bitmap::Large(n, _) => n,
        }
    }

    /// Whether word `i` is a pointer.
    #[inline(always)]
    pub fn is_ptr(self, mem: &Mem, i: u32) -> bool {
        let bits = match self {
            Bitmap::Small(_, bits) => bits,
            Bitmap::Large(_, at) => mem.word(at.offset_w(i / 64)),
        };
        bits >> (i % 64) & 1 == 0
    }
}
