//! Generic application: exact, too few, too many arguments, every pattern.

use crate::vm::*;
use Bci::*;
use bcvm::abi::request::Outcome;
use bcvm::bco::resolved::ResolvedBcoPtr::{Bco, Ref, StaticPtr};
use bcvm::bytecode::Bci;

/// A function of `n` pointers that returns argument `i`.
fn select(n: u32, i: u64) -> Asm {
    Asm::function(n, &"p".repeat(n as usize)).op(PUSH_L, &[i]).op(SLIDE, &[1, n as u64]).op(ENTER, &[])
}

/// Applies the function on top to boxes of 100, 101, ... in frames of the given sizes.
fn apply_to(f: Asm, frames: &[u64]) -> Asm {
    let total: u64 = frames.iter().sum();
    let mut asm = Asm::new();
    let mut next = total;
    for n in frames.iter().rev() {
        for _ in 0..*n {
            next -= 1;
            asm = asm.push_ubx(100 + next).pack(int_con(), 1);
        }
        let apply = [PUSH_APPLY_P, PUSH_APPLY_PP, PUSH_APPLY_PPP, PUSH_APPLY_PPPP, PUSH_APPLY_PPPPP, PUSH_APPLY_PPPPPP];
        asm = asm.op(apply[*n as usize - 1], &[]);
    }
    asm.push_g(Bco(f.done())).op(ENTER, &[])
}

#[test]
fn every_pattern_applies_exactly() {
    for n in 1..=6 {
        for i in 0..n {
            assert_eq!(run_int(apply_to(select(n as u32, i), &[n])), 100 + i as i64, "{i} of {n}");
        }
    }
}

#[test]
fn too_few_arguments_make_a_pap_that_takes_the_rest() {
    for frames in [&[1, 2][..], &[2, 1], &[1, 1, 1], &[3, 3], &[1, 5], &[2, 2, 2], &[5, 1]] {
        let n: u64 = frames.iter().sum();
        for i in 0..n {
            assert_eq!(run_int(apply_to(select(n as u32, i), frames)), 100 + i as i64, "{i} of {frames:?}");
        }
    }
}

#[test]
fn too_many_arguments_are_given_to_the_result() {
    // A function of 2 that returns a function of the other 4.
    for (inner, frames) in [(4, &[6][..]), (1, &[3]), (2, &[1, 3]), (3, &[5])] {
        let f = Asm::function(2, "pp").push_g(Bco(select(inner, 0).done())).op(SLIDE, &[1, 2]).op(ENTER, &[]);
        assert_eq!(run_int(apply_to(f, frames)), 102, "{inner} {frames:?}");
    }
}

#[test]
fn void_arguments_count_and_take_no_words() {
    // arity 3: pointer, void, pointer, given as p, v, p.
    let f = Asm::function(3, "pp").op(PUSH_L, &[1]).op(SLIDE, &[1, 2]).op(ENTER, &[]);
    let a = Asm::new()
        .push_ubx(2)
        .pack(int_con(), 1)
        .op(PUSH_APPLY_P, &[])
        .op(PUSH_APPLY_V, &[])
        .push_ubx(1)
        .pack(int_con(), 1)
        .op(PUSH_APPLY_P, &[])
        .push_g(Bco(f.done()))
        .op(ENTER, &[]);
    assert_eq!(run_int(a), 2);
}

#[test]
fn unboxed_arguments_of_each_representation() {
    for apply in [PUSH_APPLY_N, PUSH_APPLY_D, PUSH_APPLY_F, PUSH_APPLY_L] {
        let f = Asm::function(1, "n").op(PUSH_L, &[0]).return_int(1);
        let a = Asm::new().push_ubx(9).op(apply, &[]).push_g(Bco(f.done())).op(ENTER, &[]);
        assert_eq!(run_int(a), 9, "{apply:?}");
    }
}

#[test]
fn an_unevaluated_function_is_evaluated_first() {
    let mut m = machine();
    let thunk = Asm::new().push_g(Ref(1)).op(ENTER, &[]);
    let main = Asm::new().push_ubx(3).pack(int_con(), 1).op(PUSH_APPLY_P, &[]).push_g(Ref(0)).op(ENTER, &[]);
    let refs = create(&mut m, &[thunk.done(), select(1, 0).done(), main.done()]);
    assert_eq!(int_of(&mut m, refs[2]), 3);
}

#[test]
fn a_partial_application_of_a_primop() {
    // let f = (+#) 40 in f 2, with f shared by a PAP.
    let alts = Asm::alts("").op(PUSH_L, &[1]).return_int(4);
    let apply_f = Asm::function(1, "p")
        .push_alts(PUSH_ALTS_N, Asm::alts("p").op(PUSH_L, &[1]).op(SLIDE, &[1, 5]).op(RETURN_N, &[]))
        .push_ubx(2)
        .op(PUSH_APPLY_N, &[])
        .op(PUSH_L, &[4])
        .op(ENTER, &[]);
    let with_pap = Asm::alts("").push_alts(PUSH_ALTS_N, alts).op(PUSH_L, &[2]).op(PUSH_APPLY_P, &[]);
    let with_pap = with_pap.push_g(Bco(apply_f.done())).op(SLIDE, &[5, 3]).op(ENTER, &[]);
    let main = Asm::new()
        .push_alts(PUSH_ALTS, with_pap)
        .push_ubx(40)
        .op(PUSH_APPLY_N, &[])
        .push_g(primop("+#"))
        .op(ENTER, &[]);
    assert_eq!(run_int(main), 42);
}

#[test]
fn a_primop_given_more_than_it_takes_applies_its_result() {
    // seq# returns an unlifted result; indexArray# of a function is the honest case, readMutVar# a simpler one:
    // raise# takes one argument and never returns, so the rest is dropped.
    let mut m = machine();
    let unit = StaticPtr(static_ptr("ghczmprim_GHCziTuple_Z0T_closure"));
    let a = Asm::new().push_g(unit.clone()).push_g(unit).op(PUSH_APPLY_PP, &[]).push_g(primop("raise#")).op(ENTER, &[]);
    let r = create(&mut m, &[a.done()])[0];
    assert!(matches!(seq(&mut m, r), bcvm::abi::request::Outcome::Exception(..)));
}

#[test]
fn byte_code_without_arguments_is_no_function() {
    // A nested BCO is pushed as it is, not as a thunk of it.
    let nested = Asm::new().push_ubx(1).return_int(0).done();
    let a = Asm::new().push_ubx(0).op(PUSH_APPLY_N, &[]).push_g(Bco(nested)).op(ENTER, &[]);
    let mut m = machine();
    let r = create(&mut m, &[a.done()])[0];
    assert!(matches!(seq(&mut m, r), Outcome::Crash(why) if why.contains("takes no arguments")));
}
