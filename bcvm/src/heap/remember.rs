//! The mutable list: old objects that may point to young ones, and GHC's clean/dirty discipline around it.
//
// Note [The mutable list]
// ~~~~~~~~~~~~~~~~~~~~~~~
// A minor collection doesn't look at old objects but for those on the mutable list. Invariant: an old object
// that points to a young one is on it. An object gets there in three ways: the collector puts it there when it
// could not promote everything the object points to; the program writes to it (functions below); it was born
// old (`Heap::allocate_old`), and then its maker remembers it.
//
// Writes must be cheap and put an object on the list once. The object itself says whether it is there: MUT_VAR, MVAR,
// TVAR, BLOCKING_QUEUE and STACK by being DIRTY, thunks by being updated only once. MUT_ARR_PTRS and SMALL_MUT_ARR_PTRS stay on the
// list as long as they are old and not frozen, because compiled code writes to them inline and tells nobody
// (it sets the DIRTY info pointer, and the card): a clean one costs a look at its header per collection. A
// frozen array that was thawed is remembered then. MUT_PRIM and TREC_CHUNK simply stay on the list.
//
// A mutable array that is born old must be born DIRTY with its cards set, or the first collection skips it.
//
// Note [Chains of updates]
// ~~~~~~~~~~~~~~~~~~~~~~~~
// A deep recursion that hands one value back through millions of update frames allocates nothing on its way, so no
// collection shortens the list meanwhile. The second old thunk that is updated with the same young value is therefore an
// indirection to the first, which is on the list: old points to old. Whoever enters it finds a BLACKHOLE behind the
// BLACKHOLE, as GHC's may be, and the next collection skips both.

use super::state::Heap;
use crate::entry::table::info;
use crate::layout::closure;
use crate::layout::closure::mut_arr_ptrs::{self, CARD_BITS};
use crate::layout::tso;
use crate::mem::Mem;
use crate::word::{Addr, ClosurePtr, InfoPtr};

impl Heap {
    /// Puts `object` on the mutable list if it is old (`recordMutable`).
    #[inline]
    pub fn remember(&mut self, object: Addr) {
        if self.is_old(object) {
            self.remembered.push(object);
        }
    }

    /// Overwrites the thunk `p` with its value (`updateWithIndirection`). Waking who waits is the scheduler's.
    #[inline]
    pub fn update_thunk(&mut self, mem: &mut Mem, p: Addr, value: ClosurePtr) {
        let mut to = value;
        if self.blocks.place(value.addr()).is_young() && self.is_old(p) {
            match self.remembered.last() {
                // See Note [Chains of updates].
                Some(before) if is_indirection(mem, *before, value) => to = (*before).into(),
                _ => self.remembered.push(p),
            }
        }
        mem.set_closure(p + closure::INDIRECTEE, to);
        mem.set_info(p, info::STG_BLACKHOLE);
    }

    /// Marks the thunk `p` as under evaluation by `owner`, a TSO.
    pub fn blackhole_thunk(&mut self, mem: &mut Mem, p: Addr, owner: Addr) {
        mem.set_closure(p + closure::INDIRECTEE, owner.into());
        mem.set_info(p, info::STG_BLACKHOLE);
        if self.blocks.place(owner).is_young() {
            self.remember(p);
        }
    }

    /// To be called before or after a write to the MUT_VAR `var` (`dirty_MUT_VAR`).
    #[inline]
    pub fn dirty_mut_var(&mut self, mem: &mut Mem, var: Addr) {
        self.dirty(mem, var, info::STG_MUT_VAR_CLEAN, info::STG_MUT_VAR_DIRTY);
    }

    /// To be called before or after a write to the MVAR `mvar` (`dirty_MVAR`).
    pub fn dirty_mvar(&mut self, mem: &mut Mem, mvar: Addr) {
        self.dirty(mem, mvar, info::STG_MVAR_CLEAN, info::STG_MVAR_DIRTY);
    }

    /// To be called before or after a write to the TVAR `tvar` (`dirty_TVAR`).
    pub fn dirty_tvar(&mut self, mem: &mut Mem, tvar: Addr) {
        self.dirty(mem, tvar, info::STG_TVAR_CLEAN, info::STG_TVAR_DIRTY);
    }

    /// To be called before or after a write to the BLOCKING_QUEUE `queue`.
    pub fn dirty_blocking_queue(&mut self, mem: &mut Mem, queue: Addr) {
        self.dirty(mem, queue, info::STG_BLOCKING_QUEUE_CLEAN, info::STG_BLOCKING_QUEUE_DIRTY);
    }

    #[inline(always)]
    fn dirty(&mut self, mem: &mut Mem, object: Addr, clean: InfoPtr, dirty: InfoPtr) {
        if mem.info(object) == clean {
            mem.set_info(object, dirty);
            self.remember(object);
        }
    }

    /// To be called when element `index` of the MUT_ARR_PTRS `array` is written; `n` is its length.
    #[inline]
    pub fn dirty_array(&mut self, mem: &mut Mem, array: Addr, n: u32, index: u32) {
        mem.set_info(array, info::STG_MUT_ARR_PTRS_DIRTY);
        mem.set_u8(card(array, n, index), 1);
    }

    /// To be called when `len` elements from `from` on of the MUT_ARR_PTRS `array` are written.
    pub fn dirty_array_range(&mut self, mem: &mut Mem, array: Addr, n: u32, from: u32, len: u32) {
        if len == 0 {
            return;
        }
        mem.set_info(array, info::STG_MUT_ARR_PTRS_DIRTY);
        let (first, last) = (from >> CARD_BITS, from.saturating_add(len - 1) >> CARD_BITS);
        let cards = card(array, n, 0);
        for i in first..=last {
            mem.set_u8(cards + i, 1);
        }
    }

    /// Makes the frozen MUT_ARR_PTRS `array` mutable again (`stg_unsafeThawArrayzh`).
    pub fn thaw_array(&mut self, mem: &mut Mem, array: Addr) {
        // FROZEN_DIRTY means that it is on the list already.
        if mem.info(array) == info::STG_MUT_ARR_PTRS_FROZEN_CLEAN {
            self.remember(array);
        }
        mem.set_info(array, info::STG_MUT_ARR_PTRS_DIRTY);
    }

    /// Makes the frozen SMALL_MUT_ARR_PTRS `array` mutable again (`stg_unsafeThawSmallArrayzh`).
    pub fn thaw_small_array(&mut self, mem: &mut Mem, array: Addr) {
        if mem.info(array) == info::STG_SMALL_MUT_ARR_PTRS_FROZEN_CLEAN {
            self.remember(array);
        }
        mem.set_info(array, info::STG_SMALL_MUT_ARR_PTRS_DIRTY);
    }

    /// To be called before a thread runs on the STACK `stack`, after each collection again (`dirty_STACK`).
    #[inline]
    pub fn dirty_stack(&mut self, mem: &mut Mem, stack: Addr) {
        if mem.u8(stack + tso::stack::DIRTY) == 0 {
            mem.set_u8(stack + tso::stack::DIRTY, 1);
            self.remember(stack);
        }
    }

    /// To be called before a field of the TSO `thread` is written (`dirty_TSO`).
    #[inline]
    pub fn dirty_tso(&mut self, mem: &mut Mem, thread: Addr) {
        if mem.u32(thread + tso::DIRTY) == 0 {
            mem.set_u32(thread + tso::DIRTY, 1);
            self.remember(thread);
        }
    }
}

/// Whether the thunk at `p` has been overwritten with `value`.
fn is_indirection(mem: &Mem, p: Addr, value: ClosurePtr) -> bool {
    mem.info(p) == info::STG_BLACKHOLE && mem.closure(p + closure::INDIRECTEE) == value
}

/// The card byte of element `index` of a MUT_ARR_PTRS with `n` elements.
#[inline(always)]
pub fn card(array: Addr, n: u32, index: u32) -> Addr {
    (array + mut_arr_ptrs::PAYLOAD).offset_w(n) + (index >> CARD_BITS)
}
