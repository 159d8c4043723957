//! What the known functions of numbers come to: see `entry::known`.
//!
//! None where that is the compiled function's business: a divisor of zero, an Integer that gets large, numbers without
//! order.

use super::pack::con_tag;
use crate::entry::known::{Function, Kind, Op, Rounding};
use crate::layout::closure::PAYLOAD;
use crate::mem::Mem;
use crate::word::{ClosurePtr, Word};
use core::cmp::Ordering;

/// What a function of numbers comes to.
pub enum Answer {
    /// A number, to be put into a box.
    Number(Word),
    /// A Bool.
    Is(bool),
    /// An Ordering.
    Order(Ordering),
}

/// The word in the box `x`, which is evaluated; none if it is a large Integer.
#[inline(always)]
pub fn unboxed(mem: &Mem, kind: Kind, x: ClosurePtr) -> Option<Word> {
    if kind == Kind::Integer && !is_small(mem, x) {
        return None;
    }
    Some(mem.word(x.addr() + PAYLOAD))
}

/// Whether an Integer is its first constructor, which holds an Int#.
#[inline(always)]
fn is_small(mem: &Mem, x: ClosurePtr) -> bool {
    match x.tag() {
        0 => con_tag(mem, x.addr()) == 0,
        tag => tag == 1,
    }
}

/// `f` of one number or two; the second is of no consequence if it takes one.
#[inline(always)]
pub fn compute(f: Function, a: Word, b: Word) -> Option<Answer> {
    let op = f.op();
    match f.kind() {
        Kind::Int => on_ints(op, a as i64, b as i64),
        Kind::Word => on_words(op, a, b),
        Kind::Double => on_doubles(op, f64::from_bits(a), f64::from_bits(b)),
        Kind::Integer => on_integers(op, a as i64, b as i64),
    }
}

/// Comparisons; none for another operation, or for numbers without order.
#[inline(always)]
fn compare<T: PartialOrd>(op: Op, a: T, b: T) -> Option<Answer> {
    Some(Answer::Is(match op {
        Op::Eq => a == b,
        Op::Ne => a != b,
        Op::Lt => a < b,
        Op::Le => a <= b,
        Op::Gt => a > b,
        Op::Ge => a >= b,
        Op::Compare => return a.partial_cmp(&b).map(Answer::Order),
        _ => return None,
    }))
}

/// Division by 0 and by -1, which may overflow, is the compiled function's.
#[inline(always)]
fn divide(op: Op, a: i64, b: i64) -> Option<i64> {
    if b == 0 || b == -1 {
        return None;
    }
    let q = a.wrapping_div(b);
    let r = a.wrapping_sub(q.wrapping_mul(b));
    let down = r != 0 && (r < 0) != (b < 0);
    match op {
        Op::Quot => Some(q),
        Op::Rem => Some(r),
        Op::Div => Some(q.wrapping_sub(down.into())),
        Op::Mod => Some(if down { r.wrapping_add(b) } else { r }),
        _ => None,
    }
}

#[inline(always)]
fn on_ints(op: Op, a: i64, b: i64) -> Option<Answer> {
    let n = match op {
        Op::Add => a.wrapping_add(b),
        Op::Sub => a.wrapping_sub(b),
        Op::Mul => a.wrapping_mul(b),
        Op::Quot | Op::Rem | Op::Div | Op::Mod => divide(op, a, b)?,
        Op::Negate => a.wrapping_neg(),
        Op::Abs => a.wrapping_abs(),
        Op::Signum => a.signum(),
        Op::Max => a.max(b),
        Op::Min => a.min(b),
        _ => return compare(op, a, b),
    };
    Some(Answer::Number(n as u64))
}

#[inline(always)]
fn on_words(op: Op, a: u64, b: u64) -> Option<Answer> {
    let n = match op {
        Op::Add => a.wrapping_add(b),
        Op::Sub => a.wrapping_sub(b),
        Op::Mul => a.wrapping_mul(b),
        Op::Negate => a.wrapping_neg(),
        Op::Abs => a,
        Op::Signum => a.min(1),
        _ => return compare(op, a, b),
    };
    Some(Answer::Number(n))
}

#[inline(always)]
fn on_doubles(op: Op, a: f64, b: f64) -> Option<Answer> {
    let n = match op {
        Op::Add => a + b,
        Op::Sub => a - b,
        Op::Mul => a * b,
        Op::Divide => a / b,
        Op::Negate => -a,
        Op::Abs => f64::from_bits(a.to_bits() & (u64::MAX >> 1)),
        // Zeros and NaN are their own.
        Op::Signum if a > 0.0 => 1.0,
        Op::Signum if a < 0.0 => -1.0,
        Op::Signum => a,
        // As the class defines them, which makes a difference for NaN and zeros.
        Op::Max => {
            if a <= b {
                b
            } else {
                a
            }
        }
        Op::Min => {
            if a <= b {
                a
            } else {
                b
            }
        }
        Op::Sqrt => libm::sqrt(a),
        _ => return compare(op, a, b),
    };
    Some(Answer::Number(n.to_bits()))
}

/// The number of kind `from` in `w` as one of kind `to`; none where that is no plain change of words.
#[inline(always)]
pub fn convert(from: Kind, to: Kind, w: Word) -> Option<Word> {
    match (from, to) {
        (Kind::Double, Kind::Double) => Some(w),
        (Kind::Double, _) => None,
        (Kind::Word, Kind::Integer | Kind::Double) => i64::try_from(w).ok().map(|n| of_integer(n, to)),
        (_, _) => Some(of_integer(w as i64, to)),
    }
}

/// A small Integer as a number of kind `to`.
#[inline(always)]
fn of_integer(n: i64, to: Kind) -> Word {
    if to == Kind::Double { (n as f64).to_bits() } else { n as u64 }
}

/// The whole number for the Double in `w`, where every whole number near it is a Double.
#[inline(always)]
pub fn whole(rounding: Rounding, w: Word) -> Option<Word> {
    const EXACT: f64 = (1u64 << 52) as f64;
    let x = f64::from_bits(w);
    if !(x > -EXACT && x < EXACT) {
        return None;
    }
    let n = x as i64;
    let n = match rounding {
        Rounding::Floor if n as f64 > x => n - 1,
        Rounding::Ceiling if (n as f64) < x => n + 1,
        _ => n,
    };
    Some(n as u64)
}

/// On small Integers, if the result is small.
#[inline(always)]
fn on_integers(op: Op, a: i64, b: i64) -> Option<Answer> {
    let n = match op {
        Op::Add => a.checked_add(b)?,
        Op::Sub => a.checked_sub(b)?,
        Op::Mul => a.checked_mul(b)?,
        Op::Quot | Op::Rem | Op::Div | Op::Mod => divide(op, a, b)?,
        Op::Negate => a.checked_neg()?,
        Op::Abs => a.checked_abs()?,
        Op::Signum => a.signum(),
        _ => return compare(op, a, b),
    };
    Some(Answer::Number(n as u64))
}
