//! Weak pointers (`rts/sm/MarkWeak.c`): a weak pointer's key, while alive, keeps its value and finalizer alive.
//!
//! `heap.weaks` lists those that haven't died.

use super::collect::Collector;
use super::stats::DeadWeak;
use crate::entry::table::info;
use crate::layout::closure::weak;
use crate::word::{Addr, ClosurePtr};
use alloc::vec::Vec;

impl Collector<'_> {
    /// Keeps what the weak pointers with living keys hold; answers whether there was one (`tidyWeakList`).
    pub(super) fn tidy_weaks(&mut self, pending: &mut Vec<Addr>) -> bool {
        let before = pending.len();
        for w in core::mem::take(pending) {
            let now = self.alive(w.into()).map_or(w, ClosurePtr::addr);
            if self.mem.info(now) == info::STG_DEAD_WEAK {
                continue;
            }
            match self.alive(self.mem.closure(now + weak::KEY)) {
                None => pending.push(w),
                Some(_) => self.keep_weak(w),
            }
        }
        pending.len() < before
    }

    fn keep_weak(&mut self, w: Addr) {
        self.promote = false;
        let w = self.evacuate(w.into()).addr();
        let place = self.heap.blocks.place(w);
        self.promote = !place.is_young();
        self.young_seen = false;
        self.weak_fields(w);
        if self.young_seen {
            self.heap.remember(w);
        }
        self.heap.weaks.put(w, place);
    }

    /// The rest have died: they become DEAD_WEAK, and their finalizers live on to be run
    /// (`collectDeadWeakPtrs`). Answers those that have any.
    pub(super) fn bury_weaks(&mut self, pending: Vec<Addr>) -> Vec<DeadWeak> {
        self.promote = false;
        let mut dead = Vec::with_capacity(pending.len());
        for w in pending {
            let w = self.evacuate(w.into()).addr();
            let finalizer = self.mem.closure(w + weak::FINALIZER);
            let c_finalizers = self.mem.closure(w + weak::CFINALIZERS);
            let weak = DeadWeak { finalizer: self.evacuate(finalizer), c_finalizers: self.evacuate(c_finalizers) };
            self.mem.set_info(w, info::STG_DEAD_WEAK);
            if [weak.finalizer, weak.c_finalizers].iter().any(|f| !self.is_no_finalizer(*f)) {
                dead.push(weak);
            }
        }
        dead
    }

    fn is_no_finalizer(&self, f: ClosurePtr) -> bool {
        self.mem.info(f.addr()) == info::STG_NO_FINALIZER
    }
}
