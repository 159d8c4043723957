//! What the benches share: machines to measure, programs and BCOs to give them.
//!
//! | module | what |
//! |---|---|
//! | [`machine`] | one interface to our two backends and GHC's own server |
//! | [`ghc`] | GHC's own server, where it is installed |
//! | [`programs`] | STG programs, and how many steps each takes |
//! | [`haskell`] | Haskell programs that GHC runs as byte code, with one server or another |
//! | [`shape`] | BCOs shaped like those a real session sends |
//! | [`cpu`] | processor time of a process |
//! | [`criteria`] | the loop that the criterion benches of programs have in common |
//!
//! Every bench runs the same bytes everywhere, so that the numbers can be compared; `vs_ghc` does it side by side and
//! prints ratios.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod cpu;
pub mod criteria;
pub mod ghc;
pub mod haskell;
pub mod machine;
pub mod programs;
pub mod shape;
