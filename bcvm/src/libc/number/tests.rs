//! Numbers out of text, read as C reads them.

use crate::libc::harness::*;
use crate::word::Addr;
use proptest::prelude::*;

/// The result of a function of a text, and how much of the text it took.
fn parse(name: &str, text: &str, base: u64) -> (u64, u64) {
    let mut m = machine();
    let (s, end) = (string(&mut m, text), words(&mut m, 1));
    let value = call(&mut m, name, &[s, end, base]);
    (value, m.mem.word(Addr::from_word(end)) - s)
}

#[test]
fn integers_are_read_in_any_base() {
    let minus = |n: i64| -n as u64;
    for (text, base, value, used) in [
        ("  42x", 10, 42, 4),
        ("-42", 0, minus(42), 3),
        ("+0x1Fg", 0, 31, 5),
        ("0x1F", 16, 31, 4),
        ("0x", 16, 0, 1),
        ("017", 0, 15, 3),
        ("zz", 36, 35 * 36 + 35, 2),
        ("", 10, 0, 0),
        ("  x", 10, 0, 0),
        ("8", 8, 0, 0),
        ("9223372036854775808", 10, i64::MAX as u64, 19),
        ("-9223372036854775808", 10, i64::MIN as u64, 20),
        ("-99999999999999999999", 10, i64::MIN as u64, 21),
        ("1", 99, 0, 0),
    ] {
        assert_eq!(parse("strtol", text, base), (value, used), "{text:?} in base {base}");
    }
    assert_eq!(parse("strtoul", "-1", 10), (u64::MAX, 2));
    assert_eq!(parse("strtoul", "18446744073709551616", 10), (u64::MAX, 20));
}

#[test]
fn what_does_not_fit_is_an_error() {
    for (name, text, error) in [
        ("strtol", "9223372036854775807", 0),
        ("strtol", "9223372036854775808", 34),
        ("strtol", "-9223372036854775808", 0),
        ("strtoul", "18446744073709551616", 34),
        ("strtod", "1e400", 34),
        ("strtod", "inf", 0),
    ] {
        let mut m = machine();
        let s = string(&mut m, text);
        call(&mut m, name, &[s, 0, 10]);
        let errno = call(&mut m, "__errno_location", &[]);
        assert_eq!(m.mem.u32(Addr::from_word(errno)), error, "{name} {text}");
    }
}

#[test]
fn doubles_are_read_as_far_as_they_go() {
    for (text, value, used) in [
        ("1.5", 1.5, 3),
        (" -.5e1x", -5.0, 6),
        ("1e", 1.0, 1),
        ("1e+", 1.0, 1),
        ("5.", 5.0, 2),
        ("inf", f64::INFINITY, 3),
        ("-INFINITYx", f64::NEG_INFINITY, 9),
        ("0x1.8p1", 3.0, 7),
        ("0x.8", 0.5, 4),
        ("0x", 0.0, 1),
        ("0x10p-4", 1.0, 7),
        ("0x123456789abcdef01234p0", 8.596805828370696e22, 24),
        ("1e400", f64::INFINITY, 5),
        ("0x1p99999999999", f64::INFINITY, 15),
        (".", 0.0, 0),
        ("e5", 0.0, 0),
    ] {
        let (bits, n) = parse("strtod", text, 0);
        assert_eq!((f64::from_bits(bits), n), (value, used), "{text:?}");
    }
    assert!(f64::from_bits(parse("strtod", "nan", 0).0).is_nan());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_was_printed_is_read_back(x: f64, n: i64) {
        prop_assume!(x.is_finite());
        prop_assert_eq!(parse("strtod", &x.to_string(), 0).0, x.to_bits());
        prop_assert_eq!(parse("strtol", &n.to_string(), 10).0, n as u64);
    }
}
