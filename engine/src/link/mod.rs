//! Packages in sandboxes: the linker of `bcvm_host::link` with what keeps its work.
//!
//! | file | what |
//! |---|---|
//! | `packages` | [`Packages`]: one interpreter's packages, from paths to what its sandbox has installed |
//! | `libraries` | which files to load for a shared object |
//! | `natives` | what native libraries define, for the linker |
//! | `store` | [`PackageStore`]: compiles what was linked, and keeps it |
//! | `registry` | which place belongs to which content, for all processes |
//! | `files` | indices and linked packages as files |
//! | `evict` | bounds on the size of the cache |
//! | `turn` | who compiles when several would |
//! | `progress` | what is shown to who waits |

mod evict;
mod files;
mod libraries;
mod natives;
mod packages;
mod progress;
mod registry;
mod store;
mod turn;

pub use packages::{LinkError, Packages};
pub use store::{PackageStore, Shared};
