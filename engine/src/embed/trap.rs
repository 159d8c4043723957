//! What went wrong in a sandbox, told apart by what is known about it, and what it leaves behind.
//!
//! Haskell exceptions are results and do not come here.

use std::fmt;

use bcvm::abi;
use thiserror::Error;

use super::imports::Failed;
use super::memory::MemoryError;
use super::stop::StopReason;

/// A request that was not answered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind}; {aftermath}")]
pub struct Trap {
    /// What happened.
    pub kind: TrapKind,
    /// What can be done with the sandbox now.
    pub aftermath: Aftermath,
}

/// What is left of the sandbox after a trap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Aftermath {
    /// The evaluation is lost, the heap is in order: go on with the next request.
    #[error("the session goes on")]
    Recovered,
    /// Nothing in it can be trusted: make a new sandbox.
    #[error("the session's heap is lost")]
    HeapUntrusted,
}

/// Why the guest did not answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TrapKind {
    /// Code accessed memory that is not there.
    #[error("the program accessed {}", Place(*.addr))]
    WildAddress {
        /// The address in guest memory, where wasmtime could tell.
        addr: Option<u64>,
    },
    /// Code jumped through an empty or absent table slot, or to one of another type.
    #[error("the program jumped to what is no code ({0})")]
    WildJump(String),
    /// The native stack is used up.
    #[error("the machine stack overflowed")]
    StackOverflow,
    /// An instruction that cannot go on, such as a division by zero in compiled code.
    #[error("the program trapped: {0}")]
    Instruction(String),
    /// The machine found something that cannot be: a defect of ours, or damage done by compiled code.
    #[error("the machine panicked: {0}")]
    Panic(String),
    /// It did not stop when asked to.
    #[error("the program was stopped because {0}, and it did not react")]
    Stopped(StopReason),
    /// The guest asked the host for something impossible.
    #[error("the program made an impossible request: {0}")]
    Request(MemoryError),
    /// A C function that the program called ends it: the text says why.
    #[error("{0}")]
    Failed(String),
    /// What the guest gave as reply is none.
    #[error("the reply of the guest is out of bounds ({len} bytes at {addr:#x})")]
    BadReply {
        /// Where it is said to be.
        addr: u32,
        /// How long it is said to be.
        len: u32,
    },
    /// The request does not fit.
    #[error("a request of {len} bytes does not fit into the guest's memory")]
    RequestTooLong {
        /// Length of the request.
        len: usize,
    },
    /// An earlier trap left the sandbox unusable.
    #[error("the sandbox was given up after an earlier trap")]
    GivenUp,
    /// The host could not make guest memory accessible again, or wasmtime failed in an unforeseen way.
    #[error("the host failed: {0}")]
    Host(String),
}

impl TrapKind {
    /// What a failed call into wasm means. `panic` is what the guest's panic handler last said.
    pub(super) fn from_wasmtime(error: &wasmtime::Error, panic: Option<String>) -> TrapKind {
        if let Some(refused) = error.downcast_ref::<MemoryError>() {
            return TrapKind::Request(refused.clone());
        }
        if let Some(Failed(why)) = error.downcast_ref::<Failed>() {
            return TrapKind::Failed(why.clone());
        }
        let Some(trap) = error.downcast_ref::<wasmtime::Trap>() else {
            return TrapKind::Host(format!("{error:#}"));
        };
        match trap {
            wasmtime::Trap::MemoryOutOfBounds => TrapKind::WildAddress { addr: fault_address(error) },
            wasmtime::Trap::StackOverflow => TrapKind::StackOverflow,
            wasmtime::Trap::TableOutOfBounds
            | wasmtime::Trap::IndirectCallToNull
            | wasmtime::Trap::NullReference
            | wasmtime::Trap::BadSignature => TrapKind::WildJump(trap.to_string()),
            wasmtime::Trap::UnreachableCodeReached => match panic {
                Some(message) => TrapKind::Panic(message),
                None => TrapKind::Instruction(trap.to_string()),
            },
            other => TrapKind::Instruction(other.to_string()),
        }
    }

    /// Whether the machine could still be in order, as far as the kind of trap tells.
    pub(super) fn may_be_recoverable(&self) -> bool {
        match self {
            TrapKind::WildAddress { .. }
            | TrapKind::WildJump(_)
            | TrapKind::StackOverflow
            | TrapKind::Instruction(_)
            | TrapKind::Stopped(_)
            | TrapKind::Failed(_)
            | TrapKind::Request(_) => true,
            TrapKind::Panic(_)
            | TrapKind::BadReply { .. }
            | TrapKind::RequestTooLong { .. }
            | TrapKind::GivenUp
            | TrapKind::Host(_) => false,
        }
    }
}

/// The faulting address. wasmtime has it in a context whose type is private, so it is read from that context's text; a
/// test fails if the text changes.
fn fault_address(error: &wasmtime::Error) -> Option<u64> {
    error.chain().find_map(|cause| {
        let text = cause.to_string();
        let (_, rest) = text.split_once("memory fault at wasm address 0x")?;
        let digits = rest.split(|c: char| !c.is_ascii_hexdigit()).next()?;
        u64::from_str_radix(digits, 16).ok()
    })
}

/// An address as a user wants to read it.
struct Place(Option<u64>);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("memory that is not there"),
            Some(addr) if addr < u64::from(abi::NULL_END) => {
                write!(f, "a null pointer (address {addr:#x})")
            }
            Some(addr) => write!(f, "memory that is not there (address {addr:#x})"),
        }
    }
}
