//! GHC's own interpreter server: the oracle, driven through `Interp` like any other backend.
//!
//! Only ghc-prim is loaded, so an exception that is not caught ends the server. Where GHC 9.0.2 is not installed there is
//! no oracle: tests say that they were skipped, and fail instead where `BCVM_REQUIRE_GHC` is set, as CI does.

#![allow(dead_code, reason = "each test file uses a part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use bcvm_engine::Interp;
use bcvm_engine::interp::Backend;

/// GHC's folder of libraries and its server.
struct Ghc {
    libdir: PathBuf,
    server: PathBuf,
}

static GHC: LazyLock<Option<Ghc>> = LazyLock::new(|| {
    let ask = |option: &str| {
        let output = Command::new("ghc").arg(option).stderr(Stdio::null()).output().ok()?;
        Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
    };
    let version = ask("--numeric-version")?;
    let libdir = PathBuf::from(ask("--print-libdir")?);
    let server = libdir.join("bin/ghc-iserv");
    // Debian keeps the programs beside the folder of libraries.
    let server = if server.exists() { server } else { libdir.parent()?.parent()?.join("bin/ghc-iserv") };
    (version == "9.0.2" && server.exists()).then_some(Ghc { libdir, server })
});

fn installed() -> Option<&'static Ghc> {
    let ghc = GHC.as_ref();
    if ghc.is_none() {
        assert!(std::env::var_os("BCVM_REQUIRE_GHC").is_none(), "GHC 9.0.2 is not installed");
        eprintln!("skipped: GHC 9.0.2 is not installed");
    }
    ghc
}

/// The program. `None` means that the test cannot run here.
pub fn find_server() -> Option<&'static Path> {
    installed().map(|ghc| &*ghc.server)
}

/// Whether GHC has these packages; where they are required they are.
pub fn has_packages(names: &[&str]) -> bool {
    let is_there =
        |name: &&str| Command::new("ghc-pkg").args(["latest", name]).output().is_ok_and(|o| o.status.success());
    let missing: Vec<&str> = names.iter().copied().filter(|name| !is_there(name)).collect();
    if !missing.is_empty() {
        assert!(std::env::var_os("BCVM_REQUIRE_GHC").is_none(), "packages are not installed: {missing:?}");
        eprintln!("skipped: packages are not installed: {missing:?}");
    }
    missing.is_empty()
}

/// What a command prints that must succeed.
pub fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).env("LC_ALL", "C.UTF-8").output();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {text}");
    text.into_owned()
}

/// An interpreter that is GHC's server, ghc-prim loaded.
pub fn start() -> Option<Interp> {
    let ghc = installed()?;
    let interp = Interp::builder().backend(Backend::external(&ghc.server)).build().unwrap();
    interp.init_obj_linker().unwrap();
    interp.load_obj(&ghc.libdir.join("ghc-prim-0.7.0/HSghc-prim-0.7.0.o")).unwrap();
    assert!(interp.resolve_objs().unwrap(), "ghc-prim links");
    Some(interp)
}
