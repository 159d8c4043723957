//! Symbols of an object: names, bindings, and what they point at.
//!
//! A [`Symbol`] that is placed in a section is known to lie inside it (its end included): the
//! parser checks, so that later phases need not.

use super::object::SectionId;

/// A symbol's number in its object's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolId(pub u32);

/// Who sees a definition, and who wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// Seen by its own object only.
    Local,
    /// Seen by all; two definitions are an error.
    Global,
    /// Seen by all; gives way to others. Undefined weak symbols are zero.
    Weak,
}

/// What the symbol table says a symbol is; GHC marks entry code as functions, data and
/// `_con_info` aliases as objects, and local info tables as nothing at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SymbolType {
    /// Nothing was said.
    None,
    /// Data.
    Object,
    /// Code.
    Function,
    /// The start of a section.
    Section,
    /// The name of a source file.
    File,
    /// A variable that each thread has its own of.
    Thread,
    /// Anything else.
    Other,
}

/// Where a symbol points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Defined elsewhere.
    Undefined,
    /// At an offset in a section that is loaded.
    Section(SectionId, u64),
    /// In a section that is not loaded (debug information, comments).
    NotLoaded,
    /// A value, not a place.
    Absolute(u64),
    /// Storage still to be allocated, zeroed.
    Common {
        /// Bytes wanted.
        size: u64,
        /// Alignment wanted, a power of two.
        align: u64,
    },
}

/// One entry of the symbol table.
#[derive(Debug, Clone)]
pub struct Symbol<'data> {
    /// The name, empty for section symbols.
    pub name: &'data str,
    /// Who sees it.
    pub binding: Binding,
    /// What it is said to be.
    pub kind: SymbolType,
    /// Where it points.
    pub place: Place,
    /// Its size in bytes, 0 when unknown.
    pub size: u64,
    /// Whether it is a shared object's, in which a definition from elsewhere that came first counts for all.
    pub interposable: bool,
}

impl Symbol<'_> {
    /// Number 0 of every table.
    pub(super) const NULL: Symbol<'static> = Symbol {
        name: "",
        binding: Binding::Local,
        kind: SymbolType::None,
        place: Place::Undefined,
        size: 0,
        interposable: false,
    };

    /// Defined here and seen by other objects.
    pub fn is_exported(&self) -> bool {
        self.binding != Binding::Local && !matches!(self.place, Place::Undefined | Place::NotLoaded)
    }

    /// Whether a definition from elsewhere that came first counts instead of this one.
    pub fn gives_way(&self) -> bool {
        let weak = self.binding == Binding::Weak || matches!(self.place, Place::Common { .. });
        self.is_exported() && (weak || self.interposable)
    }
}
