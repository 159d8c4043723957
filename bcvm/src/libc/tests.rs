//! The list of functions itself.

use super::data;
use super::harness::{call, machine};
use super::table::{self, FUNCTIONS, MAX_ARGS};
use std::collections::BTreeSet;

#[test]
fn no_symbol_is_declared_twice() {
    let mut seen = BTreeSet::new();
    for f in &FUNCTIONS {
        assert!(seen.insert(f.symbol), "{} is declared twice", f.symbol);
        assert!(data::find(f.symbol).is_none(), "{} is a variable, too", f.symbol);
    }
}

#[test]
fn dots_come_behind_words() {
    let mut variadic = FUNCTIONS.iter().filter(|f| f.is_variadic);
    assert!(variadic.clone().any(|f| f.symbol == "printf" && f.args == "n"));
    assert!(variadic.all(|f| f.args.bytes().all(|c| c == b'n')));
}

#[test]
fn functions_are_found_where_they_are() {
    for f in &FUNCTIONS {
        let at = table::address(table::find(f.symbol).expect("declared"));
        assert_eq!(table::at(at.word()).map(|g| g.symbol), Some(f.symbol));
    }
}

#[test]
fn no_function_panics_on_senseless_arguments() {
    let values = [0, 1, u64::MAX, 0x0010_0000, 0x7fff_ffff, 1 << 63, 0xffff_ffff];
    for f in &FUNCTIONS {
        let mut m = machine();
        for value in values {
            (f.run)(&mut m, [value; MAX_ARGS]);
            m.mem.clear_fault();
        }
    }
    let mut m = machine();
    assert_eq!(call(&mut m, "labs", &[-3i64 as u64]), 3);
}
