//! What native libraries define, as the linker sees it.
//!
//! They stand where stand-ins do: whatever a loaded object defines comes first. Their slots and addresses are given by the
//! policy (`native`), so nothing has to be placed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bcvm_host::link::Builtins;
use bcvm_host::reloc::Definition;

use crate::native::{address, slot};

/// Names to numbers of the functions whose libraries were loaded. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct NativeSymbols(Arc<Mutex<BTreeMap<String, usize>>>);

impl NativeSymbols {
    /// Makes functions known.
    pub(super) fn define(&self, functions: Vec<(String, usize)>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(functions);
    }

    fn find(&self, name: &str) -> Option<Definition> {
        let number = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied()?;
        Some(Definition { address: u64::from(address(number)), slot: Some(slot(number)) })
    }
}

/// Symbols of the runtime, and those of native libraries.
#[derive(Debug)]
pub(super) struct WithNatives {
    pub(super) builtins: Box<dyn Builtins>,
    pub(super) natives: NativeSymbols,
}

impl Builtins for WithNatives {
    fn find(&self, name: &str) -> Option<Definition> {
        self.builtins.find(name)
    }

    fn find_stand_in(&self, name: &str) -> Option<Definition> {
        self.natives.find(name).or_else(|| self.builtins.find_stand_in(name))
    }
}
