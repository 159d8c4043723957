//! Cabal's simple build of a package with splices (`cabal_package/`): lenses, an embedded file, quasi-quoters, singletons,
//! and compiled C that a splice calls. With `bcvm-iserv` it makes the program that GHC's own server makes.
//!
//! Needs GHC 9.0.2 (see `ghc_iserv`).

mod ghc_iserv;

use std::fs;
use std::path::Path;
use std::process::Command;

use ghc_iserv::run;

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// What the program prints that a build with `server` makes.
fn build(place: &Path, server: &Path) -> String {
    let setup = |command: &str| {
        let mut setup = Command::new("timeout");
        setup.args(["600", "./setup", command, "-v1", "--builddir=dist"]).current_dir(place);
        setup
    };
    let options = format!("--ghc-options=-fexternal-interpreter -pgmi {}", server.display());
    run(setup("configure").arg(options));
    run(&mut setup("build"));
    run(&mut Command::new(place.join("dist/build/sample/sample")))
}

#[test]
#[cfg_attr(
    feature = "sanity",
    ignore = "takes minutes with every collection checked; the build without sanity runs it"
)]
fn cabals_simple_build_makes_the_same_program() {
    let Some(theirs) = ghc_iserv::find_server() else { return };
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cabal_package");
    let [expected, got] = [theirs, Path::new(env!("CARGO_BIN_EXE_bcvm-iserv"))].map(|server| {
        let place = tempfile::tempdir().unwrap();
        copy_folder(&source, place.path());
        let mut compile = Command::new("ghc");
        run(compile.args(["-v0", "Setup.hs", "-o", "setup"]).current_dir(place.path()));
        build(place.path(), server)
    });
    assert!(expected.contains("embedded world!"), "{expected}");
    assert_eq!(got, expected);
}
