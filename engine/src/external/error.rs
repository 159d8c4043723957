//! What can go wrong with a server in another process.

use std::io;
use std::path::PathBuf;

use crate::protocol::error::DecodeError;
use crate::protocol::pipe::WriteError;

/// Why a message to a server has no reply.
#[derive(Debug, thiserror::Error)]
pub enum IservError {
    /// It could not be started.
    #[error("cannot start {}: {source}", program.display())]
    Spawn {
        /// The program.
        program: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// It has ended; GHC's words, whatever the program is called.
    #[error("ghc-iserv terminated ({code})")]
    Terminated {
        /// Its exit code, or minus the number of the signal that ended it.
        code: i32,
    },
    /// It did not take the message, though it has not failed.
    #[error("sending {message} to the interpreter server: {source}")]
    Send {
        /// Which message.
        message: &'static str,
        /// Why.
        source: WriteError,
    },
    /// It did not reply, or nothing that is a reply.
    #[error("the interpreter server's reply to {message}: {source}")]
    Receive {
        /// To which message.
        message: &'static str,
        /// What is wrong.
        source: DecodeError,
    },
    /// Whoever answers for GHC answered another question than the server asked.
    #[error("the server asked {asked} and was given an answer to {answered}")]
    WrongAnswer {
        /// The question.
        asked: &'static str,
        /// The answer's question.
        answered: &'static str,
    },
    /// An earlier message broke the connection.
    #[error("the connection to the interpreter server broke during {message}")]
    Broken {
        /// The earlier message.
        message: &'static str,
    },
}
