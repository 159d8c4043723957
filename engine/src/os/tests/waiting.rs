//! Calls that wait, and what ends them.

use super::{Arg, World};
use crate::os::object::flags::NONBLOCK;
use crate::os::{Access, Policy};
use bcvm::abi::system::System;
use rustix::io::Errno;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// Much longer than a test takes, in nanoseconds.
const LONG: u64 = 60_000_000_000;

fn pollfd(fd: i32, events: u16) -> Vec<u8> {
    [&fd.to_le_bytes()[..], &events.to_le_bytes(), &[0, 0]].concat()
}

/// Signals soon, from another thread.
fn stop_soon(w: &World) -> thread::JoinHandle<()> {
    let wake = Arc::clone(w.os.wake());
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(30));
        wake.signal();
    })
}

#[test]
fn a_stop_ends_whatever_waits() {
    let mut w = World::with(Policy::strict());
    w.call(System::Pipe, &[Arg::Room(8), Arg::Word(0)]).unwrap();
    let begun = Instant::now();
    for turn in 0..4 {
        let stopper = stop_soon(&w);
        let answer = match turn {
            0 => w.read(3, 1).map(|_| 0),
            1 => w.raw(System::Nanosleep, &[LONG]),
            2 => w.call(System::Poll, &[Arg::Input(&pollfd(3, 1)), Arg::Word(60_000)]),
            _ => (0..100).map(|_| w.write(4, &[0; 4096])).find(Result::is_err).expect("a full pipe"),
        };
        stopper.join().unwrap();
        assert_eq!(answer, Err(Errno::INTR), "turn {turn}");
    }
    // A stop that was asked for before is not waited out either.
    w.memory.stop.set(true);
    assert_eq!(w.raw(System::Nanosleep, &[LONG]), Err(Errno::INTR));
    // Who only looks is answered all the same: C code asks again at EINTR.
    w.memory.stop.set(true);
    assert_eq!(w.call(System::Poll, &[Arg::Input(&pollfd(4, 4)), Arg::Word(0)]), Ok(0));
    assert_eq!(w.call(System::Poll, &[Arg::Input(&pollfd(3, 1)), Arg::Word(60_000)]), Ok(1));
    // One that has been obeyed is forgotten.
    w.memory.stop.set(false);
    assert_eq!(w.raw(System::Nanosleep, &[1000]), Ok(0));
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[test]
fn who_does_not_want_to_wait_does_not() {
    let mut w = World::with(Policy::strict());
    w.call(System::Pipe, &[Arg::Room(8), Arg::Word(NONBLOCK as u64)]).unwrap();
    assert_eq!(w.read(3, 1), Err(Errno::AGAIN));
    let full = (0..100).map(|_| w.write(4, &[0; 4096])).find(Result::is_err);
    assert_eq!(full, Some(Err(Errno::AGAIN)));
}

#[test]
fn polling() {
    const IN: u16 = 1;
    const OUT: u16 = 4;
    const NVAL: u16 = 0x20;
    let mut w = World::with(Policy::strict());
    w.call(System::Pipe, &[Arg::Room(8), Arg::Word(0)]).unwrap();
    let revents = |w: &World, n: usize| -> Vec<u16> {
        let bytes = w.memory.bytes.borrow()[..8 * n].to_vec();
        bytes.chunks(8).map(|fd| u16::from_le_bytes([fd[6], fd[7]])).collect()
    };
    assert_eq!(w.call(System::Poll, &[Arg::Input(&pollfd(3, IN)), Arg::Word(0)]), Ok(0));
    w.write(4, b"x").unwrap();
    let fds = [pollfd(3, IN), pollfd(4, OUT), pollfd(-1, IN), pollfd(99, IN), pollfd(0, IN)].concat();
    assert_eq!(w.call(System::Poll, &[Arg::Input(&fds), Arg::Word(u64::MAX)]), Ok(4));
    assert_eq!(revents(&w, 5), [IN, OUT, 0, NVAL, IN]);
    assert_eq!(w.call(System::Poll, &[Arg::Room(8 * 1025), Arg::Word(0)]), Err(Errno::INVAL));
}

#[test]
fn the_scheduler_waits() {
    let mut w = World::with(Policy::strict());
    w.call(System::Pipe, &[Arg::Room(8), Arg::Word(0)]).unwrap();
    let soon = w.os.now_ns() + 20_000_000;
    assert_eq!(w.os.wait(&w.memory, &[(3, false)], Some(soon)), [false]);
    assert!(w.os.now_ns() >= soon);
    assert_eq!(w.os.wait(&w.memory, &[(3, false), (4, true), (77, false)], None), [false, true, true]);
    let stopper = stop_soon(&w);
    assert_eq!(w.os.wait(&w.memory, &[(3, false)], None), [false]);
    stopper.join().unwrap();
    assert_eq!(w.os.wait(&w.memory, &[], Some(0)), [false; 0]);
}

#[test]
fn a_stop_ends_a_long_way_through_a_directory() {
    const FILES: u64 = 5000;
    let mut w = World::new(Access::Read);
    for n in 0..FILES {
        super::put(w.host(&n.to_string()), "");
    }
    let dir = w.open(".", 0).unwrap() as u64;
    let next = |w: &mut World| w.call(System::Readdir, &[Arg::Word(dir), Arg::Room(280)]);
    // All but the last, of those and itself and its parent.
    w.raw(System::Seekdir, &[dir, FILES + 1]).unwrap();
    w.memory.stop.set(true);
    let stops = (0..).find(|_| next(&mut w) != Err(Errno::INTR)).unwrap();
    assert!(stops > 0, "it goes on from where it was");
    w.memory.stop.set(false);
    assert_eq!(next(&mut w), Ok(0), "that was the last");
}
