//! The pipes GHC leaves open for its server, named by number on the command line.
//!
//! The one place where a number becomes a file. A number that is not open, or one of the standard streams, is
//! refused, so is a file this process opened itself, and each can be taken once.

#![allow(unsafe_code, reason = "a descriptor number becomes a file here and nowhere else")]

use std::collections::BTreeSet;
use std::fs::File;
use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::sync::{Mutex, PoisonError};

use rustix::io::{Errno, FdFlags, fcntl_getfd, fcntl_setfd};

/// Descriptors given out; a second owner would close the file under the first one's feet.
static TAKEN: Mutex<BTreeSet<RawFd>> = Mutex::new(BTreeSet::new());

/// Why there is no file for a number.
#[derive(Debug, thiserror::Error)]
pub enum InheritError {
    /// Standard input, output or error, or negative.
    #[error("file descriptor {0} cannot be a pipe to GHC")]
    Reserved(RawFd),
    /// Taken before.
    #[error("file descriptor {0} is given twice")]
    Twice(RawFd),
    /// Opened by this process itself, not left open for it.
    #[error("file descriptor {0} was not inherited")]
    Ours(RawFd),
    /// Not open.
    #[error("file descriptor {fd} is not open: {source}")]
    NotOpen {
        /// The number.
        fd: RawFd,
        /// What the system says.
        source: Errno,
    },
}

/// Own the descriptor `fd`, which whoever started this process left open. It will not leak into child processes.
pub fn take(fd: RawFd) -> Result<File, InheritError> {
    if fd <= 2 {
        return Err(InheritError::Reserved(fd));
    }
    if !TAKEN.lock().unwrap_or_else(PoisonError::into_inner).insert(fd) {
        return Err(InheritError::Twice(fd));
    }
    // SAFETY: fd is not -1, and the borrow ends before anything could close it; if it is not open the calls below
    // answer EBADF and touch nothing.
    let borrowed = unsafe { BorrowedFd::borrow_raw(fd) };
    let not_open = |source| InheritError::NotOpen { fd, source };
    let flags = fcntl_getfd(borrowed).map_err(not_open)?;
    if flags.contains(FdFlags::CLOEXEC) {
        return Err(InheritError::Ours(fd));
    }
    fcntl_setfd(borrowed, flags | FdFlags::CLOEXEC).map_err(not_open)?;
    // SAFETY: 1. fd is open, as just seen. 2. No Rust value owns it: it was not close-on-exec, which everything that
    // the standard library or rustix opens is from its beginning, and `TAKEN` holds back a second owner from here.
    Ok(File::from(unsafe { OwnedFd::from_raw_fd(fd) }))
}
