//! What a descriptor refers to: an open file description of C's terms.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use rustix::fs::{FileType, OFlags, fstat};
use rustix::io::Errno;

use super::policy::{Input, Output, Stream};

/// Where bytes come from and go to.
#[derive(Debug)]
pub(super) enum Object {
    /// A file, directory, pipe or event counter of the interpreter's own. It never blocks.
    Owned(OwnedFd),
    /// A standard stream, shared with this process and perhaps others: its flags are not ours to change.
    Inherited(BorrowedFd<'static>),
    /// Provided by the library's user.
    Input(Input),
    /// Provided by the library's user.
    Output(Output),
    /// Nothing to read, and takes everything.
    Null,
}

/// An open file description.
#[derive(Debug)]
pub(super) struct Description {
    pub(super) object: Object,
    /// What kind of file it is.
    pub(super) kind: FileType,
    /// Status flags, as the program sees them (`O_NONBLOCK`, `O_APPEND`, access mode).
    pub(super) status: i32,
    /// Its path for `fchdir`, if it is a directory.
    pub(super) path: Option<PathBuf>,
    /// Entries being listed.
    pub(super) entries: Option<rustix::fs::Dir>,
    /// How many of its entries are to be left out before the next is read.
    pub(super) left_out: u64,
}

/// x86-64's numbers of flags of `open`, which are the guest's whatever the host is.
pub(super) mod flags {
    pub const ACCESS: i32 = 0o3;
    pub const WRONLY: i32 = 0o1;
    pub const RDWR: i32 = 0o2;
    pub const CREAT: i32 = 0o100;
    pub const EXCL: i32 = 0o200;
    pub const TRUNC: i32 = 0o1000;
    pub const APPEND: i32 = 0o2000;
    pub const NONBLOCK: i32 = 0o4000;
    pub const DIRECTORY: i32 = 0o200_000;
    pub const NOFOLLOW: i32 = 0o400_000;
    pub const CLOEXEC: i32 = 0o2_000_000;
    pub const SYNC: i32 = 0o4_010_000;
}

impl Description {
    /// Of a file just opened.
    pub(super) fn owned(fd: OwnedFd, kind: FileType, status: i32, path: Option<PathBuf>) -> Description {
        Description { object: Object::Owned(fd), kind, status, path, entries: None, left_out: 0 }
    }

    /// Of what is no file, open with these flags.
    pub(super) fn new(object: Object, status: i32) -> Description {
        let kind = match &object {
            Object::Inherited(fd) => fstat(fd).map_or(FileType::Unknown, |s| FileType::from_raw_mode(s.st_mode)),
            Object::Null => FileType::CharacterDevice,
            _ => FileType::Fifo,
        };
        Description { object, kind, status, path: None, entries: None, left_out: 0 }
    }

    /// Of a standard stream.
    pub(super) fn stream(stream: &Stream, own: BorrowedFd<'static>, status: i32) -> Description {
        let object = match stream {
            Stream::Null => Object::Null,
            Stream::Input(input) => Object::Input(input.clone()),
            Stream::Output(output) => Object::Output(output.clone()),
            // One that is closed is as good as none.
            Stream::Inherit => fstat(own).map_or(Object::Null, |_| Object::Inherited(own)),
        };
        Description::new(object, status)
    }

    /// The host's descriptor, if it has one.
    pub(super) fn host(&self) -> Option<BorrowedFd<'_>> {
        match &self.object {
            Object::Owned(fd) => Some(fd.as_fd()),
            Object::Inherited(fd) => Some(*fd),
            Object::Input(_) | Object::Output(_) | Object::Null => None,
        }
    }

    /// A file of the interpreter's own, for what changes it.
    pub(super) fn own(&self) -> Result<BorrowedFd<'_>, Errno> {
        match &self.object {
            Object::Owned(fd) => Ok(fd.as_fd()),
            _ => Err(Errno::INVAL),
        }
    }

    /// Whether reading or writing may have to wait.
    pub(super) fn may_wait(&self) -> bool {
        !matches!(self.kind, FileType::RegularFile | FileType::Directory)
    }

    pub(super) fn is_nonblocking(&self) -> bool {
        self.status & flags::NONBLOCK != 0
    }

    /// Sets those status flags that may change after opening.
    pub(super) fn set_status(&mut self, status: i32) -> Result<(), Errno> {
        let changeable = flags::APPEND | flags::NONBLOCK;
        if let Object::Owned(fd) = &self.object {
            let append = if status & flags::APPEND != 0 { OFlags::APPEND } else { OFlags::empty() };
            rustix::fs::fcntl_setfl(fd, OFlags::NONBLOCK | append)?;
        }
        self.status = self.status & !changeable | status & changeable;
        Ok(())
    }
}
