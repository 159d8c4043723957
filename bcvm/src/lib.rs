//! The byte code machine: GHC's heap, interpreter, scheduler and primops, without std.
#![cfg_attr(not(test), no_std)]
#![deny(unsafe_code)]
extern crate alloc;
pub mod abi;
pub mod bco;
pub mod bytecode;
pub mod entry;
pub mod gc;
pub mod heap;
pub mod layout;
#[allow(unsafe_code)]
pub mod mem;
pub mod sanity;
pub mod word;
