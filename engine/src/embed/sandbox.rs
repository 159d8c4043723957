//! [`Sandbox`]: a guest, its memory and its limits, as a function from request bytes to reply bytes that always ends.
//!
//! Invariant: after `request` has returned, memory is open, the guest's stack is empty, and either the machine is in order
//! or the sandbox refuses to be used.

use std::sync::Arc;
use std::time::Duration;

use bcvm::abi;

use super::error::EmbedError;
use super::instance::{CodeTable, Guest};
use super::memory::{GuestMemory, Mapping, MemoryError};
use super::package::Linked;
use super::processor_time::Thread;
use super::stop::{Control, Deadline, StopReason, Stopper};
use super::store::{CodeModule, Engine};
use super::trap::{Aftermath, Trap, TrapKind};
use crate::os::{Os, Policy};

/// How long the machine may take to put itself in order after a trap.
const RECOVERY: Duration = Duration::from_secs(2);

/// What a sandbox may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of guest memory, the guest's own fixed part (2 MiB and its data) included.
    pub memory_bytes: u64,
    /// Longest reply the host copies out of it.
    pub reply_bytes: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { memory_bytes: 1 << 30, reply_bytes: 256 << 20 }
    }
}

/// One isolated machine. Sandboxes share code and nothing else.
pub struct Sandbox {
    guest: Guest,
    control: Arc<Control>,
    limits: Limits,
    given_up: bool,
    /// The next request is an evaluation that has time slices.
    has_slices: bool,
}

impl Sandbox {
    /// A new machine with the given configuration, which only the machine understands, and nothing outside.
    pub fn new(engine: &Engine, limits: Limits, config: &[u8]) -> Result<Sandbox, EmbedError> {
        Sandbox::with_os(engine, limits, Os::new(&Policy::strict())?, config)
    }

    /// As [`Sandbox::new`], with an outside.
    pub fn with_os(engine: &Engine, limits: Limits, os: Os, config: &[u8]) -> Result<Sandbox, EmbedError> {
        let mapping = Mapping::new(limits.memory_bytes, engine.fixed_end())?;
        let wake = Arc::clone(os.wake());
        let mut guest = Guest::new(engine, &mapping, os)?;
        match guest.init(config) {
            // Entries and closures of the runtime, which the machine has written and nobody changes.
            Ok(true) => mapping.make_constant(abi::ENTRIES, abi::LIBC_DATA - abi::ENTRIES)?,
            Ok(false) => return Err(EmbedError::Configuration { len: config.len() }),
            Err(kind) => {
                let trap = Trap { kind, aftermath: Aftermath::HeapUntrusted };
                return Err(EmbedError::Start(Box::new(trap)));
            }
        }
        Ok(Sandbox { guest, control: Control::new(mapping, wake), limits, given_up: false, has_slices: false })
    }

    /// Has the machine answer a request, and stops it at the deadline: first by asking, which it answers itself, then,
    /// [`GRACE`](super::GRACE) later, by a trap.
    pub fn request(&mut self, request: &[u8], deadline: Option<Deadline>) -> Result<Vec<u8>, Trap> {
        self.request_in_pieces(&[request], deadline)
    }

    /// As [`Sandbox::request`], for a request that lies in several places: it is put together in guest memory.
    pub fn request_in_pieces(&mut self, request: &[&[u8]], deadline: Option<Deadline>) -> Result<Vec<u8>, Trap> {
        if self.given_up {
            return Err(Trap { kind: TrapKind::GivenUp, aftermath: Aftermath::HeapUntrusted });
        }
        let answered = self.supervised(deadline, |guest| guest.request(request));
        let (addr, len) = answered.map_err(|kind| self.clean_up(kind))?;
        let reply = if len <= self.limits.reply_bytes { self.memory().read(addr, len).ok() } else { None };
        reply.ok_or_else(|| self.clean_up(TrapKind::BadReply { addr, len }))
    }

    /// The next request is an evaluation: what the policy limits for each begins afresh. See Note [Time slices] in `stop`
    /// for what `has_slices` means.
    pub fn begin_evaluation(&mut self, has_slices: bool) {
        self.has_slices = has_slices;
        self.guest.begin_evaluation();
    }

    /// The next request lets threads run without being an evaluation.
    pub fn begin_idling(&mut self, has_slices: bool) {
        self.has_slices = has_slices;
    }

    /// What to tell the user if the program has reached a limit of the policy.
    pub fn reached_limit(&self) -> Option<String> {
        self.guest.os().reached_limit()
    }

    /// Whether the last evaluation has made no system call.
    pub fn was_quiet(&self) -> bool {
        self.guest.os().was_quiet()
    }

    /// The outside, to look at.
    pub fn os(&self) -> &Os {
        self.guest.os()
    }

    /// The outside, to change between requests.
    pub(crate) fn os_mut(&mut self) -> &mut Os {
        self.guest.os_mut()
    }

    /// Whether the deadline of the last request came before its answer.
    pub fn is_overdue(&self) -> bool {
        self.control.is_overdue()
    }

    /// A handle that stops the running request from another thread.
    pub fn stopper(&self) -> Stopper {
        self.control.stopper()
    }

    /// Whether an earlier trap left this sandbox unusable.
    pub fn is_given_up(&self) -> bool {
        self.given_up
    }

    /// Its memory, to look at between requests.
    pub fn memory(&self) -> &GuestMemory {
        self.guest.memory()
    }

    /// Adds compiled code: its functions go to the slots its element segments name.
    pub fn link(&mut self, module: &CodeModule) -> Result<(), EmbedError> {
        self.guest.link(&module.0.module)
    }

    /// Installs a package: its memory begins afresh, its functions go to their slots. If it fails it can be tried again.
    pub fn install(&mut self, package: &Linked) -> Result<(), EmbedError> {
        self.guest.install(package)
    }

    /// Makes room for what will be installed, at once.
    pub fn make_room(&mut self, packages: &[Linked]) -> Result<(), EmbedError> {
        self.guest.make_room(packages)
    }

    /// Adds empty slots to one of the code tables and answers the first; `None` if it would become too large.
    pub fn grow_table(&mut self, table: CodeTable, slots: u32) -> Option<u32> {
        self.guest.grow_table(table, slots)
    }

    /// Runs `work` under the watchdog.
    fn supervised<T>(
        &mut self,
        deadline: Option<Deadline>,
        work: impl FnOnce(&mut Guest) -> Result<T, TrapKind>,
    ) -> Result<T, TrapKind> {
        self.control.begin(deadline, std::mem::take(&mut self.has_slices), Some(Thread::this()));
        let result = work(&mut self.guest);
        let insisted = self.control.end().map_err(|e| TrapKind::Host(format!("opening guest memory: {e}")))?;
        result.map_err(|kind| match (kind, insisted) {
            // A C function that called back into Haskell has nothing to go on with.
            (TrapKind::Failed(_), _) if self.control.is_overdue() => TrapKind::Stopped(StopReason::Deadline),
            // What a stopped program traps with is wherever it happened to be, or a host function that was refused.
            (TrapKind::WildAddress { .. } | TrapKind::Request(MemoryError::Closed), Some(reason)) => {
                TrapKind::Stopped(reason)
            }
            (kind, _) => kind,
        })
    }

    /// Recovers if the machine was not at work itself, and gives the sandbox up otherwise.
    fn clean_up(&mut self, kind: TrapKind) -> Trap {
        let is_busy = self.memory().mapping().runtime_is_busy();
        tracing::debug!(runtime_is_busy = is_busy, "trap: {kind}");
        let recovered = kind.may_be_recoverable() && !is_busy && {
            let done = self.supervised(Deadline::after(RECOVERY), Guest::recover);
            done.inspect_err(|e| tracing::debug!("recovering: {e}")).is_ok()
        };
        self.given_up = !recovered;
        let aftermath = if recovered { Aftermath::Recovered } else { Aftermath::HeapUntrusted };
        Trap { kind, aftermath }
    }
}
