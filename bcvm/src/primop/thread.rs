//! Threads: making and asking about them, and waiting for what is outside (`rts/PrimOps.cmm`). Throwing to them is
//! `exception`'s.

use super::effect::{Answer, Args};
use crate::interp::machine::Machine;
use crate::layout::tso::{self, flags, what_next, why_blocked};
use crate::sched::thread::Start;
use crate::sched::threads::Wake;
use crate::word::{Addr, ClosurePtr, Word};

/// What `threadStatus#` says of a thread that returned, and of one that an exception ended.
const COMPLETE: Word = 16;
const KILLED: Word = 17;

/// `fork#`: an IO action. The new thread masks what its parent masks.
pub fn fork(m: &mut Machine, args: &Args) -> Answer {
    fork_of(m, args[0], 0)
}

/// `forkOn#`: a capability, of which there is one; an IO action.
pub fn fork_on(m: &mut Machine, args: &Args) -> Answer {
    fork_of(m, args[1], flags::LOCKED)
}

fn fork_of(m: &mut Machine, action: Word, locked: u32) -> Answer {
    let Some(t) = m.new_thread(ClosurePtr::from_word(action), Start::RunIO) else {
        return Answer::NeedHeap(m.config.stack_initial_w + tso::SIZE_W);
    };
    let state = m.current_flags() & flags::MASK;
    m.mem.set_u32(t + tso::FLAGS, state | locked);
    m.threads.enqueue(t);
    // Let it run soon, but don't make every fork a switch.
    m.request_stop();
    Answer::ptr(t)
}

/// `yield#`.
pub fn yield_now(_: &mut Machine, _: &Args) -> Answer {
    Answer::Yield
}

/// `myThreadId#`.
pub fn mine(m: &mut Machine, _: &Args) -> Answer {
    match m.threads.current() {
        Some(t) => Answer::ptr(t),
        None => Answer::Crash("no thread runs"),
    }
}

/// `threadStatus#`: why it is blocked, or how it ended; its capability; whether it stays there.
pub fn status(m: &mut Machine, args: &Args) -> Answer {
    let t = Addr::from_word(args[0]);
    let status = match m.mem.u16(t + tso::WHAT_NEXT) {
        what_next::COMPLETE => COMPLETE,
        what_next::KILLED => KILLED,
        _ => match m.mem.u16(t + tso::WHY_BLOCKED) {
            // In a server with several OS threads base's event manager waits, and the thread for its MVar.
            why_blocked::READ | why_blocked::WRITE | why_blocked::DELAY => why_blocked::MVAR as Word,
            why => why as Word,
        },
    };
    let is_locked = m.mem.u32(t + tso::FLAGS) & flags::LOCKED != 0;
    Answer::words([status, 0, is_locked as Word])
}

/// `delay#`: microseconds.
pub fn delay(m: &mut Machine, args: &Args) -> Answer {
    // Less than nothing is nothing.
    let ns = (args[0] as i64).max(0).saturating_mul(1000) as u64;
    let now = m.host.now_ns();
    m.sleep(Wake::At(now.saturating_add(ns)))
}

/// `waitRead#`: a file descriptor.
pub fn wait_read(m: &mut Machine, args: &Args) -> Answer {
    m.sleep(Wake::Fd { fd: args[0] as i32, write: false })
}

/// `waitWrite#`: a file descriptor.
pub fn wait_write(m: &mut Machine, args: &Args) -> Answer {
    m.sleep(Wake::Fd { fd: args[0] as i32, write: true })
}

/// `getThreadAllocationCounter#`
pub fn allocation_counter(m: &mut Machine, _: &Args) -> Answer {
    Answer::Word(m.allocation_counter())
}

/// `setThreadAllocationCounter#`: bytes.
pub fn set_allocation_counter(m: &mut Machine, args: &Args) -> Answer {
    m.set_allocation_counter(args[0]);
    Answer::VOID
}
