//! Cheap expressions, and functions of numbers called by the methods of a class. As in `known`, the wrapper of `raise#`
//! stands where the compiled function would be.

use crate::vm::*;
use Bci::*;
use bcvm::abi::request::{Closure, Outcome, Reply, Request};
use bcvm::bco::resolved::ResolvedBcoPtr::{self, Bco, Ref, StaticPtr};
use bcvm::bytecode::Bci;
use bcvm::interp::machine::Machine;
use bcvm::word::Addr;

/// A machine that knows `symbol` as the function to which `selector` of a dictionary leads, and pointers to selector and
/// dictionary.
fn machine_knowing(selector: &str, symbol: &str) -> (Machine, [ResolvedBcoPtr; 2]) {
    let mut m = machine();
    let fields = 10;
    let object = vec![0; 8 * (fields + 1)];
    let malloc = Request::Malloc { blocks: vec![&object], nul: false };
    let Reply::Addrs(at) = m.serve(malloc) else { panic!("no memory") };
    let (function, select) = (static_of("raise#"), static_of("raiseIO#"));
    m.mem.set_word(Addr::from_word(at[0]), con_info("ghczmprim_GHCziTuple_Z2T"));
    for i in 1..=fields as u32 {
        m.mem.set_word(Addr::from_word(at[0]).offset_w(i), function);
    }
    let bound = vec![
        ("base_GHCziNum_zdfNumInt_closure", StaticPtr(at[0])),
        (selector, StaticPtr(select)),
        (symbol, StaticPtr(function)),
        ("ghczmprim_GHCziTypes_Izh_con_info", StaticPtr(int_con())),
    ];
    let bound = bound.into_iter().map(|(symbol, p)| {
        let StaticPtr(at) = p else { panic!("static") };
        (symbol, at)
    });
    assert_eq!(m.serve(Request::Bind(bound.collect())), Reply::Unit);
    (m, [StaticPtr(select), StaticPtr(at[0])])
}

fn static_of(name: &str) -> u64 {
    let StaticPtr(at) = primop(name) else { panic!("a wrapper is static") };
    at
}

fn plus() -> (Machine, [ResolvedBcoPtr; 2]) {
    machine_knowing("base_GHCziNum_zp_closure", "base_GHCziNum_zdfNumIntzuzdczp_closure")
}

/// `x op n`, x being the BCO's argument.
fn with_literal([selector, dictionary]: &[ResolvedBcoPtr; 2], n: u64) -> Asm {
    let operands = Asm::function(0, "p").push_ubx(n).pack(int_con(), 1).op(PUSH_LL, &[0, 1]);
    let call = operands.push_g(dictionary.clone()).op(PUSH_APPLY_PPP, &[]).push_g(selector.clone());
    call.op(SLIDE, &[5, 2]).op(ENTER, &[])
}

/// A box whose only field is the application of `body` to `x`.
fn suspended(body: Asm, x: Asm) -> Asm {
    let let_ = x.op(ALLOC_AP, &[1]).op(PUSH_L, &[1]).push_g(Bco(body.done())).op(MKAP, &[2, 1]);
    let_.op(PUSH_L, &[0]).pack(con_info("ghczmprim_GHCziTuple_Z2T"), 2).op(SLIDE, &[1, 1]).op(ENTER, &[])
}

/// An evaluated Int.
fn int(n: u64) -> Asm {
    Asm::new().push_ubx(n).pack(int_con(), 1)
}

/// Evaluates `bco`, a box, and answers what its first field refers to.
fn field(m: &mut Machine, bcos: &[Asm]) -> (u64, Closure) {
    let refs = create(m, &bcos.iter().map(|bco| bco.clone().done()).collect::<Vec<_>>());
    assert!(matches!(seq(m, refs[0]), Outcome::Refs(_)));
    let field = closure(m, refs[0]).ptrs[0];
    (field, closure(m, field))
}

#[track_caller]
fn assert_int(c: &Closure, n: i64) {
    assert_eq!((c.con_desc.as_deref(), c.words.first()), (Some("ghc-prim:GHC.Types.I#"), Some(&(n as u64))), "{c:?}");
}

#[track_caller]
fn assert_suspended(c: &Closure) {
    assert_eq!(c.con_desc, None, "{c:?}");
}

#[test]
fn an_expression_on_evaluated_numbers_is_computed() {
    let (mut m, names) = plus();
    let (_, c) = field(&mut m, &[suspended(with_literal(&names, 1), int(41))]);
    assert_int(&c, 42);
}

#[test]
fn one_on_a_thunk_is_suspended_and_evaluated_when_it_is_wanted() {
    let (mut m, names) = plus();
    let thunk = int(41).op(ENTER, &[]);
    let (r, c) = field(&mut m, &[suspended(with_literal(&names, 1), Asm::new().push_g(Ref(1))), thunk]);
    assert_suspended(&c);
    assert_eq!(int_of(&mut m, r), 42);
}

#[test]
fn an_expression_within_another_is_part_of_it() {
    let (mut m, names) = plus();
    let [selector, dictionary] = names.clone();
    // let y = x + 20 in y + x
    let inner = Asm::function(0, "p").op(ALLOC_AP, &[1]).op(PUSH_L, &[1]);
    let inner = inner.push_g(Bco(with_literal(&names, 20).done())).op(MKAP, &[2, 1]).op(PUSH_LL, &[1, 0]);
    let sum = inner.push_g(dictionary).op(PUSH_APPLY_PPP, &[]).push_g(selector).op(SLIDE, &[5, 2]).op(ENTER, &[]);
    let (_, c) = field(&mut m, &[suspended(sum.clone(), int(11))]);
    assert_int(&c, 42);
    let (r, c) = field(&mut m, &[suspended(sum, Asm::new().push_g(Ref(1))), int(11).op(ENTER, &[])]);
    assert_suspended(&c);
    assert_eq!(int_of(&mut m, r), 42);
}

#[test]
fn what_may_raise_is_suspended() {
    let div = "base_GHCziReal_zdfIntegralIntzuzdcdiv_closure";
    for (divisor, quotient) in [(0, None), (u64::MAX, None), (2, Some(-4))] {
        let (mut m, names) = machine_knowing("base_GHCziReal_div_closure", div);
        let (_, c) = field(&mut m, &[suspended(with_literal(&names, divisor), int(-7i64 as u64))]);
        match quotient {
            Some(n) => assert_int(&c, n),
            None => assert_suspended(&c),
        }
    }
}

#[test]
fn one_without_variables_is_suspended() {
    let (mut m, names) = plus();
    let [selector, dictionary] = names;
    let body = Asm::new().push_ubx(40).pack(int_con(), 1).push_ubx(2).pack(int_con(), 1).push_g(dictionary);
    let body = body.op(PUSH_APPLY_PPP, &[]).push_g(selector).op(SLIDE, &[3, 0]).op(ENTER, &[]);
    let bco = int(0).op(ALLOC_AP, &[0]).push_g(Bco(body.done())).op(MKAP, &[1, 0]);
    let pair = bco.op(PUSH_L, &[0]).pack(con_info("ghczmprim_GHCziTuple_Z2T"), 2).op(SLIDE, &[1, 1]).op(ENTER, &[]);
    let (r, c) = field(&mut m, &[pair]);
    assert_suspended(&c);
    assert_eq!(int_of(&mut m, r), 42);
}

#[test]
fn nothing_is_computed_once_a_breakpoint_was_enabled() {
    let (mut m, names) = plus();
    let Reply::Refs(array) = m.serve(Request::NewBreakArray(1)) else { panic!("no breakpoint array") };
    assert_eq!(m.serve(Request::EnableBreakpoint(array[0], 0, true)), Reply::Unit);
    let (r, c) = field(&mut m, &[suspended(with_literal(&names, 1), int(41))]);
    assert_suspended(&c);
    assert_eq!(int_of(&mut m, r), 42);
}

/// The byte code of `case x < n of alternatives`, as GHC makes it of an expression with a breakpoint, which is called where
/// it is made.
#[test]
fn a_comparison_that_is_called_at_once_is_computed() {
    let lt = "ghczmprim_GHCziClasses_ltInt_closure";
    for (x, evaluated) in [(1u64, true), (1, false), (2, true), (2, false)] {
        let (mut m, names) = machine_knowing("ghczmprim_GHCziClasses_zl_closure", lt);
        let compare = with_literal(&names, 2);
        let mut call = if evaluated { int(x) } else { Asm::new().push_g(Ref(1)) };
        call = call.op(ALLOC_AP_NOUPD, &[1]).op(PUSH_L, &[1]).push_g(Bco(compare.done())).op(MKAP, &[2, 1]);
        call = call.op(PUSH_L, &[0]).op(SLIDE, &[1, 2]).op(ENTER, &[]);
        let refs = create(&mut m, &[call.done(), int(x).op(ENTER, &[]).done()]);
        assert!(matches!(seq(&mut m, refs[0]), Outcome::Refs(_)));
        let expected = if x < 2 { "ghc-prim:GHC.Types.True" } else { "ghc-prim:GHC.Types.False" };
        assert_eq!(closure(&mut m, refs[0]).con_desc.as_deref(), Some(expected));
    }
}

#[test]
fn a_method_of_one_number_evaluates_it() {
    let abs = "base_GHCziNum_zdfNumIntzuzdcabs_closure";
    let (mut m, [selector, dictionary]) = machine_knowing("base_GHCziNum_abs_closure", abs);
    let call = |x: Asm| {
        let call = x.op(PUSH_L, &[0]).push_g(dictionary.clone()).op(PUSH_APPLY_PP, &[]).push_g(selector.clone());
        call.op(SLIDE, &[4, 1]).op(ENTER, &[]).done()
    };
    let thunk = int(-42i64 as u64).op(ENTER, &[]).done();
    let refs = create(&mut m, &[call(int(-42i64 as u64)), call(Asm::new().push_g(Ref(2))), thunk]);
    assert_eq!(int_of(&mut m, refs[0]), 42);
    assert_eq!(int_of(&mut m, refs[1]), 42);
}

/// While BCOs are created a pointer to one that comes later is not there yet.
#[test]
fn a_function_that_comes_later_is_no_method() {
    let (mut m, [_, dictionary]) = plus();
    let operands = int(1).push_ubx(2).pack(int_con(), 1).push_g(dictionary);
    let call = operands.op(PUSH_APPLY_PPP, &[]).push_g(Ref(1)).op(ENTER, &[]);
    let third = Asm::function(3, "ppp").op(PUSH_L, &[2]).op(SLIDE, &[1, 3]).op(ENTER, &[]);
    let refs = create(&mut m, &[call.done(), third.done()]);
    assert_eq!(int_of(&mut m, refs[0]), 1);
}

/// A function that lies on the stack is called with as many arguments as it takes, with fewer, and with more.
#[test]
fn functions_on_the_stack_are_called() {
    let second = || Asm::function(2, "pp").op(PUSH_L, &[1]).op(SLIDE, &[1, 2]).op(ENTER, &[]);
    let constant = || {
        let inner = Asm::function(2, "pp").op(PUSH_L, &[1]).op(SLIDE, &[1, 2]).op(ENTER, &[]);
        // A partial application of `second` to its argument, which takes one more.
        let pap = Asm::function(1, "p").op(ALLOC_PAP, &[1, 1]).op(PUSH_L, &[1]).push_g(Bco(inner.done()));
        pap.op(MKPAP, &[2, 1]).op(SLIDE, &[1, 1]).op(ENTER, &[])
    };
    // [7, 8, f]: f applied to 8 and 7.
    let call = |f: Asm| {
        let f = Asm::new().push_ubx(7).pack(int_con(), 1).push_ubx(8).pack(int_con(), 1).push_g(Bco(f.done()));
        f.op(PUSH_LL, &[2, 1]).op(PUSH_APPLY_PP, &[]).op(PUSH_L, &[3]).op(SLIDE, &[4, 3]).op(ENTER, &[])
    };
    assert_eq!(run_int(call(second())), 7);
    assert_eq!(run_int(call(constant())), 7);
    let partial = Asm::new().push_g(Bco(second().done())).push_ubx(9).pack(int_con(), 1).op(PUSH_L, &[0]);
    let partial = partial.op(PUSH_APPLY_P, &[]).op(PUSH_L, &[3]).op(SLIDE, &[3, 2]).op(ENTER, &[]);
    let case = Asm::alts("").push_ubx(5).pack(int_con(), 1).op(PUSH_L, &[0]).op(PUSH_APPLY_P, &[]);
    let case = case.op(PUSH_L, &[3]).op(SLIDE, &[3, 4]).op(ENTER, &[]);
    let main = Asm::new().push_alts(PUSH_ALTS, case).push_g(Ref(1)).op(ENTER, &[]);
    let mut m = machine();
    let refs = create(&mut m, &[main.done(), partial.done()]);
    assert_eq!(int_of(&mut m, refs[0]), 5);
}
