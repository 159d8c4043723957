//! Byte arrays, pinned and not. Single elements are `access`'s.
//!
//! As with arrays of pointers, operations on ranges are checked; addresses a program brings along are its own
//! business.

use super::array::words_or_absurd;
use super::effect::{Answer, Args};
use crate::entry::table::info;
use crate::heap::block::BLOCK;
use crate::interp::machine::Machine;
use crate::layout::closure::arr_words::{BYTES, PAYLOAD, SIZE_W};
use crate::word::{Addr, WORD, Word};

/// What a program has done that names bytes an array doesn't have.
const OUT_OF_BOUNDS: Answer = Answer::Crash("a byte array operation beyond the end of its array");
/// Alignment of pinned byte arrays that ask for none (`BA_ALIGN`).
const PINNED_ALIGN: u32 = 16;

/// Where byte `from` of the array is, if it has `len` bytes from there on.
fn bytes(m: &Machine, array: Addr, from: Word, len: Word) -> Option<Addr> {
    let end = from.checked_add(len)?;
    (end <= m.mem.word(array + BYTES)).then_some(array + PAYLOAD + from as u32)
}

/// Writes the header of an array of `n` bytes.
fn header(m: &mut Machine, array: Addr, n: Word) -> Answer {
    m.mem.set_info(array, info::STG_ARR_WORDS);
    m.mem.set_word(array + BYTES, n);
    Answer::ptr(array)
}

/// `newByteArray#`: length.
pub fn new(m: &mut Machine, args: &Args) -> Answer {
    let words = words_or_absurd(args[0].div_ceil(WORD as Word).checked_add(SIZE_W as Word));
    match m.allocate(words) {
        Some(array) => header(m, array, args[0]),
        None => Answer::NeedHeap(words),
    }
}

fn pinned(m: &mut Machine, n: Word, align: u32) -> Answer {
    let words = words_or_absurd(n.div_ceil(WORD as Word).checked_add(SIZE_W as Word));
    // An absurd length is refused by the heap as such, so that a collection answers that there is no room.
    let len = u32::try_from(n).unwrap_or(u32::MAX);
    m.enter_runtime();
    let array = m.heap.allocate_pinned(&mut *m.host, len, align);
    if m.heap.gc_wanted() {
        m.request_stop();
    }
    m.leave_runtime();
    match array {
        Some(array) => header(m, array, n),
        None => Answer::NeedHeap(words),
    }
}

/// `newPinnedByteArray#`: length.
pub fn new_pinned(m: &mut Machine, args: &Args) -> Answer {
    pinned(m, args[0], PINNED_ALIGN)
}

/// `newAlignedPinnedByteArray#`: length, alignment.
pub fn new_aligned_pinned(m: &mut Machine, args: &Args) -> Answer {
    match u32::try_from(args[1]) {
        Ok(align) if align <= WORD => pinned(m, args[0], WORD),
        Ok(align) if align.is_power_of_two() && align <= BLOCK => pinned(m, args[0], align),
        _ => Answer::Crash("newAlignedPinnedByteArray#: the alignment is no power of two up to 4096"),
    }
}

/// `isByteArrayPinned#`, `isMutableByteArrayPinned#`: large objects are pinned too.
pub fn is_pinned(m: &mut Machine, args: &Args) -> Answer {
    Answer::Word(m.heap.is_pinned(Addr::from_word(args[0])) as Word)
}

/// `byteArrayContents#`.
pub fn contents(_: &mut Machine, args: &Args) -> Answer {
    Answer::Word((Addr::from_word(args[0]) + PAYLOAD).word())
}

/// `shrinkMutableByteArray#`: array, new length.
pub fn shrink(m: &mut Machine, args: &Args) -> Answer {
    let array = Addr::from_word(args[0]);
    if args[1] > m.mem.word(array + BYTES) {
        return OUT_OF_BOUNDS;
    }
    m.mem.set_word(array + BYTES, args[1]);
    Answer::VOID
}

/// `resizeMutableByteArray#`: array, new length; the same array if its words suffice.
pub fn resize(m: &mut Machine, args: &Args) -> Answer {
    let array = Addr::from_word(args[0]);
    let old = m.mem.word(array + BYTES);
    if args[1].div_ceil(WORD as Word) <= old.div_ceil(WORD as Word) {
        m.mem.set_word(array + BYTES, args[1]);
        return Answer::Word(args[0]);
    }
    let answer = new(m, &[args[1], 0, 0, 0, 0, 0]);
    if let Answer::Word(p) = answer {
        m.mem.move_bytes(Addr::from_word(p) + PAYLOAD, array + PAYLOAD, old as u32);
    }
    answer
}

/// `sizeofByteArray#` and its mutable kin.
pub fn size(m: &mut Machine, args: &Args) -> Answer {
    Answer::Word(m.mem.word(Addr::from_word(args[0]) + BYTES))
}

/// `compareByteArrays#`: array, from, array, from, how many; negative, zero or positive (`memcmp`).
pub fn compare(m: &mut Machine, args: &Args) -> Answer {
    let a = bytes(m, Addr::from_word(args[0]), args[1], args[4]);
    let b = bytes(m, Addr::from_word(args[2]), args[3], args[4]);
    let (Some(a), Some(b)) = (a, b) else {
        return OUT_OF_BOUNDS;
    };
    let order = (0..args[4] as u32).map(|i| m.mem.u8(a + i).cmp(&m.mem.u8(b + i))).find(|o| o.is_ne());
    Answer::Word(order.map_or(0, |o| o as i64 as Word))
}

/// `copyByteArray#`, `copyMutableByteArray#`: source, from, destination, to, how many.
pub fn copy(m: &mut Machine, args: &Args) -> Answer {
    let src = bytes(m, Addr::from_word(args[0]), args[1], args[4]);
    let dst = bytes(m, Addr::from_word(args[2]), args[3], args[4]);
    let (Some(src), Some(dst)) = (src, dst) else {
        return OUT_OF_BOUNDS;
    };
    m.mem.move_bytes(dst, src, args[4] as u32);
    Answer::VOID
}

/// `copyByteArrayToAddr#`, `copyMutableByteArrayToAddr#`: source, from, address, how many.
pub fn copy_to_addr(m: &mut Machine, args: &Args) -> Answer {
    let Some(src) = bytes(m, Addr::from_word(args[0]), args[1], args[3]) else {
        return OUT_OF_BOUNDS;
    };
    m.mem.move_bytes(Addr::from_word(args[2]), src, args[3] as u32);
    Answer::VOID
}

/// `copyAddrToByteArray#`: address, destination, to, how many.
pub fn copy_from_addr(m: &mut Machine, args: &Args) -> Answer {
    let Some(dst) = bytes(m, Addr::from_word(args[1]), args[2], args[3]) else {
        return OUT_OF_BOUNDS;
    };
    m.mem.move_bytes(dst, Addr::from_word(args[0]), args[3] as u32);
    Answer::VOID
}

/// `setByteArray#`: array, from, how many, byte.
pub fn set(m: &mut Machine, args: &Args) -> Answer {
    let Some(at) = bytes(m, Addr::from_word(args[0]), args[1], args[2]) else {
        return OUT_OF_BOUNDS;
    };
    for i in 0..args[2] as u32 {
        m.mem.set_u8(at + i, args[3] as u8);
    }
    Answer::VOID
}

#[cfg(test)]
mod tests;
