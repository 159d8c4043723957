//! Closures of base that the runtime refers to, and what stands in for them while base is not loaded.
//!
//! The exceptions that the runtime raises must be base's own, or no handler would know them.

use super::closures::{ALL, Builtin};
use crate::word::ClosurePtr;
use alloc::collections::BTreeMap;

/// `show` of SomeException.
const SHOW_EXCEPTION: &str = "base_GHCziExceptionziType_zdfShowSomeExceptionzuzdcshow_closure";

/// The symbols that are of use, for whoever knows where packages define them.
pub fn bindable() -> impl Iterator<Item = &'static str> {
    let stand_ins = ALL.iter().map(|(_, symbol, ..)| *symbol).filter(|symbol| symbol.starts_with("base_"));
    stand_ins.chain([SHOW_EXCEPTION])
}

/// What was bound so far. All of it is static, so the collector need not know.
#[derive(Debug, Default)]
pub struct Bound {
    builtins: BTreeMap<u16, ClosurePtr>,
    /// `show :: SomeException -> String`.
    pub show_exception: Option<ClosurePtr>,
}

impl Bound {
    /// The closure `symbol` of a package is at `closure`; of no consequence if the runtime has no use for it.
    pub fn bind(&mut self, symbol: &str, closure: ClosurePtr) {
        if symbol == SHOW_EXCEPTION {
            self.show_exception = Some(closure);
        } else if let Some((builtin, ..)) = ALL.iter().find(|(_, other, ..)| *other == symbol) {
            self.builtins.insert(*builtin as u16, closure);
        }
    }

    /// The package's closure, or what stands in for it.
    pub fn closure(&self, which: Builtin) -> ClosurePtr {
        self.builtins.get(&(which as u16)).copied().unwrap_or(which.ptr())
    }
}
