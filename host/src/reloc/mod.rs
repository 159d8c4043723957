//! From sections in a file to bytes at an address.
//!
//! | File | Owns |
//! |---|---|
//! | `kind` | [`Kind`]: what a relocation computes and how it is written, for any machine |
//! | `x86_64` | raw `R_X86_64_*` numbers as kinds |
//! | `placed` | [`Layout`] and [`PlacedObject`]: where sections go; symbol values |
//! | `apply` | computing, checking and writing one value |
//! | `error` | what can go wrong, naming file, section, symbol and offset |

#![forbid(unsafe_code)]

mod apply;
mod error;
mod kind;
mod placed;
pub mod x86_64;

#[cfg(test)]
mod tests;

pub use error::{BadRelocation, Error, Unresolved};
pub use kind::{Check, Kind, Value};
pub use placed::{Definition, Layout, PlacedObject, SymbolBindings};
