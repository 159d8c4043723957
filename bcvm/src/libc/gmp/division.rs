//! `mpn_*` functions that divide.

use super::limb;
use super::mpn::at;
use crate::interp::machine::Machine;
use crate::libc::table::functions;
use crate::word::Word;
use dashu_int::ops::DivRem;

/// Numerators of fewer limbs than this are divided without allocation.
const SMALL: usize = 48;

/// A divisor of one limb, made ready.
struct Divisor {
    shift: u32,
    normal: u64,
}

impl Divisor {
    /// `d` is not 0.
    fn new(d: u64) -> Divisor {
        let shift = d.leading_zeros();
        Divisor { shift, normal: d << shift }
    }

    /// Divides the remainder so far and the next limb: quotient and remainder.
    #[inline(always)]
    fn step(&self, remainder: u64, limb: u64) -> (u64, u64) {
        if self.shift >= 32 {
            // The divisor fits half a limb, which is what most are, and division of limbs is an instruction.
            let d = self.normal >> self.shift;
            let high = remainder << 32 | limb >> 32;
            let low = ((high % d) << 32) | (limb & u32::MAX as u64);
            (((high / d) << 32) | (low / d), low % d)
        } else {
            let above = if self.shift == 0 { 0 } else { limb >> (64 - self.shift) };
            let (q, r) = limb::div(remainder << self.shift | above, limb << self.shift, self.normal);
            (q, r >> self.shift)
        }
    }
}

/// `mpn_divrem_1`: `n` limbs of quotient above `fraction` limbs of its fraction; answers the remainder.
fn divrem_1(m: &mut Machine, [q, fraction, a, n, d]: [Word; 5]) -> Word {
    let Some((fraction, n)) = m.limbs(fraction).zip(m.limbs(n)) else { return 0 };
    if d == 0 {
        return m.division_by_zero();
    }
    let divisor = Divisor::new(d);
    let mut remainder = 0;
    for i in (0..fraction + n).rev() {
        let limb = if i < fraction { 0 } else { m.mem.word(at(a, i - fraction)) };
        let (quotient, r) = divisor.step(remainder, limb);
        m.mem.set_word(at(q, i), quotient);
        remainder = r;
    }
    remainder
}

/// `mpn_mod_1`.
pub(super) fn mod_1(m: &mut Machine, [a, n, d]: [Word; 3]) -> Word {
    let Some(n) = m.limbs(n) else { return 0 };
    if d == 0 {
        return m.division_by_zero();
    }
    let divisor = Divisor::new(d);
    (0..n).rev().fold(0, |remainder, i| divisor.step(remainder, m.mem.word(at(a, i))).1)
}

/// `mpn_tdiv_qr`: `nn - dn + 1` limbs of quotient, `dn` of remainder. The third argument is 0.
fn tdiv_qr(m: &mut Machine, [q, r, a, nn, d, dn]: [Word; 6]) -> Word {
    let Some((nn, dn)) = m.limbs(nn).zip(m.limbs(dn)) else { return 0 };
    // GMP wants a divisor without leading zeros and no longer than the numerator.
    if dn == 0 || m.mem.word(at(d, dn - 1)) == 0 || nn < dn {
        return m.division_by_zero();
    }
    if dn == 1 {
        let limb = m.mem.word(at(d, 0));
        let remainder = divrem_1(m, [q, 0, a, nn as u64, limb]);
        m.mem.set_word(at(r, 0), remainder);
    } else if (nn as usize) < SMALL {
        small(m, [q, r, a, d], nn as usize, dn as usize);
    } else {
        let (quotient, remainder) = m.natural(a, nn).div_rem(m.natural(d, dn));
        m.set_natural(q, nn - dn + 1, &quotient);
        m.set_natural(r, dn, &remainder);
    }
    0
}

/// Division on the machine's own stack (Knuth, volume 2, 4.3.1, algorithm D).
fn small(m: &mut Machine, [q, r, a, d]: [Word; 4], nn: usize, dn: usize) {
    let (mut numerator, mut divisor) = ([0; SMALL + 1], [0; SMALL]);
    for (i, limb) in numerator[..nn].iter_mut().enumerate() {
        *limb = m.mem.word(at(a, i as u32));
    }
    for (i, limb) in divisor[..dn].iter_mut().enumerate() {
        *limb = m.mem.word(at(d, i as u32));
    }
    // Whatever the program does to its memory meanwhile, the top limb is not 0: it was copied.
    let shift = divisor[dn - 1].leading_zeros();
    shift_left(&mut numerator[..=nn], shift);
    shift_left(&mut divisor[..dn], shift);
    for j in (0..=nn - dn).rev() {
        let limb = quotient_limb(&mut numerator[j..=j + dn], &divisor[..dn]);
        m.mem.set_word(at(q, j as u32), limb);
    }
    for i in 0..dn {
        let above = if shift == 0 { 0 } else { numerator[i + 1] << (64 - shift) };
        m.mem.set_word(at(r, i as u32), numerator[i] >> shift | above);
    }
}

fn shift_left(limbs: &mut [u64], bits: u32) {
    let mut below = 0;
    for limb in limbs {
        let out = if bits == 0 { 0 } else { *limb >> (64 - bits) };
        *limb = *limb << bits | below;
        below = out;
    }
}

/// Divides `n` by the normalised `d`, which is one limb shorter and larger than the upper limbs of `n`: answers the
/// quotient, which is a limb, and leaves the remainder in `n`.
fn quotient_limb(n: &mut [u64], d: &[u64]) -> u64 {
    let k = d.len();
    let (top, next) = (d[k - 1], d[k - 2]);
    // An estimate from the top limbs, at most one too large after the second is looked at.
    let (mut q, mut r, mut exact) = (u64::MAX, 0, false);
    if n[k] < top {
        (q, r) = limb::div(n[k], n[k - 1], top);
        exact = true;
    } else if let Some(sum) = n[k - 1].checked_add(top) {
        (r, exact) = (sum, true);
    }
    while exact {
        let (low, high) = limb::mul(q, next);
        if (high, low) <= (r, n[k - 2]) {
            break;
        }
        q -= 1;
        (r, exact) = match r.checked_add(top) {
            Some(r) => (r, true),
            None => (r, false),
        };
    }
    let (mut carry, mut borrow) = (0, 0);
    for i in 0..k {
        let (low, high) = limb::mul_add(q, d[i], carry, 0);
        carry = high;
        (n[i], borrow) = limb::sub(n[i], low, borrow);
    }
    (n[k], borrow) = limb::sub(n[k], carry, borrow);
    if borrow != 0 {
        q = q.wrapping_sub(1);
        let mut carry = 0;
        for i in 0..k {
            (n[i], carry) = limb::add(n[i], d[i], carry);
        }
        n[k] = n[k].wrapping_add(carry);
    }
    q
}

functions! {
    "__gmpn_divrem_1" "nnnnn" b'n' = |m, [q, fraction, a, n, d, ..]| divrem_1(m, [q, fraction, a, n, d]);
    "__gmpn_mod_1" "nnn" b'n' = |m, [a, n, d, ..]| mod_1(m, [a, n, d]);
    "__gmpn_gcd_1" "nnn" b'n' = |m, [a, n, d, ..]| {
        if d == 0 {
            return m.division_by_zero();
        }
        limb::gcd(mod_1(m, [a, n, d]), d)
    };
    "__gmpn_tdiv_qr" "nnnnnnn" b'v' = |m, [q, r, _, a, nn, d, dn, ..]| tdiv_qr(m, [q, r, a, nn, d, dn]);
}
