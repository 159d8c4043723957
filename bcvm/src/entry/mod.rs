//! The `stg_*` symbols.
pub mod table;
pub use table::Entry;
