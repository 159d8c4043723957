//! GMP's functions against `num-bigint`, on numbers of one limb to some hundred.

use crate::libc::harness::*;
use crate::word::Addr;
use num_bigint::{BigInt, BigUint, Sign};
use proptest::prelude::*;

/// Limbs that look like those where carries and estimates go wrong.
fn limb() -> impl Strategy<Value = u64> {
    prop_oneof![3 => any::<u64>(), 1 => Just(0), 2 => Just(u64::MAX), 1 => 0u64..3, 1 => Just(1 << 63)]
}

fn limbs(n: core::ops::Range<usize>) -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(limb(), n)
}

/// Lengths on both sides of where algorithms change.
fn some_limbs() -> impl Strategy<Value = Vec<u64>> {
    prop_oneof![4 => limbs(1..6), 3 => limbs(6..40), 1 => limbs(40..150)]
}

/// Naturals whose top limb is not 0.
fn normal() -> impl Strategy<Value = Vec<u64>> {
    (some_limbs(), 1..=u64::MAX).prop_map(|(mut limbs, top)| {
        limbs.push(top);
        limbs
    })
}

fn natural(limbs: &[u64]) -> BigUint {
    let bytes: Vec<u8> = limbs.iter().flat_map(|l| l.to_le_bytes()).collect();
    BigUint::from_bytes_le(&bytes)
}

fn put(m: &mut crate::Machine, limbs: &[u64]) -> u64 {
    let at = words(m, limbs.len());
    for (i, limb) in limbs.iter().enumerate() {
        m.mem.set_word(Addr::from_word(at).offset_w(i as u32), *limb);
    }
    at
}

fn get(m: &crate::Machine, at: u64, n: usize) -> BigUint {
    let limbs: Vec<u64> = (0..n).map(|i| m.mem.word(Addr::from_word(at).offset_w(i as u32))).collect();
    natural(&limbs)
}

/// A header for the integer `x`, as ghc-bignum makes them: the limbs are somebody else's.
fn integer(m: &mut crate::Machine, x: &BigInt) -> u64 {
    let limbs = x.magnitude().to_u64_digits();
    let (at, z) = (put(m, &limbs), words(m, 2));
    let size = if x.sign() == Sign::Minus { -(limbs.len() as i32) } else { limbs.len() as i32 };
    m.mem.set_u32(Addr::from_word(z) + 4, size as u32);
    m.mem.set_word(Addr::from_word(z) + 8, at);
    z
}

fn new_integer(m: &mut crate::Machine) -> u64 {
    let z = words(m, 2);
    call(m, "__gmpz_init", &[z]);
    z
}

fn value(m: &crate::Machine, z: u64) -> BigInt {
    let size = m.mem.u32(Addr::from_word(z) + 4) as i32;
    let magnitude = get(m, m.mem.word(Addr::from_word(z) + 8), size.unsigned_abs() as usize);
    BigInt::from_biguint(if size < 0 { Sign::Minus } else { Sign::Plus }, magnitude)
}

fn any_integer() -> impl Strategy<Value = BigInt> {
    (any::<bool>(), some_limbs())
        .prop_map(|(minus, limbs)| BigInt::from_biguint(if minus { Sign::Minus } else { Sign::Plus }, natural(&limbs)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn sums_and_differences(a in some_limbs(), b in some_limbs(), one in limb()) {
        let (a, b) = if a.len() >= b.len() { (a, b) } else { (b, a) };
        let (n, whole) = (a.len(), BigUint::from(1u8) << (64 * a.len()));
        let mut m = machine();
        let (x, y, r) = (put(&mut m, &a), put(&mut m, &b), words(&mut m, n));
        let args = [r, x, n as u64, y, b.len() as u64];
        let carry = call(&mut m, "__gmpn_add", &args);
        prop_assert_eq!(get(&m, r, n) + &whole * carry, natural(&a) + natural(&b));
        let borrow = call(&mut m, "__gmpn_sub", &args);
        prop_assert_eq!(get(&m, r, n) + natural(&b), natural(&a) + &whole * borrow);
        let carry = call(&mut m, "__gmpn_add_1", &[r, x, n as u64, one]);
        prop_assert_eq!(get(&m, r, n) + &whole * carry, natural(&a) + one);
        let borrow = call(&mut m, "__gmpn_sub_1", &[r, x, n as u64, one]);
        prop_assert_eq!(get(&m, r, n) + one, natural(&a) + &whole * borrow);
        let carry = call(&mut m, "__gmpn_mul_1", &[r, x, n as u64, one]);
        prop_assert_eq!(get(&m, r, n) + &whole * carry, natural(&a) * one);
        // In place, as Haskell's code may have it.
        let carry = call(&mut m, "__gmpn_add", &[x, x, n as u64, y, b.len() as u64]);
        prop_assert_eq!(get(&m, x, n) + &whole * carry, natural(&a) + natural(&b));
    }

    #[test]
    fn products(a in some_limbs(), b in some_limbs(), same: bool) {
        let (a, b) = if a.len() >= b.len() { (a, b) } else { (b, a) };
        let mut m = machine();
        let (x, y, r) = (put(&mut m, &a), put(&mut m, &b), words(&mut m, 2 * a.len()));
        let (y, b) = if same { (x, a.clone()) } else { (y, b) };
        let n = a.len() + b.len();
        let top = call(&mut m, "__gmpn_mul", &[r, x, a.len() as u64, y, b.len() as u64]);
        prop_assert_eq!(get(&m, r, n), natural(&a) * natural(&b));
        prop_assert_eq!(top, m.mem.word(Addr::from_word(r).offset_w(n as u32 - 1)));
    }

    #[test]
    fn quotients_and_remainders(a in normal(), d in normal(), near: bool, in_place: bool) {
        let (mut a, d) = if a.len() >= d.len() { (a, d) } else { (d, a) };
        if near {
            // Upper limbs that equal the divisor's, where estimates are furthest off.
            let from = a.len() - d.len();
            a[from..].copy_from_slice(&d);
        }
        let (nn, dn) = (a.len(), d.len());
        let mut m = machine();
        let (x, y) = (put(&mut m, &a), put(&mut m, &d));
        let (q, r) = (words(&mut m, nn - dn + 1), if in_place { x } else { words(&mut m, dn) });
        call(&mut m, "__gmpn_tdiv_qr", &[q, r, 0, x, nn as u64, y, dn as u64]);
        prop_assert_eq!(get(&m, q, nn - dn + 1), natural(&a) / natural(&d));
        prop_assert_eq!(get(&m, r, dn), natural(&a) % natural(&d));
    }

    #[test]
    fn divisors_of_one_limb(a in some_limbs(), d in limb(), small: bool, fraction in 0usize..3) {
        let d = (if small { d & 0xffff_ffff } else { d }).max(1);
        let n = a.len();
        let mut m = machine();
        let (x, q) = (put(&mut m, &a), words(&mut m, n + fraction));
        let scaled = natural(&a) << (64 * fraction);
        let r = call(&mut m, "__gmpn_divrem_1", &[q, fraction as u64, x, n as u64, d]);
        prop_assert_eq!(get(&m, q, n + fraction), &scaled / d);
        prop_assert_eq!(BigUint::from(r), &scaled % d);
        prop_assert_eq!(BigUint::from(call(&mut m, "__gmpn_mod_1", &[x, n as u64, d])), natural(&a) % d);
        let g = call(&mut m, "__gmpn_gcd_1", &[x, n as u64, d]);
        prop_assert_eq!(g, crate::libc::gmp::limb::gcd((natural(&a) % d).to_u64_digits().first().copied().unwrap_or(0), d));
    }

    #[test]
    fn bits(a in some_limbs(), seed: u64, shift in 1u64..64) {
        let n = a.len();
        let b: Vec<u64> = a.iter().enumerate().map(|(i, l)| l.rotate_left(i as u32) ^ seed).collect();
        let mut m = machine();
        let (x, y, r) = (put(&mut m, &a), put(&mut m, &b), words(&mut m, n));
        let args = [r, x, y, n as u64];
        for (name, f) in [
            ("__gmpn_and_n", (|x, y| x & y) as fn(u64, u64) -> u64),
            ("__gmpn_andn_n", |x, y| x & !y),
            ("__gmpn_ior_n", |x, y| x | y),
            ("__gmpn_xor_n", |x, y| x ^ y),
        ] {
            call(&mut m, name, &args);
            let expected: Vec<u64> = a.iter().zip(&b).map(|(x, y)| f(*x, *y)).collect();
            prop_assert_eq!(get(&m, r, n), natural(&expected), "{}", name);
        }
        prop_assert_eq!(call(&mut m, "__gmpn_popcount", &[x, n as u64]), natural(&a).count_ones());
        prop_assert_eq!(
            call(&mut m, "__gmpn_cmp", &[x, y, n as u64]) as i32,
            natural(&a).cmp(&natural(&b)) as i32
        );
        let whole = BigUint::from(1u8) << (64 * n);
        let out = call(&mut m, "__gmpn_lshift", &[r, x, n as u64, shift]);
        prop_assert_eq!(get(&m, r, n) + &whole * out, natural(&a) << shift);
        let out = call(&mut m, "__gmpn_rshift", &[r, x, n as u64, shift]);
        prop_assert_eq!((get(&m, r, n) << 64u32) + out, natural(&a) << (64 - shift));
    }

    #[test]
    fn greatest_common_divisors(a in any_integer(), b in any_integer(), common in some_limbs()) {
        let (a, b) = (a * BigInt::from(natural(&common)), b * BigInt::from(natural(&common)));
        let mut m = machine();
        let (x, y) = (integer(&mut m, &a), integer(&mut m, &b));
        let (g, s, t) = (new_integer(&mut m), new_integer(&mut m), new_integer(&mut m));
        call(&mut m, "__gmpz_gcd", &[g, x, y]);
        let first = value(&m, g);
        call(&mut m, "__gmpz_gcdext", &[g, s, t, x, y]);
        let (g, s, t) = (value(&m, g), value(&m, s), value(&m, t));
        prop_assert_eq!(&first, &g);
        prop_assert_eq!(&a * &s + &b * &t, g.clone());
        let zero = BigInt::from(0);
        if g != zero {
            prop_assert!(&a % &g == zero && &b % &g == zero);
            prop_assert!(s.magnitude() * g.magnitude() * 2u8 <= *b.magnitude() || s.magnitude().bits() <= 1);
            prop_assert!(t.magnitude() * g.magnitude() * 2u8 <= *a.magnitude() || t.magnitude().bits() <= 1);
        }
    }

    #[test]
    fn powers_and_inverses(base in any_integer(), exponent in limbs(1..3), modulus in some_limbs()) {
        let modulus = BigInt::from(natural(&modulus));
        prop_assume!(modulus != BigInt::from(0));
        let exponent = BigInt::from(natural(&exponent));
        let mut m = machine();
        let (x, e, n) = (integer(&mut m, &base), integer(&mut m, &exponent), integer(&mut m, &modulus));
        let r = new_integer(&mut m);
        call(&mut m, "__gmpz_powm", &[r, x, e, n]);
        prop_assert_eq!(value(&m, r), base.modpow(&exponent, &modulus));
        let inverse = base.modinv(&modulus);
        let exists = call(&mut m, "__gmpz_invert", &[r, x, n]);
        prop_assert_eq!(exists == 1, inverse.is_some());
        if let Some(inverse) = inverse {
            // Modulo 1 the oracle sometimes answers 1.
            prop_assert_eq!(value(&m, r), inverse % &modulus);
            let minus = integer(&mut m, &-exponent.clone());
            call(&mut m, "__gmpz_powm", &[r, x, minus, n]);
            prop_assert_eq!((value(&m, r) * base.modpow(&exponent, &modulus)) % &modulus, BigInt::from(1) % &modulus);
        }
        call(&mut m, "__gmpz_clear", &[r]);
        prop_assert_eq!(value(&m, r), BigInt::from(0));
    }

    #[test]
    fn conversions(x in any_integer(), base in 2u32..=36) {
        let mut m = machine();
        let (z, e, out) = (integer(&mut m, &x), words(&mut m, 1), words(&mut m, 300));
        let digits = x.magnitude().to_str_radix(base).len() as u64;
        let size = call(&mut m, "__gmpz_sizeinbase", &[z, base as u64]);
        prop_assert!(size == digits || size == digits + 1 && !base.is_power_of_two());
        // As a double, truncated: what is left is less than the last bit.
        let d = f64::from_bits(call(&mut m, "__gmpz_get_d_2exp", &[e, z]));
        let exponent = m.mem.word(Addr::from_word(e)) as i64;
        if x == BigInt::from(0) {
            prop_assert_eq!((d, exponent), (0.0, 0));
        } else {
            prop_assert!((0.5..1.0).contains(&d.abs()) && (d < 0.0) == (x < BigInt::from(0)));
            prop_assert_eq!(exponent as u64, x.bits());
            let mantissa = BigUint::from((d.abs() * 2f64.powi(53)) as u64);
            let aligned = if exponent > 53 { x.magnitude() >> (exponent - 53) } else { x.magnitude() << (53 - exponent) };
            prop_assert_eq!(mantissa, aligned);
            if exponent < 1000 {
                let whole = f64::from_bits(call(&mut m, "__gmpz_get_d", &[z]));
                prop_assert_eq!(whole, d * 2f64.powi(exponent as i32));
            }
        }
        // As bytes, both ways round.
        for (order, bytes) in [(1u64, x.magnitude().to_bytes_be()), (-1i64 as u64, x.magnitude().to_bytes_le())] {
            call(&mut m, "__gmpz_export", &[out, e, order, 1, 0, 0, z]);
            let count = m.mem.word(Addr::from_word(e)) as usize;
            let expected = if x == BigInt::from(0) { Vec::new() } else { bytes };
            let mut found = vec![0; count];
            m.mem.read_bytes(Addr::from_word(out), &mut found);
            prop_assert_eq!(found, expected);
        }
        call(&mut m, "__gmpz_export", &[out, e, 1, 8, 1, 0, z]);
        let count = m.mem.word(Addr::from_word(e)) as usize;
        let mut found = vec![0; count * 8];
        m.mem.read_bytes(Addr::from_word(out), &mut found);
        prop_assert_eq!(BigUint::from_bytes_be(&found), x.magnitude().clone());
    }
}

#[test]
fn coefficients_are_gmps_where_there_is_a_choice() {
    // (a, b) and GMP 6.2's g, s, t.
    for (a, b, g, s, t) in [
        (0, 0, 0, 0, 0),
        (5, 0, 5, 1, 0),
        (-5, 0, 5, -1, 0),
        (0, -7, 7, 0, -1),
        (6, 6, 6, 0, 1),
        (6, -6, 6, 0, -1),
        (4, 2, 2, 0, 1),
        (2, 4, 2, 1, 0),
        (-2, 4, 2, -1, 0),
        (6, 4, 2, 1, -1),
        (12, 18, 6, -1, 1),
        (-12, 18, 6, 1, 1),
        (240, 46, 2, -9, 47),
        (3, -6, 3, 1, 0),
    ] {
        let mut m = machine();
        let (x, y) = (integer(&mut m, &a.into()), integer(&mut m, &b.into()));
        let out = [new_integer(&mut m), new_integer(&mut m), new_integer(&mut m)];
        call(&mut m, "__gmpz_gcdext", &[out[0], out[1], out[2], x, y]);
        assert_eq!(out.map(|z| value(&m, z)), [g, s, t].map(BigInt::from), "gcdext {a} {b}");
    }
}

#[test]
fn primes_are_told_from_composites() {
    let answer = |text: &str| {
        let mut m = machine();
        let z = integer(&mut m, &text.parse().expect("a number"));
        call(&mut m, "__gmpz_probab_prime_p", &[z, 25])
    };
    for n in 0..2000u32 {
        let prime = n > 1 && (2..n).take_while(|d| d * d <= n).all(|d| n % d != 0);
        assert_eq!(answer(&n.to_string()), if prime { 2 } else { 0 }, "{n}");
    }
    // Strong pseudoprimes to the first bases, Carmichael numbers, squares of primes.
    for n in ["3215031751", "3825123056546413051", "318665857834031151167461", "561", "63001", "18446744030759878681"] {
        assert_eq!(answer(n), 0, "{n}");
    }
    assert_eq!(answer("2181431069507579"), 2);
    assert_eq!(answer("2181431069507617"), 1);
    assert_eq!(answer("18446744073709551557"), 1);
    assert_eq!(answer("170141183460469231731687303715884105727"), 1);
    assert_eq!(answer("170141183460469231731687303715884105729"), 0);
    assert_eq!(answer("-7"), 2);
}

#[test]
fn the_next_prime_is_the_next() {
    for (n, prime) in [
        ("0", "2"),
        ("-5", "2"),
        ("2", "3"),
        ("3", "5"),
        ("251", "257"),
        ("65536", "65537"),
        ("18446744073709551557", "18446744073709551629"),
        ("1000000000000000000000", "1000000000000000000117"),
    ] {
        let mut m = machine();
        let z = integer(&mut m, &n.parse().expect("a number"));
        let r = new_integer(&mut m);
        call(&mut m, "__gmpz_nextprime", &[r, z]);
        assert_eq!(value(&m, r).to_string(), prime, "after {n}");
    }
}

#[test]
fn senseless_operands_end_the_program() {
    let mut m = machine();
    let (zero, x, r) = (words(&mut m, 4), put(&mut m, &[1, 2, 3]), words(&mut m, 4));
    assert!(ended(&mut m, "__gmpn_divrem_1", &[r, 0, x, 3, 0]).contains("zero"));
    assert!(ended(&mut m, "__gmpn_mod_1", &[x, 3, 0]).contains("zero"));
    assert!(ended(&mut m, "__gmpn_tdiv_qr", &[r, r, 0, x, 3, zero, 2]).contains("zero"));
    assert!(ended(&mut m, "__gmpn_add", &[r, x, 1 << 60, x, 3]).contains("too large"));
    let (base, modulus, out) = (integer(&mut m, &2.into()), integer(&mut m, &4.into()), new_integer(&mut m));
    let (minus, none) = (integer(&mut m, &(-1).into()), integer(&mut m, &0.into()));
    assert!(ended(&mut m, "__gmpz_powm", &[out, base, minus, modulus]).contains("zero"), "2 has no inverse");
    assert!(ended(&mut m, "__gmpz_powm", &[out, base, base, none]).contains("zero"));
    m.mem.set_u32(Addr::from_word(base) + 4, i32::MIN as u32);
    assert!(ended(&mut m, "__gmpz_gcd", &[out, base, modulus]).contains("too large"));
}
