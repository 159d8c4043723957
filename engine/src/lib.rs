//! Being built.

pub mod protocol;
pub mod server;
