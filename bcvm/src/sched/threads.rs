//! Which threads there are, and which can run.

use crate::layout::tso;
use crate::mem::Mem;
use crate::word::{Addr, ClosurePtr};
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// A thread that the outside wakes.
#[derive(Clone, Copy, Debug)]
pub struct Sleeper {
    /// The thread.
    pub thread: Addr,
    /// What it waits for.
    pub wake: Wake,
}

/// What a sleeper waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wake {
    /// A time on the host's clock, in nanoseconds.
    At(u64),
    /// Input from a file descriptor, or room for output to it.
    Fd {
        /// The descriptor.
        fd: i32,
        /// Whether it is to be written to.
        write: bool,
    },
}

/// The threads of a capability. Addresses are those of TSO objects, which the collector moves: it visits them all
/// through [`Threads::roots`]. A thread that waits for another is in a queue in the heap and not here: it lives as long
/// as what it waits for.
#[derive(Debug, Default)]
pub struct Threads {
    current: Option<Addr>,
    run_queue: VecDeque<Addr>,
    /// Those that the outside wakes.
    pub(super) sleepers: Vec<Sleeper>,
    /// Those that a collection found to wait for what nobody can do any more.
    pub(super) resurrected: VecDeque<Addr>,
    /// How many wait for a BLACKHOLE, so that an update need not look whether somebody does.
    pub(super) on_black_holes: usize,
    /// What the machine had allocated when the running thread's allocation was last counted.
    pub(super) counted_w: u64,
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

    /// Whether another thread could run, or must be told that it never will.
    pub fn any_runnable(&self) -> bool {
        !self.run_queue.is_empty() || !self.resurrected.is_empty()
    }

    /// Notes threads that a collection has brought back.
    pub fn add_resurrected(&mut self, threads: &[Addr]) {
        self.resurrected.extend(threads);
    }

    /// Takes a thread off the lists that are here.
    pub fn remove(&mut self, t: Addr) {
        self.run_queue.retain(|q| *q != t);
        self.sleepers.retain(|s| s.thread != t);
        self.resurrected.retain(|r| *r != t);
    }

    /// Whether a thread is blocked on a BLACKHOLE.
    #[inline(always)]
    pub fn any_blocked(&self) -> bool {
        self.on_black_holes != 0
    }

    /// Every address that keeps a thread alive, for the collector.
    pub fn roots(&mut self) -> impl Iterator<Item = &mut Addr> {
        let sleepers = self.sleepers.iter_mut().map(|s| &mut s.thread);
        self.current.iter_mut().chain(&mut self.run_queue).chain(sleepers).chain(&mut self.resurrected)
    }
}

/// Whether the thread `t` has ended, one way or another.
pub fn has_ended(mem: &Mem, t: Addr) -> bool {
    matches!(mem.u16(t + tso::WHAT_NEXT), tso::what_next::KILLED | tso::what_next::COMPLETE)
}

/// What a program has bent into a circle ends here.
pub(crate) const MAX_CHAIN: usize = 1 << 24;

/// The addresses in a chain: from `first` on by the word at `link`, up to `end`.
pub(crate) fn chain(mem: &Mem, first: ClosurePtr, link: u32, end: Addr) -> impl Iterator<Item = Addr> {
    let mut next = first.addr();
    core::iter::from_fn(move || {
        let at = next;
        (at != end && !at.is_null()).then(|| {
            next = mem.closure(at + link).addr();
            at
        })
    })
    .take(MAX_CHAIN)
}
