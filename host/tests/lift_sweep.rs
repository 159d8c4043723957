//! Every package object of the installed GHC is parsed, placed, relocated and lifted; prints a table of
//! functions lifted and trapping, counted from what was emitted.
//!
//! `BCVM_SWEEP` names packages, or `all`; the default is the six that matter most.

mod lift_support;

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use bcvm_host::elf::{Object, Place};
use bcvm_host::lift::{Analysis, CodeKind, LiftedModule, Numbering};
use bcvm_host::reloc::{Definition, Layout, PlacedObject, SymbolBindings};
use lift_support::lifted::engine;
use lift_support::stores::check_cycles;
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

const SIX: &str = "ghc-prim ghc-bignum base ghci template-haskell containers";

/// `HS*.o` files under GHC's library directory, with their packages' names.
fn package_objects() -> Vec<(String, PathBuf)> {
    let Ok(output) = Command::new("ghc").arg("--print-libdir").output() else {
        eprintln!("skipped: no ghc");
        return Vec::new();
    };
    let root = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root).expect("GHC's library directory").flatten() {
        let Ok(directory) = entry.file_name().into_string() else {
            continue;
        };
        let path = entry.path().join(format!("HS{directory}.o"));
        if let (Some((name, _)), true) = (directory.rsplit_once('-'), path.exists()) {
            found.push((name.to_owned(), path));
        }
    }
    found.sort();
    found
}

/// Places an object and binds what it does not define to addresses of the runtime's region.
fn place<'o, 'd>(object: &'o Object<'d>) -> PlacedObject<'o, 'd> {
    let mut bindings = SymbolBindings::new();
    for (n, symbol) in object.symbols.iter().enumerate().filter(|(_, symbol)| symbol.place == Place::Undefined) {
        let definition = Definition { address: 0x11_0000 + 16 * n as u64, slot: Some(n as u32) };
        bindings.define(symbol.name, definition);
    }
    let layout = Layout::new(object).expect("a layout");
    PlacedObject::new(object, layout, 0x2000_0000, &bindings).expect("placed and relocated")
}

/// The module is valid, and holds no instruction that the engine would run in the host.
fn check(name: &str, module: &LiftedModule) {
    if let Err(error) = Validator::new_with_features(WasmFeatures::all()).validate_all(&module.wasm) {
        panic!("{name}: {error}");
    }
    let mut functions = 0;
    for payload in Parser::new(0).parse_all(&module.wasm) {
        if let Payload::CodeSectionEntry(body) = payload.expect("valid") {
            functions += 1;
            for operator in body.get_operators_reader().expect("valid") {
                use wasmparser::Operator as O;
                let operator = operator.expect("valid");
                let bulk = matches!(operator, O::MemoryCopy { .. } | O::MemoryFill { .. } | O::MemoryInit { .. });
                assert!(!bulk, "{name}: bulk memory instruction");
            }
        }
    }
    check_cycles(module);
    // The division and two common jumps come from no code.
    assert_eq!(functions, module.coverage.functions + 3);
}

#[test]
fn packages() {
    let wanted = std::env::var("BCVM_SWEEP").unwrap_or_else(|_| SIX.to_owned());
    println!(
        "package              text bytes  reached  instructions  STG entries  C functions  split  trap   wasm/text    time"
    );
    for (name, path) in package_objects() {
        if wanted != "all" && !wanted.split_whitespace().any(|wanted| wanted == name) {
            continue;
        }
        let data = std::fs::read(&path).expect("readable");
        let start = Instant::now();
        let object = Object::parse(name.as_str(), &data).expect("parsed");
        let placed = place(&object);
        let analysis = Analysis::new(&placed).expect("analysed");
        let module = analysis.lift(Numbering::default()).expect("lifted");
        let elapsed = start.elapsed();
        let coverage = module.coverage;
        println!(
            "{name:<20} {:>10} {:>7.1}% {:>13} {:>12} {:>12} {:>6} {:>5} {:>11.2} {:>7.0?}",
            coverage.text_bytes,
            coverage.reached_bytes as f64 * 100.0 / coverage.text_bytes.max(1) as f64,
            coverage.instructions,
            coverage.stg_entries,
            coverage.c_functions,
            coverage.functions - coverage.stg_entries - coverage.c_functions,
            coverage.trapping,
            module.wasm.len() as f64 / coverage.text_bytes.max(1) as f64,
            elapsed,
        );
        for place in module.unsupported.iter().take(20) {
            println!("    {place}");
        }
        check(&name, &module);
        assert_eq!(analysis.slots(CodeKind::Stg) + analysis.slots(CodeKind::C), module.entries.len() as u32);
        if SIX.split_whitespace().any(|six| six == name) {
            assert_eq!(coverage.trapping, 0, "{name} has functions that trap");
        }
    }
}

/// Prints how large compiled packages are and what compiling them costs.
#[test]
#[ignore = "a measurement"]
fn artefacts() {
    let wanted = std::env::var("BCVM_SWEEP").unwrap_or_else(|_| SIX.to_owned());
    let engine = engine();
    println!("package              text bytes  functions  guesses  wasm/text  code/text  artefact/text    time");
    for (name, path) in package_objects() {
        if wanted != "all" && !wanted.split_whitespace().any(|wanted| wanted == name) {
            continue;
        }
        let data = std::fs::read(&path).expect("readable");
        let object = Object::parse(name.as_str(), &data).expect("parsed");
        let placed = place(&object);
        let module = Analysis::new(&placed).expect("analysed").lift(Numbering::default()).expect("lifted");
        let start = Instant::now();
        let compiled = wasmtime::Module::new(&engine, &module.wasm).expect("valid");
        let elapsed = start.elapsed();
        let artefact = compiled.serialize().expect("serialised");
        let text = module.coverage.text_bytes;
        let times = |bytes: usize| bytes as f64 / text.max(1) as f64;
        println!(
            "{name:<20} {text:>10} {:>10} {:>8} {:>10.2} {:>10.2} {:>14.2} {elapsed:>7.1?}",
            module.coverage.functions,
            module.coverage.guessed,
            times(module.wasm.len()),
            times(compiled.text().len()),
            times(artefact.len()),
        );
    }
}

#[test]
fn the_same_object_gives_the_same_bytes() {
    for (name, path) in package_objects().into_iter().filter(|(name, _)| name == "ghc-bignum") {
        let data = std::fs::read(&path).expect("readable");
        let once = || {
            let object = Object::parse(name.as_str(), &data).expect("parsed");
            let placed = place(&object);
            let module = Analysis::new(&placed).expect("analysed").lift(Numbering::default()).expect("lifted");
            (module.wasm, module.entries)
        };
        assert!(once() == once(), "lifting depends on something else than its input");
    }
}
