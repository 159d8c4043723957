//! One interface to what is measured: our two backends and GHC's own server.

use super::cpu;
use super::ghc::{self, Installed, Server};
use bcvm_engine::embed::{Cache, Engine};
use bcvm_engine::interp::ForeignRef;
use bcvm_engine::protocol::closure::GenClosure;
use bcvm_engine::protocol::types::HValueRef;
use bcvm_engine::unlinked::Program;
use bcvm_engine::unlinked::link::{Target, link};
use bcvm_engine::{Backend, Interp};
use std::sync::OnceLock;
use std::time::Duration;

/// What can be measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Our machine in the sandbox.
    Sandboxed,
    /// Our machine in this process.
    Internal,
    /// GHC's own server.
    Ghc,
}

impl Kind {
    /// What it is called in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Sandboxed => "sandboxed",
            Kind::Internal => "internal",
            Kind::Ghc => "ghc-iserv",
        }
    }
}

/// What there is on this machine: GHC's server only where GHC 9.0.2 is installed.
pub fn kinds() -> &'static [Kind] {
    const ALL: [Kind; 3] = [Kind::Sandboxed, Kind::Internal, Kind::Ghc];
    if installed().is_some() { &ALL } else { &ALL[..2] }
}

fn installed() -> Option<&'static Installed> {
    static FOUND: OnceLock<Option<Installed>> = OnceLock::new();
    FOUND.get_or_init(ghc::find).as_ref()
}

/// The guest, compiled once.
pub fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(&Cache::User).expect("the guest compiles"))
}

/// A machine.
pub enum Machine {
    /// One of ours.
    Ours(Box<Interp>),
    /// GHC's.
    Ghc(Server),
}

/// A reference to a value of a machine; ours are released when they are dropped.
pub enum Value {
    /// Of one of ours.
    Ours(ForeignRef),
    /// Of GHC's.
    Ghc(HValueRef),
}

impl Machine {
    /// A new one that can run programs.
    pub fn new(kind: Kind) -> Machine {
        Machine::make(kind, Installed::start)
    }

    /// A new one that has answered once but has loaded nothing, which is enough to create BCOs.
    pub fn empty(kind: Kind) -> Machine {
        Machine::make(kind, Installed::start_empty)
    }

    fn make(kind: Kind, start: impl FnOnce(&Installed) -> Server) -> Machine {
        let backend = match kind {
            Kind::Sandboxed => Backend::Sandboxed,
            Kind::Internal => Backend::Internal,
            Kind::Ghc => return Machine::Ghc(start(installed().expect("GHC 9.0.2 is installed"))),
        };
        let interp = Interp::builder().backend(backend).build_with(engine()).expect("an interpreter");
        interp.malloc_strings(&[]).expect("an answer");
        Machine::Ours(Box::new(interp))
    }

    /// Links a program: its value, not yet evaluated.
    pub fn link(&self, program: &Program) -> Value {
        match self {
            Machine::Ours(interp) => Value::Ours(link(program, &**interp).expect("the program links").into_entry()),
            Machine::Ghc(server) => Value::Ghc(link(program, server).expect("the program links").into_entry()),
        }
    }

    /// Evaluates a value.
    pub fn seq(&self, value: &Value) {
        match (self, value) {
            (Machine::Ours(interp), Value::Ours(value)) => {
                interp.seq_hvalue(value).expect("an answer").expect("a value");
            }
            (Machine::Ghc(server), Value::Ghc(value)) => server.seq(*value),
            _ => panic!("a value of another machine"),
        }
    }

    /// The word in the box that an evaluated value is.
    pub fn word(&self, value: &Value) -> u64 {
        match (self, value) {
            (Machine::Ours(interp), Value::Ours(value)) => {
                let mut closure = interp.get_closure(value).expect("an answer");
                loop {
                    match closure {
                        GenClosure::ConstrClosure { data_args, .. } => return data_args[0],
                        GenClosure::BlackholeClosure { indirectee, .. } => {
                            closure = interp.get_closure(&indirectee).expect("an answer");
                        }
                        other => panic!("an Int was expected: {other:?}"),
                    }
                }
            }
            (Machine::Ghc(server), Value::Ghc(value)) => server.word(*value),
            _ => panic!("a value of another machine"),
        }
    }

    /// Makes a constructor's info table.
    pub fn constructor(&self, ptrs: u32, name: &str) -> u64 {
        match self {
            Machine::Ours(interp) => Target::mk_con_info_table(&**interp, ptrs, 0, 1, 2, name).expect("an answer"),
            Machine::Ghc(server) => server.mk_con_info_table(ptrs, 0, 1, 2, name).expect("an answer"),
        }
    }

    /// Creates BCOs from encoded chunks.
    pub fn create_bcos(&self, chunks: &[Vec<u8>]) -> Vec<Value> {
        match self {
            Machine::Ours(interp) => {
                let chunks: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
                let refs = interp.create_bcos_encoded(&chunks).expect("the BCOs are good");
                refs.into_iter().map(Value::Ours).collect()
            }
            Machine::Ghc(server) => server.create_bcos(chunks).into_iter().map(Value::Ghc).collect(),
        }
    }

    /// Releases references.
    pub fn free(&self, values: Vec<Value>) {
        if let Machine::Ghc(server) = self {
            let refs = values.into_iter().filter_map(|v| if let Value::Ghc(r) = v { Some(r) } else { None });
            server.free(refs.collect());
        }
    }

    /// Processor time used so far by the process that the machine is in.
    pub fn cpu(&self) -> Duration {
        cpu::time(match self {
            Machine::Ours(_) => std::process::id(),
            Machine::Ghc(server) => server.process_id(),
        })
    }
}
