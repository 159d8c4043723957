//! Files that documents and comments name exist.
//!
//! A path is what stands between backquotes and begins with a folder of the tree: `xtask/src/main.rs`. Paths of other
//! projects begin with other folders, and a name with a placeholder or a star in it is no path.

use super::Problem;
use super::source::File;

/// What a path of ours begins with.
const FOLDERS: [&str; 9] = ["bcvm/", "guest/", "host/", "engine/", "benches/", "fuzz/", "xtask/", "examples/", "docs/"];

/// Whether a file or folder is there; `files` are only those that tidy reads.
pub(super) trait Tree {
    /// Whether `path`, relative to the root, is there.
    fn has(&self, path: &str) -> bool;
}

pub(super) fn check(files: &[File], tree: &impl Tree, problems: &mut Vec<Problem>) {
    for file in files.iter().filter(|file| file.is_rust() || file.path.ends_with(".md")) {
        for (number, line) in (1..).zip(file.text.lines()) {
            let text = if file.is_rust() { comment(line) } else { line };
            for path in paths(text).filter(|path| !tree.has(path)) {
                problems.push(Problem::new(&file.path, number, format!("names {path}, which is not there")));
            }
        }
    }
}

/// What a line of Rust says in a comment of its own.
fn comment(line: &str) -> &str {
    let line = line.trim_start();
    if line.starts_with("//") { line } else { "" }
}

/// The paths of ours in a line: between backquotes, or between parentheses as the target of a link.
fn paths(line: &str) -> impl Iterator<Item = &str> {
    let quoted = line.split('`').skip(1).step_by(2);
    let linked = line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    quoted.chain(linked).filter(|text| is_path(text))
}

fn is_path(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-./".contains(c);
    FOLDERS.iter().any(|folder| text.starts_with(folder)) && text.chars().all(plain)
}
