//! What can go wrong with an interpreter, other than what is the result of an evaluation.

use crate::embed::EmbedError;
use crate::vm::VmError;

/// Why an operation failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The sandbox could not be made.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// The machine did not answer.
    #[error(transparent)]
    Vm(#[from] VmError),
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
    /// A reference was used with an interpreter that has not made it.
    #[error("the reference belongs to another interpreter")]
    ForeignInterp,
    /// A reference was made before the machine was replaced or stopped.
    #[error("the value is gone: the interpreter was stopped, or began anew after a crash")]
    Stale,
}
