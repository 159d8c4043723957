//! Arrays of pointers and their card tables: see Note [The mutable list] in `heap::remember`.

use super::collect::Collector;
use crate::entry::table::info;
use crate::heap::remember::card;
use crate::layout::closure::{mut_arr_ptrs, small_mut_arr_ptrs};
use crate::word::Addr;

/// Elements that a card covers.
const CARD: u32 = 1 << mut_arr_ptrs::CARD_BITS;

impl Collector<'_> {
    /// The length of a MUT_ARR_PTRS, if the elements and their cards fill it.
    fn array_len(&mut self, c: Addr) -> Option<u32> {
        let n = self.mem.word(c + mut_arr_ptrs::PTRS);
        let size = self.mem.word(c + mut_arr_ptrs::SIZE);
        match u32::try_from(n) {
            Ok(n) if n as u64 + mut_arr_ptrs::card_words(n) as u64 <= size => Some(n),
            _ => {
                self.fail(c, "an array whose size and length disagree");
                None
            }
        }
    }

    /// Evacuates the elements of one card, and sets it if one of them stays young.
    fn card(&mut self, c: Addr, n: u32, first: u32) -> bool {
        let elements = (c + mut_arr_ptrs::PAYLOAD).offset_w(first);
        self.young_seen = false;
        self.fields(elements, CARD.min(n - first));
        self.mem.set_u8(card(c, n, first), self.young_seen as u8);
        self.young_seen
    }

    /// Evacuates all elements; answers whether one stays young (`scavenge_mut_arr_ptrs`).
    fn cards(&mut self, c: Addr, dirty_only: bool) -> bool {
        let Some(n) = self.array_len(c) else {
            return false;
        };
        let mut young = false;
        for first in (0..n).step_by(CARD as usize) {
            if !dirty_only || self.mem.u8(card(c, n, first)) != 0 {
                young |= self.card(c, n, first);
            }
        }
        young
    }

    fn set_array_state(&mut self, c: Addr, young: bool) {
        let state = if young { info::STG_MUT_ARR_PTRS_DIRTY } else { info::STG_MUT_ARR_PTRS_CLEAN };
        self.mem.set_info(c, state);
        self.young_seen = true;
    }

    /// A mutable array that was moved: all of it.
    pub(super) fn mut_array(&mut self, c: Addr) {
        self.promote = false;
        let young = self.cards(c, false);
        self.set_array_state(c, young);
    }

    /// A mutable array on the mutable list: its dirty cards (`scavenge_mut_arr_ptrs_marked`).
    pub(super) fn dirty_cards(&mut self, c: Addr) {
        self.promote = false;
        let young = self.cards(c, true);
        self.set_array_state(c, young);
    }

    /// A frozen array.
    pub(super) fn frozen_array(&mut self, c: Addr) {
        let young = self.cards(c, false);
        let state = if young { info::STG_MUT_ARR_PTRS_FROZEN_DIRTY } else { info::STG_MUT_ARR_PTRS_FROZEN_CLEAN };
        self.mem.set_info(c, state);
        self.young_seen = young;
    }

    fn small_fields(&mut self, c: Addr) {
        let n = self.mem.u32(c + small_mut_arr_ptrs::PTRS);
        self.fields(c + small_mut_arr_ptrs::PAYLOAD, n);
    }

    /// A mutable small array.
    pub(super) fn small_mut_array(&mut self, c: Addr) {
        self.promote = false;
        self.small_fields(c);
        let state =
            if self.young_seen { info::STG_SMALL_MUT_ARR_PTRS_DIRTY } else { info::STG_SMALL_MUT_ARR_PTRS_CLEAN };
        self.mem.set_info(c, state);
        self.young_seen = true;
    }

    /// A frozen small array.
    pub(super) fn small_frozen_array(&mut self, c: Addr) {
        self.small_fields(c);
        let state = if self.young_seen {
            info::STG_SMALL_MUT_ARR_PTRS_FROZEN_DIRTY
        } else {
            info::STG_SMALL_MUT_ARR_PTRS_FROZEN_CLEAN
        };
        self.mem.set_info(c, state);
    }
}
