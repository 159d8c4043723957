//! [`Os`]: what of the outside one interpreter holds.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::io::Errno;
use rustix::stdio::{stderr, stdin, stdout};
use thiserror::Error;

use super::audit::{Record, refused};
use super::fd::FdTable;
use super::memory::Memory;
use super::object::{Description, flags};
use super::output::OutputGate;
use super::policy::{Policy, Stream};
use super::splice::{Other, Reach, Splicing};
use super::wake::Wake;
use crate::native::{Distrusted, MAX_FUNCTIONS, Natives};

/// Why a policy cannot be put into force.
#[derive(Debug, Error)]
pub enum OsError {
    /// A directory that is granted cannot be opened.
    #[error("opening the directory {}, which the policy grants", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A directory is granted under a path that is none.
    #[error("the policy grants a directory as {}, which is no absolute path", path.display())]
    GuestPath {
        /// The path as the program is to see it.
        path: PathBuf,
    },
    /// A directory is granted that lies in what must not be reached.
    #[error("the policy grants the directory {}, which belongs to {}", path.display(), protected.display())]
    Protected {
        /// The directory.
        path: PathBuf,
        /// What it lies in.
        protected: PathBuf,
    },
    /// More native functions are granted than there is room for.
    #[error("the policy grants {granted} native functions, and {MAX_FUNCTIONS} are the most")]
    NativeFunctions {
        /// How many.
        granted: usize,
    },
    /// The process has no descriptors left.
    #[error("making what interrupts system calls")]
    Wake(#[source] io::Error),
}

/// What of the outside one interpreter holds: open files, directories granted, environment.
#[derive(Debug)]
pub struct Os {
    pub(super) fds: FdTable<Description>,
    pub(super) reach: Reach,
    /// What splices reach, if that is something else, or what the others reach while one runs.
    pub(super) other: Option<Other>,
    pub(super) splicing: Splicing,
    /// Files that nothing granted later may hold either.
    pub(super) protected: Vec<PathBuf>,
    /// The working directory as the program sees it: absolute and without symbolic links.
    pub(super) cwd: PathBuf,
    pub(super) umask: u32,
    /// The environment at the start.
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) wake: Arc<Wake>,
    /// Whether the guest was to stop when the present call began.
    pub(super) stop_asked: bool,
    pub(super) output: OutputGate,
    pub(super) record: Record,
    pub(super) native: Natives,
    /// No call was made since the evaluation began.
    pub(super) is_quiet: bool,
}

impl Os {
    /// Opens what the policy grants.
    pub fn new(policy: &Policy) -> Result<Os, OsError> {
        let wake = Wake::new().map_err(|e| OsError::Wake(e.into()))?;
        let mut fds = FdTable::new();
        let own = [(stdin(), 0), (stdout(), flags::WRONLY), (stderr(), flags::WRONLY)];
        for (stream, (own, status)) in policy.streams.iter().zip(own) {
            // Three of them fit.
            let _ = fds.insert(Description::stream(stream, own, status), false);
        }
        for (number, stream) in &policy.descriptors {
            let status = if matches!(stream, Stream::Output(_)) { flags::WRONLY } else { 0 };
            // One that has no place is closed, as the policy's words say.
            let _ = fds.insert_fixed(*number, Description::stream(stream, stdin(), status));
        }
        let native = Natives::new(&policy.natives, Distrusted::of(policy));
        if native.count() > MAX_FUNCTIONS {
            return Err(OsError::NativeFunctions { granted: native.count() });
        }
        let protected: Vec<PathBuf> = policy.protected.iter().cloned().chain(own_programs()).collect();
        let mut os = Os {
            fds,
            reach: Reach::new(policy, &protected)?,
            other: policy.splices.as_ref().map(|splices| Other::new(splices, &protected)).transpose()?,
            splicing: policy.splicing.clone(),
            protected,
            cwd: PathBuf::from("/"),
            umask: 0o022,
            environment: policy.environment.clone(),
            wake: Arc::new(wake),
            stop_asked: false,
            output: OutputGate::new(policy.escapes, policy.output_limit),
            record: Record::new(policy.auditor.clone()),
            native,
            is_quiet: true,
        };
        if let Some(here) = &policy.working_directory {
            // A working directory that is not granted is none: relative paths are denied then.
            os.cwd = os.canonical(here.as_os_str()).unwrap_or_else(|_| here.clone());
        }
        Ok(os)
    }

    /// What ends a call that waits.
    pub fn wake(&self) -> &Arc<Wake> {
        &self.wake
    }

    /// A new evaluation begins: what is limited or counted for each begins afresh.
    pub fn begin_evaluation(&mut self) {
        self.output.begin();
        self.record.begin();
        self.is_quiet = true;
    }

    /// Whether the evaluation has made no call so far.
    pub fn was_quiet(&self) -> bool {
        self.is_quiet
    }

    /// Takes the place of another of the same policy: keeps its working directory, and counts evaluations on.
    pub fn go_on_from(&mut self, other: &Os) {
        self.cwd.clone_from(&other.cwd);
        self.umask = other.umask;
        self.record.go_on_from(&other.record);
        self.native.go_on_from(&other.native);
    }

    /// What to tell the user if the evaluation has reached a limit of the policy.
    pub fn reached_limit(&self) -> Option<String> {
        self.output.reached_limit()
    }

    /// To be called before a call that may wait: see the invariant of `wake`.
    pub(super) fn before_waiting(&mut self, memory: &dyn Memory) {
        self.wake.rearm();
        self.stop_asked = memory.stop_asked();
    }
}

/// Random bytes without end, the same ones for the same seed.
pub(super) fn seeded(seed: u64) -> blake3::OutputReader {
    blake3::Hasher::new_derive_key("bcvm seeded randomness").update(&seed.to_le_bytes()).finalize_xof()
}

/// The running program, and those of ours that lie beside it.
fn own_programs() -> impl Iterator<Item = PathBuf> {
    let running = std::env::current_exe().ok();
    running.into_iter().flat_map(|own| [own.with_file_name("bcvm"), own.with_file_name("bcvm-iserv"), own])
}

/// The errno of an error of the standard library or of cap-std, whose refusal to leave a directory has none.
pub(super) fn errno(error: &io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(match error.kind() {
        io::ErrorKind::PermissionDenied => Errno::ACCESS,
        io::ErrorKind::NotFound => Errno::NOENT,
        io::ErrorKind::Interrupted => Errno::INTR,
        io::ErrorKind::BrokenPipe => Errno::PIPE,
        io::ErrorKind::WouldBlock => Errno::AGAIN,
        io::ErrorKind::InvalidInput => Errno::INVAL,
        _ => Errno::IO,
    })
}

/// Says in the log where and why something was refused; the record of what was tried is `audit`'s.
pub(super) fn denied(operation: &str, argument: impl std::fmt::Debug, error: Errno) -> Errno {
    refused();
    tracing::debug!(target: "bcvm::audit", operation, ?argument, %error, "denied");
    error
}
