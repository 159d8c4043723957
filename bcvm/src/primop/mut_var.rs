//! Mutable variables.

use super::effect::{Answer, Args};
use crate::entry::table::info;
use crate::interp::machine::Machine;
use crate::layout::closure::mut_var::{SIZE_W, VAR};
use crate::word::{Addr, ClosurePtr};

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
    let var = ClosurePtr::from_word(args[0]).addr();
    m.mem.set_word(var + VAR, args[1]);
    m.heap.dirty_mut_var(&mut m.mem, var);
    Answer::VOID
}
