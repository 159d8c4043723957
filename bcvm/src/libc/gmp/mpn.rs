//! `mpn_*`: naturals as an address and a number of limbs, the least significant limb first.
//!
//! Results may overlap operands where GMP allows it: limbs are read before the same limb of the result is written.
//! Functions that divide are in [`division`](super::division).

use super::limb;
use crate::interp::machine::Machine;
use crate::libc::table::functions;
use crate::mem::Mem;
use crate::word::{Addr, Word};
use core::cmp::Ordering;

/// Shorter operands than this are multiplied in place.
const SCHOOL: u32 = 32;

/// The address of limb `i`.
#[inline(always)]
pub(super) fn at(base: Word, i: u32) -> Addr {
    Addr::from_word(base).offset_w(i)
}

/// `r[i] = f(a[i], carry)` for `n` limbs from `from` on; answers the last carry.
fn carry_through(
    mem: &mut Mem,
    [r, a]: [Word; 2],
    from: u32,
    n: u32,
    mut carry: u64,
    f: impl Fn(u64, u64) -> (u64, u64),
) -> u64 {
    for i in from..n {
        let (limb, c) = f(mem.word(at(a, i)), carry);
        mem.set_word(at(r, i), limb);
        carry = c;
    }
    carry
}

/// `r = a ∘ b` for two lengths, where `∘` is addition or subtraction of limbs.
fn add_sub(m: &mut Machine, [r, a, an, b, bn]: [Word; 5], f: impl Fn(u64, u64, u64) -> (u64, u64)) -> Word {
    let Some((an, bn)) = m.limbs(an).zip(m.limbs(bn)) else { return 0 };
    let mem = &mut m.mem;
    let mut carry = 0;
    for i in 0..bn {
        let (limb, c) = f(mem.word(at(a, i)), mem.word(at(b, i)), carry);
        mem.set_word(at(r, i), limb);
        carry = c;
    }
    carry_through(mem, [r, a], bn, an, carry, |x, carry| f(x, 0, carry))
}

/// `r = a ∘ carry` for `n` limbs.
fn with_limb(m: &mut Machine, [r, a, n, b]: [Word; 4], f: impl Fn(u64, u64) -> (u64, u64)) -> Word {
    let Some(n) = m.limbs(n) else { return 0 };
    carry_through(&mut m.mem, [r, a], 0, n, b, f)
}

/// `r = a ∘ b`, limb by limb.
fn bitwise(m: &mut Machine, [r, a, b, n]: [Word; 4], f: impl Fn(u64, u64) -> u64) -> Word {
    let Some(n) = m.limbs(n) else { return 0 };
    for i in 0..n {
        let limb = f(m.mem.word(at(a, i)), m.mem.word(at(b, i)));
        m.mem.set_word(at(r, i), limb);
    }
    0
}

/// `mpn_mul`: `an + bn` limbs of result, of which the topmost is answered.
fn mul(m: &mut Machine, [r, a, an, b, bn]: [Word; 5]) -> Word {
    let Some((an, bn)) = m.limbs(an).zip(m.limbs(bn)) else { return 0 };
    if an == 0 || bn == 0 {
        return 0;
    }
    if bn < SCHOOL {
        let mem = &mut m.mem;
        let mut carry = 0;
        for j in 0..bn {
            let y = mem.word(at(b, j));
            carry = 0;
            for i in 0..an {
                let before = if j == 0 { 0 } else { mem.word(at(r, i + j)) };
                let (limb, c) = limb::mul_add(mem.word(at(a, i)), y, before, carry);
                mem.set_word(at(r, i + j), limb);
                carry = c;
            }
            mem.set_word(at(r, an + j), carry);
        }
        return carry;
    }
    let x = m.natural(a, an);
    let product = if (a, an) == (b, bn) { x.sqr() } else { x * m.natural(b, bn) };
    m.set_natural(r, an + bn, &product);
    m.mem.word(at(r, an + bn - 1))
}

/// `mpn_lshift`: from the top down, so that the result may lie above its operand; answers the bits shifted out.
fn lshift(m: &mut Machine, [r, a, n, bits]: [Word; 4]) -> Word {
    let Some(n) = m.limbs(n).filter(|n| *n > 0) else { return 0 };
    let bits = bits as u32 % 64;
    let low_part = |limb: u64| if bits == 0 { 0 } else { limb >> (64 - bits) };
    let mut limb = m.mem.word(at(a, n - 1));
    let out = low_part(limb);
    for i in (1..n).rev() {
        let next = m.mem.word(at(a, i - 1));
        m.mem.set_word(at(r, i), limb << bits | low_part(next));
        limb = next;
    }
    m.mem.set_word(at(r, 0), limb << bits);
    out
}

/// `mpn_rshift`: from the bottom up; answers the bits shifted out, as the top of a limb.
fn rshift(m: &mut Machine, [r, a, n, bits]: [Word; 4]) -> Word {
    let Some(n) = m.limbs(n).filter(|n| *n > 0) else { return 0 };
    let bits = bits as u32 % 64;
    let high_part = |limb: u64| if bits == 0 { 0 } else { limb << (64 - bits) };
    let mut limb = m.mem.word(at(a, 0));
    let out = high_part(limb);
    for i in 0..n - 1 {
        let next = m.mem.word(at(a, i + 1));
        m.mem.set_word(at(r, i), limb >> bits | high_part(next));
        limb = next;
    }
    m.mem.set_word(at(r, n - 1), limb >> bits);
    out
}

/// `mpn_cmp`, as a C `int`.
fn cmp(m: &mut Machine, [a, b, n]: [Word; 3]) -> Word {
    let Some(n) = m.limbs(n) else { return 0 };
    let differing = (0..n).rev().map(|i| m.mem.word(at(a, i)).cmp(&m.mem.word(at(b, i)))).find(|o| o.is_ne());
    differing.unwrap_or(Ordering::Equal) as i64 as Word
}

/// `mpn_popcount`.
fn popcount(m: &mut Machine, a: Word, n: Word) -> Word {
    let Some(n) = m.limbs(n) else { return 0 };
    (0..n).map(|i| m.mem.word(at(a, i)).count_ones() as u64).sum()
}

functions! {
    "__gmpn_add" "nnnnn" b'n' = |m, [r, a, an, b, bn, ..]| add_sub(m, [r, a, an, b, bn], limb::add);
    "__gmpn_sub" "nnnnn" b'n' = |m, [r, a, an, b, bn, ..]| add_sub(m, [r, a, an, b, bn], limb::sub);
    "__gmpn_add_1" "nnnn" b'n' = |m, [r, a, n, b, ..]| with_limb(m, [r, a, n, b], |x, c| limb::add(x, c, 0));
    "__gmpn_sub_1" "nnnn" b'n' = |m, [r, a, n, b, ..]| with_limb(m, [r, a, n, b], |x, c| limb::sub(x, c, 0));
    "__gmpn_mul_1" "nnnn" b'n' = |m, [r, a, n, b, ..]| {
        with_limb(m, [r, a, n, 0], |x, carry| limb::mul_add(x, b, carry, 0))
    };
    "__gmpn_mul" "nnnnn" b'n' = |m, [r, a, an, b, bn, ..]| mul(m, [r, a, an, b, bn]);
    "__gmpn_and_n" "nnnn" b'v' = |m, [r, a, b, n, ..]| bitwise(m, [r, a, b, n], |x, y| x & y);
    "__gmpn_andn_n" "nnnn" b'v' = |m, [r, a, b, n, ..]| bitwise(m, [r, a, b, n], |x, y| x & !y);
    "__gmpn_ior_n" "nnnn" b'v' = |m, [r, a, b, n, ..]| bitwise(m, [r, a, b, n], |x, y| x | y);
    "__gmpn_xor_n" "nnnn" b'v' = |m, [r, a, b, n, ..]| bitwise(m, [r, a, b, n], |x, y| x ^ y);
    "__gmpn_lshift" "nnnn" b'n' = |m, [r, a, n, bits, ..]| lshift(m, [r, a, n, bits]);
    "__gmpn_rshift" "nnnn" b'n' = |m, [r, a, n, bits, ..]| rshift(m, [r, a, n, bits]);
    "__gmpn_cmp" "nnn" b'n' = |m, [a, b, n, ..]| cmp(m, [a, b, n]);
    "__gmpn_popcount" "nn" b'n' = |m, [a, n, ..]| popcount(m, a, n);
}
