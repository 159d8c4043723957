//! Native libraries, who may call them when, and the record of it. What calling means is tested with GHC, in
//! `engine/tests/native_library.rs`.

use super::*;
use crate::native::{Frame, Lent, NativeLibrary, Returned};
use crate::os::{Audit, Event, Splicing, Verdict};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

/// Memory of which nothing is lent.
struct Nothing;

impl Lent for Nothing {
    fn host_address(&self, _: u32, _: u64, _: bool) -> Option<usize> {
        None
    }

    fn guest_address(&self, _: usize) -> Option<u32> {
        None
    }

    fn read(&self, _: u32, _: u32) -> Option<Vec<u8>> {
        None
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Event>>>);

impl Audit for Log {
    fn record(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

/// A library with a function that answers one more than it is given.
fn library(dir: &TempDir) -> PathBuf {
    let (source, library) = (dir.path().join("next.c"), dir.path().join("libnext.so"));
    put(&source, "int next(int n) { return n + 1; }");
    let made = Command::new("gcc").args(["-shared", "-fPIC", "-o"]).args([&library, &source]).status();
    assert!(made.expect("gcc is installed").success());
    // Whatever files of this user are otherwise.
    std::fs::set_permissions(&library, Permissions::from_mode(0o755)).unwrap();
    library.canonicalize().unwrap()
}

fn granted(library: &Path) -> NativeLibrary {
    NativeLibrary::new(library).and_then(|library| library.function("int next(int n)")).unwrap()
}

fn call(os: &mut Os, n: u64) -> Result<Returned, String> {
    let frame = Frame { words: [n, 0, 0, 0, 0, 0], ..Frame::default() };
    os.call_native(0, &frame, &Nothing, 0).map(|(returned, _)| returned)
}

#[test]
fn splices_call_what_is_granted_to_them() {
    let dir = TempDir::new().unwrap();
    let (file, log, splicing) = (library(&dir), Log::default(), Splicing::default());
    for (splices, may) in [(Policy::strict(), false), (Policy::strict().native(granted(&file)), true)] {
        let mut policy = Policy::strict().native(granted(&file)).splices(splices).audit(log.clone());
        policy.splicing = splicing.clone();
        let mut os = Os::new(&policy).unwrap();
        assert!(call(&mut os, 1).unwrap_err().contains("has not been loaded"));
        assert_eq!(os.open_native(&file, &[]), Ok(vec![("next".into(), 0)]));
        // The upper half of a word is not the argument's.
        assert_eq!(call(&mut os, 0x1_0000_0001), Ok(Returned::Word(2)));
        splicing.set_runs(true);
        os.begin_evaluation();
        assert_eq!(call(&mut os, 1).is_ok(), may);
        splicing.set_runs(false);
        assert_eq!(call(&mut os, u64::MAX), Ok(Returned::Word(0)));
    }
    let events = log.0.lock().unwrap();
    let denied = events.iter().filter(|event| event.verdict == Verdict::Denied && event.operation == "native_call");
    let why: Vec<&str> = denied.filter_map(|event| event.error.as_deref()).collect();
    assert_eq!(why, ["its library has not been loaded", "splices may not call it", "its library has not been loaded"]);
}

#[test]
fn no_library_is_opened_that_is_not_granted_or_could_have_been_written() {
    let dir = TempDir::new().unwrap();
    let file = library(&dir);
    let mut os = Os::new(&Policy::strict()).unwrap();
    assert!(!os.is_native(&file));
    assert!(os.open_native(&file, &[]).unwrap_err().contains("does not grant"));
    let here = Grant { host: dir.path().into(), guest: "/here".into(), access: Access::ReadWrite };
    let mut os = Os::new(&Policy::strict().native(granted(&file)).grant(here.clone())).unwrap();
    assert!(os.is_native(&file));
    assert!(os.open_native(&file, &[]).unwrap_err().contains("which programs may change"));
    // Nor one that only splices could have written.
    let splices = Policy::strict().grant(here);
    let mut os = Os::new(&Policy::strict().native(granted(&file)).splices(splices)).unwrap();
    assert!(os.open_native(&file, &[]).unwrap_err().contains("which programs may change"));
    assert!(call(&mut os, 1).is_err());
}

#[test]
fn a_library_is_known_by_any_name() {
    let dir = TempDir::new().unwrap();
    let file = library(&dir);
    let os = Os::new(&Policy::strict().native(granted(&file))).unwrap();
    let (link, hard) = (dir.path().join("link.so"), dir.path().join("hard.so"));
    std::os::unix::fs::symlink(&file, &link).unwrap();
    std::fs::hard_link(&file, &hard).unwrap();
    assert!(os.is_native(&link) && os.is_native(&hard));
    put(dir.path().join("other.so"), "");
    assert!(!os.is_native(&dir.path().join("other.so")));
}
