//! What can go wrong between a parsed object and bytes at an address.

use std::fmt;

use thiserror::Error;

/// A symbol nobody defines, and who wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    /// The symbol.
    pub symbol: String,
    /// The first place that refers to it, as `section+0x…`.
    pub wanted_by: String,
    /// How many places refer to it.
    pub references: usize,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (from {}", self.symbol, self.wanted_by)?;
        if self.references > 1 {
            write!(f, " and {} more", self.references - 1)?;
        }
        f.write_str(")")
    }
}

fn list(symbols: &[Unresolved]) -> String {
    symbols.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Why an object could not be placed or relocated.
#[derive(Debug, Error)]
pub enum Error {
    /// The object does not fit where it should go.
    #[error("{file}: placing {size:#x} bytes at {base:#x}: {problem}")]
    Placing {
        /// The object.
        file: String,
        /// What it needs.
        size: u64,
        /// Where it was to go.
        base: u32,
        /// Why not.
        problem: &'static str,
    },
    /// Symbols that neither the object nor its surroundings define.
    #[error("{file}: unresolved: {}", list(.symbols))]
    Unresolved {
        /// The object.
        file: String,
        /// All of them.
        symbols: Vec<Unresolved>,
    },
    /// A relocation could not be carried out.
    #[error(transparent)]
    Relocation(#[from] Box<BadRelocation>),
}

/// A relocation that could not be carried out.
#[derive(Debug, Error)]
#[error("{file}: {section}+{offset:#x}: {kind} against {symbol}: {problem}")]
pub struct BadRelocation {
    /// The object.
    pub file: String,
    /// The section relocated.
    pub section: String,
    /// The place in it.
    pub offset: u64,
    /// The relocation's name or number.
    pub kind: String,
    /// The symbol.
    pub symbol: String,
    /// What is wrong.
    pub problem: String,
}
