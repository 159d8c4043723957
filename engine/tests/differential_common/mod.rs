//! What the differential tests share: every backend there is.
//!
//! A test gets one backend after another: the sandboxed machine, the internal one, our own server in another process and,
//! where GHC is installed, GHC's own. What it answers must be the same everywhere.

#![allow(dead_code, reason = "each test file uses a part")]

#[path = "../ghc_iserv/mod.rs"]
pub mod ghc_iserv;

use std::fmt::Debug;

use bcvm_engine::Interp;
use bcvm_engine::interp::Backend;

/// Our server.
pub const BCVM_ISERV: &str = env!("CARGO_BIN_EXE_bcvm-iserv");

/// Every backend but GHC's server, with its name.
pub fn ours() -> Vec<(&'static str, Interp)> {
    let new = |backend| Interp::builder().backend(backend).build().unwrap();
    vec![
        ("sandboxed", new(Backend::Sandboxed)),
        ("internal", new(Backend::Internal)),
        ("bcvm-iserv", new(Backend::external(BCVM_ISERV))),
    ]
}

/// Every backend.
pub fn everywhere() -> Vec<(&'static str, Interp)> {
    let mut all = ours();
    all.extend(ghc_iserv::start().map(|ghc| ("ghc-iserv", ghc)));
    all
}

/// Does the same on every backend; all must answer the same, which is the result.
pub fn same_everywhere<T: PartialEq + Debug>(what: &str, mut test: impl FnMut(&Interp) -> T) -> T {
    let mut answers = everywhere().into_iter().map(|(name, interp)| (name, test(&interp)));
    let (first, expected) = answers.next().unwrap();
    for (name, got) in answers {
        assert_eq!(got, expected, "{what}: {name} differs from {first}");
    }
    expected
}
