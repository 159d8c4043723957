//! Pseudo-random numbers of `stdlib.h`: the sequences are glibc's, since programs that set a seed count on them.

use super::os::call::{FAILED, system};
use super::table::functions;
use crate::abi::system::System;
use crate::interp::machine::Machine;
use crate::word::{Addr, Word};

/// Numbers that the generator of `random` remembers, and how far back the second one that it adds is.
const DEGREE: usize = 31;
const SEPARATION: usize = 3;

/// What the generators keep.
#[derive(Debug, Clone)]
pub struct Random {
    /// The last numbers of `random`, the oldest at `next`.
    numbers: [u32; DEGREE],
    next: usize,
    /// The 48 bits of `drand48`.
    bits: u64,
}

impl Default for Random {
    fn default() -> Random {
        let mut random = Random { numbers: [0; DEGREE], next: 0, bits: 0 };
        random.seed(1);
        random
    }
}

impl Random {
    /// `srandom`: the additive feedback generator that glibc begins with, filled by a linear congruential one.
    fn seed(&mut self, seed: u32) {
        const MULTIPLIER: i64 = 16_807;
        const MODULUS: i64 = (1 << 31) - 1;
        let mut number = seed.max(1) as i32;
        self.numbers[0] = number as u32;
        for at in &mut self.numbers[1..] {
            let remainder = (MULTIPLIER * i64::from(number)) % MODULUS;
            number = (if remainder < 0 { remainder + MODULUS } else { remainder }) as i32;
            *at = number as u32;
        }
        // The newest are the first three.
        self.next = SEPARATION;
        for _ in 0..10 * DEGREE {
            self.random();
        }
    }

    /// `random`.
    fn random(&mut self) -> u32 {
        let other = (self.next + DEGREE - SEPARATION) % DEGREE;
        let number = self.numbers[self.next].wrapping_add(self.numbers[other]);
        self.numbers[self.next] = number;
        self.next = (self.next + 1) % DEGREE;
        number >> 1
    }

    fn step(&mut self) -> u64 {
        self.bits = step(self.bits);
        self.bits
    }
}

/// The next 48 bits of `drand48`'s generator.
fn step(bits: u64) -> u64 {
    bits.wrapping_mul(0x5_deec_e66d).wrapping_add(0xb) & ((1 << 48) - 1)
}

fn fraction(bits: u64) -> Word {
    (bits as f64 / (1u64 << 48) as f64).to_bits()
}

/// The generator in three halfwords of memory makes a step.
fn step_at(m: &mut Machine, at: Word) -> u64 {
    let at = Addr::from_word(at);
    let mut bytes = [0; 8];
    m.mem.read_bytes(at, &mut bytes[..6]);
    let bits = step(u64::from_le_bytes(bytes));
    m.mem.write_bytes(at, &bits.to_le_bytes()[..6]);
    bits
}

/// `rand_r`.
fn rand_r(m: &mut Machine, seed_at: Word) -> Word {
    let at = Addr::from_word(seed_at);
    let mut seed = m.mem.u32(at);
    let mut part = |bits: u32| {
        seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        (seed >> 16) % (1 << bits)
    };
    let result = (part(11) << 20) ^ (part(10) << 10) ^ part(10);
    m.mem.set_u32(at, seed);
    Word::from(result)
}

/// A word of the host's randomness, of which `bytes` bytes count; 0 if it grants none.
fn from_host(m: &mut Machine, bytes: u64) -> Word {
    let at = super::os::area::SCRATCH;
    m.mem.set_word(at, 0);
    system(m, System::Getrandom, &[at.word(), bytes]);
    m.mem.word(at)
}

functions! {
    "rand" "" b'n' = |m, _| Word::from(m.c.random.random());
    "srand" "n" b'v' = |m, [seed, ..]| {
        m.c.random.seed(seed as u32);
        0
    };
    "rand_r" "n" b'n' = |m, [seed_at, ..]| rand_r(m, seed_at);
    "drand48" "" b'd' = |m, _| fraction(m.c.random.step());
    "lrand48" "" b'n' = |m, _| m.c.random.step() >> 17;
    "mrand48" "" b'n' = |m, _| (m.c.random.step() >> 16) as i32 as i64 as Word;
    "erand48" "n" b'd' = |m, [at, ..]| fraction(step_at(m, at));
    "nrand48" "n" b'n' = |m, [at, ..]| step_at(m, at) >> 17;
    "jrand48" "n" b'n' = |m, [at, ..]| (step_at(m, at) >> 16) as i32 as i64 as Word;
    "srand48" "n" b'v' = |m, [seed, ..]| {
        m.c.random.bits = Word::from(seed as u32) << 16 | 0x330e;
        0
    };
    // The kernel's, which no seed determines but the policy's.
    "getrandom" "nnn" b'n' = |m, [at, len, ..]| match system(m, System::Getrandom, &[at, len]) {
        FAILED => FAILED,
        _ => len,
    };
    "getentropy" "nn" b'n' = |m, [at, len, ..]| match system(m, System::Getrandom, &[at, len]) {
        FAILED => FAILED,
        _ => 0,
    };
    "arc4random" "" b'n' = |m, _| from_host(m, 4);
    "arc4random_buf" "nn" b'v' = |m, [at, len, ..]| system(m, System::Getrandom, &[at, len]);
    "arc4random_uniform" "n" b'n' = |m, [bound, ..]| from_host(m, 8).checked_rem(Word::from(bound as u32)).unwrap_or(0);
}

#[cfg(test)]
mod tests {
    use crate::libc::harness::*;

    #[test]
    fn the_sequences_are_glibcs() {
        let mut m = machine();
        let mut draw = |name: &str| call(&mut m, name, &[]);
        assert_eq!([draw("rand"), draw("rand"), draw("rand")], [1_804_289_383, 846_930_886, 1_681_692_777]);
        assert_eq!(draw("lrand48"), 0);
        call(&mut m, "srand", &[42]);
        assert_eq!(call(&mut m, "rand", &[]), 71_876_166);
        call(&mut m, "srand48", &[7]);
        assert_eq!(call(&mut m, "lrand48", &[]), 572_184_555);
        let seed = words(&mut m, 1);
        assert_eq!(call(&mut m, "rand_r", &[seed]), 1_012_484);
    }
}
