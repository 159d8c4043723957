//! Mutable variables on a machine without a program.

use super::*;
use crate::primop::array::tests::{answer, machine, run};
use crate::primop::effect::Effect;

#[test]
fn compare_and_swap_succeeds_once() {
    let m = &mut machine();
    let var = run(m, Effect::NewMutVar, &[8]);
    assert_eq!(answer(m, Effect::CasMutVar, &[var, 8, 16]), Answer::words([0, 16]));
    assert_eq!(answer(m, Effect::CasMutVar, &[var, 8, 24]), Answer::words([1, 16]));
    assert_eq!(run(m, Effect::ReadMutVar, &[var]), 16);
}

#[test]
fn modifying_is_lazy() {
    let m = &mut machine();
    let var = run(m, Effect::NewMutVar, &[8]);
    let Answer::Words([old, applied, ..]) = answer(m, Effect::AtomicModifyMutVar2, &[var, 100]) else { panic!() };
    let at = Addr::from_word(applied);
    assert_eq!((old, m.mem.info(at)), (8, info::STG_AP_2_UPD));
    assert_eq!([16, 24].map(|f| m.mem.word(at + f)), [100, 8]);
    let first = Addr::from_word(run(m, Effect::ReadMutVar, &[var]));
    assert_eq!((m.mem.info(first), m.mem.word(first + THUNK_PAYLOAD)), (info::STG_SEL_0_UPD, applied));

    let Answer::Words([old, applied, ..]) = answer(m, Effect::AtomicModifyMutVar, &[var, 200]) else { panic!() };
    assert_eq!((old, run(m, Effect::ReadMutVar, &[var])), (first.word(), applied));
    assert_eq!([16, 24].map(|f| m.mem.word(Addr::from_word(applied) + f)), [200, first.word()]);
}
