//! Names of built-in symbols: to addresses and back.

use super::closures::{self, ALL, CHARLIKE, INTLIKE};
use super::table::{ENTRIES, Entry, Layout, Row};
use crate::abi::map;
use crate::libc::{data, table as libc};
use crate::primop::table as primops;
use crate::word::{Addr, InfoPtr};
use alloc::format;
use alloc::string::{String, ToString};

/// What the primop wrappers' symbols begin with.
pub const WRAPPERS: &str = "ghczmprim_GHCziPrimopWrappers_";

/// A built-in symbol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Symbol {
    /// Where it is.
    pub addr: Addr,
    /// The slot of its code, and of which table; none for what is no code.
    pub slot: Option<Slot>,
    /// Whether it only stands in for a definition in a package, which is preferred once that package is loaded.
    pub stands_in: bool,
}

/// A slot of one of the two function tables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Slot {
    /// Of the table of STG entries.
    Stg(u32),
    /// Of the table of C functions.
    C(u32),
}

/// Where the built-in symbol `name` is: an info pointer, code, a closure, a variable, or (for a `…_closure` of a
/// constructor with fields) nothing.
pub fn find(name: &str) -> Option<Addr> {
    lookup(name).map(|symbol| symbol.addr)
}

/// The built-in symbol `name`.
pub fn lookup(name: &str) -> Option<Symbol> {
    let data = |addr| Symbol { addr, slot: None, stands_in: false };
    match name {
        "stg_INTLIKE_closure" => return Some(data(INTLIKE)),
        "stg_CHARLIKE_closure" => return Some(data(CHARLIKE)),
        "environ" => return Some(data(Addr(map::ENVIRON))),
        _ => {}
    }
    if let Some(op) = name.strip_prefix(WRAPPERS).and_then(|rest| rest.strip_suffix("_closure")) {
        return primops::find(&z_decode(op)?).map(|n| data(closures::wrapper(n)));
    }
    if let Some(op) = name.strip_prefix("stg_").filter(|op| op.ends_with("zh")) {
        let n = primops::find(&z_decode(op)?)?;
        let slot = Some(Slot::Stg(closures::primop_slot(n)));
        return Some(Symbol { addr: closures::primop_code(n), slot, stands_in: false });
    }
    if let Some(row) = entry(name) {
        let slot = Some(Slot::Stg(row.entry.slot()));
        return Some(Symbol { addr: Addr(row.entry.info().0), slot, stands_in: stands_in(name) });
    }
    if let Some((builtin, ..)) = ALL.iter().find(|(_, symbol, ..)| *symbol == name) {
        return Some(Symbol { stands_in: stands_in(name), ..data(builtin.addr()) });
    }
    if let Some(n) = libc::find(name) {
        let slot = Some(Slot::C(libc::slot(n)));
        return Some(Symbol { addr: libc::address(n), slot, stands_in: false });
    }
    data::find(name).map(data)
}

/// The entry of the info table or code called `name`.
fn entry(name: &str) -> Option<&'static Row> {
    let table = name.strip_suffix("_info").map(|table| match table.strip_suffix("_static") {
        Some(con) => format!("{con}_con"),
        None => table.to_string(),
    });
    ENTRIES.iter().find(|row| match (&table, row.layout) {
        (_, Layout::Code()) => row.symbol == name,
        (Some(table), _) => row.symbol == table,
        // Entry code that is referred to as such.
        (None, _) => row.symbol == name && name.ends_with("_entry"),
    })
}

/// Whether a symbol is a package's rather than the runtime's.
fn stands_in(name: &str) -> bool {
    ["ghczmprim_", "base_"].iter().any(|package| name.starts_with(package))
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
