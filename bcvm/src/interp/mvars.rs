//! Known functions on MVars: taking, putting, reading, and changing under a lock.
//
// Note [A lock without masking]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// `modifyMVar_` and `withMVar` mask asynchronous exceptions, take the value, unmask them for the action under a handler that
// puts the value back, and put. Of all that one sees nothing but the handler and the put, as long as nothing blocks and the
// thread is at no safe point while it would be masked. So, where the caller has not masked and the MVar is full, the value is
// taken, and the action runs with this beneath it:
//
//      [stg_catch_frame, masked, handler] [bcvm_put_frame, var]               modifyMVar_
//      [stg_catch_frame, masked, handler] [bcvm_put_back_frame, var, value]   withMVar
//
// The handler is `putMVar mvar value >>` before `raiseIO#`, composed from base's own functions. The frame beneath puts what the
// action has come to, or the value. Only if the MVar is full again, so that the thread must wait, does the masking begin, with
// a frame beneath that ends it; what comes back then is nothing, in place of a value, once the put is done.

use super::call::{MAX_PUSH, push_result};
use super::control::{Next, Packed, Stop};
use super::known::value;
use super::machine::Machine;
use super::plain::{arg, io_words};
use super::regs::Regs;
use crate::entry::closures::{self, Builtin};
use crate::entry::known::Known;
use crate::entry::table::info;
use crate::layout::closure::{PAYLOAD, pap};
use crate::layout::info_table::InfoTable;
use crate::layout::tso::flags::MASK;
use crate::primop::effect::{Answer, Args, Effect};
use crate::primop::mvar;
use crate::primop::table::Rep;
use crate::word::{Addr, ClosurePtr, TAG_MASK, WORD};
use alloc::format;

/// Words of a handler: three partial applications, to two arguments, to one, and to two.
const HANDLER_W: u32 = 3 * pap::SIZE_W + 2 + 1 + 2;
/// Stack for the frames of a lock, and for a put that waits.
const LOCK_W: u32 = 8 + MAX_PUSH;

/// Carries out `known` on the arguments of the frame on top; nothing is done if the compiled function must, because the
/// thread would have to wait, or has masked exceptions.
#[inline(never)]
pub(super) fn apply(m: &mut Machine, known: Known) -> Packed {
    carry_out(m, known).map_or(Packed::NONE, Packed::from)
}

fn carry_out(m: &mut Machine, known: Known) -> Option<Next> {
    let args = if matches!(known, Known::TakeMVar | Known::ReadMVar) { 1 } else { 2 };
    let words = io_words(m, &m.regs, args)?;
    let boxed = value(m, arg(m, &m.regs, 0))?;
    let var = m.mem.closure(boxed.addr() + PAYLOAD).addr();
    let held = mvar::value(m, var);
    let result = match known {
        Known::TakeMVar => {
            let x = held?;
            mvar::take_full(m, var);
            x
        }
        Known::ReadMVar => held?,
        Known::PutMVar if held.is_none() => {
            let x = arg(m, &m.regs, 1);
            mvar::put_empty(m, var, x);
            m.bound.closure(Builtin::Unit)
        }
        Known::PutMVar => return None,
        _ => return lock(m, words, boxed, var, held?, known == Known::WithMVar),
    };
    m.regs.pop(words);
    Some(return_value(m, result))
}

/// Runs the action that is the second argument with `x`, which the MVar `var` holds, as Note [A lock without masking] says.
fn lock(m: &mut Machine, words: u32, boxed: ClosurePtr, var: Addr, x: ClosurePtr, keeps: bool) -> Option<Next> {
    // A loop of such actions may never start byte code.
    if !m.regs.has_stack(LOCK_W) || m.current_flags() & MASK != 0 || Regs::stop_wanted(&m.mem) {
        return None;
    }
    let action = arg(m, &m.regs, 1);
    let handler = handler(m, boxed, x)?;
    mvar::take_full(m, var);
    let (r, mem) = (&mut m.regs, &mut m.mem);
    r.pop(words);
    if keeps {
        r.push(mem, x.word());
    }
    r.push(mem, var.word());
    r.push_info(mem, if keeps { info::STG_PUT_BACK_FRAME } else { info::STG_PUT_FRAME });
    r.push(mem, handler.word());
    r.push(mem, MASK.into());
    r.push_info(mem, info::STG_CATCH_FRAME);
    r.push(mem, x.word());
    r.push_info(mem, info::STG_AP_PV);
    Some(Next::Eval(action))
}

/// What puts `x` into an MVar again, and raises the exception that it is applied to. None if there is no heap, or not all of
/// base.
fn handler(m: &mut Machine, boxed: ClosurePtr, x: ClosurePtr) -> Option<ClosurePtr> {
    let [compose, then, put] = m.bound.restoring()?;
    let at = m.allocate(HANDLER_W)?;
    let raise = ClosurePtr::from(closures::wrapper(Effect::RaiseIO.number()));
    let (first, after) = (at.offset_w(pap::SIZE_W + 2), at.offset_w(2 * pap::SIZE_W + 3));
    hold(m, at, put, &[boxed, x]);
    hold(m, first, then, &[at.into()]);
    hold(m, after, compose, &[first.into(), raise]);
    Some(after.into())
}

/// Makes at `at` a partial application of a function of base that takes one or two more than `args`.
fn hold(m: &mut Machine, at: Addr, function: ClosurePtr, args: &[ClosurePtr]) {
    let arity = InfoTable::at(&m.mem, m.mem.info(function.addr())).arity();
    let function = if arity <= TAG_MASK { function.untagged().with_tag(arity) } else { function.untagged() };
    let held = args.len() as u32;
    m.mem.set_info(at, info::STG_PAP);
    m.mem.set_word(at + pap::ARITY, u64::from(arity.saturating_sub(held)) | u64::from(held) << 32);
    m.mem.set_closure(at + pap::FUN, function);
    for (i, x) in args.iter().enumerate() {
        m.mem.set_closure((at + pap::PAYLOAD).offset_w(i as u32), *x);
    }
}

/// The action of a lock has returned, or the thread has waited and the put is done: `above` words of value lie on the frame.
pub(super) fn unlock(m: &mut Machine, above: u32) -> Packed {
    let frame = m.regs.at(above);
    let keeps = m.mem.info(frame) == info::STG_PUT_BACK_FRAME;
    let frame_w = if keeps { 3 } else { 2 };
    if above == 1 {
        // See below: what is to be returned is where the value was.
        let result = if keeps { m.mem.closure(frame.offset_w(2)) } else { m.bound.closure(Builtin::Unit) };
        m.regs.pop(above + frame_w);
        return return_value(m, result).into();
    }
    let (var, came) = (m.mem.closure(frame + WORD).addr(), m.mem.closure(m.regs.at(1)));
    let x = if keeps { m.mem.closure(frame.offset_w(2)) } else { came };
    if mvar::value(m, var).is_none() {
        mvar::put_empty(m, var, x);
        let result = if keeps { came } else { m.bound.closure(Builtin::Unit) };
        m.regs.pop(above + frame_w);
        return return_value(m, result).into();
    }
    wait(m, above, frame_w, var, x, came)
}

/// Puts `x` into the MVar `var`, which is full.
#[cold]
#[inline(never)]
fn wait(m: &mut Machine, above: u32, frame_w: u32, var: Addr, x: ClosurePtr, came: ClosurePtr) -> Packed {
    let flags = m.current_flags();
    let mut frame = m.regs.at(above);
    // It is masked already if there was no heap for the queue at first.
    if flags & MASK == 0 {
        m.set_current_flags(flags | MASK);
        m.mem.copy_words(m.regs.sp - WORD, m.regs.sp, above + frame_w);
        m.regs.sp = m.regs.sp - WORD;
        frame = frame - WORD;
        m.mem.set_info(frame.offset_w(frame_w), info::STG_UNMASK_ASYNC_EXCEPTIONS_RET);
    }
    let before = m.regs.sp;
    m.regs.pop(above);
    let mut args = Args::default();
    args[..2].copy_from_slice(&[var.word(), x.word()]);
    let next = match mvar::put(m, &args) {
        Answer::NeedHeap(words) => {
            m.regs.sp = before;
            m.stop(Stop::HeapFull(words))
        }
        Answer::Block => {
            if frame_w == 3 {
                m.mem.set_closure(frame.offset_w(2), came);
            }
            m.stop(Stop::Blocked)
        }
        other => m.crash(format!("a put into a full MVar answered {other:?}")),
    };
    next.into()
}

/// An IO action returns `x`.
fn return_value(m: &mut Machine, x: ClosurePtr) -> Next {
    push_result(&mut m.mem, &mut m.regs, Rep::P, x.word());
    Next::ReturnUnlifted
}
