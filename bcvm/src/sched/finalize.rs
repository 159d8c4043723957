//! Running the finalizers of weak pointers that died in a collection (`scheduleFinalizers` of `rts/Weak.c`).
//!
//! One thread runs all of a collection's, one after the other; what one of them raises is forgotten, as
//! `runFinalizerBatch` of base does. The thread's bottom frame has them in an array and counts.

use super::thread::Start;
use crate::entry::closures::{self, Builtin};
use crate::entry::table::info;
use crate::interp::machine::Machine;
use crate::interp::regs::Regs;
use crate::layout::closure::small_mut_arr_ptrs::{PAYLOAD, PTRS, SIZE_W};
use crate::layout::tso::{self, stack};
use crate::primop::effect::Effect;
use crate::word::{Addr, ClosurePtr, WORD};

/// Words of the frame: info pointer, array, index of the next finalizer.
const FRAME_W: u32 = 3;

impl Machine {
    /// Starts a thread that runs `finalizers`. When the heap has no room for that they are lost, as at exit.
    pub(crate) fn run_finalizers(&mut self, finalizers: &[ClosurePtr]) {
        if finalizers.is_empty() {
            return;
        }
        let n = finalizers.len() as u32;
        let Some(array) = self.allocate(SIZE_W + n) else { return };
        self.mem.set_info(array, info::STG_SMALL_MUT_ARR_PTRS_FROZEN_CLEAN);
        self.mem.set_word(array + PTRS, n as u64);
        for (i, f) in finalizers.iter().enumerate() {
            self.mem.set_closure((array + PAYLOAD).offset_w(i as u32), *f);
        }
        let Some(t) = self.new_thread(Builtin::Unit.ptr(), Start::Eval) else { return };
        let s = self.mem.closure(t + tso::STACKOBJ).addr();
        // Under [stg_enter, ()] there is only the frame that ends the thread.
        let sp = self.mem.closure(s + stack::SP).addr() - FRAME_W * WORD;
        self.mem.copy_words(sp, sp.offset_w(FRAME_W), 2);
        let frame = sp.offset_w(2);
        self.mem.set_info(frame, info::STG_RUN_FINALIZERS_FRAME);
        self.mem.set_closure(frame + WORD, array.into());
        self.mem.set_word(frame + 2 * WORD, 0);
        self.mem.set_word(s + stack::SP, sp.word());
        self.threads.enqueue(t);
    }

    /// A finalizer has returned to the frame at `at`, or the first one is to be run: pushes the next, to be entered, or
    /// takes the frame away. Answers what is to be evaluated.
    pub(crate) fn next_finalizer(&mut self, r: &mut Regs, at: Addr) -> Option<ClosurePtr> {
        r.sp = at;
        let array = self.mem.closure(at + WORD).addr();
        let i = self.mem.u32(at + 2 * WORD);
        if i >= self.mem.u32(array + PTRS) {
            r.pop(FRAME_W);
            return None;
        }
        self.mem.set_word(at + 2 * WORD, i as u64 + 1);
        // touch# takes two arguments, does nothing, and so handles anything.
        let handler = closures::wrapper(Effect::Touch.number());
        let masked = self.current_flags() & tso::flags::MASK;
        r.push(&mut self.mem, handler.word());
        r.push(&mut self.mem, masked as u64);
        r.push_info(&mut self.mem, info::STG_CATCH_FRAME);
        r.push_info(&mut self.mem, info::STG_AP_V);
        Some(self.mem.closure((array + PAYLOAD).offset_w(i)))
    }
}
