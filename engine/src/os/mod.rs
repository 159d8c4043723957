//! The world outside as one interpreter sees it: files, streams, clocks, environment, behind the system calls of
//! `bcvm::abi::system`.
//!
//! | file | what |
//! |---|---|
//! | `policy` | [`Policy`]: what is granted |
//! | `state` | [`Os`]: what of it one interpreter holds open |
//! | `dispatch` | from a call's number and words to the function of its row |
//! | `memory` | guest memory as the calls see it; arguments |
//! | `fd` | the table of descriptors |
//! | `object` | what a descriptor refers to |
//! | `io`, `file` | reading and writing; everything else about open files |
//! | `wait`, `wake` | `poll`, sleeping, and being woken from it |
//! | `resolve` | paths to directories that were granted |
//! | `guard` | what no grant covers: bcvm's own files |
//! | `path`, `dir` | calls on paths; directories |
//! | `clock`, `terminal`, `process` | clocks and zones; terminals; identity, randomness, environment |
//! | `output` | what bounds and filters what is written |
//! | `native` | native libraries that a policy trusts |
//! | `splice` | what of it all splices of Template Haskell reach |
//! | `audit` | what was tried, and with what success |
//! | `layout` | C structs as bytes |
//!
//! Nothing here panics on what a guest says, and nothing is copied without a bound.

mod audit;
mod clock;
mod dir;
mod dispatch;
mod fd;
mod file;
mod guard;
mod io;
mod layout;
mod memory;
mod native;
mod object;
mod output;
mod path;
mod policy;
mod process;
mod resolve;
mod splice;
mod state;
mod terminal;
mod wait;
mod wake;

pub use audit::{Audit, AuditFile, Event, MAX_DIFFERENT, Verdict};
pub use memory::Memory;
pub(crate) use output::{is_at_terminal, plain};
pub use policy::{Access, Clock, Grant, Input, Output, Policy, Randomness, Stream};
pub use splice::Splicing;
pub use state::{Os, OsError};
pub use wake::Wake;

#[cfg(test)]
mod tests;
