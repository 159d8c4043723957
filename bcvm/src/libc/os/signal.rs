//! Signals (`signal.h`): there are none. Handlers and masks can be set and never matter; sending one is refused.

use super::call::{fail, refuse, system};
use crate::abi::system::System;
use crate::interp::machine::Machine;
use crate::libc::errno::{EINTR, EINVAL};
use crate::libc::table::functions;
use crate::word::{Addr, WORD, Word};

/// Words of a `sigset_t`, bytes of a `struct sigaction`.
const SIGSET_W: u32 = 16;
const SIGACTION_BYTES: u32 = 152;
/// Signals are 1 to this.
const SIGNALS: Word = 64;

fn fill_set(m: &mut Machine, set: Word, with: Word) -> Word {
    m.mem.fill_words(Addr::from_word(set), SIGSET_W, with);
    0
}

/// The old mask or handler, for who asks: nothing was set.
fn clear_old(m: &mut Machine, old: Word, bytes: u32) -> Word {
    if old != 0 {
        m.mem.fill_words(Addr::from_word(old), bytes / WORD, 0);
    }
    0
}

/// Looks at the word of a set that holds signal `n` and at its bit in it, and has `change` say what the word becomes
/// and what the answer is.
fn with_bit(m: &mut Machine, set: Word, n: Word, change: fn(Word, Word) -> (Word, Word)) -> Word {
    let n = n as u32 as Word;
    if n == 0 || n > SIGNALS {
        return fail(m, EINVAL);
    }
    let at = Addr::from_word(set);
    let (new, answer) = change(m.mem.word(at), 1 << (n - 1));
    m.mem.set_word(at, new);
    answer
}

/// `sigsuspend` and `pause`: no signal will come, but a stop may.
fn suspend(m: &mut Machine) -> Word {
    system(m, System::Nanosleep, &[Word::MAX]);
    fail(m, EINTR)
}

functions! {
    "sigemptyset" "n" b'n' = |m, [set, ..]| fill_set(m, set, 0);
    "sigfillset" "n" b'n' = |m, [set, ..]| fill_set(m, set, Word::MAX);
    "sigaddset" "nn" b'n' = |m, [set, n, ..]| with_bit(m, set, n, |word, bit| (word | bit, 0));
    "sigdelset" "nn" b'n' = |m, [set, n, ..]| with_bit(m, set, n, |word, bit| (word & !bit, 0));
    "sigismember" "nn" b'n' = |m, [set, n, ..]| with_bit(m, set, n, |word, bit| (word, (word & bit != 0) as Word));
    "sigprocmask" "nnn" b'n' = |m, [_, _, old, ..]| clear_old(m, old, SIGSET_W * WORD);
    "sigaction" "nnn" b'n' = |m, [_, _, old, ..]| clear_old(m, old, SIGACTION_BYTES);
    "sigpending" "n" b'n' = |m, [set, ..]| fill_set(m, set, 0);
    "sigsuspend" "n" b'n' = |m, _| suspend(m);
    "pause" "" b'n' = |m, _| suspend(m);
    "signal" "nn" b'n' = |_, _| 0;
    "siginterrupt" "nn" b'n' = |_, _| 0;
    "setitimer" "nnn" b'n' = |m, _| refuse(m, c"setitimer");
    "kill" "nn" b'n' = |m, _| refuse(m, c"kill");
    "killpg" "nn" b'n' = |m, _| refuse(m, c"killpg");
    "raise" "n" b'n' = |m, _| refuse(m, c"raise");
    "alarm" "n" b'n' = |m, _| { refuse(m, c"alarm"); 0 };
    "blockUserSignals" "" b'v' = |_, _| 0;
    "unblockUserSignals" "" b'v' = |_, _| 0;
}
