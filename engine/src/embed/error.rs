//! Why there is no engine or no sandbox. What goes wrong in a sandbox is a [`Trap`](super::Trap).

use std::io;

use thiserror::Error;

/// Why an engine or a sandbox could not be made.
#[derive(Debug, Error)]
pub enum EmbedError {
    /// wasmtime refuses the configuration, which means that this processor lacks something.
    #[error("configuring wasmtime for this machine")]
    Configure(#[source] wasmtime::Error),
    /// The module is not one that can be compiled.
    #[error("compiling {module}")]
    Compile {
        /// Which module.
        module: &'static str,
        /// What wasmtime says.
        #[source]
        source: wasmtime::Error,
    },
    /// Its imports are not there, or its start trapped.
    #[error("instantiating {module}")]
    Instantiate {
        /// Which module.
        module: &'static str,
        /// What wasmtime says.
        #[source]
        source: wasmtime::Error,
    },
    /// A package could not be put into the sandbox.
    #[error("installing {package}: {problem}")]
    Install {
        /// The package.
        package: String,
        /// What went wrong.
        problem: String,
    },
    /// The module does not have what the engine calls.
    #[error("{module} does not export {export} as the engine expects it")]
    MissingExport {
        /// Which module.
        module: &'static str,
        /// Name of the export.
        export: &'static str,
    },
    /// The thread that watches deadlines does not start.
    #[error("starting the watchdog thread")]
    Watchdog(#[source] io::Error),
    /// The kernel does not give the address space.
    #[error("reserving 8 GiB of address space for guest memory")]
    Reserve(#[source] io::Error),
    /// The guest alone takes more memory than it may.
    #[error("a memory limit of {limit} bytes is too small: the guest itself needs {needed}")]
    LimitTooSmall {
        /// What was allowed, in bytes.
        limit: u64,
        /// What the guest's stack, tables and data take, in bytes.
        needed: u64,
    },
    /// What nobody may change of guest memory cannot be protected.
    #[error("protecting the runtime's constants")]
    Protect(#[from] super::memory::MemoryError),
    /// What the policy grants cannot be opened.
    #[error(transparent)]
    Os(#[from] crate::os::OsError),
    /// The machine in the guest refuses its configuration.
    #[error("the guest does not accept its configuration of {len} bytes")]
    Configuration {
        /// Length of the configuration.
        len: usize,
    },
    /// The guest trapped while it set itself up.
    #[error("starting the guest")]
    Start(#[source] Box<super::Trap>),
}
