//! Standard streams, pipes, environment, clocks.

use super::{Arg, World};
use crate::os::process::codeset;
use crate::os::{Clock, Input, Output, Policy, Randomness, Stream};
use bcvm::abi::system::System;
use rustix::io::Errno;
use std::ffi::OsString;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

/// A sink that can be looked at.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn provided_streams() {
    let sink = Sink::default();
    let policy = Policy::strict()
        .stdin(Stream::Input(Input::new(&b"typed"[..])))
        .stdout(Stream::Output(Output::new(sink.clone())));
    let mut w = World::with(policy);
    assert_eq!(w.read(0, 3).unwrap(), b"typ");
    assert_eq!(w.read(0, 30).unwrap(), b"ed");
    assert_eq!(w.read(0, 30).unwrap(), b"");
    let copy = w.raw(System::Dup, &[1]).unwrap();
    assert_eq!(w.write(1, b"one "), Ok(4));
    assert_eq!(w.write(copy, b"two"), Ok(3));
    assert_eq!(*sink.0.lock().unwrap(), b"one two");
    assert_eq!(w.write(0, b"x"), Err(Errno::BADF));
    assert_eq!(w.read(1, 1), Err(Errno::BADF));
    assert_eq!(w.raw(System::Isatty, &[1]), Err(Errno::NOTTY));
    assert_eq!(w.raw(System::Lseek, &[1, 0, 0]), Err(Errno::SPIPE));
    assert_eq!(w.call(System::Fstat, &[Arg::Word(1), Arg::Room(144)]), Ok(0));
    // Closed streams leave their numbers to others.
    assert_eq!(w.raw(System::Close, &[0]), Ok(0));
    assert_eq!(w.raw(System::Eventfd, &[3, 0]), Ok(0));
    assert_eq!(w.read(0, 8).unwrap(), 3u64.to_le_bytes());
}

#[test]
fn inherited_output_is_not_closed() {
    let mut w = World::with(Policy::strict().stderr(Stream::Inherit));
    assert_eq!(w.raw(System::Close, &[2]), Ok(0));
    assert_eq!(w.write(2, b"x"), Err(Errno::BADF));
    assert!(rustix::io::fcntl_getfd(rustix::stdio::stderr()).is_ok());
}

#[test]
fn pipes() {
    let mut w = World::with(Policy::strict());
    assert_eq!(w.call(System::Pipe, &[Arg::Room(8), Arg::Word(0)]), Ok(0));
    assert_eq!(w.out(8), [3, 0, 0, 0, 4, 0, 0, 0]);
    assert_eq!(w.write(4, b"through"), Ok(7));
    assert_eq!(w.read(3, 100).unwrap(), b"through");
    assert_eq!(w.write(3, b"back"), Err(Errno::BADF));
    w.raw(System::Close, &[4]).unwrap();
    assert_eq!(w.read(3, 1).unwrap(), b"");
}

#[test]
fn environment() {
    let mut w = World::with(Policy::strict().environment("TERM", "dumb").environment("LANG", ""));
    assert_eq!(w.call(System::Environ, &[Arg::Room(0)]), Ok(16));
    assert_eq!(w.call(System::Environ, &[Arg::Room(100)]), Ok(16));
    assert_eq!(w.out(16), b"TERM=dumb\0LANG=\0");
}

#[test]
fn what_a_repl_gets_of_the_environment() {
    let granted = format!("{:?}", Policy::repl().environment);
    assert!(!granted.contains("\"PATH\"") && !granted.contains("\"USER\""), "{granted}");
}

#[test]
fn codesets() {
    let with = |vars: &[(&str, &str)]| {
        codeset(|name| vars.iter().find(|(n, _)| *n == name).map(|(_, value)| OsString::from(value)))
    };
    assert_eq!(with(&[]), "ANSI_X3.4-1968");
    assert_eq!(with(&[("LANG", "C")]), "ANSI_X3.4-1968");
    assert_eq!(with(&[("LANG", "C.UTF-8")]), "UTF-8");
    assert_eq!(with(&[("LANG", "de_DE.utf8@euro"), ("LC_ALL", "")]), "UTF-8");
    assert_eq!(with(&[("LANG", "C.UTF-8"), ("LC_ALL", "POSIX")]), "ANSI_X3.4-1968");
    assert_eq!(with(&[("LC_CTYPE", "ru_RU.koi8-r")]), "KOI8-R");
    assert_eq!(with(&[("LANG", "de_DE")]), "ISO-8859-1");
    assert_eq!(with(&[("LANG", "x.\u{1b}[2J")]), "ISO-8859-1");
}

#[test]
fn clocks_that_tell_less() {
    for (clock, at) in [(Clock::Frozen(0), 0), (Clock::Frozen(1_700_000_000), 1_700_000_000)] {
        let mut w = World::with(Policy::strict().clock(clock));
        assert_eq!(w.raw(System::ClockGettime, &[0]), Ok(at * 1_000_000_000));
        // What else there is to measure with stands still as well.
        for other in [1, 2, 3, 4, 6, 7] {
            assert_eq!(w.raw(System::ClockGettime, &[other]), Ok(0), "clock {other}");
        }
        w.call(System::LocalZone, &[Arg::Word(0), Arg::Room(64)]).unwrap();
        assert_eq!(w.out(12), *b"\0\0\0\0\0\0\0\0UTC\0");
    }
    let mut w = World::with(Policy::strict().clock(Clock::Coarse));
    for clock in 0..8 {
        let shown = w.raw(System::ClockGettime, &[clock]).unwrap();
        assert_eq!(shown % 1_000_000_000, 0, "clock {clock}");
    }
    assert!(w.raw(System::ClockGettime, &[0]).unwrap() > 1_600_000_000_000_000_000);
}

#[test]
fn random_numbers_of_a_seed() {
    let draw = |randomness| {
        let mut w = World::with(Policy::strict().randomness(randomness));
        (0..3)
            .flat_map(|_| w.call(System::Getrandom, &[Arg::Room(40)]).map(|_| w.out(40)).unwrap())
            .collect::<Vec<u8>>()
    };
    let one = draw(Randomness::Seeded(1));
    assert_eq!(one, draw(Randomness::Seeded(1)));
    assert_ne!(one, draw(Randomness::Seeded(2)));
    assert_ne!(one[..40], one[40..80]);
    assert_ne!(draw(Randomness::Real), draw(Randomness::Real));
}

#[test]
fn clocks() {
    let mut w = World::with(Policy::strict().clock(Clock::Real).environment("TZ", "CET-1CEST,M3.5.0,M10.5.0/3"));
    let a = w.raw(System::ClockGettime, &[1]).unwrap();
    let b = w.raw(System::ClockGettime, &[1]).unwrap();
    assert!(0 < a && a <= b);
    assert_eq!(w.raw(System::ClockGettime, &[77]), Err(Errno::INVAL));
    assert!(w.raw(System::ClockGetres, &[0]).unwrap() > 0);
    for (seconds, offset, summer, name) in [(1_700_000_000, 3600, 0, "CET"), (1_720_000_000, 7200, 1, "CEST")] {
        w.call(System::LocalZone, &[Arg::Word(seconds), Arg::Room(64)]).unwrap();
        let out = w.out(8 + name.len() + 1);
        assert_eq!(i32::from_le_bytes(out[..4].try_into().unwrap()), offset);
        assert_eq!((out[4], &out[8..8 + name.len()]), (summer, name.as_bytes()));
    }
    assert!(w.call(System::LocalZone, &[Arg::Word(i64::MAX as u64), Arg::Room(64)]).is_err());
    assert!(w.call(System::Getrusage, &[Arg::Word(0), Arg::Room(144)]).is_ok());
    assert_eq!(w.call(System::Getrandom, &[Arg::Room(16)]), Ok(16));
    assert_ne!(w.out(16), [0; 16]);
}
