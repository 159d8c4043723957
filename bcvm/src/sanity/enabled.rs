//! The hostile build: freed words are poisoned, and collections come when no program expects them.

use crate::gc::{Corrupt, Roots};
use crate::heap::Heap;
use crate::mem::Mem;
use crate::word::{Addr, WORD, Word};

/// What freed words hold: odd for a pointer, no info pointer, easy to see in a dump.
pub const POISON: Word = 0xAAAA_AAAA_AAAA_AAAA;

/// Counts allocations and asks for a collection at every so-manieth.
#[derive(Debug)]
pub struct Stress {
    every: u32,
    count: u32,
}

impl Stress {
    /// At every `every`th; 0 for never.
    pub fn new(every: u32) -> Stress {
        Stress { every, count: 0 }
    }

    /// Counts an allocation.
    pub fn due(&mut self) -> bool {
        if self.every == 0 {
            return false;
        }
        self.count += 1;
        if self.count >= self.every {
            self.count = 0;
        }
        self.count == 0
    }

    /// No room at all, so that every allocation comes to be counted.
    pub fn limit(&self, hp: Addr, lim: Addr) -> Addr {
        if self.every == 0 { lim } else { hp }
    }
}

/// Overwrites `[from, to)`.
pub fn poison(mem: &mut Mem, from: Addr, to: Addr) {
    mem.fill_words(from, (to.0 - from.0) / WORD, POISON);
}

/// Checks every closure that can be reached: see [`super::check`].
pub fn check_heap(heap: &Heap, mem: &mut Mem, roots: &mut dyn Roots) -> Result<(), Corrupt> {
    super::check::check_heap(heap, mem, roots)
}

#[cfg(test)]
mod tests;
