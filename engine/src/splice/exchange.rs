//! [`Exchange`]: the pipe on which a splice asks GHC, and on its other side whoever has the answers.
//!
//! Invariant: whatever the guest writes, GHC is asked whole messages only, and only those that the policy lets a splice ask;
//! their answers have been read when the guest goes on. See Note [Splices are served in the guest].

use std::collections::BTreeSet;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::os::{Input, MAX_DIFFERENT, Output, Policy, Stream, is_at_terminal, plain};
use crate::policy::Decision;
use crate::protocol::input::SliceInput;
use crate::protocol::types::THResult;
use crate::protocol::{
    DecodeError, Decoder, Encoder, GhcVersion, HsString, ThMessage, ThMessageKind, ThReply, decode, encode, th_request,
};

/// Answers what a splice asks; `None` if GHC cannot be asked any more.
pub type Answerer = Box<dyn FnMut(ThMessage) -> Option<ThReply> + Send>;

/// Where the guest reads: numbers that no program gets by opening files, unless it opens hundreds.
pub const READ_FD: i32 = 254;
/// Where it writes.
pub const WRITE_FD: i32 = 255;

/// How much of what a message was about is recorded: as much as of a path.
const MAX_ARGUMENT_BYTES: usize = 4096;

/// The most bytes that the guest may say without waiting for an answer: declarations to add are one such piece.
const MAX_BYTES: usize = 64 << 20;

/// A pipe between a machine's guest and whoever has it run splices. Clones are the same pipe.
#[derive(Clone, Default)]
pub struct Exchange(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    version: GhcVersion,
    /// What splices may ask.
    policy: Policy,
    /// The splice that runs; nothing can be read or written otherwise.
    current: Option<Current>,
}

struct Current {
    policy: Policy,
    answerer: Answerer,
    /// What the guest is to read, and how much of it has been read.
    to_guest: Vec<u8>,
    read: usize,
    /// What it has written since it last waited.
    from_guest: Vec<u8>,
    /// How many `recover`s it is in.
    recovers: u32,
    failed: Option<String>,
    /// What of it is on record as denied.
    denied: BTreeSet<(&'static str, String)>,
}

impl Exchange {
    /// The policy with the guest's ends of the pipe added; it decides from now on what splices may ask.
    pub fn grant(&self, policy: Policy) -> Policy {
        self.lock().policy = policy.clone();
        policy
            .descriptor(READ_FD, Stream::Input(Input::new(self.clone())))
            .descriptor(WRITE_FD, Stream::Output(Output::new(self.clone())))
    }

    /// Says that what runs from now on is a splice's code, or no longer: also when it shows an exception, after it has
    /// ended.
    pub fn set_runs(&self, runs: bool) {
        self.lock().policy.splicing.set_runs(runs);
    }

    /// Has `run` run a splice, whose questions `answerer` answers. Answers what `run` answers, and what was wrong with
    /// what the splice said.
    pub fn attend<T>(&self, answerer: Answerer, run: impl FnOnce() -> T) -> (T, Result<(), String>) {
        let mut state = self.lock();
        state.current = Some(Current {
            policy: state.policy.clone(),
            answerer,
            to_guest: Vec::new(),
            read: 0,
            from_guest: Vec::new(),
            recovers: 0,
            failed: None,
            denied: BTreeSet::new(),
        });
        drop(state);
        let result = run();
        let mut state = self.lock();
        let version = state.version;
        let current = state.current.take();
        drop(state);
        let said = current.map_or(Ok(()), |current| current.end(version));
        (result, said)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves nothing half done that the next splice would find.
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
        self.read = 0;
        self.to_guest = self.listen(&said, version).map_err(|problem| self.fail(problem))?;
        Ok(())
    }

    /// The splice is over. Remarks that nothing came after are passed on; what else it had begun to say is dropped, since
    /// an exception may have interrupted it anywhere.
    fn end(mut self, version: GhcVersion) -> Result<(), String> {
        if let Some(problem) = self.failed {
            return Err(problem);
        }
        let said = std::mem::take(&mut self.from_guest);
        match self.remarks(&said, version) {
            Ok((None, _)) => {}
            rest => tracing::debug!("the splice ended in the middle: {rest:?}"),
        }
        Ok(())
    }

    fn fail(&mut self, problem: String) -> io::Error {
        self.failed = Some(problem);
        self.from_guest = Vec::new();
        ErrorKind::BrokenPipe.into()
    }

    /// Deals with what the guest has said up to the point where it waits; answers what it is to read.
    fn listen(&mut self, said: &[u8], version: GhcVersion) -> Result<Vec<u8>, String> {
        let (question, rest) = self.remarks(said, version)?;
        let question = question.ok_or("it waits for an answer to nothing")?;
        if !rest.is_empty() {
            return Err(format!("it goes on after the question {}", question.kind().name()));
        }
        let answer = self.ask(question)?;
        let mut e = Encoder::new(version);
        answer.put(&mut e);
        e.finish().map_err(|e| e.to_string())
    }

    /// Passes on what wants no answer, up to a question or the end. Answers the question, and what follows it.
    fn remarks<'a>(
        &mut self,
        mut said: &'a [u8],
        version: GhcVersion,
    ) -> Result<(Option<ThMessage>, &'a [u8]), String> {
        while !said.is_empty() {
            let decoded = decode::<ThMessage>(said, version);
            let (message, len) = decoded.map_err(|e: DecodeError| format!("what it says makes no sense: {e}"))?;
            said = &said[len..];
            match message.kind() {
                ThMessageKind::RunTHDone => return Err("it says itself that it is done".into()),
                kind if kind.has_reply() => return Ok((Some(message), said)),
                _ => {
                    self.count_recover(&message)?;
                    self.ask(message)?;
                }
            }
        }
        Ok((None, said))
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

    fn ask(&mut self, mut message: ThMessage) -> Result<ThReply, String> {
        if let Some(why) = self.denied(&message) {
            let argument = match &message {
                ThMessage::AddDependentFile(m) => m.path.to_string(),
                ThMessage::AddForeignFilePath(m) => m.path.to_string(),
                ThMessage::AddCorePlugin(m) => m.module.to_string(),
                ThMessage::AddTempFile(m) => m.suffix.to_string(),
                _ => String::new(),
            };
            self.record_denied(message.kind(), argument, &why);
            // GHC takes it that whatever fails has been reported, and says nothing more.
            let report = th_request::Report { is_error: true, text: why.as_str().into() };
            (self.answerer)(report.into()).ok_or("GHC is gone")?;
            return refusal(message.kind(), why);
        }
        // GHC prints what is reported.
        if let ThMessage::Report(report) = &mut message
            && !self.policy.escapes
            && is_at_terminal()
        {
            let mut text = report.text.as_bytes().to_vec();
            plain(&mut text);
            report.text = HsString::try_from(text).unwrap_or_default();
        }
        let reply = (self.answerer)(message).ok_or("GHC is gone")?;
        if let ThReply::AddTempFile(THResult::THComplete(path)) = &reply {
            self.policy.splicing.add_temporary_file(path.to_path());
        }
        Ok(reply)
    }

    /// Each different one once, and no more than there are of other uses in an evaluation: a splice must not fill a disk.
    fn record_denied(&mut self, kind: ThMessageKind, mut argument: String, why: &str) {
        argument.truncate(argument.floor_char_boundary(MAX_ARGUMENT_BYTES));
        if self.denied.len() < MAX_DIFFERENT && self.denied.insert((kind.name(), argument.clone())) {
            self.policy.record_denied(kind, argument, why);
        }
    }

    /// Why a splice may not ask this, if so.
    fn denied(&self, message: &ThMessage) -> Option<String> {
        let policy = self.policy.splices.as_deref().unwrap_or(&self.policy);
        match (self.policy.th_message(message.kind()), message) {
            // GHC appends it to a name of its own, grants us the file, and removes it at its end.
            (Decision::Allow, ThMessage::AddTempFile(m)) if m.suffix.as_bytes().contains(&b'/') => {
                Some("the suffix of a temporary file is a path".into())
            }
            (Decision::Allow, _) => None,
            (Decision::Deny(why), _) => Some(why),
            (Decision::AllowPath, ThMessage::AddDependentFile(m)) if policy.may_read(&m.path.to_path()) => None,
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

#[cfg(test)]
mod tests;
