//! Software transactions (`rts/STM.c`). The frames of `atomically#` and its kin are the interpreter's and `raise`'s.
//
// Note [Transactions of one capability]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// Threads switch at safe points only, so that validating and committing need no locks. What is left of GHC's algorithm:
//
// * A thread in a transaction has a TREC. Its entries (TVar, expected value, new value) are the transaction's whole read
//   and write set, whatever is nested in it: GHC merges the read set of a nested transaction into the outer one both
//   when that succeeds and when it fails, so there is never a reason to keep two.
// * A nested transaction (one branch of `orElse`, the body of a `catchSTM#`) has a TREC of its own, enclosed by the
//   outer one, whose entries (TVar, former new value) undo its writes. To abort it is to go through them, the last
//   first. To commit it is to hang its chunks in front of those of the enclosing one, if that is nested as well. Neither
//   allocates, so neither can fail.
// * A transaction is valid while every TVar has its expected value. An invalid one runs on until it is looked at: when
//   it ends, when it raises an exception, and when its thread goes on after others have run, lest it loop for ever on
//   values that never were together.
// * A thread whose transaction can only be retried is on the watch queue of each TVar it has read. The entries then hold
//   the cells of the queues in place of new values. A commit that changes one of the TVars wakes it, and it makes the
//   call of `atomically#` again that it left on its stack.

use super::threads::chain;
use crate::entry::closures::Builtin;
use crate::entry::table::info;
use crate::gc::size::trec_chunk;
use crate::interp::machine::Machine;
use crate::layout::closure::{trec, tvar, watch_queue};
use crate::layout::tso;
use crate::mem::Mem;
use crate::word::{Addr, ClosurePtr, WORD, Word};
use alloc::vec::Vec;

/// Fields of an entry.
mod entry {
    pub const TVAR: u32 = 0;
    /// The value the TVar had when it was first looked at; in a nested transaction, the new value to go back to.
    pub const EXPECTED: u32 = 8;
    /// The value it will get; of a waiting transaction, its cell of the TVar's watch queue.
    pub const NEW: u32 = 16;
}

const NO_TREC: ClosurePtr = Builtin::NoTrec.ptr();
const NO_CHUNK: ClosurePtr = Builtin::EndStmChunkList.ptr();
const NO_CELL: ClosurePtr = Builtin::EndStmWatchQueue.ptr();

/// The entries of a transaction, the last one first.
fn entries(mem: &Mem, trec: Addr) -> impl Iterator<Item = Addr> {
    chain(mem, mem.closure(trec + trec::CHUNK), trec_chunk::PREV, NO_CHUNK.addr()).flat_map(move |chunk| {
        let n = mem.u32(chunk + trec_chunk::NEXT_ENTRY).min(trec_chunk::ENTRY_COUNT);
        (0..n).rev().map(move |i| (chunk + trec_chunk::ENTRIES).offset_w(i * trec_chunk::ENTRY_W))
    })
}

fn find_entry(mem: &Mem, trec: Addr, var: Addr) -> Option<Addr> {
    entries(mem, trec).find(|e| mem.closure(*e + entry::TVAR).addr() == var)
}

impl Machine {
    /// The running thread's innermost transaction.
    pub(crate) fn transaction(&self) -> Option<Addr> {
        let trec = self.mem.closure(self.threads.current()? + tso::TREC).addr();
        (trec != NO_TREC.addr()).then_some(trec)
    }

    fn set_transaction(&mut self, trec: ClosurePtr) {
        if let Some(t) = self.threads.current() {
            self.heap.dirty_tso(&mut self.mem, t);
            self.mem.set_closure(t + tso::TREC, trec);
        }
    }

    /// The outermost transaction that `trec` is part of.
    fn root_of(&self, trec: Addr) -> Addr {
        chain(&self.mem, trec.into(), trec::ENCLOSING, NO_TREC.addr()).last().unwrap_or(trec)
    }

    /// Starts a transaction inside the one that goes on, if one does; false when there is no heap for it.
    pub(crate) fn start_transaction(&mut self) -> bool {
        let enclosing = self.transaction().map_or(NO_TREC, ClosurePtr::from);
        let Some(new) = self.allocate(trec::SIZE_W) else { return false };
        self.mem.set_info(new, info::STG_TREC_HEADER);
        self.mem.set_closure(new + trec::ENCLOSING, enclosing);
        self.mem.set_closure(new + trec::CHUNK, NO_CHUNK);
        self.mem.set_word(new + trec::STATE, 0);
        self.set_transaction(new.into());
        true
    }

    /// Adds an entry; none when there is no heap for it.
    fn add_entry(&mut self, trec: Addr, words: [Word; 3]) -> Option<Addr> {
        let mut chunk = self.mem.closure(trec + trec::CHUNK);
        let mut n = match chunk.addr() == NO_CHUNK.addr() {
            true => trec_chunk::ENTRY_COUNT,
            false => self.mem.u32(chunk.addr() + trec_chunk::NEXT_ENTRY),
        };
        if n >= trec_chunk::ENTRY_COUNT {
            let new = self.allocate(trec_chunk::SIZE_W)?;
            self.mem.set_info(new, info::STG_TREC_CHUNK);
            self.mem.set_closure(new + trec_chunk::PREV, chunk);
            self.mem.set_closure(trec + trec::CHUNK, new.into());
            (chunk, n) = (new.into(), 0);
        }
        let at = (chunk.addr() + trec_chunk::ENTRIES).offset_w(n * trec_chunk::ENTRY_W);
        for (i, w) in words.into_iter().enumerate() {
            self.mem.set_word(at.offset_w(i as u32), w);
        }
        self.mem.set_word(chunk.addr() + trec_chunk::NEXT_ENTRY, n as Word + 1);
        Some(at)
    }

    /// The entry of a TVar in the whole transaction, made if there is none.
    fn entry_of(&mut self, root: Addr, var: Addr) -> Option<Addr> {
        if let Some(e) = find_entry(&self.mem, root, var) {
            return Some(e);
        }
        let value = self.mem.word(var + tvar::VALUE);
        self.add_entry(root, [var.word(), value, value])
    }

    /// The value of a TVar in the transaction `trec` (`stmReadTVar`); none when there is no heap.
    pub(crate) fn read_tvar(&mut self, trec: Addr, var: Addr) -> Option<Word> {
        let root = self.root_of(trec);
        let e = self.entry_of(root, var)?;
        Some(self.mem.word(e + entry::NEW))
    }

    /// Gives a TVar a value in the transaction `trec` (`stmWriteTVar`); false when there is no heap.
    pub(crate) fn write_tvar(&mut self, trec: Addr, var: Addr, value: Word) -> bool {
        let root = self.root_of(trec);
        let Some(e) = self.entry_of(root, var) else { return false };
        if trec != root && find_entry(&self.mem, trec, var).is_none() {
            let before = self.mem.word(e + entry::NEW);
            if self.add_entry(trec, [var.word(), before, NO_TREC.word()]).is_none() {
                return false;
            }
        }
        self.mem.set_word(e + entry::NEW, value);
        true
    }

    /// Takes back the writes of the innermost transaction, which is nested, and goes back to the one around it
    /// (`stmAbortTransaction`). What it has read stays read.
    pub(crate) fn abort_nested(&mut self) {
        let Some(trec) = self.transaction() else { return };
        let root = self.root_of(trec);
        if trec == root {
            return;
        }
        let undo: Vec<Addr> = entries(&self.mem, trec).collect();
        for u in undo {
            let (var, before) = (self.mem.closure(u + entry::TVAR).addr(), self.mem.word(u + entry::EXPECTED));
            if let Some(e) = find_entry(&self.mem, root, var) {
                self.mem.set_word(e + entry::NEW, before);
            }
        }
        let outer = self.mem.closure(trec + trec::ENCLOSING);
        self.set_transaction(outer);
    }

    /// Makes the innermost transaction, which is nested, part of the one around it (`stmCommitNestedTransaction`).
    pub(crate) fn commit_nested(&mut self) {
        let Some(trec) = self.transaction() else { return };
        let outer = self.mem.closure(trec + trec::ENCLOSING);
        if outer.addr() == NO_TREC.addr() {
            return;
        }
        self.set_transaction(outer);
        let last = self.mem.closure(trec + trec::CHUNK);
        let is_root = self.mem.closure(outer.addr() + trec::ENCLOSING).addr() == NO_TREC.addr();
        if is_root || last.addr() == NO_CHUNK.addr() {
            return;
        }
        if let Some(first) = chain(&self.mem, last, trec_chunk::PREV, NO_CHUNK.addr()).last() {
            let before = self.mem.closure(outer.addr() + trec::CHUNK);
            self.mem.set_closure(first + trec_chunk::PREV, before);
            self.mem.set_closure(outer.addr() + trec::CHUNK, last);
        }
    }

    /// Whether the running thread is in a transaction that has seen values which no longer are.
    pub(crate) fn transaction_is_stale(&self) -> bool {
        let Some(trec) = self.transaction() else { return false };
        let mem = &self.mem;
        entries(mem, self.root_of(trec))
            .any(|e| mem.word(mem.closure(e + entry::TVAR).addr() + tvar::VALUE) != mem.word(e + entry::EXPECTED))
    }

    /// Ends the running thread's transaction, whatever is nested in it, without a trace.
    pub(crate) fn forget_transaction(&mut self) {
        self.set_transaction(NO_TREC);
    }

    /// Begins the running thread's transaction again with nothing read.
    pub(crate) fn restart_transaction(&mut self) {
        if let Some(trec) = self.transaction() {
            let root = self.root_of(trec);
            self.mem.set_closure(root + trec::CHUNK, NO_CHUNK);
            self.set_transaction(root.into());
        }
    }

    /// Begins the innermost transaction again, which is nested and was aborted a moment ago.
    pub(crate) fn reuse_nested(&mut self, trec: Addr) {
        self.mem.set_closure(trec + trec::CHUNK, NO_CHUNK);
        self.set_transaction(trec.into());
    }

    /// Gives the TVars their new values and wakes who waits for that (`stmCommitTransaction`); false, and nothing has
    /// happened, if the transaction is stale.
    pub(crate) fn commit_transaction(&mut self) -> bool {
        if self.transaction_is_stale() {
            return false;
        }
        let Some(trec) = self.transaction() else { return true };
        self.set_transaction(NO_TREC);
        let all: Vec<Addr> = entries(&self.mem, self.root_of(trec)).collect();
        for e in all {
            let new = self.mem.word(e + entry::NEW);
            if new == self.mem.word(e + entry::EXPECTED) {
                continue;
            }
            let var = self.mem.closure(e + entry::TVAR).addr();
            self.heap.dirty_tvar(&mut self.mem, var);
            self.mem.set_word(var + tvar::VALUE, new);
            let updates = self.mem.word(var + tvar::UPDATES);
            self.mem.set_word(var + tvar::UPDATES, updates.wrapping_add(1));
            self.wake_watchers(var);
        }
        true
    }

    /// Wakes those who wait for the TVar to change, the oldest first.
    fn wake_watchers(&mut self, var: Addr) {
        let first = self.mem.closure(var + tvar::FIRST_WATCH);
        let cells = chain(&self.mem, first, watch_queue::NEXT, NO_CELL.addr());
        let mut waiting: Vec<Addr> = cells.map(|c| self.mem.closure(c + watch_queue::TSO).addr()).collect();
        waiting.reverse();
        for t in waiting {
            self.leave_watch_queues(t);
            self.wake(t);
        }
    }

    /// Puts the running thread on the watch queues of all it has read (`build_watch_queue_entries_for_trec`). The words
    /// that are missing if there is no heap for it, and then nothing has changed.
    pub(crate) fn watch(&mut self) -> Result<(), u32> {
        let (Some(t), Some(trec)) = (self.threads.current(), self.transaction()) else { return Ok(()) };
        let root = self.root_of(trec);
        let all: Vec<Addr> = entries(&self.mem, root).collect();
        let mut cells = Vec::with_capacity(all.len());
        for _ in &all {
            match self.allocate(watch_queue::SIZE_W) {
                Some(cell) => cells.push(cell),
                None => return Err((all.len() as u32).saturating_mul(watch_queue::SIZE_W)),
            }
        }
        for (e, cell) in all.into_iter().zip(cells) {
            let var = self.mem.closure(e + entry::TVAR).addr();
            let next = self.mem.closure(var + tvar::FIRST_WATCH);
            self.mem.set_info(cell, info::STG_TVAR_WATCH_QUEUE);
            self.mem.set_closure(cell + watch_queue::TSO, t.into());
            self.mem.set_closure(cell + watch_queue::NEXT, next);
            self.mem.set_closure(cell + watch_queue::PREV, NO_CELL);
            if next.addr() != NO_CELL.addr() {
                self.mem.set_closure(next.addr() + watch_queue::PREV, cell.into());
            }
            self.heap.dirty_tvar(&mut self.mem, var);
            self.mem.set_closure(var + tvar::FIRST_WATCH, cell.into());
            self.mem.set_closure(e + entry::NEW, cell.into());
        }
        self.set_transaction(root.into());
        Ok(())
    }

    /// Takes the thread `t`, which waits for a TVar to change, off all watch queues; its transaction is over
    /// (`remove_watch_queue_entries_for_trec`).
    pub(super) fn leave_watch_queues(&mut self, t: Addr) {
        let trec = self.mem.closure(t + tso::TREC).addr();
        self.heap.dirty_tso(&mut self.mem, t);
        self.mem.set_closure(t + tso::TREC, NO_TREC);
        if trec == NO_TREC.addr() {
            return;
        }
        let all: Vec<Addr> = entries(&self.mem, trec).collect();
        for e in all {
            let (var, cell) = (self.mem.closure(e + entry::TVAR).addr(), self.mem.closure(e + entry::NEW).addr());
            let (next, prev) = (self.mem.closure(cell + watch_queue::NEXT), self.mem.closure(cell + watch_queue::PREV));
            if next.addr() != NO_CELL.addr() {
                self.mem.set_closure(next.addr() + watch_queue::PREV, prev);
            }
            if prev.addr() != NO_CELL.addr() {
                self.mem.set_closure(prev.addr() + watch_queue::NEXT, next);
            } else {
                self.heap.dirty_tvar(&mut self.mem, var);
                self.mem.set_closure(var + tvar::FIRST_WATCH, next);
            }
        }
    }
}

const _: () = assert!(entry::NEW + WORD == trec_chunk::ENTRY_W * WORD);
