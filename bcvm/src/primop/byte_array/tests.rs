//! Byte arrays on a machine without a program.

use super::*;
use crate::gc::Kind;
use crate::primop::array::tests::{answer, collect, machine, run};
use crate::primop::effect::Effect;
use proptest::prelude::*;

fn content(m: &mut Machine, array: u64) -> Vec<u8> {
    let n = run(m, Effect::SizeofByteArray, &[array]);
    let mut out = vec![0; n as usize];
    let at = run(m, Effect::ByteArrayContents, &[array]);
    m.mem.read_bytes(Addr::from_word(at), &mut out);
    out
}

fn from(m: &mut Machine, bytes: &[u8]) -> u64 {
    let array = run(m, Effect::NewByteArray, &[bytes.len() as u64]);
    m.mem.write_bytes(Addr::from_word(array) + PAYLOAD, bytes);
    array
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]
    #[test]
    fn copies_overlap_as_they_should(
        bytes in prop::collection::vec(any::<u8>(), 0..300), from_at in 0u64..300, to in 0u64..300, n in 0u64..300,
    ) {
        let m = &mut machine();
        let array = from(m, &bytes);
        let len = bytes.len() as u64;
        let got = answer(m, Effect::CopyMutableByteArray, &[array, from_at, array, to, n]);
        let mut model = bytes.clone();
        if from_at + n <= len && to + n <= len {
            model.copy_within(from_at as usize..(from_at + n) as usize, to as usize);
            prop_assert_eq!(got, Answer::VOID);
        } else {
            prop_assert!(matches!(got, Answer::Crash(_)));
        }
        prop_assert_eq!(content(m, array), model);
    }

    #[test]
    fn comparison_is_by_bytes(a in prop::collection::vec(0u8..3, 8), b in prop::collection::vec(0u8..3, 8)) {
        let m = &mut machine();
        let (pa, pb) = (from(m, &a), from(m, &b));
        let order = run(m, Effect::CompareByteArrays, &[pa, 0, pb, 0, 8]) as i64;
        prop_assert_eq!(order.cmp(&0), a.cmp(&b));
    }

    #[test]
    fn resizing_keeps_what_fits(bytes in prop::collection::vec(any::<u8>(), 0..200), n in 0u64..400) {
        let m = &mut machine();
        let array = from(m, &bytes);
        let array = run(m, Effect::ResizeMutableByteArray, &[array, n]);
        let array = collect(m, Kind::Minor, array);
        let got = content(m, array);
        prop_assert_eq!(got.len() as u64, n);
        let kept = got.len().min(bytes.len());
        prop_assert_eq!(&got[..kept], &bytes[..kept]);
    }
}

#[test]
fn absurd_lengths_overflow_the_heap() {
    for n in [u64::MAX, 1 << 63, 1 << 32, u32::MAX as u64, 8 << 20] {
        for op in [Effect::NewByteArray, Effect::NewPinnedByteArray] {
            let m = &mut machine();
            assert!(matches!(answer(m, op, &[n]), Answer::NeedHeap(_)), "{op:?} of {n}");
            assert!(!m.collect(Kind::Auto), "no collection makes room for {n}");
        }
    }
}

#[test]
fn pinned_arrays_stay_where_they_are() {
    let m = &mut machine();
    for (n, align) in [(10, 1), (10, 64), (5000, 4096), (0, 16)] {
        let array = run(m, Effect::NewAlignedPinnedByteArray, &[n, align]);
        let at = run(m, Effect::ByteArrayContents, &[array]);
        assert_eq!(at % align.max(8), 0);
        assert_eq!(run(m, Effect::ByteArrayIsPinned, &[array]), 1);
        run(m, Effect::SetByteArray, &[array, 0, n, 0x1FF]);
        assert_eq!(collect(m, Kind::Major, array), array);
        assert_eq!(content(m, array), vec![0xFF; n as usize]);
    }
    let small = run(m, Effect::NewByteArray, &[10]);
    assert_eq!(run(m, Effect::ByteArrayIsPinned, &[small]), 0);
    for align in [24, 8192, u64::MAX] {
        assert!(matches!(answer(m, Effect::NewAlignedPinnedByteArray, &[10, align]), Answer::Crash(_)));
    }
}

#[test]
fn to_and_from_addresses() {
    let m = &mut machine();
    let a = from(m, b"hello, world");
    let b = run(m, Effect::NewPinnedByteArray, &[5]);
    let addr = run(m, Effect::ByteArrayContents, &[b]);
    run(m, Effect::CopyByteArrayToAddr, &[a, 7, addr, 5]);
    assert_eq!(content(m, b), b"world");
    run(m, Effect::CopyAddrToByteArray, &[addr, a, 0, 5]);
    assert_eq!(content(m, a), b"world, world");
    assert!(matches!(answer(m, Effect::CopyByteArrayToAddr, &[a, 8, addr, 5]), Answer::Crash(_)));
    run(m, Effect::ShrinkMutableByteArray, &[a, 5]);
    assert_eq!(content(m, a), b"world");
    assert!(matches!(answer(m, Effect::ShrinkMutableByteArray, &[a, 6]), Answer::Crash(_)));
}
