//! `qsort`, `qsort_r` and `bsearch`: the program says what comes first.
//!
//! Whatever it says, elements are only moved, each call makes a bounded number of comparisons, and memory is touched
//! within the array.

use super::table::functions;
use crate::interp::machine::Machine;
use crate::primop::table::Rep;
use crate::word::{Addr, Word};
use core::cmp::Ordering;

/// The program's function, and what `qsort_r` gives it beside the elements.
#[derive(Clone, Copy)]
struct Comparison {
    function: Word,
    argument: Option<Word>,
}

/// What the function says of the elements at `a` and `b`; none when the program ends.
fn compare(m: &mut Machine, by: Comparison, a: Word, b: Word) -> Option<Ordering> {
    let args = [(Rep::N, a), (Rep::N, b), (Rep::N, by.argument.unwrap_or(0))];
    match m.call_c(by.function, &args[..2 + by.argument.is_some() as usize], Rep::N) {
        Ok(answer) if m.crash_report.is_empty() => Some((answer as i32).cmp(&0)),
        Ok(_) => None,
        Err(why) => {
            m.end_program(why);
            None
        }
    }
}

/// `qsort`: merges runs of twice the length until one is left, as glibc does, so that equal elements keep their order.
fn qsort(m: &mut Machine, [base, count, size]: [Word; 3], by: Comparison) -> Option<()> {
    let (Some(bytes), true) = (count.checked_mul(size), count > 1 && size > 0) else { return Some(()) };
    let Some(spare) = m.c_allocate(bytes) else {
        m.end_program(alloc::format!("qsort: no memory to sort {bytes} bytes"));
        return None;
    };
    let (mut from, mut to) = (base, spare.word());
    let mut run = 1;
    let mut sorted = Some(());
    while run < count && sorted.is_some() {
        let mut start = 0;
        while start < count && sorted.is_some() {
            let (middle, end) = ((start + run).min(count), (start + 2 * run).min(count));
            sorted = merge(m, [from, to], size, [start, middle, end], by);
            start = end;
        }
        run *= 2;
        core::mem::swap(&mut from, &mut to);
    }
    if from != base {
        m.mem.move_bytes(Addr::from_word(base), Addr::from_word(from), bytes as u32);
    }
    m.c_free(spare.word());
    sorted
}

/// Merges the elements from `start` to `middle` and those from there to `end`, from the array at `from` to that at `to`.
fn merge(
    m: &mut Machine,
    [from, to]: [Word; 2],
    size: Word,
    [start, middle, end]: [Word; 3],
    by: Comparison,
) -> Option<()> {
    let (mut left, mut right) = (start, middle);
    for at in start..end {
        let take_left = match (left < middle, right < end) {
            (true, true) => compare(m, by, from + left * size, from + right * size)? != Ordering::Greater,
            (has_left, _) => has_left,
        };
        let next = if take_left { &mut left } else { &mut right };
        let source = Addr::from_word(from + *next * size);
        *next += 1;
        m.mem.move_bytes(Addr::from_word(to + at * size), source, size as u32);
    }
    Some(())
}

/// `bsearch`: the address of an element that is like the one at `key`, or null.
fn bsearch(m: &mut Machine, [key, base, count, size, function]: [Word; 5]) -> Option<Word> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        let element = base.wrapping_add(middle.wrapping_mul(size));
        match compare(m, Comparison { function, argument: None }, key, element)? {
            Ordering::Equal => return Some(element),
            Ordering::Less => high = middle,
            Ordering::Greater => low = middle + 1,
        }
    }
    None
}

functions! {
    "qsort" "nnnn" b'v' = |m, [base, count, size, function, ..]| {
        let _ = qsort(m, [base, count, size], Comparison { function, argument: None });
        0
    };
    "qsort_r" "nnnnn" b'v' = |m, [base, count, size, function, argument, ..]| {
        let _ = qsort(m, [base, count, size], Comparison { function, argument: Some(argument) });
        0
    };
    "bsearch" "nnnnn" b'n' = |m, [key, base, count, size, function, ..]| {
        bsearch(m, [key, base, count, size, function]).unwrap_or(0)
    };
}

#[cfg(test)]
mod tests;
