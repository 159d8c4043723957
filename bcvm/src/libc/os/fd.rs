//! Open files by their descriptors (`unistd.h`, `fcntl.h`, `poll.h`).

use super::area::SCRATCH;
use super::call::{fail, refuse, system, try_system};
use crate::abi::system::System;
use crate::interp::machine::Machine;
use crate::libc::errno::{EINVAL, ENOSYS, ENOTSUP};
use crate::libc::table::functions;
use crate::word::{Addr, Word};

/// Bytes of a `struct stat`.
pub const STAT_BYTES: Word = 144;
/// Bytes of a `struct pollfd`.
pub const POLLFD_BYTES: Word = 8;

/// Places from which `lseek` counts: the beginning, and with [`SEEK_CUR`] where it is.
pub const SEEK_SET: Word = 0;
/// See [`SEEK_SET`].
pub const SEEK_CUR: Word = 1;

/// `O_WRONLY | O_CREAT | O_TRUNC`, which is what `creat` means.
const CREAT_FLAGS: Word = 0o1101;

/// Writes all of `bytes`, which lie in the machine's own memory, as long as somebody takes them: what C's `stdio`
/// prints. False if not all were.
pub fn write(m: &mut Machine, fd: i32, bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while !rest.is_empty() {
        let args = [fd as Word, rest.as_ptr() as usize as Word, rest.len() as Word];
        match system(m, System::Write, &args) as i64 {
            n if n > 0 && n as usize <= rest.len() => rest = &rest[n as usize..],
            _ => return false,
        }
    }
    true
}

/// `eventfd_write`: 0 or -1.
fn eventfd_write(m: &mut Machine, fd: Word, count: Word) -> Word {
    m.mem.set_word(SCRATCH, count);
    let written = system(m, System::Write, &[fd, SCRATCH.word(), 8]);
    if written == 8 { 0 } else { written }
}

/// `poll`.
fn poll(m: &mut Machine, fds: Word, count: Word, timeout: Word) -> Word {
    match count.checked_mul(POLLFD_BYTES) {
        Some(bytes) => system(m, System::Poll, &[fds, bytes, timeout]),
        None => fail(m, EINVAL),
    }
}

/// `ioctl`, of which only the question for a terminal's size is known here.
fn ioctl(m: &mut Machine, fd: Word, request: Word, arg: Word) -> Word {
    const TIOCGWINSZ: Word = 0x5413;
    const WINSIZE_BYTES: Word = 8;
    match request {
        TIOCGWINSZ => system(m, System::Winsize, &[fd, arg, WINSIZE_BYTES]),
        _ => fail(m, EINVAL),
    }
}

/// `posix_fallocate`: makes the file at least as long, and answers an errno.
fn posix_fallocate(m: &mut Machine, fd: Word, offset: Word, len: Word) -> Word {
    const ST_SIZE: u32 = 48;
    let Some(end) = offset.checked_add(len).filter(|end| *end <= i64::MAX as Word && len > 0) else {
        return EINVAL as Word;
    };
    let stat = [fd, SCRATCH.word(), STAT_BYTES];
    let grown = try_system(m, System::Fstat, &stat).and_then(|_| {
        let long_enough = m.mem.word(SCRATCH + ST_SIZE) >= end;
        if long_enough { Ok(0) } else { try_system(m, System::Ftruncate, &[fd, end]) }
    });
    grown.err().unwrap_or(0) as Word
}

/// `pipe2`.
fn pipe(m: &mut Machine, fds: Word, flags: Word) -> Word {
    system(m, System::Pipe, &[fds, 8, flags])
}

/// `readv` and `writev`: one call of `system` for each buffer, as long as each is filled.
fn vectored(m: &mut Machine, call: System, fd: Word, vectors: Word, count: Word) -> Word {
    const IOV_MAX: Word = 1024;
    if count > IOV_MAX {
        return fail(m, EINVAL);
    }
    let mut total: Word = 0;
    for i in 0..count as u32 {
        let vector = Addr::from_word(vectors).offset_w(2 * i);
        let (base, len) = (m.mem.word(vector), m.mem.word(vector.offset_w(1)));
        let done = system(m, call, &[fd, base, len]);
        match done as i64 {
            0.. => total = total.wrapping_add(done),
            _ if total > 0 => return total,
            _ => return done,
        }
        if done < len {
            break;
        }
    }
    total
}

/// Does something at a place in a file, and goes back to where it was.
pub fn at_offset(
    m: &mut Machine,
    fd: Word,
    offset: Word,
    run: impl FnOnce(&mut Machine) -> Result<Word, i32>,
) -> Result<Word, i32> {
    let before = try_system(m, System::Lseek, &[fd, 0, SEEK_CUR])?;
    try_system(m, System::Lseek, &[fd, offset, SEEK_SET])?;
    let answer = run(m);
    try_system(m, System::Lseek, &[fd, before, SEEK_SET])?;
    answer
}

/// `pread` and `pwrite`.
fn positioned(m: &mut Machine, call: System, args: [Word; 3], offset: Word) -> Word {
    at_offset(m, args[0], offset, |m| try_system(m, call, &args)).unwrap_or_else(|number| fail(m, number))
}

/// Whether a path of an `...at` function means the same without its directory; others are not known here.
fn is_absolute_or_here(m: &Machine, directory: Word, path: Word) -> bool {
    const AT_FDCWD: i32 = -100;
    directory as i32 == AT_FDCWD || m.mem.u8(Addr::from_word(path)) == b'/'
}

functions! {
    "read" "nnn" b'n' = |m, [fd, buf, len, ..]| system(m, System::Read, &[fd, buf, len]);
    "pread" "nnnn" b'n' = |m, [fd, buf, len, offset, ..]| positioned(m, System::Read, [fd, buf, len], offset);
    "pwrite" "nnnn" b'n' = |m, [fd, buf, len, offset, ..]| positioned(m, System::Write, [fd, buf, len], offset);
    "write" "nnn" b'n' = |m, [fd, buf, len, ..]| system(m, System::Write, &[fd, buf, len]);
    "readv" "nnn" b'n' = |m, [fd, vectors, n, ..]| vectored(m, System::Read, fd, vectors, n);
    "writev" "nnn" b'n' = |m, [fd, vectors, n, ..]| vectored(m, System::Write, fd, vectors, n);
    "open" "nnn" b'n' = |m, [path, flags, mode, ..]| system(m, System::Open, &[path, flags, mode]);
    "openat" "nnnn" b'n' = |m, [directory, path, flags, mode, ..]| {
        if is_absolute_or_here(m, directory, path) {
            system(m, System::Open, &[path, flags, mode])
        } else {
            fail(m, ENOTSUP)
        }
    };
    "creat" "nn" b'n' = |m, [path, mode, ..]| system(m, System::Open, &[path, CREAT_FLAGS, mode]);
    "close" "n" b'n' = |m, [fd, ..]| system(m, System::Close, &[fd]);
    "lseek" "nnn" b'n' = |m, [fd, offset, whence, ..]| system(m, System::Lseek, &[fd, offset, whence]);
    "fstat" "nn" b'n' = |m, [fd, buf, ..]| system(m, System::Fstat, &[fd, buf, STAT_BYTES]);
    "isatty" "n" b'n' = |m, [fd, ..]| (system(m, System::Isatty, &[fd]) == 1) as Word;
    "dup" "n" b'n' = |m, [fd, ..]| system(m, System::Dup, &[fd]);
    "dup2" "nn" b'n' = |m, [fd, new, ..]| system(m, System::Dup2, &[fd, new]);
    "fcntl" "nnn" b'n' = |m, [fd, command, arg, ..]| system(m, System::Fcntl, &[fd, command, arg]);
    "ioctl" "nnn" b'n' = |m, [fd, request, arg, ..]| ioctl(m, fd, request, arg);
    "ftruncate" "nn" b'n' = |m, [fd, len, ..]| system(m, System::Ftruncate, &[fd, len]);
    "fsync" "n" b'n' = |m, [fd, ..]| system(m, System::Fsync, &[fd]);
    "fdatasync" "n" b'n' = |m, [fd, ..]| system(m, System::Fsync, &[fd]);
    "flock" "nn" b'n' = |m, [fd, operation, ..]| system(m, System::Flock, &[fd, operation]);
    "pipe" "n" b'n' = |m, [fds, ..]| pipe(m, fds, 0);
    "pipe2" "nn" b'n' = |m, [fds, flags, ..]| pipe(m, fds, flags);
    "poll" "nnn" b'n' = |m, [fds, count, timeout, ..]| poll(m, fds, count, timeout);
    "eventfd" "nn" b'n' = |m, [count, flags, ..]| system(m, System::Eventfd, &[count, flags]);
    "eventfd_write" "nn" b'n' = |m, [fd, count, ..]| eventfd_write(m, fd, count);
    "epoll_create" "n" b'n' = |m, _| fail(m, ENOSYS);
    "epoll_ctl" "nnnn" b'n' = |m, _| fail(m, ENOSYS);
    "epoll_wait" "nnnn" b'n' = |m, _| fail(m, ENOSYS);
    "posix_fadvise" "nnnn" b'n' = |_, _| 0;
    "posix_fallocate" "nnn" b'n' = |m, [fd, offset, len, ..]| posix_fallocate(m, fd, offset, len);
    "openpty" "nnnnn" b'n' = |m, _| refuse(m, c"openpty");
}
