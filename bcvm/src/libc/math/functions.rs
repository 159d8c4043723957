//! `math.h` by symbol: ours where the last digit matters (Note [The last digit]), else the crate `libm`'s.
//!
//! glibc's second names are here too: what headers turn calls into (`__isnan`, `__finite`), and `signbit` and its like.

use super::accurate as ours;
use super::composed::{self, double, single};
use crate::interp::machine::Machine;
use crate::libc::table::functions;
use crate::word::{Addr, Word};
use core::num::FpCategory;

/// A function of one double.
macro_rules! d {
    ($f:path) => {
        |_, [x, ..]| $f(f64::from_bits(x)).to_bits()
    };
}

/// A function of two doubles.
macro_rules! dd {
    ($f:path) => {
        |_, [x, y, ..]| $f(f64::from_bits(x), f64::from_bits(y)).to_bits()
    };
}

/// A function of one float.
macro_rules! f {
    ($f:path) => {
        |_, [x, ..]| of_float($f(float(x)))
    };
}

/// A function of two floats.
macro_rules! ff {
    ($f:path) => {
        |_, [x, y, ..]| of_float($f(float(x), float(y)))
    };
}

/// A function of one float that is computed as one of a double.
macro_rules! wide {
    ($f:path) => {
        |_, [x, ..]| of_float($f(float(x) as f64) as f32)
    };
}

/// A question about a double, answered by an `int`.
macro_rules! ask {
    ($f:expr) => {
        |_, [x, ..]| {
            let answer: i32 = $f(f64::from_bits(x));
            int(answer)
        }
    };
}

/// A question about a float, answered by an `int`.
macro_rules! ask_float {
    ($f:expr) => {
        |_, [x, ..]| {
            let answer: i32 = $f(float(x));
            int(answer)
        }
    };
}

/// C's number of a class (`FP_NAN` and its like).
fn class(of: FpCategory) -> i32 {
    match of {
        FpCategory::Nan => 0,
        FpCategory::Infinite => 1,
        FpCategory::Zero => 2,
        FpCategory::Subnormal => 3,
        FpCategory::Normal => 4,
    }
}

/// The float in the lower half of a word.
fn float(w: Word) -> f32 {
    f32::from_bits(w as u32)
}

fn of_float(x: f32) -> Word {
    x.to_bits() as Word
}

/// An `int` of C, sign-extended to a word.
fn int(n: i32) -> Word {
    n as i64 as Word
}

/// `powf`.
fn powf(x: f32, y: f32) -> f32 {
    ours::pow(x as f64, y as f64) as f32
}

/// Stores the `int` that a function answers beside its result.
fn with_int<T>(m: &mut Machine, at: Word, (result, n): (T, i32)) -> T {
    m.mem.set_u32(Addr::from_word(at), n as u32);
    result
}

/// `fma` and `fmaf` by the crate, under a name that macros of paths can take.
fn fma(x: Word, y: Word, z: Word) -> Word {
    libm::fma(f64::from_bits(x), f64::from_bits(y), f64::from_bits(z)).to_bits()
}

/// `lrint` and `lround`: what does not fit is the smallest, as the processor has it.
fn to_long(x: f64) -> Word {
    if x.is_nan() || x >= 9_223_372_036_854_775_808.0 { i64::MIN as Word } else { x as i64 as Word }
}

functions! {
    "sin" "d" b'd' = d!(ours::sin);
    "cos" "d" b'd' = d!(ours::cos);
    "tan" "d" b'd' = d!(ours::tan);
    "asin" "d" b'd' = d!(ours::asin);
    "acos" "d" b'd' = d!(ours::acos);
    "atan" "d" b'd' = d!(ours::atan);
    "atan2" "dd" b'd' = dd!(ours::atan2);
    "sinh" "d" b'd' = d!(double::sinh);
    "cosh" "d" b'd' = d!(double::cosh);
    "tanh" "d" b'd' = d!(double::tanh);
    "asinh" "d" b'd' = d!(double::asinh);
    "acosh" "d" b'd' = d!(double::acosh);
    "atanh" "d" b'd' = d!(libm::atanh);
    "exp" "d" b'd' = d!(ours::exp);
    "exp2" "d" b'd' = d!(libm::exp2);
    "exp10" "d" b'd' = d!(libm::exp10);
    "expm1" "d" b'd' = d!(libm::expm1);
    "log" "d" b'd' = d!(ours::log);
    "log1p" "d" b'd' = d!(libm::log1p);
    "log2" "d" b'd' = d!(libm::log2);
    "log10" "d" b'd' = d!(ours::log10);
    "pow" "dd" b'd' = dd!(ours::pow);
    "sqrt" "d" b'd' = d!(libm::sqrt);
    "cbrt" "d" b'd' = d!(libm::cbrt);
    "hypot" "dd" b'd' = dd!(libm::hypot);
    "fmod" "dd" b'd' = dd!(libm::fmod);
    "remainder" "dd" b'd' = dd!(libm::remainder);
    "fdim" "dd" b'd' = dd!(libm::fdim);
    "fmin" "dd" b'd' = dd!(libm::fmin);
    "fmax" "dd" b'd' = dd!(libm::fmax);
    "fma" "ddd" b'd' = |_, [x, y, z, ..]| fma(x, y, z);
    "floor" "d" b'd' = d!(libm::floor);
    "ceil" "d" b'd' = d!(libm::ceil);
    "trunc" "d" b'd' = d!(libm::trunc);
    "round" "d" b'd' = d!(libm::round);
    "rint" "d" b'd' = d!(libm::rint);
    "nearbyint" "d" b'd' = d!(libm::rint);
    "lrint" "d" b'n' = |_, [x, ..]| to_long(libm::rint(f64::from_bits(x)));
    "lround" "d" b'n' = |_, [x, ..]| to_long(libm::round(f64::from_bits(x)));
    "fabs" "d" b'd' = d!(libm::fabs);
    "copysign" "dd" b'd' = dd!(libm::copysign);
    "nextafter" "dd" b'd' = dd!(libm::nextafter);
    "erf" "d" b'd' = d!(libm::erf);
    "erfc" "d" b'd' = d!(libm::erfc);
    "tgamma" "d" b'd' = d!(libm::tgamma);
    "lgamma" "d" b'd' = d!(libm::lgamma);
    "lgamma_r" "dn" b'd' = |m, [x, sign, ..]| with_int(m, sign, libm::lgamma_r(f64::from_bits(x))).to_bits();
    "j0" "d" b'd' = d!(libm::j0);
    "j1" "d" b'd' = d!(libm::j1);
    "jn" "nd" b'd' = |_, [n, x, ..]| libm::jn(n as i32, f64::from_bits(x)).to_bits();
    "y0" "d" b'd' = d!(libm::y0);
    "y1" "d" b'd' = d!(libm::y1);
    "yn" "nd" b'd' = |_, [n, x, ..]| libm::yn(n as i32, f64::from_bits(x)).to_bits();
    "ldexp" "dn" b'd' = |_, [x, n, ..]| libm::ldexp(f64::from_bits(x), n as i32).to_bits();
    "scalbn" "dn" b'd' = |_, [x, n, ..]| libm::scalbn(f64::from_bits(x), n as i32).to_bits();
    "scalbln" "dn" b'd' = |_, [x, n, ..]| {
        libm::scalbn(f64::from_bits(x), (n as i64).clamp(i32::MIN as i64, i32::MAX as i64) as i32).to_bits()
    };
    "frexp" "dn" b'd' = |m, [x, at, ..]| with_int(m, at, libm::frexp(f64::from_bits(x))).to_bits();
    "modf" "dn" b'd' = |m, [x, at, ..]| {
        let (fraction, whole) = libm::modf(f64::from_bits(x));
        m.mem.set_word(Addr::from_word(at), whole.to_bits());
        fraction.to_bits()
    };
    "ilogb" "d" b'n' = ask!(libm::ilogb);
    "logb" "d" b'd' = |_, [x, ..]| match f64::from_bits(x) {
        0.0 => f64::NEG_INFINITY.to_bits(),
        x if !x.is_finite() => (x * x).to_bits(),
        x => (libm::ilogb(x) as f64).to_bits(),
    };
    "__isnan" "d" b'n' = ask!(|x: f64| x.is_nan() as i32);
    "isnan" "d" b'n' = ask!(|x: f64| x.is_nan() as i32);
    "__isinf" "d" b'n' = ask!(|x: f64| if x.is_infinite() { x.signum() as i32 } else { 0 });
    "isinf" "d" b'n' = ask!(|x: f64| if x.is_infinite() { x.signum() as i32 } else { 0 });
    "__finite" "d" b'n' = ask!(|x: f64| x.is_finite() as i32);
    "finite" "d" b'n' = ask!(|x: f64| x.is_finite() as i32);
    "__signbit" "d" b'n' = ask!(|x: f64| x.is_sign_negative() as i32);

    "__isnanf" "f" b'n' = ask_float!(|x: f32| x.is_nan() as i32);
    "__isinff" "f" b'n' = ask_float!(|x: f32| if x.is_infinite() { x.signum() as i32 } else { 0 });
    "__finitef" "f" b'n' = ask_float!(|x: f32| x.is_finite() as i32);
    "__signbitf" "f" b'n' = ask_float!(|x: f32| x.is_sign_negative() as i32);
    "__fpclassify" "d" b'n' = ask!(|x: f64| class(x.classify()));
    "__fpclassifyf" "f" b'n' = ask_float!(|x: f32| class(x.classify()));
    "ilogbf" "f" b'n' = ask_float!(libm::ilogbf);
    "lrintf" "f" b'n' = |_, [x, ..]| libm::rintf(float(x)) as i64 as Word;
    "lroundf" "f" b'n' = |_, [x, ..]| libm::roundf(float(x)) as i64 as Word;
    "logbf" "f" b'f' = |_, [x, ..]| match float(x) {
        0.0 => of_float(f32::NEG_INFINITY),
        x if x.is_infinite() => of_float(f32::INFINITY),
        x if x.is_nan() => of_float(x),
        x => of_float(libm::ilogbf(x) as f32),
    };
    "exp10f" "f" b'f' = f!(libm::exp10f);
    "fdimf" "ff" b'f' = ff!(libm::fdimf);
    "fmaf" "fff" b'f' = |_, [x, y, z, ..]| of_float(libm::fmaf(float(x), float(y), float(z)));
    "remainderf" "ff" b'f' = ff!(libm::remainderf);
    "scalblnf" "fn" b'f' = |_, [x, n, ..]| of_float(libm::scalbnf(float(x), (n as i64).clamp(-1000, 1000) as i32));
    "modff" "fn" b'f' = |m, [x, at, ..]| {
        let (fraction, whole) = libm::modff(float(x));
        m.mem.set_u32(Addr::from_word(at), whole.to_bits());
        of_float(fraction)
    };
    "lgammaf_r" "fn" b'f' = |m, [x, at, ..]| of_float(with_int(m, at, libm::lgammaf_r(float(x))));
    "j0f" "f" b'f' = f!(libm::j0f);
    "j1f" "f" b'f' = f!(libm::j1f);
    "y0f" "f" b'f' = f!(libm::y0f);
    "y1f" "f" b'f' = f!(libm::y1f);
    "jnf" "nf" b'f' = |_, [n, x, ..]| of_float(libm::jnf(n as i32, float(x)));
    "ynf" "nf" b'f' = |_, [n, x, ..]| of_float(libm::ynf(n as i32, float(x)));
    "sincos" "dnn" b'v' = |m, [x, sin_at, cos_at, ..]| {
        let (sin, cos) = (ours::sin(f64::from_bits(x)), ours::cos(f64::from_bits(x)));
        m.mem.set_word(Addr::from_word(sin_at), sin.to_bits());
        m.mem.set_word(Addr::from_word(cos_at), cos.to_bits());
        0
    };
    "sincosf" "fnn" b'v' = |m, [x, sin_at, cos_at, ..]| {
        m.mem.set_u32(Addr::from_word(sin_at), libm::sinf(float(x)).to_bits());
        m.mem.set_u32(Addr::from_word(cos_at), libm::cosf(float(x)).to_bits());
        0
    };
    "remquo" "ddn" b'd' = |m, [x, y, at, ..]| {
        with_int(m, at, libm::remquo(f64::from_bits(x), f64::from_bits(y))).to_bits()
    };
    "nan" "n" b'd' = |_, _| f64::NAN.to_bits();
    "nanf" "n" b'f' = |_, _| of_float(f32::NAN);
    // Rounding is to the nearest, and no exception is ever on record.
    "fegetround" "" b'n' = |_, _| 0;
    "fesetround" "n" b'n' = |_, [mode, ..]| (mode as u32 != 0) as Word;
    "feclearexcept" "n" b'n' = |_, _| 0;
    "feraiseexcept" "n" b'n' = |_, _| 0;
    "fetestexcept" "n" b'n' = |_, _| 0;
    "sinf" "f" b'f' = f!(libm::sinf);
    "cosf" "f" b'f' = f!(libm::cosf);
    "tanf" "f" b'f' = wide!(ours::tan);
    "asinf" "f" b'f' = wide!(ours::asin);
    "acosf" "f" b'f' = f!(libm::acosf);
    "atanf" "f" b'f' = f!(libm::atanf);
    "atan2f" "ff" b'f' = ff!(libm::atan2f);
    "sinhf" "f" b'f' = f!(single::sinh);
    "coshf" "f" b'f' = f!(single::cosh);
    "tanhf" "f" b'f' = f!(single::tanh);
    "asinhf" "f" b'f' = f!(single::asinh);
    "acoshf" "f" b'f' = f!(single::acosh);
    "atanhf" "f" b'f' = f!(libm::atanhf);
    "expf" "f" b'f' = f!(composed::expf);
    "exp2f" "f" b'f' = f!(libm::exp2f);
    "expm1f" "f" b'f' = f!(libm::expm1f);
    "logf" "f" b'f' = f!(composed::logf);
    "log1pf" "f" b'f' = f!(libm::log1pf);
    "log2f" "f" b'f' = wide!(libm::log2);
    "log10f" "f" b'f' = wide!(ours::log10);
    "powf" "ff" b'f' = ff!(powf);
    "sqrtf" "f" b'f' = f!(libm::sqrtf);
    "cbrtf" "f" b'f' = f!(libm::cbrtf);
    "hypotf" "ff" b'f' = ff!(libm::hypotf);
    "fmodf" "ff" b'f' = ff!(libm::fmodf);
    "fminf" "ff" b'f' = ff!(libm::fminf);
    "fmaxf" "ff" b'f' = ff!(libm::fmaxf);
    "floorf" "f" b'f' = f!(libm::floorf);
    "ceilf" "f" b'f' = f!(libm::ceilf);
    "truncf" "f" b'f' = f!(libm::truncf);
    "roundf" "f" b'f' = f!(libm::roundf);
    "rintf" "f" b'f' = f!(libm::rintf);
    "nearbyintf" "f" b'f' = f!(libm::rintf);
    "fabsf" "f" b'f' = f!(libm::fabsf);
    "copysignf" "ff" b'f' = ff!(libm::copysignf);
    "nextafterf" "ff" b'f' = ff!(libm::nextafterf);
    "erff" "f" b'f' = f!(libm::erff);
    "erfcf" "f" b'f' = f!(libm::erfcf);
    "tgammaf" "f" b'f' = f!(libm::tgammaf);
    "lgammaf" "f" b'f' = f!(libm::lgammaf);
    "ldexpf" "fn" b'f' = |_, [x, n, ..]| of_float(libm::ldexpf(float(x), n as i32));
    "scalbnf" "fn" b'f' = |_, [x, n, ..]| of_float(libm::scalbnf(float(x), n as i32));
    "frexpf" "fn" b'f' = |m, [x, at, ..]| of_float(with_int(m, at, libm::frexpf(float(x))));

    // GHC's own: a number of so many times a power of two (`rts/StgPrimFloat.c`).
    "__int_encodeDouble" "nn" b'd' = |_, [j, e, ..]| libm::ldexp(j as i64 as f64, e as i32).to_bits();
    "__word_encodeDouble" "nn" b'd' = |_, [j, e, ..]| libm::ldexp(j as f64, e as i32).to_bits();
    "__int_encodeFloat" "nn" b'f' = |_, [j, e, ..]| of_float(libm::ldexp(j as i64 as f32 as f64, e as i32) as f32);
    "__word_encodeFloat" "nn" b'f' = |_, [j, e, ..]| of_float(libm::ldexp(j as f32 as f64, e as i32) as f32);
}
