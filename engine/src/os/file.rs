//! Everything about open files but reading and writing.

use rustix::event::EventfdFlags;
use rustix::fs::{FileType, FlockOperation, Mode, SeekFrom, fstat};
use rustix::io::Errno;
use rustix::pipe::PipeFlags;

use super::layout::{FileStatus, Struct, TIMES_BYTES};
use super::memory::{Answer, Room};
use super::object::{Description, flags};
use super::path::timestamps;
use super::state::{Os, denied};

/// Commands of `fcntl`.
mod command {
    pub const DUPFD: i32 = 0;
    pub const GETFD: i32 = 1;
    pub const SETFD: i32 = 2;
    pub const GETFL: i32 = 3;
    pub const SETFL: i32 = 4;
    pub const GETLK: i32 = 5;
    pub const SETLK: i32 = 6;
    pub const SETLKW: i32 = 7;
    pub const DUPFD_CLOEXEC: i32 = 1030;
}

impl Os {
    pub(super) fn close(&mut self, fd: i32) -> Answer {
        self.fds.close(fd).map(|()| 0)
    }

    pub(super) fn lseek(&mut self, fd: i32, offset: u64, whence: i32) -> Answer {
        let description = self.fds.get(fd)?;
        let host = description.host().filter(|_| description.kind == FileType::RegularFile).ok_or(Errno::SPIPE)?;
        let to = match whence {
            0 => SeekFrom::Start(offset),
            1 => SeekFrom::Current(offset as i64),
            2 => SeekFrom::End(offset as i64),
            _ => return Err(Errno::INVAL),
        };
        rustix::fs::seek(host, to).map(|at| at as i64)
    }

    pub(super) fn fstat(&mut self, fd: i32, buf: Room<'_>) -> Answer {
        let description = self.fds.get(fd)?;
        let status = match description.host() {
            Some(host) => fstat(host)?.into(),
            None => FileStatus::imaginary(description.kind, 0o600),
        };
        buf.put(&status.bytes()).map(|_| 0)
    }

    pub(super) fn dup(&mut self, fd: i32) -> Answer {
        self.fds.duplicate(fd, 0, false).map(i64::from)
    }

    pub(super) fn dup2(&mut self, fd: i32, new: i32) -> Answer {
        self.fds.duplicate_to(fd, new).map(i64::from)
    }

    pub(super) fn fcntl(&mut self, fd: i32, command: i32, arg: u64) -> Answer {
        const CLOEXEC: u64 = 1;
        match command {
            command::DUPFD => self.fds.duplicate(fd, arg as i32, false).map(i64::from),
            command::DUPFD_CLOEXEC => self.fds.duplicate(fd, arg as i32, true).map(i64::from),
            command::GETFD => self.fds.close_on_exec(fd).map(i64::from),
            command::SETFD => self.fds.set_close_on_exec(fd, arg & CLOEXEC != 0).map(|()| 0),
            command::GETFL => self.fds.get(fd).map(|description| i64::from(description.status)),
            command::SETFL => self.fds.get_mut(fd)?.set_status(arg as i32).map(|()| 0),
            command::GETLK | command::SETLK | command::SETLKW => self.fds.get(fd).map(|_| 0),
            _ => Err(Errno::INVAL),
        }
    }

    pub(super) fn ftruncate(&mut self, fd: i32, len: u64) -> Answer {
        let description = self.fds.get(fd)?;
        rustix::fs::ftruncate(description.own()?, len).map(|()| 0)
    }

    pub(super) fn fsync(&mut self, fd: i32) -> Answer {
        rustix::fs::fsync(self.fds.get(fd)?.own()?).map(|()| 0)
    }

    pub(super) fn fchmod(&mut self, fd: i32, mode: i32) -> Answer {
        let description = self.fds.get(fd)?;
        self.writable_descriptor(description)?;
        rustix::fs::fchmod(description.own()?, permissions(mode)).map(|()| 0)
    }

    pub(super) fn futimens(&mut self, fd: i32, times: Vec<u8>) -> Answer {
        let description = self.fds.get(fd)?;
        self.writable_descriptor(description)?;
        let times = timestamps(times.get(..TIMES_BYTES).unwrap_or_default());
        rustix::fs::futimens(description.own()?, &times).map(|()| 0)
    }

    /// A file in a grant that may only be read has no attributes to change either, and no descriptor says where it was
    /// opened: so this takes one that can be written to.
    fn writable_descriptor(&self, description: &Description) -> Result<(), Errno> {
        match description.status & flags::ACCESS {
            0 => Err(denied("change of attributes", "a descriptor for reading", Errno::PERM)),
            _ => Ok(()),
        }
    }

    pub(super) fn flock(&mut self, fd: i32, operation: i32) -> Answer {
        // LOCK_NB, 4, or not: nobody is waited for, for a program could wait for ever for itself.
        let operation = match operation & !4 {
            1 => FlockOperation::NonBlockingLockShared,
            2 => FlockOperation::NonBlockingLockExclusive,
            8 => FlockOperation::Unlock,
            _ => return Err(Errno::INVAL),
        };
        rustix::fs::flock(self.fds.get(fd)?.own()?, operation).map(|()| 0)
    }

    pub(super) fn pipe(&mut self, fds: Room<'_>, flags: i32) -> Answer {
        self.fds.has_room(2)?;
        let (from, to) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        let (status, cloexec) = (flags & flags::NONBLOCK, flags & flags::CLOEXEC != 0);
        let from = self.fds.insert(Description::owned(from, FileType::Fifo, status, None), cloexec)?;
        let to = self.fds.insert(Description::owned(to, FileType::Fifo, status | flags::WRONLY, None), cloexec)?;
        fds.put(&Struct::<8>::new().u32(0, from as u32).u32(4, to as u32).bytes()).map(|_| 0)
    }

    pub(super) fn eventfd(&mut self, count: i32, flags: i32) -> Answer {
        const SEMAPHORE: i32 = 1;
        self.fds.has_room(1)?;
        let semaphore = if flags & SEMAPHORE != 0 { EventfdFlags::SEMAPHORE } else { EventfdFlags::empty() };
        let fd = rustix::event::eventfd(count as u32, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK | semaphore)?;
        let status = flags & flags::NONBLOCK | flags::RDWR;
        let description = Description::owned(fd, FileType::Unknown, status, None);
        self.fds.insert(description, flags & flags::CLOEXEC != 0).map(i64::from)
    }
}

/// Permissions that a program may give a file: none that lend somebody's identity.
pub(super) fn permissions(mode: i32) -> Mode {
    Mode::from_raw_mode(mode as u32 & 0o1777)
}
