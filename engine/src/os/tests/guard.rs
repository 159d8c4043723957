//! What stays out of reach in a directory that is granted.

use super::{Access, Arg, World, put};
use crate::os::object::flags::{CREAT, RDWR, TRUNC, WRONLY};
use crate::os::{Grant, Os, OsError, Policy};
use bcvm::abi::system::System;
use rustix::io::Errno;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn world(dir: TempDir, protected: impl AsRef<Path>) -> World {
    let grant = Grant { host: dir.path().into(), guest: "/here".into(), access: Access::ReadWrite };
    let policy = Policy::strict().protect(dir.path().join(protected)).grant(grant).working_directory("/here");
    World { dir, ..World::with(policy) }
}

#[test]
fn a_directory_is_shut() {
    let dir = TempDir::new().unwrap();
    fs::create_dir_all(dir.path().join(".cache/bcvm/code")).unwrap();
    put(dir.path().join(".cache/bcvm/code/one"), "compiled");
    put(dir.path().join(".cache/other"), "");
    let mut w = world(dir, ".cache/bcvm");
    for path in [".cache/bcvm/code/one", ".cache/bcvm/code", ".cache/../.cache/bcvm/new"] {
        for flags in [0, RDWR, WRONLY | CREAT | TRUNC] {
            assert_eq!(w.open(path, flags), Err(Errno::ACCESS), "{path}");
        }
        assert_eq!(w.on(System::Mkdir, path), Err(Errno::ACCESS), "{path}");
        assert_eq!(w.on(System::Unlink, path), Err(Errno::ACCESS), "{path}");
    }
    assert_eq!(w.call(System::Symlink, &[Arg::Path(".cache/bcvm/code"), Arg::Path("way")]), Ok(0));
    assert_eq!(w.open("way/one", RDWR), Err(Errno::ACCESS));
    // Nor can it be moved away, or what leads to it.
    for path in [".cache/bcvm", ".cache", "/here/.cache/"] {
        assert_eq!(w.call(System::Rename, &[Arg::Path(path), Arg::Path("mine")]), Err(Errno::ACCESS), "{path}");
        assert_eq!(w.on(System::Chmod, path), Err(Errno::ACCESS), "{path}");
        assert_eq!(w.on(System::Rmdir, path), Err(Errno::ACCESS), "{path}");
    }
    assert_eq!(w.on(System::Mkdir, "mine"), Ok(0));
    assert_eq!(w.call(System::Rename, &[Arg::Path("mine"), Arg::Path(".cache/bcvm")]), Err(Errno::ACCESS));
    // What lies beside it is as usual.
    assert_eq!(w.on(System::Unlink, ".cache/other"), Ok(0));
    assert!(w.open(".cache/new", WRONLY | CREAT).is_ok());
    assert_eq!(fs::read_to_string(w.host(".cache/bcvm/code/one")).unwrap(), "compiled");
}

#[test]
fn what_does_not_exist_yet_is_not_made() {
    let mut w = world(TempDir::new().unwrap(), ".cache/bcvm");
    assert_eq!(w.on(System::Mkdir, ".cache"), Err(Errno::ACCESS));
    assert_eq!(w.on(System::Mkdir, "mine"), Ok(0));
    assert_eq!(w.call(System::Rename, &[Arg::Path("mine"), Arg::Path(".cache")]), Err(Errno::ACCESS));
    assert_eq!(w.call(System::Symlink, &[Arg::Path("mine"), Arg::Path(".cache")]), Err(Errno::ACCESS));
    assert_eq!(w.open(".cache", WRONLY | CREAT), Err(Errno::ACCESS));
    assert!(!w.host(".cache").exists());
}

#[test]
fn a_file_can_be_read_and_not_written() {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("bin")).unwrap();
    put(dir.path().join("bin/bcvm"), "program");
    fs::hard_link(dir.path().join("bin/bcvm"), dir.path().join("other")).unwrap();
    let mut w = world(dir, "bin/bcvm");
    assert_eq!(w.open("other", WRONLY | TRUNC), Err(Errno::ACCESS));
    assert_eq!(w.call(System::Truncate, &[Arg::Path("other"), Arg::Word(0)]), Err(Errno::ACCESS));
    let fd = w.open("bin/bcvm", 0).unwrap();
    assert_eq!(w.read(fd, 100).unwrap(), b"program");
    assert_eq!(w.raw(System::Fchmod, &[fd as u64, 0]), Err(Errno::PERM));
    for flags in [RDWR, WRONLY | TRUNC, CREAT] {
        assert_eq!(w.open("bin/bcvm", flags), Err(Errno::ACCESS));
    }
    assert_eq!(w.on(System::Unlink, "bin/bcvm"), Err(Errno::ACCESS));
    assert_eq!(w.call(System::Link, &[Arg::Path("bin/bcvm"), Arg::Path("mine")]), Err(Errno::ACCESS));
    assert_eq!(w.call(System::Rename, &[Arg::Path("bin"), Arg::Path("mine")]), Err(Errno::ACCESS));
    assert_eq!(w.call(System::Symlink, &[Arg::Path("bin/bcvm"), Arg::Path("link")]), Ok(0));
    assert_eq!(w.open("link", RDWR), Err(Errno::ACCESS));
    assert_eq!(w.call(System::Truncate, &[Arg::Path("link"), Arg::Word(0)]), Err(Errno::ACCESS));
    assert_eq!(fs::read_to_string(w.host("bin/bcvm")).unwrap(), "program");
}

#[test]
fn grants_of_what_is_shut_are_refused() {
    let dir = TempDir::new().unwrap();
    fs::create_dir_all(dir.path().join("cache/sub")).unwrap();
    for granted in ["cache", "cache/sub"] {
        let host = dir.path().join(granted);
        let policy = Policy::strict()
            .grant(Grant { host, guest: "/x".into(), access: Access::Read })
            .protect(dir.path().join("cache"));
        assert!(matches!(Os::new(&policy), Err(OsError::Protected { .. })), "{granted}");
    }
}
