//! Threads that wait for a thunk which another thread evaluates (`rts/Messages.c`, `wakeBlockingQueue`).
//!
//! The BLACKHOLE points to a BLOCKING_QUEUE instead of to its owner, and the owner has a list of all that there are for
//! its thunks: whoever can reach one of them keeps those alive that wait. A queue is woken when the BLACKHOLE gets a
//! value, from the owner or because the owner was interrupted.

use super::threads::chain;
use crate::entry::closures::Builtin;
use crate::entry::table::info;
use crate::interp::machine::Machine;
use crate::layout::ClosureType;
use crate::layout::closure::{INDIRECTEE, blocking_queue as bq};
use crate::layout::info_table::InfoTable;
use crate::layout::tso::{self, why_blocked};
use crate::mem::Mem;
use crate::word::{Addr, ClosurePtr};
use alloc::vec::Vec;

/// The BLOCKING_QUEUE of the closure at `p`, if that is a BLACKHOLE which has one.
fn queue_of(mem: &Mem, p: Addr) -> Option<Addr> {
    let of = |c: Addr| InfoTable::at(mem, mem.info(c)).closure_type();
    if of(p) != ClosureType::BLACKHOLE {
        return None;
    }
    let q = mem.closure(p + INDIRECTEE);
    (q.tag() == 0 && of(q.addr()) == ClosureType::BLOCKING_QUEUE).then(|| q.addr())
}

/// The thread that evaluates the BLACKHOLE with this indirectee; none if it has a value.
pub fn owner(mem: &Mem, indirectee: ClosurePtr) -> Option<Addr> {
    if indirectee.tag() != 0 {
        return None;
    }
    let c = indirectee.addr();
    match mem.info(c) {
        info::STG_TSO => Some(c),
        info::STG_BLOCKING_QUEUE_CLEAN | info::STG_BLOCKING_QUEUE_DIRTY => Some(mem.closure(c + bq::OWNER).addr()),
        _ => None,
    }
}

impl Machine {
    /// Blocks the running thread until the BLACKHOLE at `on` has a value (`messageBlackHole`); false when there is no
    /// heap for it.
    pub(super) fn block_on_black_hole(&mut self, on: Addr) -> bool {
        let Some(t) = self.threads.current() else { return true };
        let queue = match queue_of(&self.mem, on) {
            Some(queue) => queue,
            None => {
                let Some(queue) = self.allocate(bq::SIZE_W) else { return false };
                let owner = self.mem.closure(on + INDIRECTEE);
                let others = self.mem.closure(owner.addr() + tso::BQ);
                self.mem.set_info(queue, info::STG_BLOCKING_QUEUE_DIRTY);
                self.mem.set_closure(queue + bq::LINK, others);
                self.mem.set_closure(queue + bq::BLACK_HOLE, on.into());
                self.mem.set_closure(queue + bq::OWNER, owner);
                self.mem.set_closure(queue + bq::QUEUE, Builtin::EndTsoQueue.ptr());
                self.heap.dirty_tso(&mut self.mem, owner.addr());
                self.mem.set_closure(owner.addr() + tso::BQ, queue.into());
                self.mem.set_closure(on + INDIRECTEE, queue.into());
                self.heap.remember(on);
                queue
            }
        };
        let first = self.mem.closure(queue + bq::QUEUE);
        self.block_current(why_blocked::BLACK_HOLE, on.into());
        self.mem.set_closure(t + tso::LINK, first);
        self.heap.dirty_blocking_queue(&mut self.mem, queue);
        self.mem.set_closure(queue + bq::QUEUE, t.into());
        self.threads.on_black_holes += 1;
        true
    }

    /// Wakes those who wait for the closure at `p`, which is about to get its value.
    #[cold]
    pub(crate) fn wake_black_hole(&mut self, p: Addr) {
        if let Some(queue) = queue_of(&self.mem, p) {
            self.wake_blocking_queue(queue);
        }
    }

    fn wake_blocking_queue(&mut self, queue: Addr) {
        let end = Builtin::EndTsoQueue.addr();
        let waiting: Vec<Addr> = chain(&self.mem, self.mem.closure(queue + bq::QUEUE), tso::LINK, end).collect();
        for t in waiting {
            self.wake(t);
        }
        // The owner's list goes on behind it, also for the collector: its link is where an IND has its indirectee.
        self.mem.set_info(queue, info::STG_IND);
    }

    /// Takes a thread off the queue of the BLACKHOLE that it waits for.
    pub(super) fn leave_black_hole(&mut self, t: Addr) {
        let on = self.mem.closure(t + tso::BLOCK_INFO).addr();
        let Some(queue) = queue_of(&self.mem, on) else { return };
        let next = self.mem.closure(t + tso::LINK);
        let first = self.mem.closure(queue + bq::QUEUE);
        if first.addr() == t {
            self.heap.dirty_blocking_queue(&mut self.mem, queue);
            self.mem.set_closure(queue + bq::QUEUE, next);
            return;
        }
        let end = Builtin::EndTsoQueue.addr();
        let before = chain(&self.mem, first, tso::LINK, end).find(|b| self.mem.closure(*b + tso::LINK).addr() == t);
        if let Some(before) = before {
            self.heap.dirty_tso(&mut self.mem, before);
            self.mem.set_closure(before + tso::LINK, next);
        }
    }

    /// Wakes all who wait for what the thread `t` was evaluating, because it has died and will not go on: they find that
    /// out when they enter it.
    pub(super) fn wake_all_black_holes(&mut self, t: Addr) {
        let end = Builtin::EndTsoQueue.addr();
        let queues: Vec<Addr> = chain(&self.mem, self.mem.closure(t + tso::BQ), bq::LINK, end).collect();
        for queue in queues {
            if InfoTable::at(&self.mem, self.mem.info(queue)).closure_type() == ClosureType::BLOCKING_QUEUE {
                let hole = self.mem.closure(queue + bq::BLACK_HOLE).addr();
                self.mem.set_closure(hole + INDIRECTEE, t.into());
                self.heap.remember(hole);
                self.wake_blocking_queue(queue);
            }
        }
        self.heap.dirty_tso(&mut self.mem, t);
        self.mem.set_closure(t + tso::BQ, Builtin::EndTsoQueue.ptr());
    }
}
