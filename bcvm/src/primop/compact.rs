//! Compact regions (`rts/Compact.cmm`, `rts/sm/CNF.c`): copies of evaluated data that the collector never looks into.
//!
//! Sending a region elsewhere (`GHC.Compact.Serialized`) is refused: its blocks are addresses of this machine.
//
// Note [Compacting in two passes]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// `compactAdd#` copies what its argument reaches, evaluating it on the way. Evaluation may collect, throw, block, and
// add to a region itself, so nothing half copied should exist meanwhile. Hence two passes:
//
// 1. Walk over everything reachable. What is to be visited lies in a Vec, while nothing has to be evaluated. When
//    something has, the rest of the Vec goes to a list in the heap, and the thunk is entered under a frame that calls
//    `compactAddNext#` with that list and the thunk's value, where the walk goes on:
//
//        [ thunk's frames | bcvm_bind_frame, PAP compactAddNext# region root list | ... ]
//
//    An element goes to the heap once at most. What was visited is remembered by address, which holds until the next
//    collection; after that, shared parts may be visited once more.
// 2. When the walk has come to its end, everything is evaluated. It is copied in one go, each object once, so sharing and
//    cycles are kept whether they were asked for or not. If the heap gives out, the region is filled as before.

use super::effect::{Answer, Args, Effect};
use crate::entry::closures::{self, Builtin};
use crate::entry::table::info;
use crate::gc::size;
use crate::heap::block::Place;
use crate::interp::machine::Machine;
use crate::interp::pack::con_tag;
use crate::layout::ClosureType::{self, *};
use crate::layout::closure::{self, PAYLOAD, compact, mut_arr_ptrs, pap, small_mut_arr_ptrs};
use crate::layout::info_table::InfoTable;
use crate::sched::blackhole;
use crate::word::{Addr, ClosurePtr, TAG_MASK, WORD, Word};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// A cell of the list of what is to be visited: an array of the closure and the next cell.
const CELL_W: u32 = small_mut_arr_ptrs::SIZE_W + 2;
/// Where that list ends.
const END: ClosurePtr = Builtin::EndTsoQueue.ptr();
/// Indirections followed before they are taken for a circle.
const MAX_HOPS: u32 = 1 << 22;
/// What the handle of a region is not.
const NO_REGION: Answer = Answer::Crash("the argument is no compact region");

/// What a walk has visited so far.
#[derive(Debug, Default)]
pub struct Visited {
    /// Collections when it was left to evaluate something.
    collections: u64,
    /// The list of what was still to be visited then.
    rest: Word,
    seen: BTreeSet<Addr>,
}

/// `compactNew#`: the size in bytes.
pub fn new(m: &mut Machine, args: &Args) -> Answer {
    let bytes = u32::try_from(args[0]).unwrap_or(u32::MAX);
    let Machine { heap, host, .. } = m;
    let Some(region) = heap.new_region(&mut **host, bytes) else {
        return Answer::NeedHeap(bytes.div_ceil(WORD));
    };
    m.mem.fill_words(region, compact::SIZE_W, 0);
    m.mem.set_info(region, info::STG_COMPACT_NFDATA);
    set_sizes(m, region);
    Answer::ptr(region)
}

/// Has the handle say how large the region is.
fn set_sizes(m: &mut Machine, region: Addr) {
    let Some(number) = m.heap.region_of(region) else { return };
    let words = m.heap.regions[number].bytes() / WORD as u64;
    m.mem.set_word(region + compact::TOTAL_W, words);
}

/// `compactResize#`: region, size in bytes of the blocks that are added to it.
pub fn resize(m: &mut Machine, args: &Args) -> Answer {
    let region = Addr::from_word(args[0]);
    let Some(number) = m.heap.region_of(region) else { return NO_REGION };
    let bytes = u32::try_from(args[1]).unwrap_or(u32::MAX);
    m.heap.grow_region_by(number, bytes);
    m.mem.set_word(region + compact::AUTO_BLOCK_W, bytes.div_ceil(WORD) as u64);
    Answer::VOID
}

/// `compactSize#`: bytes of the region's blocks.
pub fn size(m: &mut Machine, args: &Args) -> Answer {
    match m.heap.region_of(Addr::from_word(args[0])) {
        Some(number) => Answer::Word(m.heap.regions[number].bytes()),
        None => NO_REGION,
    }
}

/// `compactContains#`: region, closure.
pub fn contains(m: &mut Machine, args: &Args) -> Answer {
    let x = ClosurePtr::from_word(args[1]).addr();
    let region = m.heap.region_of(x);
    Answer::Word((region.is_some() && region == m.heap.region_of(Addr::from_word(args[0]))) as Word)
}

/// `compactContainsAny#`: whether the closure lies in a region.
pub fn contains_any(m: &mut Machine, args: &Args) -> Answer {
    Answer::Word(m.heap.region_of(ClosurePtr::from_word(args[0]).addr()).is_some() as Word)
}

/// What would send a region elsewhere, or receive one.
pub fn cannot_serialise(m: &mut Machine, _: &Args) -> Answer {
    Answer::Raise(m.exception(Builtin::CannotCompactPinned))
}

/// `compactAdd#`, `compactAddWithSharing#`: region, closure.
pub fn add(m: &mut Machine, args: &Args) -> Answer {
    add_from(m, args[0], args[1], END.word(), args[1])
}

/// How [`add`] goes on: region, closure, list of what is still to be visited, and what to visit first.
pub fn add_next(m: &mut Machine, args: &Args) -> Answer {
    add_from(m, args[0], args[1], args[2], args[3])
}

/// See Note [Compacting in two passes].
fn add_from(m: &mut Machine, region: Word, root: Word, rest: Word, first: Word) -> Answer {
    let Some(number) = m.heap.region_of(Addr::from_word(region)) else { return NO_REGION };
    m.enter_runtime();
    let walked = walk(m, number, rest, ClosurePtr::from_word(first));
    let answer = match walked {
        Walked::Complete => match copy(m, number, ClosurePtr::from_word(root)) {
            Ok(x) => {
                set_sizes(m, Addr::from_word(region));
                Answer::ptr(x)
            }
            Err(failed) => failed,
        },
        Walked::Thunk { thunk, todo, rest, seen } => evaluate(m, thunk, [region, root], &todo, rest, seen),
        Walked::Refused(exception) => Answer::Raise(m.exception(exception)),
    };
    m.leave_runtime();
    answer
}

/// What a walk came to.
enum Walked {
    /// The end: all is evaluated.
    Complete,
    /// Something that is to be evaluated first, with what is to be visited then.
    Thunk { thunk: ClosurePtr, todo: Vec<ClosurePtr>, rest: ClosurePtr, seen: BTreeSet<Addr> },
    /// What may not be in a region.
    Refused(Builtin),
}

fn walk(m: &mut Machine, number: usize, rest: Word, first: ClosurePtr) -> Walked {
    let before = core::mem::take(&mut m.compacting);
    let is_current = before.rest == rest && rest != END.word() && before.collections == m.heap.collections;
    let mut seen = if is_current { before.seen } else { BTreeSet::new() };
    let (mut todo, mut rest) = (Vec::from([first]), ClosurePtr::from_word(rest));
    loop {
        let x = match todo.pop() {
            Some(x) => x,
            None if m.mem.info(rest.addr()) != info::STG_SMALL_MUT_ARR_PTRS_FROZEN_CLEAN
                && m.mem.info(rest.addr()) != info::STG_SMALL_MUT_ARR_PTRS_FROZEN_DIRTY =>
            {
                return Walked::Complete;
            }
            None => {
                let cell = rest.addr() + small_mut_arr_ptrs::PAYLOAD;
                rest = m.mem.closure(cell + WORD);
                m.mem.closure(cell)
            }
        };
        let (x, t) = resolve(m, x);
        if m.heap.region_of(x.addr()) == Some(number) || m.mem.fault().is_some() {
            continue;
        }
        match kind(m, x.addr(), t) {
            Kind::Data(fields, n) => {
                if n > 0 && seen.insert(x.addr()) {
                    todo.extend((0..n).rev().map(|i| m.mem.closure(fields.offset_w(i))));
                }
            }
            Kind::Thunk => return Walked::Thunk { thunk: x, todo, rest, seen },
            Kind::Never(exception) => return Walked::Refused(exception),
        }
    }
}

/// Evaluates `thunk`, and then goes on adding `what`, a region and a closure.
fn evaluate(
    m: &mut Machine,
    thunk: ClosurePtr,
    what: [Word; 2],
    todo: &[ClosurePtr],
    rest: ClosurePtr,
    seen: BTreeSet<Addr>,
) -> Answer {
    let mut rest = rest;
    for x in todo {
        let Some(cell) = m.allocate(CELL_W) else { return Answer::NeedHeap(CELL_W) };
        m.mem.set_info(cell, info::STG_SMALL_MUT_ARR_PTRS_FROZEN_CLEAN);
        m.mem.set_word(cell + small_mut_arr_ptrs::PTRS, 2);
        m.mem.set_closure(cell + small_mut_arr_ptrs::PAYLOAD, *x);
        m.mem.set_closure(cell + small_mut_arr_ptrs::PAYLOAD + WORD, rest);
        rest = cell.into();
    }
    let held = [what[0], what[1], rest.word()];
    let words = pap::SIZE_W + held.len() as u32;
    let Some(next) = m.allocate(words) else { return Answer::NeedHeap(words) };
    m.mem.set_info(next, info::STG_PAP);
    // It wants the thunk's value, and State#.
    m.mem.set_u32(next + pap::ARITY, 2);
    m.mem.set_u32(next + pap::N_ARGS, held.len() as u32);
    m.mem.set_closure(next + pap::FUN, closures::wrapper(Effect::CompactAddNext.number()).into());
    for (i, word) in (0..).zip(held) {
        m.mem.set_word((next + pap::PAYLOAD).offset_w(i), word);
    }
    m.compacting = Visited { collections: m.heap.collections, rest: rest.word(), seen };
    m.regs.push(&mut m.mem, ClosurePtr::from(next).word());
    m.regs.push_info(&mut m.mem, info::STG_BIND_FRAME);
    Answer::Enter(thunk)
}

/// What may be done with a closure.
enum Kind {
    /// It is evaluated: where its pointers are, and how many.
    Data(Addr, u32),
    Thunk,
    Never(Builtin),
}

fn kind(m: &Machine, c: Addr, t: ClosureType) -> Kind {
    match t {
        MUT_ARR_PTRS_FROZEN_CLEAN | MUT_ARR_PTRS_FROZEN_DIRTY if fits(m, c) => {
            Kind::Data(c + mut_arr_ptrs::PAYLOAD, m.mem.u32(c + mut_arr_ptrs::PTRS))
        }
        SMALL_MUT_ARR_PTRS_FROZEN_CLEAN | SMALL_MUT_ARR_PTRS_FROZEN_DIRTY if fits(m, c) => {
            Kind::Data(c + small_mut_arr_ptrs::PAYLOAD, m.mem.u32(c + small_mut_arr_ptrs::PTRS))
        }
        ARR_WORDS if m.heap.place(c).is_pinned() && !m.heap.place(c).is_compact() => {
            Kind::Never(Builtin::CannotCompactPinned)
        }
        ARR_WORDS if fits(m, c) => Kind::Data(c, 0),
        _ if t.is_constr() && size::size_w(&m.mem, c).is_some() => {
            Kind::Data(c + PAYLOAD, InfoTable::at(&m.mem, m.mem.info(c)).ptrs())
        }
        _ if t.is_fun() => Kind::Never(Builtin::CannotCompactFunction),
        PAP | BCO => Kind::Never(Builtin::CannotCompactFunction),
        AP | AP_STACK | BLACKHOLE | THUNK_STATIC | THUNK_SELECTOR => Kind::Thunk,
        _ if t.is_heap_thunk() => Kind::Thunk,
        _ => Kind::Never(Builtin::CannotCompactMutable),
    }
}

/// Whether the array at `c` ends where its blocks do, or before.
fn fits(m: &Machine, c: Addr) -> bool {
    m.heap.place(c) != Place::STATIC && size::size_in_place(&m.mem, &m.heap.blocks, c).is_some()
}

/// `x` without the indirections before it, and its type.
fn resolve(m: &Machine, x: ClosurePtr) -> (ClosurePtr, ClosureType) {
    let mut x = x;
    for _ in 0..MAX_HOPS {
        let t = InfoTable::at(&m.mem, m.mem.info(x.addr())).closure_type();
        let target = m.mem.closure(x.addr() + closure::INDIRECTEE);
        match t {
            IND | IND_STATIC => x = target,
            BLACKHOLE if blackhole::owner(&m.mem, target).is_none() => x = target,
            _ => return (x, t),
        }
    }
    (x, BLACKHOLE)
}

/// Copies what `root` reaches, all of it evaluated, into region `number`. If that fails, the region is as it was.
fn copy(m: &mut Machine, number: usize, root: ClosurePtr) -> Result<ClosurePtr, Answer> {
    let before = m.heap.regions[number].filled();
    let mut copies = Copies { number, to: BTreeMap::new(), todo: Vec::new(), words: 0 };
    let copied = copies.all(m, root);
    if let Err(failed) = copied {
        m.heap.unfill_region(&mut m.mem, number, before);
        if let Answer::NeedHeap(words) = failed {
            // Room for as much as was tried is wanted, or it would be tried again and again.
            m.heap.refused_w = Some(words);
        }
    }
    copied
}

struct Copies {
    number: usize,
    to: BTreeMap<Addr, Addr>,
    /// Fields of copies that point to originals: the first, and how many.
    todo: Vec<(Addr, u32)>,
    /// Words copied so far.
    words: u32,
}

impl Copies {
    fn all(&mut self, m: &mut Machine, root: ClosurePtr) -> Result<ClosurePtr, Answer> {
        let root = self.one(m, root)?;
        while let Some((fields, n)) = self.todo.pop() {
            for field in (0..n).map(|i| fields.offset_w(i)) {
                let x = self.one(m, m.mem.closure(field))?;
                m.mem.set_closure(field, x);
            }
        }
        Ok(root)
    }

    /// The copy of `x`; what need not be copied stays what it is.
    fn one(&mut self, m: &mut Machine, x: ClosurePtr) -> Result<ClosurePtr, Answer> {
        let (x, t) = resolve(m, x);
        let c = x.addr();
        let Kind::Data(fields, n) = kind(m, c, t) else {
            return Err(Answer::Crash("what was evaluated is evaluated no more"));
        };
        let tag = match x.tag() {
            0 if t.is_constr() => con_tag(&m.mem, c).saturating_add(1).min(TAG_MASK),
            tag => tag,
        };
        // Static data points to static data only, or to CAFs, whose values move.
        let is_static = m.heap.place(c) == Place::STATIC && (t == CONSTR_NOCAF || n == 0);
        if is_static || m.heap.region_of(c) == Some(self.number) {
            return Ok(x.untagged().with_tag(tag));
        }
        let to = match self.to.get(&c) {
            Some(to) => *to,
            None => {
                let words = size::size_w(&m.mem, c).unwrap_or(u32::MAX);
                self.words = self.words.saturating_add(words);
                let Machine { heap, host, .. } = m;
                let room = heap.allocate_in_region(&mut **host, self.number, words);
                let to = room.ok_or(Answer::NeedHeap(self.words))?;
                m.mem.copy_words(to, c, words);
                match t {
                    MUT_ARR_PTRS_FROZEN_DIRTY => m.mem.set_info(to, info::STG_MUT_ARR_PTRS_FROZEN_CLEAN),
                    SMALL_MUT_ARR_PTRS_FROZEN_DIRTY => m.mem.set_info(to, info::STG_SMALL_MUT_ARR_PTRS_FROZEN_CLEAN),
                    _ => {}
                }
                self.to.insert(c, to);
                self.todo.push((to + (fields.0 - c.0), n));
                to
            }
        };
        Ok(ClosurePtr::from(to).with_tag(tag))
    }
}

#[cfg(test)]
mod tests;
