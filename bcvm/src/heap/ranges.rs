//! A set of block ranges, kept apart and coalesced: no two ranges of it touch.

use alloc::collections::BTreeMap;

/// Ranges of blocks, by their first block.
#[derive(Debug, Default)]
pub struct Ranges {
    by_start: BTreeMap<u32, u32>,
}

impl Ranges {
    /// Adds `[start, start + len)`, of which no block is in the set yet.
    pub fn insert(&mut self, start: u32, len: u32) {
        if len == 0 {
            return;
        }
        let (mut start, mut len) = (start, len);
        if let Some((&before, &n)) = self.by_start.range(..start).next_back()
            && before + n == start
        {
            self.by_start.remove(&before);
            (start, len) = (before, n + len);
        }
        if let Some(n) = self.by_start.remove(&(start + len)) {
            len += n;
        }
        self.by_start.insert(start, len);
    }

    /// Takes `len` blocks from the first range that has as many.
    pub fn take(&mut self, len: u32) -> Option<u32> {
        let (start, n) = self.by_start.iter().find(|(_, n)| **n >= len).map(|(s, n)| (*s, *n))?;
        self.by_start.remove(&start);
        if n > len {
            self.by_start.insert(start + len, n - len);
        }
        Some(start)
    }

    /// Takes exactly `[start, start + len)`, which must lie within one range of the set.
    pub fn take_at(&mut self, start: u32, len: u32) -> bool {
        let Some((&first, &n)) = self.by_start.range(..=start).next_back() else {
            return false;
        };
        if start + len > first + n {
            return false;
        }
        self.by_start.remove(&first);
        self.insert(first, start - first);
        self.insert(start + len, first + n - (start + len));
        true
    }

    /// Every range, lowest first: first block, number of blocks.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, u32)> {
        self.by_start.iter().map(|(s, n)| (*s, *n))
    }

    /// Whether `block` is in the set.
    pub fn contains(&self, block: u32) -> bool {
        self.by_start.range(..=block).next_back().is_some_and(|(s, n)| block < s + n)
    }
}

#[cfg(test)]
mod tests;
