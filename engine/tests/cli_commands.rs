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

#[test]
fn a_function_is_shown_beside_its_translation() {
    let folder = tempfile::tempdir().unwrap();
    let source = "extern long outside(long);\n\
                  long sum(long n) { long s = 0; for (long i = 0; i < n; i++) s += i * i; return s; }\n\
                  long other(long n) { return outside(n) + 1; }\n\
                  void odd(void) { __asm__ volatile(\"rdtsc\"); }\n";
    let source = write(&folder, "sum.c", source.as_bytes());
    let object = folder.path().join("sum.o");
    let gcc = Command::new("gcc").args(["-O1", "-c", "-o"]).arg(&object).arg(&source).status();
    if !gcc.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no gcc");
        return;
    }
    let object = object.to_str().unwrap();
    let shown = bcvm(&["lift", "--emit", "wat", object, "sum"]);
    assert_eq!((shown.status.code(), err(&shown)), (Some(0), String::new()));
    for part in ["sum:", "imul ", "ret", "(func (;", "i64.mul", "loop", "entered by its convention"] {
        assert!(out(&shown).contains(part), "{part}: {}", out(&shown));
    }
    // Of other functions nothing is seen, and other objects' symbols have names.
    let shown = bcvm(&["lift", object, "other"]);
    assert!(out(&shown).contains("outside") && !out(&shown).contains("imul"), "{}", out(&shown));
    let code = bcvm(&["lift", "--emit", "asm", object, "sum"]);
    assert!(out(&code).contains("imul ") && !out(&code).contains("(func"), "{}", out(&code));
    let traps = bcvm(&["lift", object, "odd"]);
    assert_eq!(traps.status.code(), Some(4));
    assert!(out(&traps).contains("would trap") && out(&traps).contains("rdtsc"), "{}", out(&traps));
    let missing = bcvm(&["lift", object, "absent"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(err(&missing).contains("absent"), "{}", err(&missing));
    assert!(out(&bcvm(&["lift", "--help"])).contains("bcvm lift --emit wat sum.o sum"));
}
