//! The allocator: alignment, reuse, hostile frees, and that blocks never overlap.

use crate::libc::harness::*;
use crate::word::Addr;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[test]
fn blocks_are_aligned_and_keep_what_is_in_them() {
    let mut m = machine();
    for bytes in [0, 1, 16, 17, 100, 2048, 2049, 100_000] {
        let at = call(&mut m, "malloc", &[bytes]);
        assert_ne!(at, 0);
        assert_eq!(at % 16, 0);
    }
    let at = call(&mut m, "malloc", &[24]);
    m.mem.set_word(Addr::from_word(at), 0x1234);
    let moved = call(&mut m, "realloc", &[at, 5000]);
    assert_ne!(moved, at);
    assert_eq!(m.mem.word(Addr::from_word(moved)), 0x1234);
    assert_eq!(call(&mut m, "realloc", &[moved, 4000]), moved);
}

#[test]
fn calloc_clears_what_was_used_before() {
    let mut m = machine();
    let at = call(&mut m, "malloc", &[64]);
    m.mem.fill_words(Addr::from_word(at), 8, u64::MAX);
    call(&mut m, "free", &[at]);
    assert_eq!(call(&mut m, "calloc", &[8, 8]), at);
    assert!((0..8).all(|i| m.mem.word(Addr::from_word(at).offset_w(i)) == 0));
}

#[test]
fn what_cannot_be_had_is_null() {
    let mut m = machine();
    assert_eq!(call(&mut m, "malloc", &[u64::MAX]), 0);
    assert_eq!(call(&mut m, "malloc", &[u32::MAX as u64]), 0);
    assert_eq!(call(&mut m, "calloc", &[1 << 40, 1 << 40]), 0);
    let at = call(&mut m, "malloc", &[10]);
    assert_eq!(call(&mut m, "realloc", &[at, 1 << 31]), 0);
    assert_eq!(call(&mut m, "aligned_alloc", &[24, 8]), 0);
    call(&mut m, "free", &[at]);
}

#[test]
fn what_c_has_the_heap_has_no_more() {
    let mut m = machine();
    let mut blocks = 0;
    while call(&mut m, "malloc", &[1 << 16]) != 0 {
        blocks += 1;
    }
    assert!((64..128).contains(&blocks), "{blocks} of 64 KiB in 8 MiB");
    assert!(m.c.collection_wanted, "for who tries again");
    assert!(!m.with_closed_nursery(|m| m.heap.make_room(&mut *m.host, 1 << 19)));
}

#[test]
fn freeing_what_is_no_block_ends_the_program() {
    let mut m = machine();
    let at = call(&mut m, "malloc", &[10]);
    call(&mut m, "free", &[0]);
    call(&mut m, "free", &[at]);
    assert!(ended(&mut m, "free", &[at]).contains("free"));
    let at = call(&mut m, "malloc", &[10]);
    assert!(ended(&mut m, "free", &[at + 4]).contains("free"));
    assert!(ended(&mut m, "free", &[at | 1 << 32]).contains("free"));
    assert!(ended(&mut m, "realloc", &[at + 16, 1]).contains("realloc"));
    call(&mut m, "free", &[at]);
}

#[test]
fn memory_is_used_again() {
    let mut m = machine();
    // Sixteen times what there is.
    for _ in 0..64 {
        let (a, b) = (call(&mut m, "malloc", &[1 << 20]), call(&mut m, "malloc", &[1 << 20]));
        assert!(a != 0 && b != 0);
        call(&mut m, "free", &[a]);
        call(&mut m, "free", &[b]);
        let whole = call(&mut m, "malloc", &[1 << 21]);
        assert_ne!(whole, 0, "two neighbours make one");
        call(&mut m, "free", &[whole]);
    }
    assert!(m.c.heap.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn blocks_never_overlap(
        steps in prop::collection::vec((0u8..4, 0u64..6000, 0u32..8, any::<prop::sample::Index>()), 1..200),
    ) {
        let mut m = machine();
        let out = words(&mut m, 1);
        let mut live = BTreeMap::new();
        for (what, bytes, align, which) in steps {
            let at = match what {
                0 | 1 => call(&mut m, "malloc", &[bytes]),
                2 => {
                    let align = 8u64 << align;
                    prop_assert_eq!(call(&mut m, "posix_memalign", &[out, align, bytes]), 0);
                    let at = m.mem.word(Addr::from_word(out));
                    prop_assert_eq!(at % align, 0);
                    at
                }
                _ if live.is_empty() => continue,
                _ => {
                    let at = *which.get(&live.keys().copied().collect::<Vec<u64>>());
                    live.remove(&at);
                    call(&mut m, "free", &[at]);
                    continue;
                }
            };
            prop_assert!(live.range(..=at).next_back().is_none_or(|(a, n)| a + n <= at));
            prop_assert!(live.range(at..).next().is_none_or(|(a, _)| at + bytes.max(1) <= *a));
            live.insert(at, bytes.max(1));
        }
    }
}
