//! What must hold for any input: fuzz targets, each a function of bytes that panics if something is wrong.
//!
//! | module | what |
//! |---|---|
//! | [`targets`] | the targets, and sound inputs to begin from |
//! | [`driver`] | seeded cases without libFuzzer: sound inputs, damaged at random |
//! | [`program`] | random byte code that the verifier accepts; shared with bcvm's property tests |
//!
//! libFuzzer finds more, but needs a nightly toolchain. The driver runs anywhere, and the same seed makes the same cases:
//! the tests run a few seconds' worth of each target.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod driver;
#[path = "../../bcvm/tests/props/program.rs"]
pub mod program;
pub mod targets;
