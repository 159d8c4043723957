//! What can be wrong with an object file or an archive.
//!
//! Every message names the file, and the section or symbol where there is one. Failures of placing
//! and relocating are `reloc::Error`'s.

use thiserror::Error;

/// Why a file could not be read as what it claims to be.
#[derive(Debug, Error)]
pub enum Error {
    /// The container itself is malformed.
    #[error("{file}: reading {what}: {source}")]
    Malformed {
        /// The file, or `archive(member)`.
        file: String,
        /// The part being read.
        what: String,
        /// What the parser found.
        source: object::read::Error,
    },
    /// Well formed, but no little-endian x86-64 object that can be linked.
    #[error("{file}: not an x86-64 ELF object that can be linked: {found}")]
    WrongKind {
        /// The file.
        file: String,
        /// What it is instead.
        found: String,
    },
    /// A section uses a feature that guest code cannot have.
    #[error("{file}: section {section}: {problem}")]
    Section {
        /// The file.
        file: String,
        /// The section's name.
        section: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A symbol table entry contradicts the rest of the file.
    #[error("{file}: symbol {symbol}: {problem}")]
    Symbol {
        /// The file.
        file: String,
        /// The symbol's name, or its number when the name is unreadable.
        symbol: String,
        /// What is wrong with it.
        problem: String,
    },
    /// An archive refers to members in other files.
    #[error("{file}: thin archives are not supported: its members live in other files")]
    ThinArchive {
        /// The archive.
        file: String,
    },
}

impl Error {
    /// Wraps a parser error with what was being read.
    pub(super) fn malformed(file: &str, what: impl Into<String>, source: object::read::Error) -> Self {
        Error::Malformed { file: file.to_owned(), what: what.into(), source }
    }
}
