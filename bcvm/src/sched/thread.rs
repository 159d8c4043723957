//! Making a thread, and its stack chunks (`rts/Threads.c`).
//!
//! A thread's stack is a chain of STACK objects; all but the last end in an underflow frame that names the next.

use crate::abi::map;
use crate::entry::closures::Builtin;
use crate::entry::table::info;
use crate::interp::machine::Machine;
use crate::interp::regs::Regs;
use crate::layout::closure::frame;
use crate::layout::regs;
use crate::layout::tso::{self, stack, what_next};
use crate::word::{Addr, ClosurePtr, InfoPtr, WORD};

/// How a thread begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// Evaluate a closure (`createGenThread`).
    Eval,
    /// Run an IO action (`createIOThread`).
    RunIO,
}

/// Words that are copied to a new chunk along with the top frames, so that a thread at the edge of a chunk does
/// not overflow at every call (`-kb`).
const CHUNK_BUFFER_W: u32 = 128;

impl Machine {
    /// Makes a thread that evaluates or runs `closure`; none when the heap is exhausted. May not collect.
    pub fn new_thread(&mut self, closure: ClosurePtr, start: Start) -> Option<Addr> {
        let stack = self.new_stack(self.config.stack_initial_w)?;
        let t = self.allocate(tso::SIZE_W)?;
        let id = self.threads.fresh_id();
        let mem = &mut self.mem;
        mem.fill_words(t, tso::SIZE_W, 0);
        mem.set_info(t, info::STG_TSO);
        mem.set_closure(t + tso::LINK, Builtin::EndTsoQueue.ptr());
        mem.set_closure(t + tso::GLOBAL_LINK, Builtin::EndTsoQueue.ptr());
        mem.set_closure(t + tso::STACKOBJ, stack.into());
        mem.set_u16(t + tso::WHAT_NEXT, what_next::INTERPRET);
        mem.set_word(t + tso::ID, id);
        mem.set_u32(t + tso::DIRTY, 1);
        mem.set_word(t + tso::CAP, (map::BASE_REG - 24) as u64);
        mem.set_closure(t + tso::BLOCK_INFO, Builtin::EndTsoQueue.ptr());
        mem.set_closure(t + tso::TREC, Builtin::NoTrec.ptr());
        mem.set_closure(t + tso::BLOCKED_EXCEPTIONS, Builtin::EndTsoQueue.ptr());
        mem.set_closure(t + tso::BQ, Builtin::EndTsoQueue.ptr());
        mem.set_u32(t + tso::TOT_STACK_SIZE, self.config.stack_initial_w);
        let mut sp = mem.closure(stack + stack::SP).addr();
        let mut push = |w: u64| {
            sp = sp - WORD;
            mem.set_word(sp, w);
        };
        push(info::STG_STOP_THREAD.word());
        if start == Start::RunIO {
            push(info::STG_AP_V.word());
        }
        push(closure.word());
        push(info::STG_ENTER.word());
        mem.set_word(stack + stack::SP, sp.word());
        self.heap.threads.add(t);
        Some(t)
    }

    /// Makes an empty STACK of `words` words, header included.
    fn new_stack(&mut self, words: u32) -> Option<Addr> {
        let s = self.allocate(words)?;
        let size = words - stack::SIZE_W;
        let mem = &mut self.mem;
        mem.set_info(s, info::STG_STACK);
        mem.set_word(s + stack::STACK_SIZE, size as u64);
        mem.set_u8(s + stack::DIRTY, 1);
        mem.set_word(s + stack::SP, (s + stack::STACK).offset_w(size).word());
        Some(s)
    }

    /// Makes `t` the running thread and loads its registers.
    pub fn resume(&mut self, t: Addr) {
        self.count_allocation();
        self.threads.set_current(Some(t));
        self.mem.set_word(regs::BASE_REG + regs::CURRENT_TSO, t.word());
        self.touch(t);
        let s = self.mem.closure(t + tso::STACKOBJ).addr();
        self.load_stack(s);
    }

    /// The collector must look at the thread and its stack from now on.
    pub(super) fn touch(&mut self, t: Addr) {
        self.heap.dirty_tso(&mut self.mem, t);
        let s = self.mem.closure(t + tso::STACKOBJ).addr();
        self.heap.dirty_stack(&mut self.mem, s);
    }

    fn load_stack(&mut self, s: Addr) {
        self.regs.sp = self.mem.closure(s + stack::SP).addr();
        self.regs.sp_lim = (s + stack::STACK).offset_w(stack::RESERVED_W);
    }

    /// Saves the running thread's registers into its objects.
    pub fn save_thread(&mut self) {
        self.count_allocation();
        if let Some(t) = self.threads.current() {
            let s = self.mem.closure(t + tso::STACKOBJ).addr();
            self.mem.set_word(s + stack::SP, self.regs.sp.word());
        }
    }

    /// Gives the running thread another stack chunk with room for `need` more words, and moves the frames on top
    /// there (`threadStackOverflow`). False when the thread may have no more stack.
    pub fn stack_overflow(&mut self, need: u32) -> bool {
        let Some(t) = self.threads.current() else { return false };
        self.save_thread();
        let old = self.mem.closure(t + tso::STACKOBJ).addr();
        let moved = self.top_frames_w();
        let want = moved + need.saturating_add(stack::RESERVED_W + stack::SIZE_W + 2);
        let words = want.max(self.config.stack_chunk_w);
        let total = self.mem.u32(t + tso::TOT_STACK_SIZE).saturating_add(words);
        if total > self.config.stack_limit_w {
            return false;
        }
        let Some(new) = self.new_stack(words) else { return false };
        let sp = self.regs.sp;
        let mem = &mut self.mem;
        mem.set_u32(t + tso::TOT_STACK_SIZE, total);
        let mut to = mem.closure(new + stack::SP).addr() - 2 * WORD;
        mem.set_info(to, info::STG_STACK_UNDERFLOW_FRAME);
        mem.set_closure(to + WORD, old.into());
        to = Addr(to.0 - moved * WORD);
        mem.copy_words(to, sp, moved);
        mem.set_word(new + stack::SP, to.word());
        mem.set_word(old + stack::SP, sp.offset_w(moved).word());
        mem.set_closure(t + tso::STACKOBJ, new.into());
        self.load_stack(new);
        true
    }

    /// How many words to move to a new chunk: the top two frames, which belong together while a value is being
    /// returned or a BCO started, and further whole ones as far as the buffer goes.
    fn top_frames_w(&self) -> u32 {
        let (mut words, mut frames) = (0, 0);
        loop {
            let sp = self.regs.sp.offset_w(words);
            let top = self.mem.info(sp);
            if top == info::STG_STOP_THREAD || top == info::STG_STACK_UNDERFLOW_FRAME {
                return words;
            }
            let Some((size, _)) = frame(&self.mem, sp) else { return words };
            if frames >= 2 && words + size > CHUNK_BUFFER_W {
                return words;
            }
            words += size;
            frames += 1;
        }
    }

    /// Goes back to the chunk beneath the underflow frame at `at` (`threadStackUnderflow`), and answers registers
    /// with its stack.
    pub fn underflow(&mut self, r: Regs, at: Addr) -> Regs {
        let Some(t) = self.threads.current() else { return r };
        let old = self.mem.closure(t + tso::STACKOBJ).addr();
        let next = self.mem.closure(at + WORD).addr();
        let freed = self.mem.u32(old + stack::STACK_SIZE) + stack::SIZE_W;
        let total = self.mem.u32(t + tso::TOT_STACK_SIZE).saturating_sub(freed);
        self.mem.set_u32(t + tso::TOT_STACK_SIZE, total);
        // Nothing of the old chunk is alive, whoever still points to it.
        let end = (old + stack::STACK).offset_w(self.mem.u32(old + stack::STACK_SIZE));
        self.mem.set_word(old + stack::SP, (end - 2 * WORD).word());
        self.mem.set_closure(t + tso::STACKOBJ, next.into());
        self.touch(t);
        let sp = self.mem.closure(next + stack::SP).addr();
        Regs { sp, sp_lim: (next + stack::STACK).offset_w(stack::RESERVED_W), ..r }
    }
}

/// Whether `table` is that of an update frame.
pub fn is_update_frame(table: InfoPtr) -> bool {
    matches!(table, info::STG_UPD_FRAME | info::STG_MARKED_UPD_FRAME | info::STG_BH_UPD_FRAME)
}
