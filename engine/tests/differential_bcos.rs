//! Byte code made by hand, one instruction at a time, gives the same numbers on every backend and on GHC's own server.

mod asm;
mod differential_common;

use Bci::*;
use asm::*;
use bcvm::bco::resolved::{ResolvedBco, ResolvedBcoPtr};
use bcvm::bytecode::Bci;
use bcvm_engine::Interp;
use bcvm_engine::interp::{BcoOpts, EvalExpr, EvalStatus};
use differential_common::*;

/// What byte code refers to.
#[derive(Clone, Copy)]
struct Names {
    int: u64,
    pair: u64,
    lt: u64,
    gt: u64,
    plus: u64,
}

impl Names {
    fn of(interp: &Interp) -> Names {
        Names {
            int: con(interp, "GHCziTypes_Izh"),
            pair: con(interp, "GHCziTuple_Z2T"),
            lt: symbol(interp, "ghczmprim_GHCziTypes_LT_closure"),
            gt: symbol(interp, "ghczmprim_GHCziTypes_GT_closure"),
            plus: symbol(interp, "ghczmprim_GHCziPrimopWrappers_zpzh_closure"),
        }
    }
}

/// BCOs of which the last is an Int.
type Case = (&'static str, fn(Names) -> Vec<Asm>, i64);

/// An Int of the word on top, with `by` words slid away.
fn ret(a: Asm, n: Names, by: u64) -> Asm {
    a.pack(n.int, 1).enter(by)
}

/// Words on the stack, the first deepest, then `body`, which leaves one word on top of them.
fn over(n: Names, words: &[u64], body: impl FnOnce(Asm) -> Asm) -> Vec<Asm> {
    let pushed = words.iter().fold(Asm::new(), |a, w| a.push_ubx(*w));
    vec![ret(body(pushed), n, words.len() as u64)]
}

/// `case x of { lit -> 1; _ -> 0 }` with the given test of an unlifted value.
fn test(n: Names, [push, give, test]: [Bci; 3], x: u64, lit: u64) -> Vec<Asm> {
    let mut alts = Asm::new();
    let l = alts.lit(lit);
    let pass = |a: Asm| ret(a.push_ubx(1), n, 4);
    let fail_at = pass(alts.clone().op(test, &[l, 0])).here();
    let alts = ret(pass(alts.op(test, &[l, fail_at])).push_ubx(0), n, 4);
    vec![Asm::new().push_alts(push, alts).push_ubx(x).op(give, &[])]
}

/// The same with a constructor's tag.
fn test_con(n: Names, op: Bci, closure: u64, tag: u64) -> Vec<Asm> {
    let pass = |a: Asm| ret(a.push_ubx(1), n, 3);
    let fail_at = pass(Asm::new().op(op, &[tag, 0])).here();
    let alts = ret(pass(Asm::new().op(op, &[tag, fail_at])).push_ubx(0), n, 3);
    vec![Asm::new().push_alts(PUSH_ALTS, alts).push_g(ResolvedBcoPtr::StaticPtr(closure)).op(ENTER, &[])]
}

/// A case on an unlifted value: the alternatives find [stg_ret, value, ctoi, BCO, live word].
fn case_unlifted(n: Names, push: Bci, give: Bci) -> Vec<Asm> {
    let alts = ret(Asm::function(0, "n").op(PUSH_L, &[1]), n, 5);
    vec![Asm::new().push_ubx(77).push_alts(push, alts).push_ubx(99).op(give, &[])]
}

/// `\x y -> x` over Ints, for applying in many ways.
fn first() -> Asm {
    Asm::function(2, "pp").op(PUSH_L, &[0]).enter(2)
}

fn boxed(n: Names, word: u64) -> Asm {
    ret(Asm::new().push_ubx(word), n, 0)
}

const N: [Bci; 2] = [PUSH_ALTS_N, RETURN_N];
const D: [Bci; 2] = [PUSH_ALTS_D, RETURN_D];
const F: [Bci; 2] = [PUSH_ALTS_F, RETURN_F];
const MINUS: u64 = -3i64 as u64;
const WORD: u64 = 0x8877_6655_4433_2211;

const CASES: &[Case] = &[
    ("PUSH_L", |n| over(n, &[7, 8, 9], |a| a.op(PUSH_L, &[2])), 7),
    ("PUSH_LL takes offsets from the old Sp", |n| over(n, &[5, 6], |a| a.op(PUSH_LL, &[0, 1]).op(SLIDE, &[1, 1])), 5),
    ("PUSH_LLL", |n| over(n, &[5, 6, 7], |a| a.op(PUSH_LLL, &[2, 1, 0]).op(SLIDE, &[1, 2])), 7),
    ("PUSH8_W", |n| over(n, &[WORD], |a| a.op(PUSH8_W, &[1])), 0x22),
    ("PUSH16_W", |n| over(n, &[WORD], |a| a.op(PUSH16_W, &[2])), 0x4433),
    ("PUSH32_W", |n| over(n, &[WORD], |a| a.op(PUSH32_W, &[4])), 0x8877_6655),
    (
        "pieces make a word",
        |n| {
            let mut a = Asm::new();
            let l = a.lit(0xdead_beef_1234_5678);
            vec![ret(a.op(PUSH_UBX32, &[l]).op(PUSH_UBX16, &[l]).op(PUSH_UBX8, &[l]).op(PUSH_PAD8, &[]), n, 0)]
        },
        0x1234_5678_5678_7800,
    ),
    (
        "PUSH32, PUSH16, PUSH8 take bytes from the old Sp",
        |n| over(n, &[WORD], |a| a.op(PUSH32, &[0]).op(PUSH16, &[6]).op(PUSH8, &[2]).op(PUSH8, &[0])),
        0x4433_2211_4433_1111,
    ),
    ("PUSH_PAD", |n| over(n, &[], |a| a.op(PUSH_PAD32, &[]).op(PUSH_PAD16, &[]).op(PUSH_PAD16, &[])), 0),
    (
        "SLIDE",
        |n| {
            over(n, &[1, 2, 3, 4], |a| {
                a.op(PUSH_LL, &[1, 0])
                    .op(SLIDE, &[2, 3])
                    .op(PUSH_L, &[1])
                    .op(SLIDE, &[1, 2])
                    .op(PUSH_L, &[0])
                    .op(PUSH_LL, &[0, 0])
            })
        },
        3,
    ),
    ("SWIZZLE", |n| over(n, &[100], |a| a.op(PUSH_L, &[0]).op(SWIZZLE, &[0, -16i64 as u16 as u64])), 84),
    (
        "UNPACK puts field 0 on top",
        |n| vec![ret(Asm::new().push_ubx(30).push_ubx(40).pack(n.pair, 2).op(UNPACK, &[2]).op(SLIDE, &[1, 2]), n, 0)],
        40,
    ),
    (
        "PUSH_ALTS and ENTER",
        |n| {
            vec![
                Asm::new()
                    .push_alts(PUSH_ALTS, ret(Asm::new().op(UNPACK, &[1]), n, 3))
                    .push_ubx(5)
                    .pack(n.int, 1)
                    .op(ENTER, &[]),
            ]
        },
        5,
    ),
    (
        "PUSH_ALTS and RETURN",
        |n| {
            vec![
                Asm::new()
                    .push_alts(PUSH_ALTS, ret(Asm::new().op(UNPACK, &[1]), n, 3))
                    .push_ubx(8)
                    .pack(n.int, 1)
                    .op(RETURN, &[]),
            ]
        },
        8,
    ),
    ("PUSH_ALTS_N", |n| case_unlifted(n, PUSH_ALTS_N, RETURN_N), 99),
    ("PUSH_ALTS_D", |n| case_unlifted(n, PUSH_ALTS_D, RETURN_D), 99),
    ("PUSH_ALTS_F", |n| case_unlifted(n, PUSH_ALTS_F, RETURN_F), 99),
    ("PUSH_ALTS_L", |n| case_unlifted(n, PUSH_ALTS_L, RETURN_L), 99),
    (
        "PUSH_ALTS_V",
        |n| {
            vec![
                Asm::new()
                    .push_ubx(78)
                    .push_alts(PUSH_ALTS_V, ret(Asm::function(0, "n").op(PUSH_L, &[3]), n, 4))
                    .op(RETURN_V, &[]),
            ]
        },
        78,
    ),
    (
        "PUSH_ALTS_P",
        |n| {
            let alts = Asm::new().op(PUSH_L, &[1]).enter(4);
            vec![Asm::new().push_alts(PUSH_ALTS_P, alts).push_ubx(6).pack(n.int, 1).op(RETURN_P, &[])]
        },
        6,
    ),
    ("-3 < 1", |n| test(n, [N[0], N[1], TESTLT_I], MINUS, 1), 1),
    ("2 < 2", |n| test(n, [N[0], N[1], TESTLT_I], 2, 2), 0),
    ("2 == 2", |n| test(n, [N[0], N[1], TESTEQ_I], 2, 2), 1),
    ("-3 < 1, unsigned", |n| test(n, [N[0], N[1], TESTLT_W], MINUS, 1), 0),
    ("-3 == -3, unsigned", |n| test(n, [N[0], N[1], TESTEQ_W], MINUS, MINUS), 1),
    ("1.5 < 2.0", |n| test(n, [D[0], D[1], TESTLT_D], 1.5f64.to_bits(), 2f64.to_bits()), 1),
    ("0.0 == -0.0", |n| test(n, [D[0], D[1], TESTEQ_D], 0, (-0f64).to_bits()), 1),
    (
        "NaN < 2.0 passes: it is not greater or equal",
        |n| test(n, [D[0], D[1], TESTLT_D], f64::NAN.to_bits(), 2f64.to_bits()),
        1,
    ),
    ("NaN == NaN", |n| test(n, [D[0], D[1], TESTEQ_D], f64::NAN.to_bits(), f64::NAN.to_bits()), 0),
    (
        "1.5 == 1.5, garbage above",
        |n| test(n, [F[0], F[1], TESTEQ_F], 0xdead_0000_0000_0000 | 1.5f32.to_bits() as u64, 1.5f32.to_bits() as u64),
        1,
    ),
    ("1.5 < 2.0, Float#", |n| test(n, [F[0], F[1], TESTLT_F], 1.5f32.to_bits() as u64, 2f32.to_bits() as u64), 1),
    ("TESTEQ_P of LT and 0", |n| test_con(n, TESTEQ_P, n.lt, 0), 1),
    ("TESTEQ_P of GT and 0", |n| test_con(n, TESTEQ_P, n.gt, 0), 0),
    ("TESTLT_P of LT and 1", |n| test_con(n, TESTLT_P, n.lt, 1), 1),
    ("TESTLT_P of GT and 2", |n| test_con(n, TESTLT_P, n.gt, 2), 0),
    (
        "JMP",
        |n| {
            let target = Asm::new().push_ubx(1).op(JMP, &[0]).op(CASEFAIL, &[]).here();
            over(n, &[], |a| a.push_ubx(1).op(JMP, &[target]).op(CASEFAIL, &[]))
        },
        1,
    ),
    (
        "STKCHECK lets the stack grow",
        |n| {
            let check = Asm::new().op(STKCHECK, &[20_000]);
            vec![ret((0..9_000).fold(check, |a, i| a.push_ubx(i % 7)), n, 8_999)]
        },
        8_999 % 7,
    ),
    (
        "large operands",
        |n| {
            let mut a = Asm::new();
            let (l, p) = (a.lit(41), a.ptr(ResolvedBcoPtr::StaticPtr(n.lt)));
            let a = a.large().op(PUSH_G, &[p]).op(PUSH_UBX, &[l, 1]);
            vec![ret(a, n, 1)]
        },
        41,
    ),
    (
        "a partial application made by ALLOC_PAP and MKPAP",
        |n| {
            let main = Asm::new()
                .push_g(ResolvedBcoPtr::Ref(1))
                .op(PUSH_APPLY_P, &[])
                .op(ALLOC_PAP, &[1, 1])
                .push_g(ResolvedBcoPtr::Ref(0))
                .push_g(ResolvedBcoPtr::Bco(first().done()))
                .op(MKPAP, &[2, 1])
                .op(ENTER, &[]);
            vec![boxed(n, 13), boxed(n, 14), main]
        },
        13,
    ),
    (
        "a function applied to too many arguments",
        |n| {
            // (\x -> x) first 8 9
            let id = Asm::function(1, "p").op(PUSH_L, &[0]).enter(1);
            let main = Asm::new()
                .push_g(ResolvedBcoPtr::Ref(3))
                .push_g(ResolvedBcoPtr::Ref(2))
                .push_g(ResolvedBcoPtr::Ref(0))
                .op(PUSH_APPLY_PPP, &[])
                .push_g(ResolvedBcoPtr::Ref(1))
                .op(ENTER, &[]);
            vec![first(), id, boxed(n, 8), boxed(n, 9), main]
        },
        8,
    ),
    (
        "a primop's wrapper, its result returned to PUSH_ALTS_N",
        |n| {
            let alts = ret(Asm::new().op(PUSH_L, &[1]), n, 4);
            vec![
                Asm::new()
                    .push_alts(PUSH_ALTS_N, alts)
                    .push_ubx(2)
                    .op(PUSH_APPLY_N, &[])
                    .push_ubx(40)
                    .op(PUSH_APPLY_N, &[])
                    .push_g(ResolvedBcoPtr::StaticPtr(n.plus))
                    .op(ENTER, &[]),
            ]
        },
        42,
    ),
    (
        "a thunk made by ALLOC_AP and MKAP",
        |n| {
            // let t = first 3 4 in t
            let (three, four) = (boxed(n, 3), boxed(n, 4));
            let main = Asm::new()
                .op(ALLOC_AP, &[2])
                .push_g(ResolvedBcoPtr::Ref(1))
                .push_g(ResolvedBcoPtr::Ref(0))
                .push_g(ResolvedBcoPtr::Bco(first().done()))
                .op(MKAP, &[3, 2])
                .enter(0);
            vec![three, four, main]
        },
        3,
    ),
];

fn assemble(case: &Case, interp: &Interp) -> Vec<ResolvedBco> {
    case.1(Names::of(interp)).into_iter().map(Asm::done).collect()
}

#[test]
fn each_instruction_does_the_same_everywhere() {
    let backends = everywhere();
    for case in CASES {
        for (name, interp) in &backends {
            let refs =
                interp.create_bcos(&assemble(case, interp)).unwrap_or_else(|e| panic!("{}, {name}: {e}", case.0));

            assert_eq!(int(interp, refs.last().unwrap()) as i64, case.2, "{} on {name}", case.0);
        }
    }
}

#[test]
fn statements_give_references_to_the_elements() {
    // \_ -> (# s, [1, 2] #), run as IO.
    let ends = same_everywhere("EvalStmt", |interp| {
        let n = Names::of(interp);
        let cons = con(interp, "GHCziTypes_ZC");
        let nil = ResolvedBcoPtr::StaticPtr(symbol(interp, "ghczmprim_GHCziTypes_ZMZN_closure"));
        let list = Asm::new().push_g(nil).push_g(ResolvedBcoPtr::Ref(1)).pack(cons, 2).push_g(ResolvedBcoPtr::Ref(0));
        let list = list.pack(cons, 2).op(ENTER, &[]);
        let io = Asm::function(1, "").push_g(ResolvedBcoPtr::Ref(2)).op(ENTER, &[]);
        // \f s -> f s
        let apply = Asm::function(2, "p").op(PUSH_APPLY_V, &[]).op(PUSH_L, &[1]).op(SLIDE, &[2, 1]).op(ENTER, &[]);
        let bcos = [boxed(n, 1), boxed(n, 2), list, io, apply].map(Asm::done);
        let refs = interp.create_bcos(&bcos).unwrap();
        let stmt = EvalExpr::This(&refs[4]).apply(&refs[3]);
        let EvalStatus::Complete { allocated, result } = interp.eval_stmt(&stmt).unwrap() else { panic!("a break") };
        assert!(allocated > 0 && allocated < 1 << 20, "{allocated}");
        assert_eq!(interp.eval_io(&refs[3]).unwrap().map_err(|e| e.to_string()), Ok(()));
        result.unwrap().iter().map(|r| int(interp, r)).collect::<Vec<_>>()
    });
    assert_eq!(ends, [1, 2]);
}

#[test]
fn strings_cross_the_border_with_all_their_characters() {
    const TEXT: &str = "a \u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000} λ😀";
    let text = same_everywhere("EvalStringToString", |interp| {
        // \s _ -> (# s, text #)
        let function = Asm::function(2, "p").op(PUSH_L, &[0]).enter(1).done();
        let f = interp.create_bcos(&[function]).unwrap();
        interp.eval_string_to_io_string(&f[0], TEXT).unwrap().unwrap()
    });
    assert_eq!(text, TEXT);
}

#[test]
fn chunks_encoded_in_parallel_make_the_same_objects() {
    let sums = same_everywhere("CreateBCOs", |interp| {
        let n = Names::of(interp);
        // Each refers to its successor, across the borders of chunks; the last is a number.
        let count = 1_050u64;
        let next = |i| Asm::new().push_g(ResolvedBcoPtr::Ref(i + 1)).op(ENTER, &[]);
        let mut bcos: Vec<_> = (0..count).map(|i| next(i).done()).collect();
        bcos.push(boxed(n, 99).done());
        let refs = interp.create_bcos_with(BcoOpts { n_jobs: 3 }, &bcos).unwrap();
        (refs.len(), int(interp, &refs[0]))
    });
    assert_eq!(sums, (1_051, 99));
}
