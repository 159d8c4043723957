//! What can be done with files that are granted.

use super::{Access, Arg, World, put};
use crate::os::object::flags::{APPEND, CREAT, EXCL, NONBLOCK, RDWR, TRUNC, WRONLY};
use bcvm::abi::system::System;
use rustix::io::Errno;
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn write_seek_and_read() {
    let mut w = World::new(Access::ReadWrite);
    let fd = w.open("new", RDWR | CREAT | EXCL).unwrap();
    assert_eq!(w.write(fd, b"hello, world"), Ok(12));
    assert_eq!(w.call(System::Lseek, &[Arg::Word(fd as u64), Arg::Word(7), Arg::Word(0)]), Ok(7));
    assert_eq!(w.read(fd, 100).unwrap(), b"world");
    assert_eq!(w.read(fd, 100).unwrap(), b"");
    assert_eq!(fs::read_to_string(w.host("new")).unwrap(), "hello, world");
    assert_eq!(w.stat("new").unwrap(), (0o100_644, 12));
    assert_eq!(w.open("new", RDWR | CREAT | EXCL), Err(Errno::EXIST));
    assert_eq!(w.raw(System::Ftruncate, &[fd as u64, 5]), Ok(0));
    assert_eq!(w.raw(System::Close, &[fd as u64]), Ok(0));
    assert_eq!(w.read(fd, 1), Err(Errno::BADF));
    let fd = w.open("new", WRONLY | APPEND).unwrap();
    assert_eq!(w.read(fd, 1), Err(Errno::BADF));
    w.write(fd, b"!").unwrap();
    assert_eq!(fs::read_to_string(w.host("new")).unwrap(), "hello!");
    w.open("new", WRONLY | TRUNC).unwrap();
    assert_eq!(fs::read_to_string(w.host("new")).unwrap(), "");
}

#[test]
fn duplicates_share_the_place_in_the_file() {
    let mut w = World::new(Access::ReadWrite);
    put(w.host("file"), "abcdef");
    let fd = w.open("file", 0).unwrap();
    let dup = w.raw(System::Dup, &[fd as u64]).unwrap();
    assert_eq!(w.read(fd, 3).unwrap(), b"abc");
    w.raw(System::Close, &[fd as u64]).unwrap();
    assert_eq!(w.read(dup, 3).unwrap(), b"def");
    assert_eq!(w.raw(System::Dup2, &[dup as u64, 1]), Ok(1));
    assert_eq!(w.raw(System::Dup2, &[dup as u64, 100_000]), Err(Errno::BADF));
}

#[test]
fn flags() {
    const GETFD: u64 = 1;
    const SETFD: u64 = 2;
    const GETFL: u64 = 3;
    const SETFL: u64 = 4;
    let mut w = World::new(Access::ReadWrite);
    let fd = w.open("file", RDWR | CREAT | NONBLOCK).unwrap() as u64;
    assert_eq!(w.raw(System::Fcntl, &[fd, GETFL, 0]), Ok(i64::from(RDWR | NONBLOCK)));
    assert_eq!(w.raw(System::Fcntl, &[fd, SETFL, APPEND as u64]), Ok(0));
    assert_eq!(w.raw(System::Fcntl, &[fd, GETFL, 0]), Ok(i64::from(RDWR | APPEND)));
    assert_eq!(w.raw(System::Fcntl, &[fd, GETFD, 0]), Ok(0));
    assert_eq!(w.raw(System::Fcntl, &[fd, SETFD, 1]), Ok(0));
    assert_eq!(w.raw(System::Fcntl, &[fd, GETFD, 0]), Ok(1));
    assert_eq!(w.raw(System::Fcntl, &[99, GETFL, 0]), Err(Errno::BADF));
}

#[test]
fn directories() {
    let mut w = World::new(Access::ReadWrite);
    assert_eq!(w.on(System::Mkdir, "sub/"), Ok(0));
    assert_eq!(w.on(System::Mkdir, "sub"), Err(Errno::EXIST));
    put(w.host("sub/one"), "");
    put(w.host("sub/two"), "");
    let dir = w.open("sub", 0).unwrap();
    let list = |w: &mut World| {
        let mut names = Vec::new();
        while w.call(System::Readdir, &[Arg::Word(dir as u64), Arg::Room(280)]) == Ok(1) {
            let entry = w.out(280);
            let name: Vec<u8> = entry[19..].iter().copied().take_while(|b| *b != 0).collect();
            names.push((String::from_utf8(name).unwrap(), entry[18]));
        }
        names.sort();
        names
    };
    let expected = [(".", 4), ("..", 4), ("one", 8), ("two", 8)].map(|(name, kind)| (name.to_owned(), kind));
    assert_eq!(list(&mut w), expected);
    assert_eq!(list(&mut w), []);
    assert_eq!(w.raw(System::Seekdir, &[dir as u64, 1]), Ok(0));
    assert_eq!(list(&mut w).len(), 3);
    for (entries, left) in [(3, 1), (4, 0), (u64::MAX, 0), (0, 4)] {
        assert_eq!(w.raw(System::Seekdir, &[dir as u64, entries]), Ok(0));
        assert_eq!(list(&mut w).len(), left, "{entries}");
    }
    assert_eq!(w.on(System::Rmdir, "sub"), Err(Errno::NOTEMPTY));
    assert_eq!(w.on(System::Unlink, "sub/one"), Ok(0));
    assert_eq!(w.call(System::Rename, &[Arg::Path("sub/two"), Arg::Path("three")]), Ok(0));
    assert_eq!(w.on(System::Rmdir, "sub/"), Ok(0));
    assert!(w.host("three").is_file());
    assert_eq!(w.open("three/", 0), Err(Errno::NOTDIR));
    assert_eq!(w.stat("three/"), Err(Errno::NOTDIR));
    let file = w.open("three", 0).unwrap();
    assert_eq!(w.call(System::Readdir, &[Arg::Word(file as u64), Arg::Room(280)]), Err(Errno::NOTDIR));
}

#[test]
fn attributes() {
    let mut w = World::new(Access::ReadWrite);
    put(w.host("file"), "x");
    assert_eq!(w.call(System::Chmod, &[Arg::Path("file"), Arg::Word(0o6750)]), Ok(0));
    assert_eq!(fs::metadata(w.host("file")).unwrap().permissions().mode() & 0o7777, 0o750);
    let mut times = [0; 32];
    times[0..8].copy_from_slice(&1_000_000u64.to_le_bytes());
    times[16..24].copy_from_slice(&2_000_000u64.to_le_bytes());
    assert_eq!(w.call(System::Utimens, &[Arg::Path("file"), Arg::Word(1), Arg::Input(&times)]), Ok(0));
    w.stat("file").unwrap();
    let mtime = u64::from_le_bytes(w.out(144)[88..96].try_into().unwrap());
    assert_eq!(mtime, 2_000_000);
    assert_eq!(w.raw(System::Umask, &[0o077]), Ok(0o022));
    w.open("private", WRONLY | CREAT).unwrap();
    assert_eq!(w.stat("private").unwrap().0, 0o100_600);
    assert_eq!(w.call(System::Access, &[Arg::Path("file"), Arg::Word(4)]), Ok(0));
    assert_eq!(w.call(System::Access, &[Arg::Path("nothing"), Arg::Word(0)]), Err(Errno::NOENT));
    assert_eq!(w.call(System::Access, &[Arg::Path("file"), Arg::Word(0xFFFF)]), Err(Errno::INVAL));
}

#[test]
fn read_only() {
    let mut w = World::new(Access::Read);
    put(w.host("file"), "text");
    fs::create_dir(w.host("dir")).unwrap();
    let fd = w.open("file", 0).unwrap();
    assert_eq!(w.read(fd, 10).unwrap(), b"text");
    assert_eq!(w.raw(System::Fchmod, &[fd as u64, 0o777]), Err(Errno::PERM));
    for flags in [WRONLY, RDWR, CREAT, TRUNC] {
        assert_eq!(w.open("file", flags), Err(Errno::ROFS));
    }
    for call in [System::Unlink, System::Rmdir, System::Mkdir, System::Chmod, System::Truncate] {
        let name = if call == System::Mkdir { "new" } else { "dir" };
        assert_eq!(w.on(call, name), Err(Errno::ROFS), "{call:?}");
    }
    for call in [System::Rename, System::Link, System::Symlink] {
        assert_eq!(w.call(call, &[Arg::Path("file"), Arg::Path("new")]), Err(Errno::ROFS), "{call:?}");
    }
    assert_eq!(w.call(System::Utimens, &[Arg::Path("file"), Arg::Word(1), Arg::Input(&[])]), Err(Errno::ROFS));
    assert_eq!(w.call(System::Access, &[Arg::Path("file"), Arg::Word(2)]), Err(Errno::ROFS));
    assert_eq!(fs::read_to_string(w.host("file")).unwrap(), "text");
}
