//! The C library: C code of one's own, compiled by gcc in several ways, does with `bcvm-iserv` what it does with GHC's own
//! server, which has glibc.
//!
//! `c_library/NAME.c` defines `int run(void)`, which prints. It is the object of a package, and GHC evaluates a call of it
//! in a fresh directory. Needs GHC 9.0.2 (see `ghc_iserv`) and gcc.

mod ghc_iserv;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Options of gcc that a function of C may depend on: what is expanded in place, and what fortified headers call instead.
const WAYS: [&[&str]; 3] =
    [&["-O0"], &["-O2", "-fno-builtin"], &["-O2", "-D_FORTIFY_SOURCE=2", "-fstack-protector-strong"]];

const MAIN: &str = "import Foreign.C\nforeign import ccall \"run\" run :: IO CInt\n\
    foreign import ccall \"finish\" finish :: IO CInt\nmain = run >>= print >> finish >>= print\n";

/// GHC's own server keeps what C prints until somebody asks for it.
const FINISH: &str = "#include <stdio.h>\nint finish(void) { return fflush(stdout); }\n";

fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {text}");
    text.into_owned()
}

/// A package database at `place` with a package whose object is made of `sources`.
fn make_package(place: &Path, sources: &[PathBuf], options: &[&str]) {
    let mut objects = Vec::new();
    for source in sources {
        let object = place.join(source.file_stem().unwrap()).with_extension("o");
        run(Command::new("gcc")
            .args(options)
            .args(["-w", "-D_GNU_SOURCE", "-fPIC", "-c"])
            .arg(source)
            .arg("-o")
            .arg(&object));
        objects.push(object);
    }
    run(Command::new("ld").arg("-r").args(&objects).arg("-o").arg(place.join("HScsample-1.o")));
    run(Command::new("ar").arg("rcs").arg(place.join("libHScsample-1.a")).args(&objects));
    let text = format!(
        "name: csample\nversion: 1\nid: csample-1\nkey: csample-1\nlibrary-dirs: {}\nhs-libraries: HScsample-1\nexposed: True\n",
        place.display()
    );
    fs::write(place.join("csample.conf"), text).unwrap();
    let database = place.join("db");
    run(Command::new("ghc-pkg").arg("init").arg(&database));
    run(Command::new("ghc-pkg")
        .args(["register", "-v0", "--force", "--package-db"])
        .arg(&database)
        .arg(place.join("csample.conf")));
}

fn evaluate(place: &Path, server: &Path) -> String {
    let work = tempfile::tempdir().unwrap();
    fs::write(work.path().join("Main.hs"), MAIN).unwrap();
    let mut command = Command::new("timeout");
    command.args(["400", "ghc", "-v0", "-ignore-dot-ghci", "-fexternal-interpreter", "-pgmi"]).arg(server);
    // A program's temporary files are where it may write.
    command.arg("-package-db").arg(place.join("db")).args(["-package", "csample", "-e", "main", "Main.hs"]);
    command.current_dir(work.path()).env("LC_ALL", "C.UTF-8").env("TZ", "UTC").env("GHC_ENVIRONMENT", "-");
    run(&mut command)
}

#[test]
#[cfg_attr(feature = "sanity", ignore = "compiled C has no heap; the build without sanity runs it")]
fn c_code_finds_the_library_it_knows() {
    let Some(theirs) = ghc_iserv::find_server() else { return };
    let ours = Path::new(env!("CARGO_BIN_EXE_bcvm-iserv"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c_library");
    let mut sources: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    sources.sort();
    assert!(sources.len() >= 5);
    for source in sources {
        for way in WAYS {
            let place = tempfile::tempdir().unwrap();
            let finish = place.path().join("finish.c");
            fs::write(&finish, FINISH).unwrap();
            make_package(place.path(), &[source.clone(), finish], way);
            let (expected, got) = (evaluate(place.path(), theirs), evaluate(place.path(), ours));
            let difference = expected.lines().zip(got.lines()).zip(1..).find(|((a, b), _)| a != b);
            assert!(expected == got, "{} compiled {way:?}: {difference:?}\n{got}", source.display());
        }
    }
}
