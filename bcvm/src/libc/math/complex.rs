//! Complex numbers (`complex.h`, and what gcc calls to multiply and divide them).
//!
//! One of doubles takes two vector registers, one of floats half of one.

use crate::interp::machine::Machine;
use crate::libc::table::{functions, set_second};
use crate::primop::table::Rep;
use crate::word::Word;

/// Answers a complex number of doubles.
fn complex(m: &mut Machine, (re, im): (f64, f64)) -> Word {
    set_second(m, Rep::D, im.to_bits());
    re.to_bits()
}

/// The product as annex G of C has it: where both parts come out as no number, infinities are looked for.
fn product(a: f64, b: f64, c: f64, d: f64) -> (f64, f64) {
    let (re, im) = (a * c - b * d, a * d + b * c);
    if !(re.is_nan() && im.is_nan()) {
        return (re, im);
    }
    let finite = |x: f64| if x.is_nan() { 0f64.copysign(x) } else { x };
    let unit = |x: f64| f64::from(x.is_infinite() as u8).copysign(x);
    let (mut a, mut b, mut c, mut d, mut infinite) = (a, b, c, d, false);
    if a.is_infinite() || b.is_infinite() {
        (a, b, c, d, infinite) = (unit(a), unit(b), finite(c), finite(d), true);
    }
    if c.is_infinite() || d.is_infinite() {
        (a, b, c, d, infinite) = (finite(a), finite(b), unit(c), unit(d), true);
    }
    if !infinite && [a * c, b * d, a * d, b * c].iter().any(|x| x.is_infinite()) {
        (a, b, c, d, infinite) = (finite(a), finite(b), finite(c), finite(d), true);
    }
    if infinite { (f64::INFINITY * (a * c - b * d), f64::INFINITY * (a * d + b * c)) } else { (re, im) }
}

/// The quotient, scaled by the larger part of the divisor.
fn quotient(a: f64, b: f64, c: f64, d: f64) -> (f64, f64) {
    let (re, im) = if c.abs() < d.abs() {
        let (ratio, whole) = (c / d, c * (c / d) + d);
        ((a * ratio + b) / whole, (b * ratio - a) / whole)
    } else {
        let (ratio, whole) = (d / c, c + d * (d / c));
        ((a + b * ratio) / whole, (b - a * ratio) / whole)
    };
    if !(re.is_nan() && im.is_nan()) {
        return (re, im);
    }
    let unit = |x: f64| f64::from(x.is_infinite() as u8).copysign(x);
    if c == 0.0 && d == 0.0 && !(a.is_nan() && b.is_nan()) {
        let infinity = f64::INFINITY.copysign(c);
        (infinity * a, infinity * b)
    } else if (a.is_infinite() || b.is_infinite()) && c.is_finite() && d.is_finite() {
        let (a, b) = (unit(a), unit(b));
        (f64::INFINITY * (a * c + b * d), f64::INFINITY * (b * c - a * d))
    } else if (c.is_infinite() || d.is_infinite()) && a.is_finite() && b.is_finite() {
        let (c, d) = (unit(c), unit(d));
        (0.0 * (a * c + b * d), 0.0 * (b * c - a * d))
    } else {
        (re, im)
    }
}

/// A complex number of floats in one register.
fn floats((re, im): (f64, f64)) -> Word {
    Word::from((re as f32).to_bits()) | Word::from((im as f32).to_bits()) << 32
}

fn float(w: Word) -> f64 {
    f64::from(f32::from_bits(w as u32))
}

/// An operation on four doubles, and on four floats.
macro_rules! complex {
    ($f:path) => {
        |m, [a, b, c, d, ..]| complex(m, $f(f64::from_bits(a), f64::from_bits(b), f64::from_bits(c), f64::from_bits(d)))
    };
}

macro_rules! complex_floats {
    ($f:path) => {
        |_, [a, b, c, d, ..]| floats($f(float(a), float(b), float(c), float(d)))
    };
}

/// The imaginary part of a number of floats.
fn imaginary(w: Word) -> f64 {
    float(w >> 32)
}

functions! {
    "__muldc3" "dddd" b'z' = complex!(product);
    "__divdc3" "dddd" b'z' = complex!(quotient);
    "__mulsc3" "ffff" b'd' = complex_floats!(product);
    "__divsc3" "ffff" b'd' = complex_floats!(quotient);
    "cabs" "dd" b'd' = |_, [re, im, ..]| libm::hypot(f64::from_bits(re), f64::from_bits(im)).to_bits();
    "cabsf" "d" b'f' = |_, [z, ..]| floats((libm::hypot(float(z), imaginary(z)), 0.0));
    "carg" "dd" b'd' = |_, [re, im, ..]| super::accurate::atan2(f64::from_bits(im), f64::from_bits(re)).to_bits();
    "cargf" "d" b'f' = |_, [z, ..]| floats((super::accurate::atan2(imaginary(z), float(z)), 0.0));
    "creal" "dd" b'd' = |_, [re, ..]| re;
    "crealf" "d" b'f' = |_, [z, ..]| z & Word::from(u32::MAX);
    "cimag" "dd" b'd' = |_, [_, im, ..]| im;
    "cimagf" "d" b'f' = |_, [z, ..]| z >> 32;
    "conj" "dd" b'z' = |m, [re, im, ..]| complex(m, (f64::from_bits(re), -f64::from_bits(im)));
    "conjf" "d" b'd' = |_, [z, ..]| z ^ 1 << 63;
}

#[cfg(test)]
mod tests {
    use crate::abi::map::{C_CALL, c_call};
    use crate::libc::harness::*;
    use crate::word::Addr;

    #[test]
    fn complex_numbers_are_multiplied_and_divided() {
        let mut m = machine();
        let mut apply = |name: &str, args: [f64; 4]| {
            let re = f64::from_bits(call(&mut m, name, &args.map(f64::to_bits)));
            (re, f64::from_bits(m.mem.word(Addr(C_CALL + c_call::XMM0 + 16))))
        };
        assert_eq!(apply("__muldc3", [1.0, 2.0, 3.0, 4.0]), (-5.0, 10.0));
        assert_eq!(apply("__divdc3", [-5.0, 10.0, 3.0, 4.0]), (1.0, 2.0));
        assert_eq!(apply("__muldc3", [f64::INFINITY, f64::NAN, 1.0, 0.0]).0, f64::INFINITY);
        assert!(apply("__divdc3", [1.0, 1.0, 0.0, 0.0]).0.is_infinite());
    }
}
