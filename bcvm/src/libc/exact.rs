//! Functions of gcc's own library, which it calls where the processor has no instruction: 128-bit division, counting bits,
//! complex numbers.

use super::table::{functions, set_second};
use crate::interp::machine::Machine;
use crate::primop::table::Rep;
use crate::word::{Addr, WORD, Word};

/// Two words as a number of 128 bits.
fn wide(low: Word, high: Word) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

/// Answers 128 bits.
fn pair(m: &mut Machine, value: u128) -> Word {
    set_second(m, Rep::N, (value >> 64) as Word);
    value as Word
}

/// Quotient and remainder; a division by zero ends the program, as the processor's does.
fn divide(m: &mut Machine, a: u128, b: u128) -> (u128, u128) {
    if b == 0 {
        m.end_program("the program divided a 128-bit number by zero".into());
        return (0, 0);
    }
    (a / b, a % b)
}

/// The same with signs.
fn divide_signed(m: &mut Machine, a: u128, b: u128) -> (u128, u128) {
    let (a, b) = (a as i128, b as i128);
    let (quotient, remainder) = divide(m, a.unsigned_abs(), b.unsigned_abs());
    let negate = |value: u128, is_negative: bool| if is_negative { value.wrapping_neg() } else { value };
    (negate(quotient, (a < 0) != (b < 0)), negate(remainder, a < 0))
}

/// `__udivmodti4`: the quotient, and the remainder at an address that may be null.
fn divide_both(m: &mut Machine, a: u128, b: u128, at: Word) -> Word {
    let (quotient, remainder) = divide(m, a, b);
    if at != 0 {
        let at = Addr::from_word(at);
        m.mem.set_word(at, remainder as Word);
        m.mem.set_word(at + WORD, (remainder >> 64) as Word);
    }
    pair(m, quotient)
}

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

functions! {
    "__udivti3" "nnnn" b'q' = |m, [a, a_high, b, b_high, ..]| {
        let quotient = divide(m, wide(a, a_high), wide(b, b_high)).0;
        pair(m, quotient)
    };
    "__umodti3" "nnnn" b'q' = |m, [a, a_high, b, b_high, ..]| {
        let remainder = divide(m, wide(a, a_high), wide(b, b_high)).1;
        pair(m, remainder)
    };
    "__divti3" "nnnn" b'q' = |m, [a, a_high, b, b_high, ..]| {
        let quotient = divide_signed(m, wide(a, a_high), wide(b, b_high)).0;
        pair(m, quotient)
    };
    "__modti3" "nnnn" b'q' = |m, [a, a_high, b, b_high, ..]| {
        let remainder = divide_signed(m, wide(a, a_high), wide(b, b_high)).1;
        pair(m, remainder)
    };
    "__udivmodti4" "nnnnn" b'q' = |m, [a, a_high, b, b_high, at, ..]| divide_both(m, wide(a, a_high), wide(b, b_high), at);
    "__multi3" "nnnn" b'q' = |m, [a, a_high, b, b_high, ..]| pair(m, wide(a, a_high).wrapping_mul(wide(b, b_high)));
    "__popcountdi2" "n" b'n' = |_, [x, ..]| Word::from(x.count_ones());
    "__popcountti2" "nn" b'n' = |_, [x, high, ..]| Word::from(wide(x, high).count_ones());
    "__paritydi2" "n" b'n' = |_, [x, ..]| Word::from(x.count_ones() % 2);
    "__clzdi2" "n" b'n' = |_, [x, ..]| Word::from(x.leading_zeros());
    "__clzti2" "nn" b'n' = |_, [x, high, ..]| Word::from(wide(x, high).leading_zeros());
    "__ctzdi2" "n" b'n' = |_, [x, ..]| Word::from(x.trailing_zeros());
    "__ctzti2" "nn" b'n' = |_, [x, high, ..]| Word::from(wide(x, high).trailing_zeros());
    "__ffsdi2" "n" b'n' = |_, [x, ..]| if x == 0 { 0 } else { Word::from(x.trailing_zeros() + 1) };
    "__ffsti2" "nn" b'n' = |_, [x, high, ..]| match wide(x, high) {
        0 => 0,
        x => Word::from(x.trailing_zeros() + 1),
    };
    "__bswapdi2" "n" b'n' = |_, [x, ..]| x.swap_bytes();
    "__muldc3" "dddd" b'z' = complex!(product);
    "__divdc3" "dddd" b'z' = complex!(quotient);
    "__mulsc3" "ffff" b'd' = complex_floats!(product);
    "__divsc3" "ffff" b'd' = complex_floats!(quotient);
    // Fills `__cpu_model`, which stays empty: a processor without extensions.
    "__cpu_indicator_init" "" b'n' = |_, _| 0;
}

#[cfg(test)]
mod tests {
    use crate::abi::map::{C_CALL, c_call};
    use crate::libc::harness::*;
    use crate::word::Addr;

    #[test]
    fn numbers_of_128_bits_are_divided() {
        let mut m = machine();
        let mut divide = |name: &str, a: i128, b: i128| {
            let halves = |x: i128| [x as u64, (x >> 64) as u64];
            let low = call(&mut m, name, &[halves(a), halves(b)].concat());
            (m.mem.word(Addr(C_CALL + c_call::RDX)) as u128) << 64 | u128::from(low)
        };
        let (a, b) = (-123_456_789_012_345_678_901_234_567_890i128, 987_654_321_098_765);
        assert_eq!(divide("__divti3", a, b) as i128, a / b);
        assert_eq!(divide("__modti3", a, b) as i128, a % b);
        assert_eq!(divide("__udivti3", a, b), a as u128 / b as u128);
        assert_eq!(divide("__umodti3", a, b), a as u128 % b as u128);
        assert!(ended(&mut m, "__udivti3", &[1, 0, 0, 0]).contains("by zero"));
    }

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
