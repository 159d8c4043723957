//! Where what C's library keeps between calls lies: in the RTS region from `LIBC_DATA` on, so that the functions need no
//! allocator and keep nothing beside guest memory.
//!
//! A program can overwrite all of it, and harms only itself.

use crate::abi::map::{self, LIBC_DATA};
use crate::word::Addr;

/// C's `errno`.
pub const ERRNO: Addr = Addr(map::ERRNO);
/// C's `environ`.
pub const ENVIRON: Addr = Addr(map::ENVIRON);
/// The array that `environ` points to if it was made here, and for how many words there is room in it.
pub const OWN_ENVIRON: Addr = Addr(LIBC_DATA + 0x10);
/// See [`OWN_ENVIRON`].
pub const OWN_ENVIRON_ROOM: Addr = Addr(LIBC_DATA + 0x18);
/// An environment without variables: a zero word.
pub const NO_ENVIRON: Addr = Addr(LIBC_DATA + 0x20);
/// An empty string.
pub const NO_TEXT: Addr = NO_ENVIRON;
/// The settings of the first three descriptors that the runtime restores in the end (`__hscore_get_saved_termios`).
pub const SAVED_TERMIOS: Addr = Addr(LIBC_DATA + 0x28);
/// How many of them.
pub const SAVED_TERMIOS_COUNT: u32 = 3;
/// What `strerror` answers.
pub const ERROR_TEXT: Addr = Addr(LIBC_DATA + 0x100);
/// What `nl_langinfo(CODESET)` answers.
pub const CODESET: Addr = Addr(LIBC_DATA + 0x180);
/// Bytes of it.
pub const CODESET_BYTES: u64 = 0x40;
/// The answer of other functions that answer a short text.
pub const TEXT: Addr = Addr(LIBC_DATA + 0x1C0);
/// What `localeconv` answers.
pub const LCONV: Addr = Addr(LIBC_DATA + 0x200);
/// C's `h_errno`.
pub const H_ERRNO: Addr = Addr(LIBC_DATA + 0x270);
/// Where `strtok` goes on.
pub const TOKEN: Addr = Addr(LIBC_DATA + 0x278);
/// The abbreviation of the time zone that `localtime_r` last found, behind the words of [`ZONE`].
pub const ZONE: Addr = Addr(LIBC_DATA + 0x280);
/// Bytes of it.
pub const ZONE_BYTES: u64 = 0x40;
/// The `struct tm` that functions answer which are given no place for one.
pub const CALENDAR: Addr = Addr(LIBC_DATA + 0x2C0);
/// The text of a time that such functions answer.
pub const CALENDAR_TEXT: Addr = Addr(LIBC_DATA + 0xF00);
/// For what a system call writes and a function reads at once.
pub const SCRATCH: Addr = Addr(LIBC_DATA + 0x300);
/// What `realpath` and the like may write.
pub const PATH: Addr = Addr(LIBC_DATA + 0x1000);
/// The longest path, its zero byte included.
pub const PATH_BYTES: u64 = 0x1000;
/// The streams of `opendir`.
pub const STREAMS: Addr = Addr(LIBC_DATA + 0x2000);
/// How many there can be.
pub const STREAM_COUNT: u32 = 128;
/// Bytes of a stream: its descriptor and one, so that 0 is none; how many entries it has given; a `struct dirent`.
pub const STREAM_BYTES: u32 = 16 + 280;

const _: () = assert!(STREAMS.0 + STREAM_COUNT * STREAM_BYTES <= map::RTS_END);
