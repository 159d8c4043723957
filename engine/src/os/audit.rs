//! The record of what programs tried: every use of something granted, every attempt at something that is not.
//!
//! It is made in one place, where system calls are carried out, from the call's own arguments and answer, so no call can
//! be forgotten. Invariant: an evaluation cannot make the record grow without a bound: the same use is recorded once for
//! each evaluation, and no more than [`MAX_DIFFERENT`] different ones.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use bcvm::abi::system::System;
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::memory::Answer;

/// How many different uses of one evaluation are recorded.
pub const MAX_DIFFERENT: usize = 10_000;

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The policy does not allow it, or the system does not allow it to this process.
    Denied,
    /// It was allowed, whether or not it succeeded.
    Granted,
}

/// Something that a program did or tried to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Seconds since 1970.
    pub time: f64,
    /// Which evaluation of this interpreter; 0 before the first.
    pub evaluation: u64,
    /// The system call, as in `open`, the message to GHC, or `native_load` and `native_call`.
    pub operation: String,
    /// What it was about: paths, a stream's name, a function's name.
    pub argument: String,
    /// What became of it.
    pub verdict: Verdict,
    /// What the program was told, if it was an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Who is told.
pub trait Audit: Send + Sync {
    /// Something happened. It is called on the thread that runs the program, which waits.
    fn record(&self, event: &Event);
}

/// A shared [`Audit`].
#[derive(Clone)]
pub(super) struct Auditor(pub(super) Arc<dyn Audit>);

impl fmt::Debug for Auditor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Auditor")
    }
}

/// A file to which events are added, each a line of JSON.
pub struct AuditFile(Mutex<File>);

impl AuditFile {
    /// Adds to the file, which need not exist.
    pub fn open(path: &Path) -> io::Result<AuditFile> {
        OpenOptions::new().append(true).create(true).open(path).map(|file| AuditFile(Mutex::new(file)))
    }
}

impl Audit for AuditFile {
    fn record(&self, event: &Event) {
        let line = serde_json::to_string(event).map(|json| json + "\n");
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let written = line.map_err(io::Error::from).and_then(|line| file.write_all(line.as_bytes()));
        if let Err(error) = written {
            tracing::error!(target: "bcvm::audit", %error, "the audit log cannot be written: {event:?}");
        }
    }
}

thread_local! {
    /// The call that this thread carries out met a refusal. What the program is told does not say so: what is not
    /// granted does not exist for it. A call never changes threads, and the places that refuse have no record at hand.
    static REFUSED: Cell<bool> = const { Cell::new(false) };
}

/// Something was refused on the way.
pub(super) fn refused() {
    REFUSED.set(true);
}

/// The time of an event that happens now.
pub(super) fn seconds_now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}

/// What one interpreter's record needs to know.
#[derive(Debug)]
pub(super) struct Record {
    auditor: Option<Auditor>,
    evaluation: u64,
    /// What of this evaluation is on record.
    known: BTreeSet<(&'static str, String, Verdict)>,
    /// The user has heard what no policy allows.
    has_told: bool,
}

/// What a call is about.
enum Subject {
    /// Nothing that is granted or denied.
    Nothing,
    /// The paths or names among its arguments.
    Named,
    /// The descriptor that is its first argument, if it is a standard stream.
    Stream,
    /// It says all itself.
    Itself,
}

fn subject(call: System) -> Subject {
    match call {
        System::Open
        | System::Stat
        | System::Access
        | System::Unlink
        | System::Rmdir
        | System::Mkdir
        | System::Rename
        | System::Link
        | System::Symlink
        | System::Readlink
        | System::Chmod
        | System::Utimens
        | System::Truncate
        | System::Realpath
        | System::Chdir
        | System::Refused => Subject::Named,
        System::Read | System::Write | System::Tcsetattr => Subject::Stream,
        System::ClockGettime
        | System::LocalZone
        | System::Getrusage
        | System::Getrandom
        | System::Environ
        | System::Identity
        | System::Fchmod
        | System::Futimens => Subject::Itself,
        _ => Subject::Nothing,
    }
}

impl Record {
    pub(super) fn new(auditor: Option<Auditor>) -> Record {
        Record { auditor, evaluation: 0, known: BTreeSet::new(), has_told: false }
    }

    /// A new evaluation begins.
    pub(super) fn begin(&mut self) {
        self.evaluation += 1;
        self.known.clear();
    }

    /// Counts on from another record.
    pub(super) fn go_on_from(&mut self, other: &Record) {
        self.evaluation = other.evaluation;
        self.has_told = other.has_told;
    }

    /// A program wants to do what no policy allows. The user hears so, once: no policy would help, and what the program
    /// makes of it may not say why.
    pub(super) fn tell_once(&mut self, what: &OsStr) {
        if !std::mem::replace(&mut self.has_told, true) {
            tracing::warn!("a program calls {what:?}: in the sandbox none starts processes or uses the network");
        }
    }

    /// A call begins.
    pub(super) fn begin_call(&self) {
        REFUSED.set(false);
    }

    /// A call was answered; `noted` are its paths and names, `first` is its first argument.
    pub(super) fn call(&mut self, call: System, noted: &[OsString], first: u64, answer: &Answer) {
        if !self.is_wanted() {
            return;
        }
        let argument = match subject(call) {
            Subject::Nothing => return,
            Subject::Named => noted.iter().map(|name| name.to_string_lossy()).collect::<Vec<_>>().join(" -> "),
            Subject::Stream => match first {
                0 => "standard input".into(),
                1 => "standard output".into(),
                2 => "standard error".into(),
                _ => return,
            },
            Subject::Itself => String::new(),
        };
        let verdict = match answer {
            Err(Errno::ACCESS | Errno::PERM | Errno::ROFS) => Verdict::Denied,
            Err(_) if REFUSED.get() => Verdict::Denied,
            _ => Verdict::Granted,
        };
        self.note(call.name(), argument, verdict, answer.err().map(|error| error.to_string()));
    }

    /// Whether anybody listens. Nobody does to most interpreters.
    pub(super) fn is_wanted(&self) -> bool {
        self.auditor.is_some() || tracing::enabled!(target: "bcvm::audit", tracing::Level::DEBUG)
    }

    /// Something was used or tried; `error` is what the program was told.
    pub(super) fn note(&mut self, operation: &'static str, argument: String, verdict: Verdict, error: Option<String>) {
        if self.known.len() > MAX_DIFFERENT || !self.known.insert((operation, argument.clone(), verdict)) {
            return;
        }
        let is_last = self.known.len() > MAX_DIFFERENT;
        let operation = if is_last { "…".into() } else { operation.to_lowercase() };
        let argument = if is_last { "more in this evaluation, which is not recorded".into() } else { argument };
        let event = Event { time: seconds_now(), evaluation: self.evaluation, operation, argument, verdict, error };
        tracing::debug!(target: "bcvm::audit", ?event);
        if let Some(Auditor(audit)) = &self.auditor {
            audit.record(&event);
        }
    }
}
