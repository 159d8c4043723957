//! `ResolvedBCO` (`libraries/ghci/GHCi/ResolvedBCO.hs`) as a value, and its `Data.Binary` encoding.
//!
//! This is the form in which a linker hands byte code to the machine. The machine itself never builds such
//! values: `create` reads the encoding straight into heap objects. They serve whoever makes byte code in Rust.

use alloc::vec::Vec;

/// A BCO whose names have been resolved to pointers and literals.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ResolvedBco {
    /// Arguments, void ones counted; 0 for a thunk or case alternatives.
    pub arity: u32,
    /// GHC's instruction stream.
    pub instrs: Vec<u16>,
    /// Size in words, then the bits: one for a non-pointer, of the words on the stack at entry.
    pub bitmap: Vec<u64>,
    /// Literal words.
    pub lits: Vec<u64>,
    /// Pointers, in index order.
    pub ptrs: Vec<ResolvedBcoPtr>,
}

/// A pointer of a BCO.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ResolvedBcoPtr {
    /// The BCO of this index in the whole request, itself or its thunk.
    Ref(u64),
    /// What a remote reference refers to.
    Ptr(u64),
    /// A static closure, by address.
    StaticPtr(u64),
    /// A BCO of its own.
    Bco(ResolvedBco),
    /// A breakpoint array, by remote reference.
    BreakArray(u64),
}

/// Tags of [`ResolvedBcoPtr`] on the wire.
pub mod tag {
    /// `ResolvedBCORef`.
    pub const REF: u8 = 0;
    /// `ResolvedBCOPtr`.
    pub const PTR: u8 = 1;
    /// `ResolvedBCOStaticPtr`.
    pub const STATIC_PTR: u8 = 2;
    /// `ResolvedBCOPtrBCO`.
    pub const BCO: u8 = 3;
    /// `ResolvedBCOPtrBreakArray`.
    pub const BREAK_ARRAY: u8 = 4;
}

/// Encodes a chunk of a CreateBCOs request: a list of BCOs.
pub fn encode_chunk(bcos: &[ResolvedBco]) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, bcos.len() as u64);
    for bco in bcos {
        bco.encode(&mut out);
    }
    out
}

fn put(out: &mut Vec<u8>, n: u64) {
    out.extend(n.to_be_bytes());
}

/// The bounds of a `UArray Int`, which an empty one gives as 0 and -1.
fn put_bounds(out: &mut Vec<u8>, len: usize) {
    put(out, 0);
    put(out, (len as u64).wrapping_sub(1));
}

impl ResolvedBco {
    /// Appends the wire encoding, in the byte order of this machine's guest (little-endian).
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.push(1);
        put(out, self.arity as u64);
        put_bounds(out, self.instrs.len());
        out.extend(self.instrs.iter().flat_map(|h| h.to_le_bytes()));
        for words in [&self.bitmap, &self.lits] {
            put_bounds(out, words.len());
            out.extend(words.iter().flat_map(|w| w.to_le_bytes()));
        }
        put(out, self.ptrs.len() as u64);
        put(out, self.ptrs.len() as u64);
        for ptr in self.ptrs.iter().rev() {
            let (tag, n) = match ptr {
                ResolvedBcoPtr::Ref(n) => (tag::REF, n),
                ResolvedBcoPtr::Ptr(n) => (tag::PTR, n),
                ResolvedBcoPtr::StaticPtr(n) => (tag::STATIC_PTR, n),
                ResolvedBcoPtr::BreakArray(n) => (tag::BREAK_ARRAY, n),
                ResolvedBcoPtr::Bco(bco) => {
                    out.push(tag::BCO);
                    bco.encode(out);
                    continue;
                }
            };
            out.push(tag);
            put(out, *n);
        }
    }
}
