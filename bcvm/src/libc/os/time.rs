//! Clocks, sleeping, and what a process has used (`time.h`, `sys/time.h`, `sys/resource.h`).

use super::area::SCRATCH;
use super::call::{FAILED, fail, system, try_system};
use crate::abi::system::System;
use crate::interp::machine::Machine;
use crate::libc::errno::{EINVAL, ENOSYS};
use crate::libc::table::functions;
use crate::word::{Addr, Word};

const REALTIME: Word = 0;
const MONOTONIC: Word = 1;

const NS_PER_S: Word = 1_000_000_000;
const NS_PER_US: Word = 1000;
/// Ticks per second of `times` (`sysconf(_SC_CLK_TCK)`).
const TICKS_PER_S: Word = 100;

const RUSAGE_BYTES: Word = 144;

/// Has the system write nanoseconds of a clock as seconds and `1/unit` seconds.
fn clock(m: &mut Machine, call: System, clock: Word, at: Word, ns_per_unit: Word) -> Word {
    match try_system(m, call, &[clock]) {
        Ok(ns) => {
            if at != 0 {
                write_time(m, at, ns / NS_PER_S, ns % NS_PER_S / ns_per_unit);
            }
            0
        }
        Err(number) => fail(m, number),
    }
}

fn write_time(m: &mut Machine, at: Word, seconds: Word, fraction: Word) {
    m.mem.set_word(Addr::from_word(at), seconds);
    m.mem.set_word(Addr::from_word(at).offset_w(1), fraction);
}

/// `time`.
fn time(m: &mut Machine, at: Word) -> Word {
    match try_system(m, System::ClockGettime, &[REALTIME]) {
        Ok(ns) => {
            let seconds = ns / NS_PER_S;
            if at != 0 {
                m.mem.set_word(Addr::from_word(at), seconds);
            }
            seconds
        }
        Err(number) => fail(m, number),
    }
}

/// The monotonic clock; 0 where there is none (`getMonotonicNSec` and `getProcessElapsedTime` of `rts/posix/GetTime.c`,
/// which cannot fail).
fn monotonic(m: &mut Machine) -> Word {
    try_system(m, System::ClockGettime, &[MONOTONIC]).unwrap_or(0)
}

/// `times`: children have used nothing, as there are none.
fn times(m: &mut Machine, buf: Word) -> Word {
    const SELF: Word = 0;
    if system(m, System::Getrusage, &[SELF, SCRATCH.word(), RUSAGE_BYTES]) == FAILED {
        return FAILED;
    }
    for i in 0..2 {
        let at = SCRATCH.offset_w(2 * i);
        let ticks = m.mem.word(at) * TICKS_PER_S + m.mem.word(at.offset_w(1)) / (1_000_000 / TICKS_PER_S);
        m.mem.set_word(Addr::from_word(buf).offset_w(i), ticks);
        m.mem.set_word(Addr::from_word(buf).offset_w(2 + i), 0);
    }
    monotonic(m) / (NS_PER_S / TICKS_PER_S)
}

/// Sleeps, and answers the nanoseconds that were left when it was interrupted.
fn sleep(m: &mut Machine, ns: Word) -> Result<(), (i32, Word)> {
    let until = monotonic(m).saturating_add(ns);
    match try_system(m, System::Nanosleep, &[ns]) {
        Ok(_) => Ok(()),
        Err(number) => Err((number, until.saturating_sub(monotonic(m)))),
    }
}

/// `clock`: microseconds of the processor's time.
fn processor_time(m: &mut Machine) -> Word {
    const SELF: Word = 0;
    if system(m, System::Getrusage, &[SELF, SCRATCH.word(), RUSAGE_BYTES]) == FAILED {
        return FAILED;
    }
    let part = |i: u32| m.mem.word(SCRATCH.offset_w(i));
    (part(0) + part(2)) * 1_000_000 + part(1) + part(3)
}

/// `clock_nanosleep`: for a time, or with `TIMER_ABSTIME` until one.
fn clock_nanosleep(m: &mut Machine, id: Word, flags: Word, asked: Word) -> Result<(), (i32, Word)> {
    let at = Addr::from_word(asked);
    let (seconds, ns) = (m.mem.word(at), m.mem.word(at.offset_w(1)));
    if ns >= NS_PER_S || seconds > i64::MAX as Word {
        return Err((EINVAL, 0));
    }
    let asked = seconds.saturating_mul(NS_PER_S).saturating_add(ns);
    let since = match flags {
        0 => 0,
        _ => try_system(m, System::ClockGettime, &[id]).map_err(|number| (number, 0))?,
    };
    sleep(m, asked.saturating_sub(since))
}

fn nanosleep(m: &mut Machine, asked: Word, remaining: Word) -> Word {
    let at = Addr::from_word(asked);
    let (seconds, ns) = (m.mem.word(at), m.mem.word(at.offset_w(1)));
    if ns >= NS_PER_S || seconds > i64::MAX as Word {
        return fail(m, EINVAL);
    }
    match sleep(m, seconds.saturating_mul(NS_PER_S).saturating_add(ns)) {
        Ok(()) => 0,
        Err((number, left)) => {
            if remaining != 0 {
                write_time(m, remaining, left / NS_PER_S, left % NS_PER_S);
            }
            fail(m, number)
        }
    }
}

functions! {
    "clock_gettime" "nn" b'n' = |m, [id, at, ..]| clock(m, System::ClockGettime, id, at, 1);
    "clock_getres" "nn" b'n' = |m, [id, at, ..]| clock(m, System::ClockGetres, id, at, 1);
    "gettimeofday" "nn" b'n' = |m, [at, ..]| clock(m, System::ClockGettime, REALTIME, at, NS_PER_US);
    "time" "n" b'n' = |m, [at, ..]| time(m, at);
    "times" "n" b'n' = |m, [buf, ..]| times(m, buf);
    "getrusage" "nn" b'n' = |m, [who, buf, ..]| system(m, System::Getrusage, &[who, buf, RUSAGE_BYTES]);
    "clock" "" b'n' = |m, _| processor_time(m);
    "clock_nanosleep" "nnnn" b'n' = |m, [id, flags, asked, remaining, ..]| match clock_nanosleep(m, id, flags, asked) {
        Ok(()) => 0,
        Err((number, left)) => {
            if remaining != 0 && flags == 0 {
                write_time(m, remaining, left / NS_PER_S, left % NS_PER_S);
            }
            number as Word
        }
    };
    "clock_getcpuclockid" "nn" b'n' = |_, _| ENOSYS as Word;
    "timespec_get" "nn" b'n' = |m, [at, base, ..]| match clock(m, System::ClockGettime, REALTIME, at, 1) {
        0 => base,
        _ => 0,
    };
    "nanosleep" "nn" b'n' = |m, [asked, remaining, ..]| nanosleep(m, asked, remaining);
    "usleep" "n" b'n' = |m, [us, ..]| system(m, System::Nanosleep, &[(us as u32 as Word) * NS_PER_US]);
    "sleep" "n" b'n' = |m, [s, ..]| match sleep(m, (s as u32 as Word) * NS_PER_S) {
        Ok(()) => 0,
        Err((_, left)) => left.div_ceil(NS_PER_S),
    };
    "getMonotonicNSec" "" b'n' = |m, _| monotonic(m);
    "getProcessElapsedTime" "" b'n' = |m, _| monotonic(m);
}
