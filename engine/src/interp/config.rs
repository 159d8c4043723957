//! How an interpreter is set up.

use super::refs::Session;
use super::{Error, Interp};
use crate::embed::{Cache, Engine};
use crate::vm::{Internal, Sandboxed, Vm};
use std::sync::Mutex;
use std::time::Duration;

/// Where an interpreter's machine runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Backend {
    /// In a WebAssembly sandbox.
    #[default]
    Sandboxed,
    /// In this process, bounds-checked, for tests and comparison. Not for code that is not trusted.
    Internal,
}

/// Describes an interpreter.
#[derive(Clone, Debug)]
pub struct Builder {
    backend: Backend,
    heap_limit: u32,
    timeout: Option<Duration>,
    trace: bool,
    collect_every: u32,
}

impl Default for Builder {
    fn default() -> Builder {
        Builder { backend: Backend::default(), heap_limit: 1 << 30, timeout: None, trace: false, collect_every: 0 }
    }
}

impl Builder {
    /// Where the machine runs.
    pub fn backend(mut self, backend: Backend) -> Builder {
        self.backend = backend;
        self
    }

    /// The most bytes of Haskell heap, stacks included; at least 1 MiB and at most 1.75 GiB are given. An evaluation
    /// that needs more gets a HeapOverflow exception.
    pub fn limit_memory(mut self, bytes: u64) -> Builder {
        self.heap_limit = bytes.clamp(1 << 20, 7 << 28) as u32;
        self
    }

    /// How long an evaluation may take.
    pub fn timeout(mut self, time: Duration) -> Builder {
        self.timeout = Some(time);
        self
    }

    /// Log every instruction, through `tracing` at level debug with target `bcvm::guest`.
    pub fn trace(mut self, on: bool) -> Builder {
        self.trace = on;
        self
    }

    /// Collect garbage at every so-manieth allocation; obeyed by builds with the feature `sanity`.
    pub fn collect_every(mut self, allocations: u32) -> Builder {
        self.collect_every = allocations;
        self
    }

    fn config(&self) -> bcvm::Config {
        let mut config = bcvm::Config::sandboxed(self.heap_limit);
        config.trace = self.trace;
        config.heap_config.gc_every_n_allocations = self.collect_every;
        config
    }

    /// Makes the interpreter, compiling the guest or loading it from the user's cache. To make many, compile an
    /// [`Engine`] once and use [`Builder::build_with`].
    pub fn build(&self) -> Result<Interp, Error> {
        match self.backend {
            Backend::Sandboxed => self.build_with(&Engine::new(&Cache::User)?),
            Backend::Internal => Ok(self.interp(Box::new(Internal::new(&self.config())))),
        }
    }

    /// Makes the interpreter with a guest that is compiled already.
    pub fn build_with(&self, engine: &Engine) -> Result<Interp, Error> {
        match self.backend {
            Backend::Sandboxed => Ok(self.interp(Box::new(Sandboxed::new(engine, &self.config())?))),
            Backend::Internal => self.build(),
        }
    }

    fn interp(&self, vm: Box<dyn Vm>) -> Interp {
        let interrupter = vm.interrupter();
        Interp { vm: Mutex::new(vm), session: Session::new(), interrupter, timeout: self.timeout }
    }
}
