//! Starting a server the way GHC does: two pipes, their numbers as arguments, everything else inherited.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::Arc;

use command_fds::{CommandFdExt, FdMapping};
use rustix::pipe::{PipeFlags, pipe_with};

use crate::protocol::GhcVersion;

use super::connection::Connection;
use super::error::IservError;
use super::process::IservProcess;

/// The numbers the child finds its pipes under, whatever ours have here.
const CHILD_WRITES: i32 = 3;
const CHILD_READS: i32 = 4;

/// Starts the prepared command; may change it first.
pub(super) type SpawnHook = Arc<dyn Fn(&mut Command) -> io::Result<Child> + Send + Sync>;

/// How to start a server.
#[derive(Clone)]
pub struct Builder {
    program: PathBuf,
    options: Vec<OsString>,
    version: GhcVersion,
    hook: SpawnHook,
}

/// A server that runs.
pub(super) struct Spawned {
    pub child: Child,
    pub connection: Connection<File, File>,
}

/// A process with our ends of its pipes.
pub(super) struct Pipes {
    pub child: Child,
    pub read: File,
    pub write: File,
}

impl Builder {
    pub(super) fn new(program: PathBuf) -> Self {
        Builder {
            program,
            options: Vec::new(),
            version: GhcVersion::default(),
            hook: Arc::new(|command| command.spawn()),
        }
    }

    /// Add an argument after the descriptor numbers (`-opti`).
    pub fn option(mut self, option: impl Into<OsString>) -> Self {
        self.options.push(option.into());
        self
    }

    /// Speak the wire of another GHC.
    pub fn version(mut self, version: GhcVersion) -> Self {
        self.version = version;
        self
    }

    /// Start the process by other means (`createIservProcessHook`): the hook gets the complete command and may
    /// redirect its streams, change its environment, or wrap it.
    pub fn spawn_hook(mut self, hook: impl Fn(&mut Command) -> io::Result<Child> + Send + Sync + 'static) -> Self {
        self.hook = Arc::new(hook);
        self
    }

    /// A server that starts when the first message is sent.
    pub fn build(self) -> IservProcess {
        IservProcess::new(self)
    }

    /// Start the process now.
    pub(super) fn spawn(&self) -> Result<Spawned, IservError> {
        let Pipes { child, read, write } = self.spawn_pipes()?;
        Ok(Spawned { child, connection: Connection::new(read, write, self.version) })
    }

    /// Start the process now, to pass bytes to it unread.
    pub(super) fn spawn_pipes(&self) -> Result<Pipes, IservError> {
        self.try_spawn().map_err(|source| IservError::Spawn { program: self.program.clone(), source })
    }

    fn try_spawn(&self) -> io::Result<Pipes> {
        // Close-on-exec, so that children of other threads do not keep these pipes open.
        let (our_read, child_write) = pipe_with(PipeFlags::CLOEXEC)?;
        let (child_read, our_write) = pipe_with(PipeFlags::CLOEXEC)?;
        let mut command = Command::new(&self.program);
        command.arg(CHILD_WRITES.to_string()).arg(CHILD_READS.to_string()).args(&self.options);
        command
            .fd_mappings(vec![
                FdMapping { parent_fd: child_write, child_fd: CHILD_WRITES },
                FdMapping { parent_fd: child_read, child_fd: CHILD_READS },
            ])
            .map_err(io::Error::other)?;
        // Our copies of the child's ends go with the command; only without them is an end of file seen.
        let child = (self.hook)(&mut command)?;
        Ok(Pipes { child, read: File::from(our_read), write: File::from(our_write) })
    }
}
