//! Catching, raising, masking, throwing to other threads (`rts/Exception.cmm`).

use super::effect::{Answer, Args};
use crate::entry::closures::Builtin;
use crate::entry::table::info;
use crate::interp::control::Stop;
use crate::interp::machine::Machine;
use crate::layout::closure::msg_throw_to;
use crate::layout::tso::flags::{self, MASK};
use crate::layout::tso::why_blocked;
use crate::sched::threads::has_ended;
use crate::word::{ClosurePtr, InfoPtr};

/// Not interruptible either.
const UNINTERRUPTIBLE: u32 = flags::BLOCKEX;

/// `catch#`: run the action under a frame with the handler.
pub fn catch(m: &mut Machine, args: &Args) -> Answer {
    let saved = m.current_flags() & MASK;
    let (r, mem) = (&mut m.regs, &mut m.mem);
    r.push(mem, args[1]);
    r.push(mem, saved as u64);
    r.push_info(mem, info::STG_CATCH_FRAME);
    Answer::Run(ClosurePtr::from_word(args[0]))
}

/// `raise#` and `raiseIO#`.
pub fn raise(_: &mut Machine, args: &Args) -> Answer {
    Answer::Raise(ClosurePtr::from_word(args[0]))
}

/// `raiseDivZero#`.
pub fn raise_div_zero(m: &mut Machine, _: &Args) -> Answer {
    Answer::Raise(m.exception(Builtin::DivZero))
}

/// `raiseOverflow#`.
pub fn raise_overflow(m: &mut Machine, _: &Args) -> Answer {
    Answer::Raise(m.exception(Builtin::Overflow))
}

/// `raiseUnderflow#`.
pub fn raise_underflow(m: &mut Machine, _: &Args) -> Answer {
    Answer::Raise(m.exception(Builtin::Underflow))
}

/// Runs the action of `args` in the masking state `state`, and goes back to the present one afterwards.
fn with_mask(m: &mut Machine, args: &Args, state: u32) -> Answer {
    let now = m.current_flags();
    if now & MASK != state {
        m.set_current_flags(now & !MASK | state);
        m.regs.push_info(&mut m.mem, back_to(now));
    }
    Answer::Run(ClosurePtr::from_word(args[0]))
}

/// The frame that goes back to the masking state of `flags`.
fn back_to(state: u32) -> InfoPtr {
    match state & MASK {
        0 => info::STG_UNMASK_ASYNC_EXCEPTIONS_RET,
        UNINTERRUPTIBLE => info::STG_MASK_UNINTERRUPTIBLE_RET,
        _ => info::STG_MASK_ASYNC_EXCEPTIONS_RET,
    }
}

/// `maskAsyncExceptions#`.
pub fn mask(m: &mut Machine, args: &Args) -> Answer {
    with_mask(m, args, MASK)
}

/// `maskUninterruptible#`.
pub fn mask_uninterruptible(m: &mut Machine, args: &Args) -> Answer {
    with_mask(m, args, UNINTERRUPTIBLE)
}

/// `unmaskAsyncExceptions#`: an exception that waits is raised before the action begins.
pub fn unmask(m: &mut Machine, args: &Args) -> Answer {
    let answer = with_mask(m, args, 0);
    if !m.exceptions_wait() {
        return answer;
    }
    let (r, mem) = (&mut m.regs, &mut m.mem);
    r.push_info(mem, info::STG_AP_V);
    r.push(mem, args[0]);
    r.push_info(mem, info::STG_ENTER);
    Answer::Leave(Stop::Yield)
}

/// `killThread#`: thread, exception (`stg_killThreadzh`, `throwTo` of `rts/RaiseAsync.c`).
pub fn throw_to(m: &mut Machine, args: &Args) -> Answer {
    let (target, exception) = (ClosurePtr::from_word(args[0]).addr(), ClosurePtr::from_word(args[1]));
    if has_ended(&m.mem, target) {
        return Answer::VOID;
    }
    // To itself a thread throws whatever it has masked.
    if m.threads.current() == Some(target) || m.takes_exceptions(target) {
        m.regs.push_info(&mut m.mem, info::STG_RET_V);
        return Answer::Leave(Stop::ThrowTo(target, exception));
    }
    let source = m.threads.current();
    let Some(message) = m.add_exception(target, exception, source) else {
        return Answer::NeedHeap(msg_throw_to::SIZE_W);
    };
    m.regs.push_info(&mut m.mem, info::STG_RET_V);
    m.block_current(why_blocked::MSG_THROW_TO, message.into())
}

/// `getMaskingState#`: 0 unmasked, 1 uninterruptible, 2 masked.
pub fn masking_state(m: &mut Machine, _: &Args) -> Answer {
    Answer::Word(match m.current_flags() & MASK {
        0 => 0,
        UNINTERRUPTIBLE => 1,
        _ => 2,
    })
}
