//! Transactions: waiting, alternatives, taking back, being invalid.

use crate::io::*;
use crate::vm::*;
use bcvm::abi::request::Outcome;
use bcvm::interp::machine::Machine;
use bcvm::primop::effect::Effect;

/// A reference to a new TVar that holds an Int.
fn new_tvar(m: &mut Machine, n: u64) -> u64 {
    make(m, Effect::NewTVar, &[small_int(n)])
}

/// The Int in a TVar.
fn value(m: &mut Machine, var: u64) -> u64 {
    let r = make(m, Effect::ReadTVarIO, &[m.stable.find(var).expect("a reference").word()]);
    int_of(m, r) as u64
}

fn write(var: u64, n: u64) -> Step {
    op(Effect::WriteTVar, &[object(var), int(n)])
}

fn read(var: u64) -> Step {
    op(Effect::ReadTVar, &[object(var)])
}

fn retry() -> Step {
    op(Effect::Retry, &[])
}

fn atomically(all: &[Step]) -> Step {
    op(Effect::Atomically, &[action(steps(all))])
}

fn or_else(first: &[Step], second: &[Step]) -> Step {
    op(Effect::CatchRetry, &[action(steps(first)), action(steps(second))])
}

fn yields(n: usize) -> Vec<Step> {
    vec![op(Effect::Yield, &[]); n]
}

/// A step that returns a pointer.
fn unit() -> Step {
    op(Effect::MyThreadId, &[])
}

/// An action on the value that the step before returned: does `then` if it is `n`, else retries. Compares the static
/// boxes of Ints, which is enough for what these tests write.
fn retry_unless(var: u64, n: u64, then: &[Step]) -> Asm {
    use Bci::*;
    use bcvm::bco::resolved::ResolvedBcoPtr::Bco;
    use bcvm::bytecode::Bci;
    let run = |a: Asm, steps_: &[Step]| a.op(PUSH_APPLY_V, &[]).push_g(Bco(steps(steps_).done()));
    // [word, word, box] come on top of [stg_ret_p, box, stg_ctoi_R1unpt, BCO]: the second word is tested.
    let mut test = Asm::alts("").op(PUSH_L, &[1]).op(UNPACK, &[1]).op(PUSH_L, &[0]);
    let lit = test.lit(n);
    let finish = |a: Asm, steps_: &[Step]| run(a, steps_).op(SLIDE, &[2, 7]).op(ENTER, &[]);
    let fail_at = finish(test.clone().op(TESTEQ_I, &[lit, 0]), then).here();
    let test = finish(finish(test.op(TESTEQ_I, &[lit, fail_at]), then), &[retry()]);
    let var = bcvm::bco::resolved::ResolvedBcoPtr::Ptr(var);
    Asm::function(1, "")
        .push_alts(PUSH_ALTS_P, test)
        .op(PUSH_APPLY_V, &[])
        .push_g(var)
        .op(PUSH_APPLY_P, &[])
        .push_g(primop("readTVar#"))
        .op(ENTER, &[])
}

#[test]
fn what_is_committed_is_there() {
    let m = &mut machine();
    let (a, b) = (new_tvar(m, 1), new_tvar(m, 2));
    let got = returns(m, steps(&[atomically(&[write(a, 5), write(b, 6), write(a, 7), read(a)])]));
    assert_eq!(int_of(m, got), 7);
    assert_eq!((value(m, a), value(m, b)), (7, 6));
}

#[test]
fn many_tvars_take_many_chunks() {
    let m = &mut machine();
    let vars: Vec<u64> = (0..50).map(|_| new_tvar(m, 1)).collect();
    let mut all: Vec<Step> = vars.iter().map(|v| write(*v, 2)).collect();
    let nested: Vec<Step> = vars.iter().map(|v| write(*v, 3)).chain([retry()]).collect();
    all.push(or_else(&nested, &[unit()]));
    returns(m, steps(&[atomically(&all)]));
    for v in vars {
        assert_eq!(value(m, v), 2);
    }
}

#[test]
fn a_retrying_transaction_waits_for_a_change() {
    let m = &mut machine();
    let (var, other, done) = (new_tvar(m, 0), new_tvar(m, 0), new_mvar(m));
    let waiter = |n| {
        let body = retry_unless(var, n, &[write(other, n), unit()]);
        steps(&[op(Effect::Atomically, &[action(body)]), op(Effect::PutMVar, &[object(done), int(n)]), unit()])
    };
    let main = steps(
        &[
            &[op(Effect::Fork, &[action(waiter(3))]), op(Effect::Fork, &[action(waiter(3))])][..],
            &yields(6),
            &[atomically(&[write(var, 1), unit()])],
            &yields(6),
            &[atomically(&[write(var, 3), unit()])],
            &[op(Effect::TakeMVar, &[object(done)]), op(Effect::TakeMVar, &[object(done)])],
        ]
        .concat(),
    );
    returns(m, main);
    assert_eq!(value(m, other), 3);
}

#[test]
fn the_alternative_sees_nothing_of_the_first() {
    let m = &mut machine();
    let (a, b) = (new_tvar(m, 1), new_tvar(m, 1));
    let got =
        returns(m, steps(&[atomically(&[write(b, 4), or_else(&[write(a, 2), write(b, 5), retry()], &[read(a)])])]));
    assert_eq!(int_of(m, got), 1);
    assert_eq!((value(m, a), value(m, b)), (1, 4));
    // The first branch wins if it can, and what a nested one did is undone with its parent.
    let inner = or_else(&[write(a, 8), retry()], &[write(b, 9), unit()]);
    returns(m, steps(&[atomically(&[or_else(&[inner.clone(), retry()], &[write(a, 3), unit()])])]));
    assert_eq!((value(m, a), value(m, b)), (3, 4));
    returns(m, steps(&[atomically(&[or_else(&[inner], &[retry()])])]));
    assert_eq!((value(m, a), value(m, b)), (3, 9));
}

#[test]
fn an_exception_takes_everything_back() {
    let m = &mut machine();
    let a = new_tvar(m, 1);
    let raises = op(Effect::RaiseIO, &[int(8)]);
    let handled = handler(&[op(Effect::MkWeakNoFinalizer, &[Arg::Last, int(0)])]);
    let body = steps(&[atomically(&[write(a, 2), raises.clone()])]);
    returns(m, steps(&[op(Effect::Catch, &[action(body), action(handled.clone())])]));
    assert_eq!(value(m, a), 1);
    // catchSTM# takes back what its body did, and no more.
    let b = new_tvar(m, 1);
    let caught = op(Effect::CatchStm, &[action(steps(&[write(b, 5), write(a, 6), raises])), action(handled)]);
    returns(m, steps(&[atomically(&[write(a, 3), caught])]));
    assert_eq!((value(m, a), value(m, b)), (3, 1));
}

#[test]
fn transactions_do_not_nest() {
    let m = &mut machine();
    let inner = steps(&[atomically(&[unit()])]);
    match run_action(m, steps(&[op(Effect::Atomically, &[action(inner)])])) {
        Outcome::Exception(e) => assert_eq!(e.name, "base:Control.Exception.Base.NestedAtomically"),
        other => panic!("{other:?}"),
    }
    // After that the thread may begin another, and outside of one there is nothing to retry.
    let a = new_tvar(m, 1);
    returns(m, steps(&[atomically(&[write(a, 2), unit()])]));
    assert!(matches!(run_action(m, steps(&[retry()])), Outcome::Crash(_)));
}

#[test]
fn a_transaction_that_can_never_go_on_is_told() {
    let m = &mut machine();
    let body = [op(Effect::NewTVar, &[int(1)]), op(Effect::ReadTVar, &[Arg::Last]), retry()];
    match run_action(m, steps(&[atomically(&body)])) {
        Outcome::Exception(e) => assert_eq!(e.name, "base:GHC.IO.Exception.BlockedIndefinitelyOnSTM"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_stale_transaction_begins_again() {
    let m = &mut machine();
    let (a, b, log) = (new_tvar(m, 1), new_tvar(m, 0), new_log(m));
    // Reads, lets the other commit meanwhile, and writes elsewhere: to be run twice.
    let again: Vec<Step> = [&[read(a)][..], &note(log, 1), &yields(40), &[write(b, 1), read(a)]].concat();
    let writer = steps(&[&yields(3)[..], &[atomically(&[write(a, 2), unit()])]].concat());
    let got = returns(m, steps(&[op(Effect::Fork, &[action(writer)]), atomically(&again)]));
    assert_eq!(int_of(m, got), 2);
    assert_eq!(value(m, b), 1);
    assert!(logged(m, log).len() >= 2);
}

#[test]
fn a_waiting_transaction_can_be_interrupted() {
    let m = &mut machine();
    let (a, log, name) = (new_tvar(m, 1), new_log(m), new_mvar(m));
    let waits = steps(&[atomically(&[read(a), retry()])]);
    let caught = handler(&[&note(log, 1)[..], &[unit()]].concat());
    let child = steps(&[op(Effect::Catch, &[action(waits), action(caught)])]);
    let main = steps(
        &[
            &[op(Effect::Fork, &[action(child)]), op(Effect::PutMVar, &[object(name), Arg::Last])][..],
            &yields(12),
            &[op(Effect::TakeMVar, &[object(name)]), op(Effect::KillThread, &[Arg::Last, int(3)])],
            &yields(20),
            // Nobody watches it any more.
            &[atomically(&[write(a, 2), unit()])],
            &yields(20),
            &[unit()],
        ]
        .concat(),
    );
    returns(m, main);
    assert_eq!(logged(m, log), [1]);
}
