//! [`Exchange`]: the pipe that the guest's server sees, and on its other side one message of GHC with all that a splice
//! asks until it is answered.
//!
//! Invariant: whatever the guest writes, GHC is asked whole messages only, and only those that the policy lets a splice ask;
//! their answers have been read when the guest goes on. See Note [Splices are served in the guest].

use std::io::{self, ErrorKind, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::os::{Input, Output, Policy, Stream};
use crate::policy::Decision;
use crate::protocol::input::SliceInput;
use crate::protocol::types::THResult;
use crate::protocol::{
    DecodeError, Decoder, Encoder, GhcVersion, Message, MessageKind, Problem, Reply, ThMessage, ThMessageKind, ThReply,
    decode, encode, request,
};

/// Answers what a splice asks; `None` if GHC cannot be asked any more.
pub type Answerer = Box<dyn FnMut(ThMessage) -> Option<ThReply> + Send>;

/// Where the guest reads: numbers that no program gets by opening files, unless it opens hundreds.
pub const READ_FD: i32 = 254;
/// Where it writes.
pub const WRITE_FD: i32 = 255;

/// The most bytes that the guest may say without waiting for an answer: the tree that a splice makes is one such piece.
const MAX_BYTES: usize = 1 << 30;

/// A pipe between a machine's guest and whoever has it run splices. Clones are the same pipe.
#[derive(Clone, Default)]
pub struct Exchange(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    version: GhcVersion,
    /// What splices may ask.
    policy: Policy,
    /// The message that is being answered; nothing can be read or written otherwise.
    current: Option<Current>,
}

struct Current {
    kind: MessageKind,
    policy: Policy,
    answerer: Answerer,
    /// What the guest is to read, and how much of it has been read.
    to_guest: Vec<u8>,
    read: usize,
    /// What it has written since it last waited.
    from_guest: Vec<u8>,
    /// How many `recover`s it is in.
    recovers: u32,
    reply: Option<Reply>,
    failed: Option<String>,
}

impl Exchange {
    /// The policy with the guest's ends of the pipe added; it decides from now on what splices may ask.
    pub fn grant(&self, policy: Policy) -> Policy {
        self.lock().policy = policy.clone();
        policy
            .descriptor(READ_FD, Stream::Input(Input::new(self.clone())))
            .descriptor(WRITE_FD, Stream::Output(Output::new(self.clone())))
    }

    /// Has `run` run the guest's server, which finds `message` in its pipe and after it the end. Answers what `run`
    /// answers, and what the server replied, or what was wrong with what it said.
    pub fn answer<T>(
        &self,
        message: &Message,
        answerer: Answerer,
        run: impl FnOnce() -> T,
    ) -> (T, Result<Option<Reply>, String>) {
        // A message that was decoded can be encoded.
        let mut state = self.lock();
        let to_guest = encode(message, state.version).unwrap_or_default();
        state.current = Some(Current {
            kind: message.kind(),
            policy: state.policy.clone(),
            answerer,
            to_guest,
            read: 0,
            from_guest: Vec::new(),
            recovers: 0,
            reply: None,
            failed: None,
        });
        drop(state);
        let result = run();
        let current = self.lock().current.take();
        let said = current.map_or(Ok(None), |current| current.failed.map_or(Ok(current.reply), Err));
        (result, said)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves nothing half done that the next message would find.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Read for Exchange {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let State { version, current, .. } = &mut *self.lock();
        let current = current.as_mut().ok_or(ErrorKind::BrokenPipe)?;
        if current.read == current.to_guest.len() {
            current.turn(*version)?;
        }
        let n = buf.len().min(current.to_guest.len() - current.read);
        buf[..n].copy_from_slice(&current.to_guest[current.read..][..n]);
        current.read += n;
        Ok(n)
    }
}

impl Write for Exchange {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let mut state = self.lock();
        let current = state.current.as_mut().ok_or(ErrorKind::BrokenPipe)?;
        if current.failed.is_some() {
            return Err(ErrorKind::BrokenPipe.into());
        }
        if current.from_guest.len() + buf.len() > MAX_BYTES {
            return Err(current.fail(format!("it says more than {MAX_BYTES} bytes at once")));
        }
        // Who speaks does not listen any more: an answer that an exception has made nobody want is gone.
        current.read = current.to_guest.len();
        current.from_guest.extend_from_slice(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Current {
    /// The guest waits: what it has said is dealt with.
    fn turn(&mut self, version: GhcVersion) -> io::Result<()> {
        if self.failed.is_some() {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let said = std::mem::take(&mut self.from_guest);
        self.to_guest.clear();
        self.read = 0;
        if self.reply.is_some() {
            // Nothing comes after the end.
            return Ok(());
        }
        match self.listen(&said, version) {
            Ok(answer) => {
                self.to_guest = answer;
                Ok(())
            }
            Err(problem) => Err(self.fail(problem)),
        }
    }

    fn fail(&mut self, problem: String) -> io::Error {
        self.failed = Some(problem);
        self.from_guest = Vec::new();
        ErrorKind::BrokenPipe.into()
    }

    /// Deals with what the guest has said up to the point where it waits; answers what it is to read.
    fn listen(&mut self, said: &[u8], version: GhcVersion) -> Result<Vec<u8>, String> {
        let malformed = |e: DecodeError| format!("what it says makes no sense: {e}");
        let mut rest = said;
        let mut question = None;
        // Any number of remarks, then a question, or the end; and nothing after that.
        while self.kind.asks_back() && question.is_none() {
            let (message, len) = decode::<ThMessage>(rest, version).map_err(malformed)?;
            rest = &rest[len..];
            match message.kind() {
                ThMessageKind::RunTHDone => break,
                kind if kind.has_reply() => question = Some(message),
                _ => {
                    self.count_recover(&message)?;
                    self.ask(message)?;
                }
            }
        }
        let Some(question) = question else {
            let kind = self.kind;
            self.reply = Some(decode_reply(rest, kind, version).map_err(malformed)?);
            return encode(&Message::from(request::Shutdown {}), version).map_err(|e| e.to_string());
        };
        if !rest.is_empty() {
            return Err(format!("it goes on after the question {}", question.kind().name()));
        }
        let answer = self.ask(question)?;
        let mut e = Encoder::new(version);
        answer.put(&mut e);
        e.finish().map_err(|e| e.to_string())
    }

    /// GHC panics at a `recover` that ends without having begun.
    fn count_recover(&mut self, message: &ThMessage) -> Result<(), String> {
        self.recovers = match message {
            ThMessage::StartRecover(_) => self.recovers.saturating_add(1),
            ThMessage::EndRecover(_) => self.recovers.checked_sub(1).ok_or("it ends a recover that has not begun")?,
            _ => self.recovers,
        };
        Ok(())
    }

    fn ask(&mut self, message: ThMessage) -> Result<ThReply, String> {
        if let Some(why) = self.denied(&message) {
            let argument = match &message {
                ThMessage::AddDependentFile(m) => m.path.to_string(),
                ThMessage::AddForeignFilePath(m) => m.path.to_string(),
                ThMessage::AddCorePlugin(m) => m.module.to_string(),
                _ => String::new(),
            };
            self.policy.record_denied(message.kind(), argument, &why);
            return refusal(message.kind(), why);
        }
        (self.answerer)(message).ok_or_else(|| "GHC is gone".into())
    }

    /// Why a splice may not ask this, if so.
    fn denied(&self, message: &ThMessage) -> Option<String> {
        match (self.policy.th_message(message.kind()), message) {
            (Decision::Allow, _) => None,
            (Decision::Deny(why), _) => Some(why),
            (Decision::AllowPath, ThMessage::AddDependentFile(m)) if self.policy.may_read(&m.path.to_path()) => None,
            (Decision::AllowPath, _) => Some("the file lies where nothing is granted".into()),
        }
    }
}

/// What GHC answers to a question that it refuses. Whatever its result would be, the exception is encoded alike.
fn refusal(kind: ThMessageKind, why: String) -> Result<ThReply, String> {
    let version = GhcVersion::default();
    let bytes = encode(&THResult::<()>::THException(why.into()), version).map_err(|e| e.to_string())?;
    ThReply::get(kind, &mut Decoder::new(&mut SliceInput::new(&bytes), version)).map_err(|e| e.to_string())
}

/// The reply to a message of this kind, which fills `bytes`.
fn decode_reply(bytes: &[u8], kind: MessageKind, version: GhcVersion) -> Result<Reply, DecodeError> {
    let mut input = SliceInput::new(bytes);
    let reply = Reply::get(kind, &mut Decoder::new(&mut input, version))?;
    match bytes.len() - input.position() {
        0 => Ok(reply),
        rest => {
            let problem = Problem::Trailing(rest);
            Err(DecodeError::Invalid { offset: input.position() as u64, what: "reply", problem })
        }
    }
}

#[cfg(test)]
mod tests;
