//! Definitions that the runtime brings, as the linker sees them: names to addresses and slots.
//!
//! The tables themselves are `bcvm::entry` and `bcvm::libc`.

use std::fmt::Debug;

use bcvm::entry::symbol::{self, Slot};

use crate::glue::absent;
use crate::reloc::Definition;

/// Who knows the names of the runtime.
pub trait Builtins: Debug + Send + Sync {
    /// A symbol of the runtime that no object replaces.
    fn find(&self, name: &str) -> Option<Definition>;

    /// A stand-in for a symbol that packages need not define.
    fn find_stand_in(&self, name: &str) -> Option<Definition>;
}

/// The symbols of this runtime.
#[derive(Debug, Clone, Copy, Default)]
pub struct Runtime;

/// Whether a name is what GHC calls a thing of some Haskell module, so that the runtime need not be searched for it.
fn is_of_module(name: &str) -> bool {
    const KINDS: [&str; 3] = ["_closure", "_info", "_bytes"];
    KINDS.iter().any(|kind| name.ends_with(kind)) && !name.starts_with("stg_") && !name.starts_with(symbol::WRAPPERS)
}

/// The runtime's symbol `name`, if it stands in for a package's or not, as asked.
fn definition(name: &str, stands_in: bool) -> Option<Definition> {
    let found = symbol::lookup(name).filter(|found| found.stands_in == stands_in)?;
    let slot = found.slot.map(|slot| match slot {
        Slot::Stg(slot) | Slot::C(slot) => slot,
    });
    Some(Definition { address: u64::from(found.addr.0), slot })
}

impl Builtins for Runtime {
    fn find(&self, name: &str) -> Option<Definition> {
        if is_of_module(name) { None } else { definition(name, false) }
    }

    fn find_stand_in(&self, name: &str) -> Option<Definition> {
        let absent = |(address, slot)| Definition { address: u64::from(address), slot: Some(slot) };
        definition(name, true).or_else(|| absent::find(name).map(absent))
    }
}
