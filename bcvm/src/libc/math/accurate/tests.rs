//! Results against glibc's, and identities that hold to the last digits.

use super::*;
use core::f64::consts::{E, FRAC_PI_4, LN_10, SQRT_2};

/// A function of this file.
type Function = fn(f64) -> f64;

/// Arguments and the results of glibc 2.36, which are also the correctly rounded ones.
#[test]
fn results_are_those_of_glibc() {
    let cases: [(&str, Function, f64, f64); 27] = [
        ("sin", sin, 1.0, 0.8414709848078965),
        ("sin", sin, 0.1, 0.09983341664682815),
        ("sin", sin, 2.5, 0.5984721441039565),
        ("sin", sin, -3.7, 0.5298361409084934),
        ("sin", sin, 1000000.0, -0.34999350217129294),
        ("cos", cos, 1.0, 0.5403023058681398),
        ("cos", cos, 0.1, 0.9950041652780258),
        ("cos", cos, 2.5, -0.8011436155469337),
        ("cos", cos, -3.7, -0.848100031710408),
        ("cos", cos, 22.0, -0.9999608263946371),
        ("tan", tan, 1.0, 1.5574077246549023),
        ("tan", tan, 0.1, 0.10033467208545055),
        ("tan", tan, 2.5, -0.7470222972386603),
        ("exp", exp, 1.0, E),
        ("exp", exp, 0.1, 1.1051709180756477),
        ("exp", exp, -3.7, 0.024723526470339388),
        ("exp", exp, 10.0, 22026.465794806718),
        ("log", log, 2.0, core::f64::consts::LN_2),
        ("log", log, 0.1, -2.3025850929940455),
        ("log", log, 10.0, LN_10),
        ("log", log, 123.456, 4.815884817283264),
        ("atan", atan, 1.0, FRAC_PI_4),
        ("atan", atan, 0.75, 0.6435011087932844),
        ("asin", asin, 0.75, 0.848062078981481),
        ("asin", asin, -0.3, -0.3046926540153975),
        ("acos", acos, 0.75, 0.7227342478134157),
        ("acos", acos, -0.3, 1.8754889808102941),
    ];
    for (name, f, x, result) in cases {
        assert_eq!(f(x).to_bits(), result.to_bits(), "{name} {x:?}: {:?}, not {result:?}", f(x));
    }
}

#[test]
fn powers_are_those_of_glibc() {
    for (x, y, result) in [
        (2.0, 0.5, SQRT_2),
        (10.0, 0.3, 1.9952623149688795),
        (1.1, 100.0, 13780.61233982238),
        (3.0, -2.5, 0.06415002990995841),
        (0.7, 12.25, 0.012660503865577204),
    ] {
        assert_eq!(pow(x, y).to_bits(), f64::to_bits(result), "{x:?} ** {y:?}: {:?}, not {result:?}", pow(x, y));
    }
    for (y, x, result) in [
        (1.0, 2.0, 0.4636476090008061),
        (-3.0, -0.5, -1.7359450042095235),
        (0.1, -7.0, 3.1273079110023967),
        (2.0, 3.0, 0.5880026035475675),
    ] {
        assert_eq!(atan2(y, x).to_bits(), f64::to_bits(result), "atan2 {y:?} {x:?}");
    }
}

#[test]
fn special_arguments_have_their_results() {
    assert_eq!(exp(f64::NEG_INFINITY), 0.0);
    assert_eq!(exp(710.0), f64::INFINITY);
    assert_eq!(exp(-0.0), 1.0);
    assert_eq!(log(0.0), f64::NEG_INFINITY);
    assert!(log(-1.0).is_nan() && log(f64::NAN).is_nan());
    assert_eq!(log(1.0), 0.0);
    assert_eq!(sin(-0.0).to_bits(), (-0.0f64).to_bits());
    assert!(sin(f64::INFINITY).is_nan() && tan(f64::NAN).is_nan());
    assert_eq!(asin(1.0), core::f64::consts::FRAC_PI_2);
    assert!(asin(1.5).is_nan() && acos(-1.5).is_nan());
    assert_eq!(acos(-1.0), core::f64::consts::PI);
    assert_eq!(atan(f64::INFINITY), core::f64::consts::FRAC_PI_2);
    assert_eq!(atan2(0.0, -1.0), core::f64::consts::PI);
    assert_eq!(pow(0.0, 0.0), 1.0);
    assert_eq!(pow(-2.0, 3.0), -8.0);
    assert_eq!(pow(2.0, -1074.0), 5e-324);
    assert_eq!(pow(10.0, 22.0), 1e22);
    assert!(pow(-8.0, 1.0 / 3.0).is_nan());
    assert_eq!(log10(1000.0), 3.0);
    assert_eq!(log(5e-324), -744.4400719213812);
}

#[test]
fn identities_hold_to_the_last_digits() {
    for i in 1..20_000 {
        let x = i as f64 * 0.0137;
        let (s, c) = sine_cosine(x);
        let one = s.mul(s).add(c.mul(c)).sub(Dd::ONE);
        assert!(one.hi.abs() < 1e-21, "sin² + cos² at {x}: off by {:e}", one.hi);
        let l = log_of(x);
        let (power, k) = exp_of(l);
        let back = Dd { hi: scalbn(power.hi, k), lo: scalbn(power.lo, k) }.sub(Dd::from(x));
        assert!(back.hi.abs() < x * 1e-20, "exp (log {x}): off by {:e}", back.hi);
    }
}

#[test]
fn bits_are_digits_as_gmp_has_it() {
    assert_eq!(digits_per_bit(10), 0x4d10_4d42_7de7_fbcc);
    assert_eq!(digits_per_bit(3), 0xa1849cc1a9a9e94e);
}
