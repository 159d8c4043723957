//! Being built.
#![forbid(unsafe_code)]

pub mod cli;
pub mod show;
pub mod stg;
pub mod unlinked;
