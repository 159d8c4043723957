//! Passing a session on to another server, unread.
//!
//! GHC talks to us, we pass its bytes to a server we started, and the server's bytes back. What passes may be
//! recorded. Nothing is decoded, so a server or a GHC that misbehaves is recorded as it is.

use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::thread;

use crate::transcript::{Direction, Recorder};

use super::error::IservError;
use super::spawn::{Builder, Pipes};

/// As much as one read of a pipe can bring.
const CHUNK: usize = 64 << 10;

/// Start the server and pass bytes both ways until it ends; its exit code (128 and more: a signal).
///
/// A thread may still wait for bytes from GHC then, so the process is expected to end soon.
pub fn relay(
    from_ghc: impl Read + Send + 'static,
    to_ghc: impl Write,
    server: &Builder,
    recorder: Option<Recorder>,
) -> Result<i32, IservError> {
    let Pipes { mut child, read, write } = server.spawn_pipes()?;
    let recording = recorder.clone();
    // When GHC closes its end, dropping `write` tells the server.
    thread::spawn(move || copy(from_ghc, write, Direction::Request, recording));
    if let Err(error) = copy(read, to_ghc, Direction::Reply, recorder) {
        tracing::warn!("passing on replies: {error}");
    }
    match child.wait() {
        Ok(status) => Ok(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))),
        Err(error) => {
            tracing::warn!("waiting for the server: {error}");
            Ok(1)
        }
    }
}

/// Copy until the end of the stream.
fn copy(mut from: impl Read, mut to: impl Write, direction: Direction, recorder: Option<Recorder>) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let n = match from.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        // Before the other side sees it: what it causes is recorded after it.
        if let Some(recorder) = &recorder {
            recorder.record(direction, &chunk[..n])?;
        }
        to.write_all(&chunk[..n])?;
    }
}
