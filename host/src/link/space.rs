//! Free and taken ranges of guest addresses and of slots in the two code tables.
//!
//! Invariant of [`Ranges`]: what is taken lies within bounds and does not overlap.

use std::collections::BTreeMap;
use std::ops::Range;

use bincode::{Decode, Encode};

use bcvm::abi::{ADJUSTORS, C_SLOTS, PACKAGES_END, PACKAGES_START, PAGE, STOP_SLOTS};

use crate::glue::convention::MAX_SLOTS;
use crate::lift::Numbering;

/// What an object takes up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode)]
pub struct Need {
    /// Bytes of memory.
    pub bytes: u32,
    /// Slots of the table of STG entries.
    pub stg: u32,
    /// Slots of the table of C functions.
    pub c: u32,
}

/// Where it takes it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Place {
    /// The first address.
    pub base: u32,
    /// The first slot in the table of STG entries.
    pub stg: u32,
    /// The first slot in the table of C functions.
    pub c: u32,
}

impl Place {
    /// Numbers for the lifter. Places that trap are numbered from the base address on: there are fewer of them than
    /// bytes, so that numbers tell objects apart.
    pub fn numbering(&self) -> Numbering {
        Numbering { stg: self.stg, c: self.c, unsupported: self.base }
    }
}

/// Taken parts of a range of numbers.
#[derive(Debug, Clone)]
struct Ranges {
    bounds: Range<u32>,
    taken: BTreeMap<u32, u32>,
}

impl Ranges {
    fn new(bounds: Range<u32>) -> Ranges {
        Ranges { bounds, taken: BTreeMap::new() }
    }

    /// Whether `start..start + len` lies within bounds and nothing of it is taken.
    fn is_free(&self, start: u32, len: u32) -> bool {
        let Some(end) = start.checked_add(len) else { return false };
        let before = self.taken.range(..end).next_back();
        self.bounds.start <= start && end <= self.bounds.end && before.is_none_or(|(_, &taken)| taken <= start)
    }

    fn take(&mut self, start: u32, len: u32) {
        if len > 0 {
            self.taken.insert(start, start + len);
        }
    }

    /// The lowest free range of that length that begins at a multiple of `align`.
    fn find(&self, len: u32, align: u32) -> Option<u32> {
        let mut start = self.bounds.start.checked_next_multiple_of(align)?;
        for (&taken, &end) in &self.taken {
            if start.checked_add(len)? <= taken {
                break;
            }
            start = end.max(start).checked_next_multiple_of(align)?;
        }
        self.is_free(start, len).then_some(start)
    }
}

/// Taken addresses and slots.
#[derive(Debug, Clone)]
pub struct Space {
    addresses: Ranges,
    stg: Ranges,
    c: Ranges,
}

impl Default for Space {
    fn default() -> Space {
        Space {
            addresses: Ranges::new(PACKAGES_START..PACKAGES_END),
            stg: Ranges::new(STOP_SLOTS + 1..MAX_SLOTS),
            c: Ranges::new(C_SLOTS + ADJUSTORS + 1..MAX_SLOTS),
        }
    }
}

/// Bytes as whole pages.
fn pages(bytes: u32) -> u32 {
    bytes.checked_next_multiple_of(PAGE).unwrap_or(u32::MAX)
}

impl Space {
    /// Takes a place. False, and nothing has changed, if some of it is not free.
    pub fn take(&mut self, place: Place, need: Need) -> bool {
        let bytes = pages(need.bytes);
        let free = place.base.is_multiple_of(PAGE)
            && self.addresses.is_free(place.base, bytes)
            && self.stg.is_free(place.stg, need.stg)
            && self.c.is_free(place.c, need.c);
        if free {
            self.addresses.take(place.base, bytes);
            self.stg.take(place.stg, need.stg);
            self.c.take(place.c, need.c);
        }
        free
    }

    /// The lowest free place.
    pub fn find(&self, need: Need) -> Option<Place> {
        Some(Place {
            base: self.addresses.find(pages(need.bytes), PAGE)?,
            stg: self.stg.find(need.stg, 1)?,
            c: self.c.find(need.c, 1)?,
        })
    }
}
