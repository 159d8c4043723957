//! IO actions as lists of steps: primops and other actions called one after the other, with objects that the test has
//! made and with what the step before returned.

use crate::vm::*;
use Bci::*;
use bcvm::abi::request::{Expr, Mode, Outcome};
use bcvm::bco::resolved::{ResolvedBco, ResolvedBcoPtr};
use bcvm::bytecode::Bci;
use bcvm::interp::machine::Machine;
use bcvm::primop::effect::{Answer, Args, Effect};
use bcvm::word::ClosurePtr;

/// An argument of a step.
#[derive(Clone)]
pub enum Arg {
    /// A closure.
    Ptr(ResolvedBcoPtr),
    /// A word.
    Word(u64),
    /// What the step before returned.
    Last,
    /// That in front of which this is put: `x : last`.
    Cons(ResolvedBcoPtr),
}

/// A call of a function on `args` and State#.
#[derive(Clone)]
pub struct Step {
    function: ResolvedBcoPtr,
    args: Vec<Arg>,
    /// The letter of what it returns.
    result: u8,
}

/// A step that calls a primop.
pub fn op(effect: Effect, args: &[Arg]) -> Step {
    let row = effect.row();
    let result = row.results.as_bytes().first().copied().unwrap_or(b'v');
    assert!(row.results.len() <= 1 && row.args.ends_with('v'), "{} cannot be called by byte code", row.name);
    Step { function: primop(row.name), args: args.to_vec(), result }
}

/// A step that logs `tag` to the list in the MVar `log`.
pub fn note(log: u64, tag: u64) -> [Step; 2] {
    let log = || Arg::Ptr(ResolvedBcoPtr::Ptr(log));
    let cell = Arg::Cons(ResolvedBcoPtr::StaticPtr(small_int(tag)));
    [op(Effect::TakeMVar, &[log()]), op(Effect::PutMVar, &[log(), cell])]
}

/// The static box of a small Int.
pub fn small_int(n: u64) -> u64 {
    static_ptr("stg_INTLIKE_closure") + (n + 16) * 16 + 1
}

/// An argument that is the object of a reference.
pub fn object(r: u64) -> Arg {
    Arg::Ptr(ResolvedBcoPtr::Ptr(r))
}

/// An argument that is an action.
pub fn action(a: impl Into<ResolvedBco>) -> Arg {
    Arg::Ptr(ResolvedBcoPtr::Bco(a.into()))
}

/// An argument that is an Int.
pub fn int(n: u64) -> Arg {
    Arg::Ptr(ResolvedBcoPtr::StaticPtr(small_int(n)))
}

/// `\s -> ` the steps, one after the other; returns what the last one does, which should be a pointer.
pub fn steps(steps: &[Step]) -> Asm {
    with_steps(Asm::function(1, ""), steps, 0, 0)
}

/// `\x s -> ` the steps; `x`, an exception for instance, is what the first one calls its last.
pub fn handler(steps: &[Step]) -> Asm {
    with_steps(Asm::function(2, "p"), steps, 1, 0)
}

/// Appends the steps to code that finds `above` words of its own on top of the stack, of which number `last` is what the
/// step before returned.
fn with_steps(asm: Asm, steps: &[Step], above: u64, last: u64) -> Asm {
    let [step, rest @ ..] = steps else { panic!("no steps") };
    let (mut asm, mut pushed) = (asm, 0);
    if !rest.is_empty() {
        // [stg_ret_x, value, stg_ctoi_x, BCO]
        let (op, above) = match step.result {
            b'p' => (PUSH_ALTS_P, 4),
            b'n' => (PUSH_ALTS_N, 4),
            _ => (PUSH_ALTS_V, 3),
        };
        asm = asm.push_alts(op, with_steps(Asm::alts(""), rest, above, 1));
        pushed += 2;
    }
    asm = asm.op(PUSH_APPLY_V, &[]);
    pushed += 1;
    for arg in step.args.iter().rev() {
        asm = match arg {
            Arg::Ptr(p) => asm.push_g(p.clone()).op(PUSH_APPLY_P, &[]),
            Arg::Word(w) => asm.push_ubx(*w).op(PUSH_APPLY_N, &[]),
            Arg::Last => asm.op(PUSH_L, &[pushed + last]).op(PUSH_APPLY_P, &[]),
            Arg::Cons(p) => {
                let cons = con_info("ghczmprim_GHCziTypes_ZC");
                asm.op(PUSH_L, &[pushed + last]).push_g(p.clone()).pack(cons, 2).op(PUSH_APPLY_P, &[])
            }
        };
        pushed += 2;
    }
    asm = asm.push_g(step.function.clone());
    pushed += 1;
    if above > 0 {
        asm = asm.op(SLIDE, &[pushed, above]);
    }
    asm.op(ENTER, &[])
}

/// Runs a primop from outside any thread, and answers a reference to what it makes.
pub fn make(m: &mut Machine, effect: Effect, args: &[u64]) -> u64 {
    let mut all = Args::default();
    all[..args.len()].copy_from_slice(args);
    match effect.run(m, &all) {
        Answer::Word(w) => m.stable.make(ClosurePtr::from_word(w)),
        other => panic!("{effect:?}: {other:?}"),
    }
}

/// A reference to a new MVar, empty.
pub fn new_mvar(m: &mut Machine) -> u64 {
    make(m, Effect::NewMVar, &[])
}

/// A reference to an MVar that holds the empty list, for `note`.
pub fn new_log(m: &mut Machine) -> u64 {
    let log = new_mvar(m);
    let var = m.stable.find(log).expect("just made").word();
    let nil = static_ptr("ghczmprim_GHCziTypes_ZMZN_closure") + 1;
    let mut args = Args::default();
    args[..2].copy_from_slice(&[var, nil]);
    assert_eq!(Effect::PutMVar.run(m, &args), Answer::VOID);
    log
}

/// What was logged, in order.
pub fn logged(m: &mut Machine, log: u64) -> Vec<u64> {
    let var = closure(m, log);
    let (mut list, mut tags) = (closure(m, var.ptrs[2]), Vec::new());
    while list.ptrs.len() == 2 {
        tags.push(closure(m, list.ptrs[0]).words[0]);
        list = closure(m, list.ptrs[1]);
    }
    assert_eq!(list.con_desc.as_deref(), Some("ghc-prim:GHC.Types.[]"), "the log is in somebody's hands");
    tags.reverse();
    tags
}

/// Evaluates an action.
pub fn run_action(m: &mut Machine, a: Asm) -> Outcome {
    let r = create(m, &[a.done()])[0];
    let outcome = eval(m, Mode::Io, Expr::Ref(r));
    m.stable.free(r);
    outcome
}

/// Evaluates an action that returns.
pub fn returns(m: &mut Machine, a: Asm) -> u64 {
    match run_action(m, a) {
        Outcome::Refs(refs) => refs[0],
        other => panic!("{other:?}"),
    }
}
