//! Known loops of actions. As in `known`, the wrapper of `raise#` stands at their place, so that what is left to the compiled
//! function ends in an exception.

use crate::io::{handler, logged, new_log, note, small_int, steps};
use crate::vm::*;
use Bci::*;
use bcvm::abi::request::{Expr, Mode, Outcome, Reply, Request};
use bcvm::bco::resolved::ResolvedBcoPtr::{Bco, Ref, StaticPtr};
use bcvm::bytecode::Bci;
use bcvm::interp::machine::Machine;

/// Stands for the dictionary of lists, and for that of IO.
const LISTS: &str = "negateInt#";
const ACTIONS: &str = "notI#";

/// A machine that knows the wrapper of `raise#` as `symbol`, and two others as dictionaries.
fn knowing(symbol: &str) -> Machine {
    let mut m = machine();
    let [StaticPtr(function), StaticPtr(lists), StaticPtr(actions)] =
        [primop("raise#"), primop(LISTS), primop(ACTIONS)]
    else {
        panic!("wrappers are static")
    };
    let dictionaries =
        [("base_DataziFoldable_zdfFoldableZMZN_closure", lists), ("base_GHCziBase_zdfMonadIO_closure", actions)];
    assert_eq!(m.serve(Request::Bind([(symbol, function)].into_iter().chain(dictionaries).collect())), Reply::Unit);
    m
}

/// How often the action of the loop runs, and whether the loop returns: `symbol` is applied to what `call` pushes. A
/// list is at 1, and at 4 the thunk of `n`.
fn runs(symbol: &str, n: i64, call: impl FnOnce(u64, Asm) -> Asm) -> (usize, bool) {
    let mut m = knowing(symbol);
    let log = new_log(&mut m);
    let action = call(log, Asm::function(1, "").op(PUSH_APPLY_V, &[])).push_g(primop("raise#")).op(ENTER, &[]);
    // A list of three cells, whose second is a thunk.
    let nil = StaticPtr(static_ptr("ghczmprim_GHCziTypes_ZMZN_closure"));
    let cell =
        |rest| Asm::new().push_g(rest).push_g(StaticPtr(small_int(1))).pack(con_info("ghczmprim_GHCziTypes_ZC"), 2);
    let cells = [Ref(2), Ref(3), nil].map(|rest| cell(rest).op(ENTER, &[]).done());
    let mut bcos = vec![action.done()];
    bcos.extend(cells);
    bcos.push(Asm::new().push_ubx(n as u64).pack(int_con(), 1).op(ENTER, &[]).done());
    let refs = create(&mut m, &bcos);
    assert!(matches!(seq(&mut m, refs[3]), Outcome::Refs(_)));
    let returned = matches!(eval(&mut m, Mode::Io, Expr::Ref(refs[0])), Outcome::Refs(_));
    (logged(&mut m, log).len(), returned)
}

#[test]
fn an_action_runs_for_each_element() {
    for (name, function_first) in [("mapMzu", true), ("traversezu", true), ("forMzu", false), ("forzu", false)] {
        let symbol = format!("base_DataziFoldable_{name}_closure");
        let on = |dictionary: &'static str| {
            runs(&symbol, 0, |log, code| {
                let function = Bco(handler(&note(log, 5)).done());
                let [last, first] = if function_first { [Ref(1), function] } else { [function, Ref(1)] };
                let code = code.push_g(last).push_g(first).push_g(primop(dictionary)).push_g(primop(LISTS));
                code.op(PUSH_APPLY_PPPP, &[])
            })
        };
        assert_eq!(on(ACTIONS), (3, true), "{name}");
        // Another Monad is left to the compiled function.
        assert_eq!(on(LISTS), (0, false), "{name}");
    }
}

#[test]
fn an_action_runs_so_many_times() {
    for (n, times) in [(3, 3), (1, 1), (0, 0), (-4, 0)] {
        let outcome = runs("base_ControlziMonad_replicateMzu_closure", n, |log, code| {
            let action = Bco(steps(&note(log, 5)).done());
            code.push_g(action).push_g(Ref(4)).push_g(primop(ACTIONS)).op(PUSH_APPLY_PPP, &[])
        });
        assert_eq!(outcome, (times, true), "{n}");
    }
}
