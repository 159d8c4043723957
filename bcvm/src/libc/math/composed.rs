//! Hyperbolic functions and their inverses, put together from `exp`, `expm1`, `log` and `log1p` as glibc puts them
//! together: see Note [The last digit].

use super::accurate;

/// Both precisions of a function, from one text: `$t` is the type, `$f` the functions it is made of.
macro_rules! composed {
    ($m:ident, $t:ident, $exp:path, $log:path, $expm1:path, $log1p:path, $sqrt:path, $tiny:expr, $huge:expr) => {
        /// The functions on one type.
        pub mod $m {
            use core::$t::consts::LN_2;

            /// `cosh`.
            pub fn cosh(x: $t) -> $t {
                let a = x.abs();
                if a < LN_2 / 2.0 {
                    let t = $expm1(a);
                    let w = 1.0 + t;
                    return 1.0 + t * t / (w + w);
                }
                if a < 22.0 {
                    let t = $exp(a);
                    return 0.5 * t + 0.5 / t;
                }
                // Half of a result that fits may come from one that doesn't.
                let w = $exp(0.5 * a);
                if $exp(a).is_finite() { 0.5 * $exp(a) } else { 0.5 * w * w }
            }

            /// `sinh`.
            pub fn sinh(x: $t) -> $t {
                let (a, half) = (x.abs(), (0.5 as $t).copysign(x));
                if a < $tiny || x.is_nan() {
                    return x;
                }
                if a < 22.0 {
                    let t = $expm1(a);
                    return if a < 1.0 { half * (2.0 * t - t * t / (t + 1.0)) } else { half * (t + t / (t + 1.0)) };
                }
                let w = $exp(0.5 * a);
                if $exp(a).is_finite() { half * $exp(a) } else { half * w * w }
            }

            /// `tanh`.
            pub fn tanh(x: $t) -> $t {
                let a = x.abs();
                if a < $tiny * $tiny || x.is_nan() {
                    return x;
                }
                let z = if a >= 22.0 {
                    1.0
                } else if a >= 1.0 {
                    1.0 - 2.0 / ($expm1(2.0 * a) + 2.0)
                } else {
                    let t = $expm1(-2.0 * a);
                    -t / (t + 2.0)
                };
                z.copysign(x)
            }

            /// `asinh`.
            pub fn asinh(x: $t) -> $t {
                let a = x.abs();
                if a < $tiny || !x.is_finite() {
                    return x;
                }
                let w = if a > $huge {
                    $log(a) + LN_2
                } else if a > 2.0 {
                    $log(2.0 * a + 1.0 / ($sqrt(a * a + 1.0) + a))
                } else {
                    let t = a * a;
                    $log1p(a + t / (1.0 + $sqrt(1.0 + t)))
                };
                w.copysign(x)
            }

            /// `acosh`.
            pub fn acosh(x: $t) -> $t {
                if x < 1.0 || x.is_nan() {
                    $t::NAN
                } else if x > (1u32 << 28) as $t {
                    $log(x) + LN_2
                } else if x > 2.0 {
                    $log(2.0 * x - 1.0 / (x + $sqrt(x * x - 1.0)))
                } else {
                    let t = x - 1.0;
                    $log1p(t + $sqrt(2.0 * t + t * t))
                }
            }
        }
    };
}

composed! {
    double, f64, super::accurate::exp, super::accurate::log, libm::expm1, libm::log1p, libm::sqrt,
    1.0 / (1u32 << 28) as f64, (1u32 << 28) as f64
}
composed! {
    single, f32, super::expf, super::logf, libm::expm1f, libm::log1pf, libm::sqrtf,
    1.0 / (1u32 << 14) as f32, (1u32 << 14) as f32
}

/// `expf`: a double holds enough bits to round a Float from.
pub fn expf(x: f32) -> f32 {
    accurate::exp(x as f64) as f32
}

/// `logf`.
pub fn logf(x: f32) -> f32 {
    accurate::log(x as f64) as f32
}
