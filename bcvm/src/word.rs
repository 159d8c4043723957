//! Machine words and the three kinds of address: plain, closure, info.
//!
//! Words are 8 bytes as in GHC's 64-bit layout although memory is wasm32: every address is a word whose upper
//! half is zero. The types here keep an address at 32 bits and say what it points at; they never read memory
//! (that is `mem`), so a value of any of them may point anywhere.

use core::fmt;
use core::ops::{Add, Sub};

/// A 64-bit machine word (`StgWord`).
pub type Word = u64;

/// Bytes in a word.
pub const WORD: u32 = 8;

/// Words needed to hold `bytes` bytes (`ROUNDUP_BYTES_TO_WDS`).
pub const fn words_for(bytes: u32) -> u32 {
    bytes.div_ceil(WORD)
}

macro_rules! address {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub u32);

        impl $name {
            /// The address zero, where nothing lives.
            pub const NULL: $name = $name(0);

            /// The low half of `w`; the upper half of an honest address is zero.
            #[inline(always)]
            pub const fn from_word(w: Word) -> $name {
                $name(w as u32)
            }

            /// As a word, upper half zero.
            #[inline(always)]
            pub const fn word(self) -> Word {
                self.0 as Word
            }

            /// Whether this is the null address.
            #[inline(always)]
            pub const fn is_null(self) -> bool {
                self.0 == 0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:#010x}", self.0)
            }
        }
    };
}

address! {
    /// The address of a byte in guest memory.
    Addr
}
address! {
    /// A pointer to a heap or static closure, with GHC's tag in its low three bits (`StgClosure *`).
    ClosurePtr
}
address! {
    /// An info pointer: the address just behind an info table, where the entry code begins (`StgInfoTable *`).
    InfoPtr
}

impl Addr {
    /// This address plus `words` words.
    #[inline(always)]
    pub const fn offset_w(self, words: u32) -> Addr {
        Addr(self.0.wrapping_add(words.wrapping_mul(WORD)))
    }
}

impl Add<u32> for Addr {
    type Output = Addr;
    #[inline(always)]
    fn add(self, bytes: u32) -> Addr {
        Addr(self.0.wrapping_add(bytes))
    }
}

impl Sub<u32> for Addr {
    type Output = Addr;
    #[inline(always)]
    fn sub(self, bytes: u32) -> Addr {
        Addr(self.0.wrapping_sub(bytes))
    }
}

/// The bits of a closure pointer that hold its tag.
pub const TAG_MASK: u32 = 7;

impl ClosurePtr {
    /// The tag (`GET_CLOSURE_TAG`): 0 says nothing, otherwise a constructor number or a function's arity.
    #[inline(always)]
    pub const fn tag(self) -> u32 {
        self.0 & TAG_MASK
    }

    /// Where the closure is (`UNTAG_CLOSURE`).
    #[inline(always)]
    pub const fn addr(self) -> Addr {
        Addr(self.0 & !TAG_MASK)
    }

    /// The same closure with its tag replaced.
    #[inline(always)]
    pub const fn with_tag(self, tag: u32) -> ClosurePtr {
        ClosurePtr(self.0 & !TAG_MASK | tag & TAG_MASK)
    }

    /// The same closure without a tag.
    #[inline(always)]
    pub const fn untagged(self) -> ClosurePtr {
        ClosurePtr(self.0 & !TAG_MASK)
    }
}

impl From<Addr> for ClosurePtr {
    #[inline(always)]
    fn from(a: Addr) -> ClosurePtr {
        ClosurePtr(a.0)
    }
}
