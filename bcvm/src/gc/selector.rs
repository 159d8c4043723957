//! Selector thunks: `fst p` is replaced by the field once `p` is a constructor.
//
// Note [Selector thunks]
// ~~~~~~~~~~~~~~~~~~~~~~
// A lazy pattern leaves thunks that select fields of a tuple. Evaluating one drops its reference to the tuple;
// until somebody does, the tuple keeps its other field alive, and `let (xs, ys) = span p zs` leaks all of xs
// while ys is consumed (Wadler, "Fixing some space leaks with a garbage collector"). So the collector evaluates
// them, which costs nothing where the selectee is a constructor (`eval_thunk_selector`).
//
// The thunk becomes an IND to the field, in the space being emptied, and evacuation goes on with the field; when
// that is a selector too, the loop in `evacuate_from` comes back here, so chains need no stack. Selectors *of*
// selectors recurse, but no deeper than MAX_DEPTH. `let (a, b) = (b, a)` would become two INDs in a circle:
// before the IND is written the field is followed through INDs, and if that leads back to the thunk it stays a
// thunk, which loops when the program evaluates it, as it should.

use super::collect::Collector;
use super::evac::{CIRCLE, MAX_HOPS};
use crate::entry::table::info;
use crate::layout::ClosureType::{BLACKHOLE, IND, IND_STATIC, THUNK_SELECTOR};
use crate::layout::closure::{self, PAYLOAD, THUNK_PAYLOAD};
use crate::layout::info_table::InfoTable;
use crate::word::{Addr, ClosurePtr};

/// Selectors of selectors evaluated at once (`MAX_THUNK_SELECTOR_DEPTH`).
const MAX_DEPTH: u32 = 16;

impl Collector<'_> {
    /// Evaluates the selector at `q`, in the space being emptied and not forwarded, and overwrites it with an
    /// indirection to the value; none if the selectee has no value yet. See Note [Selector thunks].
    pub(super) fn select(&mut self, q: Addr, depth: u32) -> Option<ClosurePtr> {
        if depth >= MAX_DEPTH || self.is_corrupt() {
            return None;
        }
        let field = InfoTable::at(self.mem, self.mem.info(q)).layout_word();
        let mut selectee = self.mem.closure(q + THUNK_PAYLOAD);
        for _ in 0..MAX_HOPS {
            let mut s = selectee.addr();
            let from = self.heap.blocks.place(s).is_from();
            if from && !self.heap.blocks.place(s).is_large() {
                s = self.forwarded(s).unwrap_or(s);
            }
            let moved = s != selectee.addr();
            let info = InfoTable::at(self.mem, self.mem.info(s));
            match info.closure_type() {
                t if t.is_constr() => {
                    if field >= info.ptrs() as u64 {
                        self.fail(q, "a selector of a field that is none");
                        return None;
                    }
                    let value = self.mem.closure((s + PAYLOAD).offset_w(field as u32));
                    if self.leads_to(value, q) {
                        return None;
                    }
                    self.mem.set_info(q, info::STG_IND);
                    self.mem.set_closure(q + closure::INDIRECTEE, value);
                    return Some(value);
                }
                IND | IND_STATIC => selectee = self.mem.closure(s + closure::INDIRECTEE),
                BLACKHOLE => selectee = self.value_of_blackhole(s)?,
                THUNK_SELECTOR if from && !moved && s != q => selectee = self.select(s, depth + 1)?,
                _ => return None,
            }
        }
        self.fail(q, CIRCLE);
        None
    }

    /// Whether following indirections from `p` ends at `q`.
    fn leads_to(&self, p: ClosurePtr, q: Addr) -> bool {
        let mut a = p.addr();
        for _ in 0..MAX_HOPS {
            if a == q {
                return true;
            }
            if !self.heap.blocks.place(a).is_from() || self.forwarded(a).is_some() || self.type_of(a) != IND {
                return false;
            }
            a = self.mem.closure(a + closure::INDIRECTEE).addr();
        }
        self.fail(a, CIRCLE);
        true
    }
}
