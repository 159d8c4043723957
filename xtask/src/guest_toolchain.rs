//! How the guest is compiled to wasm32: which compiler, which flags, and a clean cargo command.
//!
//! `engine/build.rs` includes this file by path, xtask as a module, so that what `setup` calls complete is what the
//! build uses. It therefore depends on nothing but std.

// Note [A guest without bulk memory]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// wasmtime runs memory.copy, memory.fill and memory.init in a function of the host. Most of guest memory is not
// committed, and a page fault inside such a function is no wasm trap: it kills the process. Hostile code could ask for
// one with any address, so no module may contain these instructions.
//
// rustc enables them for wasm32 by default, and the `core` that comes with the installed wasm32 target contains them.
// Hence `core` and `alloc` are compiled with the guest (`-Zbuild-std`), for the `mvp` CPU plus the features named
// below, and `engine/build.rs` reads the result and refuses it if one slipped in. The engine checks generated modules
// again when it loads them.
//
// Compiling `core` needs its source: the rustup component `rust-src`, or where rustup has no network, Debian's
// rustc-web and rust-web-src. The two cannot be mixed, as a compiler only knows the library of its own version.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The rustc target of the guest.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Where Debian's compiler is, with the source of its library beside it if rust-web-src is installed.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// Instructions the guest may use beyond the first version of WebAssembly.
const FEATURES: &str = "+mutable-globals,+sign-ext,+nontrapping-fptoint,+multivalue,+tail-call";

/// A compiler that can build the guest.
#[derive(Debug, Clone)]
pub struct Toolchain {
    /// The compiler, with the source of its library in its sysroot.
    pub rustc: PathBuf,
    /// The linker, where it is not the one rustc would find.
    pub linker: Option<PathBuf>,
}

/// Looks for a compiler with library source: the active one, then Debian's.
pub fn find() -> Option<Toolchain> {
    let active = env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from);
    let rustc = [active.clone(), PathBuf::from(DEBIAN_RUSTC)]
        .into_iter()
        .find(|rustc| sysroot(rustc).is_some_and(|root| has_library_source(&root)))?;
    let linker = [&rustc, &active]
        .into_iter()
        .find_map(|rustc| find_lld(&sysroot(rustc)?));
    Some(Toolchain {
        rustc,
        linker: linker.or_else(|| find_in_path("wasm-ld")),
    })
}

/// The cargo command that builds the guest of the workspace at `root` into `target_dir`.
pub fn build_command(
    toolchain: &Toolchain,
    root: &Path,
    target_dir: &Path,
    sanity: bool,
) -> Command {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(root)
        .args([
            "build",
            "--package",
            "bcvm-guest",
            "--profile",
            "guest",
            "--locked",
            "--quiet",
        ])
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
pub fn built_module(target_dir: &Path) -> PathBuf {
    target_dir
        .join(TARGET)
        .join("guest")
        .join("bcvm_guest.wasm")
}

/// The flags of the guest. The numbers are those of the map of guest memory in `bcvm/src/abi.rs`.
fn rustflags() -> Vec<String> {
    let mut flags = vec![
        "-Ctarget-cpu=mvp".to_owned(),
        format!("-Ctarget-feature={FEATURES}"),
    ];
    let link = [
        // The engine makes the memory, as large as wasm32 allows.
        "--import-memory",
        "--max-memory=4294967296",
        // Data starts at DATA_START; rustc already puts the stack first, 1 MiB large.
        "--global-base=2097152",
        // The engine resets the one after a trap; the other tells it how much data there is.
        "--export=__stack_pointer",
        "--export=__heap_base",
    ];
    flags.extend(link.iter().map(|arg| format!("-Clink-arg={arg}")));
    flags
}

/// Removes what the cargo around us has set for *its* build: flags, wrappers (clippy's among them), profiles.
fn clear_build_environment(command: &mut Command) {
    const KEPT: [&str; 5] = [
        "CARGO_HOME",
        "CARGO_NET_",
        "CARGO_HTTP_",
        "CARGO_REGISTR",
        "CARGO_SOURCE_",
    ];
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
        let starts_with = |prefix: &&str| text.starts_with(*prefix);
        if CLEARED.iter().any(|p| starts_with(p)) && !KEPT.iter().any(|p| starts_with(p)) {
            command.env_remove(&name);
        }
    }
}

fn sysroot(rustc: &Path) -> Option<PathBuf> {
    let output = Command::new(rustc)
        .args(["--print", "sysroot"])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output
        .status
        .success()
        .then(|| PathBuf::from(text.trim_end()))
}

fn has_library_source(sysroot: &Path) -> bool {
    sysroot
        .join("lib/rustlib/src/rust/library/core/src/lib.rs")
        .is_file()
}

fn find_lld(sysroot: &Path) -> Option<PathBuf> {
    let rustlib = std::fs::read_dir(sysroot.join("lib/rustlib")).ok()?;
    rustlib
        .filter_map(Result::ok)
        .map(|entry| entry.path().join("bin/rust-lld"))
        .find(|lld| lld.is_file())
}

fn find_in_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|dir| dir.join(program))
        .find(|file| file.is_file())
}
