//! Arguments behind dots, and those that a `va_list` says.
//!
//! Both are the convention's: words and doubles come from registers, each kind from its own, and what is left of either from
//! the stack, in one row. A `va_list` of x86-64 is a structure that says how far that has come:
//!
//! ```text
//!    0  gp_offset          u32, bytes into the saved registers at which the next word is; 48: all words are taken
//!    4  fp_offset          u32, the same for doubles, which have 16 bytes each; 176: all are taken
//!    8  overflow_arg_area  where the next argument on the stack is
//!   16  reg_save_area      where the registers were saved: six words, then eight vectors
//! ```

use crate::interp::machine::Machine;
use crate::libc::table::{MAX_ARGS, dots};
use crate::word::{Addr, WORD, Word};

/// Bytes of saved words, and of saved words and vectors.
const WORDS_END: u32 = dots::WORDS as u32 * WORD;
const VECTORS_END: u32 = WORDS_END + dots::DOUBLES as u32 * VECTOR;
const VECTOR: u32 = 16;

/// Where registers are.
enum Registers {
    /// As a variadic function is given them.
    Passed([Word; MAX_ARGS]),
    /// In the program's memory.
    Saved(Addr),
}

/// Arguments that were not taken yet.
pub struct Arguments {
    registers: Registers,
    word_at: u32,
    double_at: u32,
    stack: Addr,
}

impl Arguments {
    /// Those of a variadic function behind the first `fixed`, which are words.
    pub fn behind(args: &[Word; MAX_ARGS], fixed: usize) -> Arguments {
        let stack = Addr::from_word(args[dots::STACK]);
        Arguments { registers: Registers::Passed(*args), word_at: fixed as u32 * WORD, double_at: WORDS_END, stack }
    }

    /// Those that the `va_list` at `list` says.
    pub fn listed(m: &Machine, list: Word) -> Arguments {
        let list = Addr::from_word(list);
        Arguments {
            registers: Registers::Saved(Addr::from_word(m.mem.word(list + 16))),
            word_at: m.mem.u32(list),
            double_at: m.mem.u32(list + 4),
            stack: Addr::from_word(m.mem.word(list + 8)),
        }
    }

    /// The next word.
    pub fn word(&mut self, m: &Machine) -> Word {
        if self.word_at >= WORDS_END {
            return self.on_stack(m);
        }
        let at = self.word_at;
        self.word_at += WORD;
        match &self.registers {
            Registers::Passed(args) => args[(at / WORD) as usize],
            Registers::Saved(area) => m.mem.word(*area + at),
        }
    }

    /// The next double.
    pub fn double(&mut self, m: &Machine) -> f64 {
        if !(WORDS_END..VECTORS_END).contains(&self.double_at) {
            return f64::from_bits(self.on_stack(m));
        }
        let at = self.double_at;
        self.double_at += VECTOR;
        f64::from_bits(match &self.registers {
            Registers::Passed(args) => args[dots::WORDS + ((at - WORDS_END) / VECTOR) as usize],
            Registers::Saved(area) => m.mem.word(*area + at),
        })
    }

    fn on_stack(&mut self, m: &Machine) -> Word {
        let at = self.stack;
        self.stack = at + WORD;
        m.mem.word(at)
    }
}
