//! Exponentials, logarithms and the functions of angles, computed in twice the precision: see Note [The last digit].
//!
//! Tables are computed at compile time. Inverse functions begin with the crate `libm`'s result and correct it by one step
//! of Newton's. Arguments that are special (not finite, huge, tiny) are left to that crate, whose results are exact or
//! as good as any there.

use super::double_double::Dd;
use libm::{rint, scalbn};

const LN_2: Dd = Dd { hi: core::f64::consts::LN_2, lo: 2.319_046_813_846_299_6e-17 };
/// Half of π, in three parts.
const HALF_PI: [f64; 3] = [core::f64::consts::FRAC_PI_2, 6.123_233_995_736_766e-17, -1.497_384_904_859_169_8e-33];

/// Steps of the tables in one unit of the argument (for powers of two, in one octave).
const STEPS: usize = 64;

/// 2^(i/64).
static POWERS: [Dd; STEPS] = {
    let mut table = [Dd::ONE; STEPS];
    let root = series(LN_2.div(Dd::from(STEPS as f64)), 1, 1);
    let mut i = 1;
    while i < STEPS {
        table[i] = table[i - 1].mul(root);
        i += 1;
    }
    table
};

/// Sine and cosine of i/64, up to π/4.
static CIRCLE: [(Dd, Dd); 52] = {
    let mut table = [(Dd::from(0.0), Dd::ONE); 52];
    let mut i = 1;
    while i < table.len() {
        let x = Dd::from(i as f64 / STEPS as f64);
        let squared = x.mul(x).neg();
        table[i] = (x.mul(series(squared, 2, 2)), series(squared, 1, 2));
        i += 1;
    }
    table
};

/// `1 + x/(n(n+1)..)(1 + x/..)`, where the denominators are products of `step` numbers from `first` on: the series of
/// exp for step 1; of cosine and, but for a factor, sine for step 2.
const fn series(x: Dd, first: u32, step: u32) -> Dd {
    let mut sum = Dd::ONE;
    let mut term = 24;
    while term > 0 {
        term -= 1;
        let n = (first + term * step) as f64;
        let denominator = if step == 1 { n } else { n * (n + 1.0) };
        sum = Dd::ONE.add(x.div(Dd::from(denominator)).mul(sum));
    }
    sum
}

/// e^x, for |x| < 800: a number near 1 and the power of two it is to be multiplied with.
fn exp_of(x: Dd) -> (Dd, i32) {
    let n = rint(x.hi * (STEPS as f64 / core::f64::consts::LN_2));
    // n has few bits, so that its product with the upper half loses nothing.
    let r = x.sub(LN_2.mul(Dd::from(n / STEPS as f64)));
    let h = r.hi;
    let small = h * h * h * (1.0 / 6.0 + h * (1.0 / 24.0 + h * (1.0 / 120.0 + h * (1.0 / 720.0 + h / 5040.0))));
    let square = r.mul(r);
    let p = r.add(Dd { hi: square.hi * 0.5, lo: square.lo * 0.5 }).add(Dd::from(small));
    let n = n as i32;
    let power = POWERS[n.rem_euclid(STEPS as i32) as usize];
    (power.add(power.mul(p)), n.div_euclid(STEPS as i32))
}

/// log x for a positive, finite `x`.
fn log_of(x: f64) -> Dd {
    let f = x - 1.0;
    if f.abs() < 1e-6 {
        // log(1 + f) = f - f²/2 + f³/3 - ...
        let square = Dd::product(f, f);
        let rest = Dd { hi: square.hi * -0.5, lo: square.lo * -0.5 };
        return Dd::from(f).add(rest).add(Dd::from(f * f * f * (1.0 / 3.0 - f * (0.25 - f * 0.2))));
    }
    let l = libm::log(x);
    let (power, k) = exp_of(Dd::from(-l));
    // x e^-l is 1 + z, and log x is l + log(1 + z).
    let z = power.mul(Dd::from(scalbn(x, k))).sub(Dd::ONE);
    Dd::from(l).add(z).sub(Dd::from(0.5 * z.hi * z.hi))
}

/// Whether double precision holds `x` with all its bits.
fn is_normal(x: f64) -> bool {
    x.abs() >= f64::MIN_POSITIVE && x.is_finite()
}

/// `exp`.
pub fn exp(x: f64) -> f64 {
    let rough = libm::exp(x);
    if !is_normal(rough) || x.abs() < 1e-17 {
        return rough;
    }
    let (power, k) = exp_of(Dd::from(x));
    scalbn(power.hi, k)
}

/// `log`.
pub fn log(x: f64) -> f64 {
    if x > 0.0 && x.is_finite() { log_of(x).hi } else { libm::log(x) }
}

/// `log10`, as glibc puts it together from `log`.
pub fn log10(x: f64) -> f64 {
    if x <= 0.0 || !x.is_finite() {
        return libm::log10(x);
    }
    const LOG10_2: (f64, f64) = (3.010_299_956_636_117_7e-1, 3.694_239_077_158_931e-13);
    let (mantissa, exponent) = libm::frexp(x);
    // The power of two is split off so that what is left is at least 1, or, for numbers below 1, at most 1.
    let k = exponent - 1;
    let up = (k < 0) as i32;
    let y = (k + up) as f64;
    let z = y * LOG10_2.1 + core::f64::consts::LOG10_E * log(scalbn(mantissa, 1 - up));
    z + y * LOG10_2.0
}

/// `pow`.
pub fn pow(x: f64, y: f64) -> f64 {
    let rough = libm::pow(x, y);
    if !is_normal(rough) || !is_normal(x) || !is_normal(y) || x.abs() == 1.0 {
        return rough;
    }
    let l = log_of(x.abs());
    // The result is normal, so this is less than 710; but log x may be tiny and y huge, which products don't like.
    let product = if y.abs() < 1e200 { l.mul(Dd::from(y)) } else { l.mul(Dd::from(y * 1e-200)).mul(Dd::from(1e200)) };
    let (power, k) = exp_of(product);
    scalbn(power.hi, k).copysign(rough)
}

/// The largest angle that is taken modulo π/2 here.
const LARGE_ANGLE: f64 = 1e9;

/// Sine and cosine of `x` of at most [`LARGE_ANGLE`].
fn sine_cosine(x: f64) -> (Dd, Dd) {
    let n = rint(x * core::f64::consts::FRAC_2_PI);
    let r = HALF_PI.iter().fold(Dd::from(x), |r, part| r.sub(Dd::product(n, *part)));
    let (s, c) = if r.hi < 0.0 {
        let (s, c) = first_octant(r.neg());
        (s.neg(), c)
    } else {
        first_octant(r)
    };
    match n as i64 & 3 {
        0 => (s, c),
        1 => (c, s.neg()),
        2 => (s.neg(), c.neg()),
        _ => (c.neg(), s),
    }
}

/// Sine and cosine of `r` between 0 and π/4.
fn first_octant(r: Dd) -> (Dd, Dd) {
    let i = rint(r.hi * STEPS as f64).clamp(0.0, (CIRCLE.len() - 1) as f64);
    let (sine, cosine) = CIRCLE[i as usize];
    let h = r.sub(Dd::from(i / STEPS as f64));
    let (a, square) = (h.hi, h.mul(h));
    let b = square.hi;
    let sine_h = h.add(Dd::from(-a * b * (1.0 / 6.0 - b * (1.0 / 120.0 - b / 5040.0))));
    // 1 - cos h
    let versine = Dd { hi: square.hi * 0.5, lo: square.lo * 0.5 };
    let versine = versine.add(Dd::from(-b * b * (1.0 / 24.0 - b * (1.0 / 720.0 - b / 40320.0))));
    let s = sine.add(cosine.mul(sine_h).sub(sine.mul(versine)));
    let c = cosine.sub(cosine.mul(versine).add(sine.mul(sine_h)));
    (s, c)
}

/// Whether `x` is an angle that [`sine_cosine`] is good for.
fn is_angle(x: f64) -> bool {
    (1e-8..LARGE_ANGLE).contains(&x.abs())
}

/// `sin`.
pub fn sin(x: f64) -> f64 {
    if is_angle(x) { sine_cosine(x).0.hi } else { libm::sin(x) }
}

/// `cos`.
pub fn cos(x: f64) -> f64 {
    if is_angle(x) { sine_cosine(x).1.hi } else { libm::cos(x) }
}

/// `tan`.
pub fn tan(x: f64) -> f64 {
    if !is_angle(x) {
        return libm::tan(x);
    }
    let (s, c) = sine_cosine(x);
    s.div(c).hi
}

/// `asin`.
pub fn asin(x: f64) -> f64 {
    let a = libm::asin(x);
    if !(1e-8..1.0).contains(&x.abs()) {
        return a;
    }
    let (s, c) = sine_cosine(a);
    a + Dd::from(x).sub(s).hi / c.hi
}

/// `acos`.
pub fn acos(x: f64) -> f64 {
    let a = libm::acos(x);
    if x.is_nan() || x.abs() >= 1.0 {
        return a;
    }
    let (s, c) = sine_cosine(a);
    a + c.sub(Dd::from(x)).hi / s.hi
}

/// `atan`.
pub fn atan(x: f64) -> f64 {
    if (1e-8..1e16).contains(&x.abs()) { atan2(x, 1.0) } else { libm::atan(x) }
}

/// `atan2`.
pub fn atan2(y: f64, x: f64) -> f64 {
    let a = libm::atan2(y, x);
    // Where one is much larger than the other, the angle is their quotient or half of π.
    let ratio = (y / x).abs();
    if !is_normal(x) || !is_normal(y) || !(1e-8..1e16).contains(&ratio) {
        return a;
    }
    let scale = -libm::frexp(x).1;
    let (x, y) = (scalbn(x, scale), scalbn(y, scale));
    let (s, c) = sine_cosine(a);
    // The point, turned back by the angle: what is left of its y is the error.
    let off = Dd::from(y).mul(c).sub(Dd::from(x).mul(s));
    a + off.hi / (x * c.hi + y * s.hi)
}

/// The fraction log 2 / log `base`, as 64 bits after the point: what a bit is in digits.
pub fn digits_per_bit(base: u64) -> u64 {
    let q = LN_2.div(log_of(base as f64));
    let scaled = |part: f64| libm::floor(part * 18_446_744_073_709_551_616.0) as i128;
    // The upper half has no fraction once it is scaled.
    (scaled(q.hi) + scaled(q.lo)) as u64
}

#[cfg(test)]
mod tests;
