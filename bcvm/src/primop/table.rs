//! All primops in one list, which numbers them.
//!
//! Names and representations are those of GHC 9.0.2's `primops.txt.pp`. Primops that return several values are
//! absent: 9.0.2's byte code compiler rejects them, so only compiled code can call them.

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
    /// The letter of the result; `v` for none.
    pub result: u8,
    /// How it is carried out.
    pub code: Code,
}

impl Primop {
    /// Number of arguments, void ones counted.
    pub const fn arity(&self) -> u32 {
        self.args.len() as u32
    }

    /// Representation of the result.
    pub const fn result(&self) -> Rep {
        Rep::from_letter(self.result)
    }

    /// Representations of the arguments.
    pub fn args(&self) -> impl Iterator<Item = Rep> {
        self.args.bytes().map(Rep::from_letter)
    }
}

/// The largest number of arguments of any primop.
pub const MAX_ARGS: usize = 6;

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
        assert!(all[i].args.len() <= MAX_ARGS);
        i += 1;
    }
    all
};

/// The number of the primop called `name`.
pub fn find(name: &str) -> Option<u32> {
    PRIMOPS.iter().position(|p| p.name == name).map(|i| i as u32)
}
