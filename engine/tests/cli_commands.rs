//! The command `bcvm`, from outside: what it prints, where, and its exit code.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn bcvm(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bcvm")).args(args).output().unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name);
    path.to_string_lossy().into_owned()
}

fn write(folder: &tempfile::TempDir, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

#[test]
fn compiled_files_list_as_their_source_does() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tree.bcb");
    let compiled = bcvm(&["compile", &example("tree.stg"), "-o", file.to_str().unwrap()]);
    assert_eq!((compiled.status.code(), err(&compiled)), (Some(0), String::new()));
    let (from_file, from_source) = (bcvm(&["dis", file.to_str().unwrap()]), bcvm(&["dis", &example("tree.stg")]));
    assert_eq!(from_file.status.code(), Some(0));
    assert_eq!(out(&from_file), out(&from_source));
    for part in ["constructor Node, tag 1, 3 pointer and 1 other words", "BCO insert, arity 3, stack npp", "primop <#"]
    {
        assert!(out(&from_file).contains(part), "{part}");
    }
}

#[test]
fn bad_input_is_exit_code_2_with_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let program = write(&folder, "bad.stg", b"main =\n  case foo of x -> x\n");
    let text = write(&folder, "text.bcb", b"main = True");
    let binary = write(&folder, "binary.stg", &[0xff, 0xfe]);
    let damaged = write(&folder, "damaged.bcb", b"\x7fbcb\r\n\x1a\n\x01\x00");
    for (command, file, message) in [
        ("dis", program.to_str().unwrap(), "bad.stg:2:8: error: unknown name `foo`"),
        ("run", program.to_str().unwrap(), "2 |   case foo of x -> x\n  |        ^^^"),
        ("run", text.to_str().unwrap(), "not a .bcb file"),
        ("run", binary.to_str().unwrap(), "neither byte code nor UTF-8 text"),
        ("dis", damaged.to_str().unwrap(), "the file has 10 bytes, but its header says 52"),
        ("run", "/nonexistent/x.stg", "can't read"),
    ] {
        let output = bcvm(&[command, file]);
        assert_eq!(output.status.code(), Some(2), "{file}");
        assert!(err(&output).contains(message), "{}", err(&output));
        assert_eq!(out(&output), "");
    }
}

#[test]
fn usage_is_exit_code_2_and_help_explains_codes() {
    for args in [
        &["run"][..],
        &["frob"],
        &["run", "x", "--limit-memory", "lots"],
        &["run", "x", "--timeout", "5"],
        &["run", "x", "--max-depth", "0"],
        &["compile", "x"],
    ] {
        assert_eq!(bcvm(args).status.code(), Some(2), "{args:?}");
    }
    let help = bcvm(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(out(&help).contains("3  a limit was reached"));
}

#[test]
fn a_file_that_cannot_be_written_is_reported() {
    let output = bcvm(&["compile", &example("nfib.stg"), "-o", "/nonexistent/folder/x.bcb"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("can't write"));
}
