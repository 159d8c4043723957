//! A server in another process, as GHC keeps one: `IServ` of `GHC.Runtime.Interpreter`.
//!
//! Owned here: the process is started when it is first needed, messages of several threads do not mix, references
//! that were dropped are freed before the next message, and a process that died is reported as GHC reports it.

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::protocol::error::DecodeError;
use crate::protocol::types::HValueRef;
use crate::protocol::{AskingRequest, Message, PlainRequest, Reply, request};

use super::connection::{Answers, Connection};
use super::error::IservError;
use super::spawn::{Builder, Spawned};

/// How long a server may take to exit after its pipes have closed, or after `Shutdown`.
const EXIT_GRACE: Duration = Duration::from_secs(2);

/// A server that is a child process.
pub struct IservProcess {
    how: Builder,
    state: Mutex<State>,
    /// References to free with the next message. A lock of its own, because finalizers must not wait for an evaluation.
    dropped: Mutex<Vec<HValueRef>>,
}

enum State {
    /// Not started, or stopped.
    Pending,
    /// Started; it may have died since.
    Running(Box<Spawned>),
    /// A message failed in a way that leaves the two sides out of step.
    Broken(Box<Spawned>, &'static str),
    /// It ended by itself, with this code.
    Ended(i32),
}

impl IservProcess {
    /// Prepare to run `program`, such as `ghc-iserv` of a GHC installation.
    pub fn builder(program: impl Into<PathBuf>) -> Builder {
        Builder::new(program.into())
    }

    pub(super) fn new(how: Builder) -> Self {
        IservProcess { how, state: Mutex::new(State::Pending), dropped: Mutex::default() }
    }

    /// `iservCmd`: send a message and wait for its reply.
    pub fn call<M: PlainRequest>(&self, message: M) -> Result<M::Reply, IservError> {
        self.with_iserv(|connection| connection.call(message))
    }

    /// Run a splice or finalizers, answering for GHC.
    pub fn call_th<M: AskingRequest>(&self, message: M, answers: Answers<'_>) -> Result<M::Reply, IservError> {
        self.with_iserv(|connection| connection.call_th(message, answers))
    }

    /// Send any message and wait for its reply.
    pub fn call_any(&self, message: &Message, answers: Answers<'_>) -> Result<Reply, IservError> {
        self.with_iserv(|connection| connection.call_any(message, answers))
    }

    /// `withIServ`: have the server to oneself, started if need be, dropped references freed.
    pub fn with_iserv<T>(
        &self,
        body: impl FnOnce(&mut Connection<File, File>) -> Result<T, IservError>,
    ) -> Result<T, IservError> {
        let mut state = lock(&self.state);
        if let State::Pending = *state {
            *state = State::Running(Box::new(self.how.spawn()?));
        }
        let server = match &mut *state {
            State::Running(server) => server,
            State::Broken(_, message) => return Err(IservError::Broken { message }),
            State::Ended(code) => return Err(IservError::Terminated { code: *code }),
            // Just replaced.
            State::Pending => return Err(IservError::Broken { message: "start" }),
        };
        let refs = std::mem::take(&mut *lock(&self.dropped));
        let free = match refs[..] {
            [] => Ok(()),
            _ => server.connection.call(request::FreeHValueRefs { refs }),
        };
        match free.and_then(|()| body(&mut server.connection)) {
            Ok(value) => Ok(value),
            Err(error) => Err(give_up(&mut state, error)),
        }
    }

    /// Free a reference before the next message (what the finalizer of a `ForeignRef` does).
    pub fn free_later(&self, reference: HValueRef) {
        lock(&self.dropped).push(reference);
    }

    /// The process, while there is one; for measuring it or sending it signals.
    pub fn process_id(&self) -> Option<u32> {
        match &*lock(&self.state) {
            State::Running(server) | State::Broken(server, _) => Some(server.child.id()),
            State::Pending | State::Ended(_) => None,
        }
    }

    /// `stopInterp`: end the server if it runs. The next message starts another one.
    pub fn stop_iserv(&self) {
        let mut state = lock(&self.state);
        lock(&self.dropped).clear();
        match std::mem::replace(&mut *state, State::Pending) {
            State::Pending | State::Ended(_) => {}
            State::Broken(mut server, _) => kill(&mut server.child),
            State::Running(server) => {
                let Spawned { mut child, mut connection } = *server;
                // It may be dead already, which is just as well.
                let _ = connection.send(&request::Shutdown {}.into());
                drop(connection);
                if wait(&mut child).is_none() {
                    kill(&mut child);
                }
            }
        }
    }
}

impl Drop for IservProcess {
    fn drop(&mut self) {
        self.stop_iserv();
    }
}

/// Find out why a message failed. As `handleIServFailure`: a server that died is told by its exit code; one that
/// lives has lost the thread and is ended.
fn give_up(state: &mut State, error: IservError) -> IservError {
    let message = match &error {
        IservError::Receive { message, .. } | IservError::Send { message, .. } => message,
        IservError::WrongAnswer { asked, .. } => asked,
        _ => return error,
    };
    let State::Running(mut server) = std::mem::replace(state, State::Pending) else {
        return error;
    };
    // A server that speaks nonsense need not be about to exit.
    let may_have_ended = match &error {
        IservError::Receive { source, .. } => {
            matches!(source, DecodeError::Ended { .. } | DecodeError::Read { .. })
        }
        other => matches!(other, IservError::Send { .. }),
    };
    let status = if may_have_ended { wait(&mut server.child) } else { None };
    match status.map(exit_code) {
        Some(code) if code != 0 => {
            *state = State::Ended(code);
            IservError::Terminated { code }
        }
        _ => {
            kill(&mut server.child);
            *state = State::Broken(server, message);
            error
        }
    }
}

/// Haskell's view of an exit status: signals are negative codes.
fn exit_code(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| -signal)).unwrap_or(1)
}

/// Wait a while for the child to end.
fn wait(child: &mut Child) -> Option<ExitStatus> {
    let deadline = Instant::now() + EXIT_GRACE;
    let mut pause = Duration::from_micros(100);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => sleep(pause),
            _ => return None,
        }
        pause = (2 * pause).min(Duration::from_millis(10));
    }
}

/// End the child, leaving no zombie.
fn kill(child: &mut Child) {
    // Both fail only if it is gone.
    let _ = child.kill();
    let _ = child.wait();
}

/// What the locks guard is whole between statements, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
