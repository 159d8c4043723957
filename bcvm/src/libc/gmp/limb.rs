//! Arithmetic of one and two limbs, from operations that WebAssembly has.

/// The product of two limbs: low and high limb.
#[inline(always)]
pub fn mul(a: u64, b: u64) -> (u64, u64) {
    if cfg!(target_arch = "wasm32") {
        // There a product of 128 bits is a function call; four of 64 bits are not.
        const LOW: u64 = u32::MAX as u64;
        let (al, ah, bl, bh) = (a & LOW, a >> 32, b & LOW, b >> 32);
        let low = al * bl;
        let middle = ah * bl + (low >> 32);
        let other = al * bh + (middle & LOW);
        (other << 32 | low & LOW, ah * bh + (middle >> 32) + (other >> 32))
    } else {
        let wide = a as u128 * b as u128;
        (wide as u64, (wide >> 64) as u64)
    }
}

/// `a * b + c + d`, which fits two limbs: low and high limb.
#[inline(always)]
pub fn mul_add(a: u64, b: u64, c: u64, d: u64) -> (u64, u64) {
    let (low, high) = mul(a, b);
    let (low, carry1) = low.overflowing_add(c);
    let (low, carry2) = low.overflowing_add(d);
    (low, high + carry1 as u64 + carry2 as u64)
}

/// `a + b + carry`: sum and carry.
#[inline(always)]
pub fn add(a: u64, b: u64, carry: u64) -> (u64, u64) {
    let (sum, c1) = a.overflowing_add(b);
    let (sum, c2) = sum.overflowing_add(carry);
    (sum, (c1 | c2) as u64)
}

/// `a - b - borrow`: difference and borrow.
#[inline(always)]
pub fn sub(a: u64, b: u64, borrow: u64) -> (u64, u64) {
    let (difference, b1) = a.overflowing_sub(b);
    let (difference, b2) = difference.overflowing_sub(borrow);
    (difference, (b1 | b2) as u64)
}

/// Quotient and remainder of the two limbs `high`, `low` by `d`, whose top bit is set; `high < d`.
#[inline(always)]
pub fn div(high: u64, low: u64, d: u64) -> (u64, u64) {
    let (q1, r) = div_half(high, (low >> 32) as u32, d);
    let (q0, r) = div_half(r, low as u32, d);
    (q1 << 32 | q0, r)
}

/// Divides `high * 2^32 + next` by `d`, whose top bit is set; the quotient fits 32 bits as `high < d`.
#[inline(always)]
fn div_half(high: u64, next: u32, d: u64) -> (u64, u64) {
    // The estimate from the upper half of d is at most two too large (Knuth, volume 2, 4.3.1, theorem B).
    let (d1, d0) = (d >> 32, d & u32::MAX as u64);
    let mut q = high / d1;
    let mut r = high % d1;
    while q >> 32 != 0 || q * d0 > (r << 32 | next as u64) {
        q -= 1;
        r += d1;
        if r >> 32 != 0 {
            break;
        }
    }
    (q, (high << 32 | next as u64).wrapping_sub(q.wrapping_mul(d)))
}

/// The greatest common divisor of two limbs; 0 divides nothing but 0.
pub fn gcd(mut a: u64, mut b: u64) -> u64 {
    if a == 0 || b == 0 {
        return a | b;
    }
    let twos = (a | b).trailing_zeros();
    a >>= a.trailing_zeros();
    while b != 0 {
        b >>= b.trailing_zeros();
        (a, b) = (a.min(b), a.abs_diff(b));
    }
    a << twos
}

#[cfg(test)]
mod tests {
    use super::{add, div, gcd, mul, mul_add, sub};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn limbs_compute_as_wide_integers_do(a: u64, b: u64, c: u64, d: u64) {
            let wide = |(low, high): (u64, u64)| (high as u128) << 64 | low as u128;
            prop_assert_eq!(wide(mul(a, b)), a as u128 * b as u128);
            prop_assert_eq!(wide(mul_add(a, b, c, d)), a as u128 * b as u128 + c as u128 + d as u128);
            prop_assert_eq!(wide(add(a, b, c & 1)), a as u128 + b as u128 + (c & 1) as u128);
            let (difference, borrow) = sub(a, b, c & 1);
            prop_assert_eq!(difference as i128 - ((borrow as i128) << 64), a as i128 - b as i128 - (c & 1) as i128);
        }

        #[test]
        fn two_limbs_divide_by_one(d in 1u64 << 63.., high: u64, low: u64, extreme in 0u64..4) {
            let d = if extreme == 1 { u64::MAX } else { d };
            let high = if extreme == 2 { d - 1 } else { high % d };
            let n = (high as u128) << 64 | low as u128;
            prop_assert_eq!(div(high, low, d), ((n / d as u128) as u64, (n % d as u128) as u64));
        }

        #[test]
        fn gcd_is_euclids(a: u64, b: u64, common in 1u64..1000) {
            let (a, b) = (a / 1000 * common, b / 1000 * common);
            let euclid = |mut a: u64, mut b: u64| {
                while b != 0 {
                    (a, b) = (b, a % b);
                }
                a
            };
            prop_assert_eq!(gcd(a, b), euclid(a, b));
        }
    }
}
