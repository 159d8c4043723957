//! The machine: everything that one interpreter owns. Nothing of it is global.
//
// Note [Recovering from a trap]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A trap in the guest (a wild address, a hard stop) leaves wasm frames nobody unwinds. When it came while the
// program ran, and not the runtime itself, the heap is what the program made of it, and only what lived in wasm
// locals is lost:
//
// * hp: nobody knows how far the nursery is filled, and objects beyond the saved hp may be referred to by what
//   the program has updated. So the rest of the nursery's group counts as used.
// * sp: the thread's stack is in an unknown state and is never looked at again. The thread is dead; thunks it had
//   blackholed are found by whoever enters them, because their owner is dead, and raise the crash exception.
//   Thunks it was evaluating and had not blackholed yet are still the thunks they were.
// * everything else (tables, lists) is only changed by the runtime, during which `RUNTIME_BUSY` is set: a trap
//   then makes the engine build the machine anew.

use super::control::{Next, Stop, Value};
use super::regs::{Regs, alloc};
use crate::abi::host::Host;
use crate::abi::map;
use crate::bco::create::Creator;
use crate::entry::bound::Bound;
use crate::entry::closures::Builtin;
use crate::entry::registers::Registers;
use crate::gc::{self, Kind, Roots, StableTable, Visitor};
use crate::heap::{self, Heap};
use crate::layout::closure::ind_static;
use crate::layout::{regs, tso};
use crate::libc::state::CState;
use crate::mem::Mem;
use crate::primop::compact::Visited;
use crate::sched::fuel::Fuel;
use crate::sched::native::callback::{Outer, Outside};
use crate::sched::run::Outcome;
use crate::sched::threads::Threads;
use crate::statics::Statics;
use crate::word::{Addr, ClosurePtr};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use bincode::{Decode, Encode};
use core::ops::Range;

/// How a machine is set up.
#[derive(Clone, Debug, Encode, Decode)]
pub struct Config {
    /// Addresses for what never moves: MallocData, info tables made at run time.
    pub statics: Range<u32>,
    /// Addresses for the Haskell heap.
    pub heap: Range<u32>,
    /// The most bytes of heap in use.
    pub heap_limit: u32,
    /// Sizes of the heap's parts.
    pub heap_config: heap::Config,
    /// Words of a thread's first stack chunk (`-ki`).
    pub stack_initial_w: u32,
    /// Words of its further ones (`-kc`).
    pub stack_chunk_w: u32,
    /// The most words of stack a thread may have (`-K`).
    pub stack_limit_w: u32,
    /// Log every instruction.
    pub trace: bool,
    /// Steps that an evaluation may take; 0 if that has no limit. See Note [Fuel] in `sched::fuel`.
    pub fuel: u64,
}

impl Config {
    /// The configuration that [`Config::to_bytes`] encoded; none from other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Config> {
        bincode::decode_from_slice(bytes, bincode::config::standard()).ok().map(|(config, _)| config)
    }

    /// Encoded, for a machine in a guest.
    pub fn to_bytes(&self) -> Vec<u8> {
        bincode::encode_to_vec(self, bincode::config::standard()).unwrap_or_default()
    }

    /// The set-up of the sandboxed machine with a heap of so many bytes.
    pub fn sandboxed(heap_limit: u32) -> Config {
        Config {
            statics: map::STATICS_START..map::STATICS_END,
            heap: map::HEAP_START..map::HEAP_END,
            heap_limit,
            heap_config: heap::Config::default(),
            stack_initial_w: 128,
            stack_chunk_w: 4096,
            // GHC's default is 80 % of memory. Interrupting a thread may take as much heap again as its stack has.
            stack_limit_w: heap_limit / 10 * 4 / 8,
            trace: false,
            fuel: 0,
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

/// Compiled code to be run, by its slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Compiled {
    /// An STG entry point; it has run when it has reached a built-in entry, whose slot is then at STOP_ENTRY. The registers
    /// that are loaded are all, or those that [`entry::registers`](crate::entry::registers) calls few.
    Stg(u32, Registers),
    /// A C function, with arguments and results at C_CALL.
    C(u32),
}

/// Runs compiled code. It gets the machine because the code may call functions of the machine meanwhile, which then
/// find it where this function has put it: nobody else has a reference to it then.
pub type RunCompiled = fn(&mut Machine, Compiled);

/// The machine.
#[derive(Debug)]
pub struct Machine {
    /// Memory.
    pub mem: Mem,
    /// Who gives memory, runs compiled code, takes the log.
    pub host: Box<dyn Host>,
    /// Closures of loaded packages that the runtime uses.
    pub bound: Bound,
    /// How compiled code is run, where there can be some.
    pub compiled: Option<RunCompiled>,
    /// What was visited of what is being added to a compact region.
    pub(crate) compacting: Visited,
    /// Words for which compiled code finds room next time, whatever the nursery's limit.
    pub(crate) compiled_room_w: u32,
    /// Which registers were written since compiled code ran.
    pub(crate) written: Registers,
    /// The Haskell heap.
    pub heap: Heap,
    /// Stable pointers, which are the references that go over the wire, and stable names.
    pub stable: StableTable,
    /// Threads.
    pub threads: Threads,
    /// What never moves.
    pub statics: Statics,
    /// The static pointer table: keys (fingerprints) and stable pointers to the values.
    pub static_pointers: BTreeMap<(u64, u64), u64>,
    /// CAFs that have been entered: roots, and revertible.
    pub cafs: Vec<Addr>,
    /// Registers of the current thread while it does not run.
    pub regs: Regs,
    /// How it was set up.
    pub config: Config,
    /// Why the interpreter last left.
    pub stop_reason: Stop,
    /// What the program did, after [`Stop::Crash`].
    pub crash_report: String,
    /// What C functions keep.
    pub c: CState,
    /// Counts.
    pub counts: Counts,
    /// The end of the nursery as compiled code knows it.
    pub(crate) compiled_hp_lim: Addr,
    /// Whether C runs that may call back: see Note [Calls back into Haskell].
    pub outside: Outside,
    /// Evaluations that wait for C functions which have called back, the first one first.
    pub outer: Vec<Outer>,
    /// The thread whose end is waited for.
    pub main_thread: Option<Addr>,
    /// No evaluation is under way, and threads run nevertheless.
    pub is_idle: bool,
    /// How it ended while C had called back.
    pub main_ended: Option<Outcome>,
    /// A call back was ended by the deadline of the whole evaluation.
    pub overdue: bool,
    /// What the evaluation has used.
    pub(crate) fuel: Fuel,
    /// Buffers for creating BCOs.
    pub creator: Creator,
    /// A breakpoint has been enabled at some time.
    pub breakpoints: bool,
    /// A collection found that the heap is no heap any more.
    pub heap_is_corrupt: bool,
}

/// What a machine has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// BCOs created, nested ones counted.
    pub bcos: u64,
    /// Minor collections.
    pub minor: u64,
    /// Major collections.
    pub major: u64,
}

impl Machine {
    /// A machine whose memory has the RTS region committed.
    pub fn new(mut mem: Mem, host: Box<dyn Host>, config: Config) -> Machine {
        crate::entry::image::write(&mut mem);
        let mut heap = Heap::with_config(config.heap.clone(), config.heap_limit, config.heap_config);
        let (hp, hp_lim) = heap.open_nursery();
        let mut m = Machine {
            mem,
            host,
            bound: Bound::default(),
            compiled: None,
            compacting: Visited::default(),
            compiled_room_w: 0,
            written: Registers::Few,
            heap,
            stable: StableTable::default(),
            threads: Threads::new(),
            statics: Statics::new(config.statics.clone()),
            static_pointers: BTreeMap::new(),
            cafs: Vec::new(),
            regs: Regs { hp, hp_lim, ..Regs::default() },
            config,
            stop_reason: Stop::Yield,
            crash_report: String::new(),
            c: CState::default(),
            counts: Counts::default(),
            compiled_hp_lim: Addr::NULL,
            outside: Outside::No,
            outer: Vec::new(),
            main_thread: None,
            is_idle: false,
            main_ended: None,
            overdue: false,
            fuel: Fuel::default(),
            creator: Creator::default(),
            breakpoints: false,
            heap_is_corrupt: false,
        };
        crate::libc::os::env::install(&mut m);
        m.arm();
        m
    }

    /// Marks the machine as at work in its own runtime: a trap from here on leaves a heap nobody can trust.
    pub fn enter_runtime(&mut self) {
        self.mem.set_volatile_u32(Addr(map::RUNTIME_BUSY), 1);
    }

    /// The runtime has finished.
    pub fn leave_runtime(&mut self) {
        self.mem.set_volatile_u32(Addr(map::RUNTIME_BUSY), 0);
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
        let reason = self.mem.volatile_u32(base + regs::INTERRUPT).max(self.mem.stop_asked());
        if reason != 0 {
            self.mem.set_volatile_u32(base + regs::INTERRUPT, 0);
            self.mem.clear_stop();
        }
        reason
    }

    /// Allocates `words` words, with the registers as they are saved; none when the heap is exhausted. Never
    /// collects.
    pub fn allocate(&mut self, words: u32) -> Option<Addr> {
        let mut r = self.regs;
        let object = alloc(self, &mut r, words);
        self.regs = r;
        object
    }

    /// Does something with a heap whose nursery is closed: allocation by the heap itself, collection.
    pub fn with_closed_nursery<T>(&mut self, f: impl FnOnce(&mut Machine) -> T) -> T {
        self.heap.close_nursery(self.regs.hp);
        let answer = f(self);
        (self.regs.hp, self.regs.hp_lim) = self.heap.open_nursery();
        answer
    }

    /// Collects garbage, and answers whether there is room now for what was refused before. The running thread is
    /// saved and paused.
    /// May GC; a heap found to be corrupt is reported in `crash_report`.
    pub fn collect(&mut self, kind: Kind) -> bool {
        self.count_allocation();
        let stats = self.with_closed_nursery(|m| {
            let Machine { mem, host, heap, stable, threads, cafs, main_thread, main_ended, outer, .. } = m;
            let mut roots = MachineRoots { stable, threads, cafs, main_thread, main_ended, outer };
            gc::collect(heap, mem, &mut **host, &mut roots, kind)
        });
        if let Some(corrupt) = stats.corrupt {
            self.crash_report = corrupt.to_string();
            self.host.log(&self.crash_report);
            self.heap_is_corrupt = true;
            return false;
        }
        if stats.major {
            self.counts.major += 1;
        } else {
            self.counts.minor += 1;
        }
        self.threads.add_resurrected(&stats.resurrected);
        for weak in &stats.dead_weaks {
            self.run_c_finalizers(weak.c_finalizers);
        }
        let none = Builtin::NoFinalizer.addr();
        let finalizers: Vec<_> = stats.dead_weaks.iter().map(|w| w.finalizer).filter(|f| f.addr() != none).collect();
        self.run_finalizers(&finalizers);
        !stats.heap_exhausted
    }

    /// Goes on after a trap while a program ran: see Note [Recovering from a trap].
    pub fn recover(&mut self) {
        self.heap.retire_nursery();
        (self.regs.hp, self.regs.hp_lim) = self.heap.open_nursery();
        self.abandon_evaluation();
        self.main_thread = None;
        self.is_idle = false;
        self.main_ended = None;
        self.outer.clear();
        self.outside = Outside::No;
        self.overdue = false;
        self.crash_report.clear();
        if self.has_c_stack() {
            self.reset_c_stack();
        }
        self.arm();
    }

    /// Ends the evaluation because the program did `what`.
    #[cold]
    pub fn crash(&mut self, what: String) -> Next {
        self.crash_report = what;
        self.stop(Stop::Crash)
    }

    /// Has the interpreter leave.
    #[inline(always)]
    pub fn stop(&mut self, why: Stop) -> Next {
        self.stop_reason = why;
        Next::Stop
    }

    /// The exception that the runtime raises for `which`.
    pub fn exception(&self, which: Builtin) -> ClosurePtr {
        self.bound.closure(which)
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

/// The roots that are the machine's own.
struct MachineRoots<'m> {
    stable: &'m mut StableTable,
    threads: &'m mut Threads,
    cafs: &'m [Addr],
    main_thread: &'m mut Option<Addr>,
    main_ended: &'m mut Option<Outcome>,
    outer: &'m mut [Outer],
}

impl Roots for MachineRoots<'_> {
    fn visit(&mut self, v: &mut dyn Visitor) {
        for ended in self.outer.iter_mut().map(|outer| &mut outer.ended).chain([&mut *self.main_ended]) {
            if let Some(Outcome::Value(Value::Ptr(p)) | Outcome::Exception(p)) = ended {
                v.pointer(p);
            }
        }
        for root in self.threads.roots().chain(self.outer.iter_mut().map(|outer| &mut outer.caller)) {
            let mut p = (*root).into();
            v.pointer(&mut p);
            *root = p.addr();
        }
        for caf in self.cafs {
            v.field(*caf + ind_static::INDIRECTEE);
        }
    }

    /// Whoever waits for the main thread doesn't keep it alive: it gets BlockedIndefinitely as any other.
    fn update_weak(&mut self, now: &dyn Fn(ClosurePtr) -> Option<ClosurePtr>) {
        for main in self.outer.iter_mut().map(|outer| &mut outer.main).chain([&mut *self.main_thread]) {
            *main = main.and_then(|t| now(t.into())).map(ClosurePtr::addr);
        }
    }

    fn stable(&mut self) -> &mut StableTable {
        self.stable
    }
}
