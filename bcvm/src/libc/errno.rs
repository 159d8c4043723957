//! Names of Linux's error numbers, as glibc has them in English.

use crate::interp::machine::Machine;
use crate::word::{Addr, Word};
use alloc::borrow::Cow;
use alloc::format;

/// The result was out of range.
pub const ERANGE: i32 = 34;

/// By number; those that no error has are empty.
const MESSAGES: [&str; 134] = [
    "Success",
    "Operation not permitted",
    "No such file or directory",
    "No such process",
    "Interrupted system call",
    "Input/output error",
    "No such device or address",
    "Argument list too long",
    "Exec format error",
    "Bad file descriptor",
    "No child processes",
    "Resource temporarily unavailable",
    "Cannot allocate memory",
    "Permission denied",
    "Bad address",
    "Block device required",
    "Device or resource busy",
    "File exists",
    "Invalid cross-device link",
    "No such device",
    "Not a directory",
    "Is a directory",
    "Invalid argument",
    "Too many open files in system",
    "Too many open files",
    "Inappropriate ioctl for device",
    "Text file busy",
    "File too large",
    "No space left on device",
    "Illegal seek",
    "Read-only file system",
    "Too many links",
    "Broken pipe",
    "Numerical argument out of domain",
    "Numerical result out of range",
    "Resource deadlock avoided",
    "File name too long",
    "No locks available",
    "Function not implemented",
    "Directory not empty",
    "Too many levels of symbolic links",
    "",
    "No message of desired type",
    "Identifier removed",
    "Channel number out of range",
    "Level 2 not synchronized",
    "Level 3 halted",
    "Level 3 reset",
    "Link number out of range",
    "Protocol driver not attached",
    "No CSI structure available",
    "Level 2 halted",
    "Invalid exchange",
    "Invalid request descriptor",
    "Exchange full",
    "No anode",
    "Invalid request code",
    "Invalid slot",
    "",
    "Bad font file format",
    "Device not a stream",
    "No data available",
    "Timer expired",
    "Out of streams resources",
    "Machine is not on the network",
    "Package not installed",
    "Object is remote",
    "Link has been severed",
    "Advertise error",
    "Srmount error",
    "Communication error on send",
    "Protocol error",
    "Multihop attempted",
    "RFS specific error",
    "Bad message",
    "Value too large for defined data type",
    "Name not unique on network",
    "File descriptor in bad state",
    "Remote address changed",
    "Can not access a needed shared library",
    "Accessing a corrupted shared library",
    ".lib section in a.out corrupted",
    "Attempting to link in too many shared libraries",
    "Cannot exec a shared library directly",
    "Invalid or incomplete multibyte or wide character",
    "Interrupted system call should be restarted",
    "Streams pipe error",
    "Too many users",
    "Socket operation on non-socket",
    "Destination address required",
    "Message too long",
    "Protocol wrong type for socket",
    "Protocol not available",
    "Protocol not supported",
    "Socket type not supported",
    "Operation not supported",
    "Protocol family not supported",
    "Address family not supported by protocol",
    "Address already in use",
    "Cannot assign requested address",
    "Network is down",
    "Network is unreachable",
    "Network dropped connection on reset",
    "Software caused connection abort",
    "Connection reset by peer",
    "No buffer space available",
    "Transport endpoint is already connected",
    "Transport endpoint is not connected",
    "Cannot send after transport endpoint shutdown",
    "Too many references: cannot splice",
    "Connection timed out",
    "Connection refused",
    "Host is down",
    "No route to host",
    "Operation already in progress",
    "Operation now in progress",
    "Stale file handle",
    "Structure needs cleaning",
    "Not a XENIX named type file",
    "No XENIX semaphores available",
    "Is a named type file",
    "Remote I/O error",
    "Disk quota exceeded",
    "No medium found",
    "Wrong medium type",
    "Operation canceled",
    "Required key not available",
    "Key has expired",
    "Key has been revoked",
    "Key was rejected by service",
    "Owner died",
    "State not recoverable",
    "Operation not possible due to RF-kill",
    "Memory page has hardware error",
];

/// What error `number` is called.
pub fn message(number: i32) -> Cow<'static, str> {
    match usize::try_from(number).ok().and_then(|n| MESSAGES.get(n)) {
        Some(text) if !text.is_empty() => Cow::Borrowed(text),
        _ => Cow::Owned(format!("Unknown error {number}")),
    }
}

/// `strerror`: a string that stays as it is until it is asked for another unknown number.
pub fn strerror(m: &mut Machine, number: i32) -> Word {
    if let Some(at) = m.c.messages.get(&number) {
        return at.word();
    }
    // Unknown numbers share a place, so that a program cannot fill memory with them.
    let known = usize::try_from(number).is_ok_and(|n| n < MESSAGES.len());
    let place = if known { number } else { i32::MIN };
    if let Some(old) = m.c.messages.remove(&place) {
        m.c_free(old.word());
    }
    let Some(at) = m.c_string(message(number).as_bytes()) else { return 0 };
    m.c.messages.insert(place, at);
    at.word()
}

/// The POSIX form of `strerror_r`: 0, or ERANGE if the text was cut off.
pub fn strerror_to(m: &mut Machine, number: i32, out: Word, room: Word) -> Word {
    let text = message(number);
    let kept = text.len().min(usize::try_from(room).unwrap_or(0).saturating_sub(1));
    if room > 0 {
        m.mem.write_bytes(Addr::from_word(out), &text.as_bytes()[..kept]);
        m.mem.set_u8(Addr::from_word(out) + kept as u32, 0);
    }
    if kept < text.len() { ERANGE as Word } else { 0 }
}
