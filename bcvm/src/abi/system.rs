//! The table of system calls: what C's library in the machine asks of the world outside.
//!
//! Linux's own calls where there is one that fits, with x86-64's numbers for flags and its layouts for structs. The
//! enum, the names in traces and the host's dispatcher follow from the rows. A call answers a number that is not negative,
//! or `-errno`. What is granted and what denied is the host's business.

/// Words that a call takes.
pub const ARGS: usize = 6;

/// The largest errno: answers from `-MAX_ERRNO` to -1 are errors.
pub const MAX_ERRNO: i64 = 4095;

/// Calls `$with!` with one row for every call: doc comment, variant, number, name, and the meaning of its arguments.
///
/// An argument is of one of these kinds: `int` a C int, in the low half of a word; `word` all of a word; `path` the
/// address of a string that ends with a zero byte; `input` and `output` two words, address and length of bytes that
/// the host reads or writes.
#[macro_export]
macro_rules! for_each_system {
    ($with:ident) => {
        $with! {
            /// Reads at most as many bytes as there is room for, and answers how many.
            Read = 0 read(fd: int, buf: output);
            /// Writes some of the bytes, and answers how many.
            Write = 1 write(fd: int, buf: input);
            /// `open(2)`.
            Open = 2 open(path: path, flags: int, mode: int);
            /// `close(2)`.
            Close = 3 close(fd: int);
            /// `lseek(2)`.
            Lseek = 4 lseek(fd: int, offset: word, whence: int);
            /// Writes a `struct stat` of an open file.
            Fstat = 5 fstat(fd: int, buf: output);
            /// Writes a `struct stat`; of a symbolic link itself unless `follow`.
            Stat = 6 stat(path: path, follow: int, buf: output);
            /// 1 if it is a terminal, else ENOTTY.
            Isatty = 7 isatty(fd: int);
            /// `dup(2)`.
            Dup = 8 dup(fd: int);
            /// `dup2(2)`.
            Dup2 = 9 dup2(fd: int, new: int);
            /// `fcntl(2)`: descriptor and status flags, duplicates, and record locks, which all succeed.
            Fcntl = 10 fcntl(fd: int, command: int, arg: word);
            /// `ftruncate(2)`.
            Ftruncate = 11 ftruncate(fd: int, len: word);
            /// `fsync(2)`.
            Fsync = 12 fsync(fd: int);
            /// `flock(2)`, never waiting.
            Flock = 13 flock(fd: int, operation: int);
            /// Writes the two descriptors, as C ints, of a pipe within the interpreter.
            Pipe = 14 pipe(fds: output, flags: int);
            /// `eventfd(2)`.
            Eventfd = 15 eventfd(count: int, flags: int);
            /// `poll(2)` on an array of `struct pollfd`; a negative timeout is none.
            Poll = 16 poll(fds: output, timeout_ms: int);
            /// `access(2)`.
            Access = 17 access(path: path, mode: int);
            /// `unlink(2)`.
            Unlink = 18 unlink(path: path);
            /// `rmdir(2)`.
            Rmdir = 19 rmdir(path: path);
            /// `mkdir(2)`.
            Mkdir = 20 mkdir(path: path, mode: int);
            /// `rename(2)`.
            Rename = 21 rename(old: path, new: path);
            /// `link(2)`.
            Link = 22 link(old: path, new: path);
            /// `symlink(2)`.
            Symlink = 23 symlink(target: path, path: path);
            /// `readlink(2)`.
            Readlink = 24 readlink(path: path, buf: output);
            /// `chmod(2)`.
            Chmod = 25 chmod(path: path, mode: int);
            /// `fchmod(2)`.
            Fchmod = 26 fchmod(fd: int, mode: int);
            /// Sets times of access and modification: two `struct timespec`, as for `utimensat(2)`; none means now.
            Utimens = 27 utimens(path: path, follow: int, times: input);
            /// As `Utimens`, of an open file.
            Futimens = 28 futimens(fd: int, times: input);
            /// `truncate(2)`.
            Truncate = 29 truncate(path: path, len: word);
            /// Writes the next entry of an open directory as a `struct dirent`, and answers 1, or 0 at the end.
            Readdir = 30 readdir(fd: int, entry: output);
            /// Has the next `Readdir` begin behind so many entries.
            Seekdir = 31 seekdir(fd: int, entries: word);
            /// Writes the working directory's path and a zero byte, and answers how many bytes that is.
            Getcwd = 32 getcwd(buf: output);
            /// `chdir(2)`.
            Chdir = 33 chdir(path: path);
            /// `fchdir(2)`.
            Fchdir = 34 fchdir(fd: int);
            /// `umask(2)`.
            Umask = 35 umask(mask: int);
            /// As `Getcwd`, of a path's form without symbolic links.
            Realpath = 36 realpath(path: path, buf: output);
            /// Nanoseconds that a clock of `clock_gettime(2)` shows.
            ClockGettime = 37 clock_gettime(clock: int);
            /// Its resolution in nanoseconds.
            ClockGetres = 38 clock_getres(clock: int);
            /// Writes a `struct rusage`.
            Getrusage = 39 getrusage(who: int, buf: output);
            /// Waits so many nanoseconds. EINTR when the program is to stop.
            Nanosleep = 40 nanosleep(ns: word);
            /// The local time zone at so many seconds since 1970: writes an i32, seconds east of Greenwich, a u32, whether
            /// it is summer time, and the zone's abbreviation with a zero byte.
            LocalZone = 41 local_zone(seconds: word, buf: output);
            /// Random bytes.
            Getrandom = 42 getrandom(buf: output);
            /// Writes the environment at the start, `NAME=value` with a zero byte each, if there is room, and answers its
            /// length.
            Environ = 43 environ(buf: output);
            /// Writes the name of the locale's character encoding and a zero byte.
            Codeset = 44 codeset(buf: output);
            /// Writes a `struct termios`.
            Tcgetattr = 45 tcgetattr(fd: int, buf: output);
            /// Sets a terminal by a `struct termios`.
            Tcsetattr = 46 tcsetattr(fd: int, action: int, termios: input);
            /// Writes a terminal's `struct winsize`.
            Winsize = 47 winsize(fd: int, buf: output);
            /// The process's number (0), its parent's (1), real and effective user (2, 3) and group (4, 5).
            Identity = 48 identity(which: int);
            /// Asks, by name, for what no program in the sandbox may ever do, so that it is on record. Always EPERM.
            Refused = 49 refused(what: path);
        }
    };
}

macro_rules! define {
    ($($(#[$doc:meta])* $variant:ident = $number:literal $name:ident($($arg:ident: $kind:ident),*);)*) => {
        /// A system call.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u32)]
        pub enum System {
            $($(#[$doc])* $variant = $number,)*
        }

        impl System {
            /// All of them.
            pub const ALL: &[System] = &[$(System::$variant,)*];

            /// The call with this number.
            pub fn from_number(number: u32) -> Option<System> {
                match number {
                    $($number => Some(System::$variant),)*
                    _ => None,
                }
            }

            /// Its name, as traces show it.
            pub fn name(self) -> &'static str {
                match self {
                    $(System::$variant => stringify!($name),)*
                }
            }
        }
    };
}
for_each_system!(define);
