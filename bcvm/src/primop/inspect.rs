//! Primops that look at closures or make some that only tools make: `unpackClosure#`, `mkApUpd0#` and their like.

use super::effect::{Answer, Args};
use crate::entry::table::info;
use crate::interp::machine::Machine;
use crate::layout::closure::{ap, ap_stack, arr_words, mut_arr_ptrs, size_w};
use crate::word::{Addr, ClosurePtr, WORD, Word};

/// Bytes of `StgInfoTable` before an info pointer.
const INFO_TABLE: Word = 16;
/// The most words of one closure that are unpacked.
const MAX_W: u32 = 1 << 20;

/// Words of the closure at `c`; a static one may be no more than its info pointer.
fn words_of(m: &Machine, c: Addr) -> u32 {
    size_w(&m.mem, c).unwrap_or(1)
}

/// `unpackClosure#`: the address of the info table, all words, and the pointers among them.
pub fn unpack_closure(m: &mut Machine, args: &Args) -> Answer {
    let c = ClosurePtr::from_word(args[0]).addr();
    let words = words_of(m, c).min(MAX_W);
    let ptrs = m.pointers_of(c);
    let (n, cards) = (ptrs.len() as u32, mut_arr_ptrs::card_words(ptrs.len() as u32));
    let (bytes_w, array_w) = (arr_words::SIZE_W + words, mut_arr_ptrs::SIZE_W + n + cards);
    let (Some(bytes), Some(array)) = (m.allocate(bytes_w), m.allocate(array_w)) else {
        return Answer::NeedHeap(bytes_w + array_w);
    };
    let mem = &mut m.mem;
    mem.set_info(bytes, info::STG_ARR_WORDS);
    mem.set_word(bytes + arr_words::BYTES, (words * WORD) as Word);
    mem.copy_words(bytes + arr_words::PAYLOAD, c, words);
    mem.set_info(array, info::STG_MUT_ARR_PTRS_FROZEN_CLEAN);
    mem.set_word(array + mut_arr_ptrs::PTRS, n as Word);
    mem.set_word(array + mut_arr_ptrs::SIZE, (n + cards) as Word);
    for (i, p) in ptrs.iter().enumerate() {
        mem.set_closure((array + mut_arr_ptrs::PAYLOAD).offset_w(i as u32), *p);
    }
    mem.fill_words((array + mut_arr_ptrs::PAYLOAD).offset_w(n), cards, 0);
    let table = mem.info(c).word().wrapping_sub(INFO_TABLE);
    Answer::words([table, bytes.word(), array.word()])
}

/// `closureSize#`: in words.
pub fn closure_size(m: &mut Machine, args: &Args) -> Answer {
    Answer::Word(words_of(m, ClosurePtr::from_word(args[0]).addr()) as Word)
}

/// `getApStackVal#`: AP_STACK, index; 1 and the word there, or 0 and the argument if that is none.
pub fn ap_stack_value(m: &mut Machine, args: &Args) -> Answer {
    let c = ClosurePtr::from_word(args[0]).addr();
    let i = u32::try_from(args[1]).unwrap_or(u32::MAX);
    if m.mem.info(c) != info::STG_AP_STACK || i >= m.mem.u32(c + ap_stack::SIZE) {
        return Answer::words([0, args[0]]);
    }
    Answer::words([1, m.mem.word((c + ap_stack::PAYLOAD).offset_w(i))])
}

/// `mkApUpd0#`: the updatable thunk of a BCO without arguments.
pub fn make_ap(m: &mut Machine, args: &Args) -> Answer {
    let Some(thunk) = m.allocate(ap::SIZE_W) else { return Answer::NeedHeap(ap::SIZE_W) };
    m.mem.set_info(thunk, info::STG_AP);
    m.mem.set_word(thunk + WORD, 0);
    m.mem.set_word(thunk + ap::ARITY, 0);
    m.mem.set_word(thunk + ap::FUN, args[0]);
    Answer::ptr(thunk)
}

/// `newBCO#`. The machine translates and checks byte code as a whole, nested BCOs within their parents, and here they
/// would come one by one.
pub fn new_bco(_: &mut Machine, _: &Args) -> Answer {
    Answer::Crash("byte code is made by the server's CreateBCOs only")
}

#[cfg(test)]
mod tests;
