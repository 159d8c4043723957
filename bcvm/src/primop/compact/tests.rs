//! Adding to a region on a machine without a program. Evaluation on the way is tested by programs of GHC's.

use super::*;
use crate::gc;
use crate::primop::array::tests::{answer, collect, machine, run};

/// Two cells of a list that ends in itself.
fn cycle(m: &mut Machine) -> Word {
    let [a, b] = [(); 2].map(|()| m.allocate(3).unwrap());
    for (cell, next) in [(a, b), (b, a)] {
        m.mem.set_info(cell, info::CONS_CON);
        m.mem.set_closure(cell + PAYLOAD, Builtin::Unit.ptr());
        m.mem.set_closure(cell + PAYLOAD + WORD, ClosurePtr::from(next).with_tag(2));
    }
    ClosurePtr::from(a).with_tag(2).word()
}

#[test]
fn cycles_are_copied_and_stay_where_they_are() {
    let m = &mut machine();
    let region = run(m, Effect::CompactNew, &[1000]);
    let list = cycle(m);
    let copy = run(m, Effect::CompactAdd, &[region, list]);
    assert_eq!(run(m, Effect::CompactContains, &[region, copy]), 1);
    assert_eq!(run(m, Effect::CompactContainsAny, &[list]), 0);
    assert_eq!(run(m, Effect::CompactAdd, &[region, copy]), copy);
    assert_eq!(collect(m, gc::Kind::Major, copy), copy);
    let third = m.mem.closure(m.mem.closure(ClosurePtr::from_word(copy).addr() + 16).addr() + 16);
    assert_eq!(third.word(), copy);
}

#[test]
fn what_may_not_be_in_a_region_is_refused() {
    let m = &mut machine();
    let region = run(m, Effect::CompactNew, &[1000]);
    let refused = |m: &mut Machine, x, why| {
        let expected = Answer::Raise(m.exception(why));
        assert_eq!(answer(m, Effect::CompactAdd, &[region, x]), expected);
    };
    let var = run(m, Effect::NewMutVar, &[Builtin::Unit.ptr().word()]);
    refused(m, var, Builtin::CannotCompactMutable);
    let pinned = run(m, Effect::NewPinnedByteArray, &[16]);
    refused(m, pinned, Builtin::CannotCompactPinned);
    refused(m, closures::wrapper(0).word(), Builtin::CannotCompactFunction);
    assert_eq!(answer(m, Effect::CompactSize, &[var]), NO_REGION);
    let array = run(m, Effect::NewByteArray, &[16]);
    run(m, Effect::CompactAdd, &[region, array]);
}

#[test]
fn what_finds_no_room_leaves_the_region_as_it_was() {
    let m = &mut machine();
    let region = run(m, Effect::CompactNew, &[1000]);
    let size = run(m, Effect::CompactSize, &[region]);
    // Of the heap's 4 MiB.
    const BYTES: u64 = 600 << 10;
    let mut list = Builtin::Nil.ptr().word();
    for _ in 0..3 {
        let array = run(m, Effect::NewByteArray, &[BYTES]);
        let cell = m.allocate(3).unwrap();
        m.mem.set_info(cell, info::CONS_CON);
        m.mem.set_word(cell + PAYLOAD, array);
        m.mem.set_word(cell + PAYLOAD + WORD, list);
        list = ClosurePtr::from(cell).with_tag(2).word();
    }
    let Answer::NeedHeap(words) = answer(m, Effect::CompactAdd, &[region, list]) else { panic!("it found room") };
    assert!(u64::from(words) * 8 >= BYTES, "{words}");
    assert_eq!(m.heap.refused_w, Some(words));
    assert_eq!(run(m, Effect::CompactSize, &[region]), size);
}
