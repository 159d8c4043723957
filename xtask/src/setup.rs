//! What a machine must have beyond Rust and gcc, and how it gets it: installed if we may, else in one sentence.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Result, bail};

use crate::guest_toolchain;

/// Debian's packages for compiling the guest.
const WASM_PACKAGES: [&str; 2] = ["rustc-web", "rust-web-src"];

/// Sees to it that the guest can be built, and that GHC is there if `tests`.
pub fn run(tests: bool) -> Result<()> {
    wasm_toolchain()?;
    if let Some(found) = guest_toolchain::find() {
        println!("the guest is compiled by {}", found.rustc.display());
    }
    if tests {
        ghc();
    }
    Ok(())
}

/// The compiler for the guest: see Note [A guest without bulk memory].
fn wasm_toolchain() -> Result<()> {
    if find_complete_toolchain() {
        return Ok(());
    }
    // Where rustup has a network this is the smallest step. Where it has none it fails at once.
    let by_rustup = in_path("rustup").is_some() && succeeds("rustup", &["component", "add", "rust-src"]);
    if by_rustup && find_complete_toolchain() {
        return Ok(());
    }
    let mut packages = WASM_PACKAGES.to_vec();
    if guest_toolchain::find().is_some() {
        packages = vec!["lld"];
    }
    if install(&packages) && find_complete_toolchain() {
        return Ok(());
    }
    bail!(
        "nothing here compiles the WebAssembly guest. Mend it with `rustup component add rust-src`, or where rustup has no \
         network with `{}`",
        apt_command(&packages)
    )
}

/// Compiler and linker: a rustc without rust-lld would fail at the very end of the build.
fn find_complete_toolchain() -> bool {
    guest_toolchain::find().is_some_and(|found| found.linker.is_some())
}

/// Debian's packages that tests need: GHC, and packages that others wrote; g++ for libraries in C++.
const TEST_PACKAGES: [&str; 7] = [
    "ghc",
    "g++",
    "libghc-aeson-dev",
    "libghc-file-embed-dev",
    "libghc-lens-dev",
    "libghc-quickcheck2-dev",
    "libghc-vector-dev",
];

/// Tests compare with GHC where it is installed and say that they do not where it is not.
fn ghc() {
    let has_package = |name: &str| {
        let found = Command::new("ghc-pkg").args(["latest", name]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        found.is_ok_and(|status| status.success())
    };
    let packages = ["aeson", "file-embed", "lens", "QuickCheck", "vector"];
    let is_complete = in_path("ghc").is_some() && in_path("g++").is_some() && packages.into_iter().all(has_package);
    if !is_complete && !install(&TEST_PACKAGES) {
        eprintln!(
            "note: without GHC, its packages and g++ some tests are skipped; `{}` installs them",
            apt_command(&TEST_PACKAGES)
        );
    }
}

/// Installs Debian packages if this is Debian and we are root.
fn install(packages: &[&str]) -> bool {
    if !is_root() || in_path("apt-get").is_none() {
        return false;
    }
    let install = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    // The lists may be missing altogether on a fresh machine; if they cannot be had, what is cached may still do.
    succeeds("apt-get", &["update"]);
    succeeds("apt-get", &install)
}

fn apt_command(packages: &[&str]) -> String {
    format!("sudo apt-get install {}", packages.join(" "))
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    eprintln!("$ {program} {}", arguments.join(" "));
    Command::new(program)
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

fn in_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|directory| directory.join(program)).find(|file| Path::is_file(file))
}
