//! What a collection reports.

use crate::word::{Addr, ClosurePtr};
use alloc::vec::Vec;

/// How much is to be collected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The young generation.
    Minor,
    /// Everything.
    Major,
    /// Everything when old space has grown enough or a request was refused, else the young generation.
    Auto,
}

/// A heap that no running program makes: byte code or compiled code has overwritten it. Nothing in it can be
/// trusted any more, and it must be built anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the heap is corrupt at {at:?}: {what}")]
pub struct Corrupt {
    /// The closure, frame or word that is wrong.
    pub at: Addr,
    /// What is wrong with it.
    pub what: &'static str,
}

/// A weak pointer whose key has died. The pointers are good until the next collection.
#[derive(Clone, Copy, Debug)]
pub struct DeadWeak {
    /// The IO action to run, or NO_FINALIZER.
    pub finalizer: ClosurePtr,
    /// The C finalizers to run, or NO_FINALIZER.
    pub c_finalizers: ClosurePtr,
}

/// What a collection did.
#[derive(Debug, Default)]
pub struct Stats {
    /// Whether it was a major one.
    pub major: bool,
    /// Words copied.
    pub copied_words: u64,
    /// Words of objects left, large ones by their blocks.
    pub live_words: u64,
    /// Even so there is no room for what was refused before the collection, or none to extend the nursery.
    pub heap_exhausted: bool,
    /// The heap is corrupt: the collection was broken off and nothing else here means anything.
    pub corrupt: Option<Corrupt>,
    /// Weak pointers that died and have a finalizer of either kind, which is the scheduler's to run.
    pub dead_weaks: Vec<DeadWeak>,
    /// Threads that nothing can wake any more (`resurrectThreads`). They are alive again, so that the scheduler
    /// can raise an exception in them.
    pub resurrected: Vec<Addr>,
}
