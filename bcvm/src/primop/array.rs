//! Arrays of pointers: `Array#` and `MutableArray#`, and the small ones in [`small`].
//!
//! Single elements are read and written unchecked, as in GHC: what lies beyond an array is the guest's own memory.
//! Operations on ranges are checked, because that costs them nothing, and crash instead of copying for hours.
//! Every write to a mutable array leaves it DIRTY with its cards set: see Note [The mutable list] in
//! `heap::remember`. What has just been made is young, so its cards don't matter yet.

use super::effect::{Answer, Args};
use crate::entry::table::info;
use crate::interp::machine::Machine;
use crate::layout::closure::mut_arr_ptrs::{PAYLOAD, PTRS, SIZE, SIZE_W, card_words};
use crate::mem::Mem;
use crate::word::{Addr, InfoPtr, Word};

/// What a program has done that names elements an array doesn't have.
const OUT_OF_BOUNDS: Answer = Answer::Crash("an array operation beyond the end of its array");

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

fn element(array: Addr, i: Word) -> Addr {
    (array + PAYLOAD).offset_w(i as u32)
}

/// An array of `n` elements, its elements not yet written; or that there is no room.
fn make(m: &mut Machine, info: InfoPtr, n: Word) -> Result<Addr, Answer> {
    let cards = u32::try_from(n).map_or(0, card_words);
    let words = words_or_absurd(n.checked_add((SIZE_W + cards) as Word));
    let Some(array) = m.allocate(words) else {
        return Err(Answer::NeedHeap(words));
    };
    m.mem.set_info(array, info);
    m.mem.set_word(array + PTRS, n);
    m.mem.set_word(array + SIZE, n + cards as Word);
    m.mem.fill_words(element(array, n), cards, 0);
    Ok(array)
}

/// `newArray#`: length, initial element.
pub fn new(m: &mut Machine, args: &Args) -> Answer {
    match make(m, info::STG_MUT_ARR_PTRS_DIRTY, args[0]) {
        Ok(array) => {
            m.mem.fill_words(array + PAYLOAD, args[0] as u32, args[1]);
            Answer::ptr(array)
        }
        Err(answer) => answer,
    }
}

/// `readArray#`, `indexArray#`: array, index.
pub fn read(m: &mut Machine, args: &Args) -> Answer {
    Answer::Word(m.mem.word(element(Addr::from_word(args[0]), args[1])))
}

/// `writeArray#`: array, index, element.
pub fn write(m: &mut Machine, args: &Args) -> Answer {
    let array = Addr::from_word(args[0]);
    let n = m.mem.u32(array + PTRS);
    m.mem.set_word(element(array, args[1]), args[2]);
    m.heap.dirty_array(&mut m.mem, array, n, args[1] as u32);
    Answer::VOID
}

/// `sizeofArray#`, `sizeofMutableArray#`.
pub fn size(m: &mut Machine, args: &Args) -> Answer {
    Answer::Word(m.mem.word(Addr::from_word(args[0]) + PTRS))
}

/// `unsafeFreezeArray#`.
pub fn unsafe_freeze(m: &mut Machine, args: &Args) -> Answer {
    m.mem.set_info(Addr::from_word(args[0]), info::STG_MUT_ARR_PTRS_FROZEN_DIRTY);
    Answer::Word(args[0])
}

/// `unsafeThawArray#`.
pub fn unsafe_thaw(m: &mut Machine, args: &Args) -> Answer {
    m.heap.thaw_array(&mut m.mem, Addr::from_word(args[0]));
    Answer::Word(args[0])
}

/// `copyArray#`, `copyMutableArray#`: source, from, destination, to, how many.
pub fn copy(m: &mut Machine, args: &Args) -> Answer {
    let (src, dst) = (Addr::from_word(args[0]), Addr::from_word(args[2]));
    let (src_n, dst_n) = (m.mem.word(src + PTRS), m.mem.word(dst + PTRS));
    let (Some(_), Some((to, len))) = (range(src_n, args[1], args[4]), range(dst_n, args[3], args[4])) else {
        return OUT_OF_BOUNDS;
    };
    if len > 0 {
        move_words(&mut m.mem, element(dst, args[3]), element(src, args[1]), len);
        m.heap.dirty_array_range(&mut m.mem, dst, dst_n as u32, to, len);
    }
    Answer::VOID
}

fn clone(m: &mut Machine, args: &Args, info: InfoPtr) -> Answer {
    let src = Addr::from_word(args[0]);
    let Some((_, len)) = range(m.mem.word(src + PTRS), args[1], args[2]) else {
        return OUT_OF_BOUNDS;
    };
    match make(m, info, args[2]) {
        Ok(array) => {
            m.mem.copy_words(array + PAYLOAD, element(src, args[1]), len);
            Answer::ptr(array)
        }
        Err(answer) => answer,
    }
}

/// `cloneArray#`, `freezeArray#`: array, from, how many.
pub fn clone_frozen(m: &mut Machine, args: &Args) -> Answer {
    clone(m, args, info::STG_MUT_ARR_PTRS_FROZEN_CLEAN)
}

/// `cloneMutableArray#`, `thawArray#`: array, from, how many.
pub fn clone_mutable(m: &mut Machine, args: &Args) -> Answer {
    clone(m, args, info::STG_MUT_ARR_PTRS_DIRTY)
}

pub mod small {
    //! `SmallArray#` and `SmallMutableArray#`: no cards, so the whole array is dirty or clean.

    use super::{OUT_OF_BOUNDS, move_words, range, words_or_absurd};
    use crate::entry::table::info;
    use crate::interp::machine::Machine;
    use crate::layout::closure::small_mut_arr_ptrs::{PAYLOAD, PTRS, SIZE_W};
    use crate::primop::effect::{Answer, Args};
    use crate::word::{Addr, InfoPtr, Word};

    fn element(array: Addr, i: Word) -> Addr {
        (array + PAYLOAD).offset_w(i as u32)
    }

    fn make(m: &mut Machine, info: InfoPtr, n: Word) -> Result<Addr, Answer> {
        let words = words_or_absurd(n.checked_add(SIZE_W as Word));
        let Some(array) = m.allocate(words) else {
            return Err(Answer::NeedHeap(words));
        };
        m.mem.set_info(array, info);
        m.mem.set_word(array + PTRS, n);
        Ok(array)
    }

    /// `newSmallArray#`: length, initial element.
    pub fn new(m: &mut Machine, args: &Args) -> Answer {
        match make(m, info::STG_SMALL_MUT_ARR_PTRS_DIRTY, args[0]) {
            Ok(array) => {
                m.mem.fill_words(array + PAYLOAD, args[0] as u32, args[1]);
                Answer::ptr(array)
            }
            Err(answer) => answer,
        }
    }

    /// `shrinkSmallMutableArray#`: array, new length.
    pub fn shrink(m: &mut Machine, args: &Args) -> Answer {
        let array = Addr::from_word(args[0]);
        if args[1] > m.mem.word(array + PTRS) {
            return OUT_OF_BOUNDS;
        }
        m.mem.set_word(array + PTRS, args[1]);
        Answer::VOID
    }

    /// `readSmallArray#`, `indexSmallArray#`: array, index.
    pub fn read(m: &mut Machine, args: &Args) -> Answer {
        Answer::Word(m.mem.word(element(Addr::from_word(args[0]), args[1])))
    }

    /// `writeSmallArray#`: array, index, element.
    pub fn write(m: &mut Machine, args: &Args) -> Answer {
        let array = Addr::from_word(args[0]);
        m.mem.set_word(element(array, args[1]), args[2]);
        m.mem.set_info(array, info::STG_SMALL_MUT_ARR_PTRS_DIRTY);
        Answer::VOID
    }

    /// `sizeofSmallArray#` and its mutable kin.
    pub fn size(m: &mut Machine, args: &Args) -> Answer {
        Answer::Word(m.mem.word(Addr::from_word(args[0]) + PTRS))
    }

    /// `unsafeFreezeSmallArray#`.
    pub fn unsafe_freeze(m: &mut Machine, args: &Args) -> Answer {
        m.mem.set_info(Addr::from_word(args[0]), info::STG_SMALL_MUT_ARR_PTRS_FROZEN_DIRTY);
        Answer::Word(args[0])
    }

    /// `unsafeThawSmallArray#`.
    pub fn unsafe_thaw(m: &mut Machine, args: &Args) -> Answer {
        m.heap.thaw_small_array(&mut m.mem, Addr::from_word(args[0]));
        Answer::Word(args[0])
    }

    /// `copySmallArray#`, `copySmallMutableArray#`: source, from, destination, to, how many.
    pub fn copy(m: &mut Machine, args: &Args) -> Answer {
        let (src, dst) = (Addr::from_word(args[0]), Addr::from_word(args[2]));
        let (src_n, dst_n) = (m.mem.word(src + PTRS), m.mem.word(dst + PTRS));
        let (Some(_), Some((_, len))) = (range(src_n, args[1], args[4]), range(dst_n, args[3], args[4])) else {
            return OUT_OF_BOUNDS;
        };
        if len > 0 {
            move_words(&mut m.mem, element(dst, args[3]), element(src, args[1]), len);
            m.mem.set_info(dst, info::STG_SMALL_MUT_ARR_PTRS_DIRTY);
        }
        Answer::VOID
    }

    fn clone(m: &mut Machine, args: &Args, info: InfoPtr) -> Answer {
        let src = Addr::from_word(args[0]);
        let Some((_, len)) = range(m.mem.word(src + PTRS), args[1], args[2]) else {
            return OUT_OF_BOUNDS;
        };
        match make(m, info, args[2]) {
            Ok(array) => {
                m.mem.copy_words(array + PAYLOAD, element(src, args[1]), len);
                Answer::ptr(array)
            }
            Err(answer) => answer,
        }
    }

    /// `cloneSmallArray#`, `freezeSmallArray#`: array, from, how many.
    pub fn clone_frozen(m: &mut Machine, args: &Args) -> Answer {
        clone(m, args, info::STG_SMALL_MUT_ARR_PTRS_FROZEN_CLEAN)
    }

    /// `cloneSmallMutableArray#`, `thawSmallArray#`: array, from, how many.
    pub fn clone_mutable(m: &mut Machine, args: &Args) -> Answer {
        clone(m, args, info::STG_SMALL_MUT_ARR_PTRS_DIRTY)
    }
}

#[cfg(test)]
pub(super) mod tests;
