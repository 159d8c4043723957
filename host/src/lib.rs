//! Being built.
pub mod elf;
pub mod lift;
pub mod reloc;
