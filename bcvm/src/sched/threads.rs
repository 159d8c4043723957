//! Which threads there are, and which can run.

use crate::layout::tso::{self, why_blocked};
use crate::mem::Mem;
use crate::word::Addr;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// The threads of a capability. Addresses are those of TSO objects, which the collector moves: it visits them all
/// through [`Threads::roots`].
#[derive(Debug, Default)]
pub struct Threads {
    current: Option<Addr>,
    run_queue: VecDeque<Addr>,
    /// Blocked threads, each with the BLACKHOLE it waits for.
    blocked: Vec<(Addr, Addr)>,
    next_id: u64,
}

impl Threads {
    /// None yet.
    pub fn new() -> Threads {
        Threads { next_id: 1, ..Threads::default() }
    }

    /// The running thread.
    #[inline(always)]
    pub fn current(&self) -> Option<Addr> {
        self.current
    }

    /// Makes a thread the running one.
    pub fn set_current(&mut self, t: Option<Addr>) {
        self.current = t;
    }

    /// A number for a new thread.
    pub fn fresh_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id - 1
    }

    /// Puts a thread at the end of the run queue.
    pub fn enqueue(&mut self, t: Addr) {
        self.run_queue.push_back(t);
    }

    /// Puts a thread at the head of the run queue.
    pub fn enqueue_first(&mut self, t: Addr) {
        self.run_queue.push_front(t);
    }

    /// Takes the thread at the head of the run queue.
    pub fn dequeue(&mut self) -> Option<Addr> {
        self.run_queue.pop_front()
    }

    /// Whether another thread could run.
    pub fn any_runnable(&self) -> bool {
        !self.run_queue.is_empty()
    }

    /// Takes a thread off whatever queue it is on.
    pub fn remove(&mut self, t: Addr) {
        self.run_queue.retain(|q| *q != t);
        self.blocked.retain(|(b, _)| *b != t);
    }

    /// Blocks a thread until the BLACKHOLE `on` is updated.
    pub fn block(&mut self, mem: &mut Mem, t: Addr, on: Addr) {
        mem.set_u16(t + tso::WHY_BLOCKED, why_blocked::BLACK_HOLE);
        self.blocked.push((t, on));
    }

    /// Whether a thread is blocked on a BLACKHOLE.
    #[inline(always)]
    pub fn any_blocked(&self) -> bool {
        !self.blocked.is_empty()
    }

    /// Makes the threads runnable that wait for the BLACKHOLE `on`, which has its value now.
    pub fn wake_blocked_on(&mut self, mem: &mut Mem, on: Addr) {
        let Threads { blocked, run_queue, .. } = self;
        blocked.retain(|&(t, b)| {
            if b == on {
                mem.set_u16(t + tso::WHY_BLOCKED, why_blocked::NOT_BLOCKED);
                run_queue.push_back(t);
            }
            b != on
        });
    }

    /// Every address held here, for the collector.
    pub fn roots(&mut self) -> impl Iterator<Item = &mut Addr> {
        let blocked = self.blocked.iter_mut().flat_map(|(t, b)| [t, b]);
        self.current.iter_mut().chain(self.run_queue.iter_mut()).chain(blocked)
    }
}
