//! Recordings of sessions: what GHC and a server said to each other, and when.
//!
//! A recording is the line `bcvm transcript 1` and then records, each a direction (`>` from GHC, `<` from the server), the
//! time in seconds as a little-endian `f64`, a length as a little-endian `u32`, and so many bytes. Records are chunks
//! as they passed, not messages, so recording needs no understanding of the wire. A file without the first line is
//! read, too: that is the format of `tap.py`.
//!
//! | file | owns |
//! |---|---|
//! | this one | the file format, and cutting a recording into messages |
//! | `transcript/record.rs` | writing recordings |
//! | `transcript/replay.rs` | playing GHC's part to another server and comparing the replies |

mod record;
mod replay;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

use crate::protocol::error::DecodeError;
use crate::protocol::input::{Input, SliceInput};
use crate::protocol::{Decoder, GhcVersion, Message, MessageKind, Reply, ThMessage, ThMessageKind, ThReply};

pub use record::{Recorder, RecordingReader, RecordingWriter};
pub use replay::{Difference, Replay, replay};

/// What a recording of ours begins with.
const MAGIC: &[u8] = b"bcvm transcript 1\n";

/// Direction, time, length.
const HEADER_LEN: usize = 1 + 8 + 4;

/// Who wrote a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// GHC.
    Request,
    /// The server.
    Reply,
}

/// Why a file is no recording.
#[derive(Debug, thiserror::Error)]
pub enum TranscriptError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A record begins with something that is no direction.
    #[error("byte {offset} of the recording: {found:#04x} begins no record")]
    Direction {
        /// Where.
        offset: usize,
        /// What.
        found: u8,
    },
    /// The file ends inside a record.
    #[error("byte {offset} of the recording: the record there is cut off")]
    CutOff {
        /// Where the record begins.
        offset: usize,
    },
    /// What GHC said is no message.
    #[error("message {index}: {source}")]
    Request {
        /// How many messages came before.
        index: usize,
        /// What is wrong; offsets count GHC's bytes.
        source: DecodeError,
    },
    /// What the server said is no reply.
    #[error("reply to message {index}, {}: {source}", kind.name())]
    Reply {
        /// How many messages came before.
        index: usize,
        /// The message.
        kind: MessageKind,
        /// What is wrong; offsets count the server's bytes.
        source: DecodeError,
    },
}

/// The bytes of one direction, and when they came.
#[derive(Clone, Debug, Default)]
struct Stream {
    bytes: Vec<u8>,
    /// Where each chunk ends, and its time.
    chunks: Vec<(usize, f64)>,
}

impl Stream {
    /// When the byte at `offset` passed.
    fn time(&self, offset: u64) -> f64 {
        let chunk = self.chunks.partition_point(|&(end, _)| end as u64 <= offset);
        self.chunks.get(chunk).or(self.chunks.last()).map_or(0.0, |&(_, time)| time)
    }
}

/// A recording.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    requests: Stream,
    replies: Stream,
}

/// A message of a recording with everything that belongs to it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The message.
    pub message: Message,
    /// What a splice asked GHC meanwhile, with GHC's answers.
    pub questions: Vec<Question>,
    /// The reply. `None`: the recording ends before it, as when the server dies.
    pub reply: Option<Reply>,
    /// Bytes of the message.
    pub request_len: u64,
    /// Bytes the server sent on its behalf.
    pub reply_len: u64,
    /// Seconds, on the recorder's clock, at which its last byte passed.
    pub sent: f64,
    /// When the reply's last byte passed; `sent` if there is none.
    pub replied: f64,
}

/// A question of a splice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What it asked.
    pub message: ThMessage,
    /// What GHC answered; `None` at the end of the recording. Questions without an answer have an empty one.
    pub reply: Option<ThReply>,
}

impl Transcript {
    /// Read a recording from a file.
    pub fn read(path: &Path) -> Result<Transcript, TranscriptError> {
        let bytes = std::fs::read(path).map_err(|source| TranscriptError::Read { path: path.into(), source })?;
        Transcript::parse(&bytes)
    }

    /// Read a recording.
    pub fn parse(bytes: &[u8]) -> Result<Transcript, TranscriptError> {
        let mut transcript = Transcript::default();
        let mut rest = bytes.strip_prefix(MAGIC).unwrap_or(bytes);
        while let Some(&first) = rest.first() {
            let offset = bytes.len() - rest.len();
            let stream = match first {
                b'>' => &mut transcript.requests,
                b'<' => &mut transcript.replies,
                found => return Err(TranscriptError::Direction { offset, found }),
            };
            let cut_off = TranscriptError::CutOff { offset };
            let Some((_, after)) = rest.split_first_chunk::<1>() else {
                return Err(cut_off);
            };
            let Some((time, after)) = after.split_first_chunk() else {
                return Err(cut_off);
            };
            let Some((len, after)) = after.split_first_chunk() else {
                return Err(cut_off);
            };
            let Some((data, after)) = after.split_at_checked(u32::from_le_bytes(*len) as usize) else {
                return Err(cut_off);
            };
            stream.bytes.extend_from_slice(data);
            stream.chunks.push((stream.bytes.len(), f64::from_le_bytes(*time)));
            rest = after;
        }
        Ok(transcript)
    }

    /// Everything the given side sent.
    pub fn bytes(&self, direction: Direction) -> &[u8] {
        match direction {
            Direction::Request => &self.requests.bytes,
            Direction::Reply => &self.replies.bytes,
        }
    }

    /// The messages, in order. After an error nothing more comes.
    pub fn exchanges(&self, version: GhcVersion) -> Exchanges<'_> {
        Exchanges {
            transcript: self,
            requests: SliceInput::new(&self.requests.bytes),
            replies: SliceInput::new(&self.replies.bytes),
            version,
            index: 0,
            over: false,
        }
    }
}

/// The messages of a recording.
pub struct Exchanges<'a> {
    transcript: &'a Transcript,
    requests: SliceInput<'a>,
    replies: SliceInput<'a>,
    version: GhcVersion,
    index: usize,
    over: bool,
}

impl Iterator for Exchanges<'_> {
    type Item = Result<Exchange, TranscriptError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over || self.requests.buffered().is_empty() {
            return None;
        }
        let result = self.exchange();
        self.over = !matches!(&result, Ok(exchange) if exchange.reply.is_some());
        self.index += 1;
        Some(result)
    }
}

impl Exchanges<'_> {
    fn exchange(&mut self) -> Result<Exchange, TranscriptError> {
        let (request_start, reply_start) = (self.requests.offset(), self.replies.offset());
        let message: Message = self.request()?;
        let request_len = self.requests.offset() - request_start;
        let sent = self.transcript.requests.time(self.requests.offset() - 1);
        let kind = message.kind();
        let mut exchange =
            Exchange { message, questions: vec![], reply: None, request_len, reply_len: 0, sent, replied: sent };
        if kind.asks_back() && !self.questions(kind, &mut exchange.questions)? {
            return Ok(exchange);
        }
        exchange.reply = self.reply(kind, |d| Reply::get(kind, d))?;
        exchange.reply_len = self.replies.offset() - reply_start;
        if kind.has_reply() && exchange.reply.is_some() {
            exchange.replied = self.transcript.replies.time(self.replies.offset() - 1);
        }
        Ok(exchange)
    }

    /// Read up to `RunTHDone`; false if the recording ends before.
    fn questions(&mut self, kind: MessageKind, out: &mut Vec<Question>) -> Result<bool, TranscriptError> {
        loop {
            let Some(message) = self.reply(kind, <ThMessage as crate::protocol::Binary>::get)? else {
                return Ok(false);
            };
            let asked = message.kind();
            if asked == ThMessageKind::RunTHDone {
                return Ok(true);
            }
            if asked.has_reply() && self.requests.buffered().is_empty() {
                out.push(Question { message, reply: None });
                return Ok(false);
            }
            let mut d = Decoder::new(&mut self.requests, self.version);
            let answer =
                ThReply::get(asked, &mut d).map_err(|source| TranscriptError::Request { index: self.index, source })?;
            out.push(Question { message, reply: Some(answer) });
        }
    }

    fn request<T: crate::protocol::Binary>(&mut self) -> Result<T, TranscriptError> {
        T::get(&mut Decoder::new(&mut self.requests, self.version))
            .map_err(|source| TranscriptError::Request { index: self.index, source })
    }

    /// Something the server said; `None` if the recording ends before it.
    fn reply<T>(
        &mut self,
        kind: MessageKind,
        get: impl FnOnce(&mut Decoder<'_>) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, TranscriptError> {
        match get(&mut Decoder::new(&mut self.replies, self.version)) {
            Ok(value) => Ok(Some(value)),
            Err(DecodeError::NeedMore { .. }) => Ok(None),
            Err(source) => Err(TranscriptError::Reply { index: self.index, kind, source }),
        }
    }
}
