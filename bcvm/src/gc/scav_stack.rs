//! Stack frames, and the closures that hold arguments as a stack would: PAP, AP, AP_STACK.
//!
//! What a frame's words are is told by a bitmap, which may lie in a BCO that moves: such a frame's BCO is
//! evacuated first and the bitmap read where it then is.

use super::collect::Collector;
use crate::layout::ClosureType::*;
use crate::layout::bitmap::Bitmap;
use crate::layout::closure::{self, ap, ap_stack, pap};
use crate::layout::info_table::InfoTable;
use crate::layout::tso::stack;
use crate::word::{Addr, WORD};

impl Collector<'_> {
    /// A STACK (`scavenge_stack`).
    pub(super) fn stack(&mut self, c: Addr) {
        self.promote = false;
        let end = (c + stack::STACK).offset_w(self.mem.u32(c + stack::STACK_SIZE));
        let sp = Addr::from_word(self.mem.word(c + stack::SP));
        if sp < c + stack::STACK || sp > end || !sp.0.is_multiple_of(WORD) {
            self.fail(c, "a stack whose pointer is outside of it");
            return;
        }
        self.frames(sp, end);
        self.mem.set_u8(c + stack::DIRTY, self.young_seen as u8);
    }

    /// The frames in `[sp, end)`.
    fn frames(&mut self, sp: Addr, end: Addr) {
        let mut sp = sp;
        while sp < end {
            match InfoTable::at(self.mem, self.mem.info(sp)).closure_type() {
                UPDATE_FRAME => {
                    let p = self.mem.closure(sp + WORD);
                    let new = self.evacuate_updatee(p);
                    self.mem.set_closure(sp + WORD, new);
                    sp = sp + 2 * WORD;
                    continue;
                }
                RET_BCO => self.field(sp + WORD),
                RET_FUN => self.field(sp + 2 * WORD),
                _ => {}
            }
            let Some((words, bitmap)) = closure::frame(self.mem, sp) else {
                return self.fail(sp, "no stack frame");
            };
            if words > (end.0 - sp.0) / WORD {
                return self.fail(sp, "a stack frame longer than its stack");
            }
            let next = sp.offset_w(words);
            self.by_bitmap(next.offset_w(bitmap.size().wrapping_neg()), bitmap, bitmap.size());
            sp = next;
        }
    }

    /// The pointers among `n` words at `at`, which the bitmap describes.
    fn by_bitmap(&mut self, at: Addr, bitmap: Bitmap, n: u32) {
        for i in 0..n {
            if bitmap.is_ptr(self.mem, i) {
                self.field(at.offset_w(i));
            }
        }
    }

    /// `n` arguments at `at` of the function that the word at `fun` points to (`scavenge_PAP_payload`).
    fn arguments(&mut self, c: Addr, fun: Addr, at: Addr, n: u32) {
        self.field(fun);
        if n == 0 {
            return;
        }
        let bitmap = closure::fun_bitmap(self.mem, self.mem.closure(fun).addr());
        if n > bitmap.size() {
            return self.fail(c, "more arguments than its function has");
        }
        self.by_bitmap(at, bitmap, n);
    }

    /// A PAP.
    pub(super) fn pap(&mut self, c: Addr) {
        let n = self.mem.u32(c + pap::N_ARGS);
        self.arguments(c, c + pap::FUN, c + pap::PAYLOAD, n);
    }

    /// An AP.
    pub(super) fn ap(&mut self, c: Addr) {
        let n = self.mem.u32(c + ap::N_ARGS);
        self.arguments(c, c + ap::FUN, c + ap::PAYLOAD, n);
    }

    /// An AP_STACK.
    pub(super) fn ap_stack(&mut self, c: Addr) {
        self.field(c + ap_stack::FUN);
        let at = c + ap_stack::PAYLOAD;
        let n = self.mem.u32(c + ap_stack::SIZE);
        self.frames(at, at.offset_w(n));
    }
}
