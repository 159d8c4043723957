//! What a server can do: a method per message.
//!
//! The trait, its defaults and the dispatcher come from the message table, so a new message is a new method. A method
//! that is not overridden says that the message is not supported.

use std::os::fd::BorrowedFd;
use std::sync::Arc;

use crate::protocol::error::DecodeError;
use crate::protocol::table::for_each_message;
use crate::protocol::types::{EvalResult, EvalStatus, QResult, SerializableException};
use crate::protocol::{Decoder, Encoder, Message, MessageKind, Reply, Request, request};

use super::interrupt::Interrupter;
use super::th::ThChannel;

// Note [Failing messages]
// ~~~~~~~~~~~~~~~~~~~~~~~
// GHC's wire has no general way to say "that did not work". Replies of evaluating messages carry exceptions, LoadDLL
// and ResolveObjs have a value that means failure, and the rest cannot fail: when LoadObj finds no file, GHC's own
// server prints the reason, exits with 1 and leaves it to GHC to report that the server terminated. We do the same,
// because nothing else is understood at the other end: a failure becomes an exception in the reply if the reply's type
// has room for one, and otherwise ends the session with the reason on stderr.

/// Why a message has no result. See Note [Failing messages].
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The program threw.
    #[error("{}", describe(.0))]
    Exception(SerializableException),
    /// The server could not do it.
    #[error("{0}")]
    Failed(String),
    /// This server does not know how.
    #[error("{} is not supported by this server", .0.name())]
    Unsupported(MessageKind),
    /// GHC could not be asked; the session is over.
    #[error("the connection to GHC is broken")]
    Disconnected,
}

fn describe(exception: &SerializableException) -> String {
    match exception {
        SerializableException::EUserInterrupt => "user interrupt".into(),
        SerializableException::EExitCode(code) => format!("exit: {code:?}"),
        SerializableException::EOtherException(text) => text.to_string(),
    }
}

impl Failure {
    /// The reply that tells GHC, if one can.
    pub(super) fn into_reply(self, kind: MessageKind) -> Result<Reply, Failure> {
        let exception = match self {
            Failure::Disconnected => return Err(self),
            Failure::Exception(exception) => exception,
            Failure::Failed(text) if kind == MessageKind::ResolveObjs => {
                tracing::error!("{text}");
                return Ok(Reply::ResolveObjs(false));
            }
            Failure::Failed(text) => SerializableException::EOtherException(text.into()),
            Failure::Unsupported(_) => SerializableException::EOtherException(self.to_string().into()),
        };
        let reply = match kind {
            MessageKind::EvalStmt => Reply::EvalStmt(stopped_by(exception)),
            MessageKind::ResumeStmt => Reply::ResumeStmt(stopped_by(exception)),
            MessageKind::Seq => Reply::Seq(stopped_by(exception)),
            MessageKind::ResumeSeq => Reply::ResumeSeq(stopped_by(exception)),
            MessageKind::EvalIO => Reply::EvalIO(EvalResult::EvalException(exception)),
            MessageKind::EvalString => Reply::EvalString(EvalResult::EvalException(exception)),
            MessageKind::EvalStringToString => Reply::EvalStringToString(EvalResult::EvalException(exception)),
            MessageKind::RunTH => Reply::RunTH(QResult::QException(describe(&exception).into())),
            MessageKind::RunModFinalizers => Reply::RunModFinalizers(QResult::QException(describe(&exception).into())),
            _ => return Err(Failure::Exception(exception)),
        };
        Ok(reply)
    }
}

fn stopped_by<A>(exception: SerializableException) -> EvalStatus<A> {
    EvalStatus::EvalComplete { allocated: 0, result: EvalResult::EvalException(exception) }
}

/// Expands to the trait and the dispatcher.
macro_rules! define_handler {
    ($(
        $(#[$meta:meta])*
        $name:ident $method:ident = $tag:tt { $($fields:tt)* } $(with $th:ident)? -> $reply:ty;
    )+) => {
        /// The operations of an interpreter server. Every method but the last four answers the message of the same
        /// name; each default says that the message is not supported.
        pub trait Handler {
            $(
                $(#[$meta])*
                fn $method(
                    &mut self,
                    message: request::$name,
                    $($th: &mut ThChannel,)?
                ) -> Result<<request::$name as Request>::Reply, Failure> {
                    let _ = message;
                    $( let _ = $th; )?
                    Err(Failure::Unsupported(MessageKind::$name))
                }
            )+

            /// Answer a message that GHC does not have: the way to add commands of one's own. Decode the fields of
            /// the message from `input`, append the reply to `reply`. `Ok(false)`, for a tag that is not yours either,
            /// ends the session.
            fn extension(
                &mut self,
                tag: u8,
                input: &mut Decoder<'_>,
                reply: &mut Encoder,
            ) -> Result<bool, ExtensionError> {
                let _ = (tag, input, reply);
                Ok(false)
            }

            /// Who stops an evaluation that is about to begin, when the user presses ^C; asked before every message
            /// that evaluates.
            fn interrupter(&self) -> Option<Arc<dyn Interrupter>> {
                None
            }

            /// GHC has nothing to say: what is to be done until `input` can be read, at the latest.
            fn idle(&mut self, input: BorrowedFd<'_>) {
                let _ = input;
            }

            /// A message arrived; for logs and tests.
            fn observe(&mut self, message: &Message) {
                let _ = message;
            }
        }

        /// Let `handler` answer `message`.
        pub(super) fn dispatch<H: Handler + ?Sized>(
            handler: &mut H,
            message: Message,
            th: &mut ThChannel,
        ) -> Result<Reply, Failure> {
            match message {
                $( Message::$name(message) => {
                    $( let $th = &mut *th; )?
                    handler.$method(message, $($th)?).map(Reply::$name)
                } )+
            }
        }
    };
}

for_each_message!(define_handler);

/// Why a message outside the table could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum ExtensionError {
    /// Its fields are malformed.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// It failed. (An extension that wants to report failure and live on puts that into its reply.)
    #[error(transparent)]
    Failed(#[from] Failure),
}
