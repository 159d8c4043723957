//! Weak pointers on a machine without a program.

use super::*;
use crate::gc::Kind;
use crate::libc::table as libc;
use crate::primop::array::tests::{answer, collect, machine, run};
use crate::primop::effect::Effect;

/// The address of a C function of one argument.
fn strlen() -> Word {
    libc::address(libc::find("strlen").expect("built in")).word()
}

#[test]
fn a_weak_pointer_is_finalized_once() {
    let m = &mut machine();
    let unit = Builtin::Unit.ptr().word();
    let w = run(m, Effect::MkWeak, &[unit, 8, unit]);
    assert_eq!(answer(m, Effect::DeRefWeak, &[w]), Answer::words([1, 8]));
    assert_eq!(answer(m, Effect::FinalizeWeak, &[w]), Answer::words([1, unit]));
    let none = Builtin::NoFinalizer.ptr().word();
    for op in [Effect::FinalizeWeak, Effect::DeRefWeak] {
        assert_eq!(answer(m, op, &[w]), Answer::words([0, none]));
    }
    assert_eq!(run(m, Effect::AddCFinalizerToWeak, &[strlen(), 0, 0, 0, w]), 0);
    let w = run(m, Effect::MkWeakNoFinalizer, &[unit, unit]);
    assert_eq!(answer(m, Effect::FinalizeWeak, &[w]), Answer::words([0, none]));
}

#[test]
fn c_finalizers_run_when_the_key_dies_and_start_no_thread() {
    let m = &mut machine();
    let key = run(m, Effect::NewMutVar, &[Builtin::Unit.ptr().word()]);
    let w = run(m, Effect::MkWeakNoFinalizer, &[key, key]);
    let empty = m.allocate(1).unwrap();
    m.mem.set_word(empty, 0);
    for _ in 0..3 {
        assert_eq!(run(m, Effect::AddCFinalizerToWeak, &[strlen(), empty.word(), 0, 0, w]), 1);
    }
    let w = collect(m, Kind::Major, w);
    assert_eq!(m.mem.info(Addr::from_word(w)), info::STG_DEAD_WEAK);
    assert_eq!(m.heap.threads.iter().count(), 0);
}
