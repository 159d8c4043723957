//! The serving loop.
//!
//! One request at a time, replies in order; nothing is written for a reply of type `()`. The loop ends with
//! `Shutdown`, and in every other case with an error, because GHC always says good-bye.

use std::io::{Read, Write};
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::protocol::binary::SIZE_LIMIT;
use crate::protocol::error::DecodeError;
use crate::protocol::pipe::{PipeReader, PipeWriter, WriteError};
use crate::protocol::{GhcVersion, HsString, Message, MessageKind, Reply, ThMessage, th_request};

use super::handler::{ExtensionError, Failure, Handler, dispatch};
use super::interrupt::InterruptGate;
use super::plain::make_plain;
use super::statistics::{Count, Statistics};
use super::th::{PipeLink, ThChannel, ThError};

/// How to serve.
#[derive(Clone)]
pub struct Config {
    /// Whose wire is spoken.
    pub version: GhcVersion,
    /// Where interrupts come from.
    pub interrupts: InterruptGate,
    /// A longer message ends the session; decoded, a message takes at most some four times its length.
    pub message_limit: u64,
    /// The file that messages come from, if it can be polled: the handler may work while nothing comes.
    pub input: Option<BorrowedFd<'static>>,
    /// Replace what a terminal would obey in exceptions of programs: GHC prints them.
    pub plain: bool,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            version: GhcVersion::default(),
            interrupts: InterruptGate::default(),
            message_limit: SIZE_LIMIT,
            input: None,
            plain: false,
        }
    }
}

/// How a session ended well.
#[derive(Clone, Debug, Default)]
pub struct Exit {
    /// What it cost.
    pub statistics: Statistics,
}

/// How a session ended badly. The process exits with 1 then, which GHC reports as "ghc-iserv terminated (1)".
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// GHC went away without `Shutdown`.
    #[error("end of file after byte {offset}: GHC closed the pipe without saying good-bye")]
    Eof {
        /// How much it had sent.
        offset: u64,
    },
    /// The first byte of a message means nothing.
    #[error("byte {offset}: no message of GHC {} has tag {tag}", version.name())]
    UnknownTag {
        /// The byte.
        tag: u8,
        /// Where it stands.
        offset: u64,
        /// Whose messages.
        version: GhcVersion,
    },
    /// A message is malformed.
    #[error("reading {message}: {source}")]
    Decode {
        /// Which, as far as it could be read.
        message: &'static str,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// A reply could not be sent.
    #[error("replying to {message}: {source}")]
    Reply {
        /// To what.
        message: &'static str,
        /// Why not.
        source: WriteError,
    },
    /// GHC could not be asked back.
    #[error("{}: {source}", message.name())]
    AskBack {
        /// During which message.
        message: MessageKind,
        /// What went wrong.
        source: ThError,
    },
    /// A message failed whose reply has no room to say so.
    #[error("{message}: {source}")]
    Failed {
        /// Which.
        message: String,
        /// Why.
        source: Failure,
    },
}

/// Answer the messages that come from `reader` on `writer`, until `Shutdown`.
pub fn serve<R, W, H>(reader: R, writer: W, handler: &mut H, config: &Config) -> Result<Exit, ServeError>
where
    R: Read + Send + 'static,
    W: Write + Send + 'static,
    H: Handler + ?Sized,
{
    let mut link = PipeLink {
        reader: PipeReader::new(reader, config.version),
        writer: PipeWriter::new(writer, config.version),
        asking: false,
        broken: None,
    };
    link.reader.set_limit(config.message_limit);
    let session = Session { link: Arc::new(Mutex::new(link)), config };
    let mut statistics = Statistics::default();
    loop {
        if let Some(input) = config.input
            && !session.link().reader.has_leftovers()
        {
            handler.idle(input);
        }
        let (sent, written) = session.offsets();
        let Some(message) = session.next(handler)? else {
            continue;
        };
        let begin = Instant::now();
        let kind = message.kind();
        session.answer(handler, message)?;
        let (received, replied) = session.offsets();
        let time = begin.elapsed();
        let count = Count { messages: 1, bytes_in: received - sent, bytes_out: replied - written, time };
        statistics.add(kind, count);
        if kind == MessageKind::Shutdown {
            return Ok(Exit { statistics });
        }
    }
}

/// Tells the user that a symbol was not found, in the words of GHC's server, which goes before what GHC has to say of it.
fn report_missing(symbol: &HsString) {
    let path = std::env::args_os().next().unwrap_or_default();
    let program = Path::new(&path).file_name().unwrap_or_default().display();
    eprintln!("{program}: ^^ Could not load '{symbol}', dependency unresolved. See top entry above.\n");
}

/// A session: the connection, which is locked but while a handler works.
struct Session<'a, R, W> {
    link: Arc<Mutex<PipeLink<R, W>>>,
    config: &'a Config,
}

impl<R: Read + Send + 'static, W: Write + Send + 'static> Session<'_, R, W> {
    fn link(&self) -> MutexGuard<'_, PipeLink<R, W>> {
        // A panic between two bytes ends the session elsewhere.
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How much has been read and written.
    fn offsets(&self) -> (u64, u64) {
        let mut link = self.link();
        (link.reader.decoder().offset(), link.writer.offset())
    }

    /// Wait for a message. `None`: it was one of the handler's own and has been answered.
    fn next<H: Handler + ?Sized>(&self, handler: &mut H) -> Result<Option<Message>, ServeError> {
        let decode = |message| move |source| ServeError::Decode { message, source };
        let PipeLink { reader, writer, .. } = &mut *self.link();
        if !reader.has_next().map_err(decode("a message"))? {
            return Err(ServeError::Eof { offset: reader.decoder().offset() });
        }
        let mut d = reader.decoder();
        let offset = d.offset();
        let tag = d.byte().map_err(decode("a message"))?;
        if let Some(kind) = MessageKind::from_tag(tag, self.config.version) {
            return Message::get_fields(kind, &mut d).map(Some).map_err(decode(kind.name()));
        }
        match handler.extension(tag, &mut d, writer.encoder()) {
            Ok(true) => {
                writer.flush().map_err(|source| ServeError::Reply { message: "an extension", source })?;
                Ok(None)
            }
            Ok(false) => Err(ServeError::UnknownTag { tag, offset, version: self.config.version }),
            Err(ExtensionError::Decode(source)) => Err(ServeError::Decode { message: "an extension", source }),
            Err(ExtensionError::Failed(source)) => {
                Err(ServeError::Failed { message: format!("message {tag}"), source })
            }
        }
    }

    /// Let the handler answer and send what it answers.
    fn answer<H: Handler + ?Sized>(&self, handler: &mut H, message: Message) -> Result<(), ServeError> {
        let kind = message.kind();
        tracing::trace!(target: "msg", "{message:?}");
        handler.observe(&message);
        let symbol = match &message {
            Message::LookupSymbol(lookup) => Some(lookup.symbol.clone()),
            _ => None,
        };
        let interrupter = if kind.evaluates() { handler.interrupter() } else { None };
        let entered = self.config.interrupts.enter(interrupter);
        self.link().asking = kind.asks_back();
        let result = dispatch(handler, message, &mut ThChannel::new(self.link.clone()));
        drop(entered);
        let mut link = self.link();
        link.asking = false;
        if let Some(source) = link.broken.take() {
            return Err(ServeError::AskBack { message: kind, source });
        }
        let mut reply = result
            .or_else(|failure| failure.into_reply(kind))
            .map_err(|source| ServeError::Failed { message: kind.name().into(), source })?;
        if self.config.plain {
            make_plain(&mut reply);
        }
        tracing::trace!(target: "msg", "-> {reply:?}");
        if let (Some(symbol), Reply::LookupSymbol(None)) = (symbol, &reply) {
            report_missing(&symbol);
        }
        if kind.asks_back() {
            link.writer.put(&ThMessage::from(th_request::RunTHDone {}));
        }
        reply.put(link.writer.encoder());
        link.writer.flush().map_err(|source| ServeError::Reply { message: kind.name(), source })
    }
}
