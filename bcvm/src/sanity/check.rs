//! Checks every closure and stack that the roots reach (`rts/sm/Sanity.c`).
//!
//! Independent of the collector on purpose: it lists the pointers of each closure in its own words, so that a
//! mistake in one shows in the other. For each pointer it checks that it leads to the start of something that is
//! in use, that the info table describes a heap closure which fits where it lies, and that the tag tells the
//! truth; for each old object that points to a young one, that it is on the mutable list.

use crate::gc::size::{size_in_place, trec_chunk};
use crate::gc::{Corrupt, Roots, Visitor};
use crate::heap::Heap;
use crate::heap::block::Place;
use crate::layout::ClosureType::{self, *};
use crate::layout::closure::{self, *};
use crate::layout::info_table::InfoTable;
use crate::layout::tso;
use crate::mem::Mem;
use crate::word::{Addr, ClosurePtr, TAG_MASK, WORD};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

/// Checks every closure that can be reached; reports the first that is wrong.
pub fn check_heap(heap: &Heap, mem: &mut Mem, roots: &mut dyn Roots) -> Result<(), Corrupt> {
    let mut roots_seen = RootList { mem, found: Vec::new() };
    roots.stable().visit(&mut roots_seen);
    roots.visit(&mut roots_seen);
    let RootList { mem, found } = roots_seen;
    let remembered: BTreeSet<Addr> = heap.remembered.iter().copied().collect();
    let mut check = Check { heap, mem, seen: BTreeSet::new(), todo: Vec::new() };
    for (at, p) in found {
        check.pointer(at, p)?;
    }
    while let Some(c) = check.todo.pop() {
        let mut young = false;
        for at in check.pointers(c)? {
            let p = check.mem.closure(at);
            check.pointer(at, p)?;
            young |= heap.place(p.addr()).is_young();
        }
        if young && heap.is_old(c) && !remembered.contains(&c) {
            return Err(Corrupt { at: c, what: "an old object that points to a young one and is not remembered" });
        }
    }
    Ok(())
}

/// Collects roots without changing them.
struct RootList<'m> {
    mem: &'m Mem,
    found: Vec<(Addr, ClosurePtr)>,
}

impl Visitor for RootList<'_> {
    fn pointer(&mut self, p: &mut ClosurePtr) {
        self.found.push((Addr::NULL, *p));
    }

    fn field(&mut self, at: Addr) {
        self.found.push((at, self.mem.closure(at)));
    }

    fn mem(&self) -> &Mem {
        self.mem
    }
}

struct Check<'a> {
    heap: &'a Heap,
    mem: &'a Mem,
    seen: BTreeSet<Addr>,
    todo: Vec<Addr>,
}

impl Check<'_> {
    /// Checks the pointer `p`, held at `at`, and queues what it points to.
    fn pointer(&mut self, at: Addr, p: ClosurePtr) -> Result<(), Corrupt> {
        let c = p.addr();
        let place = self.heap.place(c);
        let what = if place == Place::STATIC {
            return Ok(());
        } else if place.kind() == Place::FREE {
            "a pointer to freed memory"
        } else if place.is_from() {
            "a pointer to what should have been moved"
        } else if place.is_inner() {
            "a pointer into a large object"
        } else if size_in_place(self.mem, &self.heap.blocks, c).is_none() {
            "a pointer to no closure"
        } else if !self.tag_is_true(p) {
            "a pointer whose tag is wrong"
        } else {
            if self.seen.insert(c) {
                self.todo.push(c);
            }
            return Ok(());
        };
        Err(Corrupt { at: if at.is_null() { c } else { at }, what })
    }

    fn tag_is_true(&self, p: ClosurePtr) -> bool {
        let info = InfoTable::at(self.mem, self.mem.info(p.addr()));
        match info.closure_type() {
            _ if p.tag() == 0 => true,
            t if t.is_constr() => p.tag() == info.con_tag().saturating_add(1).min(TAG_MASK),
            t if t.is_fun() => p.tag() == info.arity(),
            _ => false,
        }
    }

    /// The words of the closure at `c` that hold pointers.
    fn pointers(&self, c: Addr) -> Result<Vec<Addr>, Corrupt> {
        let info = InfoTable::at(self.mem, self.mem.info(c));
        let run = |from: u32, n: u32| (0..n).map(|i| (c + from).offset_w(i)).collect::<Vec<_>>();
        let at = |fields: &[u32]| fields.iter().map(|f| c + *f).collect::<Vec<_>>();
        let kind = info.closure_type();
        Ok(match kind {
            ARR_WORDS => Vec::new(),
            IND | BLACKHOLE | MUT_VAR_CLEAN | MUT_VAR_DIRTY => at(&[closure::INDIRECTEE]),
            THUNK_SELECTOR => at(&[THUNK_PAYLOAD]),
            MVAR_CLEAN | MVAR_DIRTY => run(PAYLOAD, 3),
            TVAR => run(PAYLOAD, 2),
            BCO => at(&[bco::INSTRS, bco::LITERALS, bco::PTRS]),
            MUT_ARR_PTRS_CLEAN | MUT_ARR_PTRS_DIRTY | MUT_ARR_PTRS_FROZEN_DIRTY | MUT_ARR_PTRS_FROZEN_CLEAN => {
                let n = self.mem.u32(c + mut_arr_ptrs::PTRS);
                if self.mem.word(c + mut_arr_ptrs::SIZE) != n as u64 + mut_arr_ptrs::card_words(n) as u64 {
                    return Err(Corrupt { at: c, what: "an array whose size and length disagree" });
                }
                run(mut_arr_ptrs::PAYLOAD, n)
            }
            SMALL_MUT_ARR_PTRS_CLEAN
            | SMALL_MUT_ARR_PTRS_DIRTY
            | SMALL_MUT_ARR_PTRS_FROZEN_DIRTY
            | SMALL_MUT_ARR_PTRS_FROZEN_CLEAN => {
                run(small_mut_arr_ptrs::PAYLOAD, self.mem.u32(c + small_mut_arr_ptrs::PTRS))
            }
            AP => self.arguments(c, ap::FUN, ap::PAYLOAD, self.mem.u32(c + ap::N_ARGS))?,
            PAP => self.arguments(c, pap::FUN, pap::PAYLOAD, self.mem.u32(c + pap::N_ARGS))?,
            AP_STACK => {
                let mut all = at(&[ap_stack::FUN]);
                let n = self.mem.u32(c + ap_stack::SIZE);
                self.frames(c + ap_stack::PAYLOAD, (c + ap_stack::PAYLOAD).offset_w(n), &mut all)?;
                all
            }
            ClosureType::TSO => {
                let mut all = at(&[tso::LINK, tso::STACKOBJ, tso::TREC, tso::BLOCKED_EXCEPTIONS, tso::BQ]);
                if !tso::why_blocked::holds_word(self.mem.u16(c + tso::WHY_BLOCKED)) {
                    all.push(c + tso::BLOCK_INFO);
                }
                all
            }
            STACK => {
                let (low, n) = (c + tso::stack::STACK, self.mem.u32(c + tso::stack::STACK_SIZE));
                let sp = Addr::from_word(self.mem.word(c + tso::stack::SP));
                if sp < low || sp > low.offset_w(n) {
                    return Err(Corrupt { at: c, what: "a stack whose pointer is outside of it" });
                }
                let mut all = Vec::new();
                self.frames(sp, low.offset_w(n), &mut all)?;
                all
            }
            TREC_CHUNK => {
                let mut all = at(&[trec_chunk::PREV]);
                let n = self.mem.u32(c + trec_chunk::NEXT_ENTRY).min(trec_chunk::ENTRY_COUNT);
                all.extend(run(trec_chunk::ENTRIES, n * trec_chunk::ENTRY_W));
                all
            }
            t if t.is_heap_thunk() => run(THUNK_PAYLOAD, info.ptrs()),
            _ => run(PAYLOAD, info.ptrs()),
        })
    }

    fn arguments(&self, c: Addr, fun: u32, payload: u32, n: u32) -> Result<Vec<Addr>, Corrupt> {
        let mut all = Vec::from([c + fun]);
        if n > 0 {
            let bitmap = closure::fun_bitmap(self.mem, self.mem.closure(c + fun).addr());
            if n > bitmap.size() {
                return Err(Corrupt { at: c, what: "more arguments than its function has" });
            }
            all.extend((0..n).filter(|i| bitmap.is_ptr(self.mem, *i)).map(|i| (c + payload).offset_w(i)));
        }
        Ok(all)
    }

    fn frames(&self, sp: Addr, end: Addr, all: &mut Vec<Addr>) -> Result<(), Corrupt> {
        let mut sp = sp;
        while sp < end {
            let frame = closure::frame(self.mem, sp).filter(|(words, _)| *words <= (end.0 - sp.0) / WORD);
            let Some((words, bitmap)) = frame else {
                return Err(Corrupt { at: sp, what: "no stack frame" });
            };
            match InfoTable::at(self.mem, self.mem.info(sp)).closure_type() {
                RET_BCO => all.push(sp + WORD),
                RET_FUN => all.push(sp + 2 * WORD),
                _ => {}
            }
            let payload = sp.offset_w(words - bitmap.size());
            all.extend((0..bitmap.size()).filter(|i| bitmap.is_ptr(self.mem, *i)).map(|i| payload.offset_w(i)));
            sp = sp.offset_w(words);
        }
        Ok(())
    }
}
