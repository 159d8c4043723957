//! All primops in one list, which numbers them.
//!
//! Names and representations are those of GHC 9.0.2's `primops.txt.pp`. Of the primops that return several values only
//! those are here that compiled code calls out of line: 9.0.2's byte code compiler rejects unboxed tuples, and compiled
//! code does the others itself.

use super::access::{ACCESS, Access};
use super::effect::{EFFECTS, Effect};
use super::pure::{PURE, Pure};

/// The representation of an argument or result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rep {
    /// A pointer.
    P,
    /// A word: Int#, Word#, Char#, Addr# and narrower ones.
    N,
    /// Float#.
    F,
    /// Double#.
    D,
    /// State#: no words.
    V,
}

impl Rep {
    /// From the letter used in the tables.
    pub const fn from_letter(letter: u8) -> Rep {
        match letter {
            b'p' => Rep::P,
            b'f' => Rep::F,
            b'd' => Rep::D,
            b'v' => Rep::V,
            _ => Rep::N,
        }
    }

    /// Stack words that a value of it takes.
    pub const fn words(self) -> u32 {
        !matches!(self, Rep::V) as u32
    }
}

/// How a primop is carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Code {
    /// A function of words.
    Pure(Pure),
    /// A load or store.
    Access(Access),
    /// Needs the machine.
    Effect(Effect),
}

/// A primop.
#[derive(Clone, Copy, Debug)]
pub struct Primop {
    /// GHC's name.
    pub name: &'static str,
    /// One letter per argument.
    pub args: &'static str,
    /// One letter per result; State# is not listed.
    pub results: &'static str,
    /// How it is carried out.
    pub code: Code,
}

impl Primop {
    /// Number of arguments, void ones counted.
    pub const fn arity(&self) -> u32 {
        self.args.len() as u32
    }

    /// Representation of the only result, or of the first of several; `V` if there is none.
    pub const fn result(&self) -> Rep {
        match self.results.as_bytes() {
            [] => Rep::V,
            [first, ..] => Rep::from_letter(*first),
        }
    }

    /// Representations of the results.
    pub fn results(&self) -> impl Iterator<Item = Rep> {
        self.results.bytes().map(Rep::from_letter)
    }

    /// Representations of the arguments.
    pub fn args(&self) -> impl Iterator<Item = Rep> {
        self.args.bytes().map(Rep::from_letter)
    }
}

/// The largest number of arguments of any primop.
pub const MAX_ARGS: usize = 6;

/// The largest number of results of any primop.
pub const MAX_RESULTS: usize = 4;

/// Number of primops.
pub const COUNT: usize = PURE.len() + ACCESS.len() + EFFECTS.len();

/// Every primop; its index is its number.
pub static PRIMOPS: [Primop; COUNT] = {
    let mut all = [PURE[0]; COUNT];
    let mut i = 0;
    while i < COUNT {
        all[i] = if i < PURE.len() {
            PURE[i]
        } else if i < PURE.len() + ACCESS.len() {
            ACCESS[i - PURE.len()]
        } else {
            EFFECTS[i - PURE.len() - ACCESS.len()]
        };
        assert!(all[i].args.len() <= MAX_ARGS && all[i].results.len() <= MAX_RESULTS);
        i += 1;
    }
    all
};

/// The number of the primop called `name`.
pub fn find(name: &str) -> Option<u32> {
    PRIMOPS.iter().position(|p| p.name == name).map(|i| i as u32)
}

#[cfg(test)]
mod tests;
