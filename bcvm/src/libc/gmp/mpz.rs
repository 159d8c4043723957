//! `mpz_*`: integers with a header in memory, and conversions of them.
//!
//! ```text
//!   0  i32   limbs allocated; 0 for a number that only looks at somebody else's limbs
//!   4  i32   limbs in use, negative for a negative number
//!   8  u64   address of the limbs
//! ```
//!
//! Limbs that are allocated here come from `malloc`. Powers, divisors and primes are in [`modular`](super::modular) and
//! [`prime`](super::prime).

use super::natural::{MAX_LIMBS, limbs_of};
use crate::interp::machine::Machine;
use crate::libc::math::accurate;
use crate::libc::table::functions;
use crate::word::{Addr, WORD, Word};
use alloc::vec::Vec;
use dashu_int::ops::{BitTest, UnsignedAbs};
use dashu_int::{IBig, Sign, UBig};

const SIZE: u32 = 4;
const LIMBS: u32 = 8;

impl Machine {
    /// The number whose header is at `z`.
    pub(super) fn integer(&mut self, z: Word) -> IBig {
        let at = Addr::from_word(z);
        let size = self.mem.u32(at + SIZE) as i32;
        let Some(n) = self.limbs(size.unsigned_abs() as u64) else { return IBig::ZERO };
        let sign = if size < 0 { Sign::Negative } else { Sign::Positive };
        IBig::from_parts(sign, self.natural(self.mem.word(at + LIMBS), n))
    }

    /// Makes the number whose header is at `z` equal to `x`.
    pub(super) fn set_integer(&mut self, z: Word, x: &IBig) {
        let at = Addr::from_word(z);
        let magnitude = x.unsigned_abs();
        let n = limbs_of(&magnitude);
        if n > MAX_LIMBS {
            self.limbs(n as u64);
            return;
        }
        if n > self.mem.u32(at) {
            // Limbs that are not the header's own stay their owner's.
            let old = if self.mem.u32(at) == 0 { 0 } else { self.mem.word(at + LIMBS) };
            let Some(new) = self.c_reallocate(old, n as u64 * WORD as u64) else {
                return self.end_program("GMP: no more memory".into());
            };
            self.mem.set_u32(at, n);
            self.mem.set_word(at + LIMBS, new.word());
        }
        let size = if x.sign() == Sign::Negative { -(n as i32) } else { n as i32 };
        self.mem.set_u32(at + SIZE, size as u32);
        self.set_natural(self.mem.word(at + LIMBS), n, &magnitude);
    }
}

/// `mpz_init`: no limbs yet.
fn init(m: &mut Machine, z: Word) -> Word {
    m.mem.set_word(Addr::from_word(z), 0);
    m.mem.set_word(Addr::from_word(z) + LIMBS, 0);
    0
}

/// `mpz_clear`.
fn clear(m: &mut Machine, z: Word) -> Word {
    let at = Addr::from_word(z);
    if m.mem.u32(at) != 0 {
        m.c_free(m.mem.word(at + LIMBS));
    }
    init(m, z)
}

/// `x` as a mantissa of at least a half and less than 1 and a binary exponent, truncated (`mpz_get_d_2exp`).
fn mantissa(x: &IBig) -> (f64, i64) {
    let magnitude = x.unsigned_abs();
    let bits = magnitude.bit_len();
    let top = magnitude >> bits.saturating_sub(f64::MANTISSA_DIGITS as usize);
    let top = u64::try_from(top).unwrap_or(u64::MAX) as f64;
    let kept = bits.min(f64::MANTISSA_DIGITS as usize);
    let value = libm::scalbn(top, -(kept as i32));
    (if x.sign() == Sign::Negative { -value } else { value }, bits as i64)
}

/// `mpz_get_d`: truncated; what is too large for a double is infinite.
fn get_d(m: &mut Machine, z: Word) -> f64 {
    let (value, exponent) = mantissa(&m.integer(z));
    libm::scalbn(value, exponent.min(i32::MAX as i64) as i32)
}

/// `mpz_sizeinbase`: exact for powers of two, else sometimes one too large, by GMP's own estimate.
fn size_in_base(m: &mut Machine, z: Word, base: Word) -> Word {
    let base = base as u32 as u64;
    let bits = m.integer(z).unsigned_abs().bit_len() as u64;
    if bits == 0 || base < 2 {
        return 1;
    }
    if base.is_power_of_two() {
        return bits.div_ceil(base.trailing_zeros() as u64);
    }
    let digits_per_bit = accurate::digits_per_bit(base) as u128 + 1;
    ((digits_per_bit * bits as u128) >> 64) as u64 + 1
}

/// `mpz_export`: the magnitude as `count` words of `size` bytes less `nails` bits each, the most significant first if
/// `order` is 1, bytes in a word likewise if `endian` is 1.
fn export(m: &mut Machine, [out, count_at, order, size, endian, nails, z]: [Word; 7]) -> Word {
    const MAX_SIZE: u64 = 1 << 16;
    let magnitude = m.integer(z).unsigned_abs();
    let payload = (size.min(MAX_SIZE) * 8).saturating_sub(nails);
    let bits = magnitude.bit_len();
    let count = if payload == 0 { 0 } else { (bits as u64).div_ceil(payload) };
    if count_at != 0 {
        m.mem.set_word(Addr::from_word(count_at), count);
    }
    if count == 0 {
        return out;
    }
    let mut words: Vec<UBig> = Vec::new();
    if payload == 8 {
        words.extend(magnitude.to_le_bytes().iter().map(|byte| UBig::from(*byte)));
    } else {
        words.extend(magnitude.to_chunks(payload as usize));
    }
    let out = if out == 0 { m.c_allocate(count * size).unwrap_or_default().word() } else { out };
    if out == 0 {
        m.end_program("GMP: no more memory".into());
        return 0;
    }
    for (i, word) in words.iter().enumerate() {
        let i = if order as u32 as i32 == 1 { count - 1 - i as u64 } else { i as u64 };
        let bytes = word.to_le_bytes();
        for k in 0..size {
            let byte = bytes.get(k as usize).copied().unwrap_or(0);
            let k = if endian as u32 as i32 == 1 { size - 1 - k } else { k };
            m.mem.set_u8(Addr::from_word(out.wrapping_add(i * size + k)), byte);
        }
    }
    out
}

functions! {
    "__gmpz_init" "n" b'v' = |m, [z, ..]| init(m, z);
    "__gmpz_clear" "n" b'v' = |m, [z, ..]| clear(m, z);
    "__gmpz_get_d" "n" b'd' = |m, [z, ..]| get_d(m, z).to_bits();
    "__gmpz_get_d_2exp" "nn" b'd' = |m, [exponent_at, z, ..]| {
        let (value, exponent) = mantissa(&m.integer(z));
        m.mem.set_word(Addr::from_word(exponent_at), exponent as u64);
        value.to_bits()
    };
    "__gmpz_sizeinbase" "nn" b'n' = |m, [z, base, ..]| size_in_base(m, z, base);
    "__gmpz_export" "nnnnnnn" b'n' = |m, [out, count_at, order, size, endian, nails, z, ..]| {
        export(m, [out, count_at, order, size, endian, nails, z])
    };
}
