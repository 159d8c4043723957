//! Weak pointers (`rts/PrimOps.cmm`, `rts/Weak.c`). Which of them die is the collector's business (`gc/weak.rs`).

use super::effect::{Answer, Args};
use crate::entry::closures::Builtin;
use crate::entry::table::info;
use crate::interp::control::Stop;
use crate::interp::machine::Machine;
use crate::layout::closure::{c_finalizer, weak};
use crate::primop::table::Rep;
use crate::word::{Addr, ClosurePtr, Word};

/// `mkWeak#`: key, value, finalizer.
pub fn make(m: &mut Machine, args: &Args) -> Answer {
    weak_of(m, args[0], args[1], args[2])
}

/// `mkWeakNoFinalizer#`: key, value.
pub fn make_without_finalizer(m: &mut Machine, args: &Args) -> Answer {
    weak_of(m, args[0], args[1], Builtin::NoFinalizer.ptr().word())
}

fn weak_of(m: &mut Machine, key: Word, value: Word, finalizer: Word) -> Answer {
    let Some(w) = m.allocate(weak::SIZE_W) else { return Answer::NeedHeap(weak::SIZE_W) };
    m.mem.set_info(w, info::STG_WEAK);
    m.mem.set_closure(w + weak::CFINALIZERS, Builtin::NoFinalizer.ptr());
    m.mem.set_word(w + weak::KEY, key);
    m.mem.set_word(w + weak::VALUE, value);
    m.mem.set_word(w + weak::FINALIZER, finalizer);
    m.mem.set_word(w + weak::LINK, 0);
    m.heap.weaks.add(w);
    Answer::ptr(w)
}

/// `deRefWeak#`: 1 and the value, or 0 and nothing of meaning.
pub fn deref(m: &mut Machine, args: &Args) -> Answer {
    let w = Addr::from_word(args[0]);
    if m.mem.info(w) == info::STG_DEAD_WEAK {
        return Answer::words([0, Builtin::NoFinalizer.ptr().word()]);
    }
    Answer::words([1, m.mem.word(w + weak::VALUE)])
}

/// `finalizeWeak#`: the weak pointer dies now; its C finalizers are run, and its other one is answered, after a 1 if it
/// has one.
pub fn finalize(m: &mut Machine, args: &Args) -> Answer {
    let w = Addr::from_word(args[0]);
    let none = Builtin::NoFinalizer.ptr();
    if m.mem.info(w) == info::STG_DEAD_WEAK {
        return Answer::words([0, none.word()]);
    }
    let (finalizer, in_c) = (m.mem.closure(w + weak::FINALIZER), m.mem.closure(w + weak::CFINALIZERS));
    m.mem.set_info(w, info::STG_DEAD_WEAK);
    m.run_c_finalizers(in_c);
    if !m.crash_report.is_empty() {
        return Answer::Leave(Stop::Crash);
    }
    Answer::words([(finalizer.addr() != none.addr()) as Word, finalizer.word()])
}

/// `addCFinalizerToWeak#`: function, its argument, whether there is an environment, the environment, weak pointer; 1,
/// or 0 if that is dead.
pub fn add_c_finalizer(m: &mut Machine, args: &Args) -> Answer {
    let w = Addr::from_word(args[4]);
    if m.mem.info(w) == info::STG_DEAD_WEAK {
        return Answer::Word(0);
    }
    let Some(cell) = m.allocate(c_finalizer::SIZE_W) else { return Answer::NeedHeap(c_finalizer::SIZE_W) };
    let next = m.mem.closure(w + weak::CFINALIZERS);
    m.mem.set_info(cell, info::STG_C_FINALIZER_LIST);
    m.mem.set_closure(cell + c_finalizer::LINK, next);
    m.mem.set_word(cell + c_finalizer::FUNCTION, args[0]);
    m.mem.set_word(cell + c_finalizer::PTR, args[1]);
    m.mem.set_word(cell + c_finalizer::HAS_ENV, args[2]);
    m.mem.set_word(cell + c_finalizer::ENV, args[3]);
    m.mem.set_closure(w + weak::CFINALIZERS, cell.into());
    m.heap.remember(w);
    Answer::Word(1)
}

impl Machine {
    /// Runs the C finalizers of a list (`runCFinalizers`), which allocate nothing in the heap.
    pub fn run_c_finalizers(&mut self, list: ClosurePtr) {
        let mut cell = list.addr();
        while self.mem.info(cell) == info::STG_C_FINALIZER_LIST && self.mem.fault().is_none() {
            let function = self.mem.word(cell + c_finalizer::FUNCTION);
            let (ptr, env) = (self.mem.word(cell + c_finalizer::PTR), self.mem.word(cell + c_finalizer::ENV));
            let has_env = self.mem.word(cell + c_finalizer::HAS_ENV) as u32 != 0;
            // A list that a program has bent into a circle ends here.
            self.mem.set_info(cell, info::STG_NO_FINALIZER);
            cell = self.mem.closure(cell + c_finalizer::LINK).addr();
            let args = if has_env { [env, ptr] } else { [ptr, 0] };
            self.call_finalizer(function, &args.map(|w| (Rep::N, w)));
        }
    }
}

#[cfg(test)]
mod tests;
