//! C functions that are pure but for guest memory: what byte code calls by CCALL, and compiled code will too.
//!
//! | file | what |
//! |---|---|
//! | [`table`] | every function: symbol, representations, implementation |
//! | [`memory`] | `memcpy`, `strlen` and their kin |
//!
//! Mathematics is the crate `libm`'s. What needs the outside is no business of this folder.

pub mod memory;
pub mod table;
