//! Primes: tests by Miller and Rabin, and the next one.
//!
//! Below 2^64 the answer is certain; above, a composite number passes with a chance of less than 2^-48. Bases are drawn
//! from the number itself, so that the same question always has the same answer.

use super::modular::power;
use crate::interp::machine::Machine;
use crate::libc::table::functions;
use crate::word::Word;
use alloc::vec::Vec;
use dashu_int::ops::{BitTest, UnsignedAbs};
use dashu_int::{IBig, UBig};

/// The primes that divide most composite numbers; as bases, the first twelve decide for all numbers below 2^64.
const SMALL: [u32; 54] = [
    2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
    113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193, 197, 199, 211, 223, 227, 229, 233, 239,
    241, 251,
];
/// Bases that are tried on large numbers at least, and at most.
const ROUNDS: core::ops::RangeInclusive<u32> = 24..=200;

/// Below it GMP 6.2 calls primes certain; all below 2^64 are, here, but programs see the answer.
const CERTAIN: u64 = 31 << 46;

/// What is known of a number: the answers of `mpz_probab_prime_p`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Primality {
    /// It is certainly composite, or 0 or 1.
    Composite = 0,
    /// It is most probably prime.
    Probable = 1,
    /// It is certainly prime.
    Certain = 2,
}

/// `base^exponent` modulo `modulus`.
fn power_word(mut base: u64, mut exponent: u64, modulus: u64) -> u64 {
    let times = |a: u64, b: u64| (a as u128 * b as u128 % modulus as u128) as u64;
    let mut result = 1 % modulus;
    base %= modulus;
    while exponent != 0 {
        if exponent & 1 != 0 {
            result = times(result, base);
        }
        base = times(base, base);
        exponent >>= 1;
    }
    result
}

/// Whether the odd `n` is prime.
fn is_prime_word(n: u64) -> bool {
    let twos = (n - 1).trailing_zeros();
    let odd = (n - 1) >> twos;
    SMALL[..12].iter().map(|base| *base as u64).filter(|base| !n.is_multiple_of(*base)).all(|base| {
        let mut x = power_word(base, odd, n);
        if x == 1 || x == n - 1 {
            return true;
        }
        (1..twos).any(|_| {
            x = (x as u128 * x as u128 % n as u128) as u64;
            x == n - 1
        })
    })
}

/// Whether the odd `n` could be prime as far as `base` tells.
fn passes(n: &UBig, base: UBig) -> bool {
    let less = n - UBig::ONE;
    let twos = less.trailing_zeros().unwrap_or(0);
    let mut x = power(base, &(&less >> twos), n);
    if x == UBig::ONE || x == less {
        return true;
    }
    for _ in 1..twos {
        x = x.sqr() % n;
        if x == less {
            return true;
        }
    }
    false
}

/// Words that look random and depend on `seed` alone (splitmix64).
fn random(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Whether `n` is prime, by `rounds` bases where that is not certain.
fn primality(n: &UBig, rounds: u32) -> Primality {
    if let Ok(n) = u64::try_from(n) {
        let prime = match n {
            0 | 1 => false,
            _ => match SMALL.iter().find(|p| n.is_multiple_of(**p as u64)) {
                Some(p) => n == *p as u64,
                None => is_prime_word(n),
            },
        };
        return match prime {
            false => Primality::Composite,
            true if n < CERTAIN => Primality::Certain,
            true => Primality::Probable,
        };
    }
    if SMALL.iter().any(|p| n % *p == 0) || !passes(n, UBig::from(2u8)) {
        return Primality::Composite;
    }
    let mut seed = n.to_le_bytes().iter().fold(0u64, |h, byte| h.rotate_left(7) ^ *byte as u64);
    let rounds = rounds.clamp(*ROUNDS.start(), *ROUNDS.end());
    let prime = (0..rounds).all(|_| passes(n, UBig::from(random(&mut seed) | 2)));
    if prime { Primality::Probable } else { Primality::Composite }
}

/// The least prime above `n`.
fn next_prime(n: &UBig) -> UBig {
    if *n < UBig::from(2u8) {
        return UBig::from(2u8);
    }
    let mut candidate = n + UBig::ONE;
    if &candidate % 2u32 == 0 {
        candidate += 1u32;
    }
    // Small primes rule most candidates out before anything is raised to a power; small candidates may be those primes.
    let sieved = n.bit_len() > 16;
    let residues: Vec<u32> = SMALL.iter().map(|p| &candidate % *p).collect();
    let mut distance = 0u64;
    loop {
        let divided = |(p, residue): (&u32, &u32)| (*residue as u64 + distance).is_multiple_of(*p as u64);
        if !(sieved && SMALL.iter().zip(&residues).any(divided)) {
            let x = &candidate + UBig::from(distance);
            if primality(&x, *ROUNDS.start()) != Primality::Composite {
                return x;
            }
        }
        distance += 2;
    }
}

/// `mpz_nextprime`.
fn next_prime_of(m: &mut Machine, r: Word, z: Word) -> Word {
    let n = m.integer(z);
    let n = if n < IBig::ZERO { UBig::ZERO } else { n.unsigned_abs() };
    m.set_integer(r, &next_prime(&n).into());
    0
}

functions! {
    "__gmpz_probab_prime_p" "nn" b'n' = |m, [z, rounds, ..]| {
        let n = m.integer(z).unsigned_abs();
        primality(&n, (rounds as u32 as i32).max(0) as u32) as Word
    };
    "__gmpz_nextprime" "nn" b'v' = |m, [r, z, ..]| next_prime_of(m, r, z);
}
