//! Processes, and what a program may ask about the system (`unistd.h`, `sys/wait.h`, `spawn.h`, `dlfcn.h`).
//!
//! There is one process and there will be no other: what would make one is refused, and recorded.

use super::area::TEXT;
use super::call::{FAILED, fail, fail_null, refuse, system, write_text};
use crate::abi::system::System;
use crate::interp::machine::Machine;
use crate::libc::errno::{ECHILD, EINVAL, ENOSYS, EPERM};
use crate::libc::table::functions;
use crate::word::{Addr, Word};

/// What the sandbox calls its machine.
pub const HOST_NAME: &str = "sandbox";

/// Numbers of [`System::Identity`].
const PID: Word = 0;
const PARENT: Word = 1;

/// The most descriptors that the host gives; what `sysconf` and `getrlimit` say.
const OPEN_MAX: Word = 256;

/// `sysconf`.
fn sysconf(m: &mut Machine, name: Word) -> Word {
    match name as i32 {
        0 => 2 << 20,
        1 => 1,
        2 => 100,
        3 => 65_536,
        4 => OPEN_MAX,
        30 => 4096,
        69 | 70 => 1024,
        83 | 84 => 1,
        5..=248 => FAILED,
        _ => fail(m, EINVAL),
    }
}

/// `getrlimit`.
fn getrlimit(m: &mut Machine, which: Word, buf: Word) -> Word {
    const NOFILE: Word = 7;
    if which > 15 {
        return fail(m, EINVAL);
    }
    let limit = if which == NOFILE { OPEN_MAX } else { Word::MAX };
    m.mem.set_word(Addr::from_word(buf), limit);
    m.mem.set_word(Addr::from_word(buf).offset_w(1), limit);
    0
}

/// `uname`: five texts of 65 bytes, and a sixth.
fn uname(m: &mut Machine, buf: Word) -> Word {
    const FIELD_BYTES: u32 = 65;
    let texts = ["Linux", HOST_NAME, "5.0", "bcvm", "x86_64", "(none)"];
    for (i, text) in texts.into_iter().enumerate() {
        write_text(m, Addr::from_word(buf) + FIELD_BYTES * i as u32, text);
    }
    0
}

/// `getpgid`, which knows of one process.
fn getpgid(m: &mut Machine, of: Word) -> Word {
    let own = system(m, System::Identity, &[PID]);
    if of as i32 == 0 || of as i32 == own as i32 { own } else { fail(m, EPERM) }
}

/// As [`refuse`], for functions that answer an errno.
fn refuse_errno(m: &mut Machine, what: &'static core::ffi::CStr) -> Word {
    refuse(m, what);
    EPERM as Word
}

functions! {
    "getpid" "" b'n' = |m, _| system(m, System::Identity, &[PID]);
    "getppid" "" b'n' = |m, _| system(m, System::Identity, &[PARENT]);
    "getpgrp" "" b'n' = |m, _| system(m, System::Identity, &[PID]);
    "getpgid" "n" b'n' = |m, [of, ..]| getpgid(m, of);
    "getpriority" "nn" b'n' = |_, _| 0;
    "nice" "n" b'n' = |m, [by, ..]| if by as i32 == 0 { 0 } else { refuse(m, c"nice") };
    "setpriority" "nnn" b'n' = |m, _| refuse(m, c"setpriority");
    "setpgid" "nn" b'n' = |m, _| refuse(m, c"setpgid");
    "setsid" "" b'n' = |m, _| refuse(m, c"setsid");
    "fork" "" b'n' = |m, _| refuse(m, c"fork");
    "vfork" "" b'n' = |m, _| refuse(m, c"vfork");
    "execv" "nn" b'n' = |m, _| refuse(m, c"execv");
    "execve" "nnn" b'n' = |m, _| refuse(m, c"execve");
    "execvp" "nn" b'n' = |m, _| refuse(m, c"execvp");
    "execvpe" "nnn" b'n' = |m, _| refuse(m, c"execvpe");
    "posix_spawnp" "nnnnnn" b'n' = |m, _| refuse_errno(m, c"posix_spawnp");
    "posix_spawn_file_actions_init" "n" b'n' = |_, _| 0;
    "posix_spawn_file_actions_destroy" "n" b'n' = |_, _| 0;
    "posix_spawn_file_actions_addclose" "nn" b'n' = |_, _| 0;
    "posix_spawn_file_actions_adddup2" "nnn" b'n' = |_, _| 0;
    "posix_spawnattr_init" "n" b'n' = |_, _| 0;
    "posix_spawnattr_destroy" "n" b'n' = |_, _| 0;
    "posix_spawnattr_setflags" "nn" b'n' = |_, _| 0;
    "posix_spawnattr_setsigdefault" "nn" b'n' = |_, _| 0;
    "system" "n" b'n' = |m, [command, ..]| if command == 0 { 0 } else { refuse(m, c"system") };
    "daemon" "nn" b'n' = |m, _| refuse(m, c"daemon");
    "chroot" "n" b'n' = |m, _| refuse(m, c"chroot");
    "forkpty" "nnnn" b'n' = |m, _| refuse(m, c"forkpty");
    "wait" "n" b'n' = |m, _| fail(m, ECHILD);
    // The system's log is not the program's.
    "openlog" "nnn" b'v' = |_, _| 0;
    "syslog" "nn..." b'v' = |m, _| { refuse(m, c"syslog"); 0 };
    "closelog" "" b'v' = |_, _| 0;
    "setlogmask" "n" b'n' = |_, _| 0xff;
    // Timers and changes of files are waited for with what there is: sleeping, and looking.
    "timer_create" "nnn" b'n' = |m, _| fail(m, ENOSYS);
    "timer_settime" "nnnn" b'n' = |m, _| fail(m, ENOSYS);
    "timer_delete" "n" b'n' = |m, _| fail(m, ENOSYS);
    "timerfd_create" "nn" b'n' = |m, _| fail(m, ENOSYS);
    "timerfd_settime" "nnnn" b'n' = |m, _| fail(m, ENOSYS);
    "inotify_init" "" b'n' = |m, _| fail(m, ENOSYS);
    "inotify_init1" "n" b'n' = |m, _| fail(m, ENOSYS);
    "inotify_add_watch" "nnn" b'n' = |m, _| fail(m, EINVAL);
    "inotify_rm_watch" "nn" b'n' = |m, _| fail(m, EINVAL);
    "waitpid" "nnn" b'n' = |m, _| fail(m, ECHILD);
    "sysconf" "n" b'n' = |m, [name, ..]| sysconf(m, name);
    "uname" "n" b'n' = |m, [buf, ..]| uname(m, buf);
    "getrlimit" "nn" b'n' = |m, [which, buf, ..]| getrlimit(m, which, buf);
    "setrlimit" "nn" b'n' = |m, _| refuse(m, c"setrlimit");
    "sem_open" "nnnn" b'n' = |m, _| fail_null(m, ENOSYS);
    "sem_close" "n" b'n' = |m, _| fail(m, EINVAL);
    "sem_unlink" "n" b'n' = |m, _| fail(m, ENOSYS);
    "sem_wait" "n" b'n' = |m, _| fail(m, EINVAL);
    "sem_trywait" "n" b'n' = |m, _| fail(m, EINVAL);
    "sem_post" "n" b'n' = |m, _| fail(m, EINVAL);
    "sem_getvalue" "nn" b'n' = |m, _| fail(m, EINVAL);
    "shm_open" "nnn" b'n' = |m, _| refuse(m, c"shm_open");
    "shm_unlink" "n" b'n' = |m, _| refuse(m, c"shm_unlink");
    "dlopen" "nn" b'n' = |m, _| { refuse(m, c"dlopen"); 0 };
    "dlsym" "nn" b'n' = |_, _| 0;
    "dlclose" "n" b'n' = |m, _| fail(m, EINVAL);
    "dl_iterate_phdr" "nn" b'n' = |_, _| 0;
    "dlinfo" "nnn" b'n' = |m, _| fail(m, EINVAL);
    "dladdr" "nn" b'n' = |_, _| 0;
    "dlerror" "" b'n' = |m, _| write_text(m, TEXT, "the sandbox loads no shared libraries");
}
