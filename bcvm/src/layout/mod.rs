//! The shapes of GHC 9.0.2's heap objects: 64-bit, non-profiled, tables next to code.
//!
//! | file | what |
//! |---|---|
//! | [`closure_type`] | the table of closure types |
//! | [`info_table`] | fields of an info table, reading and writing one |
//! | [`closure`] | where each closure keeps its fields, and how large it is |
//! | [`bitmap`] | small and large bitmaps, function argument patterns |
//! | [`tso`] | thread and stack objects |
//! | [`regs`] | the register table that compiled code sees |

pub mod bitmap;
pub mod closure;
pub mod closure_type;
pub mod info_table;
pub mod regs;
pub mod tso;

pub use closure_type::ClosureType;
