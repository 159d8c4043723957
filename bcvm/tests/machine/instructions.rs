//! Every instruction, by what it does to a small program's result.

use crate::vm::*;
use Bci::*;
use bcvm::bco::resolved::ResolvedBcoPtr;
use bcvm::bytecode::Bci;

#[test]
fn pack_and_enter() {
    assert_eq!(run_int(Asm::new().push_ubx(42).return_int(0).done()), 42);
}

/// Binds the words `values` on the stack, the first deepest, then lets `body` leave one word on top.
fn with_words(values: &[u64], body: impl FnOnce(Asm) -> Asm) -> i64 {
    let mut asm = Asm::new();
    for v in values {
        asm = asm.push_ubx(*v);
    }
    run_int(body(asm).return_int(values.len() as u64))
}

#[test]
fn push_l() {
    assert_eq!(with_words(&[7, 8, 9], |a| a.op(PUSH_L, &[2])), 7);
}

#[test]
fn push_ll_and_lll_use_the_old_stack_pointer() {
    // PUSH_LL 0 1 pushes the old top, then the word under it.
    assert_eq!(with_words(&[5, 6], |a| a.op(PUSH_LL, &[0, 1]).op(SLIDE, &[1, 1])), 5);
    assert_eq!(with_words(&[5, 6], |a| a.op(PUSH_LL, &[1, 0]).op(SLIDE, &[1, 1])), 6);
    assert_eq!(with_words(&[5, 6, 7], |a| a.op(PUSH_LLL, &[0, 1, 2]).op(SLIDE, &[1, 2])), 5);
    assert_eq!(with_words(&[5, 6, 7], |a| a.op(PUSH_LLL, &[2, 1, 0]).op(SLIDE, &[1, 2])), 7);
}

#[test]
fn push_ubx_puts_the_first_literal_on_top() {
    let mut a = Asm::new();
    let first = a.lit(11);
    a.lit(22);
    let a = a.op(PUSH_UBX, &[first, 2]).op(SLIDE, &[1, 1]);
    assert_eq!(run_int(a.return_int(0)), 11);
}

#[test]
fn narrow_pushes() {
    let word = 0x8877_6655_4433_2211u64;
    let cases = [(PUSH8_W, 1, 0x22), (PUSH16_W, 2, 0x4433), (PUSH32_W, 4, 0x8877_6655)];
    for (op, offset, want) in cases {
        assert_eq!(with_words(&[word], |a| a.op(op, &[offset])), want, "{op:?}");
    }
    // Eight bytes pushed in pieces make a word: the last piece is the lowest.
    let mut a = Asm::new();
    let l = a.lit(0xdead_beef_1234_5678);
    let a = a.op(PUSH_UBX32, &[l]).op(PUSH_UBX16, &[l]).op(PUSH_UBX8, &[l]).op(PUSH_PAD8, &[]);
    assert_eq!(run_int(a.return_int(0)), 0x1234_5678_5678_7800);
    let a = Asm::new().push_ubx(word).op(PUSH32, &[0]).op(PUSH16, &[6]).op(PUSH8, &[2]).op(PUSH8, &[0]);
    // Offsets are from Sp as it is before each push: 0x44332211; then the word is 4 bytes up.
    assert_eq!(run_int(a.return_int(1)) as u64 >> 32, 0x4433_2211);
    assert_eq!(run_int(Asm::new().op(PUSH_PAD32, &[]).op(PUSH_PAD16, &[]).op(PUSH_PAD16, &[]).return_int(0)), 0);
}

#[test]
fn slide_keeps_the_top_words_in_order() {
    // [4, 3 | 4, 3, 2 | 1] loses its middle: [4, 3, 1].
    let a = Asm::new().push_ubx(1).push_ubx(2).push_ubx(3).push_ubx(4).op(PUSH_LL, &[1, 0]).op(SLIDE, &[2, 3]);
    assert_eq!(run_int(a.clone().return_int(2)), 4);
    assert_eq!(run_int(a.op(PUSH_L, &[1]).return_int(3)), 3);
}

#[test]
fn swizzle_adds_a_signed_number() {
    assert_eq!(with_words(&[100], |a| a.op(PUSH_L, &[0]).op(SWIZZLE, &[0, -16i64 as u16 as u64])), 84);
    assert_eq!(with_words(&[100], |a| a.op(PUSH_L, &[0]).op(SWIZZLE, &[0, 24])), 124);
}

#[test]
fn unpack_puts_field_0_on_top() {
    let pair = con_info("ghczmprim_GHCziTuple_Z2T");
    let a = Asm::new().push_ubx(30).push_ubx(40).pack(pair, 2).op(UNPACK, &[2]).op(SLIDE, &[1, 2]);
    assert_eq!(run_int(a.return_int(0)), 40);
}

#[test]
fn case_on_a_lifted_value() {
    // case I# 5 of r -> I# (payload of r): the alternatives find [value, info, BCO].
    let alts = Asm::alts("").op(UNPACK, &[1]).return_int(3);
    let a = Asm::new().push_alts(PUSH_ALTS, alts).push_ubx(5).pack(int_con(), 1).op(ENTER, &[]);
    assert_eq!(run_int(a.done()), 5);
}

#[test]
fn case_on_each_unlifted_representation() {
    // The alternatives find [stg_ret, value, ctoi, BCO, live...]; live is one word here.
    for (push, ret) in
        [(PUSH_ALTS_N, RETURN_N), (PUSH_ALTS_D, RETURN_D), (PUSH_ALTS_F, RETURN_F), (PUSH_ALTS_L, RETURN_L)]
    {
        let alts = Asm::alts("n").op(PUSH_L, &[1]).return_int(5);
        let a = Asm::new().push_ubx(77).push_alts(push, alts).push_ubx(99).op(ret, &[]);
        assert_eq!(run_int(a.done()), 99, "{push:?}");
    }
    let alts = Asm::alts("n").op(PUSH_L, &[3]).return_int(4);
    let a = Asm::new().push_ubx(78).push_alts(PUSH_ALTS_V, alts).op(RETURN_V, &[]);
    assert_eq!(run_int(a.done()), 78);
    let alts = Asm::alts("").op(PUSH_L, &[1]).op(SLIDE, &[1, 4]).op(ENTER, &[]);
    let a = Asm::new().push_alts(PUSH_ALTS_P, alts).push_ubx(6).pack(int_con(), 1).op(RETURN_P, &[]);
    assert_eq!(run_int(a.done()), 6);
}

#[test]
fn return_hands_over_without_evaluating() {
    let alts = Asm::alts("").op(UNPACK, &[1]).return_int(3);
    let a = Asm::new().push_alts(PUSH_ALTS, alts).push_ubx(8).pack(int_con(), 1).op(RETURN, &[]);
    assert_eq!(run_int(a.done()), 8);
}

/// `case x of lit -> 1; _ -> 0` with the given test, on an unlifted value.
fn test_unlifted(push: Bci, ret: Bci, test: Bci, x: u64, lit: u64) -> bool {
    let mut alts = Asm::alts("");
    let l = alts.lit(lit);
    let pass = |a: Asm| a.push_ubx(1).return_int(4);
    let fail_at = pass(alts.clone().op(test, &[l, 0])).here();
    let alts = pass(alts.op(test, &[l, fail_at])).push_ubx(0).return_int(4);
    run_int(Asm::new().push_alts(push, alts).push_ubx(x).op(ret, &[]).done()) == 1
}

#[test]
fn tests_on_numbers() {
    let minus = -3i64 as u64;
    for (x, lit, less, equal) in
        [(1, 2, true, false), (2, 2, false, true), (minus, 1, true, false), (5, minus, false, false)]
    {
        assert_eq!(test_unlifted(PUSH_ALTS_N, RETURN_N, TESTLT_I, x, lit), less, "{x} < {lit}");
        assert_eq!(test_unlifted(PUSH_ALTS_N, RETURN_N, TESTEQ_I, x, lit), equal, "{x} == {lit}");
    }
    assert!(!test_unlifted(PUSH_ALTS_N, RETURN_N, TESTLT_W, minus, 1));
    assert!(test_unlifted(PUSH_ALTS_N, RETURN_N, TESTLT_W, 1, minus));
    assert!(test_unlifted(PUSH_ALTS_N, RETURN_N, TESTEQ_W, minus, minus));
    let d = |x: f64| x.to_bits();
    assert!(test_unlifted(PUSH_ALTS_D, RETURN_D, TESTLT_D, d(1.5), d(2.0)));
    assert!(!test_unlifted(PUSH_ALTS_D, RETURN_D, TESTLT_D, d(2.0), d(2.0)));
    assert!(test_unlifted(PUSH_ALTS_D, RETURN_D, TESTEQ_D, d(0.0), d(-0.0)));
    // A NaN is not greater or equal, so "less" passes; it is not equal to itself.
    assert!(test_unlifted(PUSH_ALTS_D, RETURN_D, TESTLT_D, d(f64::NAN), d(2.0)));
    assert!(!test_unlifted(PUSH_ALTS_D, RETURN_D, TESTEQ_D, d(f64::NAN), d(f64::NAN)));
    // Of a Float# only the low half counts.
    let f = |x: f32| x.to_bits() as u64 | 0xdead_0000_0000_0000;
    assert!(test_unlifted(PUSH_ALTS_F, RETURN_F, TESTLT_F, f(1.5), f(2.0)));
    assert!(test_unlifted(PUSH_ALTS_F, RETURN_F, TESTEQ_F, f(1.5), 1.5f32.to_bits() as u64));
}

#[test]
fn tests_on_constructors() {
    let run = |con: &str, test: Bci, tag: u64| {
        let alts = Asm::alts("");
        let pass = |a: Asm| a.push_ubx(1).return_int(3);
        let fail_at = pass(alts.clone().op(test, &[tag, 0])).here();
        let alts = pass(alts.op(test, &[tag, fail_at])).push_ubx(0).return_int(3);
        let con = ResolvedBcoPtr::StaticPtr(static_ptr(con));
        run_int(Asm::new().push_alts(PUSH_ALTS, alts).push_g(con).op(ENTER, &[]).done()) == 1
    };
    let (lt, eq, gt) =
        ("ghczmprim_GHCziTypes_LT_closure", "ghczmprim_GHCziTypes_EQ_closure", "ghczmprim_GHCziTypes_GT_closure");
    assert!(run(lt, TESTEQ_P, 0) && !run(gt, TESTEQ_P, 0) && run(gt, TESTEQ_P, 2));
    assert!(run(lt, TESTLT_P, 1) && !run(eq, TESTLT_P, 1) && run(eq, TESTLT_P, 2) && !run(gt, TESTLT_P, 2));
}

#[test]
fn jmp_skips() {
    let a = Asm::new().push_ubx(1);
    let target = a.clone().op(JMP, &[0]).op(CASEFAIL, &[]).here();
    assert_eq!(run_int(a.op(JMP, &[target]).op(CASEFAIL, &[]).return_int(0)), 1);
}

#[test]
fn stkcheck_makes_room() {
    let mut a = Asm::new().op(STKCHECK, &[20_000]);
    for i in 0..9_000 {
        a = a.push_ubx(i % 7);
    }
    assert_eq!(run_int(a.return_int(8_999)), 8_999 % 7);
}

#[test]
fn large_operands() {
    // A literal array beyond 65,535 needs the large form.
    let mut a = Asm::new();
    for i in 0..70_000 {
        a.lit(i);
    }
    assert_eq!(run_int(a.op(PUSH_UBX, &[69_999, 1]).return_int(0)), 69_999);
}

#[test]
fn primops_are_applied_in_any_number_of_frames() {
    // 40 - 2 through two stg_ap_n frames, the result returned to PUSH_ALTS_N.
    let alts = Asm::alts("").op(PUSH_L, &[1]).return_int(4);
    let a = Asm::new()
        .push_alts(PUSH_ALTS_N, alts)
        .push_ubx(2)
        .op(PUSH_APPLY_N, &[])
        .push_ubx(40)
        .op(PUSH_APPLY_N, &[])
        .push_g(primop("-#"))
        .op(ENTER, &[]);
    assert_eq!(run_int(a.done()), 38);
}

#[test]
fn ccall_reaches_built_in_functions_and_breakpoints_say_what_is_missing() {
    use bcvm::abi::request::{Outcome, Reply, Request};
    let mut m = machine();
    let Reply::Addrs(cif) = m.serve(Request::PrepFfi { conv: 0, args: &[3], result: 3 }) else { panic!() };
    let call = |target: u64, cif: u64| {
        let mut a = Asm::new().push_ubx(2.25f64.to_bits()).push_ubx(target).push_ubx(0);
        let l = a.lit(cif);
        a.op(CCALL, &[3, l, 2]).op(SLIDE, &[1, 2]).return_int(0).done()
    };
    let sqrt = call(static_ptr("sqrt"), cif[0]);
    let strlen = call(static_ptr("strlen"), cif[0]);
    let refs = create(&mut m, &[sqrt, strlen, call(0x4000_0000, cif[0])]);
    assert_eq!(f64::from_bits(int_of(&mut m, refs[0]) as u64), 1.5);
    assert!(matches!(seq(&mut m, refs[1]), Outcome::Crash(why) if why.contains("strlen")));
    assert!(matches!(seq(&mut m, refs[2]), Outcome::Crash(why) if why.contains("cannot be called yet")));

    let Reply::Refs(breaks) = m.serve(Request::NewBreakArray(3)) else { panic!() };
    let mut a = Asm::new();
    let (p, l) = (a.ptr(ResolvedBcoPtr::BreakArray(breaks[0])), a.lit(0));
    let bco = a.op(BRK_FUN, &[p, 2, l, l]).push_ubx(5).return_int(0);
    let refs = create(&mut m, &[bco.clone().done(), bco.done()]);
    assert_eq!(int_of(&mut m, refs[0]), 5);
    assert_eq!(m.serve(Request::EnableBreakpoint(breaks[0], 2, true)), Reply::Unit);
    assert!(matches!(seq(&mut m, refs[1]), Outcome::Crash(why) if why.contains("breakpoint")));
}

#[test]
fn c_functions_on_memory() {
    use bcvm::abi::request::{Reply, Request};
    let mut m = machine();
    let Reply::Addrs(strings) = m.serve(Request::Malloc { blocks: vec![b"hello", b"help", b"....."], nul: true })
    else {
        panic!()
    };
    const POINTER: u8 = 1;
    let mut call = |name: &str, args: &[u64]| {
        let types = vec![POINTER; args.len()];
        let Reply::Addrs(cif) = m.serve(Request::PrepFfi { conv: 0, args: &types, result: POINTER }) else { panic!() };
        let mut a = args.iter().rev().fold(Asm::new(), |a, x| a.push_ubx(*x));
        a = a.push_ubx(static_ptr(name)).push_ubx(0);
        let (l, n) = (a.lit(cif[0]), args.len() as u64);
        let r = create(&mut m, &[a.op(CCALL, &[n + 2, l, 2]).op(SLIDE, &[1, n + 1]).return_int(0).done()])[0];
        int_of(&mut m, r)
    };
    assert_eq!(call("strlen", &[strings[0]]), 5);
    assert_eq!(call("strcmp", &[strings[0], strings[1]]), -1);
    assert_eq!(call("strncmp", &[strings[0], strings[1], 3]), 0);
    assert_eq!(call("memchr", &[strings[0], b'l' as u64, 5]), strings[0] as i64 + 2);
    assert_eq!(call("memcpy", &[strings[2], strings[1], 4]), strings[2] as i64);
    assert_eq!(call("memcmp", &[strings[2], strings[1], 4]), 0);
    assert_eq!(call("memset", &[strings[2], 0, 1]), strings[2] as i64);
    assert_eq!(call("strlen", &[strings[2]]), 0);
}

#[test]
fn variadic_functions_and_functions_that_end_the_program() {
    use bcvm::abi::request::{Outcome, Reply, Request};
    const POINTER: u8 = 1;
    const DOUBLE: u8 = 3;
    const VOID: u8 = 0;
    let mut m = machine();
    let Reply::Addrs(blocks) = m.serve(Request::Malloc { blocks: vec![&[0; 64], b"%g-%d-%g"], nul: true }) else {
        panic!()
    };
    let call = |m: &mut bcvm::Machine, name: &str, args: &[(u8, u64)], result: u8| {
        let types: Vec<u8> = args.iter().map(|a| a.0).collect();
        let Reply::Addrs(cif) = m.serve(Request::PrepFfi { conv: 0, args: &types, result }) else { panic!() };
        let ret = (result != VOID) as u64;
        let mut a = args.iter().rev().fold(Asm::new(), |a, (_, x)| a.push_ubx(*x)).push_ubx(static_ptr(name));
        if ret == 1 {
            a = a.push_ubx(0);
        }
        let (l, n) = (a.lit(cif[0]), args.len() as u64);
        let a = a.op(CCALL, &[n + 1 + ret, l, 2]);
        let a = if ret == 1 { a } else { a.push_ubx(0) };
        let r = create(m, &[a.op(SLIDE, &[1, n + 1]).return_int(0).done()])[0];
        seq(m, r)
    };
    let (out, format) = ((POINTER, blocks[0]), (POINTER, blocks[1]));
    let doubles = [0.5f64, 1.5].map(|d| (DOUBLE, d.to_bits()));
    // Words and doubles in any order, the result ignored.
    let printed = call(&mut m, "sprintf", &[out, format, doubles[0], (POINTER, 7), doubles[1]], VOID);
    assert_eq!(printed, Outcome::Refs(vec![]));
    let mut text = [0; 9];
    m.mem.read_bytes(bcvm::word::Addr::from_word(blocks[0]), &mut text);
    assert_eq!(&text, b"0.5-7-1.5");
    assert!(matches!(call(&mut m, "sprintf", &[out], VOID), Outcome::Crash(why) if why.contains("sprintf")));
    let ended = call(&mut m, "exit", &[(POINTER, 3)], VOID);
    assert_eq!(ended, Outcome::Crash("the program exited with status 3".into()));
    assert_eq!(m.c.pending_exit, Some(3));
    // The machine lives on.
    assert_eq!(call(&mut m, "strlen", &[format], POINTER), Outcome::Refs(vec![]));
}
