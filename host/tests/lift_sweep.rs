//! Sweeps the package objects of the installed GHC through parsing, placing, relocating and lifting.

use std::path::PathBuf;
use std::time::Instant;

use bcvm_host::elf::{Object, Place};
use bcvm_host::lift::{Analysis, Numbering};
use bcvm_host::reloc::{Definition, Layout, PlacedObject, SymbolBindings};

fn package_object(name: &str) -> Option<PathBuf> {
    let root = std::fs::read_dir("/usr/lib/ghc").ok()?;
    for entry in root.flatten() {
        let dir = entry.file_name().into_string().ok()?;
        if let Some(version) = dir.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'))
            && version.starts_with(|c: char| c.is_ascii_digit())
        {
            let path = entry.path().join(format!("HS{dir}.o"));
            if path.exists() {
                return Some(path);
            }
        }
    }
    None
}

#[test]
fn sweep() {
    let names = std::env::var("BCVM_SWEEP").unwrap_or_else(|_| "ghc-prim ghc-bignum base".to_owned());
    for name in names.split_whitespace() {
        let Some(path) = package_object(name) else { continue };
        let data = std::fs::read(&path).unwrap();
        let t = Instant::now();
        let object = Object::parse(name, &data).unwrap();
        let layout = Layout::new(&object).unwrap();
        let mut bindings = SymbolBindings::new();
        for (i, symbol) in object.symbols.iter().enumerate() {
            if symbol.place == Place::Undefined && !symbol.name.is_empty() {
                bindings.define(symbol.name, Definition { address: 0x11_0000 + 16 * i as u64, slot: Some(i as u32) });
            }
        }
        let placed = PlacedObject::new(&object, layout, 0x2000_0000, &bindings).unwrap();
        let t1 = t.elapsed();
        let analysis = Analysis::new(&placed).unwrap();
        let t2 = t.elapsed();
        let module = analysis.lift(Numbering::default()).unwrap();
        let t3 = t.elapsed();
        println!("{name}: {t1:?} {t2:?} {t3:?} wasm {} {:?}", module.wasm.len(), module.coverage);
        for u in module.unsupported.iter().take(60) {
            println!("  {u}");
        }
        if std::env::var("BCVM_COMPILE").is_ok() {
            let mut config = wasmtime::Config::new();
            config.wasm_wide_arithmetic(true);
            config.generate_address_map(std::env::var("AMAP").is_ok()); config.native_unwind_info(false); config.table_lazy_init(false); config.memory_guard_size(1<<16); if std::env::var("OPTSIZE").is_ok() { config.cranelift_opt_level(wasmtime::OptLevel::SpeedAndSize); }
            let engine = wasmtime::Engine::new(&config).unwrap();
            let t = Instant::now();
            let artefact = engine.precompile_module(&module.wasm).unwrap();
            std::fs::write(format!("/tmp/dbg/{name}.cwasm"), &artefact).unwrap();
            println!("  compiled to {} in {:?}", artefact.len(), t.elapsed());
        }
        if let Err(error) = wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all()).validate_all(&module.wasm) {
            panic!("{error}");
        }
    }
}
