//! Comparing by functions that the machine has itself; those of programs are in `engine/tests/callbacks.rs`.

use crate::abi::map;
use crate::libc::harness::{call, ended, machine, read, string, words};
use crate::libc::table;
use crate::word::{Addr, WORD};

/// The address of a built-in function.
fn function(name: &str) -> u64 {
    table::address(table::find(name).expect("a function")).word()
}

#[test]
fn elements_are_sorted_by_what_the_function_says() {
    let mut m = machine();
    let texts = ["pear", "apple", "fig", "", "quince", "fig", "date", "banana", "cherry"];
    for n in 0..=texts.len() {
        // Rows of eight bytes, which hold strings of at most seven.
        let base = words(&mut m, n.max(1));
        for (i, text) in texts[..n].iter().enumerate() {
            m.mem.write_bytes(Addr::from_word(base).offset_w(i as u32), text.as_bytes());
        }
        call(&mut m, "qsort", &[base, n as u64, WORD as u64, function("strcmp")]);
        let sorted: Vec<String> = (0..n).map(|i| read(&m, base + i as u64 * WORD as u64)).collect();
        let mut expected: Vec<&str> = texts[..n].to_vec();
        expected.sort_unstable();
        assert_eq!(sorted, expected);
        for text in ["fig", "plum", "", "zzz"] {
            let key = string(&mut m, text);
            let found = call(&mut m, "bsearch", &[key, base, n as u64, WORD as u64, function("strcmp")]);
            assert_eq!(found != 0, expected.contains(&text), "{text} in {expected:?}");
            if found != 0 {
                assert_eq!(read(&m, found), text);
            }
        }
    }
}

#[test]
fn what_cannot_be_sorted_ends_the_program() {
    let mut m = machine();
    let base = words(&mut m, 2);
    let why = ended(&mut m, "qsort", &[base, 1 << 40, 8, function("strcmp")]);
    assert!(why.contains("no memory to sort"), "{why}");
    // Compiled code, of which there is none here.
    let why = ended(&mut m, "qsort", &[base, 2, 8, u64::from(map::PACKAGES_START)]);
    assert!(why.contains("cannot run"), "{why}");
}
