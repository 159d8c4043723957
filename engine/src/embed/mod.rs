//! All use of wasmtime: the sandbox as something that takes request bytes and answers reply bytes.
//!
//! | file | owns |
//! |---|---|
//! | `store` | [`Engine`]: configuration of wasmtime, the compiled guest and glue |
//! | `artifact`, `check` | compiled code on disk; which modules are refused |
//! | `memory`, `pages` | guest memory: committing, limits, images of packages, checked access |
//! | `package` | [`Linked`]: what is installed of an object |
//! | `imports` | the functions of `bcvm::abi` that the guest calls |
//! | `native` | calls of native libraries |
//! | `instance` | one guest with its glue in a store |
//! | `stop`, `watchdog` | deadlines and interrupts |
//! | `trap` | what went wrong, and what it leaves behind |
//! | `sandbox` | [`Sandbox`], which puts these together |
//!
//! What the bytes mean is not known here.

#[allow(unsafe_code, reason = "mapping compiled code and indices from disk")]
mod artifact;
mod check;
mod error;
mod imports;
mod instance;
#[allow(unsafe_code, reason = "guest memory is a mapping of our own")]
mod memory;
mod native;
mod package;
mod pages;
mod processor_time;
mod sandbox;
mod stop;
mod store;
mod trap;
mod watchdog;

pub use artifact::Cache;
pub(crate) use artifact::{MappedFile, is_written_by_us_only, open as open_private, store as store_private};
pub use error::EmbedError;
pub use instance::CodeTable;
pub use memory::{GuestMemory, MemoryError};
pub use package::{Image, Linked, LinkedObject};
pub use sandbox::{Limits, Sandbox};
pub use stop::{Deadline, GRACE, StopReason, Stopper};
pub use store::{CodeModule, Engine, GuestImage};
pub use trap::{Aftermath, Trap, TrapKind};
