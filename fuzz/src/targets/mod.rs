//! The targets.
//!
//! | file | any bytes as |
//! |---|---|
//! | [`message`] | a message, a question of a splice, a reply of GHC's wire |
//! | [`transcript`] | the recording of a session |
//! | [`decode`] | a chunk of BCOs |
//! | [`run`] | a chunk of BCOs, all of which are evaluated |
//! | [`container`] | a `.bcb` file |
//! | [`policy`] | the text of a policy file |
//! | [`stg`] | the text of an STG program |
//! | [`object`] | an object, a shared object or an archive |

pub mod container;
pub mod decode;
pub mod message;
pub mod object;
pub mod policy;
pub mod run;
pub mod stg;
pub mod transcript;

use crate::driver::Random;

/// A target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called.
    pub name: &'static str,
    /// Panics if something is wrong with what is made of the bytes.
    pub check: fn(&[u8]),
    /// A sound input, to be damaged.
    pub sound: fn(&mut Random) -> Vec<u8>,
    /// Cases of a run of the tests: some seconds' worth in a debug build.
    pub cases: u64,
}

/// All of them.
pub const ALL: &[Target] = &[
    Target { name: "message", check: message::check, sound: message::sound, cases: 700_000 },
    Target { name: "transcript", check: transcript::check, sound: transcript::sound, cases: 300_000 },
    Target { name: "decode", check: decode::check, sound: decode::sound, cases: 20_000 },
    Target { name: "run", check: run::check, sound: run::sound, cases: 10_000 },
    Target { name: "container", check: container::check, sound: container::sound, cases: 2_000 },
    Target { name: "policy", check: policy::check, sound: policy::sound, cases: 300_000 },
    Target { name: "stg", check: stg::check, sound: stg::sound, cases: 500 },
    Target { name: "object", check: object::check, sound: object::sound, cases: 20_000 },
];
