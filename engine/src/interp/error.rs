//! What can go wrong with an interpreter, other than what is the result of an evaluation.

use crate::embed::EmbedError;
use crate::external::IservError;
use crate::link::LinkError;
use crate::vm::VmError;
use bcvm_host::link;
use std::path::PathBuf;

/// Why an operation failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The sandbox could not be made.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// The machine did not answer.
    #[error(transparent)]
    Vm(#[from] VmError),
    /// The interpreter server did not answer.
    #[error(transparent)]
    Iserv(#[from] IservError),
    /// The machine refused the request, and nothing has changed.
    #[error("{what}: {why}")]
    Refused {
        /// GHC's name of the request.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The machine's reply is not one to this request: its memory is damaged.
    #[error("the machine's reply to {0} makes no sense")]
    Protocol(&'static str),
    /// What the operation needs is not built yet.
    #[error("{operation}: {missing} are not supported yet")]
    NotThere {
        /// GHC's name of the operation.
        operation: &'static str,
        /// What it needs.
        missing: &'static str,
    },
    /// The linker could not do it, and nothing has changed.
    #[error(transparent)]
    Link(Box<link::Error>),
    /// A shared object was not found, or can't be one.
    #[error("{0}")]
    Library(String),
    /// The machine in this process runs byte code only.
    #[error("{}: the internal backend can't load packages, because their code becomes WebAssembly", path.display())]
    InternalCannotLoad {
        /// The object or archive.
        path: PathBuf,
    },
    /// Only the internal backend has its values in this process. (GHC's words.)
    #[error("this operation requires -fno-external-interpreter")]
    NeedsInternal,
    /// Only the external backend has a server.
    #[error("this operation requires an interpreter server in another process")]
    NeedsIserv,
    /// The interpreter was stopped.
    #[error("the interpreter was stopped")]
    Stopped,
    /// A reference was used with an interpreter that has not made it.
    #[error("the reference belongs to another interpreter")]
    ForeignInterp,
    /// A reference was made before the machine was replaced or stopped.
    #[error("the value is gone: the interpreter was stopped, or began anew after a crash")]
    Stale,
}

impl From<LinkError> for Error {
    fn from(error: LinkError) -> Error {
        match error {
            LinkError::Link(error) => Error::Link(Box::new(error)),
            LinkError::Library(why) => Error::Library(why),
            LinkError::Vm(error) => Error::Vm(error),
        }
    }
}
