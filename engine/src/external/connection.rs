//! One message and its reply.

use std::io::{Read, Write};

use crate::protocol::pipe::{PipeReader, PipeWriter};
use crate::protocol::{
    AskingRequest, Binary, GhcVersion, Message, PlainRequest, Reply, ThMessage, ThMessageKind, ThReply,
};

use super::error::IservError;

/// Answers what a splice asks of GHC.
pub type Answers<'a> = &'a mut dyn FnMut(&ThMessage) -> ThReply;

/// The two pipes to a server.
pub struct Connection<R, W> {
    reader: PipeReader<R>,
    writer: PipeWriter<W>,
}

impl<R: Read, W: Write> Connection<R, W> {
    /// Talk GHC `version` over the pipes.
    pub fn new(reader: R, writer: W, version: GhcVersion) -> Self {
        Connection { reader: PipeReader::new(reader, version), writer: PipeWriter::new(writer, version) }
    }

    /// `iservCall`: send a message, wait for its reply if it has one.
    pub fn call<M: PlainRequest>(&mut self, message: M) -> Result<M::Reply, IservError> {
        self.send(&message.into())?;
        self.receive(M::KIND.name(), M::Reply::get)
    }

    /// Send `RunTH` or `RunModFinalizers`, answer what the splice asks, wait for how it ends.
    pub fn call_th<M: AskingRequest>(&mut self, message: M, answers: Answers<'_>) -> Result<M::Reply, IservError> {
        self.send(&message.into())?;
        self.answer_all(M::KIND.name(), answers)?;
        self.receive(M::KIND.name(), M::Reply::get)
    }

    /// Send any message; `answers` is needed by those that ask back.
    pub fn call_any(&mut self, message: &Message, answers: Answers<'_>) -> Result<Reply, IservError> {
        let kind = message.kind();
        self.send(message)?;
        if kind.asks_back() {
            self.answer_all(kind.name(), answers)?;
        }
        self.receive(kind.name(), |d| Reply::get(kind, d))
    }

    /// `writeIServ`: send without waiting.
    pub fn send(&mut self, message: &Message) -> Result<(), IservError> {
        tracing::trace!(target: "msg", "to the server: {message:?}");
        self.writer.send(message).map_err(|source| IservError::Send { message: message.kind().name(), source })
    }

    /// `readIServ`: wait for a value; `message` says of what.
    pub fn read<T: Binary>(&mut self, message: &'static str) -> Result<T, IservError> {
        self.receive(message, |d| T::get(d))
    }

    fn receive<T>(
        &mut self,
        message: &'static str,
        get: impl FnOnce(&mut crate::protocol::Decoder<'_>) -> Result<T, crate::protocol::DecodeError>,
    ) -> Result<T, IservError> {
        get(&mut self.reader.decoder()).map_err(|source| IservError::Receive { message, source })
    }

    /// Play GHC's part until `RunTHDone`.
    fn answer_all(&mut self, message: &'static str, answers: Answers<'_>) -> Result<(), IservError> {
        loop {
            let question: ThMessage = self.read(message)?;
            let asked = question.kind();
            if asked == ThMessageKind::RunTHDone {
                return Ok(());
            }
            if !asked.has_reply() {
                // `recover` begins or ends: to be heard, not to be answered.
                answers(&question);
                continue;
            }
            let answer = answers(&question);
            if answer.kind() != asked {
                return Err(IservError::WrongAnswer { asked: asked.name(), answered: answer.kind().name() });
            }
            answer.put(self.writer.encoder());
            self.writer.flush().map_err(|source| IservError::Send { message: asked.name(), source })?;
        }
    }
}
