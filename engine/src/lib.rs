//! Being built.

pub mod external;
pub mod protocol;
pub mod server;
pub mod transcript;
