//! Mutable variables.

use super::effect::{Answer, Args};
use crate::entry::table::info;
use crate::interp::machine::Machine;
use crate::layout::closure::THUNK_PAYLOAD;
use crate::layout::closure::mut_var::{SIZE_W, VAR};
use crate::word::{Addr, ClosurePtr, WORD, Word};

/// Words of a `stg_ap_2_upd` thunk and of a selector.
const AP_2_W: u32 = 4;
const SELECTOR_W: u32 = 3;

/// `newMutVar#`.
pub fn new(m: &mut Machine, args: &Args) -> Answer {
    let Some(var) = m.allocate(SIZE_W) else { return Answer::NeedHeap(SIZE_W) };
    m.mem.set_info(var, info::STG_MUT_VAR_DIRTY);
    m.mem.set_word(var + VAR, args[0]);
    Answer::ptr(var)
}

/// `readMutVar#`.
pub fn read(m: &mut Machine, args: &Args) -> Answer {
    Answer::Word(m.mem.word(Addr::from_word(args[0]) + VAR))
}

/// `writeMutVar#` (`dirty_MUT_VAR`).
pub fn write(m: &mut Machine, args: &Args) -> Answer {
    set(m, args[0], args[1]);
    Answer::VOID
}

fn set(m: &mut Machine, var: Word, value: Word) {
    let var = ClosurePtr::from_word(var).addr();
    m.mem.set_word(var + VAR, value);
    m.heap.dirty_mut_var(&mut m.mem, var);
}

/// `casMutVar#`: variable, expected value, new one; 0 and the new one, or 1 and the one that is there.
pub fn cas(m: &mut Machine, args: &Args) -> Answer {
    let there = m.mem.word(Addr::from_word(args[0]) + VAR);
    if there != args[1] {
        return Answer::words([1, there]);
    }
    set(m, args[0], args[2]);
    Answer::words([0, args[2]])
}

/// Writes the thunk of `f x` to `at`.
fn application(m: &mut Machine, at: Addr, f: Word, x: Word) {
    m.mem.set_info(at, info::STG_AP_2_UPD);
    m.mem.set_word(at + WORD, 0);
    m.mem.set_word(at + THUNK_PAYLOAD, f);
    m.mem.set_word(at + THUNK_PAYLOAD + WORD, x);
}

/// `atomicModifyMutVar2#`: variable, function; the old value x and the thunk of `f x`, whose first field becomes the
/// value.
pub fn modify_2(m: &mut Machine, args: &Args) -> Answer {
    let words = AP_2_W + SELECTOR_W;
    let Some(applied) = m.allocate(words) else { return Answer::NeedHeap(words) };
    let first = applied.offset_w(AP_2_W);
    let old = m.mem.word(Addr::from_word(args[0]) + VAR);
    application(m, applied, args[1], old);
    m.mem.set_info(first, info::STG_SEL_0_UPD);
    m.mem.set_word(first + WORD, 0);
    m.mem.set_closure(first + THUNK_PAYLOAD, applied.into());
    set(m, args[0], first.word());
    Answer::words([old, applied.word()])
}

/// `atomicModifyMutVar_#`: variable, function; the old value x and the new one, the thunk of `f x`.
pub fn modify(m: &mut Machine, args: &Args) -> Answer {
    let Some(applied) = m.allocate(AP_2_W) else { return Answer::NeedHeap(AP_2_W) };
    let old = m.mem.word(Addr::from_word(args[0]) + VAR);
    application(m, applied, args[1], old);
    set(m, args[0], applied.word());
    Answer::words([old, applied.word()])
}

#[cfg(test)]
mod tests;
