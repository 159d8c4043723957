//! The collector without a language: heaps built by hand, one scenario per file.
//!
//! Every collection is checked before and after with `sanity::check`, whatever the features.

mod caf;
mod cards;
mod compact;
mod exhaustion;
mod functions;
mod generations;
mod graph;
mod hostile;
mod large;
mod lists;
mod mock;
mod pinned;
mod rollback;
mod selectors;
mod stable_table;
mod stacks;
mod threads;
mod weak_pointers;
