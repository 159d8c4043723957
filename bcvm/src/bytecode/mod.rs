//! GHC's byte code instructions.
//!
//! | file | what |
//! |---|---|
//! | [`table`] | every instruction of 9.0.2: number, name, operands |
//! | [`raw`] | GHC's halfword stream: decoding and encoding |
//! | [`code`] | the internal form that is run, and GHC's form from it |
//! | [`verify`] | what can be decided about a BCO before it runs |
//! | [`fuse`] | superinstructions |
//! | [`cheap`] | expressions that are computed rather than suspended |

pub mod cheap;
pub mod code;
pub mod fuse;
pub mod raw;
pub mod table;
pub mod verify;

pub use table::Bci;
