//! Artefacts are written once, found again, and not believed when others could have written them.

use super::{Cache, MappedFile, load_or_compile, store};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

const EMPTY: &[u8] = b"\0asm\x01\0\0\0";

fn compile(cache: &Path, wasm: &[u8]) {
    let engine = wasmtime::Engine::default();
    load_or_compile(&engine, wasm, 0..0, directory(cache).as_deref()).expect("compiled");
}

/// What is used of a cache there.
fn directory(cache: &Path) -> Option<PathBuf> {
    Cache::Directory(cache.to_owned()).find_directory()
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    fs::read_dir(directory).map_or(Vec::new(), |dir| dir.map(|entry| entry.expect("readable").path()).collect())
}

/// Marks the artefact, so that a test can tell whether it was replaced or not.
fn modified(path: &Path) -> std::time::SystemTime {
    fs::metadata(path).expect("there").modified().expect("a time")
}

#[test]
fn an_artefact_is_written_once() {
    let root = tempfile::tempdir().expect("a directory");
    let cache = root.path().join("a/b");
    compile(&cache, EMPTY);
    let [artefact] = &entries(&cache)[..] else { panic!("one file") };
    assert_eq!(fs::metadata(artefact).expect("there").permissions().mode() & 0o777, 0o400);
    let first = modified(artefact);
    compile(&cache, EMPTY);
    assert_eq!(modified(artefact), first);
    compile(&cache, &wat::parse_str("(module (func))").expect("well-formed"));
    assert_eq!(entries(&cache).len(), 2, "another module, another file");
}

#[test]
fn a_damaged_artefact_is_replaced() {
    let root = tempfile::tempdir().expect("a directory");
    compile(root.path(), EMPTY);
    let artefact = entries(root.path()).remove(0);
    fs::set_permissions(&artefact, Permissions::from_mode(0o600)).expect("changed");
    fs::write(&artefact, "no code").expect("written");
    compile(root.path(), EMPTY);
    assert_ne!(fs::read(&artefact).expect("there"), b"no code");
    assert_eq!(entries(root.path()).len(), 1, "no temporary file is left");
}

#[test]
fn nothing_is_stored_where_others_may_write() {
    let root = tempfile::tempdir().expect("a directory");
    let open = root.path().join("open");
    for mode in [0o777, 0o1777, 0o770] {
        let _ = fs::remove_dir_all(&open);
        fs::create_dir(&open).expect("made");
        fs::set_permissions(&open, Permissions::from_mode(mode)).expect("changed");
        compile(&open, EMPTY);
        assert!(entries(&open).is_empty(), "{mode:o}");
    }
    // A private directory inside one where others may rename it; a sticky one is all right.
    for (mode, stored) in [(0o777, 0), (0o1777, 1)] {
        let inner = open.join(format!("{mode:o}"));
        fs::set_permissions(&open, Permissions::from_mode(mode)).expect("changed");
        compile(&inner, EMPTY);
        assert_eq!(entries(&inner).len(), stored, "{mode:o}");
    }
}

#[test]
fn a_writable_artefact_is_not_believed() {
    let root = tempfile::tempdir().expect("a directory");
    compile(root.path(), EMPTY);
    let artefact = entries(root.path()).remove(0);
    fs::set_permissions(&artefact, Permissions::from_mode(0o622)).expect("changed");
    let engine = wasmtime::Engine::default();
    assert!(super::load(&engine, &artefact).is_none());
    fs::set_permissions(&artefact, Permissions::from_mode(0o400)).expect("changed");
    assert!(super::load(&engine, &artefact).is_some());
}

#[test]
fn a_file_is_mapped_whole_and_as_long_as_it_is_used() {
    let root = tempfile::tempdir().expect("a directory");
    let file = root.path().join("file");
    assert!(MappedFile::open(&file, 3).is_none(), "there is none");
    store(&file, b"").expect("written");
    assert!(MappedFile::open(&file, 3).is_none(), "nothing can be mapped of it");
    store(&file, b"abc").expect("written");
    let mapped = MappedFile::open(&file, 3).expect("mapped");
    assert!(MappedFile::open(&file, 2).is_none(), "it is too long");
    store(&file, b"other").expect("replaced");
    fs::remove_file(&file).expect("removed");
    assert_eq!(mapped.as_ref(), b"abc");
    store(&file, b"abc").expect("written");
    fs::set_permissions(&file, Permissions::from_mode(0o660)).expect("changed");
    assert!(MappedFile::open(&file, 3).is_none(), "others could have written it");
}

#[test]
fn links_lead_to_what_is_checked() {
    let root = tempfile::tempdir().expect("a directory");
    let open = root.path().join("open");
    fs::create_dir(&open).expect("made");
    fs::set_permissions(&open, Permissions::from_mode(0o777)).expect("changed");
    symlink(&open, root.path().join("link")).expect("linked");
    compile(&root.path().join("link"), EMPTY);
    assert!(entries(&open).is_empty());
}

#[test]
fn without_a_directory_it_still_compiles() {
    compile(Path::new("/proc/no such"), EMPTY);
    let engine = wasmtime::Engine::default();
    assert_eq!(Cache::Off.find_directory(), None);
    assert!(load_or_compile(&engine, EMPTY, 0..0, None).is_ok());
}

/// What the only function of a module answers that is compiled, or found in the cache.
fn answer(cache: &Path, wasm: &[u8]) -> i32 {
    let engine = wasmtime::Engine::default();
    let module = load_or_compile(&engine, wasm, 0..0, directory(cache).as_deref()).expect("compiled").module;
    let mut store = wasmtime::Store::new(&engine, ());
    let instance = wasmtime::Instance::new(&mut store, &module, &[]).expect("an instance");
    let function = instance.get_typed_func::<(), i32>(&mut store, "f").expect("a function");
    function.call(&mut store, ()).expect("an answer")
}

#[test]
fn forged_code_is_mapped_only_where_nobody_else_can_write() {
    let root = tempfile::tempdir().expect("a directory");
    let module = |answer: i32| {
        wat::parse_str(format!("(module (func (export \"f\") (result i32) i32.const {answer}))")).expect("well-formed")
    };
    let (cache, other) = (root.path().join("cache"), root.path().join("other"));
    assert_eq!((answer(&cache, &module(1)), answer(&other, &module(2))), (1, 2));
    // Sound in itself: what a forger makes who has the compiler and knows the name.
    let (artefact, forgery) = (entries(&cache).remove(0), fs::read(entries(&other).remove(0)).expect("there"));
    let forge = |mode: u32| {
        fs::remove_file(&artefact).expect("removed");
        fs::write(&artefact, &forgery).expect("written");
        fs::set_permissions(&artefact, Permissions::from_mode(mode)).expect("changed");
    };
    forge(0o400);
    assert_eq!(answer(&cache, &module(1)), 2, "the user's own file is what is mapped, or this test shows nothing");
    for mode in [0o420, 0o402, 0o666] {
        forge(mode);
        assert_eq!(answer(&cache, &module(1)), 1, "{mode:o}");
    }
    forge(0o400);
    fs::set_permissions(&cache, Permissions::from_mode(0o777)).expect("changed");
    assert_eq!(answer(&cache, &module(1)), 1);
}
