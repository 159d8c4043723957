//! [`Interp`]: the operations of `GHC.Runtime.Interpreter`, under their names in snake case.
//!
//! | file | what |
//! |---|---|
//! | `config` | [`Builder`]: which backend, which limits |
//! | `refs` | references to values, and when they are released |
//! | `eval` | evaluating; how an evaluation ends |
//! | `idle` | threads that evaluations have left |
//! | `objects` | making and looking at heap objects |
//! | `linker` | loading code, finding symbols |
//! | `wire` | GHC's messages on any backend; what only a server in another process has |
//! | `backend` | what all this asks of a backend |
//! | `machine`, `iserv` | the backends: a machine of ours, a server |
//! | `ledger`, `restore` | what GHC holds of a machine; making it again in a new one |
//! | `splice` | Template Haskell on a machine |
//! | `closure` | `GenClosure` from what a machine tells |
//! | `error` | what can go wrong |
//!
//! Everything here is safe. An `Interp` may be used from several threads, one operation at a time; interpreters share
//! nothing but compiled code.

mod backend;
mod closure;
mod config;
mod error;
mod eval;
mod idle;
mod iserv;
mod ledger;
mod linker;
mod machine;
mod objects;
mod refs;
mod restore;
mod splice;
#[cfg(test)]
mod tests;
mod wire;

pub use crate::protocol::types::{EvalOpts, RemotePtr};
pub use backend::Answered;
pub use config::{Backend, Builder};
pub use error::Error;
pub use eval::{EvalBreak, EvalExpr, EvalResult, EvalStatus, Exception, ExceptionKind, from_eval_result};
pub use objects::BcoOpts;
pub use refs::ForeignRef;

use crate::external::IservProcess;
use crate::protocol::PlainRequest;
use crate::vm::{Interrupt, VmError};
use backend::Backend as RunsCode;
use bcvm::abi::request::{Reply, Request, Stats};
use bcvm::word::ClosurePtr;
use refs::Session;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An interpreter (`Interp`).
pub struct Interp {
    kind: config::Kind,
    /// None once it was stopped.
    backend: Mutex<Option<Box<dyn RunsCode>>>,
    session: Arc<Session>,
    interrupter: Arc<dyn Interrupt>,
    iserv: Option<Arc<IservProcess>>,
    /// Where symbols are (`iservLookupSymbolCache`).
    symbols: Mutex<HashMap<String, RemotePtr>>,
}

impl std::fmt::Debug for Interp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Interp").field("backend", &self.kind).finish_non_exhaustive()
    }
}

impl Interp {
    /// Starts describing an interpreter; by default it is sandboxed.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Whether the code that runs is linked dynamically (`interpreterDynamic`): only a server whose name ends so is.
    pub fn interpreter_dynamic(&self) -> bool {
        self.server_is("-dyn")
    }

    /// Whether it is profiled (`interpreterProfiled`), likewise.
    pub fn interpreter_profiled(&self) -> bool {
        self.server_is("-prof")
    }

    fn server_is(&self, way: &str) -> bool {
        let program = self.iserv.as_ref().and_then(|server| server.program().file_name());
        program.is_some_and(|name| name.to_string_lossy().ends_with(way))
    }

    /// Interrupts the evaluation that runs in another thread, as ^C does; false if none does.
    pub fn interrupt(&self) -> bool {
        self.interrupter.interrupt()
    }

    /// A handle that interrupts evaluations of this interpreter and may outlive it.
    pub fn interrupter(&self) -> Arc<dyn Interrupt> {
        self.interrupter.clone()
    }

    /// Releases the machine, or ends the server, and all it holds (`stopInterp`). Later operations answer
    /// [`Error::Stopped`].
    pub fn stop_interp(&self) {
        if let Some(server) = &self.iserv {
            server.stop_iserv();
        }
        *self.lock() = None;
        self.session.lost();
        self.purge_lookup_symbol_cache();
    }

    /// Looks at a value with the machine's own eyes (`wormhole`). Only the internal backend has its values in this
    /// process; the others answer [`Error::NeedsInternal`].
    pub fn wormhole<T>(
        &self,
        value: &ForeignRef,
        look: impl FnOnce(&bcvm::Machine, ClosurePtr) -> T,
    ) -> Result<T, Error> {
        self.wormhole_ref(value.raw(&self.session)?, look)
    }

    /// The same for a bare reference number (`wormholeRef`).
    pub fn wormhole_ref<T>(&self, value: u64, look: impl FnOnce(&bcvm::Machine, ClosurePtr) -> T) -> Result<T, Error> {
        self.run(|backend| {
            let machine = backend.vm().and_then(|vm| vm.machine()).ok_or(Error::NeedsInternal)?;
            let why = || Error::Refused { what: "wormhole", why: format!("reference {value:#x} is not in use") };
            let closure = machine.stable.find(value).ok_or_else(why)?;
            Ok(look(machine, closure))
        })
    }

    /// Collects garbage.
    pub fn collect(&self) -> Result<(), Error> {
        match self.request("Collect", &Request::Collect)? {
            Reply::Unit => Ok(()),
            _ => Err(Error::Protocol("Collect")),
        }
    }

    /// What the machine has done so far.
    pub fn stats(&self) -> Result<Stats, Error> {
        match self.request("Stats", &Request::Stats)? {
            Reply::Stats(stats) => Ok(stats),
            _ => Err(Error::Protocol("Stats")),
        }
    }

    /// A request of ours, which GHC has no message for.
    fn request(&self, what: &'static str, request: &Request<'_>) -> Result<Reply, Error> {
        self.run(|backend| {
            let missing = Error::NotThere { operation: what, missing: "servers in other processes" };
            match backend.vm().ok_or(missing)?.request(request, None)? {
                Reply::Refused(why) => Err(Error::Refused { what, why }),
                reply => Ok(reply),
            }
        })
    }

    /// A message without references of its own in the reply.
    fn call<M: PlainRequest + Answered>(&self, message: M) -> Result<M::Reply, Error> {
        let reply = self.run(|backend| backend.call(&message.into()))?;
        M::of_reply(reply).ok_or(Error::Protocol(M::KIND.name()))
    }

    /// How many times the machine was replaced or stopped, which made all references void.
    pub(crate) fn lives(&self) -> u64 {
        self.session.epoch()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Box<dyn RunsCode>>> {
        // A panic while it was held left the backend as it was between two operations.
        self.backend.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the backend do something, and before it release the references dropped since the last time.
    fn run<T>(&self, work: impl FnOnce(&mut dyn RunsCode) -> Result<T, Error>) -> Result<T, Error> {
        let mut backend = self.lock();
        let backend = backend.as_deref_mut().ok_or(Error::Stopped)?;
        let freed = self.session.take_pending();
        if !freed.is_empty() {
            let freeing = backend.free(freed).map(drop);
            // What is wanted now can be had of a machine that was made anew, if that knows what it is about.
            if !(self.begin_again_after(&freeing, backend)) {
                freeing?;
            }
        }
        let result = work(backend);
        self.begin_again_after(&result, backend);
        result
    }

    /// Goes on after `result`, if the machine was lost meanwhile. Answers whether it was, and the session was not.
    fn begin_again_after<T>(&self, result: &Result<T, Error>, backend: &mut dyn RunsCode) -> bool {
        if !matches!(result, Err(Error::Vm(VmError::Lost(_)))) {
            return false;
        }
        let goes_on = backend.begin_again();
        if !goes_on {
            self.session.lost();
            self.purge_lookup_symbol_cache();
        }
        goes_on
    }
}
