//! Software transactions: `atomically#`, `retry#`, TVars (`rts/PrimOps.cmm`). How they work is in
//! Note [Transactions of one capability] in `sched::stm`.

use super::effect::{Answer, Args, Effect};
use crate::entry::closures::Builtin;
use crate::entry::table::info;
use crate::gc::size::trec_chunk;
use crate::interp::machine::Machine;
use crate::layout::closure::{frame, trec, tvar};
use crate::layout::tso::{stack, why_blocked};
use crate::word::{Addr, ClosurePtr, WORD};

/// What a program does that uses a transaction where there is none.
const OUTSIDE: Answer = Answer::Crash("there is no transaction");

/// `atomically#`: an STM action.
pub fn atomically(m: &mut Machine, args: &Args) -> Answer {
    if m.transaction().is_some() {
        return Answer::Raise(m.exception(Builtin::NestedAtomically));
    }
    if !m.start_transaction() {
        return Answer::NeedHeap(trec::SIZE_W);
    }
    let (r, mem) = (&mut m.regs, &mut m.mem);
    r.push(mem, Builtin::NoTrec.ptr().word());
    r.push(mem, args[0]);
    r.push_info(mem, info::STG_ATOMICALLY_FRAME);
    Answer::Run(ClosurePtr::from_word(args[0]))
}

/// `catchRetry#`: an STM action, and what to do instead if that retries.
pub fn catch_retry(m: &mut Machine, args: &Args) -> Answer {
    if m.transaction().is_none() {
        return OUTSIDE;
    }
    if !m.start_transaction() {
        return Answer::NeedHeap(trec::SIZE_W);
    }
    let (r, mem) = (&mut m.regs, &mut m.mem);
    r.push(mem, args[1]);
    r.push(mem, args[0]);
    r.push(mem, 0);
    r.push_info(mem, info::STG_CATCH_RETRY_FRAME);
    Answer::Run(ClosurePtr::from_word(args[0]))
}

/// `catchSTM#`: an STM action, and the handler of its exceptions.
pub fn catch_stm(m: &mut Machine, args: &Args) -> Answer {
    if m.transaction().is_none() {
        return OUTSIDE;
    }
    if !m.start_transaction() {
        return Answer::NeedHeap(trec::SIZE_W);
    }
    let (r, mem) = (&mut m.regs, &mut m.mem);
    r.push(mem, args[1]);
    r.push(mem, args[0]);
    r.push_info(mem, info::STG_CATCH_STM_FRAME);
    Answer::Run(ClosurePtr::from_word(args[0]))
}

/// `newTVar#`: its first value.
pub fn new_tvar(m: &mut Machine, args: &Args) -> Answer {
    let Some(var) = m.allocate(tvar::SIZE_W) else { return Answer::NeedHeap(tvar::SIZE_W) };
    m.mem.set_info(var, info::STG_TVAR_DIRTY);
    m.mem.set_word(var + tvar::VALUE, args[0]);
    m.mem.set_closure(var + tvar::FIRST_WATCH, Builtin::EndStmWatchQueue.ptr());
    m.mem.set_word(var + tvar::UPDATES, 0);
    Answer::ptr(var)
}

/// `readTVar#`.
pub fn read_tvar(m: &mut Machine, args: &Args) -> Answer {
    let Some(trec) = m.transaction() else { return OUTSIDE };
    match m.read_tvar(trec, Addr::from_word(args[0])) {
        Some(value) => Answer::Word(value),
        None => Answer::NeedHeap(trec_chunk::SIZE_W),
    }
}

/// `readTVarIO#`: the value outside of any transaction.
pub fn read_tvar_io(m: &mut Machine, args: &Args) -> Answer {
    Answer::Word(m.mem.word(Addr::from_word(args[0]) + tvar::VALUE))
}

/// `writeTVar#`: TVar, value.
pub fn write_tvar(m: &mut Machine, args: &Args) -> Answer {
    let Some(trec) = m.transaction() else { return OUTSIDE };
    if m.write_tvar(trec, Addr::from_word(args[0]), args[1]) {
        Answer::VOID
    } else {
        // The whole transaction's entry, and the one that undoes this write.
        Answer::NeedHeap(2 * trec_chunk::SIZE_W)
    }
}

/// Where the transaction of the running thread goes on after `retry#`.
enum Target {
    /// With the alternative of the frame there.
    Alternative(Addr),
    /// Nowhere: its outermost frame is there.
    Outermost(Addr),
}

/// Looks for it on the stack (`findRetryFrameHelper`), and counts the nested transactions that end on the way.
fn find_target(m: &Machine) -> Option<(Target, u32)> {
    let (mut sp, mut nested) = (m.regs.sp, 0);
    loop {
        match m.mem.info(sp) {
            info::STG_ATOMICALLY_FRAME => return Some((Target::Outermost(sp), nested)),
            info::STG_CATCH_RETRY_FRAME => {
                nested += 1;
                if m.mem.word(sp + WORD) == 0 {
                    return Some((Target::Alternative(sp), nested));
                }
            }
            info::STG_CATCH_STM_FRAME => nested += 1,
            info::STG_STOP_THREAD => return None,
            info::STG_STACK_UNDERFLOW_FRAME => {
                let below = m.mem.closure(sp + WORD).addr();
                sp = m.mem.closure(below + stack::SP).addr();
                if m.mem.fault().is_some() {
                    return None;
                }
                continue;
            }
            _ => {}
        }
        let (size, _) = frame(&m.mem, sp)?;
        sp = sp.offset_w(size);
    }
}

/// Drops the frames above the one at `at`.
fn drop_frames(m: &mut Machine, at: Addr) {
    while m.regs.sp != at {
        let sp = m.regs.sp;
        if m.mem.info(sp) == info::STG_STACK_UNDERFLOW_FRAME {
            m.regs = m.underflow(m.regs, sp);
            continue;
        }
        let Some((size, _)) = frame(&m.mem, sp) else { return };
        m.regs.sp = sp.offset_w(size);
    }
}

/// `retry#`: go on with the nearest alternative; if there is none, wait until something changes that was read. Nothing is
/// changed before all heap has been had, for this may be run again.
pub fn retry(m: &mut Machine, _: &Args) -> Answer {
    let Some((target, nested)) = find_target(m) else { return OUTSIDE };
    match target {
        Target::Alternative(at) => {
            let mut branch = None;
            for _ in 0..nested {
                branch = m.transaction();
                m.abort_nested();
            }
            if let Some(branch) = branch {
                m.reuse_nested(branch);
            }
            drop_frames(m, at);
            m.mem.set_word(at + WORD, 1);
            Answer::Run(m.mem.closure(at + 3 * WORD))
        }
        Target::Outermost(at) if m.transaction_is_stale() => {
            m.restart_transaction();
            drop_frames(m, at);
            Answer::Run(m.mem.closure(at + WORD))
        }
        Target::Outermost(at) => {
            if let Err(words) = m.watch() {
                return Answer::NeedHeap(words);
            }
            drop_frames(m, at);
            let code = m.mem.word(at + WORD);
            m.regs.pop(3);
            m.leave_call(Effect::Atomically, &[code]);
            m.block_current(why_blocked::STM, Builtin::EndTsoQueue.ptr())
        }
    }
}
