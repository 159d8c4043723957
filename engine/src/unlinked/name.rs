//! Names that a linker resolves, and the object-code symbols that GHC derives from them.
//!
//! Truth: `compiler/GHC/Utils/Encoding.hs` (`zEncodeString`), `compiler/GHC/ByteCode/Linker.hs`
//! (`nameToCLabel`, `primopToCLabel`). What a symbol's address is, only the machine knows.

use bincode::{Decode, Encode};
use std::fmt;

/// The package whose names are built in.
pub const GHC_PRIM: &str = "ghc-prim";

/// What a pointer or an info table of a BCO is called.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
pub enum Name {
    /// Something of the program itself.
    Internal(String),
    /// Something of a module in another package.
    External {
        /// The unit, as in `ghc-prim`.
        package: String,
        /// The module, as in `GHC.Types`.
        module: String,
        /// The name within the module, as in `I#`.
        occ: String,
    },
}

impl Name {
    /// A name of the program itself.
    pub fn internal(name: impl Into<String>) -> Name {
        Name::Internal(name.into())
    }

    /// A name of a module of ghc-prim.
    pub fn ghc_prim(module: &str, occ: &str) -> Name {
        Name::External { package: GHC_PRIM.into(), module: module.into(), occ: occ.into() }
    }

    /// The symbol of this name with a suffix (`nameToCLabel`); names of the program have none.
    pub fn symbol(&self, suffix: &str) -> Option<String> {
        match self {
            Name::Internal(_) => None,
            Name::External { package, module, occ } => {
                Some(format!("{}_{}_{}_{suffix}", z_encode(package), z_encode(module), z_encode(occ)))
            }
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Name::Internal(name) => f.write_str(name),
            Name::External { module, occ, .. } => write!(f, "{module}.{occ}"),
        }
    }
}

/// The symbol of a primop's wrapper closure (`primopToCLabel`).
pub fn primop_symbol(primop: &str) -> String {
    format!("ghczmprim_GHCziPrimopWrappers_{}_closure", z_encode(primop))
}

/// GHC's encoding of any string in letters and digits (`zEncodeString`).
pub fn z_encode(s: &str) -> String {
    if let Some(tuple) = z_encode_tuple(s) {
        return tuple;
    }
    let mut out = String::with_capacity(s.len() + 8);
    for c in s.chars() {
        match escape(c) {
            Some(code) => out.push_str(code),
            None if c.is_ascii_alphanumeric() => out.push(c),
            None => {
                let hex = format!("{:x}", c as u32);
                // A leading letter would be taken for one of the two-letter codes.
                let zero = if hex.starts_with(|c: char| c.is_ascii_digit()) { "" } else { "0" };
                out.push_str(&format!("z{zero}{hex}U"));
            }
        }
    }
    out
}

/// `()`, `(,)`, … and their unboxed kin are encoded by their number of fields.
fn z_encode_tuple(s: &str) -> Option<String> {
    let (inner, letter) = match s.strip_prefix("(#").and_then(|s| s.strip_suffix("#)")) {
        Some(inner) => (inner, 'H'),
        None => (s.strip_prefix('(')?.strip_suffix(')')?, 'T'),
    };
    let fields = match inner {
        "" if letter == 'T' => 0,
        " " | "" => 1,
        commas if commas.bytes().all(|b| b == b',') => commas.len() + 1,
        _ => return None,
    };
    Some(format!("Z{fields}{letter}"))
}

fn escape(c: char) -> Option<&'static str> {
    Some(match c {
        'z' => "zz",
        'Z' => "ZZ",
        '(' => "ZL",
        ')' => "ZR",
        '[' => "ZM",
        ']' => "ZN",
        ':' => "ZC",
        '&' => "za",
        '|' => "zb",
        '^' => "zc",
        '$' => "zd",
        '=' => "ze",
        '>' => "zg",
        '#' => "zh",
        '.' => "zi",
        '<' => "zl",
        '-' => "zm",
        '!' => "zn",
        '+' => "zp",
        '\'' => "zq",
        '\\' => "zr",
        '/' => "zs",
        '*' => "zt",
        '_' => "zu",
        '%' => "zv",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_those_of_installed_objects() {
        assert_eq!(primop_symbol("+#"), "ghczmprim_GHCziPrimopWrappers_zpzh_closure");
        assert_eq!(primop_symbol("/=##"), "ghczmprim_GHCziPrimopWrappers_zszezhzh_closure");
        let symbol = |module, occ, suffix| Name::ghc_prim(module, occ).symbol(suffix).unwrap();
        assert_eq!(symbol("GHC.Types", "I#", "con_info"), "ghczmprim_GHCziTypes_Izh_con_info");
        assert_eq!(symbol("GHC.Types", ":", "con_info"), "ghczmprim_GHCziTypes_ZC_con_info");
        assert_eq!(symbol("GHC.Types", "[]", "closure"), "ghczmprim_GHCziTypes_ZMZN_closure");
        assert_eq!(symbol("GHC.Tuple", "()", "closure"), "ghczmprim_GHCziTuple_Z0T_closure");
        assert_eq!(symbol("GHC.Tuple", "(,,)", "con_info"), "ghczmprim_GHCziTuple_Z3T_con_info");
        assert_eq!(z_encode("λ"), "z3bbU");
        assert_eq!(z_encode("\u{abc}"), "z0abcU");
        assert_eq!(Name::internal("f").symbol("closure"), None);
    }
}
