//! An interpreter for GHC's byte code in a WebAssembly sandbox.
//!
//! [`interp::Interp`] is the way in: it has the operations of `GHC.Runtime.Interpreter`.
//!
//! | module | what |
//! |---|---|
//! | [`interp`] | the public API |
//! | [`vm`] | where a machine runs: sandboxed or internal |
//! | [`embed`] | all use of wasmtime |

#![deny(missing_docs)]

#![deny(unsafe_code, missing_docs)]

pub mod embed;
pub mod interp;
pub mod vm;

pub use interp::{Backend, Interp};
