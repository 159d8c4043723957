//! The machine: everything that one interpreter owns. Nothing of it is global.

use super::control::{Next, Stop};
use super::regs::Regs;
use crate::abi::host::Host;
use crate::abi::map;
use crate::gc::stable::StableTable;
use crate::heap::Heap;
use crate::layout::{regs, tso};
use crate::mem::Mem;
use crate::sched::threads::Threads;
use crate::statics::Statics;
use crate::word::Addr;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

/// How a machine is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Addresses for what never moves: MallocData, info tables made at run time.
    pub statics: Range<u32>,
    /// Addresses for the Haskell heap.
    pub heap: Range<u32>,
    /// The most bytes of heap in use.
    pub heap_limit: u32,
    /// Bytes of nursery.
    pub nursery: u32,
    /// Words of a thread's first stack chunk (`-ki`).
    pub stack_initial_w: u32,
    /// Words of its further ones (`-kc`).
    pub stack_chunk_w: u32,
    /// The most words of stack a thread may have (`-K`).
    pub stack_limit_w: u32,
    /// Collect at every so many starts of a BCO; 0 only when needed.
    pub collect_every: u32,
    /// Log every instruction.
    pub trace: bool,
}

impl Config {
    /// The set-up of the sandboxed machine with a heap of so many bytes.
    pub fn sandboxed(heap_limit: u32) -> Config {
        Config {
            statics: map::STATICS..map::HEAP,
            heap: map::HEAP..map::HEAP_END,
            heap_limit,
            nursery: 1 << 20,
            stack_initial_w: 128,
            stack_chunk_w: 4096,
            // GHC's default is 80 % of memory; a stack is copied at most once, so it may be most of the heap.
            stack_limit_w: heap_limit / 10 * 6 / 8,
            collect_every: 0,
            trace: false,
        }
    }

    /// The set-up of a machine in an arena, with the same sizes, and the arena's end.
    pub fn internal(heap_limit: u32) -> (Config, u32) {
        const STATICS: u32 = 1 << 24;
        let heap = map::RTS_END + STATICS;
        let end = heap.saturating_add(heap_limit).saturating_add(heap_limit / 8);
        let config = Config { statics: map::RTS_END..heap, heap: heap..end, ..Config::sandboxed(heap_limit) };
        (config, end)
    }
}

/// The machine.
#[derive(Debug)]
pub struct Machine {
    /// Memory.
    pub mem: Mem,
    /// Who gives memory, runs compiled code, takes the log.
    pub host: Box<dyn Host>,
    /// The Haskell heap.
    pub heap: Heap,
    /// Stable pointers, which are the references that go over the wire, and stable names.
    pub stable: StableTable,
    /// Threads.
    pub threads: Threads,
    /// What never moves.
    pub statics: Statics,
    /// CAFs that have been entered: roots, and revertible.
    pub cafs: Vec<Addr>,
    /// Registers of the current thread while it does not run.
    pub regs: Regs,
    /// How it was set up.
    pub config: Config,
    /// What the program did, after [`Stop::Crash`].
    pub crash_report: String,
    /// Counts.
    pub stats: Stats,
    collect_countdown: u32,
}

/// What a machine has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// BCOs created, nested ones counted.
    pub bcos: u64,
    /// Minor collections.
    pub minor: u64,
    /// Major collections.
    pub major: u64,
}

impl Machine {
    /// A machine whose memory has the RTS region committed.
    pub fn new(mut mem: Mem, mut host: Box<dyn Host>, config: Config) -> Machine {
        crate::entry::image::write(&mut mem);
        let mut heap = Heap::new(config.heap.clone(), config.heap_limit, config.nursery);
        let (hp, hp_lim) = heap.open_nursery(&mut mem, &mut *host);
        let mut m = Machine {
            mem,
            host,
            heap,
            stable: StableTable::new(),
            threads: Threads::new(),
            statics: Statics::new(config.statics.clone()),
            cafs: Vec::new(),
            regs: Regs { hp, hp_lim, ..Regs::default() },
            collect_countdown: config.collect_every,
            config,
            crash_report: String::new(),
            stats: Stats::default(),
        };
        m.arm();
        m
    }

    /// Marks the machine as at work in its own runtime: a trap from here on leaves a heap nobody can trust.
    pub fn enter_runtime(&mut self) {
        self.mem.set_u32(Addr(map::RUNTIME_BUSY), 1);
    }

    /// The runtime has finished.
    pub fn leave_runtime(&mut self) {
        self.mem.set_u32(Addr(map::RUNTIME_BUSY), 0);
    }

    /// Asks the running thread to stop at its next safe point.
    pub fn request_stop(&mut self) {
        self.mem.set_word(regs::BASE_REG + regs::HP_LIM, 0);
    }

    /// Takes back all requests to stop, and answers the reason that the host gave for one (0: it gave none).
    ///
    /// The host writes the reason first and HpLim second, so a request that comes meanwhile is either read here
    /// or stops the thread again.
    pub fn arm(&mut self) -> u32 {
        let base = regs::BASE_REG;
        self.mem.set_word(base + regs::HP_LIM, u64::MAX);
        let reason = self.mem.u32(base + regs::INTERRUPT);
        self.mem.set_u32(base + regs::INTERRUPT, 0);
        if self.config.collect_every != 0 {
            self.request_stop();
        }
        reason
    }

    /// Whether `collect_every` asks for a collection at this safe point.
    pub fn collection_due(&mut self) -> bool {
        if self.config.collect_every == 0 {
            return false;
        }
        self.collect_countdown = self.collect_countdown.saturating_sub(1);
        if self.collect_countdown == 0 {
            self.collect_countdown = self.config.collect_every;
        }
        self.collect_countdown == self.config.collect_every
    }

    /// Ends the evaluation because the program did `what`.
    #[cold]
    pub fn crash(&mut self, what: String) -> Next {
        self.crash_report = what;
        Next::Stop(Stop::Crash)
    }

    /// The flags of the current thread.
    pub fn current_flags(&self) -> u32 {
        self.threads.current().map_or(0, |t| self.mem.u32(t + tso::FLAGS))
    }

    /// Sets the flags of the current thread.
    pub fn set_current_flags(&mut self, flags: u32) {
        if let Some(t) = self.threads.current() {
            self.mem.set_u32(t + tso::FLAGS, flags);
        }
    }

    /// Logs the instruction `w` that is about to run.
    #[cold]
    pub fn trace_instruction(&mut self, r: &Regs, w: u64) {
        let line = crate::show::instruction(&self.mem, r, w);
        self.host.log(&line);
    }
}
