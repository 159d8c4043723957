//! An interpreter server as a child process: the asking side of the wire.
//!
//! | file | owns |
//! |---|---|
//! | `process` | [`IservProcess`]: started at the first message, one lock, pending frees, crash and stop |
//! | `spawn` | how the child is started and which descriptors it gets |
//! | `connection` | one message and its reply |
//! | `relay` | passing a session on to another server, unread |
//! | `error` | what can go wrong |
//!
//! Any server that speaks GHC's wire will do: GHC's own `ghc-iserv`, which makes this the oracle of the differential
//! tests, or `bcvm-iserv`.

mod connection;
mod error;
mod process;
mod relay;
mod spawn;

pub use connection::{Answers, Connection};
pub use error::IservError;
pub use process::IservProcess;
pub use relay::relay;
pub use spawn::Builder;
