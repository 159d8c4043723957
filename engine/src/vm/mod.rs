//! Where a machine runs: in the sandbox, or linked into this process.
//!
//! | file | what |
//! |---|---|
//! | `sandboxed` | the machine in a wasm guest: the default |
//! | `internal` | the machine in an arena of this process, for tests and comparison |
//!
//! Both take the same requests and give the same replies (`bcvm::abi::request`).

mod internal;
mod sandboxed;

pub use internal::Internal;
pub use sandboxed::Sandboxed;

use crate::embed::Linked;
use bcvm::abi::request::{Reply, Request};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A machine to send requests to.
pub trait Vm: Send {
    /// Carries out a request, and stops it when `timeout` has passed.
    fn request(&mut self, request: &Request<'_>, timeout: Option<Duration>) -> Result<Reply, VmError>;

    /// Puts packages into memory and has their initialisers called, those of a package within `timeout`. If that fails,
    /// nothing of them may be used, but it can be tried again.
    fn install(&mut self, packages: &[Linked], timeout: Option<Duration>) -> Result<(), NotInstalled>;

    /// Whether the policy grants this file as a native library.
    fn is_native(&self, library: &Path) -> bool {
        let _ = library;
        false
    }

    /// Opens a native library, which needs the libraries `needed`; answers the names and numbers of its functions. Fails with
    /// the reason.
    fn open_native(&mut self, library: &Path, needed: &[PathBuf]) -> Result<Vec<(String, usize)>, String> {
        let _ = needed;
        Err(format!("{}: native libraries are opened for the sandbox only", library.display()))
    }

    /// The open native library that has something called `name`.
    fn native_with(&self, name: &str) -> Option<&Path> {
        let _ = name;
        None
    }

    /// Tells the machine where packages define what the runtime refers to
    /// ([`bindable`](bcvm::entry::bound::bindable)).
    fn bind(&mut self, symbols: Vec<(String, u64)>) -> Result<(), VmError>;

    /// A copy of the machine's memory, if there is such memory and the machine's owner can look into it.
    fn read(&self, address: u64, len: u64) -> Option<Vec<u8>> {
        let _ = (address, len);
        None
    }

    /// The limit that the last evaluation has reached, so that an exception it ended with comes from that.
    fn reached_limit(&self) -> Option<Reached> {
        None
    }

    /// Replaces the machine by a new one, because of `why`: [`VmError::Lost`], unless that fails or there is no other.
    fn give_up(&mut self, why: String) -> VmError {
        VmError::Failed(why)
    }

    /// Whether the last evaluation has asked nothing of the outside.
    fn was_quiet(&self) -> bool {
        true
    }

    /// A handle that interrupts the running request from another thread.
    fn interrupter(&self) -> Arc<dyn Interrupt>;

    /// The machine itself, if it is linked into this process.
    fn machine(&self) -> Option<&bcvm::Machine> {
        None
    }
}

/// A limit that an evaluation has reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reached {
    /// Its time was up.
    Deadline,
    /// One of the policy's: what to tell the user.
    Policy(String),
}

/// Interrupts what a machine is doing.
pub trait Interrupt: Send + Sync {
    /// Interrupts the running evaluation as ^C does. False, and nothing happens, if there is none.
    fn interrupt(&self) -> bool;
}

/// Why packages were not installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotInstalled {
    /// The number of the package whose initialisers have failed, if it was that.
    pub initialising: Option<usize>,
    /// What happened.
    pub error: VmError,
}

/// Why a request has no reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VmError {
    /// The evaluation ended in a trap; the machine goes on, with everything else it held.
    #[error("{0}")]
    Crashed(String),
    /// The evaluation's time was up, and it ended in a trap because it did not react.
    #[error("its time was up")]
    Deadline,
    /// A limit was reached; the machine goes on.
    #[error("{0}")]
    Limit(String),
    /// The machine could not be trusted any more and was replaced by a new one: everything it held is gone.
    #[error("{0}; the session was begun anew and its values are gone")]
    Lost(String),
    /// The machine could not be replaced, or its replies make no sense.
    #[error("the machine failed: {0}")]
    Failed(String),
}
