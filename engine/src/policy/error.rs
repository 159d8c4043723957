//! What is wrong with a policy file, and where.

use std::ops::Range;
use std::path::{Path, PathBuf};

/// Something that keeps a policy from being used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}: {what}", path.display(), Line(*line))]
pub struct PolicyError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1 on; 0 if it is the file as a whole.
    pub line: usize,
    /// What was found there.
    pub what: String,
}

struct Line(usize);

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == 0 { Ok(()) } else { write!(f, ":{}", self.0) }
    }
}

/// A file's text, to tell lines from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// An error about these bytes of it.
    pub(super) fn error(&self, span: Range<usize>, what: impl Into<String>) -> PolicyError {
        let before = self.text.as_bytes().iter().take(span.start);
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        PolicyError { path: self.path.to_owned(), line, what: what.into() }
    }
}
