//! Threads that wait for other threads: blocking, waking, leaving a queue early.
//
// Note [How a blocked thread goes on]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A primop that blocks leaves the call of itself on the stack, as it would be if it had never been made:
//
//      stg_enter  its wrapper  stg_ap_x  arguments…
//
// Whoever wakes the thread has done what the primop would, and replaces the call by its result. If the thread is
// interrupted instead and what it evaluated is frozen, the frozen piece begins with the call, so that it is made again
// when the value is wanted again. GHC has a frame with code for each such primop (`stg_block_takemvar` and so on).
// A thread that waits for time, for a descriptor or for an exception to be taken has no more to do once it is woken, and
// leaves its result (`stg_ret_v`) at once.

use super::threads::MAX_CHAIN;
use crate::entry::closures::{self, Builtin};
use crate::entry::table::info;
use crate::interp::apply;
use crate::interp::machine::Machine;
use crate::layout::closure::{mvar, mvar_queue};
use crate::layout::tso::{self, stack, why_blocked};
use crate::primop::effect::{Answer, Effect};
use crate::word::{Addr, ClosurePtr, Word};

/// Words of a call on the stack beside its arguments.
const CALL_W: u32 = 3;

impl Machine {
    /// Blocks the running thread because of `why` until it is woken; `on` is what it waits for.
    pub(crate) fn block_current(&mut self, why: u16, on: ClosurePtr) -> Answer {
        if let Some(t) = self.threads.current() {
            self.heap.dirty_tso(&mut self.mem, t);
            self.mem.set_u16(t + tso::WHY_BLOCKED, why);
            self.mem.set_closure(t + tso::BLOCK_INFO, on);
        }
        Answer::Block
    }

    /// Leaves the call of `op` on the running thread's stack: see Note [How a blocked thread goes on].
    pub(crate) fn leave_call(&mut self, op: Effect, args: &[Word]) {
        for w in args.iter().rev() {
            self.regs.push(&mut self.mem, *w);
        }
        let frame = apply::frame_for(op.row().args).unwrap_or(info::STG_AP_V);
        self.regs.push_info(&mut self.mem, frame);
        self.regs.push(&mut self.mem, closures::wrapper(op.number()).word());
        self.regs.push_info(&mut self.mem, info::STG_ENTER);
    }

    /// The argument number `n` of the call that the blocked thread `t` left.
    pub(crate) fn call_argument(&self, t: Addr, n: u32) -> Word {
        let s = self.mem.closure(t + tso::STACKOBJ).addr();
        let sp = self.mem.closure(s + stack::SP).addr();
        self.mem.word(sp.offset_w(CALL_W + n))
    }

    /// Replaces the call that the blocked thread `t` left, of `args` argument words, by its result, and wakes it.
    pub(crate) fn finish_call(&mut self, t: Addr, args: u32, result: Option<ClosurePtr>) {
        self.touch(t);
        let s = self.mem.closure(t + tso::STACKOBJ).addr();
        let end = self.mem.closure(s + stack::SP).addr().offset_w(CALL_W + args);
        let sp = match result {
            Some(p) => {
                let sp = end - 2 * crate::word::WORD;
                self.mem.set_info(sp, info::STG_RET_P);
                self.mem.set_closure(sp.offset_w(1), p);
                sp
            }
            None => {
                let sp = end - crate::word::WORD;
                self.mem.set_info(sp, info::STG_RET_V);
                sp
            }
        };
        self.mem.set_word(s + stack::SP, sp.word());
        self.wake(t);
    }

    /// The thread `t`, which has left its queue, can run.
    pub(crate) fn wake(&mut self, t: Addr) {
        self.unblock(t);
        self.threads.enqueue(t);
    }

    fn unblock(&mut self, t: Addr) {
        self.heap.dirty_tso(&mut self.mem, t);
        if self.mem.u16(t + tso::WHY_BLOCKED) == why_blocked::BLACK_HOLE {
            self.threads.on_black_holes = self.threads.on_black_holes.saturating_sub(1);
        }
        self.mem.set_u16(t + tso::WHY_BLOCKED, why_blocked::NOT_BLOCKED);
        self.mem.set_closure(t + tso::BLOCK_INFO, Builtin::EndTsoQueue.ptr());
        self.mem.set_closure(t + tso::LINK, Builtin::EndTsoQueue.ptr());
    }

    /// Takes the thread `t` off whatever queue it is in (`removeFromQueues`). It doesn't wait any more, and nobody will
    /// run it but the caller.
    pub(super) fn remove_from_queues(&mut self, t: Addr) {
        self.threads.remove(t);
        match self.mem.u16(t + tso::WHY_BLOCKED) {
            why_blocked::MVAR | why_blocked::MVAR_READ | why_blocked::IO_COMPLETION => self.leave_mvar(t),
            why_blocked::BLACK_HOLE => self.leave_black_hole(t),
            why_blocked::STM => self.leave_watch_queues(t),
            why_blocked::MSG_THROW_TO => {
                let message = self.mem.closure(t + tso::BLOCK_INFO).addr();
                self.mem.set_info(message, info::STG_MSG_NULL);
            }
            _ => {}
        }
        self.unblock(t);
    }

    /// `removeFromMVarBlockedQueue`
    fn leave_mvar(&mut self, t: Addr) {
        let (var, cell) = (self.mem.closure(t + tso::BLOCK_INFO).addr(), self.mem.closure(t + tso::LINK).addr());
        if self.mem.closure(var + mvar::HEAD).addr() == cell {
            self.advance_mvar(var, cell);
        } else {
            self.mem.set_info(cell, info::STG_MSG_NULL);
        }
    }

    /// Takes the first cell off the queue of an MVar.
    fn advance_mvar(&mut self, var: Addr, cell: Addr) {
        let end = Builtin::EndTsoQueue.ptr();
        let next = self.mem.closure(cell + mvar_queue::LINK);
        self.heap.dirty_mvar(&mut self.mem, var);
        self.mem.set_closure(var + mvar::HEAD, next);
        if next.addr() == end.addr() {
            self.mem.set_closure(var + mvar::TAIL, end);
        }
    }

    /// Takes the first thread off the queue of an MVar. Cells of threads that left early are skipped.
    pub(crate) fn next_of_mvar(&mut self, var: Addr) -> Option<Addr> {
        for _ in 0..MAX_CHAIN {
            let cell = self.mem.closure(var + mvar::HEAD).addr();
            if cell == Builtin::EndTsoQueue.addr() {
                break;
            }
            self.advance_mvar(var, cell);
            if self.mem.info(cell) == info::STG_MVAR_TSO_QUEUE {
                return Some(self.mem.closure(cell + mvar_queue::TSO).addr());
            }
        }
        None
    }
}
