//! Byte code before linking: GHC's `UnlinkedBCO` with symbolic names, its file format and its linker.
//!
//! | file | what |
//! |---|---|
//! | [`name`] | names of things, z-encoding, the symbols GHC derives from names |
//! | [`constructor`] | constructors and how their fields lie in memory |
//! | [`bco`] | `UnlinkedBco` and whole programs of them |
//! | [`asm`] | instructions with symbolic operands, assembled into an `UnlinkedBco` |
//! | [`link`] | from a program to `ResolvedBco`s and references to live objects |
//! | [`container`] | the `.bcb` file format |
//! | [`listing`] | a program as readable text |
//!
//! Where byte code comes from (`stg`) and what runs it (`interp`) are elsewhere.

pub mod asm;
pub mod bco;
pub mod constructor;
pub mod container;
pub mod link;
pub mod listing;
pub mod name;

pub use bco::{BcoNPtr, BcoPtr, Program, UnlinkedBco};
pub use constructor::{Constructor, Field};
pub use name::Name;
