//! Functions of gcc's own library, which it calls where the processor has no instruction: 128-bit division, counting bits.
//! Those for complex numbers are in [`math::complex`](super::math::complex).

use super::table::{functions, set_second};
use crate::interp::machine::Machine;
use crate::primop::table::Rep;
use crate::word::{Addr, WORD, Word};

/// Two words as a number of 128 bits.
fn wide(low: Word, high: Word) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

/// Answers 128 bits.
fn pair(m: &mut Machine, value: u128) -> Word {
    set_second(m, Rep::N, (value >> 64) as Word);
    value as Word
}

/// Quotient and remainder; a division by zero ends the program, as the processor's does.
fn divide(m: &mut Machine, a: u128, b: u128) -> (u128, u128) {
    if b == 0 {
        m.end_program("the program divided a 128-bit number by zero".into());
        return (0, 0);
    }
    (a / b, a % b)
}

/// The same with signs.
fn divide_signed(m: &mut Machine, a: u128, b: u128) -> (u128, u128) {
    let (a, b) = (a as i128, b as i128);
    let (quotient, remainder) = divide(m, a.unsigned_abs(), b.unsigned_abs());
    let negate = |value: u128, is_negative: bool| if is_negative { value.wrapping_neg() } else { value };
    (negate(quotient, (a < 0) != (b < 0)), negate(remainder, a < 0))
}

/// `__udivmodti4`: the quotient, and the remainder at an address that may be null.
fn divide_both(m: &mut Machine, a: u128, b: u128, at: Word) -> Word {
    let (quotient, remainder) = divide(m, a, b);
    if at != 0 {
        let at = Addr::from_word(at);
        m.mem.set_word(at, remainder as Word);
        m.mem.set_word(at + WORD, (remainder >> 64) as Word);
    }
    pair(m, quotient)
}

functions! {
    "__udivti3" "nnnn" b'q' = |m, [a, a_high, b, b_high, ..]| {
        let quotient = divide(m, wide(a, a_high), wide(b, b_high)).0;
        pair(m, quotient)
    };
    "__umodti3" "nnnn" b'q' = |m, [a, a_high, b, b_high, ..]| {
        let remainder = divide(m, wide(a, a_high), wide(b, b_high)).1;
        pair(m, remainder)
    };
    "__divti3" "nnnn" b'q' = |m, [a, a_high, b, b_high, ..]| {
        let quotient = divide_signed(m, wide(a, a_high), wide(b, b_high)).0;
        pair(m, quotient)
    };
    "__modti3" "nnnn" b'q' = |m, [a, a_high, b, b_high, ..]| {
        let remainder = divide_signed(m, wide(a, a_high), wide(b, b_high)).1;
        pair(m, remainder)
    };
    "__udivmodti4" "nnnnn" b'q' = |m, [a, a_high, b, b_high, at, ..]| divide_both(m, wide(a, a_high), wide(b, b_high), at);
    "__multi3" "nnnn" b'q' = |m, [a, a_high, b, b_high, ..]| pair(m, wide(a, a_high).wrapping_mul(wide(b, b_high)));
    "__popcountdi2" "n" b'n' = |_, [x, ..]| Word::from(x.count_ones());
    "__popcountti2" "nn" b'n' = |_, [x, high, ..]| Word::from(wide(x, high).count_ones());
    "__paritydi2" "n" b'n' = |_, [x, ..]| Word::from(x.count_ones() % 2);
    "__clzdi2" "n" b'n' = |_, [x, ..]| Word::from(x.leading_zeros());
    "__clzti2" "nn" b'n' = |_, [x, high, ..]| Word::from(wide(x, high).leading_zeros());
    "__ctzdi2" "n" b'n' = |_, [x, ..]| Word::from(x.trailing_zeros());
    "__ctzti2" "nn" b'n' = |_, [x, high, ..]| Word::from(wide(x, high).trailing_zeros());
    "__ffsdi2" "n" b'n' = |_, [x, ..]| if x == 0 { 0 } else { Word::from(x.trailing_zeros() + 1) };
    "__ffsti2" "nn" b'n' = |_, [x, high, ..]| match wide(x, high) {
        0 => 0,
        x => Word::from(x.trailing_zeros() + 1),
    };
    "__bswapdi2" "n" b'n' = |_, [x, ..]| x.swap_bytes();
    // Fills `__cpu_model`, which stays empty: a processor without extensions.
    "__cpu_indicator_init" "" b'n' = |_, _| 0;
}

#[cfg(test)]
mod tests {
    use crate::abi::map::{C_CALL, c_call};
    use crate::libc::harness::*;
    use crate::word::Addr;

    #[test]
    fn numbers_of_128_bits_are_divided() {
        let mut m = machine();
        let mut divide = |name: &str, a: i128, b: i128| {
            let halves = |x: i128| [x as u64, (x >> 64) as u64];
            let low = call(&mut m, name, &[halves(a), halves(b)].concat());
            (m.mem.word(Addr(C_CALL + c_call::RDX)) as u128) << 64 | u128::from(low)
        };
        let (a, b) = (-123_456_789_012_345_678_901_234_567_890i128, 987_654_321_098_765);
        assert_eq!(divide("__divti3", a, b) as i128, a / b);
        assert_eq!(divide("__modti3", a, b) as i128, a % b);
        assert_eq!(divide("__udivti3", a, b), a as u128 / b as u128);
        assert_eq!(divide("__umodti3", a, b), a as u128 % b as u128);
        assert!(ended(&mut m, "__udivti3", &[1, 0, 0, 0]).contains("by zero"));
    }
}
