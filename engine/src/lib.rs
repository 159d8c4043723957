//! Being built.

pub mod protocol;
pub mod server;
pub mod external;
pub mod transcript;
