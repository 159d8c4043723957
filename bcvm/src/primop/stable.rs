//! Stable pointers, stable names.

use super::effect::{Answer, Args};
use crate::entry::closures::Builtin;
use crate::entry::table::info;
use crate::interp::machine::Machine;
use crate::layout::closure::stable_name;
use crate::word::ClosurePtr;

/// `makeStablePtr#`.
pub fn make_stable_ptr(m: &mut Machine, args: &Args) -> Answer {
    let price = m.stable.price();
    if price > 0 {
        if !m.heap.cede(&mut *m.host, price) {
            return no_room(m);
        }
        m.stable.pay();
    }
    let n = m.stable.make(ClosurePtr::from_word(args[0]));
    if m.stable.is_readable(n) {
        return Answer::Word(n);
    }
    m.stable.free(n);
    Answer::Raise(m.exception(Builtin::HeapOverflow))
}

/// There may be room when garbage has been collected; if not even then, there is none.
fn no_room(m: &mut Machine) -> Answer {
    if m.stable.fail_to_pay() {
        m.c.collection_wanted = true;
        return Answer::NeedHeap(1);
    }
    Answer::Raise(m.exception(Builtin::HeapOverflow))
}

/// `deRefStablePtr#`.
pub fn deref_stable_ptr(m: &mut Machine, args: &Args) -> Answer {
    match m.stable.find(args[0]) {
        Some(p) => Answer::ptr(p),
        None => Answer::Crash("no such stable pointer"),
    }
}

/// `makeStableName#`: the same object for the same closure.
pub fn make_stable_name(m: &mut Machine, args: &Args) -> Answer {
    let c: ClosurePtr = m.follow(ClosurePtr::from_word(args[0])).into();
    if let Some(object) = m.stable.find_name(c) {
        return Answer::ptr(object);
    }
    let Some(object) = m.allocate(stable_name::SIZE_W) else { return Answer::NeedHeap(stable_name::SIZE_W) };
    m.mem.set_info(object, info::STG_STABLE_NAME);
    let number = m.stable.add_name(c, object);
    m.mem.set_word(object + stable_name::SN, number);
    Answer::ptr(object)
}

/// `stableNameToInt#`.
pub fn stable_name_to_int(m: &mut Machine, args: &Args) -> Answer {
    Answer::Word(m.mem.word(ClosurePtr::from_word(args[0]).addr() + stable_name::SN))
}

/// `eqStableName#`.
pub fn eq_stable_name(m: &mut Machine, args: &Args) -> Answer {
    let [a, b] = [args[0], args[1]].map(|n| m.mem.word(ClosurePtr::from_word(n).addr() + stable_name::SN));
    Answer::Word((a == b) as u64)
}
