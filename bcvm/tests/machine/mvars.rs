//! Known functions on MVars. Wrappers of primops stand at the places of base's functions, that of `raise#` at the place of the
//! function in question: whatever is left to it ends in an exception.

use crate::io::make;
use crate::vm::*;
use Bci::*;
use bcvm::abi::request::{Expr, Mode, Outcome, Reply, Request};
use bcvm::bco::resolved::ResolvedBcoPtr::{Bco, Ptr, Ref, StaticPtr};
use bcvm::bytecode::Bci;
use bcvm::interp::machine::Machine;
use bcvm::primop::effect::{Args, Effect};

/// What a handler that puts a value back is made of, and wrappers that take as many arguments.
const RESTORING: [(&str, &str); 3] = [
    ("base_GHCziBase_zi_closure", "catchSTM#"),
    ("base_GHCziBase_zdfApplicativeIO2_closure", "catch#"),
    ("base_GHCziMVar_putMVar_closure", "putMVar#"),
];

/// Applies `symbol` to an MVar that holds 7, or nothing, and to `second` if there is one. What it returns, and what the MVar
/// holds then; the first is none if the function was left to compiled code.
fn call(symbol: &str, full: bool, second: Option<Asm>) -> (Option<i64>, Option<i64>) {
    let mut m = machine();
    let known = |stand_in| match primop(stand_in) {
        StaticPtr(p) => p,
        other => panic!("a wrapper is static: {other:?}"),
    };
    let parts = RESTORING.iter().filter(|(part, _)| *part != symbol).map(|(part, wrapper)| (*part, known(wrapper)));
    let all = parts.chain([(symbol, known("raise#"))]).collect();
    assert_eq!(m.serve(Request::Bind(all)), Reply::Unit);
    let var = make(&mut m, Effect::NewMVar, &[]);
    // The box is a pair whose first field is the MVar.
    let boxed =
        Asm::new().push_g(Ptr(var)).push_g(Ptr(var)).pack(con_info("ghczmprim_GHCziTuple_Z2T"), 2).op(ENTER, &[]);
    let seven = Asm::new().push_ubx(7).pack(int_con(), 1).op(ENTER, &[]);
    let call = Asm::function(1, "").op(PUSH_APPLY_V, &[]);
    let call = match second {
        Some(second) => call.push_g(Bco(second.done())).push_g(Ref(1)).op(PUSH_APPLY_PP, &[]),
        None => call.push_g(Ref(1)).op(PUSH_APPLY_P, &[]),
    };
    let call = call.push_g(primop("raise#")).op(ENTER, &[]);
    let refs = create(&mut m, &[call.done(), boxed.done(), seven.done()]);
    for thunk in &refs[1..] {
        assert!(matches!(seq(&mut m, *thunk), Outcome::Refs(_)));
    }
    if full {
        let mut args = Args::default();
        args[..2].copy_from_slice(&[var, refs[2]].map(|r| m.stable.find(r).expect("just made").word()));
        Effect::PutMVar.run(&mut m, &args);
    }
    let result = match eval(&mut m, Mode::Io, Expr::Ref(refs[0])) {
        Outcome::Refs(refs) => Some(int_or_none(&mut m, refs[0]).unwrap_or(0)),
        Outcome::Exception(_) => None,
        other => panic!("{symbol}: {other:?}"),
    };
    let held = closure(&mut m, var).ptrs[2];
    (result, int_or_none(&mut m, held))
}

/// The Int that `r` is evaluated to, if it is one.
fn int_or_none(m: &mut Machine, r: u64) -> Option<i64> {
    let c = closure(m, r);
    c.con_desc.filter(|con| con.ends_with("I#"))?;
    c.words.first().map(|w| *w as i64)
}

/// `\x s -> I# n`.
fn returns(n: u64) -> Asm {
    Asm::function(2, "p").push_ubx(n).pack(int_con(), 1).op(SLIDE, &[1, 1]).op(RETURN_P, &[])
}

/// `I# n`.
fn boxed(n: u64) -> Asm {
    Asm::new().push_ubx(n).pack(int_con(), 1).op(ENTER, &[])
}

#[test]
fn a_full_mvar_is_read_and_taken() {
    assert_eq!(call("base_GHCziMVar_readMVar_closure", true, None), (Some(7), Some(7)));
    assert_eq!(call("base_GHCziMVar_takeMVar_closure", true, None), (Some(7), None));
}

/// With a collection at every allocation a stop is asked for each time, and a lock is left to the compiled function then.
#[test]
#[cfg(not(feature = "sanity"))]
fn a_full_mvar_is_changed() {
    let change = |name: &str| call(&format!("base_ControlziConcurrentziMVar_{name}_closure"), true, Some(returns(42)));
    assert_eq!(change("modifyMVarzu"), (Some(0), Some(42)));
    assert_eq!(change("withMVar"), (Some(42), Some(7)));
}

#[test]
fn an_empty_mvar_is_filled() {
    let (result, held) = call("base_GHCziMVar_putMVar_closure", false, Some(boxed(5)));
    // What it holds is a thunk still.
    assert_eq!((result, held), (Some(0), None));
}

/// What would have to wait is left to the compiled function.
#[test]
fn nobody_waits_here() {
    assert_eq!(call("base_GHCziMVar_putMVar_closure", true, Some(boxed(5))), (None, Some(7)));
    for symbol in ["base_GHCziMVar_readMVar_closure", "base_GHCziMVar_takeMVar_closure"] {
        assert_eq!(call(symbol, false, None), (None, None), "{symbol}");
    }
    for name in ["modifyMVarzu", "withMVar"] {
        let symbol = format!("base_ControlziConcurrentziMVar_{name}_closure");
        assert_eq!(call(&symbol, false, Some(returns(42))), (None, None), "{symbol}");
    }
}
