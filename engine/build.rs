//! Builds the guest and hands it to `embed` as a file to include, with the end of its static data.
//!
//! The guest is always built with the profile `guest`, whatever the engine's is, in a target directory of its own that
//! all profiles of the engine share. Which compiler and flags: `xtask/src/guest_toolchain.rs`.

#[path = "../xtask/src/guest_toolchain.rs"]
mod guest_toolchain;

#[path = "src/embed/check.rs"]
mod check;

use std::path::{Path, PathBuf};
use std::{env, fs};

use bcvm::abi::DATA_START;
use wasmparser::{ExternalKind, Parser, Payload};

fn main() {
    if let Err(reason) = build() {
        println!("cargo::error={reason}");
    }
}

fn build() -> Result<(), String> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("..");
    for input in [
        "bcvm/src",
        "bcvm/Cargo.toml",
        "guest/src",
        "guest/Cargo.toml",
        "engine/src/embed/check.rs",
        "xtask/src/guest_toolchain.rs",
        "Cargo.toml",
        "Cargo.lock",
        "engine/build.rs",
    ] {
        println!("cargo::rerun-if-changed={}", root.join(input).display());
    }

    let toolchain = guest_toolchain::find().ok_or(
        "no compiler here can build the WebAssembly guest; `cargo xtask setup` mends that",
    )?;
    let sanity = env::var_os("CARGO_FEATURE_SANITY").is_some();
    let out_dir = PathBuf::from(variable("OUT_DIR")?);
    let target_dir = guest_target_dir(&out_dir, sanity);
    let mut cargo = guest_toolchain::build_command(&toolchain, &root, &target_dir, sanity);
    let status = cargo
        .status()
        .map_err(|e| format!("starting cargo to build the guest: {e}"))?;
    if !status.success() {
        return Err(format!(
            "building the guest failed ({status}); the compiler's messages are above"
        ));
    }

    let built = guest_toolchain::built_module(&target_dir);
    let wasm = fs::read(&built).map_err(|e| format!("reading {}: {e}", built.display()))?;
    let heap_base = find_heap_base(&wasm)?;
    check::check(&wasm, DATA_START..heap_base)
        .map_err(|e| format!("the built guest cannot be used: {e}"))?;
    let copy = out_dir.join("guest.wasm");
    fs::write(&copy, wasm).map_err(|e| format!("writing {}: {e}", copy.display()))?;
    println!("cargo::rustc-env=BCVM_GUEST_WASM={}", copy.display());
    println!("cargo::rustc-env=BCVM_GUEST_HEAP_BASE={heap_base}");
    Ok(())
}

/// `target/guest`, found as the directory four above `target/PROFILE/build/PACKAGE/out`.
fn guest_target_dir(out_dir: &Path, sanity: bool) -> PathBuf {
    let name = if sanity { "guest-sanity" } else { "guest" };
    out_dir.ancestors().nth(4).unwrap_or(out_dir).join(name)
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|e| format!("{name} as cargo should set it: {e}"))
}

/// The value of the guest's exported constant `__heap_base`.
fn find_heap_base(wasm: &[u8]) -> Result<u32, String> {
    let broken =
        |e: wasmparser::BinaryReaderError| format!("the built guest is not WebAssembly: {e}");
    let mut globals = Vec::new();
    let mut heap_base = None;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(broken)? {
            Payload::GlobalSection(section) => {
                for global in section {
                    globals.push(check::i32_constant(&global.map_err(broken)?.init_expr));
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.map_err(broken)?;
                    if export.name == "__heap_base" && export.kind == ExternalKind::Global {
                        heap_base = Some(export.index as usize);
                    }
                }
            }
            _ => {}
        }
    }
    heap_base
        .and_then(|index| globals.get(index).copied().flatten())
        .ok_or_else(|| "the guest does not export the constant __heap_base".to_owned())
}
