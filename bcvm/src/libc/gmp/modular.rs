//! Powers and inverses modulo a number, and greatest common divisors with their coefficients.

use crate::interp::machine::Machine;
use crate::libc::table::functions;
use crate::word::Word;
use dashu_int::fast_div::ConstDivisor;
use dashu_int::ops::{DivEuclid, ExtendedGcd, Gcd, RemEuclid, UnsignedAbs};
use dashu_int::{IBig, Sign, UBig};

/// `x` modulo `modulus`, not negative.
fn reduce(x: &IBig, modulus: &UBig) -> UBig {
    x.rem_euclid(modulus.as_ibig())
}

/// The inverse of `x` modulo `modulus`, if there is one.
fn inverse(x: &IBig, modulus: &UBig) -> Option<UBig> {
    let x = reduce(x, modulus);
    if x == UBig::ZERO {
        // Everything is its own inverse modulo 1.
        return (*modulus == UBig::ONE).then_some(UBig::ZERO);
    }
    let (g, s, _) = (&x).gcd_ext(modulus);
    (g == UBig::ONE).then(|| reduce(&s, modulus))
}

/// `base` to the power `exponent` modulo `modulus`, which is not 0.
pub(super) fn power(base: UBig, exponent: &UBig, modulus: &UBig) -> UBig {
    if *modulus == UBig::ONE {
        return UBig::ZERO;
    }
    let ring = ConstDivisor::new(modulus.clone());
    ring.reduce(base).pow(exponent).residue()
}

/// `mpz_powm`. A negative exponent is that of the inverse.
fn powm(m: &mut Machine, [r, base, exponent, modulus]: [Word; 4]) -> Word {
    let (base, exponent) = (m.integer(base), m.integer(exponent));
    let modulus = m.integer(modulus).unsigned_abs();
    if modulus == UBig::ZERO {
        return m.division_by_zero();
    }
    let base = if exponent.sign() == Sign::Negative { inverse(&base, &modulus) } else { Some(reduce(&base, &modulus)) };
    let Some(base) = base else { return m.division_by_zero() };
    let result = power(base, &exponent.unsigned_abs(), &modulus);
    m.set_integer(r, &result.into());
    0
}

/// `mpz_invert`: whether there is an inverse; if not, the result is not touched.
fn invert(m: &mut Machine, [r, x, modulus]: [Word; 3]) -> Word {
    let (x, modulus) = (m.integer(x), m.integer(modulus).unsigned_abs());
    if modulus == UBig::ZERO {
        return 0;
    }
    let Some(result) = inverse(&x, &modulus) else { return 0 };
    m.set_integer(r, &result.into());
    1
}

fn greatest_common_divisor(a: &UBig, b: &UBig) -> UBig {
    match (*a == UBig::ZERO, *b == UBig::ZERO) {
        (true, _) => b.clone(),
        (_, true) => a.clone(),
        _ => a.gcd(b),
    }
}

/// The greatest common divisor `g` of `a` and `b`, with `s` and `t` such that `a*s + b*t = g`: those that GMP's manual
/// promises, `2*g*|s| < |b|` and `2*g*|t| < |a|` but for a few small cases.
fn gcd_ext(a: &IBig, b: &IBig) -> (UBig, IBig, IBig) {
    let (x, y) = (a.unsigned_abs(), b.unsigned_abs());
    let sign = |z: &IBig| match z {
        z if *z == IBig::ZERO => IBig::ZERO,
        z => IBig::from_parts(z.sign(), UBig::ONE),
    };
    if y == UBig::ZERO {
        return (x, sign(a), IBig::ZERO);
    }
    if x == UBig::ZERO || x == y {
        return (y, IBig::ZERO, sign(b));
    }
    let (g, s, _) = (&x).gcd_ext(&y);
    // Any coefficient will do; the one nearest to zero is wanted.
    let period = &y / &g;
    let mut s: IBig = reduce(&s, &period).into();
    if IBig::from(2) * &s > IBig::from(period.clone()) {
        s -= IBig::from(period);
    }
    let s = s * a.sign();
    let t = (IBig::from(g.clone()) - a * &s).div_euclid(b);
    (g, s, t)
}

functions! {
    "__gmpz_powm" "nnnn" b'v' = |m, [r, base, exponent, modulus, ..]| powm(m, [r, base, exponent, modulus]);
    // Its time does depend on the operands: there is no secret in a sandbox that its own program may not see.
    "__gmpz_powm_sec" "nnnn" b'v' = |m, [r, base, exponent, modulus, ..]| powm(m, [r, base, exponent, modulus]);
    "__gmpz_invert" "nnn" b'n' = |m, [r, x, modulus, ..]| invert(m, [r, x, modulus]);
    "__gmpz_gcd" "nnn" b'v' = |m, [r, a, b, ..]| {
        let g = greatest_common_divisor(&m.integer(a).unsigned_abs(), &m.integer(b).unsigned_abs());
        m.set_integer(r, &g.into());
        0
    };
    "__gmpz_gcdext" "nnnnn" b'v' = |m, [g_at, s_at, t_at, a, b, ..]| {
        let (g, s, t) = gcd_ext(&m.integer(a), &m.integer(b));
        m.set_integer(g_at, &g.into());
        for (at, coefficient) in [(s_at, s), (t_at, t)] {
            if at != 0 {
                m.set_integer(at, &coefficient);
            }
        }
        0
    };
}
