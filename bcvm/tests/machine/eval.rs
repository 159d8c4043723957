//! Thunks: evaluation, sharing, blackholing, deep recursion, limits of the stack and the heap.

use crate::vm::*;
use Bci::*;
use bcvm::abi::request::{Exception, Expr, Mode, Outcome, Reply, Request};
use bcvm::bco::resolved::ResolvedBcoPtr::{Bco, Ref, StaticPtr};
use bcvm::bytecode::Bci;

#[test]
fn a_thunk_is_evaluated_once() {
    // BCO 0 builds a box; BCO 1 evaluates it and returns the very same object.
    let mut m = machine();
    let refs =
        create(&mut m, &[Asm::new().push_ubx(3).return_int(0).done(), Asm::new().push_g(Ref(0)).op(ENTER, &[]).done()]);
    assert_eq!(int_of(&mut m, refs[1]), 3);
    let before = allocated(&mut m);
    assert_eq!(int_of(&mut m, refs[0]), 3);
    // Only the thread itself is allocated: the thunk was updated.
    assert!(allocated(&mut m) - before < 200, "evaluated again");
}

fn allocated(m: &mut bcvm::interp::machine::Machine) -> u64 {
    match m.serve(Request::Stats) {
        Reply::Stats(s) => s.allocated_words,
        other => panic!("{other:?}"),
    }
}

/// `f n = case n of 0 -> 0; _ -> 1 + f (n - 1)` on raw Int#: stack as deep as `n`.
fn count_up(n: u64) -> Vec<bcvm::bco::resolved::ResolvedBco> {
    // f: arity 1, one non-pointer word.
    // [stg_ret_n, n - 1, ctoi, BCO, n]
    let recurse = Asm::alts("n")
        .push_alts(PUSH_ALTS_N, one_plus("nnnnn"))
        .op(PUSH_L, &[3])
        .op(PUSH_APPLY_N, &[])
        .push_g(Ref(0))
        .op(ENTER, &[]);
    // [stg_ret_n, n == 0, ctoi, BCO, n]
    let mut test = Asm::alts("n");
    let l = test.lit(1);
    let then = |a: Asm| a.push_ubx(0).op(SLIDE, &[1, 5]).op(RETURN_N, &[]);
    let fail_at = then(test.clone().op(TESTEQ_I, &[l, 0])).here();
    let test = then(test.op(TESTEQ_I, &[l, fail_at]))
        .op(SLIDE, &[0, 4])
        .push_alts(PUSH_ALTS_N, recurse)
        .push_ubx(1)
        .op(PUSH_APPLY_N, &[])
        .op(PUSH_L, &[4])
        .op(PUSH_APPLY_N, &[])
        .push_g(primop("-#"))
        .op(ENTER, &[]);
    let f = Asm::function(1, "n")
        .push_alts(PUSH_ALTS_N, test)
        .push_ubx(0)
        .op(PUSH_APPLY_N, &[])
        .op(PUSH_L, &[4])
        .op(PUSH_APPLY_N, &[])
        .push_g(primop("==#"))
        .op(ENTER, &[]);
    let boxed = Asm::alts("").op(PUSH_L, &[1]).return_int(4);
    let main = Asm::new().push_alts(PUSH_ALTS_N, boxed).push_ubx(n).op(PUSH_APPLY_N, &[]).push_g(Ref(0)).op(ENTER, &[]);
    vec![f.done(), main.done()]
}

/// The alternatives of the recursive call: its frame holds the words of `recurse`'s own.
fn one_plus(live: &str) -> Asm {
    let after = format!("nnnn{live}");
    Asm::alts(live)
        .push_alts(
            PUSH_ALTS_N,
            Asm::alts(&after).op(PUSH_L, &[1]).op(SLIDE, &[1, 4 + after.len() as u64]).op(RETURN_N, &[]),
        )
        .push_ubx(1)
        .op(PUSH_APPLY_N, &[])
        .op(PUSH_L, &[5])
        .op(PUSH_APPLY_N, &[])
        .push_g(primop("+#"))
        .op(ENTER, &[])
}

#[test]
fn recursion_runs_over_many_stack_chunks() {
    let mut m = machine_with(64 << 20, |c| {
        c.stack_chunk_w = 256;
        c.heap_config.gc_every_n_allocations = 1000;
    });
    let refs = create(&mut m, &count_up(20_000));
    assert_eq!(int_of(&mut m, refs[1]), 20_000);
}

#[test]
fn endless_recursion_overflows_the_stack_and_the_machine_goes_on() {
    let mut m = machine_with(32 << 20, |c| c.heap_config.gc_every_n_allocations = 1000);
    let refs = create(&mut m, &count_up(u64::MAX));
    for _ in 0..3 {
        match seq(&mut m, refs[1]) {
            Outcome::Exception(Exception { name, .. }) => assert_eq!(name, "base:GHC.IO.Exception.StackOverflow"),
            other => panic!("{other:?}"),
        }
    }
    let again = create(&mut m, &count_up(100));
    assert_eq!(int_of(&mut m, again[1]), 100);
}

#[test]
fn endless_allocation_overflows_the_heap_and_the_machine_goes_on() {
    // xs = 1 : xs' built strictly without end: f acc = f (1 : acc).
    let cons = con_info("ghczmprim_GHCziTypes_ZC");
    let f = Asm::function(1, "p")
        .op(PUSH_L, &[0])
        .push_g(StaticPtr(static_ptr("ghczmprim_GHCziTuple_Z0T_closure")))
        .pack(cons, 2)
        .op(PUSH_APPLY_P, &[])
        .push_g(Ref(0))
        .op(SLIDE, &[3, 1])
        .op(ENTER, &[]);
    let main = Asm::new()
        .push_g(StaticPtr(static_ptr("ghczmprim_GHCziTypes_ZMZN_closure")))
        .op(PUSH_APPLY_P, &[])
        .push_g(Ref(0))
        .op(ENTER, &[]);
    let mut m = machine_with(32 << 20, |c| c.heap_config.gc_every_n_allocations = 10_000);
    let refs = create(&mut m, &[f.done(), main.done()]);
    match seq(&mut m, refs[1]) {
        Outcome::Exception(Exception { name, .. }) => assert_eq!(name, "base:GHC.IO.Exception.HeapOverflow"),
        other => panic!("{other:?}"),
    }
    let small = create(&mut m, &[Asm::new().push_ubx(1).return_int(0).done()]);
    assert_eq!(int_of(&mut m, small[0]), 1);
}

#[test]
fn a_thunk_that_needs_itself_does_not_terminate() {
    let mut m = machine();
    let refs = create(&mut m, &[Asm::new().push_g(Ref(0)).op(ENTER, &[]).done()]);
    match seq(&mut m, refs[0]) {
        Outcome::Exception(Exception { name, .. }) => assert_eq!(name, "base:Control.Exception.Base.NonTermination"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn ap_and_pap_are_filled_by_mkap_and_mkpap() {
    // A thunk that adds its two free words: AP over BCO [a, b].
    let sum = |live: &str| {
        let alts = Asm::alts(live).op(PUSH_L, &[1]).return_int(4 + live.len() as u64);
        Asm::function(0, live)
            .push_alts(PUSH_ALTS_N, alts)
            .op(PUSH_L, &[3])
            .op(PUSH_APPLY_N, &[])
            .op(PUSH_L, &[4])
            .op(PUSH_APPLY_N, &[])
            .push_g(primop("+#"))
            .op(ENTER, &[])
    };
    for alloc in [ALLOC_AP, ALLOC_AP_NOUPD] {
        let a = Asm::new()
            .op(alloc, &[2])
            .push_ubx(30)
            .push_ubx(12)
            .push_g(Bco(sum("nn").done()))
            .op(MKAP, &[3, 2])
            .op(ENTER, &[]);
        assert_eq!(run_int(a), 42, "{alloc:?}");
    }
    // A partial application of two words, given none but a pointer it ignores.
    let ignoring = Asm::function(1, "nnp").op(PUSH_L, &[1]).return_int(3);
    let a = Asm::new()
        .push_g(StaticPtr(static_ptr("ghczmprim_GHCziTuple_Z0T_closure")))
        .op(PUSH_APPLY_P, &[])
        .op(ALLOC_PAP, &[1, 2])
        .push_ubx(55)
        .push_ubx(66)
        .push_g(Bco(ignoring.done()))
        .op(MKPAP, &[3, 2])
        .op(ENTER, &[]);
    assert_eq!(run_int(a), 55);
}

#[test]
fn an_application_is_lazy_and_runs() {
    let mut m = machine();
    let id = Asm::function(1, "p").op(ENTER, &[]);
    let refs = create(&mut m, &[id.done(), Asm::new().push_ubx(9).return_int(0).done()]);
    let out = eval(&mut m, Mode::Io, Expr::app(refs[0], [Expr::Ref(refs[1])]));
    // Not an IO action: applying the Int to State# is a crash, and the machine survives it.
    assert!(matches!(out, Outcome::Crash(_)), "{out:?}");
    assert_eq!(eval(&mut m, Mode::Seq, Expr::app(refs[0], [Expr::Ref(refs[1])])), Outcome::Refs(vec![]));
}

#[test]
fn io_results_are_not_evaluated() {
    let mut m = machine();
    // \s -> (# s, loop #)
    let bottom = Asm::new().push_g(Ref(0)).op(ENTER, &[]).done();
    let io = Asm::function(1, "").push_g(Ref(0)).op(RETURN_P, &[]).done();
    let refs = create(&mut m, &[bottom, io]);
    assert!(matches!(eval(&mut m, Mode::Io, Expr::Ref(refs[1])), Outcome::Refs(r) if r.len() == 1));
}

#[test]
fn strings_and_lists_come_out_whole() {
    let mut m = machine();
    let cons = con_info("ghczmprim_GHCziTypes_ZC");
    let c = con_info("ghczmprim_GHCziTypes_Czh");
    let mut list = Asm::new().push_g(StaticPtr(static_ptr("ghczmprim_GHCziTypes_ZMZN_closure")));
    for ch in "héllo".chars().rev() {
        list = list.push_ubx(ch as u64).pack(c, 1).pack(cons, 2);
    }
    let io = Asm::function(1, "").push_g(Ref(0)).op(RETURN_P, &[]).done();
    let refs = create(&mut m, &[list.op(ENTER, &[]).done(), io]);
    assert_eq!(eval(&mut m, Mode::IoString, Expr::Ref(refs[1])), Outcome::String("héllo".into()));
    assert!(matches!(eval(&mut m, Mode::IoList, Expr::Ref(refs[1])), Outcome::Refs(r) if r.len() == 5));
}

#[test]
fn words_of_a_result_are_those_of_the_constructor_at_its_end() {
    let mut m = machine();
    let c = con_info("ghczmprim_GHCziTypes_Czh");
    let boxed = Asm::new().push_ubx(7).pack(c, 1).op(ENTER, &[]).done();
    let io = Asm::function(1, "").push_g(Ref(0)).op(RETURN_P, &[]).done();
    let refs = create(&mut m, &[boxed, io]);
    // Nobody has evaluated it: the fields of a thunk mean nothing.
    assert_eq!(eval(&mut m, Mode::IoWords, Expr::Ref(refs[1])), Outcome::Words(vec![]));
    assert_eq!(eval(&mut m, Mode::Seq, Expr::Ref(refs[0])), Outcome::Refs(vec![]));
    assert_eq!(eval(&mut m, Mode::IoWords, Expr::Ref(refs[1])), Outcome::Words(vec![7]));
}

#[test]
fn wild_addresses_end_the_evaluation_only() {
    let mut m = machine();
    let alts = Asm::alts("").op(PUSH_L, &[1]).return_int(4);
    let read = Asm::new()
        .push_alts(PUSH_ALTS_N, alts)
        .push_ubx(0)
        .op(PUSH_APPLY_N, &[])
        .push_ubx(0)
        .op(PUSH_APPLY_N, &[])
        .push_g(primop("indexIntOffAddr#"))
        .op(ENTER, &[]);
    let enter = Asm::new().push_ubx(0xdead_beef_0000).op(ENTER, &[]);
    let apply = Asm::new().push_g(StaticPtr(static_ptr("ghczmprim_GHCziTuple_Z0T_closure"))).op(PUSH_APPLY_P, &[]);
    let apply = apply.push_ubx(4).op(ENTER, &[]);
    let refs = create(&mut m, &[read.done(), enter.done(), apply.done()]);
    for r in refs {
        assert!(matches!(seq(&mut m, r), Outcome::Crash(_)));
    }
    let r = create(&mut m, &[Asm::new().push_ubx(5).return_int(0).done()])[0];
    assert_eq!(int_of(&mut m, r), 5);
}

#[test]
fn division_by_zero_ends_the_evaluation_only() {
    let mut m = machine();
    let alts = Asm::alts("").op(PUSH_L, &[1]).return_int(4);
    let a = Asm::new()
        .push_alts(PUSH_ALTS_N, alts)
        .push_ubx(0)
        .op(PUSH_APPLY_N, &[])
        .push_ubx(1)
        .op(PUSH_APPLY_N, &[])
        .push_g(primop("quotInt#"))
        .op(ENTER, &[]);
    let r = create(&mut m, &[a.done()])[0];
    assert!(matches!(seq(&mut m, r), Outcome::Crash(why) if why.contains("quotInt#")));
}
