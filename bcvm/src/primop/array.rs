//! Arrays of pointers: `Array#`, `MutableArray#` and `ArrayArray#`, which have cards, and the small ones without.
//!
//! Single elements are read and written unchecked, as in GHC: what lies beyond an array is the guest's own memory.
//! Operations on ranges are checked, because that costs them nothing, and crash instead of copying for hours.
//! Every write to a mutable array leaves it DIRTY (with its cards set, if it has any): see Note [The mutable list] in
//! `heap::remember`. What has just been made is young, so its cards don't matter yet.

use super::effect::{Answer, Args};
use crate::entry::table::info;
use crate::heap::Heap;
use crate::interp::machine::Machine;
use crate::layout::closure::{mut_arr_ptrs, small_mut_arr_ptrs};
use crate::mem::Mem;
use crate::word::{Addr, InfoPtr, Word};

/// What a program has done that names elements an array doesn't have.
const OUT_OF_BOUNDS: Answer = Answer::Crash("an array operation beyond the end of its array");

/// What the two kinds of arrays differ in. Both have their length behind the info pointer.
pub trait Kind {
    /// Info pointer of a mutable one.
    const MUTABLE: InfoPtr;
    /// Info pointer of a frozen one that holds what was in another before.
    const FROZEN_CLEAN: InfoPtr;
    /// Info pointer of one that is frozen in place.
    const FROZEN_DIRTY: InfoPtr;
    /// Offset of the elements.
    const PAYLOAD: u32;
    /// Words of card table behind `n` elements.
    fn card_words(n: u32) -> u32;
    /// Writes what only this kind has: nothing, or a size and clean cards.
    fn header(mem: &mut Mem, array: Addr, n: u32);
    /// Notes that elements have been written.
    fn wrote(heap: &mut Heap, mem: &mut Mem, array: Addr, from: u32, len: u32);
    /// Makes a frozen array mutable.
    fn thaw(heap: &mut Heap, mem: &mut Mem, array: Addr);
}

/// MUT_ARR_PTRS.
pub struct Boxed;

impl Kind for Boxed {
    const MUTABLE: InfoPtr = info::STG_MUT_ARR_PTRS_DIRTY;
    const FROZEN_CLEAN: InfoPtr = info::STG_MUT_ARR_PTRS_FROZEN_CLEAN;
    const FROZEN_DIRTY: InfoPtr = info::STG_MUT_ARR_PTRS_FROZEN_DIRTY;
    const PAYLOAD: u32 = mut_arr_ptrs::PAYLOAD;

    fn card_words(n: u32) -> u32 {
        mut_arr_ptrs::card_words(n)
    }

    fn header(mem: &mut Mem, array: Addr, n: u32) {
        let cards = Self::card_words(n);
        mem.set_word(array + mut_arr_ptrs::SIZE, (n + cards) as Word);
        mem.fill_words((array + Self::PAYLOAD).offset_w(n), cards, 0);
    }

    fn wrote(heap: &mut Heap, mem: &mut Mem, array: Addr, from: u32, len: u32) {
        let n = mem.u32(array + PTRS);
        heap.dirty_array_range(mem, array, n, from, len);
    }

    fn thaw(heap: &mut Heap, mem: &mut Mem, array: Addr) {
        heap.thaw_array(mem, array);
    }
}

/// SMALL_MUT_ARR_PTRS: the whole array is dirty or clean.
pub struct Small;

impl Kind for Small {
    const MUTABLE: InfoPtr = info::STG_SMALL_MUT_ARR_PTRS_DIRTY;
    const FROZEN_CLEAN: InfoPtr = info::STG_SMALL_MUT_ARR_PTRS_FROZEN_CLEAN;
    const FROZEN_DIRTY: InfoPtr = info::STG_SMALL_MUT_ARR_PTRS_FROZEN_DIRTY;
    const PAYLOAD: u32 = small_mut_arr_ptrs::PAYLOAD;

    fn card_words(_: u32) -> u32 {
        0
    }

    fn header(_: &mut Mem, _: Addr, _: u32) {}

    fn wrote(_: &mut Heap, mem: &mut Mem, array: Addr, _: u32, len: u32) {
        if len > 0 {
            mem.set_info(array, Self::MUTABLE);
        }
    }

    fn thaw(heap: &mut Heap, mem: &mut Mem, array: Addr) {
        heap.thaw_small_array(mem, array);
    }
}

/// Offset of the length in both kinds.
const PTRS: u32 = mut_arr_ptrs::PTRS;
const _: () = assert!(PTRS == small_mut_arr_ptrs::PTRS);

/// The part of an array that an operation names: `from + len <= n`.
fn range(n: Word, from: Word, len: Word) -> Option<(u32, u32)> {
    let end = from.checked_add(len)?;
    (end <= n).then_some((from as u32, len as u32))
}

/// Words to ask for, or more than any heap has when there are too many to count.
pub(super) fn words_or_absurd(words: Option<Word>) -> u32 {
    words.and_then(|w| u32::try_from(w).ok()).unwrap_or(u32::MAX)
}

/// Copies `len` words; the ranges may overlap.
fn move_words(mem: &mut Mem, dst: Addr, src: Addr, len: u32) {
    if dst <= src { mem.copy_words(dst, src, len) } else { mem.copy_words_down(dst, src, len) }
}

fn element<K: Kind>(array: Addr, i: Word) -> Addr {
    (array + K::PAYLOAD).offset_w(i as u32)
}

/// An array of `n` elements, its elements not yet written; or that there is no room.
fn make<K: Kind>(m: &mut Machine, info: InfoPtr, n: Word) -> Result<Addr, Answer> {
    let header_w = K::PAYLOAD / crate::word::WORD;
    let words = u32::try_from(n).ok().map(|n| n as Word + (header_w + K::card_words(n)) as Word);
    let words = words_or_absurd(words);
    let Some(array) = m.allocate(words) else {
        return Err(Answer::NeedHeap(words));
    };
    m.mem.set_info(array, info);
    m.mem.set_word(array + PTRS, n);
    K::header(&mut m.mem, array, n as u32);
    Ok(array)
}

/// `newArray#`: length, initial element.
pub fn new<K: Kind>(m: &mut Machine, args: &Args) -> Answer {
    match make::<K>(m, K::MUTABLE, args[0]) {
        Ok(array) => {
            m.mem.fill_words(array + K::PAYLOAD, args[0] as u32, args[1]);
            Answer::ptr(array)
        }
        Err(answer) => answer,
    }
}

/// `newArrayArray#`: length; every element is the array itself, so that there is something the collector can look at.
pub fn new_array_array(m: &mut Machine, args: &Args) -> Answer {
    match make::<Boxed>(m, Boxed::MUTABLE, args[0]) {
        Ok(array) => {
            m.mem.fill_words(array + Boxed::PAYLOAD, args[0] as u32, array.word());
            Answer::ptr(array)
        }
        Err(answer) => answer,
    }
}

/// `readArray#`, `indexArray#`: array, index.
pub fn read<K: Kind>(m: &mut Machine, args: &Args) -> Answer {
    Answer::Word(m.mem.word(element::<K>(Addr::from_word(args[0]), args[1])))
}

/// `writeArray#`: array, index, element.
pub fn write<K: Kind>(m: &mut Machine, args: &Args) -> Answer {
    let array = Addr::from_word(args[0]);
    m.mem.set_word(element::<K>(array, args[1]), args[2]);
    K::wrote(&mut m.heap, &mut m.mem, array, args[1] as u32, 1);
    Answer::VOID
}

/// `casArray#`: array, index, expected element, new one; 0 and the new one, or 1 and the one that is there.
pub fn cas<K: Kind>(m: &mut Machine, args: &Args) -> Answer {
    let there = m.mem.word(element::<K>(Addr::from_word(args[0]), args[1]));
    if there != args[2] {
        return Answer::words([1, there]);
    }
    write::<K>(m, &[args[0], args[1], args[3], 0, 0, 0]);
    Answer::words([0, args[3]])
}

/// `sizeofArray#`, `sizeofMutableArray#`.
pub fn size(m: &mut Machine, args: &Args) -> Answer {
    Answer::Word(m.mem.word(Addr::from_word(args[0]) + PTRS))
}

/// `shrinkSmallMutableArray#`: array, new length.
pub fn shrink_small(m: &mut Machine, args: &Args) -> Answer {
    let array = Addr::from_word(args[0]);
    if args[1] > m.mem.word(array + PTRS) {
        return OUT_OF_BOUNDS;
    }
    m.mem.set_word(array + PTRS, args[1]);
    Answer::VOID
}

/// `unsafeFreezeArray#`.
pub fn unsafe_freeze<K: Kind>(m: &mut Machine, args: &Args) -> Answer {
    m.mem.set_info(Addr::from_word(args[0]), K::FROZEN_DIRTY);
    Answer::Word(args[0])
}

/// `unsafeThawArray#`.
pub fn unsafe_thaw<K: Kind>(m: &mut Machine, args: &Args) -> Answer {
    K::thaw(&mut m.heap, &mut m.mem, Addr::from_word(args[0]));
    Answer::Word(args[0])
}

/// `copyArray#`, `copyMutableArray#`: source, from, destination, to, how many.
pub fn copy<K: Kind>(m: &mut Machine, args: &Args) -> Answer {
    let (src, dst) = (Addr::from_word(args[0]), Addr::from_word(args[2]));
    let (src_n, dst_n) = (m.mem.word(src + PTRS), m.mem.word(dst + PTRS));
    let (Some(_), Some((to, len))) = (range(src_n, args[1], args[4]), range(dst_n, args[3], args[4])) else {
        return OUT_OF_BOUNDS;
    };
    move_words(&mut m.mem, element::<K>(dst, args[3]), element::<K>(src, args[1]), len);
    K::wrote(&mut m.heap, &mut m.mem, dst, to, len);
    Answer::VOID
}

fn clone<K: Kind>(m: &mut Machine, args: &Args, info: InfoPtr) -> Answer {
    let src = Addr::from_word(args[0]);
    let Some((_, len)) = range(m.mem.word(src + PTRS), args[1], args[2]) else {
        return OUT_OF_BOUNDS;
    };
    match make::<K>(m, info, args[2]) {
        Ok(array) => {
            m.mem.copy_words(array + K::PAYLOAD, element::<K>(src, args[1]), len);
            Answer::ptr(array)
        }
        Err(answer) => answer,
    }
}

/// `cloneArray#`, `freezeArray#`: array, from, how many.
pub fn clone_frozen<K: Kind>(m: &mut Machine, args: &Args) -> Answer {
    clone::<K>(m, args, K::FROZEN_CLEAN)
}

/// `cloneMutableArray#`, `thawArray#`: array, from, how many.
pub fn clone_mutable<K: Kind>(m: &mut Machine, args: &Args) -> Answer {
    clone::<K>(m, args, K::MUTABLE)
}

#[cfg(test)]
pub(super) mod tests;
