//! Policy files: what a program may reach, written down. `docs/policy.md` describes them to users.
//!
//! | file | what |
//! |---|---|
//! | `file` | the shape of a file; what cannot be read is an error with its line |
//! | `build` | from a file to a [`Policy`](crate::os::Policy) and [`Limits`]; contradictions |
//! | `narrow` | what of a project's own policy is obeyed: never more than was granted without it |
//! | `find` | which files apply: command line, environment, the user's configuration, the project |
//! | `th` | what splices may ask of GHC |
//! | `limits` | limits, apart from who keeps them |
//! | `explain` | a policy in plain words |
//! | `error` | what is wrong, and where |
//!
//! Putting a policy into force is `os`'s and `interp`'s business.

mod build;
mod error;
mod explain;
mod file;
mod find;
mod limits;
mod narrow;
mod th;

pub use build::{Built, Preset};
pub use error::PolicyError;
pub use explain::explain;
pub use find::{Effective, PROJECT_FILE, Sources};
pub use limits::Limits;
pub use th::{Decision, ThGrants};

#[cfg(test)]
mod tests;
