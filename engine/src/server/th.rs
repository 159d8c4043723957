//! Asking GHC back: while `RunTH` or `RunModFinalizers` runs, the roles on the pipe are swapped.
//!
//! The invariant owned here: questions and answers alternate, and `RunTHDone`, which gives the roles back, is sent by
//! the serving loop alone, exactly once. The connection is shared and not lent, because the question comes from a system
//! call of the guest, far from the loop's stack frame.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use crate::protocol::error::DecodeError;
use crate::protocol::pipe::{PipeReader, PipeWriter, WriteError};
use crate::protocol::types::THResult;
use crate::protocol::{Binary, Decoder, Request, ThMessage, ThMessageKind, ThReply};

use super::handler::Failure;

/// The way to GHC for a splice that runs. Clones are the same way, which is open until the splice has been answered.
#[derive(Clone)]
pub struct ThChannel {
    link: Arc<Mutex<dyn ThLink + Send>>,
}

impl ThChannel {
    pub(super) fn new(link: Arc<Mutex<dyn ThLink + Send>>) -> Self {
        ThChannel { link }
    }

    /// Ask GHC. An answer of `Err` is GHC's refusal, with which the splice should fail.
    pub fn call<M, T>(&mut self, message: M) -> Result<Result<T, String>, Failure>
    where
        M: Request<Kind = ThMessageKind, Reply = THResult<T>> + Into<ThMessage>,
        T: Binary,
    {
        let mut result = None;
        self.ask(message.into(), &mut |d| {
            result = Some(M::Reply::get(d)?);
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
        self.ask(message, &mut |d| {
            result = Some(ThReply::get(kind, d)?);
            Ok(())
        })?;
        result.ok_or(Failure::Disconnected)
    }

    fn ask(&mut self, message: ThMessage, receive: Receive<'_>) -> Result<(), Failure> {
        if message.kind() == ThMessageKind::RunTHDone {
            return Err(Failure::Failed("RunTHDone is sent by the server itself".into()));
        }
        tracing::trace!(target: "msg", "asks {message:?}");
        self.link.lock().unwrap_or_else(PoisonError::into_inner).ask(&message, receive)
    }
}

/// Reads one answer.
pub(super) type Receive<'a> = &'a mut dyn FnMut(&mut Decoder<'_>) -> Result<(), DecodeError>;

/// Both ends of the connection; hides their types.
pub(super) trait ThLink {
    fn ask(&mut self, message: &ThMessage, receive: Receive<'_>) -> Result<(), Failure>;
}

/// The connection, which the serving loop shares with the splice that it runs.
pub(super) struct PipeLink<R, W> {
    pub reader: PipeReader<R>,
    pub writer: PipeWriter<W>,
    /// Whether a message is being answered that may ask back.
    pub asking: bool,
    /// Why GHC cannot be asked any more, if so.
    pub broken: Option<ThError>,
}

impl<R: Read, W: Write> ThLink for PipeLink<R, W> {
    fn ask(&mut self, message: &ThMessage, receive: Receive<'_>) -> Result<(), Failure> {
        if !self.asking {
            return Err(Failure::Failed("GHC listens to a splice only while it runs".into()));
        }
        if self.broken.is_some() {
            return Err(Failure::Disconnected);
        }
        let read = |source| ThError::Read { message: message.kind(), source };
        let sent = self.writer.send(message).map_err(ThError::Write);
        sent.and_then(|()| receive(&mut self.reader.decoder()).map_err(read)).map_err(|error| {
            self.broken = Some(error);
            Failure::Disconnected
        })
    }
}

/// Why GHC could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum ThError {
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
