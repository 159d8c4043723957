//! Users and groups (`unistd.h`, `pwd.h`, `grp.h`): numbers are the process's, and no data base knows a name.

use super::call::{fail, fail_null, refuse, system};
use crate::abi::system::System;
use crate::interp::machine::Machine;
use crate::libc::errno::{EINVAL, ENOENT};
use crate::libc::table::functions;
use crate::word::{Addr, Word};

/// Numbers of [`System::Identity`].
const UID: Word = 2;
const EUID: Word = 3;
const GID: Word = 4;
const EGID: Word = 5;

/// The `…_r` functions: no error, and no entry.
fn no_entry(m: &mut Machine, result: Word) -> Word {
    m.mem.set_word(Addr::from_word(result), 0);
    0
}

functions! {
    "getuid" "" b'n' = |m, _| system(m, System::Identity, &[UID]);
    "geteuid" "" b'n' = |m, _| system(m, System::Identity, &[EUID]);
    "getgid" "" b'n' = |m, _| system(m, System::Identity, &[GID]);
    "getegid" "" b'n' = |m, _| system(m, System::Identity, &[EGID]);
    "getgroups" "nn" b'n' = |m, [n, ..]| if (n as i32) < 0 { fail(m, EINVAL) } else { 0 };
    "setuid" "n" b'n' = |m, _| refuse(m, c"setuid");
    "seteuid" "n" b'n' = |m, _| refuse(m, c"seteuid");
    "setgid" "n" b'n' = |m, _| refuse(m, c"setgid");
    "setegid" "n" b'n' = |m, _| refuse(m, c"setegid");
    "setgroups" "nn" b'n' = |m, _| refuse(m, c"setgroups");
    "initgroups" "nn" b'n' = |m, _| refuse(m, c"initgroups");
    "getlogin" "" b'n' = |m, _| fail_null(m, ENOENT);
    "getpwnam_r" "nnnnn" b'n' = |m, [_, _, _, _, result, ..]| no_entry(m, result);
    "getpwuid_r" "nnnnn" b'n' = |m, [_, _, _, _, result, ..]| no_entry(m, result);
    "getgrnam_r" "nnnnn" b'n' = |m, [_, _, _, _, result, ..]| no_entry(m, result);
    "getgrgid_r" "nnnnn" b'n' = |m, [_, _, _, _, result, ..]| no_entry(m, result);
    "getpwent" "" b'n' = |_, _| 0;
    "setpwent" "" b'v' = |_, _| 0;
    "endpwent" "" b'v' = |_, _| 0;
    "getgrent" "" b'n' = |_, _| 0;
    "setgrent" "" b'v' = |_, _| 0;
    "endgrent" "" b'v' = |_, _| 0;
}
