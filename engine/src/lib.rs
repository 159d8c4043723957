//! Being built.

pub mod protocol;
