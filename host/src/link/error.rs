//! Why an object was not loaded, or what was loaded not resolved.

use std::fmt;
use std::io;

use thiserror::Error;

use crate::{elf, lift, reloc};

/// A symbol that nobody defines, and who wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The symbol.
    pub symbol: String,
    /// Objects that refer to it, each with the first place that does.
    pub wanted_by: Vec<(String, String)>,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.symbol)?;
        for (n, (object, place)) in self.wanted_by.iter().enumerate() {
            write!(f, "{}{object} at {place}", if n == 0 { " (wanted by " } else { ", " })?;
        }
        f.write_str(if self.wanted_by.is_empty() { "" } else { ")" })
    }
}

/// A symbol with two strong definitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The symbol.
    pub symbol: String,
    /// The object that was to be loaded.
    pub object: String,
    /// The object that defines it already.
    pub defined_by: String,
}

/// Why the linker did not do what it was asked to do. Nothing has changed then.
#[derive(Debug, Error)]
pub enum Error {
    /// The file could not be read.
    #[error("{file}: {source}")]
    Read {
        /// The file.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// It is no object or archive that can be linked.
    #[error(transparent)]
    Elf(#[from] elf::Error),
    /// It can't be placed or relocated.
    #[error(transparent)]
    Reloc(#[from] reloc::Error),
    /// Its code can't be translated at all.
    #[error(transparent)]
    Lift(#[from] lift::Error),
    /// Some of its symbols are defined already.
    #[error("{}", duplicates(.0))]
    Duplicates(Vec<Duplicate>),
    /// Some symbols are not defined.
    #[error("unresolved symbols: {}", missing(.0))]
    Unresolved(Vec<Missing>),
    /// No room is left for it.
    #[error("{object}: no room is left for {bytes} bytes and {slots} functions of it")]
    NoRoom {
        /// The object.
        object: String,
        /// What it needs of guest memory.
        bytes: u32,
        /// Slots it needs in the code tables.
        slots: u64,
    },
    /// It was never loaded.
    #[error("{path}: not loaded")]
    NotLoaded {
        /// The path that was given.
        path: String,
    },
    /// Its initialisers have failed before.
    #[error("{object}: it can't be used, because its initialisers have failed: {why}")]
    Failed {
        /// The object.
        object: String,
        /// What happened then.
        why: String,
    },
    /// It is no file that this linker loads.
    #[error("{path}: {problem}")]
    Refused {
        /// The path that was given.
        path: String,
        /// Why not.
        problem: &'static str,
    },
    /// The object changed while it was being linked.
    #[error("{object}: it changed while it was being linked")]
    Changed {
        /// The object.
        object: String,
    },
    /// What was linked could not be compiled or kept.
    #[error("{object}: {problem}")]
    Store {
        /// The object.
        object: String,
        /// What the store says.
        problem: String,
    },
}

/// The most symbols that one message lists.
const MAX_LISTED: usize = 100;

fn list<T>(items: &[T], show: impl Fn(&T) -> String) -> String {
    let mut text = items.iter().take(MAX_LISTED).map(show).collect::<Vec<_>>().join(", ");
    if items.len() > MAX_LISTED {
        text.push_str(&format!(" and {} more", items.len() - MAX_LISTED));
    }
    text
}

fn missing(symbols: &[Missing]) -> String {
    list(symbols, ToString::to_string)
}

fn duplicates(duplicates: &[Duplicate]) -> String {
    list(duplicates, |d| format!("{}: {} is defined by {} already", d.object, d.symbol, d.defined_by))
}
