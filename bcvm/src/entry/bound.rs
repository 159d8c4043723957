//! Closures of packages that the runtime refers to, and what stands in for them while their package is not loaded.
//!
//! The exceptions that the runtime raises must be base's own, or no handler would know them. The functions of
//! [`super::known`] are found in the same way, and nothing stands in for them.

use super::closures::{ALL, Builtin};
use super::known::{KNOWN, KnownAt};
use crate::word::ClosurePtr;
use alloc::vec::Vec;

/// `show` of SomeException.
const SHOW_EXCEPTION: &str = "base_GHCziExceptionziType_zdfShowSomeExceptionzuzdcshow_closure";
/// `toException` of AsyncException.
const TO_EXCEPTION: &str = "base_GHCziIOziException_zdfExceptionAsyncExceptionzuzdctoException_closure";

/// The symbols that are of use, for whoever knows where packages define them.
pub fn bindable() -> impl Iterator<Item = &'static str> {
    let packages = |symbol: &&str| symbol.starts_with("base_") || symbol.starts_with("ghczmprim_");
    let stand_ins = ALL.iter().map(|(_, symbol, ..)| *symbol).filter(packages);
    stand_ins.chain([SHOW_EXCEPTION, TO_EXCEPTION]).chain(KNOWN.iter().map(|(symbol, _)| *symbol))
}

/// What was bound so far. All of it is static, so the collector need not know.
#[derive(Debug)]
pub struct Bound {
    /// By the number of the [`Builtin`].
    builtins: Vec<ClosurePtr>,
    /// Functions that the interpreter carries out itself.
    pub known: KnownAt,
    /// `show :: SomeException -> String`.
    pub show_exception: Option<ClosurePtr>,
    /// `toException :: AsyncException -> SomeException`.
    pub to_exception: Option<ClosurePtr>,
}

impl Default for Bound {
    fn default() -> Bound {
        let builtins = ALL.iter().map(|(builtin, ..)| builtin.ptr()).collect();
        Bound { builtins, known: KnownAt::default(), show_exception: None, to_exception: None }
    }
}

impl Bound {
    /// The closure `symbol` of a package is at `closure`; of no consequence if the runtime has no use for it.
    pub fn bind(&mut self, symbol: &str, closure: ClosurePtr) {
        if symbol == SHOW_EXCEPTION {
            self.show_exception = Some(closure);
        } else if symbol == TO_EXCEPTION {
            self.to_exception = Some(closure);
        } else if let Some((builtin, _, _, tag)) = ALL.iter().find(|(_, other, ..)| *other == symbol) {
            // base's exceptions are other constructors than what stands in for them.
            let same = symbol.starts_with("ghczmprim_");
            self.builtins[*builtin as usize] = if same { closure.untagged().with_tag(*tag) } else { closure };
        } else {
            self.known.bind(symbol, closure.addr());
        }
    }

    /// The package's closure, or what stands in for it.
    pub fn closure(&self, which: Builtin) -> ClosurePtr {
        self.builtins[which as usize]
    }
}
