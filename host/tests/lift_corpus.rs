//! C code compiled by gcc at several levels, native against lifted.
//!
//! Every function of the corpus whose name begins with `t_` takes and returns integers; it is called with
//! random ones both ways, and results and the object's data must agree.

mod lift_support;

use lift_support::lifted::{Lifted, engine};
use lift_support::native::native;
use lift_support::random::Random;
use lift_support::{CODE, gcc, lift};

const LEVELS: [&[&str]; 7] = [
    &["-O0"],
    &["-O0", "-fno-pie"],
    &["-O1"],
    &["-O2"],
    &["-O2", "-fno-pie"],
    &["-O3", "-fPIC"],
    &["-Os", "-falign-functions=4"],
];

fn check(name: &str, source: &str) {
    let cases = std::env::var("BCVM_CORPUS_CASES").ok().and_then(|v| v.parse().ok()).unwrap_or(300);
    let engine = engine();
    for level in LEVELS {
        let mut flags = vec!["-ffreestanding", "-fno-stack-protector", "-fno-tree-loop-distribute-patterns"];
        flags.extend(level);
        let both = lift(&gcc("c", source, &flags));
        both.assert_supported();
        let mut lifted = Lifted::new(&engine, &both.module, &both.image);
        let mut native = native();
        native.bytes(CODE, both.extent as usize).fill(0);
        native.bytes(CODE, both.image.len()).copy_from_slice(&both.image);
        let mut random = Random(11);
        for (function, &address) in both.symbols.iter().filter(|(symbol, _)| symbol.starts_with("t_")) {
            for _ in 0..cases {
                let arguments = [random.integer(), random.integer(), random.integer(), random.integer()];
                let expected = native.call_with(address, arguments);
                let found = lifted.call(address, arguments);
                let found =
                    found.unwrap_or_else(|e| panic!("{name} {level:?} {function}{arguments:x?} trapped: {e:?}"));
                assert_eq!(found, expected, "{name} {level:?} {function}{arguments:x?}");
            }
        }
    }
}

#[test]
fn text() {
    check("text", include_str!("corpus/text.c"));
}

#[test]
fn hash() {
    check("hash", include_str!("corpus/hash.c"));
}

#[test]
fn numeric() {
    check("numeric", include_str!("corpus/numeric.c"));
}

#[test]
fn control() {
    check("control", include_str!("corpus/control.c"));
}
