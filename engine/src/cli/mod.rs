//! The command line `bcvm`: what its commands do, apart from the interpreter that `run` needs.
//!
//! | file | what |
//! |---|---|
//! | [`command`] | from options to an exit code |
//! | [`args`] | options, sizes and durations |
//! | [`run`] | `bcvm run` on any interpreter |
//! | [`mod@file`] | programs from files, `compile`, `dis` |
//! | [`warm`] | compiling GHC's packages beforehand |
//! | [`objinfo`] | what is in object files, and what of it can be linked |
//! | [`lift`] | one function of an object, as machine code and translated |
//! | [`session`] | recorded sessions: `transcript`, `replay` |
//! | [`policy`] | `policy check`, `policy explain`, `audit` |
//! | [`backend`] | which interpreter `run` uses |
//! | [`ghc`] | `ghci`, and `run` for Haskell programs: the installed GHC |
//! | [`exit`] | what exit codes mean |

pub mod args;
pub mod backend;
pub mod command;
pub mod exit;
pub mod file;
pub mod ghc;
pub mod lift;
pub mod objinfo;
pub mod policy;
pub mod run;
pub mod session;
pub mod warm;

pub use command::{Output, main};
