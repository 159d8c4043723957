//! A whole server process around the serving loop: what `bcvm-iserv` does, for any handler.

use std::fs::File;
use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, RawFd};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use signal_hook::consts::{SIGINT, SIGQUIT};
use signal_hook::iterator::Signals;

use crate::external::{IservError, IservProcess, relay};
use crate::transcript::{Direction, Recorder, RecordingReader, RecordingWriter};

use super::arguments::Arguments;
use super::handler::Handler;
use super::inherited::{self, InheritError};
use super::interrupt::InterruptGate;
use super::serve::{Config, Exit, ServeError, serve};

/// What a Linux pipe may hold at most without privileges. Messages with byte code are larger than the default 64 KiB, and
/// every fill of the pipe costs GHC and us a switch.
const PIPE_SIZE: usize = 1 << 20;

/// How long a server may live on when GHC has closed its pipe.
const GOOD_BYE: Duration = Duration::from_secs(1);

/// Why a server process ends with 1.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It has no pipe to GHC.
    #[error("GHC's pipe: {0}")]
    Inherit(#[from] InheritError),
    /// The session went wrong.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The server to pass messages on to did not start.
    #[error(transparent)]
    Via(#[from] IservError),
    /// The session cannot be recorded.
    #[error("cannot record to {}: {source}", path.display())]
    Record {
        /// Where.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// ^C would kill us, or we would outlive GHC.
    #[error("cannot watch for signals and GHC's end: {0}")]
    Signals(io::Error),
}

/// Serve GHC on the pipes it left open; the exit code for the process. `handler` is made when everything else is
/// in place, so what it takes long for happens while GHC is busy, too.
pub fn run<H: Handler>(arguments: &Arguments, handler: impl FnOnce() -> H) -> Result<u8, RunError> {
    run_with(arguments, Config::default(), handler)
}

/// As [`run`], as `config` says.
pub fn run_with<H: Handler>(
    arguments: &Arguments,
    mut config: Config,
    handler: impl FnOnce() -> H,
) -> Result<u8, RunError> {
    let from_ghc = pipe(arguments.read_fd)?;
    let to_ghc = pipe(arguments.write_fd)?;
    handle_signals(config.interrupts.clone()).map_err(RunError::Signals)?;
    let recorder = match &arguments.record {
        None => None,
        Some(path) => Some(Recorder::create(path).map_err(|source| RunError::Record { path: path.clone(), source })?),
    };
    if let Some(program) = &arguments.via {
        let server = IservProcess::builder(program).spawn_hook(|command| {
            // A server that is bcvm-iserv, too, must serve and not pass on again.
            command.env_remove("BCVM_RECORD").env_remove("BCVM_VIA").spawn()
        });
        return Ok(relay(from_ghc, to_ghc, &server, recorder)?.clamp(0, 255) as u8);
    }
    config.input = Some(from_ghc.as_fd());
    end_with_ghc(to_ghc).map_err(RunError::Signals)?;
    // The process is about to end afterwards, and the system takes down a machine faster than we could.
    let mut handler = ManuallyDrop::new(handler());
    let Exit { statistics } = match recorder {
        None => serve(from_ghc, to_ghc, &mut *handler, &config)?,
        Some(recorder) => serve(
            RecordingReader::new(from_ghc, recorder.clone(), Direction::Request),
            RecordingWriter::new(to_ghc, recorder, Direction::Reply),
            &mut *handler,
            &config,
        )?,
    };
    if arguments.stats {
        eprint!("{statistics}");
    }
    Ok(0)
}

/// The pipe with this number, made as large as allowed; a smaller one works as well.
///
/// It stays open until the process ends. GHC looks for our exit code as soon as it finds the pipe closed, and
/// reports a broken pipe if it does not find one yet.
fn pipe(fd: RawFd) -> Result<&'static File, InheritError> {
    let file = inherited::take(fd)?;
    let _ = rustix::pipe::fcntl_setpipe_size(&file, PIPE_SIZE);
    Ok(Box::leak(Box::new(file)))
}

/// From now on the process ends when GHC has gone away without saying good-bye, as when it was killed: an evaluation could
/// go on for ever, and nobody would know.
fn end_with_ghc(to_ghc: &'static File) -> io::Result<()> {
    let watch = move || {
        // Nothing is wanted of the pipe; that its other end is closed is told in any case.
        let mut pipe = [PollFd::new(to_ghc, PollFlags::empty())];
        while !matches!(poll(&mut pipe, None), Ok(n) if n > 0) {}
        // A session that ends as it should needs no more than this.
        thread::sleep(GOOD_BYE);
        tracing::warn!("GHC closed its pipe and is gone");
        std::process::exit(1);
    };
    thread::Builder::new().name("ghc".into()).spawn(watch).map(drop)
}

/// From now on ^C concerns the running evaluation only. SIGTERM and SIGHUP still end the process.
fn handle_signals(interrupts: InterruptGate) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGQUIT])?;
    thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            let heard = interrupts.interrupt();
            tracing::debug!("signal {signal}: {}", if heard { "interrupting" } else { "nothing runs" });
        }
    })?;
    Ok(())
}
