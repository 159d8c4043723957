//! The byte code machine: GHC's heap, interpreter, scheduler and primops, without std.
//!
//! | module | what |
//! |---|---|
//! | [`word`], [`mem`] | words and addresses; the only raw loads and stores |
//! | [`abi`] | what the machine and its host agree on |
//! | [`layout`] | GHC's closures, info tables, frames, threads |
//! | [`bytecode`], [`bco`] | instructions; byte code objects and their creation |
//! | [`interp`] | the interpreter |
//! | [`heap`], [`gc`], [`sanity`] | allocation, collection, invariants as code |
//! | [`sched`] | threads and exceptions |
//! | [`primop`] | primitive operations |
//! | [`libc`] | C functions on guest memory |
//! | [`entry`] | built-in symbols |
//! | [`serve`] | carrying out the host's requests |
//! | [`show`] | printing, for traces |

#![cfg_attr(not(test), no_std)]
#![deny(unsafe_code, missing_docs)]

extern crate alloc;

pub mod abi;
pub mod bco;
pub mod bytecode;
pub mod entry;
pub mod gc;
pub mod heap;
pub mod interp;
pub mod layout;
pub mod libc;
#[allow(unsafe_code)]
pub mod mem;
pub mod primop;
pub mod sanity;
pub mod sched;
pub mod serve;
pub mod show;
pub mod statics;
pub mod word;

pub use abi::host::Host;
pub use interp::machine::{Config, Machine};
pub use mem::Mem;
