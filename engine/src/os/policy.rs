//! What an interpreter may reach. Whatever is not granted here is denied.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

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

/// What is granted. Clocks, random numbers and the locale's character encoding always are.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    pub(super) streams: [Stream; 3],
    pub(super) descriptors: Vec<(i32, Stream)>,
    pub(super) grants: Vec<Grant>,
    pub(super) working_directory: Option<PathBuf>,
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) protected: Vec<PathBuf>,
}

impl Policy {
    /// Nothing: standard streams are empty and take everything.
    pub fn strict() -> Policy {
        Policy::default()
    }

    /// What somebody who evaluates expressions expects: the process's standard streams, its working directory to read and
    /// write, and of its environment what describes language, terminal and time zone.
    pub fn repl() -> Policy {
        let mut policy = Policy::strict();
        policy.streams = [Stream::Inherit, Stream::Inherit, Stream::Inherit];
        // A process without a working directory has none to grant.
        if let Ok(here) = env::current_dir() {
            let grant = Grant { host: here.clone(), guest: here.clone(), access: Access::ReadWrite };
            policy = policy.grant(grant).working_directory(here);
        }
        for (name, value) in env::vars_os().filter(|(name, _)| describes_the_user(name)) {
            policy = policy.environment(name, value);
        }
        policy
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
    /// A program that closes it loses it.
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
