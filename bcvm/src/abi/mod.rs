//! What the machine and its host agree on without linking each other.
//!
//! | file | what |
//! |---|---|
//! | [`map`] | the map of guest memory, and the words of it that both sides touch |
//! | [`host`] | what the machine asks of its host; the table of the guest's imports |
//! | [`system`] | the table of system calls, which C's library in the machine makes |
//! | [`request`] | what the host asks of the machine |

pub mod host;
pub mod map;
pub mod request;
pub mod system;

pub use crate::layout::regs as reg;
pub use map::*;
