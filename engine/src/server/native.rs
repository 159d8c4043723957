//! Serving Rust programs on our own wire: the same messages and the same [`Handler`], in the frames of
//! [`protocol::native`](crate::protocol::native).
//!
//! Unlike GHC's wire this one can say that a message failed, so a failure never ends the session.

use std::io::{Cursor, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::handler::{Failure, Handler, dispatch};
use super::interrupt::InterruptGate;
use super::th::{Receive, ThChannel, ThLink};
use crate::protocol::native::{NativeError, read_frame, read_hello, write_frame, write_hello};
use crate::protocol::pipe::PipeReader;
use crate::protocol::{Encoder, GhcVersion, Message, MessageKind, Reply, ThMessage, ThReply};

/// What a server sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Sent {
    /// The reply to the message, or why there is none.
    Reply(Result<Reply, String>),
    /// A question of a splice: the client sends a [`ThReply`] next.
    Question(ThMessage),
}

/// Answers the messages that come from `reader` on `writer`, until `Shutdown` or the end of the stream.
pub fn serve_native<H: Handler + ?Sized>(
    mut reader: impl Read + Send + 'static,
    mut writer: impl Write + Send + 'static,
    handler: &mut H,
    interrupts: &InterruptGate,
) -> Result<(), NativeError> {
    write_hello(&mut writer)?;
    read_hello(&mut reader)?;
    // Shared with the splice that runs, as on GHC's wire.
    let link = Arc::new(Mutex::new(FrameLink { reader, writer, asking: false, failed: None }));
    let lock = || link.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let message: Message = match read_frame(&mut lock().reader) {
            Err(NativeError::Ended) => return Ok(()),
            other => other?,
        };
        let kind = message.kind();
        handler.observe(&message);
        let entered = interrupts.enter(if kind.evaluates() { handler.interrupter() } else { None });
        lock().asking = kind.asks_back();
        let reply = dispatch(handler, message, &mut ThChannel::new(link.clone()));
        drop(entered);
        let mut link = lock();
        link.asking = false;
        if let Some(error) = link.failed.take() {
            return Err(error);
        }
        write_frame(&mut link.writer, &Sent::Reply(reply.map_err(|failure| failure.to_string())))?;
        if kind == MessageKind::Shutdown {
            return Ok(());
        }
    }
}

/// Sends `message` as a client and waits for its reply; `answer` answers the questions of a splice.
pub fn call_native(
    mut reader: impl Read,
    mut writer: impl Write,
    message: &Message,
    mut answer: impl FnMut(ThMessage) -> ThReply,
) -> Result<Result<Reply, String>, NativeError> {
    write_frame(&mut writer, message)?;
    loop {
        match read_frame(&mut reader)? {
            Sent::Reply(reply) => return Ok(reply),
            Sent::Question(question) => write_frame(&mut writer, &answer(question))?,
        }
    }
}

/// Questions and answers as frames.
struct FrameLink<R, W> {
    reader: R,
    writer: W,
    /// Whether a message is being answered that may ask back.
    asking: bool,
    failed: Option<NativeError>,
}

impl<R: Read, W: Write> ThLink for FrameLink<R, W> {
    fn ask(&mut self, message: &ThMessage, receive: Receive<'_>) -> Result<(), Failure> {
        if !self.asking {
            return Err(Failure::Failed("nobody listens to a splice but while it runs".into()));
        }
        if self.failed.is_some() {
            return Err(Failure::Disconnected);
        }
        let asked = write_frame(&mut self.writer, &Sent::Question(message.clone()))
            .and_then(|()| read_frame::<ThReply>(&mut self.reader));
        let reply = asked.map_err(|error| {
            self.failed = Some(error);
            Failure::Disconnected
        })?;
        // A splice reads answers in GHC's encoding, whichever wire they came by.
        let mut encoder = Encoder::new(GhcVersion::default());
        reply.put(&mut encoder);
        let refused = |error: &dyn std::fmt::Display| Failure::Failed(format!("the answer to {message:?}: {error}"));
        let encoded = encoder.finish().map_err(|error| refused(&error))?;
        let mut answers = PipeReader::new(Cursor::new(encoded), GhcVersion::default());
        receive(&mut answers.decoder()).map_err(|error| refused(&error))
    }
}

#[cfg(test)]
mod tests;
