//! An interpreter for GHC's byte code in a WebAssembly sandbox.
//!
//! [`interp::Interp`] is the way in: it has the operations of `GHC.Runtime.Interpreter`.
//!
//! | module | what |
//! |---|---|
//! | [`interp`] | the public API |
//! | [`vm`] | where a machine runs: sandboxed or internal |
//! | [`os`] | files, streams, clocks, environment, as the policy grants them |
//! | [`policy`] | policy files |
//! | [`native`] | shared libraries that a policy trusts to run outside |
//! | [`embed`] | all use of wasmtime |
//! | [`stg`] | a small text language, lowered to byte code |
//! | [`unlinked`] | byte code with names, its file format, its linker |
//! | [`link`] | native packages: linked, lifted, installed in sandboxes |
//! | [`show`] | values as text |
//! | [`splice`] | Template Haskell: what passes between a splice and GHC |
//! | [`cli`] | what the program `bcvm` does |
//! | [`protocol`] | GHC's messages and their encoding |
//! | [`server`] | answering GHC; the program `bcvm-iserv` |
//! | [`external`] | an interpreter server as a child process |
//! | [`transcript`] | recorded sessions |

#![deny(unsafe_code, missing_docs)]

pub mod cli;
pub mod embed;
pub mod external;
pub mod interp;
pub mod link;
pub mod native;
pub mod os;
pub mod policy;
pub mod protocol;
pub mod server;
pub mod show;
pub mod splice;
pub mod stg;
pub mod transcript;
pub mod unlinked;
pub mod vm;

pub use interp::{Backend, Interp};

/// The README's Rust is compiled and run as a test of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}
