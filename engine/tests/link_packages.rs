//! Packages of the installed GHC: linked, lifted, compiled, installed in a sandbox.
//!
//! `BCVM_LINK` names packages, in the order they are loaded; the default is what base needs.

mod support;

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use bcvm_engine::embed::{Cache, CodeTable, Engine, GuestImage, Limits, Linked, Sandbox};
use bcvm_engine::link::Packages;
use bcvm_host::link::{Builtins, Runtime};
use bcvm_host::reloc::Definition;

/// The runtime's symbols, and an address for whatever else is asked for that no package could define.
#[derive(Debug)]
struct AnyBuiltin;

impl Builtins for AnyBuiltin {
    fn find(&self, name: &str) -> Option<Definition> {
        Runtime.find(name)
    }

    fn find_stand_in(&self, name: &str) -> Option<Definition> {
        let dummy = Definition { address: 0x11_0000, slot: None };
        Runtime.find_stand_in(name).or(Some(dummy))
    }
}

/// `HS*.o` of the packages named, those that are installed.
fn package_objects(names: &str) -> Vec<PathBuf> {
    let Ok(output) = Command::new("ghc").arg("--print-libdir").output() else {
        eprintln!("skipped: no ghc");
        return Vec::new();
    };
    let root = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let directories: Vec<String> = std::fs::read_dir(&root)
        .expect("GHC's library directory")
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    let find = |name: &str| {
        let is_it = |directory: &&String| directory.rsplit_once('-').is_some_and(|(package, _)| package == name);
        let directory = directories.iter().find(is_it)?;
        Some(root.join(directory).join(format!("HS{directory}.o"))).filter(|path| path.exists())
    };
    names.split_whitespace().filter_map(find).collect()
}

fn new_engine(cache: &Cache) -> Engine {
    let wasm = wat::parse_str(include_str!("support/test_guest.wat")).expect("the test guest is well-formed");
    Engine::for_guest(GuestImage { wasm: &wasm, heap_base: 0x22_0000 }, cache).expect("an engine")
}

fn new_sandbox(engine: &Engine) -> Sandbox {
    Sandbox::new(engine, Limits { memory_bytes: 16 << 20, ..Limits::default() }, b"").expect("a sandbox")
}

#[test]
fn packages_are_installed() {
    let wanted = std::env::var("BCVM_LINK").unwrap_or_else(|_| "ghc-prim ghc-bignum base".to_owned());
    let paths = package_objects(&wanted);
    if paths.is_empty() {
        return;
    }
    let engine = new_engine(&Cache::Off);
    let mut sandbox = new_sandbox(&engine);
    let mut packages = Packages::with_builtins(&engine, Box::new(AnyBuiltin));
    let start = Instant::now();
    for path in &paths {
        packages.load_obj(path).unwrap_or_else(|e| panic!("{e}"));
    }
    println!("loaded after {:?}", start.elapsed());
    let mut installed: Vec<Arc<Linked>> = Vec::new();
    packages
        .resolve(&mut |linked| {
            println!("linked after {:?}", start.elapsed());
            let start = Instant::now();
            for package in linked {
                sandbox.install(package).unwrap_or_else(|e| panic!("{e}"));
                installed.push(Arc::clone(package));
            }
            println!("installed in {:?}", start.elapsed());
            Ok(())
        })
        .unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(installed.len(), paths.len());
    for package in &installed {
        println!("{}: {:?} {:?}, {} initialisers", package.name, package.place, package.need, package.init.len());
        assert_eq!(package.unsupported, []);
    }
    // What is in memory: the slot of an info pointer at its code.
    let start = Instant::now();
    let mut again = new_sandbox(&engine);
    installed.iter().for_each(|package| again.install(package).expect("installed again"));
    println!("another sandbox in {:?}", start.elapsed());
    let end = installed.iter().map(|package| package.place.stg + package.need.stg).max().expect("some");
    assert_eq!(again.grow_table(CodeTable::Stg, 0), Some(end));
}
