//! Names of built-in symbols: to addresses and back.

use super::closures::{self, ALL, CHARLIKE, INTLIKE};
use super::table::{ENTRIES, Entry};
use crate::abi::map;
use crate::libc::table as libc;
use crate::primop::table as primops;
use crate::word::{Addr, InfoPtr};
use alloc::format;
use alloc::string::{String, ToString};

/// What the primop wrappers' symbols begin with.
const WRAPPERS: &str = "ghczmprim_GHCziPrimopWrappers_";

/// Where the built-in symbol `name` is: an info pointer, a closure, or (for a `…_closure` of a constructor with
/// fields) nothing.
pub fn find(name: &str) -> Option<Addr> {
    match name {
        "stg_INTLIKE_closure" => return Some(INTLIKE),
        "stg_CHARLIKE_closure" => return Some(CHARLIKE),
        "environ" => return Some(Addr(map::ENVIRON)),
        _ => {}
    }
    if let Some(table) = name.strip_suffix("_info") {
        let table = table.strip_suffix("_static").map_or(table.to_string(), |con| format!("{con}_con"));
        return ENTRIES.iter().find(|row| row.symbol == table).map(|row| Addr(row.entry.info().0));
    }
    if let Some((builtin, ..)) = ALL.iter().find(|(_, symbol, ..)| *symbol == name) {
        return Some(builtin.addr());
    }
    if let Some(function) = libc::find(name) {
        return Some(function);
    }
    let op = name.strip_prefix(WRAPPERS)?.strip_suffix("_closure")?;
    primops::find(&z_decode(op)?).map(closures::wrapper)
}

/// The built-in symbol at `a`, for listings and traces.
pub fn name_of(a: Addr) -> Option<String> {
    if let Some(n) = closures::primop_at(a) {
        return Some(primops::PRIMOPS[n as usize].name.to_string());
    }
    if let Some((_, symbol, ..)) = ALL.iter().find(|(b, ..)| b.addr() == a) {
        return Some(symbol.to_string());
    }
    let entry = Entry::from_info(InfoPtr(a.0))?;
    Some(format!("{}_info", ENTRIES[entry as usize].symbol))
}

/// The z-encoding of characters that occur in names of GHC's primitives (`GHC.Utils.Encoding`).
const CODES: [(&str, char); 24] = [
    ("zh", '#'),
    ("zp", '+'),
    ("zm", '-'),
    ("zt", '*'),
    ("ze", '='),
    ("zg", '>'),
    ("zl", '<'),
    ("zs", '/'),
    ("zn", '!'),
    ("za", '&'),
    ("zb", '|'),
    ("zc", '^'),
    ("zd", '$'),
    ("zi", '.'),
    ("zq", '\''),
    ("zr", '\\'),
    ("zu", '_'),
    ("zv", '%'),
    ("zz", 'z'),
    ("ZZ", 'Z'),
    ("ZL", '('),
    ("ZR", ')'),
    ("ZM", '['),
    ("ZC", ':'),
];

/// Undoes the z-encoding; none if `s` is not one, or uses codes that names of primitives don't.
pub fn z_decode(s: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = s;
    while let Some(c) = rest.chars().next() {
        if c == 'z' || c == 'Z' {
            let (code, plain) = CODES.iter().find(|(code, _)| rest.starts_with(code))?;
            out.push(*plain);
            rest = &rest[code.len()..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    Some(out)
}

/// The z-encoding of `s`, for names of primitives.
pub fn z_encode(s: &str) -> String {
    s.chars().fold(String::new(), |mut out, c| {
        match CODES.iter().find(|(_, plain)| *plain == c) {
            Some((code, _)) => out.push_str(code),
            None if c == ']' => out.push_str("ZN"),
            None => out.push(c),
        }
        out
    })
}
