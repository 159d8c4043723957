//! Where variables lie on the stack.

use crate::stg::ir::{Kind, Var};
use std::collections::HashMap;

/// The variables in scope and their depths. Branches are left again with [`Scope::reset`].
#[derive(Default)]
pub struct Scope {
    slots: Vec<Slot>,
    depths: HashMap<Var, u64>,
}

struct Slot {
    var: Var,
    depth: u64,
    pointer: bool,
}

/// A state of a scope to come back to.
#[derive(Clone, Copy)]
pub struct Mark(usize);

impl Scope {
    /// Puts a variable at a depth.
    pub fn insert(&mut self, var: Var, depth: u64, kind: Kind) {
        self.slots.push(Slot { var, depth, pointer: super::is_pointer(kind) });
        self.depths.insert(var, depth);
    }

    /// The depth of a variable.
    pub fn depth(&self, var: Var) -> Option<u64> {
        self.depths.get(&var).copied()
    }

    /// The present state.
    pub fn mark(&self) -> Mark {
        Mark(self.slots.len())
    }

    /// Forgets the variables that came since a mark.
    pub fn reset(&mut self, mark: Mark) {
        for slot in self.slots.drain(mark.0..) {
            self.depths.remove(&slot.var);
        }
    }

    /// Which words between two depths are something else than pointers, the topmost first. Like GHC, all
    /// variables in scope count, used again or not.
    pub fn non_pointers(&self, from: u64, to: u64) -> Vec<bool> {
        let mut words = vec![true; ((from - to) / super::WORD) as usize];
        for slot in self.slots.iter().filter(|slot| slot.pointer && slot.depth > to && slot.depth <= from) {
            words[((from - slot.depth) / super::WORD) as usize] = false;
        }
        words
    }
}
