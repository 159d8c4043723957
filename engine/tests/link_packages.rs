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
    load(&engine, &paths).unwrap_or_else(|e| panic!("{e}"));
}
