//! How an interpreter is set up.

use super::backend::Backend as RunsCode;
use super::iserv::Iserv;
use super::machine::MachineBackend;
use super::refs::Session;
use super::{Error, Interp};
use crate::embed::{Cache, Engine};
use crate::external;
use crate::link::Packages;
use crate::os::Policy;
use crate::policy;
use crate::splice::Exchange;
use crate::vm::{Internal, Sandboxed};
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

/// Where an interpreter's machine runs.
#[derive(Clone, Default)]
pub enum Backend {
    /// In a WebAssembly sandbox.
    #[default]
    Sandboxed,
    /// In this process, bounds-checked, for tests and comparison. Not for code that is not trusted.
    Internal,
    /// In a process that speaks GHC's protocol: GHC's own `ghc-iserv`, or `bcvm-iserv`. Limits set here do not reach it.
    External(external::Builder),
}

impl Backend {
    /// The server `program`, started in the usual way.
    pub fn external(program: impl Into<PathBuf>) -> Backend {
        Backend::External(external::IservProcess::builder(program))
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Backend::Sandboxed => Kind::Sandboxed,
            Backend::Internal => Kind::Internal,
            Backend::External(_) => Kind::External,
        }
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Backend::External(server) => f.debug_tuple("External").field(&server.program()).finish(),
            other => other.kind().fmt(f),
        }
    }
}

/// A [`Backend`] without what it takes to make one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Sandboxed,
    Internal,
    External,
}

/// What a machine's evaluations may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub heap_bytes: u64,
    pub stack_bytes: u64,
    pub timeout: Option<Duration>,
    /// References that may be in use.
    pub refs: Option<u64>,
    /// Steps of an evaluation.
    pub fuel: Option<u64>,
}

impl Limits {
    /// What to tell the user when an evaluation took too long.
    pub fn deadline_text(&self) -> String {
        match self.timeout {
            Some(timeout) => format!("its time was up (limit {timeout:?})"),
            None => "its time was up".into(),
        }
    }
}

/// The most Haskell heap that an interpreter has.
const MAX_HEAP_BYTES: u32 = 7 << 28;

/// Describes an interpreter.
#[derive(Clone, Debug)]
pub struct Builder {
    backend: Backend,
    heap_limit: u32,
    timeout: Option<Duration>,
    trace: bool,
    collect_every: u32,
    policy: Policy,
    limits: policy::Limits,
    keep_session: bool,
}

impl Default for Builder {
    fn default() -> Builder {
        Builder {
            backend: Backend::default(),
            heap_limit: MAX_HEAP_BYTES,
            timeout: None,
            trace: false,
            collect_every: 0,
            policy: Policy::repl(),
            limits: policy::Limits::default(),
            keep_session: false,
        }
    }
}

impl Builder {
    /// Where the machine runs.
    pub fn backend(mut self, backend: Backend) -> Builder {
        self.backend = backend;
        self
    }

    /// The most bytes of Haskell heap, stacks included; at least 1 MiB and at most 1.75 GiB are given, which is also the
    /// default: what addresses there are bounds a program, as the machine's memory does elsewhere. An evaluation that needs
    /// more gets a HeapOverflow exception.
    pub fn limit_memory(mut self, bytes: u64) -> Builder {
        self.heap_limit = bytes.clamp(1 << 20, u64::from(MAX_HEAP_BYTES)) as u32;
        self
    }

    /// How long an evaluation may take.
    pub fn timeout(mut self, time: Duration) -> Builder {
        self.timeout = Some(time);
        self
    }

    /// What evaluations may use, where `limits` says something.
    pub fn limits(mut self, limits: policy::Limits) -> Builder {
        self.limits = limits.or(self.limits);
        if let Some(bytes) = limits.memory {
            self = self.limit_memory(bytes);
        }
        if let Some(time) = limits.time {
            self = self.timeout(time);
        }
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

    /// What a sandboxed machine's programs reach; [`Policy::repl`] if nothing is said. A machine in this process reaches
    /// nothing.
    pub fn policy(mut self, policy: Policy) -> Builder {
        self.policy = policy;
        self
    }

    /// When a program damages the sandboxed machine, make again in a new one what [`Interp::interp_cmd`] has made, so that
    /// bare references and addresses of before can still be used; those of values that are gone raise an exception.
    /// This costs a copy of all byte code that is in use. A server for GHC needs it.
    pub fn keep_session(mut self, keep: bool) -> Builder {
        self.keep_session = keep;
        self
    }

    fn config(&self) -> bcvm::Config {
        let mut config = bcvm::Config::sandboxed(self.heap_limit);
        config.trace = self.trace;
        config.fuel = self.limits.fuel.unwrap_or(0);
        if let Some(bytes) = self.limits.stack {
            // A first chunk is always given, and a stack is part of the heap.
            let most = config.stack_limit_w;
            config.stack_limit_w = u32::try_from(bytes / 8).unwrap_or(u32::MAX).clamp(config.stack_initial_w, most);
        }
        config.heap_config.gc_every_n_allocations = self.collect_every;
        config
    }

    /// Makes the interpreter, compiling the guest or loading it from the user's cache. To make many, compile an
    /// [`Engine`] once and use [`Builder::build_with`].
    pub fn build(&self) -> Result<Interp, Error> {
        match &self.backend {
            Backend::Sandboxed => self.build_with(&Engine::new(&Cache::User)?),
            Backend::Internal => {
                let config = self.config();
                let vm = Box::new(Internal::new(&config));
                Ok(self.interp(MachineBackend::new(vm, None, self.kept(&config), Exchange::default())))
            }
            Backend::External(server) => Ok(self.interp(Iserv::new(server.clone().build()))),
        }
    }

    /// Makes the interpreter with a guest that is compiled already.
    pub fn build_with(&self, engine: &Engine) -> Result<Interp, Error> {
        match self.backend {
            Backend::Sandboxed => {
                let config = self.config();
                let exchange = Exchange::default();
                let policy = self.limits.output.map(|bytes| self.policy.clone().limit_output(bytes));
                let policy = exchange.grant(policy.unwrap_or_else(|| self.policy.clone()));
                let vm = Box::new(Sandboxed::new(engine, &config, &policy)?);
                let packages = Some(Packages::new(engine).limit(self.limits).limit_time(self.timeout));
                let machine = MachineBackend::new(vm, packages, self.kept(&config), exchange);
                Ok(self.interp(machine.keeping_session(self.keep_session)))
            }
            Backend::Internal | Backend::External(_) => self.build(),
        }
    }

    fn kept(&self, config: &bcvm::Config) -> Limits {
        Limits {
            heap_bytes: config.heap_limit as u64,
            stack_bytes: config.stack_limit_w as u64 * 8,
            timeout: self.timeout,
            refs: self.limits.refs,
            fuel: self.limits.fuel,
        }
    }

    fn interp(&self, backend: impl RunsCode + 'static) -> Interp {
        Interp {
            kind: self.backend.kind(),
            interrupter: backend.interrupter(),
            iserv: backend.iserv(),
            backend: Mutex::new(Some(Box::new(backend))),
            session: Session::new(),
            symbols: Mutex::new(HashMap::new()),
        }
    }
}
