//! Answering GHC: the serving side of the wire.
//!
//! | file | owns |
//! |---|---|
//! | `handler` | the [`Handler`] trait, one method per message, and what happens when a method fails |
//! | `serve` | the loop: read a message, dispatch it, send the reply; how a session ends |
//! | `native` | the same for Rust programs, on our own wire |
//! | `th` | asking GHC back while a splice runs |
//! | `interrupt` | which evaluation a ^C concerns |
//! | `standin` | the system libraries bcvm stands in for |
//! | `idle` | the program's threads run while GHC has nothing to say |
//! | `machine` | every message answered by an `Interp` |
//! | `no_machine` | what can be answered without a heap |
//! | `statistics` | counts and times by message |
//! | `run` | a whole process around the loop: pipes, signals, recording, exit code |
//! | `arguments` | the command line GHC gives a server |
//! | `inherited` | the two pipes GHC leaves open for us |
//!
//! What messages look like is `protocol`'s business; what they do to a heap is the business of whoever implements
//! [`Handler`].

pub mod arguments;
mod handler;
mod idle;
pub mod inherited;
pub mod interrupt;
mod machine;
pub mod native;
pub mod no_machine;
mod plain;
mod run;
mod serve;
pub mod standin;
mod statistics;
mod th;

#[cfg(test)]
mod tests;

pub use handler::{ExtensionError, Failure, Handler};
pub use interrupt::{InterruptGate, Interrupter};
pub use machine::MachineServer;
pub use run::{RunError, run, run_with};
pub use serve::{Config, Exit, ServeError, serve};
pub use statistics::{Count, Statistics};
pub use th::{ThChannel, ThError};
