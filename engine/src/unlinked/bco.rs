//! `UnlinkedBCO` (`compiler/GHC/ByteCode/Types.hs`) and programs made of them.
//!
//! Owns one invariant: BCOs nest at most [`MAX_NESTING`] deep, so that whoever walks them may recurse. Lowering and
//! reading a file keep it.

use super::constructor::Constructor;
use super::name::Name;
use bincode::{Decode, Encode};

/// The deepest nesting of BCOs within a BCO. A case continuation nests one deeper than its case.
pub const MAX_NESTING: usize = 512;

/// Byte code whose pointers and literals are still symbolic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnlinkedBco {
    /// What it is called: by others if it is a program's own, in listings if it is nested.
    pub name: String,
    /// Arguments, free variables and void ones counted; 0 for a constant thunk or case alternatives.
    pub arity: u32,
    /// GHC's instruction stream.
    pub instrs: Vec<u16>,
    /// Size in words, then one bit a word, set for a non-pointer.
    pub bitmap: Vec<u64>,
    /// Literals.
    pub lits: Vec<BcoNPtr>,
    /// Pointers.
    pub ptrs: Vec<BcoPtr>,
}

/// A symbolic pointer (`BCOPtr`). There is no break array: nothing that makes these knows breakpoints.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BcoPtr {
    /// The closure of this name.
    Name(Name),
    /// The wrapper closure of a primop.
    PrimOp(String),
    /// A BCO of its own.
    Bco(Box<UnlinkedBco>),
}

/// A symbolic literal (`BCONPtr`).
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum BcoNPtr {
    /// A word.
    Word(u64),
    /// The address of a C symbol.
    Label(String),
    /// The info table of a constructor.
    Itbl(Name),
    /// The address of a NUL-terminated copy of these bytes.
    Str(Vec<u8>),
}

/// A whole program: what `.bcb` holds and what is linked at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    /// The name of the BCO whose value the program is.
    pub entry: String,
    /// The constructors it declares.
    pub constructors: Vec<Constructor>,
    /// Its top-level BCOs, of distinct names.
    pub bcos: Vec<UnlinkedBco>,
}

impl UnlinkedBco {
    /// The BCOs directly within it.
    pub fn nested(&self) -> impl Iterator<Item = &UnlinkedBco> {
        self.ptrs.iter().filter_map(|ptr| match ptr {
            BcoPtr::Bco(bco) => Some(&**bco),
            _ => None,
        })
    }

    /// How many BCOs it is made of, itself counted.
    pub fn count(&self) -> usize {
        1 + self.nested().map(UnlinkedBco::count).sum::<usize>()
    }
}

impl Program {
    /// The index of its entry among the top-level BCOs.
    pub fn find_entry(&self) -> Option<usize> {
        self.bcos.iter().position(|bco| bco.name == self.entry)
    }
}
