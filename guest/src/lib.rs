//! The wasm32 shell around the machine: exports, imports, allocator and panic handler. It holds no logic.
//!
//! On other targets this crate is empty, so that the whole workspace builds everywhere.
#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(target_arch = "wasm32")]
extern crate alloc;

#[cfg(target_arch = "wasm32")]
mod allocator;
#[cfg(target_arch = "wasm32")]
mod exports;
#[cfg(target_arch = "wasm32")]
mod imports;
