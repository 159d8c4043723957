//! Closures of packages that the runtime refers to, and what stands in for them while their package is not loaded.
//!
//! The exceptions that the runtime raises must be base's own, or no handler would know them. The functions of
//! [`super::known`] are found in the same way, and nothing stands in for them.

use super::closures::{ALL, Builtin};
use super::known::{BOXES, KNOWN, Kind, KnownAt};
use crate::word::{ClosurePtr, InfoPtr};
use alloc::vec::Vec;

/// `show` of SomeException.
const SHOW_EXCEPTION: &str = "base_GHCziExceptionziType_zdfShowSomeExceptionzuzdcshow_closure";

/// What UserInterrupt as an exception is made of: the function that wraps it, and its arguments. base has no closure that
/// is the whole, since GHC throws it from Haskell.
const USER_INTERRUPT: [&str; 3] = [
    "base_GHCziIOziException_asyncExceptionToException_closure",
    "base_GHCziIOziException_zdfExceptionAsyncException_closure",
    "base_GHCziIOziException_UserInterrupt_closure",
];

/// What a handler is made of that puts a value into an MVar again: `.`, `>>` of IO, `putMVar`. These are known functions, too.
const RESTORING: [&str; 3] =
    ["base_GHCziBase_zi_closure", "base_GHCziBase_zdfApplicativeIO2_closure", "base_GHCziMVar_putMVar_closure"];

/// The symbols that are of use, for whoever knows where packages define them.
pub fn bindable() -> impl Iterator<Item = &'static str> {
    let packages = |symbol: &&str| symbol.starts_with("base_") || symbol.starts_with("ghczmprim_");
    let stand_ins = ALL.iter().map(|(_, symbol, ..)| *symbol).filter(packages);
    let boxes = BOXES.iter().map(|(symbol, _)| *symbol);
    let others = boxes.chain(KNOWN.iter().map(|(symbol, _)| *symbol));
    stand_ins.chain([SHOW_EXCEPTION]).chain(USER_INTERRUPT).chain(others)
}

/// What was bound so far. All of it is static, so the collector need not know.
#[derive(Debug)]
pub struct Bound {
    /// By the number of the [`Builtin`].
    builtins: Vec<ClosurePtr>,
    /// Functions that the interpreter carries out itself.
    pub known: KnownAt,
    /// The constructors of [`BOXES`], by kind.
    boxes: [Option<InfoPtr>; BOXES.len()],
    /// `show :: SomeException -> String`.
    pub show_exception: Option<ClosurePtr>,
    user_interrupt: [Option<ClosurePtr>; USER_INTERRUPT.len()],
    restoring: [Option<ClosurePtr>; RESTORING.len()],
}

impl Default for Bound {
    fn default() -> Bound {
        let builtins = ALL.iter().map(|(builtin, ..)| builtin.ptr()).collect();
        Bound {
            builtins,
            known: KnownAt::default(),
            boxes: [None; BOXES.len()],
            show_exception: None,
            user_interrupt: [None; _],
            restoring: [None; _],
        }
    }
}

impl Bound {
    /// The closure `symbol` of a package is at `closure`; of no consequence if the runtime has no use for it.
    pub fn bind(&mut self, symbol: &str, closure: ClosurePtr) {
        if symbol == SHOW_EXCEPTION {
            self.show_exception = Some(closure);
        } else if let Some(part) = USER_INTERRUPT.iter().position(|other| *other == symbol) {
            self.user_interrupt[part] = Some(closure);
        } else if let Some((builtin, _, _, tag)) = ALL.iter().find(|(_, other, ..)| *other == symbol) {
            // base's exceptions are other constructors than what stands in for them.
            let same = symbol.starts_with("ghczmprim_");
            self.builtins[*builtin as usize] = if same { closure.untagged().with_tag(*tag) } else { closure };
        } else if let Some((_, kind)) = BOXES.iter().find(|(other, _)| *other == symbol) {
            self.boxes[*kind as usize] = Some(InfoPtr(closure.0));
        } else {
            if let Some(part) = RESTORING.iter().position(|other| *other == symbol) {
                self.restoring[part] = Some(closure);
            }
            self.known.bind(symbol, closure.addr());
        }
    }

    /// The parts of UserInterrupt, an application, once base is there.
    pub fn user_interrupt(&self) -> Option<[ClosurePtr; USER_INTERRUPT.len()]> {
        let [Some(wrap), Some(instance), Some(exception)] = self.user_interrupt else { return None };
        Some([wrap, instance, exception])
    }

    /// `.`, `>>` of IO and `putMVar`, once base is there.
    #[inline(always)]
    pub fn restoring(&self) -> Option<[ClosurePtr; RESTORING.len()]> {
        let [Some(compose), Some(then), Some(put)] = self.restoring else { return None };
        Some([compose, then, put])
    }

    /// The package's closure, or what stands in for it.
    pub fn closure(&self, which: Builtin) -> ClosurePtr {
        self.builtins[which as usize]
    }

    /// The constructor for boxes of such numbers, if it was bound.
    pub fn info_of_box(&self, kind: Kind) -> Option<InfoPtr> {
        self.boxes[kind as usize]
    }
}
