//! Taking floating-point numbers apart (`rts/StgPrimFloat.c`).
//!
//! A finite number is mantissa × 2^exponent; a mantissa has all its bits (53 or 24) in use, also that of a denormal
//! number. Infinities and NaNs come out as the bits say, as in GHC.

use super::effect::{Answer, Args};
use crate::interp::machine::Machine;

/// A number with `fraction` explicit bits of mantissa, taken apart: mantissa without its sign, and exponent.
fn parts(magnitude: u64, fraction: u32, bias: i64) -> (u64, i64) {
    let (bits, exponent) = (magnitude & ((1 << fraction) - 1), (magnitude >> fraction) as i64);
    let scale = bias + fraction as i64;
    if exponent != 0 {
        return (bits | 1 << fraction, exponent - scale);
    }
    if bits == 0 {
        return (0, 0);
    }
    let shift = bits.leading_zeros() - (63 - fraction);
    (bits << shift, 1 - scale - shift as i64)
}

/// Whether a double's bits are those of a negative one, its mantissa and exponent.
fn double(bits: u64) -> (bool, u64, i64) {
    let (mantissa, exponent) = parts(bits & !(1 << 63), 52, 1023);
    (bits >> 63 != 0, mantissa, exponent)
}

fn signed(negative: bool, mantissa: u64) -> u64 {
    if negative { mantissa.wrapping_neg() } else { mantissa }
}

/// `decodeDouble_2Int#`: sign, high and low half of the mantissa, exponent.
pub fn double_2_int(_: &mut Machine, args: &Args) -> Answer {
    let (negative, mantissa, exponent) = double(args[0]);
    Answer::words([signed(negative, 1), mantissa >> 32, mantissa & u32::MAX as u64, exponent as u64])
}

/// `decodeDouble_Int64#`: mantissa with its sign, exponent.
pub fn double_int64(_: &mut Machine, args: &Args) -> Answer {
    let (negative, mantissa, exponent) = double(args[0]);
    Answer::words([signed(negative, mantissa), exponent as u64])
}

/// `decodeFloat_Int#`: mantissa with its sign, exponent.
pub fn float_int(_: &mut Machine, args: &Args) -> Answer {
    let (mantissa, exponent) = parts(args[0] & 0x7fff_ffff, 23, 127);
    Answer::words([signed(args[0] >> 31 & 1 != 0, mantissa), exponent as u64])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primop::array::tests::machine;

    fn of_double(x: f64) -> (i64, i64) {
        match double_int64(&mut machine(), &[x.to_bits(), 0, 0, 0, 0, 0]) {
            Answer::Words([m, e, ..]) => (m as i64, e as i64),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn mantissas_are_whole_and_give_the_number_back() {
        let power = |e: i64| libm::scalbn(1.0, e as i32);
        for x in [1.0, -1.5, 0.1, 1e300, -1e-300, f64::MIN_POSITIVE, f64::MAX] {
            let (m, e) = of_double(x);
            assert_eq!(m as f64 * power(e), x);
            assert_eq!(64 - m.unsigned_abs().leading_zeros(), 53);
        }
        for x in [5e-324, 1e-310] {
            let (m, e) = of_double(x);
            // The power alone would be nothing.
            assert_eq!(m as f64 * power(e + 60) * power(-60), x);
            assert_eq!(64 - m.unsigned_abs().leading_zeros(), 53);
        }
        assert_eq!(of_double(0.0), (0, 0));
        assert_eq!(of_double(-0.0), (0, 0));
        assert_eq!(of_double(f64::INFINITY), (1 << 52, 972));
    }

    #[test]
    fn halves_and_floats() {
        let m = &mut machine();
        let parts = double_2_int(m, &[(-1.0f64).to_bits(), 0, 0, 0, 0, 0]);
        assert_eq!(parts, Answer::Words([u64::MAX, 1 << 20, 0, -52i64 as u64]));
        let parts = |x: f32| float_int(&mut machine(), &[x.to_bits() as u64, 0, 0, 0, 0, 0]);
        assert_eq!(parts(-1.0), Answer::words([-(1i64 << 23) as u64, -23i64 as u64]));
        assert_eq!(parts(f32::from_bits(1)), Answer::words([1 << 23, (-149 - 23i64) as u64]));
    }
}
