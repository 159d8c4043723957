//! The wasm32 shell around the machine: exports, imports, allocator and panic handler. It holds no logic.
//!
//! On other targets this crate is empty, so that the whole workspace builds everywhere.
#![no_std]
#![cfg(target_arch = "wasm32")]

extern crate alloc;

mod allocator;
mod exports;
mod imports;
