//! Threads: MVars, exceptions between threads, time, what waits for ever, finalizers.

use crate::io::*;
use crate::vm::*;
use bcvm::abi::request::{Outcome, Request};
use bcvm::interp::machine::Machine;
use bcvm::primop::effect::Effect;

/// Forks an action, for its effect.
fn fork(a: Asm) -> Step {
    op(Effect::Fork, &[action(a)])
}

fn yields(n: usize) -> Vec<Step> {
    vec![op(Effect::Yield, &[]); n]
}

fn unit() -> Step {
    op(Effect::NewMVar, &[])
}

/// `\s -> ` steps, then the end of the thread.
fn thread(parts: Vec<Vec<Step>>) -> Asm {
    let mut all = parts.concat();
    all.push(unit());
    steps(&all)
}

fn tells(m: &mut Machine, a: Asm) -> String {
    match run_action(m, a) {
        Outcome::Exception(e) => e.name,
        other => panic!("{other:?}"),
    }
}

#[test]
fn takers_are_served_in_order() {
    let m = &mut machine();
    let (var, done, log) = (new_mvar(m), new_mvar(m), new_log(m));
    let mut main = vec![];
    for tag in 0..6 {
        main.push(fork(thread(vec![
            vec![op(Effect::TakeMVar, &[object(var)])],
            note(log, tag).to_vec(),
            vec![op(Effect::PutMVar, &[object(done), int(tag)])],
        ])));
        main.extend(yields(12));
    }
    for tag in 0..6 {
        main.push(op(Effect::PutMVar, &[object(var), int(tag)]));
        main.push(op(Effect::TakeMVar, &[object(done)]));
    }
    returns(m, steps(&main));
    assert_eq!(logged(m, log), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn putters_are_served_in_order_and_lose_nothing() {
    let m = &mut machine();
    let (var, log) = (new_mvar(m), new_log(m));
    let mut main = vec![op(Effect::PutMVar, &[object(var), int(99)])];
    for tag in 0..5 {
        main.push(fork(thread(vec![vec![op(Effect::PutMVar, &[object(var), int(tag)])], note(log, tag).to_vec()])));
        main.extend(yields(12));
    }
    for _ in 0..6 {
        main.push(op(Effect::TakeMVar, &[object(var)]));
    }
    let last = returns(m, steps(&main));
    assert_eq!(int_of(m, last), 4);
    // Threads go on when the evaluation is over, in the next one.
    returns(m, thread(vec![yields(40)]));
    assert_eq!(logged(m, log), [0, 1, 2, 3, 4]);
}

#[test]
fn readers_come_before_takers() {
    let m = &mut machine();
    let (var, log) = (new_mvar(m), new_log(m));
    let one = |effect, tag| thread(vec![vec![op(effect, &[object(var)])], note(log, tag).to_vec()]);
    let mut main = vec![fork(one(Effect::TakeMVar, 1)), fork(one(Effect::TakeMVar, 2)), fork(one(Effect::ReadMVar, 3))];
    main.extend(yields(16));
    main.push(op(Effect::PutMVar, &[object(var), int(7)]));
    main.extend(yields(20));
    main.push(op(Effect::IsEmptyMVar, &[object(var)]));
    main.push(unit());
    returns(m, steps(&main));
    assert_eq!(logged(m, log), [3, 1]);
}

#[test]
fn what_waits_for_ever_is_told() {
    let m = &mut machine();
    let takes = |effect, more: &[Arg]| steps(&[unit(), op(effect, &[&[Arg::Last], more].concat())]);
    assert_eq!(tells(m, takes(Effect::TakeMVar, &[])), "base:GHC.IO.Exception.BlockedIndefinitelyOnMVar");
    assert_eq!(tells(m, takes(Effect::ReadMVar, &[])), "base:GHC.IO.Exception.BlockedIndefinitelyOnMVar");
    // What a reference holds, somebody might still write to; but nobody is there who would.
    let var = new_mvar(m);
    let name = tells(m, steps(&[op(Effect::TakeMVar, &[object(var)])]));
    assert_eq!(name, "base:Control.Exception.Base.NonTermination");
}

#[test]
fn a_forked_thread_that_waits_for_ever_is_told_too() {
    let m = &mut machine();
    let log = new_log(m);
    let told = handler(&[&note(log, 5)[..], &[unit()]].concat());
    let waits = steps(&[unit(), op(Effect::TakeMVar, &[Arg::Last])]);
    let child = steps(&[op(Effect::Catch, &[action(waits), action(told)])]);
    returns(m, steps(&[fork(child), op(Effect::Yield, &[]), op(Effect::Yield, &[]), unit()]));
    m.serve(Request::Collect);
    returns(m, thread(vec![yields(10)]));
    assert_eq!(logged(m, log), [5]);
}

#[test]
fn a_blocked_thread_can_be_interrupted_and_leaves_its_queue() {
    let m = &mut machine();
    let (var, name, log) = (new_mvar(m), new_mvar(m), new_log(m));
    let caught = handler(&[&note(log, 1)[..], &[unit()]].concat());
    let waits = steps(&[op(Effect::TakeMVar, &[object(var)])]);
    let first = steps(&[op(Effect::Catch, &[action(waits), action(caught)])]);
    let second = thread(vec![vec![op(Effect::TakeMVar, &[object(var)])], note(log, 2).to_vec()]);
    let killer = steps(
        &[
            &[fork(first)][..],
            &[op(Effect::PutMVar, &[object(name), Arg::Last])],
            &yields(12),
            &[op(Effect::TakeMVar, &[object(name)]), op(Effect::KillThread, &[Arg::Last, int(8)])],
            &yields(12),
            &[fork(second)],
            &yields(12),
            &[op(Effect::PutMVar, &[object(var), int(3)])],
            &yields(20),
            &[unit()],
        ]
        .concat(),
    );
    returns(m, killer);
    assert_eq!(logged(m, log), [1, 2]);
}

#[test]
fn a_masked_thread_is_interrupted_when_it_unmasks() {
    let m = &mut machine();
    let (go, log) = (new_mvar(m), new_log(m));
    let caught = handler(&[&note(log, 9)[..], &[unit()]].concat());
    let inner = thread(vec![note(log, 2).to_vec()]);
    let masked =
        thread(vec![yields(12), note(log, 1).to_vec(), vec![op(Effect::UnmaskAsyncExceptions, &[action(inner)])]]);
    let body = steps(&[op(Effect::MaskUninterruptible, &[action(masked)])]);
    let child = steps(&[op(Effect::Catch, &[action(body), action(caught)])]);
    let main = steps(
        &[
            &[fork(child), op(Effect::PutMVar, &[object(go), Arg::Last]), op(Effect::Yield, &[])][..],
            &[op(Effect::TakeMVar, &[object(go)]), op(Effect::KillThread, &[Arg::Last, int(8)])],
            &note(log, 3),
            &[unit()],
        ]
        .concat(),
    );
    returns(m, main);
    // The thrower waited until the exception was taken, and what the child wanted to do unmasked it never did.
    assert_eq!(logged(m, log)[0], 1);
    let mut all = logged(m, log);
    all.sort_unstable();
    assert_eq!(all, [1, 3, 9]);
}

#[test]
fn an_exception_comes_with_the_end_of_the_mask() {
    let m = &mut machine();
    let (me, log) = (new_mvar(m), new_log(m));
    // The main thread masks, lets the other throw, logs, unmasks by returning, and should log no more.
    let killer = steps(&[op(Effect::TakeMVar, &[object(me)]), op(Effect::KillThread, &[Arg::Last, int(8)])]);
    let masked = thread(vec![
        vec![op(Effect::MyThreadId, &[]), op(Effect::PutMVar, &[object(me), Arg::Last])],
        yields(16),
        note(log, 1).to_vec(),
    ]);
    let body = steps(&[&[op(Effect::MaskAsyncExceptions, &[action(masked)])][..], &note(log, 2), &[unit()]].concat());
    let caught = handler(&[&note(log, 9)[..], &[unit()]].concat());
    returns(m, steps(&[fork(killer), op(Effect::Catch, &[action(body), action(caught)])]));
    assert_eq!(logged(m, log), [1, 9]);
}

#[test]
fn throwing_to_oneself_and_to_the_dead() {
    let m = &mut machine();
    let name = tells(m, steps(&[op(Effect::MyThreadId, &[]), op(Effect::KillThread, &[Arg::Last, int(8)])]));
    assert_eq!(name, "ghc-prim:GHC.Types.I#");
    let var = new_mvar(m);
    let dead = thread(vec![]);
    let main = steps(
        &[
            &[fork(dead), op(Effect::PutMVar, &[object(var), Arg::Last])][..],
            &yields(5),
            &[op(Effect::TakeMVar, &[object(var)]), op(Effect::KillThread, &[Arg::Last, int(8)]), unit()],
        ]
        .concat(),
    );
    returns(m, main);
}

#[test]
fn sleepers_wake_in_order_of_time() {
    let m = &mut machine();
    let (done, log) = (new_mvar(m), new_log(m));
    let mut main = vec![];
    for tag in [30, 10, 20, 0] {
        main.push(fork(thread(vec![
            vec![op(Effect::Delay, &[Arg::Word(tag * 1000)])],
            note(log, tag).to_vec(),
            vec![op(Effect::PutMVar, &[object(done), int(tag)])],
        ])));
    }
    main.extend(vec![op(Effect::TakeMVar, &[object(done)]); 4]);
    returns(m, steps(&main));
    assert_eq!(logged(m, log), [0, 10, 20, 30]);
    assert_eq!(m.host.now_ns(), 30_000_000);
    returns(m, steps(&[op(Effect::WaitRead, &[Arg::Word(0)]), op(Effect::WaitWrite, &[Arg::Word(1)]), unit()]));
}

#[test]
fn threads_that_want_each_others_values_do_not_terminate() {
    // Two thunks that need each other, each entered by a thread of its own before either goes on.
    use Bci::*;
    use bcvm::bco::resolved::ResolvedBcoPtr::{Bco, Ref};
    use bcvm::bytecode::Bci;
    let m = &mut machine();
    let slow = |other| {
        let alts = Asm::alts("").op(SLIDE, &[0, 3]).push_g(Ref(other)).op(ENTER, &[]);
        Asm::new().push_alts(PUSH_ALTS_V, alts).op(PUSH_APPLY_V, &[]).push_g(primop("yield#")).op(ENTER, &[])
    };
    let force = |n| {
        let alts = Asm::alts("").op(SLIDE, &[1, 2]).op(RETURN_P, &[]);
        Asm::function(1, "").push_alts(PUSH_ALTS, alts).push_g(Ref(n)).op(ENTER, &[])
    };
    let alts = Asm::alts("").op(SLIDE, &[0, 4]).op(PUSH_APPLY_V, &[]).push_g(Ref(2)).op(ENTER, &[]);
    let main = Asm::function(1, "")
        .push_alts(PUSH_ALTS_P, alts)
        .op(PUSH_APPLY_V, &[])
        .push_g(Bco(force(1).done()))
        .op(PUSH_APPLY_P, &[])
        .push_g(primop("fork#"))
        .op(ENTER, &[]);
    let refs = create(m, &[slow(1).done(), slow(0).done(), force(0).done(), main.done()]);
    for r in &refs[..3] {
        m.stable.free(*r);
    }
    match eval(m, bcvm::abi::request::Mode::Io, bcvm::abi::request::Expr::Ref(refs[3])) {
        Outcome::Exception(e) => assert_eq!(e.name, "base:Control.Exception.Base.NonTermination"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_waits_for_a_thunk_gets_its_value() {
    use Bci::*;
    use bcvm::bytecode::Bci;
    let m = &mut machine();
    let (done, log) = (new_mvar(m), new_log(m));
    // A thunk that lets others run before it has its value.
    let alts = Asm::alts("").op(SLIDE, &[0, 3]).push_ubx(7).return_int(0);
    let thunk = Asm::new().push_alts(PUSH_ALTS_V, alts).op(PUSH_APPLY_V, &[]).push_g(primop("yield#")).op(ENTER, &[]);
    let r = create(m, &[thunk.done()])[0];
    let force = || op(Effect::Seq, &[object(r)]);
    let mut main = vec![];
    for tag in 0..4 {
        main.push(fork(thread(vec![
            vec![force()],
            note(log, tag).to_vec(),
            vec![op(Effect::PutMVar, &[object(done), int(tag)])],
        ])));
    }
    main.extend(vec![op(Effect::TakeMVar, &[object(done)]); 4]);
    main.push(force());
    let value = returns(m, steps(&main));
    assert_eq!(int_of(m, value), 7);
    let mut all = logged(m, log);
    all.sort_unstable();
    assert_eq!(all, [0, 1, 2, 3]);
}

#[test]
fn finalizers_run_in_one_batch_whatever_they_raise() {
    let m = &mut machine();
    let log = new_log(m);
    let raises = op(Effect::RaiseIO, &[int(1)]);
    let mut main = vec![];
    for tag in 0..4 {
        let finalizer = steps(&[&note(log, tag)[..], &[if tag == 2 { raises.clone() } else { unit() }]].concat());
        main.push(unit());
        main.push(op(Effect::MkWeak, &[Arg::Last, int(0), action(finalizer)]));
    }
    main.push(unit());
    returns(m, steps(&main));
    m.serve(Request::Collect);
    returns(m, thread(vec![yields(40)]));
    let mut all = logged(m, log);
    all.sort_unstable();
    assert_eq!(all, [0, 1, 2, 3]);
}

#[test]
fn allocation_is_counted_and_limited() {
    let m = &mut machine();
    let spend: Vec<Step> = vec![unit(); 60];
    let body =
        [&[op(Effect::SetThreadAllocationCounter, &[Arg::Word(1000)])][..], &spend, &yields(1), &[unit()]].concat();
    // Without the limit nothing happens.
    returns(m, steps(&body));
    let var = new_mvar(m);
    let child = steps(&[&[op(Effect::TakeMVar, &[object(var)])][..], &body, &note(var, 1), &[unit()]].concat());
    let fork_it = steps(&[op(Effect::Fork, &[action(child)])]);
    let t = returns(m, fork_it);
    let thread = m.stable.find(t).expect("a reference").addr();
    m.limit_allocation(thread, true);
    let main = [&[op(Effect::PutMVar, &[object(var), int(1)])][..], &yields(70), &[unit()]].concat();
    returns(m, steps(&main));
    let thread = m.stable.find(t).expect("a reference").addr();
    assert!(bcvm::sched::threads::has_ended(&m.mem, thread), "the limit was passed unnoticed");
    assert_eq!(closure(m, var).ptrs.len(), 3);
}
