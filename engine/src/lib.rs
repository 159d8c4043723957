//! Being built.
pub mod cli;
pub mod show;
pub mod stg;
pub mod unlinked;
