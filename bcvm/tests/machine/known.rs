//! Functions of packages that the interpreter carries out itself. Here the wrapper of `raise#` stands at their place:
//! whatever is left to the compiled function ends in an exception.

use crate::vm::*;
use Bci::*;
use bcvm::abi::request::{Expr, Mode, Outcome, Reply, Request};
use bcvm::bco::resolved::ResolvedBcoPtr::{self, Bco, Ref};
use bcvm::bytecode::Bci;
use bcvm::entry::known::{KNOWN, Known};
use bcvm::interp::machine::Machine;

const PLUS: &str = "base_GHCziNum_zdfNumIntzuzdczp_closure";

/// A machine that knows the wrapper of `raise#` as `symbol`.
fn knowing(symbol: &str) -> Machine {
    let mut m = machine();
    let ResolvedBcoPtr::StaticPtr(stand_in) = primop("raise#") else { panic!("a wrapper is static") };
    assert_eq!(m.serve(Request::Bind(vec![(symbol, stand_in)])), Reply::Unit);
    m
}

/// A thunk that comes to a box of `w`.
fn boxed(w: u64, con: &str) -> Asm {
    Asm::new().push_ubx(w).pack(con_info(con), 1).op(ENTER, &[])
}

/// Applies `symbol` to two thunks, which are evaluated before if `evaluated`; the constructor's name, and its first word.
fn apply(symbol: &str, con: &str, [a, b]: [u64; 2], evaluated: bool) -> Option<(String, Option<u64>)> {
    let mut m = knowing(symbol);
    let call = Asm::new().push_g(Ref(2)).push_g(Ref(1)).op(PUSH_APPLY_PP, &[]);
    let call = call.push_g(primop("raise#")).op(ENTER, &[]);
    let refs = create(&mut m, &[call.done(), boxed(a, con).done(), boxed(b, con).done()]);
    let r = refs[0];
    for operand in &refs[1..] {
        assert!(!evaluated || matches!(seq(&mut m, *operand), Outcome::Refs(_)));
    }
    match seq(&mut m, r) {
        Outcome::Refs(_) => {
            let c = closure(&mut m, r);
            Some((c.con_desc?.rsplit('.').next()?.to_owned(), c.words.first().copied()))
        }
        Outcome::Exception(_) => None,
        other => panic!("{symbol}: {other:?}"),
    }
}

/// The same with thunks.
fn binary(symbol: &str, con: &str, operands: [u64; 2]) -> Option<(String, Option<u64>)> {
    apply(symbol, con, operands, false)
}

fn on_ints(name: &str, a: i64, b: i64) -> Option<i64> {
    let symbol = format!("base_GHCzi{name}_closure");
    let (con, word) = binary(&symbol, "ghczmprim_GHCziTypes_Izh", [a as u64, b as u64])?;
    assert_eq!(con, "I#");
    word.map(|w| w as i64)
}

#[test]
fn ints_wrap() {
    assert_eq!(on_ints("Num_zdfNumIntzuzdczp", i64::MAX, 1), Some(i64::MIN));
    assert_eq!(on_ints("Num_zdfNumIntzuzdczm", 2, 44), Some(-42));
    assert_eq!(on_ints("Num_zdfNumIntzuzdczt", 1 << 62, 6), Some(i64::MIN));
}

#[test]
fn divisions_round_as_haskells() {
    for (a, b) in [(7, 2), (-7, 2), (7, -2), (-7, -2), (6, 3), (-6, 3), (i64::MIN, 7)] {
        let division = |op| on_ints(&format!("Real_zdfIntegralIntzuzdc{op}"), a, b);
        assert_eq!(division("quot"), Some(a / b));
        assert_eq!(division("rem"), Some(a % b));
        let floor = (a as i128).div_euclid(b as i128) - i128::from(b < 0 && (a as i128).rem_euclid(b as i128) != 0);
        assert_eq!(division("div"), Some(floor as i64), "{a} `div` {b}");
        assert_eq!(division("mod"), Some((a as i128 - floor * b as i128) as i64), "{a} `mod` {b}");
    }
}

#[test]
fn what_may_raise_is_left_to_the_function() {
    for b in [0, -1] {
        assert_eq!(on_ints("Real_zdfIntegralIntzuzdcdiv", i64::MIN, b), None);
        assert_eq!(on_ints("Real_zdfIntegralIntzuzdcrem", 5, b), None);
    }
}

#[test]
fn comparisons_return_bools_and_orderings() {
    let answer = |name: &str, con, args| binary(&format!("ghczmprim_GHCziClasses_{name}_closure"), con, args);
    let is = |name, con, args| match answer(name, con, args) {
        Some((answer, _)) => answer == "True",
        None => panic!("{name} was not carried out"),
    };
    let (int, word, double) = ("ghczmprim_GHCziTypes_Izh", "ghczmprim_GHCziTypes_Wzh", "ghczmprim_GHCziTypes_Dzh");
    let minus_1 = -1i64 as u64;
    assert!(is("ltInt", int, [minus_1, 0]));
    assert!(!is("ltWord", word, [minus_1, 0]));
    let nan = [f64::NAN.to_bits(), 1.0f64.to_bits()];
    assert!(!is("zdfOrdDoublezuzdczgze", double, nan) && !is("eqDouble", double, nan));
    assert!(is("zdfEqDoublezuzdczsze", double, nan) && is("eqDouble", double, [(-0.0f64).to_bits(), 0]));
    assert_eq!(answer("compareInt", int, [minus_1, 0]).map(|a| a.0).as_deref(), Some("LT"));
}

#[test]
fn integers_are_carried_out_while_they_are_small() {
    // A box of one field and the first constructor, as IS is.
    let on = |name: &str, a: i64, b: i64, evaluated| {
        let symbol = format!("ghczmbignum_GHCziNumziInteger_integer{name}_closure");
        apply(&symbol, "ghczmprim_GHCziTypes_Izh", [a as u64, b as u64], evaluated)
    };
    let add = |a, b, evaluated| on("Add", a, b, evaluated).and_then(|(_, word)| word);
    assert_eq!(add(40, 2, true), Some(42));
    assert_eq!(add(i64::MAX, 1, true), None);
    assert_eq!(add(40, 2, false), Some(42));
    // In which order the compiled function evaluates its operands is its own business.
    assert_eq!(on("Lt", 40, 2, true).map(|(answer, _)| answer).as_deref(), Some("False"));
    assert!(on("Lt", 40, 2, false).is_none());
}

#[test]
fn an_operand_that_is_no_constructor_ends_the_evaluation() {
    let mut m = knowing(PLUS);
    let function = Asm::function(1, "p").op(PUSH_L, &[0]).op(SLIDE, &[1, 1]).op(ENTER, &[]);
    let call = Asm::new().push_ubx(1).pack(int_con(), 1).push_g(Bco(function.done())).op(PUSH_APPLY_PP, &[]);
    let r = create(&mut m, &[call.push_g(primop("raise#")).op(ENTER, &[]).done()])[0];
    assert!(matches!(seq(&mut m, r), Outcome::Crash(_)));
}

#[test]
fn a_selector_takes_its_field_and_applies_it_to_the_rest() {
    let mut m = knowing("base_GHCziNum_zm_closure");
    let second = Asm::function(2, "pp").op(PUSH_L, &[1]).op(SLIDE, &[1, 2]).op(ENTER, &[]);
    // A pair, whose second field is the method.
    let dictionary = Asm::new().push_g(Bco(second.clone().done())).push_g(Bco(second.done()));
    let dictionary = dictionary.pack(con_info("ghczmprim_GHCziTuple_Z2T"), 2);
    let call = dictionary.push_ubx(7).pack(int_con(), 1).push_ubx(8).pack(int_con(), 1);
    let call = call.op(PUSH_L, &[2]).op(PUSH_APPLY_PPP, &[]).op(SLIDE, &[4, 1]).push_g(primop("raise#")).op(ENTER, &[]);
    // [8, 7, dictionary] and the dictionary over them: the frame's arguments are dictionary, 8, 7.
    let r = create(&mut m, &[call.done()])[0];
    assert_eq!(int_of(&mut m, r), 7);
}

/// Runs `>>=` of an action that returns 5 and a function that returns its argument; `>>` of it and one that returns 9.
#[test]
fn io_actions_follow_each_other() {
    let sequences = [
        ("base_GHCziBase_zdfMonadIO1_closure", 5),
        ("base_GHCziBase_zdfApplicativeIO2_closure", 9),
        ("base_GHCziST_zdfMonadSTzuzdczgzgze_closure", 5),
        ("base_GHCziST_zdfApplicativeSTzuzdcztzg_closure", 9),
    ];
    for (symbol, expected) in sequences {
        let mut m = knowing(symbol);
        let action = |w| Asm::function(1, "").push_ubx(w).pack(int_con(), 1).op(RETURN_P, &[]);
        let next = if expected == 5 {
            Asm::function(2, "p").op(PUSH_L, &[0]).op(SLIDE, &[1, 1]).op(RETURN_P, &[])
        } else {
            action(9)
        };
        let call = Asm::function(1, "").op(PUSH_APPLY_V, &[]).push_g(Bco(next.done())).push_g(Bco(action(5).done()));
        let call = call.op(PUSH_APPLY_PP, &[]).push_g(primop("raise#")).op(ENTER, &[]);
        let r = create(&mut m, &[call.done()])[0];
        let Outcome::Refs(refs) = eval(&mut m, Mode::Io, Expr::Ref(r)) else { panic!("{symbol}") };
        assert_eq!(int_of(&mut m, refs[0]), expected, "{symbol}");
    }
}

/// The wrapper of `raise#` in their place would raise the dictionary.
#[test]
fn what_is_thrown_is_made_an_exception_by_its_dictionary() {
    for (symbol, is_io) in [("base_GHCziException_throw_closure", false), ("base_GHCziIO_throwIO_closure", true)] {
        let mut m = knowing(symbol);
        let identity = Asm::function(1, "p").op(PUSH_L, &[0]).op(SLIDE, &[1, 1]).op(ENTER, &[]);
        // A triple, whose third field is `toException`.
        let dictionary = [(); 3].iter().fold(Asm::new(), |code, ()| code.push_g(Bco(identity.clone().done())));
        let dictionary = dictionary.pack(con_info("ghczmprim_GHCziTuple_Z3T"), 3).op(ENTER, &[]).done();
        let call = if is_io { Asm::function(1, "").op(PUSH_APPLY_V, &[]) } else { Asm::new() };
        let call = call.push_g(Ref(2)).push_g(Ref(1)).op(PUSH_APPLY_PP, &[]).push_g(primop("raise#"));
        let refs =
            create(&mut m, &[call.op(ENTER, &[]).done(), dictionary, boxed(42, "ghczmprim_GHCziTypes_Izh").done()]);
        assert!(matches!(seq(&mut m, refs[1]), Outcome::Refs(_)));
        let thrown = if is_io { eval(&mut m, Mode::Io, Expr::Ref(refs[0])) } else { seq(&mut m, refs[0]) };
        let Outcome::Exception(exception) = thrown else { panic!("{symbol}: {thrown:?}") };
        assert_eq!(int_of(&mut m, exception.value), 42, "{symbol}");
    }
}

#[test]
fn symbols_are_closures_and_fields_are_few() {
    for (symbol, known) in KNOWN {
        assert!(symbol.ends_with("_closure") && symbol.matches('_').count() == 3, "{symbol}");
        assert!(!matches!(known, Known::Select(field) if *field > 22), "{symbol}");
        assert_eq!(KNOWN.iter().filter(|(other, _)| other == symbol).count(), 1, "{symbol}");
    }
}

/// Whoever returns through many frames without starting byte code is collected on the way: the nursery does not grow.
#[test]
fn a_deep_recursion_stops_on_its_way_back() {
    const DEPTH: u64 = 20_000;
    let mut m = machine_with(64 << 20, |config| {
        let heap = &mut config.heap_config;
        (heap.nursery, heap.chunk, heap.gc_every_n_allocations) = (4, 2, 0);
        (config.stack_initial_w, config.stack_chunk_w) = (128, 4096);
    });
    let ResolvedBcoPtr::StaticPtr(stand_in) = primop("raise#") else { panic!("a wrapper is static") };
    assert_eq!(m.serve(Request::Bind(vec![(PLUS, stand_in)])), Reply::Unit);
    let mut thunks = vec![boxed(1, "ghczmprim_GHCziTypes_Izh").done()];
    for i in 0..DEPTH {
        let sum = Asm::new().push_g(Ref(0)).push_g(Ref(i)).op(PUSH_APPLY_PP, &[]);
        thunks.push(sum.push_g(primop("raise#")).op(ENTER, &[]).done());
    }
    let refs = create(&mut m, &thunks);
    let last = refs[DEPTH as usize];
    assert_eq!(int_of(&mut m, last), DEPTH as i64 + 1);
    // The stack alone takes 26 collections on the way down; the values fill this nursery 20 times on the way back.
    assert!(m.counts.minor >= 40, "{:?}", m.counts);
}
