//! Returning a value to the frame on top of the stack.

use super::apply::Frame;
use super::call::push_result;
use super::control::{Into, Next, Packed, Stop, Value};
use super::machine::Machine;
use super::pack::con_tag;
use super::regs::{Regs, on_copy, out_of_line};
use super::{apply, each, eval, known, mvars, operand, plain, update};
use crate::entry::Entry;
use crate::entry::closures::Builtin;
use crate::entry::table::info;
use crate::layout::closure::{PAYLOAD, frame};
use crate::layout::info_table::InfoTable;
use crate::layout::tso::flags::MASK;
use crate::layout::{ClosureType, tso};
use crate::primop::table::Rep;
use crate::word::{Addr, ClosurePtr};
use alloc::format;

/// Returns the evaluated `x` to the frame on top (`do_return_pointer`).
#[inline(always)]
pub fn return_lifted(m: &mut Machine, r: &mut Regs, x: ClosurePtr) -> Next {
    let top = m.mem.info(r.sp);
    if top == info::STG_CTOI_R1P {
        // GHC 9.0.2 pushes it untagged. Every instruction here takes either, and a tag saves a look at the closure.
        r.push(&mut m.mem, x.word());
        let bco = m.mem.closure(r.at(2)).addr();
        return eval::start_bco(m, r, bco, 3);
    }
    if top == info::STG_UPD_FRAME {
        update::update_frame(m, r, x);
        return Next::Return(x);
    }
    if let Some(frame) = Frame::at(top) {
        return apply::apply(m, r, x, frame);
    }
    out_of_line(m, r, |m| return_other(m, x))
}

/// The less frequent frames.
///
/// What they do may allocate, and a deep recursion may come back through millions of them without starting byte code: so
/// a stop that is asked for is obeyed here, too.
#[cold]
#[inline(never)]
fn return_other(m: &mut Machine, x: ClosurePtr) -> Packed {
    if Regs::stop_wanted(&m.mem) {
        return on_copy(m, |m, r| eval::enter_later(m, r, x, Stop::Yield));
    }
    let top = m.mem.info(m.regs.sp);
    match Entry::from_info(top) {
        Some(Entry::STG_BIND_FRAME | Entry::STG_THEN_FRAME) => known::sequel(m, x),
        Some(Entry::STG_LIST_FRAME) => each::element(m, x),
        Some(Entry::STG_NUMBER_FIRST_FRAME | Entry::STG_NUMBER_SECOND_FRAME) => operand::arrived(m, x, top),
        Some(
            Entry::STG_FIRST_FRAME
            | Entry::STG_SECOND_FRAME
            | Entry::STG_ONLY_FRAME
            | Entry::STG_MIDDLE_FRAME
            | Entry::STG_THIRD_FRAME,
        ) => known::operand(m, x),
        Some(entry) => on_copy(m, |m, r| return_to(m, r, x, entry)),
        None => native(m, Into::Return(x), m.regs.sp).into(),
    }
}

/// The same, on a frame that applies nothing.
fn return_to(m: &mut Machine, r: &mut Regs, x: ClosurePtr, frame: Entry) -> Next {
    match frame {
        Entry::STG_STRICT_FRAME | Entry::STG_WRITE_FRAME => plain::waited(m, r, x),
        Entry::STG_UPD_FRAME | Entry::STG_MARKED_UPD_FRAME | Entry::STG_BH_UPD_FRAME => {
            update::update_frame(m, r, x);
            Next::Return(x)
        }
        Entry::STG_SEQ_FRAME => {
            r.pop(1);
            Next::Top
        }
        Entry::STG_SELECT_FRAME => {
            let field = m.mem.word(r.at(1)) as u32;
            let table = InfoTable::at(&m.mem, m.mem.info(x.addr()));
            if table.closure_type().is_constr() && field < table.ptrs() {
                r.pop(2);
                Next::Eval(m.mem.closure((x.addr() + PAYLOAD).offset_w(field)))
            } else {
                no_return(m, r.sp)
            }
        }
        Entry::STG_DATA_TO_TAG_FRAME => {
            r.pop(1);
            let tag = con_tag(&m.mem, x.addr()) as u64;
            push_result(&mut m.mem, r, Rep::N, tag);
            Next::ReturnUnlifted
        }
        // A value where an unlifted pointer is expected: what stg_ctoi_R1unpt does with R1.
        Entry::STG_CTOI_R1UNPT => {
            push_result(&mut m.mem, r, Rep::P, x.word());
            Next::ReturnUnlifted
        }
        Entry::STG_SEQ_RET_FRAME => {
            r.pop(1);
            push_result(&mut m.mem, r, Rep::P, x.word());
            Next::ReturnUnlifted
        }
        Entry::STG_RUN_FINALIZERS_FRAME => {
            let at = r.sp;
            run_finalizer(m, r, at)
        }
        e => match leave_frame(m, r, e, 0) {
            Left::Frame => Next::Return(x),
            Left::Stack => m.stop(Stop::Finished(Value::Ptr(x))),
            Left::Exception => eval::enter_later(m, r, x, Stop::Yield),
            Left::Again(action) => run_again(m, r, action),
            Left::Not => no_return(m, r.sp),
        },
    }
}

/// Returns the unlifted value on top, which lies under its `stg_ret_*` word, to the frame beneath
/// (`do_return_unboxed`).
#[inline(always)]
pub fn return_unlifted(m: &mut Machine, r: &mut Regs) -> Next {
    let is_void = m.mem.info(r.sp) == info::STG_RET_V;
    let above = if is_void { 1 } else { 2 };
    let table = m.mem.info(r.at(above));
    // All continuations of unlifted values are neighbours in the table of entries.
    if table.0.wrapping_sub(info::STG_CTOI_R1UNPT.0) <= info::STG_CTOI_V.0 - info::STG_CTOI_R1UNPT.0 {
        let bco = m.mem.closure(r.at(above + 1)).addr();
        return eval::start_bco(m, r, bco, above + 2);
    }
    out_of_line(m, r, |m| return_unlifted_other(m, above))
}

/// The other frames an unlifted value can meet.
#[cold]
#[inline(never)]
fn return_unlifted_other(m: &mut Machine, above: u32) -> Packed {
    let at = m.regs.at(above);
    match Entry::from_info(m.mem.info(at)) {
        Some(Entry::STG_BIND_FRAME | Entry::STG_THEN_FRAME) => {
            // What an IO action returns is a pointer; a program whose action returns nothing has itself to blame.
            let x = m.mem.closure(m.regs.at(1));
            m.regs.pop(above);
            known::sequel(m, x)
        }
        Some(Entry::STG_EACH_FRAME | Entry::STG_TIMES_FRAME) => each::next(m, above),
        Some(Entry::STG_PUT_FRAME | Entry::STG_PUT_BACK_FRAME) => mvars::unlock(m, above),
        Some(entry) => on_copy(m, |m, r| return_unlifted_to(m, r, above, entry)),
        None => native(m, Into::ReturnUnlifted, at).into(),
    }
}

fn return_unlifted_to(m: &mut Machine, r: &mut Regs, above: u32, frame: Entry) -> Next {
    match frame {
        Entry::STG_RUN_FINALIZERS_FRAME => {
            let at = r.at(above);
            run_finalizer(m, r, at)
        }
        e => match leave_frame(m, r, e, above) {
            Left::Frame => Next::ReturnUnlifted,
            Left::Stack => {
                let word = m.mem.word(r.at(1));
                m.stop(Stop::Finished(match m.mem.info(r.sp) {
                    info::STG_RET_P => Value::Ptr(ClosurePtr::from_word(word)),
                    info::STG_RET_V => Value::Void,
                    _ => Value::Word(word),
                }))
            }
            Left::Exception => m.stop(Stop::Yield),
            Left::Again(action) => run_again(m, r, action),
            Left::Not => no_return(m, r.sp),
        },
    }
}

/// Runs the next finalizer of the frame at `at`, which any value comes to; nothing is returned after the last.
fn run_finalizer(m: &mut Machine, r: &mut Regs, at: Addr) -> Next {
    match m.next_finalizer(r, at) {
        Some(io) => Next::Eval(io),
        None => {
            r.push_info(&mut m.mem, info::STG_RET_V);
            Next::ReturnUnlifted
        }
    }
}

/// Applies the IO action `action` to State#.
fn run_again(m: &mut Machine, r: &mut Regs, action: ClosurePtr) -> Next {
    r.push_info(&mut m.mem, info::STG_AP_V);
    Next::Eval(action)
}

/// What became of a frame that any value passes through.
enum Left {
    /// It is gone; the value is on top of the next one.
    Frame,
    /// It was the last one.
    Stack,
    /// It is gone, and with it the mask that kept an exception from the thread.
    Exception,
    /// It is that of a transaction which could not be committed: it stays, and this action is to be run once more.
    Again(ClosurePtr),
    /// It is not such a frame.
    Not,
}

/// Takes away the frame of entry `e` that lies under `above` words of value.
#[inline(always)]
fn leave_frame(m: &mut Machine, r: &mut Regs, e: Entry, above: u32) -> Left {
    let words = match e {
        Entry::STG_CATCH_FRAME => 3,
        Entry::STG_RESTORE_CCCS => 2,
        Entry::STG_MASK_ASYNC_EXCEPTIONS_RET => {
            let f = m.current_flags() | MASK;
            m.set_current_flags(f);
            1
        }
        Entry::STG_MASK_UNINTERRUPTIBLE_RET => {
            let f = m.current_flags() & !MASK | tso::flags::BLOCKEX;
            m.set_current_flags(f);
            1
        }
        Entry::STG_UNMASK_ASYNC_EXCEPTIONS_RET => {
            let f = m.current_flags() & !MASK;
            m.set_current_flags(f);
            1
        }
        Entry::STG_CATCH_STM_FRAME => {
            m.commit_nested();
            3
        }
        Entry::STG_CATCH_RETRY_FRAME => {
            m.commit_nested();
            4
        }
        Entry::STG_ATOMICALLY_FRAME if m.commit_transaction() => 3,
        Entry::STG_ATOMICALLY_FRAME => {
            m.restart_transaction();
            r.pop(above);
            return Left::Again(m.mem.closure(r.at(1)));
        }
        Entry::STG_STOP_THREAD => return Left::Stack,
        Entry::STG_STACK_UNDERFLOW_FRAME => {
            // The words of the value go along to the stack chunk beneath.
            let mut value = [0; 2];
            for (i, w) in value.iter_mut().enumerate().take(above as usize) {
                *w = m.mem.word(r.at(i as u32));
            }
            *r = m.underflow(*r, r.at(above));
            for w in value[..above as usize].iter().rev() {
                r.push(&mut m.mem, *w);
            }
            return Left::Frame;
        }
        _ => return Left::Not,
    };
    m.mem.copy_words_down(r.at(words), r.sp, above);
    r.pop(words);
    if e == Entry::STG_UNMASK_ASYNC_EXCEPTIONS_RET && m.exceptions_wait() { Left::Exception } else { Left::Frame }
}

/// Looks at the frame on top with no value in hand: how a resumed thread begins.
#[cold]
#[inline(never)]
pub fn top(m: &mut Machine) -> Packed {
    on_copy(m, |m, r| match m.mem.info(r.sp) {
        info::STG_ENTER => {
            let x = m.mem.closure(r.at(1));
            r.pop(2);
            // What raise_async puts where there was no closure to enter.
            if x.addr() == Builtin::DummyRet.addr() { Next::Top } else { Next::Eval(x) }
        }
        info::STG_APPLY_INTERP => {
            let bco = m.mem.closure(r.at(1)).addr();
            r.pop(2);
            eval::start_bco(m, r, bco, 0)
        }
        info::STG_RET_P | info::STG_RET_N | info::STG_RET_F | info::STG_RET_D | info::STG_RET_L | info::STG_RET_V => {
            Next::ReturnUnlifted
        }
        info::STG_GC_FUN | info::STG_RET_PP | info::STG_RET_PPP | info::STG_RET_PPPP => m.stop(Stop::Native),
        table if frame(&m.mem, r.sp).is_some() && Entry::from_info(table).is_none() => m.stop(Stop::Native),
        _ => no_return(m, r.sp),
    })
}

/// The frame at `at`, to which `value` is returned, is compiled code's, if it is one.
fn native(m: &mut Machine, value: Into, at: Addr) -> Next {
    let t = InfoTable::at(&m.mem, m.mem.info(at)).closure_type();
    if t == ClosureType::INVALID_OBJECT || !t.is_frame() { no_return(m, m.regs.sp) } else { Next::Compiled(value) }
}

/// There is no frame to return to.
fn no_return(m: &mut Machine, sp: Addr) -> Next {
    let word = m.mem.word(sp);
    m.crash(format!("returned to {word:#x} at {sp:?}, which is no stack frame"))
}
