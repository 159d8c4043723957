//! Where paths lead, and that none leads out.

use super::{Access, Arg, World, put};
use crate::os::object::flags::{CREAT, NOFOLLOW, RDWR, TRUNC, WRONLY};
use crate::os::{Grant, Policy};
use bcvm::abi::system::System;
use rustix::io::Errno;
use std::fs;
use std::os::unix::fs::symlink;

impl World {
    fn realpath(&mut self, path: &str) -> Result<String, Errno> {
        self.call(System::Realpath, &[Arg::Path(path), Arg::Room(4096)])?;
        Ok(self.out_text())
    }

    fn cwd(&mut self) -> String {
        self.call(System::Getcwd, &[Arg::Room(4096)]).unwrap();
        self.out_text()
    }
}

#[test]
fn names_of_one_file() {
    let mut w = World::new(Access::ReadWrite);
    fs::create_dir(w.host("sub")).unwrap();
    put(w.host("file"), "x");
    symlink("../file", w.host("sub/link")).unwrap();
    symlink("sub", w.host("dir")).unwrap();
    for path in [
        "file",
        "./file",
        "/here/file",
        "//here//file",
        "sub/../file",
        "sub/link",
        "dir/link",
        "../here/file",
        "/elsewhere/../here/file",
        "/here/sub/../../here/file",
    ] {
        assert_eq!(w.stat(path), Ok((0o100_644, 1)), "{path}");
        assert_eq!(w.realpath(path).unwrap(), "/here/file", "{path}");
    }
    assert_eq!(w.realpath("dir/.."), Ok("/here".into()));
    assert_eq!(w.realpath("."), Ok("/here".into()));
    assert_eq!(w.realpath("nothing"), Err(Errno::NOENT));
    assert_eq!(w.stat(""), Err(Errno::NOENT));
    assert_eq!(w.open("sub/link", NOFOLLOW), Err(Errno::LOOP));
    w.call(System::Stat, &[Arg::Path("sub/link"), Arg::Word(0), Arg::Room(144)]).unwrap();
    assert_eq!(w.out(144)[25] >> 4, 0o12);
    let len = w.call(System::Readlink, &[Arg::Path("sub/link"), Arg::Room(4)]).unwrap();
    assert_eq!((len, w.out(4)), (4, b"../f".to_vec()));
}

#[test]
fn working_directory() {
    let mut w = World::new(Access::ReadWrite);
    fs::create_dir_all(w.host("a/b")).unwrap();
    symlink("a/b", w.host("short")).unwrap();
    put(w.host("a/file"), "x");
    assert_eq!(w.cwd(), "/here");
    assert_eq!(w.on(System::Chdir, "short"), Ok(0));
    assert_eq!(w.cwd(), "/here/a/b");
    assert!(w.stat("../file").is_ok());
    assert_eq!(w.on(System::Chdir, "../file"), Err(Errno::NOTDIR));
    let top = w.open("/here", 0).unwrap();
    assert_eq!(w.raw(System::Fchdir, &[top as u64]), Ok(0));
    assert_eq!(w.cwd(), "/here");
    assert_eq!(w.raw(System::Fchdir, &[1]), Err(Errno::NOTDIR));
    assert_eq!(w.call(System::Getcwd, &[Arg::Room(3)]), Err(Errno::RANGE));
}

#[test]
fn nothing_leads_out() {
    let mut w = World::new(Access::ReadWrite);
    let outside = tempfile::TempDir::new().unwrap();
    let canary = outside.path().join("canary");
    put(&canary, "alive");
    let canary_text = canary.to_str().unwrap().to_owned();
    fs::create_dir(w.host("sub")).unwrap();
    symlink(&canary, w.host("absolute")).unwrap();
    let up = format!("../../../../../../../..{canary_text}");
    symlink(&up, w.host("sub/relative")).unwrap();
    symlink(outside.path(), w.host("dir")).unwrap();
    symlink("/proc/self/root", w.host("root")).unwrap();
    symlink("loop", w.host("loop")).unwrap();
    let through_root = format!("root{canary_text}");
    for path in [
        &*canary_text,
        "absolute",
        "sub/relative",
        "dir/canary",
        &*up,
        &*through_root,
        "/etc/passwd",
        "../etc/passwd",
        "/proc/self/mem",
        "/dev/tty",
        "/here2/x",
    ] {
        for flags in [0, RDWR, WRONLY | CREAT | TRUNC] {
            assert_eq!(w.open(path, flags), Err(Errno::NOENT), "{path}");
        }
        assert_eq!(w.stat(path), Err(Errno::NOENT), "{path}");
        assert_eq!(w.realpath(path), Err(Errno::NOENT), "{path}");
        assert_eq!(w.call(System::Truncate, &[Arg::Path(path), Arg::Word(0)]), Err(Errno::NOENT), "{path}");
        assert_eq!(w.call(System::Utimens, &[Arg::Path(path), Arg::Word(1), Arg::Input(&[])]), Err(Errno::NOENT));
    }
    assert_eq!(w.open("loop", 0), Err(Errno::LOOP));
    for path in [&*canary_text, "dir/canary", &*up] {
        assert_eq!(w.on(System::Unlink, path), Err(Errno::NOENT), "{path}");
        assert_eq!(w.on(System::Chmod, path), Err(Errno::NOENT), "{path}");
        assert_eq!(w.call(System::Rename, &[Arg::Path(path), Arg::Path("mine")]), Err(Errno::NOENT), "{path}");
        assert_eq!(w.call(System::Link, &[Arg::Path(path), Arg::Path("mine")]), Err(Errno::NOENT), "{path}");
    }
    assert_eq!(w.on(System::Chmod, "absolute"), Err(Errno::NOENT));
    assert_eq!(w.on(System::Chdir, "dir"), Err(Errno::NOENT));
    assert_eq!(w.on(System::Mkdir, "dir/new"), Err(Errno::NOENT));
    assert_eq!(fs::read_to_string(&canary).unwrap(), "alive");
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    // Links themselves are the program's own.
    assert_eq!(w.on(System::Unlink, "absolute"), Ok(0));
    assert_eq!(fs::read_to_string(&canary).unwrap(), "alive");
}

#[test]
fn above_a_grant() {
    let mut w = World::new(Access::ReadWrite);
    assert_eq!(w.stat("/"), Ok((0o040_111, 0)));
    assert_eq!(w.stat(".."), Ok((0o040_111, 0)));
    assert_eq!(w.open("/", 0), Err(Errno::ACCESS));
    assert_eq!(w.on(System::Mkdir, "/"), Err(Errno::EXIST));
    assert_eq!(w.on(System::Rmdir, "/"), Err(Errno::ACCESS));
    assert_eq!(w.realpath("/"), Ok("/".into()));
    assert_eq!(w.call(System::Access, &[Arg::Path("/"), Arg::Word(1)]), Ok(0));
    assert_eq!(w.call(System::Access, &[Arg::Path("/"), Arg::Word(4)]), Err(Errno::ACCESS));
    assert_eq!(w.on(System::Rmdir, "/here"), Err(Errno::INVAL));
}

#[test]
fn windows_into_the_kernel_stay_shut() {
    let root = Grant { host: "/".into(), guest: "/".into(), access: Access::ReadWrite };
    let mut w = World::with(Policy::strict().grant(root));
    for path in ["/proc/self/mem", "/proc/self/environ", "/proc/self/fd", "/sys/kernel", "/dev/null", "/dev/zero"] {
        let opened = w.open(path, 0);
        assert!(matches!(opened, Err(Errno::ACCESS | Errno::NOENT)), "{path}: {opened:?}");
    }
    assert_eq!(w.open("/proc/self/mem", RDWR), Err(Errno::ACCESS));
    // Nor is anything told or changed behind them without opening it.
    for call in [System::Unlink, System::Rmdir, System::Mkdir] {
        assert_eq!(w.on(call, "/proc/self/attr"), Err(Errno::ACCESS), "{call:?}");
        assert_eq!(w.on(call, "/sys/fs/new"), Err(Errno::ACCESS), "{call:?}");
    }
    assert!(w.stat("/proc/self/exe").is_err() && w.stat("/sys/kernel/notes").is_err());
    assert_eq!(w.call(System::Access, &[Arg::Path("/proc/self/exe"), Arg::Word(4)]), Err(Errno::ACCESS));
}

#[test]
fn grants_in_grants() {
    let (outer, inner) = (tempfile::TempDir::new().unwrap(), tempfile::TempDir::new().unwrap());
    fs::create_dir_all(outer.path().join("b/c")).unwrap();
    put(outer.path().join("file"), "outer");
    put(inner.path().join("file"), "in");
    let grant =
        |dir: &tempfile::TempDir, guest: &str, access| Grant { host: dir.path().into(), guest: guest.into(), access };
    let policy = Policy::strict()
        .grant(grant(&outer, "/a", Access::Read))
        .grant(grant(&inner, "/a/b/c", Access::ReadWrite))
        .working_directory("/a");
    let mut w = World::with(policy);
    assert_eq!(w.stat("file").unwrap().1, 5);
    assert_eq!(w.stat("b/c/file").unwrap().1, 2);
    assert_eq!(w.stat("b/c/../../file").unwrap().1, 5);
    assert!(w.open("b/c/new", WRONLY | CREAT).is_ok());
    assert_eq!(w.open("new", WRONLY | CREAT), Err(Errno::ROFS));
}

#[test]
fn nothing_is_granted_by_default() {
    let mut w = World::with(Policy::strict());
    assert_eq!(w.open("file", 0), Err(Errno::NOENT));
    assert_eq!(w.stat("/"), Err(Errno::NOENT));
    assert_eq!(w.cwd(), "/");
    assert_eq!(w.read(0, 10).unwrap(), b"");
    assert_eq!(w.write(1, b"unheard"), Ok(7));
    assert_eq!(w.call(System::Environ, &[Arg::Room(100)]), Ok(0));
    assert_eq!(w.call(System::Refused, &[Arg::Path("fork")]), Err(Errno::PERM));
}

#[test]
fn bad_policies() {
    let grant = |host: &str, guest: &str| {
        Policy::strict().grant(Grant { host: host.into(), guest: guest.into(), access: Access::Read })
    };
    for policy in [grant("/nonexistent", "/a"), grant("/", "a"), grant("/", "/a/../b")] {
        assert!(crate::os::Os::new(&policy).is_err(), "{policy:?}");
    }
}
