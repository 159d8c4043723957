//! What holds for each file by itself.

use super::Problem;
use super::source::{File, code_only, is_word};

/// No file of code is longer; models' medians are far below.
const MOST_LINES: usize = 600;

/// Files that may be longer, each with the reason.
const MAY_BE_LONGER: [(&str, &str); 0] = [];

/// Where `unsafe` may occur: raw memory, the guest's border, code that was compiled earlier, native libraries, files that come
/// as numbers.
/// Ends with `/` for a folder.
const MAY_BE_UNSAFE: [&str; 9] = [
    "bcvm/src/mem.rs",
    "guest/src/allocator.rs",
    "guest/src/exports.rs",
    "guest/src/imports.rs",
    "engine/src/native/",
    "host/tests/",
    "engine/src/embed/artifact.rs",
    "engine/src/embed/memory.rs",
    "engine/src/server/inherited.rs",
];

/// How far above an unsafe block its reason may begin.
const SAFETY_WITHIN: usize = 8;

/// Hosts of package registries, and directories of somebody's machine. Written in two halves, for this is checked too.
const FORBIDDEN: [(&str, &str); 8] = [
    (concat!("crates", ".io"), "a registry host"),
    (concat!("static.rust", "-lang.org"), "a registry host"),
    (concat!("hackage.", "haskell.org"), "a registry host"),
    (concat!("registry.", "npmjs"), "a registry host"),
    (concat!("/ro", "ot/"), "a path of one machine"),
    (concat!("/ho", "me/"), "a path of one machine"),
    (concat!("/wo", "rk/"), "a path of one machine"),
    (concat!("/Use", "rs/"), "a path of one machine"),
];

pub(super) fn check(file: &File, problems: &mut Vec<Problem>) {
    check_names(file, problems);
    if file.is_rust() {
        check_head(file, problems);
        check_length(file, problems);
        check_unsafe(file, problems);
    }
}

fn check_names(file: &File, problems: &mut Vec<Problem>) {
    for (number, line) in (1..).zip(file.text.lines()) {
        for (name, what) in FORBIDDEN {
            // `target/work/` is no path of a machine: it must begin here.
            let begins = |at: usize| !name.starts_with('/') || !line[..at].ends_with(|c| is_word(c) || c == '.');
            if line.match_indices(name).any(|(at, _)| begins(at)) {
                problems.push(Problem::new(&file.path, number, format!("{what}: {name}")));
            }
        }
    }
}

fn check_head(file: &File, problems: &mut Vec<Problem>) {
    if !file.text.starts_with("//! ") {
        problems.push(Problem::new(&file.path, 1, "a file starts with `//!`: what lives here"));
    }
}

fn check_length(file: &File, problems: &mut Vec<Problem>) {
    let lines = file.text.lines().count();
    if lines > MOST_LINES && !MAY_BE_LONGER.iter().any(|(path, _)| *path == file.path) {
        let what = format!("{lines} lines; split it by families of meaning ({MOST_LINES} is the most)");
        problems.push(Problem::new(&file.path, 0, what));
    }
}

fn check_unsafe(file: &File, problems: &mut Vec<Problem>) {
    let allowed = |place: &&str| file.path == **place || (place.ends_with('/') && file.path.starts_with(*place));
    let listed = MAY_BE_UNSAFE.iter().any(allowed);
    let lines: Vec<&str> = file.text.lines().collect();
    for (index, code) in code_only(&file.text).lines().enumerate() {
        for after in words(code, "unsafe") {
            if !listed {
                let what = "`unsafe` is allowed in few places only; see xtask/src/tidy/rules.rs";
                problems.push(Problem::new(&file.path, index + 1, what));
            }
            // Blocks and impls say why they are sound; functions and attributes demand it of others.
            let after = after.trim_start();
            let reasoned = lines[index.saturating_sub(SAFETY_WITHIN)..=index].iter().any(|l| l.contains("SAFETY:"));
            if (after.starts_with('{') || after.starts_with("impl")) && !reasoned {
                problems.push(Problem::new(&file.path, index + 1, "no `SAFETY:` says why this is sound"));
            }
        }
    }
}

/// What follows each occurrence of a word.
fn words<'a>(code: &'a str, word: &str) -> impl Iterator<Item = &'a str> {
    code.match_indices(word).filter_map(move |(at, word)| {
        let after = &code[at + word.len()..];
        let whole = !code[..at].ends_with(is_word) && !after.starts_with(is_word);
        whole.then_some(after)
    })
}
