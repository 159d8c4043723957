//! Scavenging: evacuating what one object points to.
//!
//! `promote` and `young_seen` are set by who calls: see Note [Promotion]. Arms of mutable objects clear `promote`
//! first; those that stay on the mutable list in any case set `young_seen` (`rts/sm/Scav.c`).

use super::collect::Collector;
use super::size::{self, trec_chunk};
use crate::entry::table::info;
use crate::layout::ClosureType::{self, *};
use crate::layout::closure::{self, PAYLOAD, THUNK_PAYLOAD, bco};
use crate::layout::info_table::InfoTable;
use crate::layout::tso;
use crate::word::{Addr, InfoPtr, WORD};

impl Collector<'_> {
    /// Evacuates what the word at `at` points to.
    #[inline(always)]
    pub(super) fn field(&mut self, at: Addr) {
        let p = self.mem.closure(at);
        let new = self.evacuate(p);
        if new != p {
            self.mem.set_closure(at, new);
        }
    }

    /// Evacuates what the `n` words at `at` point to.
    #[inline(always)]
    pub(super) fn fields(&mut self, at: Addr, n: u32) {
        for i in 0..n {
            self.field(at.offset_w(i));
        }
    }

    /// Evacuates what the object at `c` points to; answers its size in words, 0 if it is none. Its size has been
    /// checked against where it lies.
    #[inline(always)]
    pub(super) fn scavenge(&mut self, c: Addr) -> u32 {
        let info = InfoTable::at(self.mem, self.mem.info(c));
        match info.closure_type() {
            CONSTR_0_1 | FUN_0_1 => 2,
            CONSTR_1_0 | FUN_1_0 => {
                self.field(c + PAYLOAD);
                2
            }
            CONSTR_0_2 | FUN_0_2 => 3,
            CONSTR_1_1 | FUN_1_1 => {
                self.field(c + PAYLOAD);
                3
            }
            CONSTR_2_0 | FUN_2_0 => {
                self.fields(c + PAYLOAD, 2);
                3
            }
            THUNK_0_1 => 3,
            THUNK_1_0 | THUNK_SELECTOR => {
                self.field(c + THUNK_PAYLOAD);
                3
            }
            THUNK_0_2 => 4,
            THUNK_1_1 => {
                self.field(c + THUNK_PAYLOAD);
                4
            }
            THUNK_2_0 => {
                self.fields(c + THUNK_PAYLOAD, 2);
                4
            }
            IND | BLACKHOLE => {
                self.field(c + closure::INDIRECTEE);
                2
            }
            kind => self.scavenge_any(c, kind),
        }
    }

    fn scavenge_any(&mut self, c: Addr, kind: ClosureType) -> u32 {
        let Some(words) = size::size_w(self.mem, c) else {
            self.fail(c, "no closure");
            return 0;
        };
        let ptrs = InfoTable::at(self.mem, self.mem.info(c)).ptrs();
        match kind {
            // Of a WEAK its info table lists the C finalizers only: the rest is `weak`'s.
            CONSTR | CONSTR_NOCAF | FUN | PRIM | WEAK => self.fields(c + PAYLOAD, ptrs),
            THUNK => self.fields(c + THUNK_PAYLOAD, ptrs),
            BCO => {
                self.field(c + bco::INSTRS);
                self.field(c + bco::LITERALS);
                self.field(c + bco::PTRS);
            }
            AP => self.ap(c),
            PAP => self.pap(c),
            AP_STACK => self.ap_stack(c),
            ARR_WORDS => {}
            MUT_VAR_CLEAN | MUT_VAR_DIRTY => {
                self.clean_or_dirty(c, 1, [info::STG_MUT_VAR_CLEAN, info::STG_MUT_VAR_DIRTY]);
            }
            MUT_ARR_PTRS_CLEAN | MUT_ARR_PTRS_DIRTY => self.mut_array(c),
            MUT_ARR_PTRS_FROZEN_CLEAN | MUT_ARR_PTRS_FROZEN_DIRTY => self.frozen_array(c),
            SMALL_MUT_ARR_PTRS_CLEAN | SMALL_MUT_ARR_PTRS_DIRTY => self.small_mut_array(c),
            SMALL_MUT_ARR_PTRS_FROZEN_CLEAN | SMALL_MUT_ARR_PTRS_FROZEN_DIRTY => self.small_frozen_array(c),
            MVAR_CLEAN | MVAR_DIRTY => self.clean_or_dirty(c, 3, [info::STG_MVAR_CLEAN, info::STG_MVAR_DIRTY]),
            TVAR => self.clean_or_dirty(c, 2, [info::STG_TVAR_CLEAN, info::STG_TVAR_DIRTY]),
            BLOCKING_QUEUE => {
                self.clean_or_dirty(c, ptrs, [info::STG_BLOCKING_QUEUE_CLEAN, info::STG_BLOCKING_QUEUE_DIRTY])
            }
            MUT_PRIM => self.mutable_fields(c, ptrs),
            TREC_CHUNK => self.trec_chunk(c),
            ClosureType::TSO => self.thread(c),
            STACK => self.stack(c),
            _ => {
                self.fail(c, "no closure");
                return 0;
            }
        }
        words
    }

    /// Fields of a mutable object whose info pointer tells whether it is on the mutable list.
    fn clean_or_dirty(&mut self, c: Addr, n: u32, [clean, dirty]: [InfoPtr; 2]) {
        self.promote = false;
        self.fields(c + PAYLOAD, n);
        self.mem.set_info(c, if self.young_seen { dirty } else { clean });
    }

    /// Fields of an object that stays on the mutable list: see Note [The mutable list].
    fn mutable_fields(&mut self, c: Addr, n: u32) {
        self.promote = false;
        self.fields(c + PAYLOAD, n);
        self.young_seen = true;
    }

    fn trec_chunk(&mut self, c: Addr) {
        self.promote = false;
        self.field(c + trec_chunk::PREV);
        let entries = self.mem.word(c + trec_chunk::NEXT_ENTRY).min(trec_chunk::ENTRY_COUNT as u64) as u32;
        self.fields(c + trec_chunk::ENTRIES, entries * trec_chunk::ENTRY_W);
        self.young_seen = true;
    }

    /// A TSO (`scavengeTSO`). What its global link holds is nobody's: threads are listed in `threads`.
    fn thread(&mut self, c: Addr) {
        self.promote = false;
        if !tso::why_blocked::holds_word(self.mem.u16(c + tso::WHY_BLOCKED)) {
            self.field(c + tso::BLOCK_INFO);
        }
        for field in [tso::LINK, tso::STACKOBJ, tso::TREC, tso::BLOCKED_EXCEPTIONS, tso::BQ] {
            self.field(c + field);
        }
        self.mem.set_u32(c + tso::DIRTY, self.young_seen as u32);
    }

    /// All fields of a WEAK that is on the mutable list.
    pub(super) fn weak_fields(&mut self, c: Addr) {
        self.fields(c + WORD, closure::weak::SIZE_W - 2);
    }
}
