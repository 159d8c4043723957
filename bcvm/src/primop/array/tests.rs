//! Arrays of pointers on a machine without a program, with collections in between.

use super::*;
use crate::abi::host::Host;
use crate::gc::Kind;
use crate::heap::remember::card;
use crate::interp::machine::Config;
use crate::primop::effect::Effect;
use proptest::prelude::*;

/// A host of a machine that runs byte code only.
#[derive(Debug)]
struct Quiet;

impl Host for Quiet {
    fn commit(&mut self, _: u32, _: u32) -> bool {
        true
    }

    fn decommit(&mut self, _: u32, _: u32) {}

    fn now_ns(&mut self) -> u64 {
        0
    }

    fn wait(&mut self, _: &mut [crate::abi::host::FdWait], _: u64) {}

    fn log(&mut self, _: &str) {}
}

/// A machine with a heap of 4 MiB.
pub fn machine() -> Machine {
    let (config, end) = Config::internal(4 << 20);
    Machine::new(Mem::arena(end), Box::new(Quiet), config)
}

/// Runs a primop that returns.
pub fn run(m: &mut Machine, op: Effect, args: &[u64]) -> u64 {
    match answer(m, op, args) {
        Answer::Word(w) => w,
        other => panic!("{op:?}{args:?} answered {other:?}"),
    }
}

/// Runs a primop.
pub fn answer(m: &mut Machine, op: Effect, args: &[u64]) -> Answer {
    let mut all = Args::default();
    all[..args.len()].copy_from_slice(args);
    op.run(m, &all)
}

/// Collects, with `p` as a root.
pub fn collect(m: &mut Machine, kind: Kind, p: u64) -> u64 {
    let root = m.stable.make(crate::word::ClosurePtr::from_word(p));
    m.collect(kind);
    assert_eq!(m.crash_report, "");
    let p = m.stable.find(root).expect("just made").word();
    m.stable.free(root);
    p
}

/// A boxed Int.
fn int(m: &mut Machine, n: u64) -> u64 {
    let p = m.allocate(2).unwrap();
    m.mem.set_info(p, info::I_HASH_CON);
    m.mem.set_word(p + 8, n);
    p.word() | 1
}

fn values(m: &mut Machine, array: u64, small: bool) -> Vec<u64> {
    let (size, read) = if small {
        (Effect::SizeofSmallArray, Effect::IndexSmallArray)
    } else {
        (Effect::SizeofArray, Effect::IndexArray)
    };
    let n = run(m, size, &[array]);
    (0..n)
        .map(|i| {
            let p = run(m, read, &[array, i]);
            m.mem.word(Addr::from_word(p & !7) + 8)
        })
        .collect()
}

#[derive(Clone, Debug)]
enum Op {
    Write(u64, u64),
    Copy(u64, u64, u64),
    Clone(bool, u64, u64),
    FreezeThaw,
    Collect(Kind),
}

fn op(n: u64) -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0..n, any::<u64>()).prop_map(|(i, v)| Op::Write(i, v)),
        2 => (0..n, 0..n, 0..n).prop_map(|(a, b, l)| Op::Copy(a, b, l)),
        1 => (any::<bool>(), 0..n / 2, 0..n / 2).prop_map(|(b, a, l)| Op::Clone(b, a, l)),
        1 => Just(Op::FreezeThaw),
        2 => prop_oneof![Just(Kind::Minor), Just(Kind::Major)].prop_map(Op::Collect),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    #[test]
    fn behaves_as_a_vector(small in any::<bool>(), n in prop_oneof![2u64..20, 120u64..140, 400u64..900],
                           ops in prop::collection::vec(op(900), 1..40)) {
        let pick = |a, b| if small { b } else { a };
        let m = &mut machine();
        let zero = int(m, 0);
        let mut array = run(m, pick(Effect::NewArray, Effect::NewSmallArray), &[n, zero]);
        let mut model = vec![0; n as usize];
        for op in ops {
            let len = model.len() as u64;
            match op {
                Op::Write(i, v) if len > 0 => {
                    let p = int(m, v);
                    run(m, pick(Effect::WriteArray, Effect::WriteSmallArray), &[array, i % len, p]);
                    model[(i % len) as usize] = v;
                }
                Op::Copy(from, to, l) => {
                    let copy = pick(Effect::CopyMutableArray, Effect::CopySmallMutableArray);
                    let got = answer(m, copy, &[array, from, array, to, l]);
                    if from + l <= len && to + l <= len {
                        prop_assert_eq!(got, Answer::VOID);
                        model.copy_within(from as usize..(from + l) as usize, to as usize);
                    } else {
                        prop_assert!(matches!(got, Answer::Crash(_)));
                    }
                }
                Op::Clone(frozen, from, l) if from + l <= len => {
                    let clone = match (small, frozen) {
                        (false, true) => Effect::FreezeArray,
                        (false, false) => Effect::ThawArray,
                        (true, true) => Effect::FreezeSmallArray,
                        (true, false) => Effect::ThawSmallArray,
                    };
                    let copy = run(m, clone, &[array, from, l]);
                    prop_assert_eq!(values(m, copy, small), &model[from as usize..(from + l) as usize]);
                    if l > 0 {
                        array = copy;
                        model = model[from as usize..(from + l) as usize].to_vec();
                        if frozen {
                            array = run(m, pick(Effect::UnsafeThawArray, Effect::UnsafeThawSmallArray), &[array]);
                        }
                    }
                }
                Op::FreezeThaw => {
                    let frozen = run(m, pick(Effect::UnsafeFreezeArray, Effect::UnsafeFreezeSmallArray), &[array]);
                    array = collect(m, Kind::Minor, frozen);
                    array = run(m, pick(Effect::UnsafeThawArray, Effect::UnsafeThawSmallArray), &[array]);
                }
                Op::Collect(kind) => array = collect(m, kind, array),
                _ => {}
            }
            prop_assert_eq!(&values(m, array, small), &model);
        }
    }
}

#[test]
fn absurd_lengths_overflow_the_heap() {
    for n in [u64::MAX, 1 << 63, 1 << 32, u32::MAX as u64, 1 << 29, u64::MAX - 2] {
        for op in [Effect::NewArray, Effect::NewSmallArray] {
            let m = &mut machine();
            assert!(matches!(answer(m, op, &[n, 0]), Answer::NeedHeap(_)), "{op:?} of {n}");
            assert!(!m.collect(Kind::Auto), "no collection makes room for {n}");
        }
    }
}

#[test]
fn a_write_sets_the_card() {
    let m = &mut machine();
    let zero = int(m, 0);
    let array = run(m, Effect::NewArray, &[300, zero]);
    let array = collect(m, Kind::Minor, array);
    let array = collect(m, Kind::Minor, array);
    let v = int(m, 1);
    run(m, Effect::WriteArray, &[array, 299, v]);
    let at = Addr::from_word(array);
    assert_eq!([0, 128, 299].map(|i| m.mem.u8(card(at, 300, i))), [0, 0, 1]);
}

#[test]
fn small_arrays_shrink() {
    let m = &mut machine();
    let zero = int(m, 5);
    let array = run(m, Effect::NewSmallArray, &[10, zero]);
    assert!(matches!(answer(m, Effect::ShrinkSmallMutableArray, &[array, 11]), Answer::Crash(_)));
    run(m, Effect::ShrinkSmallMutableArray, &[array, 3]);
    let array = collect(m, Kind::Minor, array);
    assert_eq!(values(m, array, true), [5, 5, 5]);
}

#[test]
fn compare_and_swap_tells_what_is_there() {
    let m = &mut machine();
    let (zero, one) = (int(m, 0), int(m, 1));
    for (new, cas) in [(Effect::NewArray, Effect::CasArray), (Effect::NewSmallArray, Effect::CasSmallArray)] {
        let array = run(m, new, &[3, zero]);
        assert_eq!(answer(m, cas, &[array, 1, zero, one]), Answer::words([0, one]));
        assert_eq!(answer(m, cas, &[array, 1, zero, zero]), Answer::words([1, one]));
        assert_eq!(answer(m, cas, &[array, 2, zero, one]), Answer::words([0, one]));
    }
}

#[test]
fn an_array_of_arrays_holds_itself_at_first() {
    let m = &mut machine();
    let array = run(m, Effect::NewArrayArray, &[200]);
    let array = collect(m, Kind::Major, array);
    assert_eq!(run(m, Effect::IndexArray, &[array, 199]), array);
}
