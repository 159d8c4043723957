//! Strings in the machine's memory.

use crate::libc::harness::*;
use crate::word::Addr;

#[test]
fn strings_are_copied_and_appended() {
    let mut m = machine();
    let (out, abc) = (words(&mut m, 4), string(&mut m, "abc"));
    assert_eq!(call(&mut m, "strcpy", &[out, abc]), out);
    assert_eq!(call(&mut m, "strcat", &[out, abc]), out);
    assert_eq!(call(&mut m, "strncat", &[out, abc, 2]), out);
    assert_eq!(read(&m, out), "abcabcab");
    assert_eq!(call(&mut m, "stpcpy", &[out, abc]), out + 3);
    m.mem.set_word(Addr::from_word(out), u64::MAX);
    assert_eq!(call(&mut m, "strncpy", &[out, abc, 6]), out);
    assert_eq!(m.mem.word(Addr::from_word(out)), 0xffff_0000_0063_6261);
    assert_eq!(call(&mut m, "strncpy", &[out, abc, 2]), out);
    assert_eq!(read(&m, out), "abc");
    let copy = call(&mut m, "strdup", &[abc]);
    assert_ne!(copy, abc);
    assert_eq!(read(&m, copy), "abc");
    let copy = call(&mut m, "strndup", &[abc, 2]);
    assert_eq!(read(&m, copy), "ab");
}

#[test]
fn bytes_and_strings_are_found() {
    let mut m = machine();
    let s = string(&mut m, "banana");
    for (name, args, at) in [
        ("strchr", [b'n', 0], Some(2)),
        ("strchr", [b'x', 0], None),
        ("strchr", [0, 0], Some(6)),
        ("strchrnul", [b'x', 0], Some(6)),
        ("strrchr", [b'n', 0], Some(4)),
        ("strrchr", [0, 0], Some(6)),
        ("memchr", [b'a', 3], Some(1)),
        ("memrchr", [b'a', 5], Some(3)),
        ("memrchr", [b'x', 5], None),
    ] {
        let found = call(&mut m, name, &[s, args[0] as u64, args[1] as u64]);
        assert_eq!(found, at.map_or(0, |at| s + at), "{name} {args:?}");
    }
    for (needle, at) in [("nan", Some(2)), ("", Some(0)), ("bananas", None), ("ab", None), ("banana", Some(0))] {
        let n = string(&mut m, needle);
        assert_eq!(call(&mut m, "strstr", &[s, n]), at.map_or(0, |at| s + at), "{needle}");
    }
    let set = string(&mut m, "nab");
    assert_eq!(call(&mut m, "strspn", &[s, set]), 6);
    let set = string(&mut m, "n");
    assert_eq!(call(&mut m, "strcspn", &[s, set]), 2);
    assert_eq!(call(&mut m, "strpbrk", &[s, set]), s + 2);
    assert_eq!(call(&mut m, "strnlen", &[s, 4]), 4);
    assert_eq!(call(&mut m, "strlen", &[s]), 6);
}

#[test]
fn comparisons_have_a_sign() {
    let mut m = machine();
    let (a, b) = (string(&mut m, "Abc"), string(&mut m, "abd"));
    let sign = |w: u64| (w as i32).signum();
    assert_eq!(sign(call(&mut m, "strcmp", &[a, b])), -1);
    assert_eq!(sign(call(&mut m, "strcasecmp", &[b, a])), 1);
    assert_eq!(sign(call(&mut m, "strncasecmp", &[a, b, 2])), 0);
    assert_eq!(sign(call(&mut m, "memcmp", &[b, a, 1])), 1);
}

#[test]
fn tokens_are_cut_off_one_by_one() {
    let mut m = machine();
    let (s, set, save) = (string(&mut m, "::a:bc::d"), string(&mut m, ":"), words(&mut m, 1));
    let mut tokens = Vec::new();
    let mut at = call(&mut m, "strtok_r", &[s, set, save]);
    while at != 0 {
        tokens.push(read(&m, at));
        at = call(&mut m, "strtok_r", &[0, set, save]);
    }
    assert_eq!(tokens, ["a", "bc", "d"]);
}

#[test]
fn characters_have_classes_and_cases() {
    let mut m = machine();
    for (name, c, answer) in [
        ("isalpha", 'x' as u64, 1),
        ("isspace", 0x0b, 1),
        ("isdigit", 'x' as u64, 0),
        ("isalpha", 1000, 0),
        ("isalpha", u64::MAX, 0),
        ("toupper", 'x' as u64, 'X' as u64),
        ("tolower", u64::MAX, u64::MAX),
        ("iswalpha", 'é' as u64, 1),
        ("towupper", 'é' as u64, 'É' as u64),
        ("towupper", 'ß' as u64, 'ß' as u64),
        ("towlower", 0xd800, 0xd800),
    ] {
        assert_eq!(call(&mut m, name, &[c]), answer, "{name} {c:#x}");
    }
}

#[test]
fn a_string_without_an_end_is_a_fault_and_nothing_worse() {
    let mut m = machine();
    let end = m.config.heap.end as u64;
    m.mem.fill_words(Addr(end as u32 - 64), 8, u64::MAX);
    for name in ["strlen", "strdup", "puts", "atoi", "strtod"] {
        try_call(&mut m, name, &[end - 64]);
        assert!(m.mem.fault().is_some(), "{name}");
        m.mem.clear_fault();
        m.crash_report.clear();
    }
}
