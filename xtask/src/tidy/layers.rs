//! Layers point down: `benches → engine → host → bcvm` and `guest → bcvm`.
//!
//! What a manifest does not name cannot be used, so manifests are what is read. Only all use of wasmtime being in one
//! folder has to be looked for in the code.

use super::Problem;
use super::source::{File, code_only};

/// A crate and what it may know.
struct Layer {
    directory: &'static str,
    /// Our crates it may use.
    below: &'static [&'static str],
    /// Others' crates it must not use, since what they are about belongs elsewhere.
    foreign: &'static [&'static str],
}

const OURS: [&str; 7] = ["bcvm", "bcvm-guest", "bcvm-host", "bcvm-engine", "bcvm-benches", "bcvm-fuzz", "xtask"];

/// Every crate of the tree.
const LAYERS: [Layer; 7] = [
    Layer {
        directory: "bcvm",
        below: &[],
        foreign: &["wasmtime", "wasm-encoder", "object", "iced-x86", "cranelift-codegen", "anyhow", "clap", "libc"],
    },
    Layer {
        directory: "guest",
        below: &["bcvm"],
        foreign: &["wasmtime", "serde", "bincode", "anyhow", "thiserror", "object", "iced-x86"],
    },
    Layer { directory: "host", below: &["bcvm"], foreign: &["wasmtime", "serde", "anyhow", "clap"] },
    Layer { directory: "engine", below: &["bcvm", "bcvm-host"], foreign: &["object", "iced-x86", "wasm-encoder"] },
    Layer { directory: "benches", below: &["bcvm", "bcvm-host", "bcvm-engine"], foreign: &["wasmtime"] },
    Layer { directory: "fuzz", below: &["bcvm", "bcvm-host", "bcvm-engine"], foreign: &["wasmtime"] },
    Layer { directory: "xtask", below: &[], foreign: &["wasmtime"] },
];

/// The one folder that knows wasmtime.
const WASMTIME_HOME: &str = "engine/src/embed/";

pub(super) fn check(files: &[File], problems: &mut Vec<Problem>) {
    for file in files {
        if let Some(layer) = LAYERS.iter().find(|layer| file.path == format!("{}/Cargo.toml", layer.directory)) {
            check_manifest(layer, file, problems);
        } else if file.path.ends_with("/Cargo.toml") {
            problems.push(Problem::new(&file.path, 0, "a crate without a layer; see xtask/src/tidy/layers.rs"));
        }
        let in_crate = file.path.contains("/src/");
        if file.is_rust() && in_crate && !file.path.starts_with(WASMTIME_HOME) {
            for (line, code) in (1..).zip(code_only(&file.text).lines()) {
                if code.contains("wasmtime::") || code.trim_start().starts_with("use wasmtime") {
                    problems.push(Problem::new(&file.path, line, format!("wasmtime is used in {WASMTIME_HOME} only")));
                }
            }
        }
    }
}

fn check_manifest(layer: &Layer, file: &File, problems: &mut Vec<Problem>) {
    for Dependency { line, name, for_tests } in dependencies(&file.text) {
        if OURS.contains(&name) && !layer.below.contains(&name) {
            problems.push(Problem::new(&file.path, line, format!("{name} is not below {}", layer.directory)));
        }
        // Tests may run what the crate itself only makes.
        if layer.foreign.contains(&name) && !for_tests {
            let what = format!("{} has no business with {name}", layer.directory);
            problems.push(Problem::new(&file.path, line, what));
        }
    }
}

/// An entry of a manifest's dependency sections.
#[derive(Debug, PartialEq, Eq)]
struct Dependency<'a> {
    line: usize,
    name: &'a str,
    for_tests: bool,
}

/// Everything in the dependency sections of a manifest, also `[dependencies.NAME]` sections.
fn dependencies(manifest: &str) -> Vec<Dependency<'_>> {
    let mut found = Vec::new();
    let (mut inside, mut for_tests) = (false, false);
    for (line, text) in (1..).zip(manifest.lines()) {
        let text = text.trim();
        if let Some(section) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            inside = section.ends_with("dependencies");
            for_tests = section.contains("dev-dependencies");
            if let Some((_, name)) = section.split_once("dependencies.") {
                found.push(Dependency { line, name, for_tests });
            }
        } else if inside && !text.is_empty() && !text.starts_with('#') {
            let end = text.find(|c: char| c == '.' || c == '=' || c.is_whitespace()).unwrap_or(text.len());
            found.push(Dependency { line, name: text[..end].trim_matches('"'), for_tests });
        }
    }
    found
}
