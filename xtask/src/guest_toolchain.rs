//! Which compiler and linker can build the guest. How they are called is in `engine/build.rs`.
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
// in `engine/build.rs`, which also reads the result and refuses it if one slipped in. The engine checks every module it
// compiles in the same way (`engine/src/embed/check.rs`).
//
// Compiling `core` needs its source: the rustup component `rust-src`, or where rustup has no network, Debian's
// rustc-web and rust-web-src. The two cannot be mixed, as a compiler only knows the library of its own version.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where Debian's compiler is, with the source of its library beside it if rust-web-src is installed.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

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
    let linker = [&rustc, &active].into_iter().find_map(|rustc| find_lld(&sysroot(rustc)?));
    Some(Toolchain { rustc, linker: linker.or_else(|| find_in_path("wasm-ld")) })
}

fn sysroot(rustc: &Path) -> Option<PathBuf> {
    let output = Command::new(rustc).args(["--print", "sysroot"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(text.trim_end()))
}

fn has_library_source(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib/src/rust/library/core/src/lib.rs").is_file()
}

fn find_lld(sysroot: &Path) -> Option<PathBuf> {
    let rustlib = std::fs::read_dir(sysroot.join("lib/rustlib")).ok()?;
    rustlib.filter_map(Result::ok).map(|entry| entry.path().join("bin/rust-lld")).find(|lld| lld.is_file())
}

fn find_in_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}
