//! Invariants of the heap as code, compiled in by the feature `sanity` only.
//!
//! | file | what |
//! |---|---|
//! | `check` | every closure and stack reachable from the roots |
//! | `enabled` | poisoning freed words, a collection at every so-manieth allocation |
//! | `disabled` | its twin without the feature: nothing |

#[cfg(any(feature = "sanity", test))]
pub mod check;
#[cfg(not(feature = "sanity"))]
pub mod disabled;
#[cfg(feature = "sanity")]
pub mod enabled;

#[cfg(not(feature = "sanity"))]
pub use disabled::{Stress, check_heap, poison};
#[cfg(feature = "sanity")]
pub use enabled::{Stress, check_heap, poison};
