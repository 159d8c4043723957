//! GMP's functions that `ghc-bignum` uses, on limbs in guest memory.
//!
//! | file | what |
//! |---|---|
//! | [`limb`] | arithmetic of one and two limbs |
//! | [`natural`] | naturals between memory and the library that computes with large ones |
//! | [`mpn`] | `mpn_*`: naturals as address and length |
//! | [`division`] | `mpn_*` functions that divide |
//! | [`mpz`] | `mpz_*`: integers with a header of their own |
//! | [`modular`] | powers, inverses, greatest common divisors |
//! | [`prime`] | primes |
//!
//! Small numbers are computed in place; where sub-quadratic algorithms pay, the crate `dashu-int` computes.

pub mod division;
pub mod limb;
pub mod modular;
pub mod mpn;
pub mod mpz;
pub mod natural;
pub mod prime;

#[cfg(test)]
mod tests;
