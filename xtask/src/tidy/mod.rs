//! How the tree must look, as far as a program can tell.
//!
//! | file | checks |
//! |---|---|
//! | `source` | nothing: finds and reads the files |
//! | `layers` | which crate may use which |
//! | `notes` | that Notes referred to exist |
//! | `paths` | that files named in documents and comments exist |
//! | `rules` | each file by itself: head, length, `unsafe`, names |

mod layers;
mod notes;
mod paths;
mod rules;
mod source;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;

use anyhow::Result;

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    file: String,
    /// Counted from 1; 0 is the file as a whole.
    line: usize,
    what: String,
}

impl Problem {
    fn new(file: &str, line: usize, what: impl Into<String>) -> Problem {
        Problem { file: file.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// All problems of the tree at `root`.
pub fn check(root: &Path) -> Result<Vec<Problem>> {
    Ok(check_files(&source::read_tree(root)?, &OnDisk(root)))
}

/// The tree as it is.
struct OnDisk<'a>(&'a Path);

impl paths::Tree for OnDisk<'_> {
    fn has(&self, path: &str) -> bool {
        self.0.join(path).exists()
    }
}

fn check_files(files: &[source::File], tree: &impl paths::Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    layers::check(files, &mut problems);
    notes::check(files, &mut problems);
    paths::check(files, tree, &mut problems);
    for file in files {
        rules::check(file, &mut problems);
    }
    problems.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    problems
}
