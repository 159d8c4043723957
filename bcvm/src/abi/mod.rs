//! What the machine and its host agree on.
//!
//! | file | what |
//! |---|---|
//! | [`map`] | the fixed parts of guest memory |
//! | [`host`] | what the machine asks of its host |
//! | [`request`] | what the host asks of the machine |

pub mod host;
pub mod map;
pub mod request;
