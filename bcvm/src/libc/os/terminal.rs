//! Terminals (`termios.h`), what the runtime remembers of them, and a terminfo (`term.h`) that knows no terminal.

use super::area::{SAVED_TERMIOS, SAVED_TERMIOS_COUNT, TEXT};
use super::call::{FAILED, fail, fail_null, refuse, system, write_text};
use crate::abi::system::System;
use crate::interp::machine::Machine;
use crate::libc::errno::ENOTTY;
use crate::libc::table::functions;
use crate::word::{Addr, Word};

/// Bytes of a `struct termios`, and where its speeds are.
const TERMIOS_BYTES: Word = 60;
const ISPEED: u32 = 52;
const OSPEED: u32 = 56;

fn is_terminal(m: &mut Machine, fd: Word) -> bool {
    system(m, System::Isatty, &[fd]) == 1
}

/// 0 for a terminal, else -1: what is asked for has no effect.
fn accepted(m: &mut Machine, fd: Word) -> Word {
    if is_terminal(m, fd) { 0 } else { FAILED }
}

fn set_speed(m: &mut Machine, termios: Word, field: u32, speed: Word) -> Word {
    m.mem.set_u32(Addr::from_word(termios) + field, speed as u32);
    0
}

/// `ctermid`, and the name of any terminal.
fn terminal_name(m: &mut Machine, buf: Word) -> Word {
    write_text(m, if buf == 0 { TEXT } else { Addr::from_word(buf) }, "/dev/tty")
}

/// Where the runtime keeps what `__hscore_set_saved_termios` gave it for `fd`.
fn saved(fd: Word) -> Option<Addr> {
    let fd = fd as u32;
    (fd < SAVED_TERMIOS_COUNT).then(|| SAVED_TERMIOS.offset_w(fd))
}

/// `setupterm` fails, and `*error` says that the terminal's type is unknown.
fn setupterm(m: &mut Machine, error: Word) -> Word {
    if error != 0 {
        m.mem.set_u32(Addr::from_word(error), 0);
    }
    FAILED
}

functions! {
    "tcgetattr" "nn" b'n' = |m, [fd, buf, ..]| system(m, System::Tcgetattr, &[fd, buf, TERMIOS_BYTES]);
    "tcsetattr" "nnn" b'n' = |m, [fd, action, buf, ..]| system(m, System::Tcsetattr, &[fd, action, buf, TERMIOS_BYTES]);
    "tcdrain" "n" b'n' = |m, [fd, ..]| accepted(m, fd);
    "tcflow" "nn" b'n' = |m, [fd, ..]| accepted(m, fd);
    "tcflush" "nn" b'n' = |m, [fd, ..]| accepted(m, fd);
    "tcsendbreak" "nn" b'n' = |m, [fd, ..]| accepted(m, fd);
    "tcgetpgrp" "n" b'n' = |m, [fd, ..]| if is_terminal(m, fd) { system(m, System::Identity, &[0]) } else { FAILED };
    "tcsetpgrp" "nn" b'n' = |m, _| refuse(m, c"tcsetpgrp");
    "cfgetispeed" "n" b'n' = |m, [t, ..]| m.mem.u32(Addr::from_word(t) + ISPEED) as Word;
    "cfgetospeed" "n" b'n' = |m, [t, ..]| m.mem.u32(Addr::from_word(t) + OSPEED) as Word;
    "cfsetispeed" "nn" b'n' = |m, [t, speed, ..]| set_speed(m, t, ISPEED, speed);
    "cfsetospeed" "nn" b'n' = |m, [t, speed, ..]| set_speed(m, t, OSPEED, speed);
    "ctermid" "n" b'n' = |m, [buf, ..]| terminal_name(m, buf);
    "ttyname" "n" b'n' = |m, [fd, ..]| if is_terminal(m, fd) { terminal_name(m, 0) } else { 0 };
    "ptsname" "n" b'n' = |m, _| fail_null(m, ENOTTY);
    "__hscore_get_saved_termios" "n" b'n' = |m, [fd, ..]| saved(fd).map_or(0, |at| m.mem.word(at));
    "__hscore_set_saved_termios" "nn" b'v' = |m, [fd, termios, ..]| {
        if let Some(at) = saved(fd) {
            m.mem.set_word(at, termios);
        }
        0
    };
    "setupterm" "nnn" b'n' = |m, [_, _, error, ..]| setupterm(m, error);
    "set_curterm" "n" b'n' = |_, _| 0;
    "del_curterm" "n" b'n' = |_, _| 0;
    "tigetflag" "n" b'n' = |_, _| FAILED;
    "tigetnum" "n" b'n' = |_, _| FAILED;
    "tigetstr" "n" b'n' = |_, _| 0;
    "tparm" "nnnnnnnnnn" b'n' = |_, _| 0;
    "tputs" "nnn" b'n' = |m, _| fail(m, ENOTTY);
}
