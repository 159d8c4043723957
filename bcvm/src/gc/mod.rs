//! The collector: generational, copying, without recursion.
//!
//! | file | what |
//! |---|---|
//! | `collect` | a collection from start to end, its phases and policy |
//! | `roots` | what the machine must show to the collector |
//! | `evac` | moving one object and leaving its new address behind |
//! | `selector` | selector thunks, evaluated on the way |
//! | `size` | sizes of closures nobody vouches for |
//! | `scav` | the pointers of one object |
//! | `scav_array` | arrays of pointers and their cards |
//! | `scav_stack` | stack frames, PAPs, APs |
//! | `listed` | lists of what being listed doesn't keep alive |
//! | `weak`, `threads`, `stable` | what the collector does with weak pointers, threads, stable pointers and names |
//! | `stats` | what a collection reports |
//!
//! Where objects come from is `heap`'s. Marks in the objects themselves are GHC's, of 9.0.2
//! (`rts/sm/{GC,Evac,Scav,MarkWeak}.c`).

pub mod collect;
mod evac;
pub mod listed;
pub mod roots;
mod scav;
mod scav_array;
mod scav_stack;
mod selector;
pub mod size;
pub mod stable;
pub mod stats;
mod threads;
mod weak;

pub use collect::collect;
pub use roots::{Roots, Visitor};
pub use stable::StableTable;
pub use stats::{Corrupt, DeadWeak, Kind, Stats};

#[cfg(test)]
mod tests;
