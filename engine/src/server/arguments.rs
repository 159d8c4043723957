//! The command line of `bcvm-iserv`.
//!
//! GHC starts a server as `PROGRAM WRITEFD READFD OPTIONS…`, with what the user gave it as `-opti` at the end. GHC's own
//! server takes RTS options between `+RTS` and `-RTS` anywhere; they mean nothing here and are dropped.

use std::ffi::OsString;
use std::os::fd::RawFd;
use std::path::{Path, PathBuf};

use clap::Parser;

use crate::interp::{self, Interp};
use crate::os::{AuditFile, is_at_terminal};
use crate::policy::{Effective, Limits, PolicyError, Sources};

use super::serve::Config;

/// Serve GHC's external interpreter protocol from a sandbox.
///
/// GHC starts this program itself: ghc -fexternal-interpreter -pgmi bcvm-iserv
#[derive(Clone, Debug, PartialEq, Eq, Parser)]
#[command(name = "bcvm-iserv", version)]
pub struct Arguments {
    /// File descriptor of the pipe to GHC.
    pub write_fd: RawFd,
    /// File descriptor of the pipe from GHC.
    pub read_fd: RawFd,
    /// Say on standard error what happens; twice: every message.
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Record the session to a file, for `bcvm transcript` and `bcvm replay`.
    #[arg(long, value_name = "FILE", env = "BCVM_RECORD")]
    pub record: Option<PathBuf>,
    /// Do not serve, but pass everything on to another server, such as GHC's own ghc-iserv.
    #[arg(long, value_name = "PROGRAM", env = "BCVM_VIA")]
    pub via: Option<PathBuf>,
    /// What replaces limits of a policy.
    #[command(flatten)]
    pub limits: Limits,
    /// What programs may reach: a policy file, as docs/policy.md describes it.
    #[arg(long, value_name = "FILE", env = "BCVM_POLICY")]
    pub policy: Option<PathBuf>,
    /// Add to this file, as lines of JSON, what programs used of what was granted, and tried of what was not.
    #[arg(long, value_name = "FILE", env = "BCVM_AUDIT")]
    pub audit: Option<PathBuf>,
    /// Collect garbage at every so-manieth allocation; obeyed by builds with the feature `sanity`.
    #[arg(long, value_name = "ALLOCATIONS", default_value_t = 0, hide = true)]
    pub collect_every: u32,
    /// Print what each kind of message has cost when the session ends.
    #[arg(long)]
    pub stats: bool,
}

/// Why the command line is not served.
#[derive(Debug, thiserror::Error)]
pub enum ArgumentError {
    /// GHC compiles with profiling.
    #[error(
        "{0}: profiled byte code is not supported; GHC asks for this server because it compiles with -prof \
         (leave that out for modules that use Template Haskell, or pass -fno-external-interpreter)"
    )]
    Profiled(String),
    /// A policy cannot be used.
    #[error("policy: {0}")]
    Policy(#[from] PolicyError),
    /// There is nowhere to write the record to.
    #[error("the audit log {}: {source}", path.display())]
    Audit {
        /// Where it should be.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Help, the version, or a wrong argument.
    #[error(transparent)]
    Usage(#[from] clap::Error),
}

impl Arguments {
    /// Parse a whole command line, the program's name first.
    pub fn parse_from_ghc(args: impl IntoIterator<Item = OsString>) -> Result<Arguments, ArgumentError> {
        let args = drop_rts_options(args);
        let program = args.first().map(|arg| Path::new(arg).file_name().unwrap_or_default().to_string_lossy());
        // GHC appends -prof to the name it was given when it wants a profiled server.
        if let Some(name) = program.filter(|name| name.ends_with("-prof")) {
            return Err(ArgumentError::Profiled(name.into_owned()));
        }
        Ok(Arguments::try_parse_from(args)?)
    }

    /// What these arguments and the policy files that apply say.
    pub fn setup(&self) -> Result<Setup, ArgumentError> {
        let Effective { mut policy, limits, files } = Sources::usual(self.policy.clone()).effective()?;
        for file in &files {
            tracing::info!("policy: {}", file.display());
        }
        if let Some(path) = &self.audit {
            let failed = |source| ArgumentError::Audit { path: path.clone(), source };
            policy = policy.audit(AuditFile::open(path).map_err(failed)?).protect(path);
        }
        let limits = self.limits.or(limits);
        let mut config = Config { plain: !policy.escapes && is_at_terminal(), ..Config::default() };
        config.message_limit = limits.message.map_or(config.message_limit, |limit| limit.min(config.message_limit));
        let interpreter =
            Interp::builder().policy(policy).limits(limits).collect_every(self.collect_every).keep_session(true);
        Ok(Setup { interpreter, config })
    }
}

/// What a server is made of.
pub struct Setup {
    /// The interpreter.
    pub interpreter: interp::Builder,
    /// How it serves.
    pub config: Config,
}

/// All arguments but those between `+RTS` and `-RTS`; after `--RTS` everything stays.
fn drop_rts_options(args: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut kept = Vec::new();
    let mut args = args.into_iter();
    let mut inside = false;
    while let Some(arg) = args.next() {
        match (inside, arg.as_encoded_bytes()) {
            (_, b"--RTS") => {
                kept.extend(args);
                break;
            }
            (false, b"+RTS") => inside = true,
            (true, b"-RTS") => inside = false,
            (true, _) => {}
            (false, _) => kept.push(arg),
        }
    }
    kept
}
