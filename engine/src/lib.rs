//! Being built.

#![deny(unsafe_code, missing_docs)]

pub mod embed;
