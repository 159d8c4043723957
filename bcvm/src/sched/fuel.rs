//! Fuel: how much an evaluation may do, counted so that every run of the same program counts the same.
//
// Note [Fuel]
// ~~~~~~~~~~~
// A limit of time ends a program somewhere else at every run, and on a slower machine earlier. Fuel is counted in steps: a
// BCO that is started, case alternatives included, is one, and so is a word that is allocated. Neither depends on the
// machine or on when garbage is collected: a BCO has no loops, and whatever starts again after a collection was not
// started before. A program without other threads uses as much on every backend and at every run.
//
// Who has no limit pays nothing: the interpreter counts in the copy of itself that also traces instructions.
//
// Compiled code is not counted but for what it allocates, and it is stopped when the nursery's part that it fills is full.
// Its loops that allocate nothing use no fuel; only a limit of time ends them.
//
// What happens at the limit is what happens at a deadline (Note [Deadlines interrupt first] in the engine): the program
// is interrupted, and has some more steps to tidy up before it is ended.

use super::run::Handled;
use crate::interp::machine::Machine;
use crate::word::Addr;

/// Steps that a program may take once it has been interrupted.
const COURTESY: u64 = 1_000_000;

/// What the present evaluation has used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fuel {
    /// BCOs started.
    starts: u64,
    /// Words that had been allocated when it began.
    from_w: u64,
    /// At so many steps something is to be done.
    until: u64,
    /// It has been interrupted.
    is_interrupted: bool,
}

impl Machine {
    /// An evaluation begins.
    pub(crate) fn fill_up(&mut self) {
        self.fuel = Fuel { from_w: self.allocated_words(), until: self.config.fuel, ..Fuel::default() };
    }

    /// A BCO is started, when so much of the nursery is filled.
    pub(crate) fn count_start(&mut self, hp: Addr) {
        self.fuel.starts += 1;
        if self.config.fuel > 0 && self.fuel_used_at(hp) >= self.fuel.until {
            self.request_stop();
        }
    }

    /// Steps of the present evaluation, or the last one, if they are counted.
    pub fn fuel_used(&self) -> u64 {
        if self.config.fuel > 0 { self.fuel_used_at(self.regs.hp) } else { 0 }
    }

    fn fuel_used_at(&self, hp: Addr) -> u64 {
        self.fuel.starts + self.heap.allocated_words_at(hp).saturating_sub(self.fuel.from_w)
    }

    /// At a safe point: what becomes of a program that has used it up.
    pub(super) fn obey_fuel(&mut self) -> Option<Handled> {
        if self.config.fuel == 0 || self.fuel_used() < self.fuel.until {
            return None;
        }
        if core::mem::replace(&mut self.fuel.is_interrupted, true) {
            self.fuel.until = u64::MAX;
            return Some(self.end_evaluation());
        }
        self.fuel.until = self.fuel_used().saturating_add(COURTESY);
        Some(self.interrupt_evaluation())
    }
}
