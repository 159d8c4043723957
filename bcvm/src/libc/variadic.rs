//! Arguments behind the dots of a variadic function: as they were passed, or from a `va_list`.

use crate::interp::machine::Machine;
use crate::word::{Addr, Word};

/// The arguments, of which each is asked for in turn.
pub enum Arguments<'a> {
    /// Words and doubles as a variadic function is given them; what is missing is 0.
    Passed {
        /// The words.
        words: core::slice::Iter<'a, Word>,
        /// The doubles.
        doubles: core::slice::Iter<'a, Word>,
    },
    /// What a function with a `va_list` is given.
    List(List<'a>),
}

/// A `va_list` of the x86-64 convention: registers that were saved, then what is on the stack.
pub struct List<'a> {
    machine: &'a Machine,
    /// Offsets of the next general and vector register in the area.
    general: u32,
    vector: u32,
    stack: Word,
    area: Word,
}

/// Bytes of the general registers in the area of saved ones, and of all.
const GENERAL_END: u32 = 48;
const VECTOR_END: u32 = 176;

impl<'a> List<'a> {
    /// The `va_list` at `at`.
    pub fn new(machine: &'a Machine, at: Word) -> List<'a> {
        let at = Addr::from_word(at);
        let mem = &machine.mem;
        List {
            machine,
            general: mem.u32(at),
            vector: mem.u32(at + 4),
            stack: mem.word(at + 8),
            area: mem.word(at + 16),
        }
    }

    fn at(&self, at: Word) -> Word {
        self.machine.mem.word(Addr::from_word(at))
    }

    fn on_stack(&mut self) -> Word {
        let at = self.stack;
        self.stack = at.wrapping_add(8);
        self.at(at)
    }
}

impl Arguments<'_> {
    /// A word or pointer.
    pub fn word(&mut self) -> Word {
        match self {
            Arguments::Passed { words, .. } => words.next().copied().unwrap_or(0),
            Arguments::List(list) if list.general < GENERAL_END => {
                let at = list.area.wrapping_add(list.general.into());
                list.general += 8;
                list.at(at)
            }
            Arguments::List(list) => list.on_stack(),
        }
    }

    /// A double.
    pub fn double(&mut self) -> f64 {
        f64::from_bits(match self {
            Arguments::Passed { doubles, .. } => doubles.next().copied().unwrap_or(0),
            Arguments::List(list) if list.vector < VECTOR_END => {
                let at = list.area.wrapping_add(list.vector.into());
                list.vector += 16;
                list.at(at)
            }
            Arguments::List(list) => list.on_stack(),
        })
    }

    /// An `int` that stands for a `*`.
    pub fn star(&mut self) -> i32 {
        self.word() as u32 as i32
    }
}
