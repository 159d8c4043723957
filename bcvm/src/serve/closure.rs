//! What `GetClosure` tells of an object, and what `GetBreakpointVar` finds in a piece of stack
//! (`getClosureData` of `GHC.Exts.Heap`, `getIdValFromApStack` of `GHCi.Run`).
//!
//! Nothing is evaluated and no indirection is followed. Sizes are those of hostile objects: what is copied out of one
//! is bounded.

use super::Refusal;
use crate::abi::request::Closure;
use crate::entry::closures::Builtin;
use crate::entry::table::info;
use crate::interp::machine::Machine;
use crate::layout::ClosureType;
use crate::layout::bitmap::Bitmap;
use crate::layout::closure::{
    INDIRECTEE, PAYLOAD, THUNK_PAYLOAD, ap, ap_stack, arr_words, bco, fun_bitmap, mut_arr_ptrs, mut_var, pap, size_w,
    small_mut_arr_ptrs, weak,
};
use crate::layout::info_table::InfoTable;
use crate::show;
use crate::word::{Addr, ClosurePtr, words_for};
use alloc::vec::Vec;

/// The most words or pointers that are told of one object.
const MAX_W: u32 = 1 << 20;

/// Fields on their way out.
struct Fields<'m> {
    machine: &'m Machine,
    ptrs: Vec<ClosurePtr>,
    words: Vec<u64>,
}

impl Fields<'_> {
    /// `n` pointers from `at` on; a null pointer, which is a list's end, becomes a closure that means nothing.
    fn ptrs(&mut self, at: Addr, n: u32) {
        let ptrs = (0..n.min(MAX_W)).map(|i| self.machine.mem.closure(at.offset_w(i)));
        self.ptrs.extend(ptrs.map(|p| if p.addr() == Addr::NULL { Builtin::NoFinalizer.ptr() } else { p }));
    }

    fn words(&mut self, at: Addr, n: u32) {
        self.words.extend((0..n.min(MAX_W)).map(|i| self.machine.mem.word(at.offset_w(i))));
    }

    /// A half word as a word.
    fn half(&mut self, at: Addr) {
        self.words.push(self.machine.mem.u32(at) as u64);
    }

    /// The pointers among the arguments that `fun` is applied to.
    fn args(&mut self, fun: Addr, payload: Addr, n: u32) {
        self.ptrs(fun, 1);
        let mem = &self.machine.mem;
        let bitmap = fun_bitmap(mem, mem.closure(fun).addr());
        for i in (0..n.min(MAX_W)).filter(|i| bitmap.is_ptr(mem, *i)) {
            self.ptrs(payload.offset_w(i), 1);
        }
    }
}

impl Machine {
    /// What the reference `r` refers to.
    pub(super) fn closure(&mut self, r: u64) -> Result<Closure, Refusal> {
        let c = self.find_ref(r)?.addr();
        let table = self.mem.info(c);
        let t = InfoTable::at(&self.mem, table);
        let kind = t.closure_type();
        let mut out = Closure {
            closure_type: kind as u32,
            info: table.word(),
            info_ptrs: t.ptrs(),
            info_nptrs: t.nptrs(),
            info_srt: t.con_tag(),
            ..Closure::default()
        };
        if kind.is_constr() {
            out.con_desc = show::text(&self.mem, t.con_desc());
        }
        let Fields { ptrs, words, .. } = self.fields(c);
        out.ptrs = ptrs.into_iter().map(|p| self.stable.make(p)).collect();
        out.words = words;
        Ok(out)
    }

    /// The pointers that the closure at `c` holds (`collect_pointers`).
    pub(crate) fn pointers_of(&self, c: Addr) -> Vec<ClosurePtr> {
        self.fields(c).ptrs
    }

    /// The fields of the constructor at `c` that are no pointers; none if it is something else.
    pub(super) fn words_of(&self, c: Addr) -> Vec<u64> {
        let is_constr = InfoTable::at(&self.mem, self.mem.info(c)).closure_type().is_constr();
        if is_constr { self.fields(c).words } else { Vec::new() }
    }

    /// What the closure at `c` holds, in the order in which GHC tells it.
    fn fields(&self, c: Addr) -> Fields<'_> {
        use ClosureType::*;
        let t = InfoTable::at(&self.mem, self.mem.info(c));
        let kind = t.closure_type();
        let mut f = Fields { machine: self, ptrs: Vec::new(), words: Vec::new() };
        let mem = &self.mem;
        match kind {
            FUN_STATIC | THUNK_STATIC => {}
            _ if kind.is_constr() || kind.is_fun() || kind.is_heap_thunk() && kind != THUNK_SELECTOR => {
                let header_w = if kind.is_heap_thunk() { 2 } else { 1 };
                let ptrs = t.ptrs();
                f.ptrs(c.offset_w(header_w), ptrs);
                // With the word that pads an object without fields.
                let rest = size_w(mem, c).unwrap_or(0).saturating_sub(header_w).saturating_sub(ptrs);
                f.words(c.offset_w(header_w).offset_w(ptrs.min(MAX_W)), rest);
            }
            THUNK_SELECTOR => f.ptrs(c + THUNK_PAYLOAD, 1),
            PAP => {
                f.half(c + pap::ARITY);
                f.half(c + pap::N_ARGS);
                f.args(c + pap::FUN, c + pap::PAYLOAD, mem.u32(c + pap::N_ARGS));
            }
            AP => {
                f.half(c + ap::ARITY);
                f.half(c + ap::N_ARGS);
                f.args(c + ap::FUN, c + ap::PAYLOAD, mem.u32(c + ap::N_ARGS));
            }
            AP_STACK => f.ptrs(c + ap_stack::FUN, 1),
            IND | IND_STATIC | BLACKHOLE => f.ptrs(c + INDIRECTEE, 1),
            BCO => {
                f.ptrs(c + bco::INSTRS, 3);
                f.half(c + bco::ARITY);
                f.half(c + bco::SIZE);
                f.words(c + bco::BITMAP, mem.u32(c + bco::SIZE).saturating_sub(bco::SIZE_W));
            }
            ARR_WORDS => f.words(c + arr_words::BYTES, 1 + words_for(mem.u32(c + arr_words::BYTES))),
            MUT_ARR_PTRS_CLEAN | MUT_ARR_PTRS_DIRTY | MUT_ARR_PTRS_FROZEN_CLEAN | MUT_ARR_PTRS_FROZEN_DIRTY => {
                f.words(c + mut_arr_ptrs::PTRS, 2);
                f.ptrs(c + mut_arr_ptrs::PAYLOAD, mem.u32(c + mut_arr_ptrs::PTRS));
            }
            SMALL_MUT_ARR_PTRS_CLEAN
            | SMALL_MUT_ARR_PTRS_DIRTY
            | SMALL_MUT_ARR_PTRS_FROZEN_CLEAN
            | SMALL_MUT_ARR_PTRS_FROZEN_DIRTY => {
                f.words(c + small_mut_arr_ptrs::PTRS, 1);
                f.ptrs(c + small_mut_arr_ptrs::PAYLOAD, mem.u32(c + small_mut_arr_ptrs::PTRS));
            }
            MVAR_CLEAN | MVAR_DIRTY => f.ptrs(c + PAYLOAD, 3),
            MUT_VAR_CLEAN | MUT_VAR_DIRTY => f.ptrs(c + mut_var::VAR, 1),
            WEAK => f.ptrs(c + weak::CFINALIZERS, 5),
            _ => {}
        }
        f
    }

    /// Word `slot` of the stack that the AP_STACK at `c` holds, if that is what it is and the word is a pointer of the
    /// stopped BCO or the BCO itself: payload[0] is stg_apply_interp, payload[1] the BCO, then come its variables.
    pub(super) fn breakpoint_var(&self, c: Addr, slot: u32) -> Option<ClosurePtr> {
        let mem = &self.mem;
        let t = InfoTable::at(mem, mem.info(c));
        if t.closure_type() != ClosureType::AP_STACK || slot >= mem.u32(c + ap_stack::SIZE) {
            return None;
        }
        let payload = c + ap_stack::PAYLOAD;
        if mem.info(payload) != info::STG_APPLY_INTERP || slot == 0 {
            return None;
        }
        let code = mem.closure(payload.offset_w(1));
        let is_ptr = slot == 1 || {
            let variables = Bitmap::from_large(mem, code.addr() + bco::BITMAP);
            slot - 2 < variables.size() && variables.is_ptr(mem, slot - 2)
        };
        is_ptr.then(|| mem.closure(payload.offset_w(slot)))
    }
}
