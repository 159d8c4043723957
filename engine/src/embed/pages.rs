//! Which 64 KiB pages of guest memory are committed: a set with a count and a number of runs. No addresses, no system
//! calls; those are `memory`'s.
//!
//! Invariant: `count` and `runs` always describe `bits`.

use std::ops::Range;

use bcvm::abi::PAGE;

/// Pages in 4 GiB.
const PAGES: usize = (1 << 32) / PAGE as usize;

/// A set of page numbers below 65536.
pub(crate) struct PageSet {
    bits: Box<[u64]>,
    count: u32,
    runs: u32,
}

impl PageSet {
    pub(crate) fn new() -> PageSet {
        PageSet { bits: vec![0; PAGES / 64].into(), count: 0, runs: 0 }
    }

    /// How many pages are in the set.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// How many maximal runs of neighbours the set consists of: the kernel keeps one mapping for each.
    pub(crate) fn run_count(&self) -> u32 {
        self.runs
    }

    fn contains(&self, page: u32) -> bool {
        self.bits.get(page as usize / 64).is_some_and(|word| word >> (page % 64) & 1 == 1)
    }

    /// Whether all pages of the range are in the set.
    pub(crate) fn contains_all(&self, range: Range<u32>) -> bool {
        range.into_iter().all(|page| self.contains(page))
    }

    /// How many pages of the range are not in the set.
    pub(crate) fn missing(&self, range: Range<u32>) -> u32 {
        range.into_iter().filter(|&page| !self.contains(page)).count() as u32
    }

    /// Whether adding the range starts a run of its own.
    pub(crate) fn is_apart(&self, range: Range<u32>) -> bool {
        let around = range.start.saturating_sub(1)..range.end + 1;
        self.missing(around.clone()) as usize == around.len()
    }

    /// Whether taking the range out leaves pages on both sides of it.
    pub(crate) fn is_enclosed(&self, range: Range<u32>) -> bool {
        range.start > 0 && self.contains(range.start - 1) && self.contains(range.end)
    }

    /// Adds all pages of the range.
    pub(crate) fn insert(&mut self, range: Range<u32>) {
        self.change(range, true);
    }

    /// Takes out all pages of the range.
    pub(crate) fn remove(&mut self, range: Range<u32>) {
        self.change(range, false);
    }

    /// The runs in ascending order.
    pub(crate) fn runs(&self) -> impl Iterator<Item = Range<u32>> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let start = (next..PAGES as u32).find(|&page| self.contains(page))?;
            let end = (start..PAGES as u32).find(|&page| !self.contains(page)).unwrap_or(PAGES as u32);
            next = end;
            Some(start..end)
        })
    }

    fn change(&mut self, range: Range<u32>, present: bool) {
        // Only these pages can start or stop being the first of a run.
        let affected = range.start..=range.end;
        self.runs -= self.count_starts(affected.clone());
        for page in range {
            if self.contains(page) != present {
                self.bits[page as usize / 64] ^= 1 << (page % 64);
                self.count = if present { self.count + 1 } else { self.count - 1 };
            }
        }
        self.runs += self.count_starts(affected);
    }

    fn count_starts(&self, pages: impl Iterator<Item = u32>) -> u32 {
        let is_start = |page: &u32| self.contains(*page) && (*page == 0 || !self.contains(page - 1));
        pages.filter(is_start).count() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::PageSet;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn neighbours_join_into_one_run() {
        let mut set = PageSet::new();
        set.insert(10..20);
        set.insert(30..40);
        assert_eq!((set.count(), set.run_count()), (20, 2));
        set.insert(20..30);
        assert_eq!(set.runs().collect::<Vec<_>>(), vec![10..40]);
        set.remove(15..16);
        assert_eq!(set.runs().collect::<Vec<_>>(), vec![10..15, 16..40]);
        assert_eq!((set.count(), set.run_count()), (29, 2));
    }

    #[test]
    fn the_last_page_ends_a_run() {
        let mut set = PageSet::new();
        set.insert(65_530..65_536);
        assert_eq!(set.runs().collect::<Vec<_>>(), vec![65_530..65_536]);
        assert!(set.contains_all(65_530..65_536) && !set.contains_all(65_529..65_536));
    }

    /// The number of runs of a model.
    fn runs(model: &BTreeSet<u32>) -> usize {
        model.iter().filter(|&&page| page == 0 || !model.contains(&(page - 1))).count()
    }

    proptest! {
        #[test]
        fn behaves_like_a_set(steps in prop::collection::vec((0u32..200, 0u32..40, any::<bool>()), 0..60)) {
            let mut set = PageSet::new();
            let mut model = BTreeSet::new();
            for (start, len, insert) in steps {
                let range = start..start + len;
                if insert {
                    set.insert(range.clone());
                    model.extend(range.clone());
                } else {
                    set.remove(range.clone());
                    model.retain(|page| !range.contains(page));
                }
                prop_assert_eq!(set.count() as usize, model.len());
                let probe = start..start + len + 1;
                let (mut more, mut less) = (model.clone(), model.clone());
                more.extend(probe.clone());
                less.retain(|page| !probe.contains(page));
                prop_assert_eq!(set.is_apart(probe.clone()), runs(&more) > runs(&model));
                let filled: BTreeSet<u32> = model.union(&probe.clone().collect()).copied().collect();
                prop_assert_eq!(set.is_enclosed(probe), runs(&less) > runs(&filled));
                prop_assert_eq!(set.run_count() as usize, set.runs().count());
                prop_assert_eq!(set.runs().flatten().collect::<Vec<_>>(), model.iter().copied().collect::<Vec<_>>());
                prop_assert_eq!(set.missing(0..300) as usize, 300 - model.len());
            }
        }
    }
}
