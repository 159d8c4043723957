//! `bcvm run FILE.hs` and `bcvm ghci`, from outside: what GHC is called with, what comes back, and what is said where it
//! cannot be called. A script stands in for GHC, but for one test of the real one.

mod ghc_iserv;

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

fn bcvm(place: &TempDir, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bcvm")).args(args).current_dir(place.path()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A directory with `Main.hs`.
fn place() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("Main.hs"), "main = pure ()\n").unwrap();
    place
}

/// A program that says its version as GHC does, and else prints its arguments and ends with 7.
fn stand_in(place: &TempDir, version: &str) -> PathBuf {
    let path = place.path().join("ghc-stand-in");
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = --numeric-version ]; then echo {version}; exit; fi\nprintf '%s\\n' \"$@\"\nexit 7\n"
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn a_program_is_run_as_runghc_does_and_its_code_passed_on() {
    let place = place();
    let ghc = stand_in(&place, "9.0.2");
    let line = [
        "run",
        "--ghc",
        ghc.to_str().unwrap(),
        "--ghc-option=-Wall",
        "--timeout",
        "2s",
        "Main.hs",
        "a b",
        "--",
        "-x\"",
    ];
    let output = bcvm(&place, &line);
    assert_eq!(output.status.code(), Some(7), "{}", text(&output.stderr));
    let shown = text(&output.stdout);
    let got: Vec<&str> = shown.lines().collect();
    let server = env!("CARGO_BIN_EXE_bcvm-iserv");
    let expected = [
        "-fexternal-interpreter",
        "-pgmi",
        server,
        "-opti--timeout=2000ms",
        "-Wall",
        "-ignore-dot-ghci",
        "-e",
        ":set prog \"Main.hs\"",
        "-e",
        ":main [\"a b\",\"-x\\\"\"]",
        "Main.hs",
    ];
    assert_eq!(got, expected);
}

#[test]
fn a_session_gets_all_of_ghcs_arguments() {
    let place = place();
    let ghc = stand_in(&place, "9.0.2");
    let output = bcvm(&place, &["ghci", "--ghc", ghc.to_str().unwrap(), "-XGADTs", "Main.hs", "--timeout"]);
    assert_eq!(output.status.code(), Some(7), "{}", text(&output.stderr));
    assert!(text(&output.stdout).ends_with("--interactive\n-XGADTs\nMain.hs\n--timeout\n"), "{}", text(&output.stdout));
}

#[test]
fn what_cannot_be_run_is_told_with_a_remedy() {
    let place = place();
    let old = stand_in(&place, "8.8.4");
    for (line, message) in [
        (&["run", "--ghc", "no-such-ghc", "Main.hs"][..], "`sudo apt-get install ghc`"),
        (&["ghci", "--ghc", "no-such-ghc"], "GHC is not installed: there is no program no-such-ghc"),
        (&["run", "--ghc", old.to_str().unwrap(), "Main.hs"], "is GHC 8.8.4, and only 9.0.2 is supported"),
        (&["run", "--ghc", "false", "Main.hs"], "false --numeric-version failed"),
        (&["run", "Missing.hs"], "can't read Missing.hs"),
        (&["run", "--backend", "internal", "Main.hs"], "--backend is for STG and byte code files"),
        (&["run", "x.stg", "argument"], "only a Haskell program takes arguments"),
    ] {
        let output = bcvm(&place, line);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()), "{line:?}");
        assert!(text(&output.stderr).contains(message), "{line:?}: {}", text(&output.stderr));
    }
}

#[test]
fn the_real_ghc_runs_a_program_and_a_session() {
    if ghc_iserv::find_server().is_none() {
        return;
    }
    let place = place();
    let source = "import System.Environment\nimport System.Exit\nmain = do\n  getProgName >>= putStrLn\n  \
                  getArgs >>= print\n  interact reverse\n  exitWith (ExitFailure 3)\n";
    fs::write(place.path().join("Main.hs"), source).unwrap();
    let with_input = |args: &[&str], input: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bcvm"));
        command.args(args).current_dir(place.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code(), text(&output.stdout))
    };
    let ran = with_input(&["run", "Main.hs", "--", "-a", "λ"], "abc");
    assert_eq!(ran, (Some(3), "Main.hs\n[\"-a\",\"\\955\"]\ncba".into()));
    let session = with_input(&["ghci", "-v0", "-ignore-dot-ghci"], "product [1 .. 25]\n");
    assert_eq!(session, (Some(0), "15511210043330985984000000\n".into()));
}
