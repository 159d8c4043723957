//! The registers of the running thread, and allocation with them.
//
// Note [Narrow stores and wide loads]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A processor hands a stored value to a load that follows only if the store covers all of the load. Otherwise the load waits
// until the store has reached the cache: a dozen cycles, as much as a whole step of a program. Two things make such pairs:
//
//   * A function that takes more words than four, the machine and a place for the result counted. The rest goes over the
//     host's stack, where Cranelift stores 32 bits and loads 64. So what the interpreter calls often takes few arguments,
//     several numbers packed in one (`Frame`), and answers a word (`Packed`); what is called in few places is inlined.
//   * A struct copied as a whole, in words of 64 bits, whose fields of 32 were written just before. So nobody copies the
//     machine's registers as a whole where control has just come out of the loop: `on_copy` takes them one by one.

use super::control::{Next, Packed};
use super::machine::Machine;
use crate::heap::config::LARGE_W;
use crate::layout::{closure, regs};
use crate::mem::Mem;
use crate::word::{Addr, ClosurePtr, InfoPtr, WORD, Word};

/// What the interpreter keeps in registers while a thread runs.
///
/// Two that are copied together do not lie side by side, or one load would copy both: Note [Narrow stores and wide loads].
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Regs {
    /// Top of the stack.
    pub sp: Addr,
    /// The next instruction word.
    pub pc: Addr,
    /// The next word to allocate.
    pub hp: Addr,
    /// The instruction array's first word.
    pub code: Addr,
    /// The lowest address the stack may reach.
    pub sp_lim: Addr,
    /// The BCO that runs.
    pub bco: Addr,
    /// The end of the nursery.
    pub hp_lim: Addr,
    /// The pointers of the BCO that runs.
    pub ptrs: Addr,
    /// Top of the stack when that was entered.
    pub base: Addr,
    /// How many words lay there above those its bitmap describes.
    pub base_extra: u32,
}

impl Regs {
    /// The stack word `n` words above the top.
    #[inline(always)]
    pub fn at(&self, n: u32) -> Addr {
        self.sp.offset_w(n)
    }

    /// Pushes a word.
    #[inline(always)]
    pub fn push(&mut self, mem: &mut Mem, w: Word) {
        self.sp = self.sp - WORD;
        mem.set_word(self.sp, w);
    }

    /// Pushes an info pointer.
    #[inline(always)]
    pub fn push_info(&mut self, mem: &mut Mem, info: InfoPtr) {
        self.push(mem, info.word());
    }

    /// Drops the top `n` words.
    #[inline(always)]
    pub fn pop(&mut self, n: u32) {
        self.sp = self.sp.offset_w(n);
    }

    /// Whether `n` more words fit on this stack chunk.
    #[inline(always)]
    pub fn has_stack(&self, n: u32) -> bool {
        // Wide enough that no count of words can wrap.
        self.sp.word() >= self.sp_lim.word() + n as u64 * WORD as u64
    }

    /// Pointer `i` of the running BCO.
    #[inline(always)]
    pub fn ptr(&self, mem: &Mem, i: u32) -> ClosurePtr {
        mem.closure((self.ptrs + closure::mut_arr_ptrs::PAYLOAD).offset_w(i))
    }

    /// Literal `i` of the running BCO.
    #[inline(always)]
    pub fn lit(&self, mem: &Mem, i: u32) -> Word {
        let lits = mem.closure(self.bco + closure::bco::LITERALS).addr();
        mem.word((lits + closure::arr_words::PAYLOAD).offset_w(i))
    }

    /// Whether somebody wants the thread to stop at its next safe point.
    #[inline(always)]
    pub fn stop_wanted(mem: &Mem) -> bool {
        mem.volatile_u32(regs::BASE_REG + regs::HP_LIM) == 0 || mem.stop_asked() != 0
    }
}

/// Has `f` go on with the registers in the machine instead of in locals: it is no part of the loop, and would have to be given
/// them in memory anyway.
#[inline(always)]
pub fn out_of_line(m: &mut Machine, r: &mut Regs, f: impl FnOnce(&mut Machine) -> Packed) -> Next {
    // Nobody else changes the limit of the stack, and what byte code runs is of no interest to others.
    (m.regs.sp, m.regs.hp, m.regs.hp_lim) = (r.sp, r.hp, r.hp_lim);
    let next = f(m).next();
    (r.sp, r.sp_lim, r.hp, r.hp_lim) = (m.regs.sp, m.regs.sp_lim, m.regs.hp, m.regs.hp_lim);
    if let Next::Run = next {
        *r = m.regs;
    }
    next
}

/// Does `f` on a copy of the registers in the machine, and puts them back.
#[inline(always)]
pub fn on_copy(m: &mut Machine, f: impl FnOnce(&mut Machine, &mut Regs) -> Next) -> Packed {
    let Regs { sp, sp_lim, hp, hp_lim, .. } = m.regs;
    let mut r = Regs { sp, sp_lim, hp, hp_lim, ..Regs::default() };
    let next = f(m, &mut r);
    (m.regs.sp, m.regs.sp_lim, m.regs.hp, m.regs.hp_lim) = (r.sp, r.sp_lim, r.hp, r.hp_lim);
    // Only then has it said what byte code comes next.
    if let Next::Run = next {
        m.regs = r;
    }
    next.into()
}

/// The same for what may have nothing to do with it.
#[inline(always)]
pub fn try_on_copy(m: &mut Machine, f: impl FnOnce(&mut Machine, &mut Regs) -> Option<Next>) -> Packed {
    let Regs { sp, sp_lim, hp, hp_lim, .. } = m.regs;
    let mut r = Regs { sp, sp_lim, hp, hp_lim, ..Regs::default() };
    let Some(next) = f(m, &mut r) else { return Packed::NONE };
    (m.regs.sp, m.regs.hp, m.regs.hp_lim) = (r.sp, r.hp, r.hp_lim);
    next.into()
}

/// Allocates `words` words for the running thread; none when the heap is exhausted. Never collects.
#[inline(always)]
pub fn alloc(m: &mut Machine, r: &mut Regs, words: u32) -> Option<Addr> {
    let bytes = words.wrapping_mul(WORD);
    if words < LARGE_W && bytes <= r.hp_lim.0.wrapping_sub(r.hp.0) {
        let object = r.hp;
        r.hp = object + bytes;
        return Some(object);
    }
    let (object, hp, hp_lim) = alloc_slow(m, r.hp, words)?;
    (r.hp, r.hp_lim) = (hp, hp_lim);
    Some(object)
}

/// The nursery is full, or the object is large: take more, and ask for a collection at the next safe point.
#[cold]
#[inline(never)]
fn alloc_slow(m: &mut Machine, hp: Addr, words: u32) -> Option<(Addr, Addr, Addr)> {
    m.enter_runtime();
    let answer = m.heap.extend_nursery(&mut *m.host, hp, words);
    if m.heap.gc_wanted() {
        m.request_stop();
    }
    m.leave_runtime();
    answer
}
