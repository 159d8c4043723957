//! Haskell code compiled by GHC, native against lifted, entered by the STG convention.
//!
//! The functions work on unboxed values, so that they need no runtime: a stack, a heap that is large
//! enough, and somewhere to return to.

mod lift_support;

use std::process::Command;
use std::time::Duration;

use lift_support::gcc;
use lift_support::native::native;
use lift_support::random::Random;
use lift_support::stg::Sides;

fn compile(optimisation: &str) -> Vec<u8> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let dir = dir.path();
    std::fs::write(dir.join("Work.hs"), include_str!("corpus/Work.hs")).expect("written");
    let status = Command::new("ghc").current_dir(dir).args(["-v0", optimisation, "-c", "Work.hs"]).status();
    assert!(status.expect("ghc runs").success());
    std::fs::write(dir.join("c.o"), gcc("c", include_str!("corpus/work.c"), &["-O2"])).expect("written");
    let status = Command::new("ld").current_dir(dir).args(["-r", "Work.o", "c.o", "-o", "both.o"]).status();
    assert!(status.expect("ld runs").success());
    std::fs::read(dir.join("both.o")).expect("linked")
}

fn ghc_is_installed() -> bool {
    let found = Command::new("ghc").arg("--numeric-version").output().is_ok();
    if !found {
        eprintln!("skipped: no ghc");
    }
    found
}

#[test]
fn unboxed_functions_agree() {
    if !ghc_is_installed() {
        return;
    }
    let mut native = native();
    for optimisation in ["-O", "-O2"] {
        let mut sides = Sides::new(&mut native, &compile(optimisation));
        let mut random = Random(5);
        let functions: Vec<String> =
            sides.both.symbols.keys().filter(|n| n.starts_with("Work_tzu") && n.ends_with("_info")).cloned().collect();
        assert!(functions.len() >= 11, "{functions:?}");
        for name in &functions {
            for case in 0..200 {
                let mut arguments: [u64; 7] = std::array::from_fn(|_| random.integer());
                // The words on the stack are for the function with seven arguments only.
                arguments[5] = 0;
                if name.contains("count") {
                    arguments[0] &= 0xfff;
                }
                if name.contains("nfib") {
                    arguments[0] = random.below(15);
                }
                if name.contains("case") {
                    arguments[0] = random.below(14);
                }
                if name.contains("mix") {
                    arguments[5] = 16;
                }
                let expected = sides.native(&mut native, name, &arguments).0;
                let found = sides.lifted(name, &arguments).0;
                assert_eq!(found, expected, "{optimisation} {name} {arguments:x?} case {case}");
            }
        }
    }
}

/// Prints how lifted code compares with the real processor: the best call of all, and the range of the ratios of the
/// best calls of some rounds.
#[test]
#[ignore = "a measurement"]
fn speed() {
    const ROUNDS: usize = 9;
    let mut native = native();
    let mut sides = Sides::new(&mut native, &compile("-O"));
    let subjects = [
        ("nfib", [25, 0], 40),
        ("count", [2_000_000, 0], 40),
        ("list", [255, 3], 2_000),
        ("tree", [63, 12_345], 2_000),
    ];
    for (name, [first, second], calls) in subjects {
        let symbol = format!("Work_tzu{name}_info");
        let arguments = [first, second, 0, 0, 0, 0, 0];
        let rounds: Vec<[f64; 2]> = (0..ROUNDS)
            .map(|_| {
                let mut times = [Duration::MAX; 2];
                for _ in 0..calls {
                    let (expected, fast) = sides.native(&mut native, &symbol, &arguments);
                    let (found, slow) = sides.lifted(&symbol, &arguments);
                    assert_eq!(found, expected);
                    times[0] = times[0].min(fast);
                    times[1] = times[1].min(slow);
                }
                times.map(|time| time.as_secs_f64())
            })
            .collect();
        let best = |side: usize| rounds.iter().map(|times| times[side]).fold(f64::MAX, f64::min);
        let ratios = || rounds.iter().map(|[fast, slow]| slow / fast);
        println!(
            "{name:<6} native {:>9.2} us, lifted {:>9.2} us, {:>5.2} times ({:.2} to {:.2})",
            best(0) * 1e6,
            best(1) * 1e6,
            best(1) / best(0),
            ratios().fold(f64::MAX, f64::min),
            ratios().fold(0.0, f64::max),
        );
    }
}
