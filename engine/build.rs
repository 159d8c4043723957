//! Builds the guest and hands it to `embed` as a file to include, with the end of its static data.
//!
//! The guest is always built with the profile `guest`, whatever the engine's is, in a target directory of its own that
//! all profiles of the engine share. Which compiler: `xtask/src/guest_toolchain.rs`.

#[path = "../xtask/src/guest_toolchain.rs"]
mod guest_toolchain;

#[path = "src/embed/check.rs"]
mod check;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use wasmparser::{ExternalKind, Parser, Payload};

/// Where the guest's data starts: `bcvm::abi::DATA_START`, which `embed::store` compares. Using bcvm here would compile it
/// once more after every change.
const DATA_START: u32 = 0x0020_0000;

/// The rustc target of the guest.
const TARGET: &str = "wasm32-unknown-unknown";

/// Instructions the guest may use beyond the first version of WebAssembly.
const FEATURES: &str = "+mutable-globals,+sign-ext,+nontrapping-fptoint,+multivalue,+tail-call";

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
        "host/src",
        "engine/src/embed/check.rs",
        "xtask/src/guest_toolchain.rs",
        "Cargo.toml",
        "Cargo.lock",
        "engine/build.rs",
    ] {
        println!("cargo::rerun-if-changed={}", root.join(input).display());
    }

    let toolchain = guest_toolchain::find()
        .ok_or("no compiler here can build the WebAssembly guest; `cargo xtask setup` mends that")?;
    let sanity = env::var_os("CARGO_FEATURE_SANITY").is_some();
    let out_dir = PathBuf::from(variable("OUT_DIR")?);
    let target_dir = guest_target_dir(&out_dir, sanity);
    let mut cargo = build_command(&toolchain, &root, &target_dir, sanity);
    let status = cargo.status().map_err(|e| format!("starting cargo to build the guest: {e}"))?;
    if !status.success() {
        return Err(format!("building the guest failed ({status}); the compiler's messages are above"));
    }

    let built = built_module(&target_dir);
    let wasm = fs::read(&built).map_err(|e| format!("reading {}: {e}", built.display()))?;
    let heap_base = find_heap_base(&wasm)?;
    check::check(&wasm, DATA_START..heap_base).map_err(|e| format!("the built guest cannot be used: {e}"))?;
    let copy = out_dir.join("guest.wasm");
    fs::write(&copy, wasm).map_err(|e| format!("writing {}: {e}", copy.display()))?;
    println!("cargo::rustc-env=BCVM_GUEST_WASM={}", copy.display());
    println!("cargo::rustc-env=BCVM_LINKER_VERSION={:016x}", linker_version(&root)?);
    println!("cargo::rustc-env=BCVM_GUEST_DATA_START={DATA_START}");
    println!("cargo::rustc-env=BCVM_GUEST_HEAP_BASE={heap_base}");
    Ok(())
}

/// What engine and guest agree on, and what is generated for each engine anew, and known to packages by nothing but types, names and slots, which the other files of
/// the linker lay down: what has been linked goes with any version of these.
const NOT_LINKED: [&str; 4] =
    ["host/src/glue/module.rs", "host/src/glue/tests.rs", "host/src/glue/shims", "bcvm/src/abi/request.rs"];

/// A hash of the sources of linker and lifter: what an older version has linked must not be used.
fn linker_version(root: &Path) -> Result<u64, String> {
    let mut files = Vec::new();
    for directory in ["host/src", "bcvm/src/abi", "bcvm/src/layout"] {
        list_files(&root.join(directory), &mut files)?;
    }
    files.retain(|file| !NOT_LINKED.iter().any(|path| file.starts_with(root.join(path))));
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        fs::read(&file).map_err(|e| format!("reading {}: {e}", file.display()))?.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

fn list_files(directory: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let failed = |e: std::io::Error| format!("reading {}: {e}", directory.display());
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() { list_files(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

/// The cargo command that builds the guest of the workspace at `root` into `target_dir`.
fn build_command(toolchain: &guest_toolchain::Toolchain, root: &Path, target_dir: &Path, sanity: bool) -> Command {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(root)
        .args(["build", "--package", "bcvm-guest", "--profile", "guest", "--locked", "--quiet"])
        .args(["-Zbuild-std=core,alloc,panic_abort", "--target", TARGET])
        .arg("--target-dir")
        .arg(target_dir);
    if sanity {
        command.args(["--features", "sanity"]);
    }
    clear_build_environment(&mut command);
    command
        .env("RUSTC", &toolchain.rustc)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_ENCODED_RUSTFLAGS", rustflags().join("\u{1f}"));
    if let Some(linker) = &toolchain.linker {
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    }
    command
}

/// Where [`build_command`] leaves the module.
fn built_module(target_dir: &Path) -> PathBuf {
    target_dir.join(TARGET).join("guest").join("bcvm_guest.wasm")
}

/// The flags of the guest: see Note [A guest without bulk memory] and Note [The map of guest memory].
fn rustflags() -> Vec<String> {
    let mut flags = vec!["-Ctarget-cpu=mvp".to_owned(), format!("-Ctarget-feature={FEATURES}")];
    let global_base = format!("--global-base={DATA_START}");
    let link = [
        // The engine makes the memory, as large as wasm32 allows.
        "--import-memory",
        "--max-memory=4294967296",
        // Data starts at DATA_START; rustc already puts the stack first, 1 MiB large.
        &global_base,
        // The engine resets the one after a trap; the other tells it how much data there is.
        "--export=__stack_pointer",
        "--export=__heap_base",
    ];
    flags.extend(link.iter().map(|arg| format!("-Clink-arg={arg}")));
    flags
}

/// Removes what the cargo around us has set for *its* build: flags, wrappers (clippy's among them), profiles.
fn clear_build_environment(command: &mut Command) {
    const KEPT: [&str; 5] = ["CARGO_HOME", "CARGO_NET_", "CARGO_HTTP_", "CARGO_REGISTR", "CARGO_SOURCE_"];
    const CLEARED: [&str; 12] = [
        "CARGO_",
        "__CARGO",
        "RUSTC",
        "RUSTFLAGS",
        "RUSTDOC",
        "CLIPPY_",
        "MIRI",
        "MAKEFLAGS",
        "MFLAGS",
        "OPT_LEVEL",
        "PROFILE",
        "OUT_DIR",
    ];
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let starts_with = |prefixes: &[&str]| prefixes.iter().any(|p| text.starts_with(p));
        if starts_with(&CLEARED) && !starts_with(&KEPT) {
            command.env_remove(&name);
        }
    }
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
    let broken = |e: wasmparser::BinaryReaderError| format!("the built guest is not WebAssembly: {e}");
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
