//! The list of threads: one that nothing can reach any more, and that hasn't ended, is resurrected so that the
//! scheduler can raise an exception in it (`tidyThreadList`, `resurrectThreads`).

use super::collect::Collector;
use crate::layout::tso::{self, what_next};
use crate::word::{Addr, ClosurePtr};
use alloc::vec::Vec;

impl Collector<'_> {
    /// Lists the threads that were reached.
    pub(super) fn tidy_threads(&mut self, pending: &mut Vec<Addr>) {
        for t in core::mem::take(pending) {
            match self.alive(t.into()).map(ClosurePtr::addr) {
                None => pending.push(t),
                Some(t) if self.has_ended(t) => {}
                Some(t) => self.heap.threads.put(t, self.heap.blocks.place(t)),
            }
        }
    }

    /// Brings back those that were not and haven't ended.
    pub(super) fn resurrect_threads(&mut self, pending: Vec<Addr>) -> Vec<Addr> {
        self.promote = false;
        let mut resurrected = Vec::new();
        for t in pending {
            if self.has_ended(t) {
                continue;
            }
            let t = self.evacuate(t.into()).addr();
            self.heap.threads.put(t, self.heap.blocks.place(t));
            resurrected.push(t);
        }
        resurrected
    }

    fn has_ended(&self, t: Addr) -> bool {
        matches!(self.mem.u16(t + tso::WHAT_NEXT), what_next::KILLED | what_next::COMPLETE)
    }
}
