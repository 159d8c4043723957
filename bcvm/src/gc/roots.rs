//! What the machine must show to the collector.

use super::StableTable;
use crate::mem::Mem;
use crate::word::{Addr, ClosurePtr};

/// Whoever looks at roots: the collector, which replaces them, or the sanity check, which doesn't.
pub trait Visitor {
    /// Shows a pointer kept outside of memory, which may be replaced.
    fn pointer(&mut self, p: &mut ClosurePtr);

    /// Shows the pointer in the word at `at`, outside of the heap: a CAF's indirectee for instance.
    fn field(&mut self, at: Addr);

    /// Memory, for roots that are found by reading it.
    fn mem(&self) -> &Mem;
}

/// The roots of a machine: the running thread, those that can run or wait, CAFs. Stable pointers are roots too,
/// but the collector finds those itself; weak pointers and threads are lists of the heap.
pub trait Roots {
    /// Shows every root to `v`, once.
    fn visit(&mut self, v: &mut dyn Visitor);

    /// Updates what is held without being kept alive: `now` answers where something has gone that lives.
    fn update_weak(&mut self, _now: &dyn Fn(ClosurePtr) -> Option<ClosurePtr>) {}

    /// The table of stable pointers and names.
    fn stable(&mut self) -> &mut StableTable;
}
