//! Builds the guest and hands it to `embed` as a file to include, with the end of its static data.
//!
//! The guest is always built with the profile `guest`, whatever the engine's is, in a target directory of its own that
//! all profiles of the engine share. Which compiler and flags: `xtask/src/guest_toolchain.rs`.

#[path = "../xtask/src/guest_toolchain.rs"]
mod guest_toolchain;

use std::path::{Path, PathBuf};
use std::{env, fs};

use wasmparser::{ConstExpr, ExternalKind, Operator, Parser, Payload};

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
        "xtask/src/guest_toolchain.rs",
        "Cargo.toml",
        "Cargo.lock",
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
    let heap_base = inspect(&wasm)?;
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

/// Refuses instructions that Note [A guest without bulk memory] excludes; answers the value of `__heap_base`.
fn inspect(wasm: &[u8]) -> Result<u32, String> {
    let broken =
        |e: wasmparser::BinaryReaderError| format!("the built guest is not WebAssembly: {e}");
    let mut globals = Vec::new();
    let mut heap_base = None;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(broken)? {
            Payload::GlobalSection(section) => {
                for global in section {
                    globals.push(constant(&global.map_err(broken)?.init_expr));
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
            Payload::CodeSectionEntry(body) => {
                for operator in body.get_operators_reader().map_err(broken)? {
                    if let op @ (Operator::MemoryCopy { .. }
                    | Operator::MemoryFill { .. }
                    | Operator::MemoryInit { .. }
                    | Operator::MemoryDiscard { .. }) = operator.map_err(broken)?
                    {
                        return Err(format!(
                            "the guest contains a bulk memory instruction ({op:?}), which would let an uncommitted \
                             page kill the host; some flag or crate enables `bulk-memory`"
                        ));
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

fn constant(init: &ConstExpr<'_>) -> Option<u32> {
    match init.get_operators_reader().into_iter().next()? {
        Ok(Operator::I32Const { value }) => Some(value.cast_unsigned()),
        _ => None,
    }
}
