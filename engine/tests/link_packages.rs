//! Packages of the installed GHC: linked, lifted, compiled, installed in the sandbox of an interpreter.
//!
//! `BCVM_LINK` names packages in the order in which they are loaded; the default is base and what it needs.

mod package_objects;

use std::path::PathBuf;
use std::time::Instant;

use bcvm_engine::Interp;
use bcvm_engine::embed::{Cache, Engine};
use bcvm_engine::interp::Error;
use package_objects::package_objects;

fn load(engine: &Engine, paths: &[PathBuf]) -> Result<Interp, Error> {
    let interp = Interp::builder().build_with(engine)?;
    let start = Instant::now();
    for path in paths {
        interp.load_obj(path)?;
    }
    println!("loaded after {:?}", start.elapsed());
    interp.resolve_objs()?;
    println!("resolved after {:?}", start.elapsed());
    Ok(interp)
}

#[test]
fn base_is_installed() {
    let wanted = std::env::var("BCVM_LINK").unwrap_or_else(|_| "ghc-prim ghc-bignum base".to_owned());
    let paths = package_objects(&wanted);
    if paths.is_empty() {
        return;
    }
    let cache = Cache::Directory(concat!(env!("CARGO_TARGET_TMPDIR"), "/packages").into());
    let engine = Engine::new(&cache).expect("an engine");
    let interp = load(&engine, &paths).unwrap_or_else(|e| panic!("{e}"));
    let map = interp.lookup_closure("base_GHCziBase_map_closure").expect("answered").expect("defined");
    println!("{:?}", interp.get_closure(&map).expect("looked at"));
    // What is linked already is shared.
    let before = pss();
    let second = load(&engine, &paths).unwrap_or_else(|e| panic!("{e}"));
    second.lookup_closure("base_GHCziBase_map_closure").expect("answered").expect("defined");
    let more = pss() - before;
    assert!(more <= MAX_SECOND_KB, "a second interpreter takes {more} kB more of memory");
}

/// What a second interpreter may add for its packages.
const MAX_SECOND_KB: i64 = 10_000;

/// Kilobytes of memory of this process, what it shares with others in proportion.
fn pss() -> i64 {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").expect("Linux");
    let pss = text.lines().find_map(|line| line.strip_prefix("Pss:")).expect("a line of its own");
    pss.split_whitespace().next().expect("a number").parse().expect("a number")
}
