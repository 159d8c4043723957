//! Each rule finds what it is there for, and nothing else.

use super::check_files;
use super::paths::Tree;
use super::source::{File, code_only};

/// A tree with one file in it.
struct Alone;

impl Tree for Alone {
    fn has(&self, path: &str) -> bool {
        path == "host/src/there.rs"
    }
}

/// What is said about one file.
fn problems(path: &str, text: &str) -> Vec<String> {
    check_files(&[File { path: path.to_owned(), text: text.to_owned() }], &Alone)
        .into_iter()
        .map(|problem| problem.to_string())
        .collect()
}

#[test]
fn a_tidy_file_is_tidy() {
    assert!(problems("host/src/a.rs", "//! What lives here.\nfn unsafe_looking() {}\n").is_empty());
}

#[test]
fn heads_are_missed() {
    assert_eq!(problems("a.rs", "fn f() {}\n").len(), 1);
    assert!(problems("a.md", "text\n").is_empty());
}

#[test]
fn long_files_are_found() {
    let long = format!("//! Long.\n{}", "\n".repeat(600));
    assert_eq!(problems("a.rs", &long).len(), 1);
    assert!(problems("a.rs", &long[1..].replacen('/', "//", 1).replace("\n\n\n", "\n\n")).is_empty());
}

#[test]
fn unsafe_is_found_in_code_only() {
    let block = "//! A.\nfn f() {\n    // SAFETY: a reason.\n    unsafe { g() }\n}\n";
    assert_eq!(problems("host/src/a.rs", block).len(), 1);
    assert!(problems("engine/src/native/a.rs", block).is_empty());
    assert!(problems("bcvm/src/mem.rs", block).is_empty());
    assert_eq!(problems("bcvm/src/mem.rs", &block.replace("SAFETY:", "It is")).len(), 1);
    let innocent = "//! unsafe\n// unsafe {\nconst A: &str = \"unsafe {\";\n#![forbid(unsafe_code)]\n";
    assert!(problems("host/src/a.rs", innocent).is_empty());
}

#[test]
fn code_is_told_from_text() {
    let cases = [
        ("a // b\nc", "a     \nc"),
        ("a /* b /* c */ d */ e", "a                   e"),
        ("f(\"x\\\"y\") z", "f(       ) z"),
        ("r#\"a\"b\"# c", "         c"),
        ("for<'a> &'a T; '\\'' 'x' y", "for<'a> &'a T;          y"),
        ("\"ä\nb\" c", " \n   c"),
    ];
    for (text, code) in cases {
        assert_eq!(code_only(text).replace(' ', "").trim(), code.replace(' ', "").trim(), "{text}");
        assert_eq!(code_only(text).lines().count(), text.lines().count());
    }
}

#[test]
fn dangling_notes_are_found() {
    let open = concat!("Note", " [");
    let text = format!("//! A.\n// {open}A title]\n// ~~~~~~~~\n// Text.\n\n// See {open}A\n// title].\n");
    assert!(problems("a.rs", &text).is_empty());
    let dangling = format!("//! A.\n// See {open}Gone with\n// the wind].\n// GHC's {open}CAFs] is not ours.\n");
    assert_eq!(problems("a.rs", &dangling), vec![format!("a.rs:2: {open}Gone with the wind] is written down nowhere")]);
    let twice = format!("//! A.\n// {open}T]\n// ~~~\n\n// {open}T]\n// ~~~\n");
    assert_eq!(problems("a.rs", &twice).len(), 1);
}

#[test]
fn layers_point_down() {
    let upwards =
        "[package]\nname = \"bcvm-host\"\n[dependencies]\nbcvm.workspace = true\nbcvm-engine.workspace = true\n";
    assert_eq!(problems("host/Cargo.toml", upwards), ["host/Cargo.toml:5: bcvm-engine is not below host"]);
    let foreign = "[dependencies]\nwasmtime = \"48\"\n\n[target.'cfg(unix)'.dependencies]\nserde = \"1\"\n";
    assert_eq!(problems("host/Cargo.toml", foreign).len(), 2);
    let for_tests = "[dev-dependencies]\nwasmtime = \"48\"\nbcvm-engine.workspace = true\n";
    assert_eq!(problems("host/Cargo.toml", for_tests), ["host/Cargo.toml:3: bcvm-engine is not below host"]);
    assert_eq!(problems("bcvm/Cargo.toml", "[dependencies.bcvm-host]\npath = \"../host\"\n").len(), 1);
    assert!(problems("engine/Cargo.toml", upwards.split("bcvm-engine.").next().unwrap_or_default()).is_empty());
}

#[test]
fn wasmtime_stays_in_its_folder() {
    let text = "//! A.\nuse wasmtime::Engine;\n";
    assert_eq!(problems("engine/src/server.rs", text).len(), 1);
    assert_eq!(problems("engine/src/server.rs", "//! A.\nuse wasmtime as w;\n").len(), 1);
    assert!(problems("engine/src/server.rs", "//! wasmtime\nfn f(e: &E) { e.wasmtime(); }\n").is_empty());
    assert!(problems("engine/src/embed/store.rs", text).is_empty());
}

#[test]
fn crates_without_a_layer_are_found() {
    assert_eq!(problems("extra/Cargo.toml", "[package]\nname = \"extra\"\n").len(), 1);
    assert!(problems("Cargo.toml", "[workspace]\n").is_empty());
    assert_eq!(problems("fuzz/Cargo.toml", "[dependencies]\nwasmtime = \"48\"\n").len(), 1);
}

#[test]
fn files_that_are_not_there_are_found() {
    let (there, gone) = ("`host/src/there.rs`", "`host/src/gone.rs`");
    assert!(problems("a.md", &format!("{there}, `rts/Interpreter.c`, `host/NAME.rs`\n")).is_empty());
    assert_eq!(problems("a.md", gone), ["a.md:1: names host/src/gone.rs, which is not there"]);
    assert_eq!(problems("a.md", "[link](host/src/gone.rs)").len(), 1);
    assert_eq!(problems("a.rs", &format!("//! {gone}\n")).len(), 1);
    assert!(problems("a.rs", &format!("//! A.\nconst A: &str = \"{gone}\";\n")).is_empty());
}

#[test]
fn machines_and_registries_are_not_named() {
    let path = format!("see {}somebody/x\n", concat!("/ho", "me/"));
    assert_eq!(problems("README.md", &path).len(), 1);
    assert!(problems("README.md", &path.replace(" /", " target/")).is_empty());
    assert_eq!(problems("a.toml", concat!("# from crates", ".io\n")).len(), 1);
}
