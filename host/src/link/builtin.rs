//! Definitions that the runtime brings, as the linker sees them: names to addresses and slots.
//!
//! The tables themselves are `bcvm::entry` and `bcvm::libc`.

use std::fmt::Debug;

use bcvm::entry::symbol;

use crate::reloc::Definition;

/// Who knows the names of the runtime.
pub trait Builtins: Debug + Send + Sync {
    /// A symbol of the runtime that no object replaces.
    fn find(&self, name: &str) -> Option<Definition>;

    /// A stand-in for a symbol of a package that need not be loaded.
    fn find_stand_in(&self, name: &str) -> Option<Definition>;
}

/// The symbols of this runtime.
#[derive(Debug, Clone, Copy, Default)]
pub struct Runtime;

/// What the z-encoded names of the modules begin with that primop wrappers are in.
const WRAPPERS: &str = "ghczmprim_GHCziPrimopWrappers_";

/// Whether a name is that of a Haskell package, not of the RTS or C: see Note [Lookup order].
fn is_stand_in(name: &str) -> bool {
    const PACKAGES: [&str; 3] = ["ghczmprim_", "ghczmbignum_", "base_"];
    PACKAGES.iter().any(|package| name.starts_with(package)) && !name.starts_with(WRAPPERS)
}

fn definition(name: &str) -> Option<Definition> {
    symbol::find(name).map(|at| Definition { address: u64::from(at.0), slot: None })
}

/// Whether a name is what GHC calls a thing of some Haskell module, so that the runtime need not be searched for it.
fn is_of_module(name: &str) -> bool {
    const KINDS: [&str; 3] = ["_closure", "_info", "_bytes"];
    KINDS.iter().any(|kind| name.ends_with(kind)) && !name.starts_with("stg_") && !name.starts_with(WRAPPERS)
}

impl Builtins for Runtime {
    fn find(&self, name: &str) -> Option<Definition> {
        if is_of_module(name) || is_stand_in(name) { None } else { definition(name) }
    }

    fn find_stand_in(&self, name: &str) -> Option<Definition> {
        if is_stand_in(name) { definition(name) } else { None }
    }
}
