//! The Haskell heap: where objects come from, and which block belongs to whom.
//!
//! | file | what |
//! |---|---|
//! | [`config`] | sizes that tests and the sanity build change |
//! | [`ranges`] | sets of block ranges, first fit with coalescing |
//! | [`block`] | the block allocator and the table that says what each block holds |
//! | [`nursery`] | where the running program allocates |
//! | [`space`] | survivors: chunks filled by bumping a pointer |
//! | [`large`] | large objects and pinned byte arrays, which never move |
//! | [`compact`] | compact regions, which live and die whole |
//! | [`budget`] | what may be allocated so that a collection always finds room |
//! | [`remember`] | the mutable list and GHC's clean/dirty discipline |
//! | [`state`] | [`Heap`]: all of it together, the interface of everybody else |
//!
//! Collection is `gc`'s.

pub mod block;
pub mod budget;
pub mod compact;
pub mod config;
pub mod large;
pub mod nursery;
pub mod ranges;
pub mod remember;
pub mod space;
pub mod state;

pub use config::Config;
pub use state::{Heap, Mark};
