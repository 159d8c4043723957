//! Packages in sandboxes: the linker of `bcvm_host::link` with what keeps its work.
//!
//! | file | what |
//! |---|---|
//! | `packages` | [`Packages`]: one interpreter's packages, from paths to what its sandbox has installed |
//! | `store` | [`PackageStore`]: compiles what was linked, and keeps it for everybody who uses the engine |

mod packages;
mod store;

pub use packages::{LinkError, Packages};
pub use store::{PackageStore, Shared};
