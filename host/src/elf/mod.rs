//! Relocatable and shared objects, and archives: parsed, borrowed, never changed.
//!
//! | File | Owns |
//! |---|---|
//! | `object` | [`Object`]: one x86-64 file, its sections and relocations |
//! | `shared` | what is different in shared objects |
//! | `dynamic` | [`Dynamic`]: which libraries a shared object needs, and its own name |
//! | `symbol` | [`Symbol`]: names, bindings and where they point |
//! | `archive` | [`Archive`]: members and the index of symbols |
//! | `error` | what can be wrong with a file |
//!
//! Where things go in memory is `reloc::placed`'s; what symbols mean is the linker's.

#![forbid(unsafe_code)]

mod archive;
mod dynamic;
mod error;
mod object;
mod shared;
mod symbol;

#[cfg(test)]
mod tests;

pub use archive::{Archive, Member};
pub use dynamic::Dynamic;
pub use error::Error;
pub use object::{Object, RawRelocation, Section, SectionId, SectionKind, Shared};
pub use symbol::{Binding, Place, Symbol, SymbolId, SymbolType};
