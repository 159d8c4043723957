//! Files by name (`sys/stat.h`, `unistd.h`, `stdlib.h`).

use super::area::{PATH, PATH_BYTES, SCRATCH};
use super::call::{allocate, fail, fail_null, refuse, system, try_system};
use super::fd::STAT_BYTES;
use crate::abi::system::System;
use crate::interp::machine::Machine;
use crate::libc::errno::{EEXIST, EINVAL, ERANGE};
use crate::libc::memory;
use crate::libc::table::functions;
use crate::word::{Addr, Word};

/// Whether a call on a path follows a symbolic link at its end.
const FOLLOW: Word = 1;
const NO_FOLLOW: Word = 0;

/// `AT_FDCWD` and `AT_SYMLINK_NOFOLLOW` of the `…at` functions; other directories are not known to them here.
const AT_FDCWD: i32 = -100;
const AT_SYMLINK_NOFOLLOW: Word = 0x100;

/// Bytes of two `struct timespec`.
const TIMES_BYTES: Word = 32;
/// The nanoseconds that mean "now" (`UTIME_NOW`).
const UTIME_NOW: Word = (1 << 30) - 1;

/// Has the system write a text, its zero byte included, at `buf`, or, if that is null, in memory made for it.
fn write_path(m: &mut Machine, call: System, path: &[Word], buf: Word, len: Word) -> Word {
    let args = |buf, len| match path {
        [path, ..] => [*path, buf, len],
        [] => [buf, len, 0],
    };
    if buf != 0 {
        return match try_system(m, call, &args(buf, len)) {
            Ok(_) => buf,
            Err(number) => fail_null(m, number),
        };
    }
    let copied = try_system(m, call, &args(PATH.word(), PATH_BYTES)).and_then(|used| {
        let copy = allocate(m, used)?;
        m.mem.move_bytes(copy, PATH, used as u32);
        Ok(copy.word())
    });
    copied.unwrap_or_else(|number| fail_null(m, number))
}

/// `getcwd`.
fn getcwd(m: &mut Machine, buf: Word, len: Word) -> Word {
    if buf != 0 && len == 0 { fail_null(m, EINVAL) } else { write_path(m, System::Getcwd, &[], buf, len) }
}

/// `mkstemps` and `mkdtemp`: replaces the six X before the last `suffix` bytes by letters until `make` does not find that
/// the name exists.
fn make_temp(m: &mut Machine, template: Word, suffix: Word, make: fn(&mut Machine, Word) -> Result<Word, i32>) -> Word {
    const LETTERS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const PLACES: u32 = 6;
    const ATTEMPTS: u32 = 100;
    let len = memory::strlen(&mut m.mem, [template, 0, 0]);
    let Some(first) = len.checked_sub(suffix).and_then(|n| n.checked_sub(PLACES as Word)) else {
        return fail(m, EINVAL);
    };
    let first = Addr::from_word(template.wrapping_add(first));
    if (0..PLACES).any(|i| m.mem.u8(first + i) != b'X') {
        return fail(m, EINVAL);
    }
    for _ in 0..ATTEMPTS {
        if let Err(number) = try_system(m, System::Getrandom, &[SCRATCH.word(), PLACES as Word]) {
            return fail(m, number);
        }
        for i in 0..PLACES {
            let letter = LETTERS[m.mem.u8(SCRATCH + i) as usize % LETTERS.len()];
            m.mem.set_u8(first + i, letter);
        }
        match make(m, template) {
            Ok(made) => return made,
            Err(EEXIST) => {}
            Err(number) => return fail(m, number),
        }
    }
    fail(m, EEXIST)
}

fn make_temp_file(m: &mut Machine, path: Word) -> Result<Word, i32> {
    const RDWR_CREAT_EXCL: Word = 0o302;
    try_system(m, System::Open, &[path, RDWR_CREAT_EXCL, 0o600])
}

fn make_temp_dir(m: &mut Machine, path: Word) -> Result<Word, i32> {
    try_system(m, System::Mkdir, &[path, 0o700])
}

/// Times given in whole seconds or with microseconds, as two `struct timespec` in the scratch area; null is now.
fn times(m: &mut Machine, times: Word, read: fn(&Machine, Addr, u32) -> (Word, Word)) -> [Word; 2] {
    for i in 0..2 {
        let (s, ns) = if times == 0 { (0, UTIME_NOW) } else { read(m, Addr::from_word(times), i) };
        m.mem.set_word(SCRATCH.offset_w(2 * i), s);
        m.mem.set_word(SCRATCH.offset_w(2 * i + 1), ns);
    }
    [SCRATCH.word(), TIMES_BYTES]
}

/// Time `i` of a `struct utimbuf`.
fn of_utimbuf(m: &Machine, at: Addr, i: u32) -> (Word, Word) {
    (m.mem.word(at.offset_w(i)), 0)
}

/// Time `i` of an array of `struct timeval`.
fn of_timeval(m: &Machine, at: Addr, i: u32) -> (Word, Word) {
    let at = at.offset_w(2 * i);
    (m.mem.word(at), m.mem.word(at.offset_w(1)).wrapping_mul(1000))
}

/// Time `i` of an array of `struct timespec`.
fn of_timespec(m: &Machine, at: Addr, i: u32) -> (Word, Word) {
    let at = at.offset_w(2 * i);
    (m.mem.word(at), m.mem.word(at.offset_w(1)))
}

fn utimens(m: &mut Machine, path: Word, follow: Word, [times, bytes]: [Word; 2]) -> Word {
    system(m, System::Utimens, &[path, follow, times, bytes])
}

fn futimens(m: &mut Machine, fd: Word, [times, bytes]: [Word; 2]) -> Word {
    system(m, System::Futimens, &[fd, times, bytes])
}

/// `utimensat`.
fn utimensat(m: &mut Machine, dir: Word, path: Word, given: Word, flags: Word) -> Word {
    if dir as i32 != AT_FDCWD {
        return fail(m, EINVAL);
    }
    let given = times(m, given, of_timespec);
    utimens(m, path, if flags & AT_SYMLINK_NOFOLLOW == 0 { FOLLOW } else { NO_FOLLOW }, given)
}

/// `pathconf` and `fpathconf`.
fn pathconf(m: &mut Machine, name: Word) -> Word {
    match name {
        0 => 127,
        1 | 2 => 255,
        3 => 255,
        4 | 5 => 4096,
        6..=20 => super::call::FAILED,
        _ => fail(m, EINVAL),
    }
}

/// `readlink`: the buffer gets no zero byte.
fn readlink(m: &mut Machine, path: Word, buf: Word, len: Word) -> Word {
    if len == 0 { fail(m, EINVAL) } else { system(m, System::Readlink, &[path, buf, len]) }
}

/// `gethostname`.
fn gethostname(m: &mut Machine, buf: Word, len: Word) -> Word {
    let name = super::process::HOST_NAME;
    if len <= name.len() as Word {
        return fail(m, ERANGE);
    }
    super::call::write_text(m, Addr::from_word(buf), name);
    0
}

/// `mkstemp`.
pub fn make_temp_file_at(m: &mut Machine, template: Word) -> Word {
    make_temp(m, template, 0, make_temp_file)
}

functions! {
    "stat" "nn" b'n' = |m, [path, buf, ..]| system(m, System::Stat, &[path, FOLLOW, buf, STAT_BYTES]);
    "lstat" "nn" b'n' = |m, [path, buf, ..]| system(m, System::Stat, &[path, NO_FOLLOW, buf, STAT_BYTES]);
    "access" "nn" b'n' = |m, [path, mode, ..]| system(m, System::Access, &[path, mode]);
    "unlink" "n" b'n' = |m, [path, ..]| system(m, System::Unlink, &[path]);
    "rename" "nn" b'n' = |m, [old, new, ..]| system(m, System::Rename, &[old, new]);
    "link" "nn" b'n' = |m, [old, new, ..]| system(m, System::Link, &[old, new]);
    "symlink" "nn" b'n' = |m, [target, path, ..]| system(m, System::Symlink, &[target, path]);
    "readlink" "nnn" b'n' = |m, [path, buf, len, ..]| readlink(m, path, buf, len);
    "mkdir" "nn" b'n' = |m, [path, mode, ..]| system(m, System::Mkdir, &[path, mode]);
    "rmdir" "n" b'n' = |m, [path, ..]| system(m, System::Rmdir, &[path]);
    "chmod" "nn" b'n' = |m, [path, mode, ..]| system(m, System::Chmod, &[path, mode]);
    "fchmod" "nn" b'n' = |m, [fd, mode, ..]| system(m, System::Fchmod, &[fd, mode]);
    "truncate" "nn" b'n' = |m, [path, len, ..]| system(m, System::Truncate, &[path, len]);
    "umask" "n" b'n' = |m, [mask, ..]| system(m, System::Umask, &[mask]);
    "getcwd" "nn" b'n' = |m, [buf, len, ..]| getcwd(m, buf, len);
    "chdir" "n" b'n' = |m, [path, ..]| system(m, System::Chdir, &[path]);
    "fchdir" "n" b'n' = |m, [fd, ..]| system(m, System::Fchdir, &[fd]);
    "realpath" "nn" b'n' = |m, [path, buf, ..]| write_path(m, System::Realpath, &[path], buf, PATH_BYTES);
    "utime" "nn" b'n' = |m, [path, t, ..]| { let t = times(m, t, of_utimbuf); utimens(m, path, FOLLOW, t) };
    "utimes" "nn" b'n' = |m, [path, t, ..]| { let t = times(m, t, of_timeval); utimens(m, path, FOLLOW, t) };
    "lutimes" "nn" b'n' = |m, [path, t, ..]| { let t = times(m, t, of_timeval); utimens(m, path, NO_FOLLOW, t) };
    "futimes" "nn" b'n' = |m, [fd, t, ..]| { let t = times(m, t, of_timeval); futimens(m, fd, t) };
    "futimens" "nn" b'n' = |m, [fd, t, ..]| { let t = times(m, t, of_timespec); futimens(m, fd, t) };
    "utimensat" "nnnn" b'n' = |m, [dir, path, t, flags, ..]| utimensat(m, dir, path, t, flags);
    "mkstemp" "n" b'n' = |m, [template, ..]| make_temp_file_at(m, template);
    "mkstemps" "nn" b'n' = |m, [template, suffix, ..]| make_temp(m, template, suffix, make_temp_file);
    "mkdtemp" "n" b'n' = |m, [t, ..]| if make_temp(m, t, 0, make_temp_dir) == 0 { t } else { 0 };
    "pathconf" "nn" b'n' = |m, [_, name, ..]| pathconf(m, name);
    "fpathconf" "nn" b'n' = |m, [_, name, ..]| pathconf(m, name);
    "gethostname" "nn" b'n' = |m, [buf, len, ..]| gethostname(m, buf, len);
    "mkfifo" "nn" b'n' = |m, _| refuse(m, c"mkfifo");
    "mknod" "nnn" b'n' = |m, _| refuse(m, c"mknod");
    "chown" "nnn" b'n' = |m, _| refuse(m, c"chown");
    "lchown" "nnn" b'n' = |m, _| refuse(m, c"lchown");
    "fchown" "nnn" b'n' = |m, _| refuse(m, c"fchown");
}
