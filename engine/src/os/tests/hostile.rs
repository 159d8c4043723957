//! Arguments that no honest program passes.

use super::{Access, Arg, BASE, SIZE, World, put};
use bcvm::abi::system::{ARGS, System};
use proptest::prelude::*;
use rustix::io::Errno;

#[test]
fn wild_pointers() {
    let mut w = World::new(Access::ReadWrite);
    put(w.host("file"), "some text");
    let fd = w.open("file", 2).unwrap() as u64;
    for addr in [0, 8, u64::from(BASE) - 1, u64::from(BASE + SIZE), u64::from(u32::MAX), 1 << 32, u64::MAX] {
        assert_eq!(w.raw(System::Read, &[fd, addr, 10]), Err(Errno::FAULT), "{addr:#x}");
        assert_eq!(w.raw(System::Write, &[fd, addr, 10]), Err(Errno::FAULT), "{addr:#x}");
        assert_eq!(w.raw(System::Open, &[addr, 0, 0]), Err(Errno::FAULT), "{addr:#x}");
        assert_eq!(w.raw(System::Fstat, &[fd, addr, 144]), Err(Errno::FAULT), "{addr:#x}");
    }
    // Lengths that overflow, and those that memory does not have.
    for len in [u64::MAX, u64::from(u32::MAX), u64::from(SIZE) + 1] {
        assert_eq!(w.raw(System::Read, &[fd, u64::from(BASE), len]), Err(Errno::FAULT), "{len:#x}");
    }
    assert_eq!(w.raw(System::Fstat, &[fd, u64::from(BASE), 100]), Err(Errno::RANGE));
    // No input was lost by it.
    assert_eq!(w.read(fd as i64, 100).unwrap(), b"some text");
}

#[test]
fn strings_without_an_end() {
    let mut w = World::new(Access::ReadWrite);
    w.memory.bytes.borrow_mut().fill(b'a');
    assert_eq!(w.raw(System::Open, &[u64::from(BASE), 0, 0]), Err(Errno::NAMETOOLONG));
    assert_eq!(w.raw(System::Open, &[u64::from(BASE + SIZE - 10), 0, 0]), Err(Errno::FAULT));
    let long = "x".repeat(4090);
    assert_eq!(w.open(&long, 0), Err(Errno::NAMETOOLONG));
}

#[test]
fn descriptors_that_are_none() {
    let mut w = World::new(Access::ReadWrite);
    for fd in [3, 255, 256, i32::MAX as u64, u64::from(u32::MAX), i32::MIN as u32 as u64] {
        assert_eq!(w.raw(System::Read, &[fd, u64::from(BASE), 1]), Err(Errno::BADF));
        assert_eq!(w.raw(System::Dup2, &[fd, 5]), Err(Errno::BADF));
        assert_eq!(w.raw(System::Dup2, &[0, fd]).is_ok(), fd < 256, "{fd}");
        w.raw(System::Close, &[fd]).ok();
    }
}

#[test]
fn there_is_an_end_to_opening() {
    let mut w = World::new(Access::ReadWrite);
    put(w.host("file"), "");
    let last = (0..1000).map(|_| w.open("file", 0)).find(Result::is_err);
    assert_eq!(last, Some(Err(Errno::MFILE)));
    assert_eq!(w.call(System::Pipe, &[Arg::Room(8), Arg::Word(0)]), Err(Errno::MFILE));
    assert_eq!(w.raw(System::Eventfd, &[0, 0]), Err(Errno::MFILE));
}

proptest! {
    /// Whatever is asked, there is an answer, at once.
    #[test]
    fn anything_has_an_answer(
        calls in prop::collection::vec((0u32..60, prop::array::uniform6(word())), 1..20),
    ) {
        let mut w = World::new(Access::ReadWrite);
        // Whoever would wait is told to stop.
        w.memory.stop.set(true);
        for (call, args) in calls {
            let args: [u64; ARGS] = args;
            let answer = w.os.system(&w.memory, call, args);
            prop_assert!(answer >= -4095);
        }
    }
}

/// Words that are descriptors, small numbers, addresses, or anything.
fn word() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => 0..16u64,
        2 => (0..u64::from(SIZE)).prop_map(|offset| u64::from(BASE) + offset),
        1 => Just(u64::from(BASE + SIZE) - 1),
        1 => any::<u64>(),
        1 => any::<i32>().prop_map(|n| n as u64),
    ]
}
