//! MVars, and IOPorts, which have the same layout (`rts/PrimOps.cmm`).
//!
//! A thread that blocks queues up behind those that came before; readers go to the front, because they take nothing
//! away from anybody. Whoever finds a thread waiting does that thread's operation as well (single hand-off), so that
//! nobody can come between. See Note [How a blocked thread goes on] in `sched::block`.

use super::effect::{Answer, Args, Effect};
use crate::entry::closures::Builtin;
use crate::entry::table::info;
use crate::interp::machine::Machine;
use crate::layout::closure::mvar::{HEAD, SIZE_W, TAIL, VALUE};
use crate::layout::closure::mvar_queue;
use crate::layout::tso::{self, why_blocked};
use crate::word::{Addr, ClosurePtr, Word};

/// Argument words of a call of `takeMVar#` or `readMVar#`, and of one of `putMVar#`.
const TAKE_ARGS: u32 = 1;
const PUT_ARGS: u32 = 2;

const NOTHING: ClosurePtr = Builtin::EndTsoQueue.ptr();

/// `newMVar#`, `newIOPort#`.
pub fn new(m: &mut Machine, _: &Args) -> Answer {
    let Some(var) = m.allocate(SIZE_W) else { return Answer::NeedHeap(SIZE_W) };
    // Clean, since it points to nothing young; old it becomes in a collection only.
    m.mem.set_info(var, info::STG_MVAR_CLEAN);
    for field in [HEAD, TAIL, VALUE] {
        m.mem.set_closure(var + field, NOTHING);
    }
    Answer::ptr(var)
}

/// The value of the MVar at `var`, if it is full.
pub(crate) fn value(m: &Machine, var: Addr) -> Option<ClosurePtr> {
    let value = m.mem.closure(var + VALUE);
    (value.addr() != NOTHING.addr()).then_some(value)
}

fn set_value(m: &mut Machine, var: Addr, value: ClosurePtr) {
    m.heap.dirty_mvar(&mut m.mem, var);
    m.mem.set_closure(var + VALUE, value);
}

/// Blocks the running thread on an MVar, in front of or behind the others; its call of `op` will be finished by whoever
/// wakes it.
fn block(m: &mut Machine, op: Effect, args: &[Word], why: u16, first: bool) -> Answer {
    let var = Addr::from_word(args[0]);
    let Some(cell) = m.allocate(mvar_queue::SIZE_W) else { return Answer::NeedHeap(mvar_queue::SIZE_W) };
    let Some(t) = m.threads.current() else { return Answer::Crash("no thread runs") };
    let (head, tail) = (m.mem.closure(var + HEAD), m.mem.closure(var + TAIL));
    let is_empty = head.addr() == NOTHING.addr();
    m.mem.set_info(cell, info::STG_MVAR_TSO_QUEUE);
    m.mem.set_closure(cell + mvar_queue::LINK, if first { head } else { NOTHING });
    m.mem.set_closure(cell + mvar_queue::TSO, t.into());
    m.heap.dirty_mvar(&mut m.mem, var);
    if first || is_empty {
        m.mem.set_closure(var + HEAD, cell.into());
    } else {
        m.mem.set_closure(tail.addr() + mvar_queue::LINK, cell.into());
        m.heap.remember(tail.addr());
    }
    if !first || is_empty {
        m.mem.set_closure(var + TAIL, cell.into());
    }
    m.leave_call(op, args);
    let answer = m.block_current(why, var.into());
    m.mem.set_closure(t + tso::LINK, cell.into());
    answer
}

/// Takes the value out of a full MVar: the first thread that waits to put puts its own.
pub(crate) fn take_full(m: &mut Machine, var: Addr) {
    match m.next_of_mvar(var) {
        Some(t) => {
            let value = ClosurePtr::from_word(m.call_argument(t, 1));
            set_value(m, var, value);
            m.finish_call(t, PUT_ARGS, None);
        }
        None => set_value(m, var, NOTHING),
    }
}

/// Puts a value into an empty MVar: those who wait to read get it, and the first one who waits to take takes it.
pub(crate) fn put_empty(m: &mut Machine, var: Addr, value: ClosurePtr) {
    while let Some(t) = m.next_of_mvar(var) {
        let reads = m.mem.u16(t + tso::WHY_BLOCKED) == why_blocked::MVAR_READ;
        m.finish_call(t, TAKE_ARGS, Some(value));
        if !reads {
            return;
        }
    }
    set_value(m, var, value);
}

/// `takeMVar#`.
pub fn take(m: &mut Machine, args: &Args) -> Answer {
    let var = Addr::from_word(args[0]);
    match value(m, var) {
        Some(value) => {
            take_full(m, var);
            Answer::ptr(value)
        }
        None => block(m, Effect::TakeMVar, &args[..1], why_blocked::MVAR, false),
    }
}

/// `readMVar#`: the value stays where it is.
pub fn read(m: &mut Machine, args: &Args) -> Answer {
    match value(m, Addr::from_word(args[0])) {
        Some(value) => Answer::ptr(value),
        None => block(m, Effect::ReadMVar, &args[..1], why_blocked::MVAR_READ, true),
    }
}

/// `putMVar#`: MVar, value.
pub fn put(m: &mut Machine, args: &Args) -> Answer {
    let var = Addr::from_word(args[0]);
    if value(m, var).is_some() {
        return block(m, Effect::PutMVar, &args[..2], why_blocked::MVAR, false);
    }
    put_empty(m, var, ClosurePtr::from_word(args[1]));
    Answer::VOID
}

/// `tryTakeMVar#`: 1 and the value, or 0 and nothing of meaning.
pub fn try_take(m: &mut Machine, args: &Args) -> Answer {
    let var = Addr::from_word(args[0]);
    match value(m, var) {
        Some(value) => {
            take_full(m, var);
            Answer::words([1, value.word()])
        }
        None => Answer::words([0, Builtin::NoFinalizer.ptr().word()]),
    }
}

/// `tryReadMVar#`: 1 and the value, or 0 and nothing of meaning.
pub fn try_read(m: &mut Machine, args: &Args) -> Answer {
    match value(m, Addr::from_word(args[0])) {
        Some(value) => Answer::words([1, value.word()]),
        None => Answer::words([0, Builtin::NoFinalizer.ptr().word()]),
    }
}

/// `tryPutMVar#`: MVar, value; 0 if it was full.
pub fn try_put(m: &mut Machine, args: &Args) -> Answer {
    let var = Addr::from_word(args[0]);
    if value(m, var).is_some() {
        return Answer::Word(0);
    }
    put_empty(m, var, ClosurePtr::from_word(args[1]));
    Answer::Word(1)
}

/// `isEmptyMVar#`.
pub fn is_empty(m: &mut Machine, args: &Args) -> Answer {
    Answer::Word(value(m, Addr::from_word(args[0])).is_none() as Word)
}

/// `readIOPort#`: takes the value; only one thread may wait for it.
pub fn read_port(m: &mut Machine, args: &Args) -> Answer {
    let port = Addr::from_word(args[0]);
    match value(m, port) {
        Some(value) => {
            set_value(m, port, NOTHING);
            Answer::ptr(value)
        }
        None if m.mem.closure(port + HEAD).addr() != NOTHING.addr() => Answer::Raise(m.exception(Builtin::DoubleRead)),
        None => block(m, Effect::ReadIOPort, &args[..1], why_blocked::IO_COMPLETION, false),
    }
}

/// `writeIOPort#`: port, value; 0 if it was full.
pub fn write_port(m: &mut Machine, args: &Args) -> Answer {
    try_put(m, args)
}
