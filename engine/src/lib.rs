//! Being built.

pub mod embed;
