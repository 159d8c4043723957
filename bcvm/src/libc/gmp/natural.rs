//! Naturals between guest memory and the crate that computes with large ones.
//!
//! Invariant: what is copied out of memory is bounded, whatever length the program claims.

use crate::interp::machine::Machine;
use crate::word::{Addr, WORD, Word};
use alloc::format;
use alloc::vec;
use dashu_int::UBig;

/// The most limbs of a number: 16 MiB, forty million decimal digits. An operation may need several times as much of
/// Rust's memory.
pub const MAX_LIMBS: u32 = 1 << 21;

impl Machine {
    /// A number of limbs as `n` claims it; none, and the program ends, if there are too many. GMP, too, ends a program
    /// whose numbers grow too large.
    pub(super) fn limbs(&mut self, n: Word) -> Option<u32> {
        if n <= MAX_LIMBS as u64 {
            return Some(n as u32);
        }
        self.end_program(format!("an Integer of {n} words is too large"));
        None
    }

    /// The natural of `n` limbs at `at`.
    pub(super) fn natural(&self, at: Word, n: u32) -> UBig {
        let mut bytes = vec![0; (n.min(MAX_LIMBS) * WORD) as usize];
        let at = Addr::from_word(at);
        for (i, limb) in bytes.chunks_exact_mut(WORD as usize).enumerate() {
            limb.copy_from_slice(&self.mem.word(at.offset_w(i as u32)).to_le_bytes());
        }
        UBig::from_le_bytes(&bytes)
    }

    /// Writes `x` to the `n` limbs at `at`; what does not fit is dropped.
    pub(super) fn set_natural(&mut self, at: Word, n: u32, x: &UBig) {
        let bytes = x.to_le_bytes();
        let bytes = &bytes[..bytes.len().min((n * WORD) as usize)];
        let at = Addr::from_word(at);
        self.mem.write_bytes(at, bytes);
        let len = bytes.len() as u32;
        let whole = len.next_multiple_of(WORD);
        for i in len..whole {
            self.mem.set_u8(at + i, 0);
        }
        self.mem.fill_words(at + whole, n - whole / WORD, 0);
    }

    /// Ends the program as GMP does when it divides by zero.
    pub(super) fn division_by_zero(&mut self) -> Word {
        self.end_program("GMP: division by zero".into());
        0
    }
}

/// Limbs that `x` takes.
pub fn limbs_of(x: &UBig) -> u32 {
    dashu_int::ops::BitTest::bit_len(x).div_ceil(64) as u32
}
