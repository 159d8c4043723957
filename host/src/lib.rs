//! What brings native code into guest memory: object files, the linker, the translation of their code, and the generated
//! module that joins it to the machine.
//!
//! This crate makes WebAssembly and knows guest addresses; it does not run anything (the engine does) and knows no
//! messages.
#![forbid(unsafe_code)]

pub mod elf;
pub mod glue;
pub mod lift;
pub mod link;
pub mod reloc;
