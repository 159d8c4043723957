//! The C library: C code of one's own, compiled by gcc in several ways, does in the sandbox what it does as a program of
//! its own with glibc.
//!
//! `c_library/NAME.c` defines `int run(void)`, which prints. It is the object of a package, and GHC evaluates a call of it
//! with `bcvm-iserv`; and it is linked to a program. Both run in fresh directories. Needs GHC 9.0.2 (see `ghc_iserv`) and
//! gcc.

mod ghc_iserv;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ghc_iserv::run;

/// Options of gcc that a function of C may depend on: what is expanded in place, and what fortified headers call instead.
const WAYS: [&[&str]; 3] =
    [&["-O0"], &["-O2", "-fno-builtin"], &["-O2", "-D_FORTIFY_SOURCE=2", "-fstack-protector-strong"]];

const MAIN: &str = "import Foreign.C\nforeign import ccall \"run\" run :: IO CInt\nmain = run >>= print\n";

/// The program's, that prints the same.
const NATIVE_MAIN: &str =
    "#include <stdio.h>\nint run(void);\nint main(void) { printf(\"%d\\n\", run()); return 0; }\n";

/// Compiles a file to an object beside it.
fn compile(source: &Path, place: &Path, options: &[&str]) -> PathBuf {
    let object = place.join(source.file_stem().unwrap()).with_extension("o");
    run(Command::new("gcc").args(options).args(["-w", "-D_GNU_SOURCE", "-c"]).arg(source).arg("-o").arg(&object));
    object
}

/// A package database at `place` with a package that is this object.
fn make_package(place: &Path, object: &Path) {
    fs::copy(object, place.join("HScsample-1.o")).unwrap();
    run(Command::new("ar").arg("rcs").arg(place.join("libHScsample-1.a")).arg(object));
    let text = format!(
        "name: csample\nversion: 1\nid: csample-1\nkey: csample-1\nlibrary-dirs: {}\nhs-libraries: HScsample-1\nexposed: True\n",
        place.display()
    );
    let (description, database) = (place.join("csample.conf"), place.join("db"));
    fs::write(&description, text).unwrap();
    run(Command::new("ghc-pkg").arg("init").arg(&database));
    let mut register = Command::new("ghc-pkg");
    run(register.args(["register", "-v0", "--force", "--package-db"]).arg(&database).arg(&description));
}

/// What the package's function prints in the sandbox.
fn evaluated(place: &Path) -> String {
    let work = tempfile::tempdir().unwrap();
    fs::write(work.path().join("Main.hs"), MAIN).unwrap();
    let mut command = Command::new("timeout");
    command.args(["400", "ghc", "-v0", "-ignore-dot-ghci", "-fexternal-interpreter", "-pgmi"]);
    command.arg(env!("CARGO_BIN_EXE_bcvm-iserv")).arg("-package-db").arg(place.join("db"));
    command.args(["-package", "csample", "-e", "main", "Main.hs"]);
    run(command.current_dir(work.path()).env("TZ", "UTC").env("GHC_ENVIRONMENT", "-"))
}

/// What it prints as a program.
fn native(place: &Path, object: &Path) -> String {
    let (source, program) = (place.join("main.c"), place.join("program"));
    fs::write(&source, NATIVE_MAIN).unwrap();
    run(Command::new("gcc").arg(&source).arg(object).arg("-o").arg(&program).arg("-lm"));
    let work = tempfile::tempdir().unwrap();
    // As there, for those that look at what is there.
    fs::write(work.path().join("Main.hs"), MAIN).unwrap();
    run(Command::new(&program).current_dir(work.path()).env("TZ", "UTC"))
}

#[test]
#[cfg_attr(feature = "sanity", ignore = "compiled C has no heap; the build without sanity runs it")]
fn c_code_finds_the_library_it_knows() {
    if ghc_iserv::find_server().is_none() {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c_library");
    let mut sources: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    sources.sort();
    assert!(sources.len() >= 5);
    for source in sources {
        for way in WAYS {
            let place = tempfile::tempdir().unwrap();
            let object = compile(&source, place.path(), way);
            make_package(place.path(), &object);
            let (expected, got) = (native(place.path(), &object), evaluated(place.path()));
            let difference = expected.lines().zip(got.lines()).zip(1..).find(|((a, b), _)| a != b);
            assert!(expected == got, "{} compiled {way:?}: {difference:?}\n{got}", source.display());
        }
    }
}
