//! What an interpreter may reach. Whatever is not granted here is denied.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::audit::{Audit, Auditor, Event, Verdict, seconds_now};
use super::guard;
use super::splice::Splicing;
use crate::native::NativeLibrary;
use crate::policy::{Decision, ThGrants};
use crate::protocol::ThMessageKind;

/// What a program may do in a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Look at what is there.
    Read,
    /// Change it, too.
    ReadWrite,
}

/// A directory that the program sees, with everything in it. Symbolic links and `..` do not lead out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The directory.
    pub host: PathBuf,
    /// Its absolute path as the program sees it.
    pub guest: PathBuf,
    /// What is allowed in it.
    pub access: Access,
}

/// Something to read from, which several descriptors may share.
#[derive(Clone)]
pub struct Input(pub(super) Arc<Mutex<dyn Read + Send>>);

impl Input {
    /// Reads from `from`. A read that waits cannot be interrupted.
    pub fn new(from: impl Read + Send + 'static) -> Input {
        Input(Arc::new(Mutex::new(from)))
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Input")
    }
}

/// Something to write to, which several descriptors may share.
#[derive(Clone)]
pub struct Output(pub(super) Arc<Mutex<dyn Write + Send>>);

impl Output {
    /// Writes to `to`, unbuffered.
    pub fn new(to: impl Write + Send + 'static) -> Output {
        Output(Arc::new(Mutex::new(to)))
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Output")
    }
}

/// What a standard stream is.
#[derive(Debug, Clone, Default)]
pub enum Stream {
    /// Empty, and takes everything.
    #[default]
    Null,
    /// This process's own.
    Inherit,
    /// What somebody else provides to read.
    Input(Input),
    /// Where somebody else takes what is written.
    Output(Output),
}

/// What clocks show. Those that measure what the process has used are the real ones, or stand still with the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Clock {
    /// They stand still at this many seconds since 1970.
    Frozen(u32),
    /// The time in whole seconds: too coarse to measure what other code does.
    Coarse,
    /// The time.
    #[default]
    Real,
}

/// Where random numbers come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Randomness {
    /// A seed: every interpreter with the same one gets the same numbers.
    Seeded(u64),
    /// The system.
    #[default]
    Real,
}

/// What is granted. Some things always are: to wait, to know the process's and the user's number, and the name of the
/// locale's character encoding.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    pub(crate) streams: [Stream; 3],
    pub(crate) escapes: bool,
    pub(super) descriptors: Vec<(i32, Stream)>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) working_directory: Option<PathBuf>,
    pub(crate) environment: Vec<(OsString, OsString)>,
    pub(crate) clock: Clock,
    pub(crate) randomness: Randomness,
    pub(crate) output_limit: Option<u64>,
    pub(crate) th: ThGrants,
    pub(crate) natives: Vec<NativeLibrary>,
    /// What is granted to splices, if that is something else.
    pub(crate) splices: Option<Box<Policy>>,
    pub(crate) splicing: Splicing,
    pub(super) protected: Vec<PathBuf>,
    pub(super) auditor: Option<Auditor>,
}

impl Policy {
    /// Nothing: standard streams are empty and take everything, clocks stand still, random numbers are always the same.
    pub fn strict() -> Policy {
        Policy { clock: Clock::Frozen(0), randomness: Randomness::Seeded(0), ..Policy::default() }
    }

    /// What Template Haskell needs as a rule: to read the working directory, and standard output and error.
    pub fn th() -> Policy {
        Policy::strict().stdout(Stream::Inherit).stderr(Stream::Inherit).here(Access::Read)
    }

    /// What somebody who evaluates expressions expects: the process's standard streams, its working directory to read and
    /// write, clocks and random numbers, and of its environment what describes language, terminal and time zone.
    pub fn repl() -> Policy {
        let mut policy = Policy::default().here(Access::ReadWrite);
        policy.streams = [Stream::Inherit, Stream::Inherit, Stream::Inherit];
        for (name, value) in env::vars_os().filter(|(name, _)| describes_the_user(name)) {
            policy = policy.environment(name, value);
        }
        policy
    }

    /// The process's working directory, if it has one, as the program's.
    fn here(self, access: Access) -> Policy {
        match env::current_dir() {
            Ok(here) => {
                let grant = Grant { host: here.clone(), guest: here.clone(), access };
                self.grant(grant).working_directory(here)
            }
            Err(_) => self,
        }
    }

    /// What standard input is.
    pub fn stdin(mut self, stream: Stream) -> Policy {
        self.streams[0] = stream;
        self
    }

    /// What standard output is.
    pub fn stdout(mut self, stream: Stream) -> Policy {
        self.streams[1] = stream;
        self
    }

    /// What standard error is.
    pub fn stderr(mut self, stream: Stream) -> Policy {
        self.streams[2] = stream;
        self
    }

    /// A descriptor that is open from the beginning beside the standard streams, if its number can be one and is free.
    /// A program cannot close it.
    pub fn descriptor(mut self, number: i32, stream: Stream) -> Policy {
        self.descriptors.push((number, stream));
        self
    }

    /// A directory.
    pub fn grant(mut self, grant: Grant) -> Policy {
        self.grants.push(grant);
        self
    }

    /// Where relative paths begin, as the program sees it; the root if nothing is said.
    pub fn working_directory(mut self, guest: impl Into<PathBuf>) -> Policy {
        self.working_directory = Some(guest.into());
        self
    }

    /// A file or directory of the host that stays out of reach even where a grant holds it. The running program is
    /// always protected, and so is the engine's cache.
    pub fn protect(mut self, host: impl Into<PathBuf>) -> Policy {
        self.protected.push(host.into());
        self
    }

    /// Whether what goes to a terminal of this process may contain escape sequences and other control characters, which
    /// can write to the clipboard, change the title or hide text. Unless it may, they are replaced.
    pub fn escapes(mut self, allowed: bool) -> Policy {
        self.escapes = allowed;
        self
    }

    /// What clocks show.
    pub fn clock(mut self, clock: Clock) -> Policy {
        self.clock = clock;
        self
    }

    /// Where random numbers come from.
    pub fn randomness(mut self, randomness: Randomness) -> Policy {
        self.randomness = randomness;
        self
    }

    /// The most bytes that one evaluation may write, to streams and files together; it ends when it goes on to write.
    pub fn limit_output(mut self, bytes: u64) -> Policy {
        self.output_limit = Some(bytes);
        self
    }

    /// What splices may ask of GHC.
    pub fn template_haskell(mut self, grants: ThGrants) -> Policy {
        self.th = grants;
        self
    }

    /// A shared library whose functions are called outside the sandbox, with all rights of this process. Whatever it does, it
    /// is trusted with; see `docs/policy.md`. It is opened when GHC asks for it, unless programs could have written it.
    pub fn native(mut self, library: NativeLibrary) -> Policy {
        self.natives.push(library);
        self
    }

    /// What is granted while a splice runs, if that is something else. Streams but standard input, what may be asked of
    /// GHC, the limit of output, and who is told, stay; and variables of the environment, which a program has seen already. Of
    /// native libraries splices may call what both policies grant.
    pub fn splices(mut self, policy: Policy) -> Policy {
        self.splices = Some(Box::new(policy));
        self
    }

    /// Who is told of every use of what this policy grants, and of every attempt at what it does not.
    pub fn audit(mut self, audit: impl Audit + 'static) -> Policy {
        self.auditor = Some(Auditor(Arc::new(audit)));
        self
    }

    /// What is to become of a message of this kind that a splice sends to GHC.
    pub fn th_message(&self, kind: ThMessageKind) -> Decision {
        self.th.decide(kind)
    }

    /// Has it on record that a splice was denied a message to GHC, and why.
    pub(crate) fn record_denied(&self, message: ThMessageKind, argument: String, why: &str) {
        tracing::debug!(target: "bcvm::audit", "denied {} {argument}: {why}", message.name());
        if let Some(Auditor(audit)) = &self.auditor {
            audit.record(&Event {
                time: seconds_now(),
                evaluation: 0,
                operation: message.name().into(),
                argument,
                verdict: Verdict::Denied,
                error: Some(why.into()),
            });
        }
    }

    /// Whether a path of this process leads to what programs may read. What is not there yet counts as the directory in
    /// which it would be.
    pub fn may_read(&self, path: &Path) -> bool {
        let canonical = |path: &Path| std::path::absolute(path).map(|path| guard::canonical(&path));
        let Ok(path) = canonical(path) else { return false };
        let is_plain = path.components().all(|part| part.as_os_str() != "..");
        is_plain && self.grants.iter().any(|grant| canonical(&grant.host).is_ok_and(|host| path.starts_with(host)))
    }

    /// A variable of the environment.
    pub fn environment(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Policy {
        self.environment.push((name.into(), value.into()));
        self
    }
}

/// Whether a variable says no more than how to present things.
fn describes_the_user(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    matches!(name, b"LANG" | b"LANGUAGE" | b"TERM" | b"TZ" | b"COLUMNS" | b"LINES") || name.starts_with(b"LC_")
}
