//! Asking GHC back: while `RunTH` or `RunModFinalizers` runs, the roles on the pipe are swapped.
//!
//! The invariant owned here: questions and answers alternate, and `RunTHDone`, which gives the roles back, is sent by
//! the serving loop alone, exactly once.

use std::io::{Read, Write};

use crate::protocol::error::DecodeError;
use crate::protocol::pipe::{PipeReader, PipeWriter, WriteError};
use crate::protocol::types::THResult;
use crate::protocol::{Binary, Request, ThMessage, ThMessageKind, ThReply};

use super::handler::Failure;

/// The way to GHC for a splice that runs.
pub struct ThChannel<'a> {
    link: &'a mut dyn ThLink,
    broken: Option<ThError>,
}

impl<'a> ThChannel<'a> {
    pub(super) fn new(link: &'a mut dyn ThLink) -> Self {
        ThChannel { link, broken: None }
    }

    /// Ask GHC. An answer of `Err` is GHC's refusal, with which the splice should fail.
    pub fn call<M, T>(&mut self, message: M) -> Result<Result<T, String>, Failure>
    where
        M: Request<Kind = ThMessageKind, Reply = THResult<T>> + Into<ThMessage>,
        T: Binary,
    {
        let mut result = None;
        self.ask(message.into(), &mut |reader| {
            result = Some(M::Reply::get(&mut reader.decoder())?);
            Ok(())
        })?;
        match result {
            Some(THResult::THComplete(value)) => Ok(Ok(value)),
            Some(THResult::THException(text)) => Ok(Err(text.to_string())),
            None => Err(Failure::Disconnected),
        }
    }

    /// Tell GHC where a `recover` begins and ends; there is no answer.
    pub fn tell<M>(&mut self, message: M) -> Result<(), Failure>
    where
        M: Request<Kind = ThMessageKind, Reply = ()> + Into<ThMessage>,
    {
        self.ask(message.into(), &mut |_| Ok(()))
    }

    /// Ask any message but `RunTHDone`.
    pub fn call_any(&mut self, message: ThMessage) -> Result<ThReply, Failure> {
        let kind = message.kind();
        let mut result = None;
        self.ask(message, &mut |reader| {
            result = Some(ThReply::get(kind, &mut reader.decoder())?);
            Ok(())
        })?;
        result.ok_or(Failure::Disconnected)
    }

    fn ask(&mut self, message: ThMessage, receive: Receive<'_>) -> Result<(), Failure> {
        if message.kind() == ThMessageKind::RunTHDone {
            return Err(Failure::Failed("RunTHDone is sent by the server itself".into()));
        }
        if self.broken.is_some() {
            return Err(Failure::Disconnected);
        }
        tracing::trace!(target: "msg", "asks {message:?}");
        self.link.ask(&message, receive).map_err(|error| {
            self.broken = Some(error);
            Failure::Disconnected
        })
    }

    /// Why the channel does not work any more, if so.
    pub(super) fn broken(self) -> Option<ThError> {
        self.broken
    }
}

/// Reads one answer.
pub(super) type Receive<'a> = &'a mut dyn FnMut(&mut dyn Answers) -> Result<(), DecodeError>;

/// Where answers come from; hides the type of the pipe.
pub(super) trait Answers {
    fn decoder(&mut self) -> crate::protocol::Decoder<'_>;
}

impl<R: Read> Answers for PipeReader<R> {
    fn decoder(&mut self) -> crate::protocol::Decoder<'_> {
        PipeReader::decoder(self)
    }
}

/// Both ends of the connection.
pub(super) trait ThLink {
    fn ask(&mut self, message: &ThMessage, receive: Receive<'_>) -> Result<(), ThError>;
}

/// A reader and a writer, borrowed from the serving loop.
pub(super) struct PipeLink<'a, R, W> {
    pub reader: &'a mut PipeReader<R>,
    pub writer: &'a mut PipeWriter<W>,
}

impl<R: Read, W: Write> ThLink for PipeLink<'_, R, W> {
    fn ask(&mut self, message: &ThMessage, receive: Receive<'_>) -> Result<(), ThError> {
        self.writer.send(message).map_err(ThError::Write)?;
        receive(self.reader).map_err(|source| ThError::Read { message: message.kind(), source })
    }
}

/// Why GHC could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum ThError {
    /// The frames of our own wire failed.
    #[error("{0}")]
    Frame(String),
    /// The question could not be sent.
    #[error(transparent)]
    Write(WriteError),
    /// The answer could not be read.
    #[error("reading GHC's answer to {}: {source}", message.name())]
    Read {
        /// The question.
        message: ThMessageKind,
        /// What was wrong.
        source: DecodeError,
    },
}
