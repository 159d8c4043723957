//! Closures taken apart on a machine without a program.

use super::*;
use crate::entry::closures::Builtin;
use crate::primop::array::tests::{answer, machine, run};
use crate::primop::effect::Effect;

#[test]
fn a_list_cell_comes_apart() {
    let m = &mut machine();
    let cell = m.allocate(3).unwrap();
    m.mem.set_info(cell, info::CONS_CON);
    m.mem.set_closure(cell + 8, Builtin::True.ptr());
    m.mem.set_closure(cell + 16, Builtin::Nil.ptr());
    assert_eq!(run(m, Effect::ClosureSize, &[cell.word() | 2]), 3);
    let Answer::Words([table, bytes, ptrs, _]) = answer(m, Effect::UnpackClosure, &[cell.word() | 2]) else { panic!() };
    assert_eq!(table, info::CONS_CON.word() - 16);
    assert_eq!(run(m, Effect::SizeofByteArray, &[bytes]), 24);
    assert_eq!(m.mem.word(Addr::from_word(bytes) + arr_words::PAYLOAD), info::CONS_CON.word());
    assert_eq!(run(m, Effect::SizeofArray, &[ptrs]), 2);
    assert_eq!(run(m, Effect::IndexArray, &[ptrs, 0]), Builtin::True.ptr().word());
}

#[test]
fn the_words_of_a_stopped_stack() {
    let m = &mut machine();
    let c = m.allocate(ap_stack::SIZE_W + 2).unwrap();
    m.mem.set_info(c, info::STG_AP_STACK);
    m.mem.set_word(c + ap_stack::SIZE, 2);
    m.mem.set_word(c + ap_stack::PAYLOAD + WORD, 77);
    assert_eq!(answer(m, Effect::GetApStackVal, &[c.word(), 1]), Answer::words([1, 77]));
    assert_eq!(answer(m, Effect::GetApStackVal, &[c.word(), 2]), Answer::words([0, c.word()]));
    let unit = Builtin::Unit.ptr().word();
    assert_eq!(answer(m, Effect::GetApStackVal, &[unit, 0]), Answer::words([0, unit]));
}
