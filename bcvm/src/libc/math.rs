//! `math.h`: the crate `libm`'s functions under C's calling convention.

use super::table::functions;

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
        |_, [x, ..]| $f(f32::from_bits(x as u32)).to_bits() as u64
    };
}

functions! {
    "sin" "d" b'd' = d!(libm::sin);
    "cos" "d" b'd' = d!(libm::cos);
    "tan" "d" b'd' = d!(libm::tan);
    "asin" "d" b'd' = d!(libm::asin);
    "acos" "d" b'd' = d!(libm::acos);
    "atan" "d" b'd' = d!(libm::atan);
    "atan2" "dd" b'd' = dd!(libm::atan2);
    "sinh" "d" b'd' = d!(libm::sinh);
    "cosh" "d" b'd' = d!(libm::cosh);
    "tanh" "d" b'd' = d!(libm::tanh);
    "asinh" "d" b'd' = d!(libm::asinh);
    "acosh" "d" b'd' = d!(libm::acosh);
    "atanh" "d" b'd' = d!(libm::atanh);
    "exp" "d" b'd' = d!(libm::exp);
    "expm1" "d" b'd' = d!(libm::expm1);
    "log" "d" b'd' = d!(libm::log);
    "log1p" "d" b'd' = d!(libm::log1p);
    "log10" "d" b'd' = d!(libm::log10);
    "pow" "dd" b'd' = dd!(libm::pow);
    "sqrt" "d" b'd' = d!(libm::sqrt);
    "cbrt" "d" b'd' = d!(libm::cbrt);
    "hypot" "dd" b'd' = dd!(libm::hypot);
    "fmod" "dd" b'd' = dd!(libm::fmod);
    "floor" "d" b'd' = d!(libm::floor);
    "ceil" "d" b'd' = d!(libm::ceil);
    "trunc" "d" b'd' = d!(libm::trunc);
    "round" "d" b'd' = d!(libm::round);
    "rint" "d" b'd' = d!(libm::rint);
    "fabs" "d" b'd' = d!(libm::fabs);
    "sinf" "f" b'f' = f!(libm::sinf);
    "cosf" "f" b'f' = f!(libm::cosf);
    "tanf" "f" b'f' = f!(libm::tanf);
    "expf" "f" b'f' = f!(libm::expf);
    "logf" "f" b'f' = f!(libm::logf);
    "sqrtf" "f" b'f' = f!(libm::sqrtf);
    "fabsf" "f" b'f' = f!(libm::fabsf);
}
