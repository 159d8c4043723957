//! What the README shows happens: its programs are written to files, its commands run, its listing compared.
//!
//! A block says in its first line what it is: `haskell FILE` is a program, `console` commands after `$` with their
//! output, `annotated FILE` part of what `bcvm dis FILE` prints with explanations behind `--`, `sh` the commands of
//! `cargo xtask`. Blocks of Rust are run as tests of the engine's documentation.

use std::path::Path;
use std::process::Command;

const README: &str = include_str!("../../README.md");

/// A block of code: its first line and the rest.
struct Block {
    kind: &'static str,
    argument: &'static str,
    text: &'static str,
}

fn blocks() -> Vec<Block> {
    let pieces = README.split("```").skip(1).step_by(2);
    pieces
        .map(|piece| {
            let (info, text) = piece.split_once('\n').expect("a block has lines");
            let (kind, argument) = info.split_once(' ').unwrap_or((info, ""));
            Block { kind, argument, text }
        })
        .collect()
}

fn of_kind(kind: &str) -> Vec<Block> {
    let found: Vec<Block> = blocks().into_iter().filter(|block| block.kind == kind).collect();
    assert!(!found.is_empty(), "the README has blocks of {kind}");
    found
}

/// A directory with the README's programs and the examples.
fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    for program in of_kind("haskell") {
        std::fs::write(directory.path().join(program.argument), program.text).expect("a file");
    }
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    std::os::unix::fs::symlink(examples, directory.path().join("examples")).expect("a link");
    directory
}

/// What a command of the shell prints, `bcvm` being the program of this build.
fn shell(directory: &Path, line: &str) -> String {
    let bcvm = Path::new(env!("CARGO_BIN_EXE_bcvm")).parent().expect("a directory").to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([bcvm].into_iter().chain(std::env::split_paths(&path))).expect("a path");
    let output = Command::new("sh").args(["-c", line]).current_dir(directory).env("PATH", path).output();
    let output = output.expect("a shell");
    // A command prints to one of the two, so their order does not matter; `echo` follows both.
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("{err}{out}")
}

#[test]
fn commands_print_what_is_shown() {
    let directory = directory();
    for block in of_kind("console") {
        // Each command with the lines up to the next.
        for command in block.text.split("$ ").skip(1) {
            let (line, expected) = command.split_once('\n').expect("a line");
            assert_eq!(shell(directory.path(), line), expected, "{line}");
        }
    }
}

#[test]
fn the_annotated_listing_is_what_dis_prints() {
    let directory = directory();
    let bare = |text: &str| -> String {
        let lines = text.lines().map(|line| line.split(" -- ").next().unwrap_or_default());
        lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n").collect()
    };
    for block in of_kind("annotated") {
        let listing = shell(directory.path(), &format!("bcvm dis {}", block.argument));
        assert!(bare(&listing).contains(&bare(block.text)), "{listing}");
        assert!(block.text.matches(" -- ").count() > 10, "the listing is annotated");
    }
}

#[test]
fn the_two_commands_exist() {
    for line in of_kind("sh").iter().flat_map(|block| block.text.lines()) {
        let command = line.split(" #").next().and_then(|line| line.trim().strip_prefix("cargo ")).expect("cargo");
        let output = Command::new(env!("CARGO"))
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
            .args(command.split_whitespace())
            .arg("--help")
            .output()
            .expect("cargo");
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
