//! The set of ranges against a set of blocks.

use super::Ranges;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn check(ranges: &Ranges, model: &BTreeSet<u32>) {
    let mut last = None;
    let mut blocks = BTreeSet::new();
    for (start, len) in ranges.iter() {
        assert!(len > 0);
        assert!(last.is_none_or(|end| end < start), "two ranges touch at {start}");
        last = Some(start + len);
        blocks.extend(start..start + len);
    }
    assert_eq!(&blocks, model);
}

proptest! {
    #[test]
    fn behaves_as_a_set(ops in prop::collection::vec((any::<bool>(), 0u32..64, 1u32..9), 0..200)) {
        let (mut ranges, mut model) = (Ranges::default(), BTreeSet::new());
        for (put, start, len) in ops {
            if put {
                if (start..start + len).all(|b| !model.contains(&b)) {
                    ranges.insert(start, len);
                    model.extend(start..start + len);
                }
            } else if let Some(at) = ranges.take(len) {
                for b in at..at + len {
                    prop_assert!(model.remove(&b));
                }
            } else {
                prop_assert!(ranges.iter().all(|(_, n)| n < len));
            }
            check(&ranges, &model);
        }
    }

    #[test]
    fn takes_from_the_middle(start in 0u32..20, len in 1u32..20) {
        let mut ranges = Ranges::default();
        ranges.insert(5, 20);
        let fits = start >= 5 && start + len <= 25;
        prop_assert_eq!(ranges.take_at(start, len), fits);
        let model = (5..25).filter(|b| !fits || !(start..start + len).contains(b)).collect();
        check(&ranges, &model);
    }
}
