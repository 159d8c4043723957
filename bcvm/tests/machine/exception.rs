//! Exceptions and masking, on the Haskell stack.

use crate::vm::*;
use Bci::*;
use bcvm::abi::request::{Exception, Expr, Mode, Outcome};
use bcvm::bco::resolved::ResolvedBcoPtr::{Bco, Ref, StaticPtr};
use bcvm::bytecode::Bci;

/// An Int as an evaluated box would be pushed.
fn push_int(asm: Asm, n: u64) -> Asm {
    asm.push_ubx(n).pack(int_con(), 1)
}

/// `\s -> raiseIO# (I# n) s`.
fn raise_io(n: u64) -> Asm {
    let a = Asm::function(1, "").op(PUSH_APPLY_V, &[]);
    push_int(a, n).op(PUSH_APPLY_P, &[]).push_g(primop("raiseIO#")).op(ENTER, &[])
}

/// `\e s -> (# s, e #)`.
fn return_exception() -> Asm {
    Asm::function(2, "p").op(RETURN_P, &[])
}

/// `\s -> catch# action handler s`.
fn catch(action: Asm, handler: Asm) -> Asm {
    Asm::function(1, "")
        .op(PUSH_APPLY_V, &[])
        .push_g(Bco(handler.done()))
        .push_g(Bco(action.done()))
        .op(PUSH_APPLY_PP, &[])
        .push_g(primop("catch#"))
        .op(ENTER, &[])
}

/// Runs an IO action and answers the Int it returns.
fn run_io(bcos: Vec<Asm>) -> i64 {
    let mut m = machine();
    let bcos: Vec<_> = bcos.into_iter().map(Asm::done).collect();
    let refs = create(&mut m, &bcos);
    match eval(&mut m, Mode::Io, Expr::Ref(refs[0])) {
        Outcome::Refs(r) => int_of(&mut m, r[0]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_exception_reaches_its_handler() {
    assert_eq!(run_io(vec![catch(raise_io(7), return_exception())]), 7);
}

#[test]
fn a_handler_is_not_run_without_one() {
    let fine = push_int(Asm::function(1, ""), 3).op(RETURN_P, &[]);
    assert_eq!(run_io(vec![catch(fine, return_exception())]), 3);
}

#[test]
fn an_exception_in_a_handler_goes_to_the_next() {
    // The inner handler raises what it got.
    let again = Asm::function(2, "p")
        .op(PUSH_APPLY_V, &[])
        .op(PUSH_L, &[1])
        .op(PUSH_APPLY_P, &[])
        .push_g(primop("raiseIO#"))
        .op(SLIDE, &[4, 1])
        .op(ENTER, &[]);
    assert_eq!(run_io(vec![catch(catch(raise_io(8), again), return_exception())]), 8);
}

#[test]
fn an_uncaught_exception_is_the_answer() {
    let mut m = machine();
    let refs = create(&mut m, &[raise_io(5).done()]);
    match eval(&mut m, Mode::Io, Expr::Ref(refs[0])) {
        Outcome::Exception(Exception { value: r, name, .. }) => {
            assert_eq!(name, "ghc-prim:GHC.Types.I#");
            assert_eq!(int_of(&mut m, r), 5);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_thunk_that_raised_raises_again() {
    // raise# in pure code, under an update frame.
    let mut m = machine();
    let bad = push_int(Asm::new(), 6).op(PUSH_APPLY_P, &[]).push_g(primop("raise#")).op(ENTER, &[]);
    let refs = create(&mut m, &[bad.done()]);
    for _ in 0..2 {
        match seq(&mut m, refs[0]) {
            Outcome::Exception(Exception { value: r, .. }) => assert_eq!(int_of(&mut m, r), 6),
            other => panic!("{other:?}"),
        }
    }
}

/// `\s -> case getMaskingState# s of n -> (# s, I# n #)`.
fn masking_state() -> Asm {
    let alts = Asm::alts("").op(PUSH_L, &[1]).pack(int_con(), 1).op(SLIDE, &[1, 4]).op(RETURN_P, &[]);
    Asm::function(1, "")
        .push_alts(PUSH_ALTS_N, alts)
        .op(PUSH_APPLY_V, &[])
        .push_g(primop("getMaskingState#"))
        .op(ENTER, &[])
}

/// `\s -> op action s`.
fn under(op: &str, action: Asm) -> Asm {
    Asm::function(1, "")
        .op(PUSH_APPLY_V, &[])
        .push_g(Bco(action.done()))
        .op(PUSH_APPLY_P, &[])
        .push_g(primop(op))
        .op(ENTER, &[])
}

#[test]
fn masking_nests_and_ends() {
    assert_eq!(run_io(vec![masking_state()]), 0);
    assert_eq!(run_io(vec![under("maskAsyncExceptions#", masking_state())]), 2);
    assert_eq!(run_io(vec![under("maskUninterruptible#", masking_state())]), 1);
    let inner = under("unmaskAsyncExceptions#", masking_state());
    assert_eq!(run_io(vec![under("maskAsyncExceptions#", inner)]), 0);
    let inner = under("maskAsyncExceptions#", masking_state());
    assert_eq!(run_io(vec![under("maskUninterruptible#", inner)]), 2);
}

#[test]
fn a_masked_action_leaves_the_state_as_it_was() {
    // case maskAsyncExceptions# action s of _ -> getMaskingState#
    let rest =
        Asm::alts("").op(SLIDE, &[0, 4]).op(PUSH_APPLY_V, &[]).push_g(Bco(masking_state().done())).op(ENTER, &[]);
    let a = Asm::function(1, "")
        .push_alts(PUSH_ALTS_P, rest)
        .op(PUSH_APPLY_V, &[])
        .push_g(Bco(masking_state().done()))
        .op(PUSH_APPLY_P, &[])
        .push_g(primop("maskAsyncExceptions#"))
        .op(ENTER, &[]);
    assert_eq!(run_io(vec![a]), 0);
}

#[test]
fn handlers_run_masked_and_return_to_the_state_of_catch() {
    let state_in_handler = Asm::function(2, "p")
        .op(SLIDE, &[0, 1])
        .op(PUSH_APPLY_V, &[])
        .push_g(Bco(masking_state().done()))
        .op(ENTER, &[]);
    assert_eq!(run_io(vec![catch(raise_io(1), state_in_handler.clone())]), 2);
    let rest =
        Asm::alts("").op(SLIDE, &[0, 4]).op(PUSH_APPLY_V, &[]).push_g(Bco(masking_state().done())).op(ENTER, &[]);
    let after = Asm::function(1, "")
        .push_alts(PUSH_ALTS_P, rest)
        .op(PUSH_APPLY_V, &[])
        .push_g(Bco(catch(raise_io(1), state_in_handler).done()))
        .op(ENTER, &[]);
    assert_eq!(run_io(vec![after]), 0);
}

#[test]
fn a_limit_can_be_caught_and_a_suspended_thunk_goes_on() {
    // Non-termination of BCO 1 is caught by the handler of BCO 0.
    let force = Asm::function(1, "")
        .push_alts(PUSH_ALTS, Asm::alts("").op(SLIDE, &[1, 2]).op(RETURN_P, &[]))
        .push_g(Ref(1))
        .op(ENTER, &[]);
    let handler = push_int(Asm::function(2, "p"), 4).op(SLIDE, &[1, 1]).op(RETURN_P, &[]);
    let bottom = Asm::new().push_g(Ref(1)).op(ENTER, &[]);
    assert_eq!(run_io(vec![catch(force, handler), bottom]), 4);
}

#[test]
fn seq_and_data_to_tag_evaluate() {
    let gt = StaticPtr(static_ptr("ghczmprim_GHCziTypes_GT_closure"));
    let alts = Asm::alts("").op(PUSH_L, &[1]).return_int(4);
    let thunk = Asm::new().push_g(gt).op(ENTER, &[]);
    let a = Asm::new()
        .push_alts(PUSH_ALTS_N, alts)
        .push_g(Ref(1))
        .op(PUSH_APPLY_P, &[])
        .push_g(primop("dataToTag#"))
        .op(ENTER, &[]);
    let mut m = machine();
    let refs = create(&mut m, &[a.done(), thunk.done()]);
    assert_eq!(int_of(&mut m, refs[0]), 2);
}
