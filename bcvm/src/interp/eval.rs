//! Evaluating a closure, and starting a BCO.

use super::control::{Into, Next, Packed, Stop};
use super::machine::Machine;
use super::regs::{Regs, on_copy, out_of_line};
use crate::bytecode::code::HEADER_W;
use crate::entry::closures::Builtin;
use crate::entry::table::info;
use crate::layout::closure::{self, INDIRECTEE, THUNK_PAYLOAD, ap, arr_words, bco};
use crate::layout::info_table::InfoTable;
use crate::layout::{ClosureType, tso};
use crate::sched::blackhole;
use crate::word::{Addr, ClosurePtr, InfoPtr, WORD};
use alloc::format;

/// Evaluates `x`: what `ENTER` does with its operand (`eval_obj` of `rts/Interpreter.c`).
#[inline(always)]
pub fn eval(m: &mut Machine, r: &mut Regs, x: ClosurePtr) -> Next {
    if x.tag() != 0 {
        return Next::Return(x);
    }
    let table = m.mem.info(x.addr());
    // The most frequent by far, before anything is loaded from the info table.
    if table == info::STG_AP {
        return eval_ap(m, r, x.addr());
    }
    if table == info::STG_PAP || table == info::STG_BCO {
        return Next::Return(x);
    }
    if table == info::STG_BLACKHOLE {
        let value = m.mem.closure(x.addr() + INDIRECTEE);
        if value.tag() != 0 {
            return Next::Return(value);
        }
    }
    let t = InfoTable::at(&m.mem, table).closure_type();
    if t.is_constr() {
        return Next::Return(x);
    }
    out_of_line(m, r, |m| eval_other(m, x, t))
}

/// Evaluates an AP: push an update frame and the arguments, run the function.
#[inline(always)]
fn eval_ap(m: &mut Machine, r: &mut Regs, x: Addr) -> Next {
    let n = m.mem.u32(x + ap::N_ARGS);
    if !r.has_stack(n.saturating_add(2)) {
        return enter_later(m, r, x.into(), Stop::StackFull(n.saturating_add(2)));
    }
    r.push(&mut m.mem, x.0 as u64);
    r.push_info(&mut m.mem, info::STG_UPD_FRAME);
    r.sp = Addr(r.sp.0 - n * WORD);
    m.mem.copy_words(r.sp, x + ap::PAYLOAD, n);
    let fun = m.mem.closure(x + ap::FUN);
    if m.mem.info(fun.addr()) != info::STG_BCO {
        // Not of the byte code compiler's making; evaluating the function itself is what it comes to.
        return Next::Eval(fun);
    }
    start_bco(m, r, fun.addr(), 0)
}

/// Leaves the closure to be evaluated on the stack, where a resumed thread finds it, and stops.
#[inline(always)]
pub fn enter_later(m: &mut Machine, r: &mut Regs, x: ClosurePtr, stop: Stop) -> Next {
    r.push(&mut m.mem, x.word());
    r.push_info(&mut m.mem, info::STG_ENTER);
    m.stop(stop)
}

/// Evaluates what is neither a constructor nor an AP.
#[cold]
#[inline(never)]
fn eval_other(m: &mut Machine, x: ClosurePtr, t: ClosureType) -> Packed {
    use ClosureType::*;
    let c = x.addr();
    on_copy(m, |m, r| match t {
        IND | IND_STATIC => Next::Eval(m.mem.closure(c + INDIRECTEE)),
        BLACKHOLE => eval_blackhole(m, r, c),
        BCO | PAP => Next::Return(x),
        _ if t.is_fun() => Next::Return(x),
        AP => eval_ap(m, r, c),
        AP_STACK => eval_ap_stack(m, r, c),
        THUNK | THUNK_1_0 | THUNK_2_0 => eval_std_thunk(m, r, c),
        THUNK_SELECTOR => eval_selector(m, r, c),
        INVALID_OBJECT => {
            let table = m.mem.info(c);
            m.crash(format!("evaluated {x:?}, which is no closure (its info pointer is {table:?})"))
        }
        _ => Next::Compiled(Into::Enter(x)),
    })
}

/// A thunk under evaluation, or one evaluated already.
fn eval_blackhole(m: &mut Machine, r: &mut Regs, c: Addr) -> Next {
    let p = m.mem.closure(c + INDIRECTEE);
    let Some(owner) = blackhole::owner(&m.mem, p) else { return Next::Eval(p) };
    if m.mem.u16(owner + tso::WHAT_NEXT) == tso::what_next::KILLED {
        // Its thread died in a trap, so nobody will ever update it.
        let crash = m.exception(Builtin::Crash);
        return m.stop(Stop::Raise(crash));
    }
    // That may be this very thread. Then it waits for itself, until it is interrupted or found to wait in vain.
    enter_later(m, r, c.into(), Stop::BlockedOnBlackHole(c))
}

/// A suspended computation: push an update frame and the stack it was made of (`stg_AP_STACK`).
fn eval_ap_stack(m: &mut Machine, r: &mut Regs, c: Addr) -> Next {
    use closure::ap_stack::{FUN, PAYLOAD, SIZE};
    let n = m.mem.u32(c + SIZE);
    let need = n.saturating_add(2 + tso::stack::RESERVED_W);
    if !r.has_stack(need) {
        return enter_later(m, r, c.into(), Stop::StackFull(need));
    }
    r.push(&mut m.mem, c.0 as u64);
    r.push_info(&mut m.mem, info::STG_UPD_FRAME);
    r.sp = Addr(r.sp.0 - n * WORD);
    m.mem.copy_words(r.sp, c + PAYLOAD, n);
    // It is single-entry from here on: its payload may be large, and would be retained.
    let (fun, owner) = (m.mem.closure(c + FUN), m.threads.current().unwrap_or_default());
    super::update::blackhole(m, c, owner);
    if fun.addr() == Builtin::DummyRet.addr() {
        return Next::Top;
    }
    Next::Eval(fun)
}

/// `stg_ap_N_upd` applies its first free variable to the others; `stg_raise` raises its own.
fn eval_std_thunk(m: &mut Machine, r: &mut Regs, c: Addr) -> Next {
    let table = m.mem.info(c);
    if table == info::STG_RAISE {
        return m.stop(Stop::Raise(m.mem.closure(c + THUNK_PAYLOAD)));
    }
    const FRAMES: [(InfoPtr, Option<InfoPtr>); 7] = [
        (info::STG_AP_1_UPD, None),
        (info::STG_AP_2_UPD, Some(info::STG_AP_P)),
        (info::STG_AP_3_UPD, Some(info::STG_AP_PP)),
        (info::STG_AP_4_UPD, Some(info::STG_AP_PPP)),
        (info::STG_AP_5_UPD, Some(info::STG_AP_PPPP)),
        (info::STG_AP_6_UPD, Some(info::STG_AP_PPPPP)),
        (info::STG_AP_7_UPD, Some(info::STG_AP_PPPPPP)),
    ];
    let Some(args) = FRAMES.iter().position(|(i, _)| *i == table) else {
        return Next::Compiled(Into::Enter(c.into()));
    };
    if !r.has_stack(args as u32 + 3) {
        return enter_later(m, r, c.into(), Stop::StackFull(args as u32 + 3));
    }
    r.push(&mut m.mem, c.0 as u64);
    r.push_info(&mut m.mem, info::STG_UPD_FRAME);
    let fun = m.mem.closure(c + THUNK_PAYLOAD);
    if let Some(frame) = FRAMES[args].1 {
        r.sp = Addr(r.sp.0 - args as u32 * WORD);
        m.mem.copy_words(r.sp, c + THUNK_PAYLOAD + WORD, args as u32);
        r.push_info(&mut m.mem, frame);
    }
    Next::Eval(fun)
}

/// A selector thunk (`stg_sel_n_upd`): evaluate the selectee under a frame that selects.
///
/// When the selectee has a constructor's value the field is at hand; otherwise it is evaluated first.
fn eval_selector(m: &mut Machine, r: &mut Regs, c: Addr) -> Next {
    let mut selectee = m.mem.closure(c + THUNK_PAYLOAD);
    let field = InfoTable::at(&m.mem, m.mem.info(c)).ptrs();
    for _ in 0..64 {
        let table = InfoTable::at(&m.mem, m.mem.info(selectee.addr()));
        match table.closure_type() {
            t if t.is_constr() => {
                let value = m.mem.closure((selectee.addr() + closure::PAYLOAD).offset_w(field));
                if !r.has_stack(2) {
                    return enter_later(m, r, c.into(), Stop::StackFull(2));
                }
                r.push(&mut m.mem, c.0 as u64);
                r.push_info(&mut m.mem, info::STG_UPD_FRAME);
                return Next::Eval(value);
            }
            ClosureType::IND | ClosureType::IND_STATIC | ClosureType::BLACKHOLE => {
                let p = m.mem.closure(selectee.addr() + INDIRECTEE);
                if blackhole::owner(&m.mem, p).is_some() {
                    break;
                }
                selectee = p;
            }
            _ => break,
        }
    }
    if !r.has_stack(4) {
        return enter_later(m, r, c.into(), Stop::StackFull(4));
    }
    // [select frame, update frame], selectee. The field is taken from the value returned and not from the selectee,
    // which may be a thunk that is entered once and never updated.
    r.push(&mut m.mem, c.0 as u64);
    r.push_info(&mut m.mem, info::STG_UPD_FRAME);
    r.push(&mut m.mem, u64::from(field));
    r.push_info(&mut m.mem, info::STG_SELECT_FRAME);
    Next::Eval(selectee)
}

/// Starts `bco` with the stack it expects; `extra` is how many words lie above those its bitmap describes: none
/// for a function, the value and its frame for case alternatives.
///
/// All that a thread must look at now and then is looked at here: room on the stack, for all the code can push,
/// and whether it should stop.
#[inline(always)]
pub fn start_bco(m: &mut Machine, r: &mut Regs, bco_ptr: Addr, extra: u32) -> Next {
    let code = m.mem.closure(bco_ptr + bco::INSTRS).addr() + arr_words::PAYLOAD;
    let growth = m.mem.u32(code);
    if !r.has_stack(growth) || Regs::stop_wanted(&m.mem) {
        return start_later(m, r, bco_ptr, extra, growth);
    }
    r.bco = bco_ptr;
    r.code = code;
    r.pc = code.offset_w(HEADER_W);
    r.ptrs = m.mem.closure(bco_ptr + bco::PTRS).addr();
    r.base = r.sp;
    r.base_extra = extra;
    Next::Run
}

/// Leaves the stack so that the BCO is started again when the thread is resumed.
#[inline(always)]
fn start_later(m: &mut Machine, r: &mut Regs, bco_ptr: Addr, extra: u32, growth: u32) -> Next {
    match extra {
        0 => {
            r.push(&mut m.mem, bco_ptr.0 as u64);
            r.push_info(&mut m.mem, info::STG_APPLY_INTERP);
        }
        // A lifted value lies bare on its frame; unlifted ones have a frame of their own.
        _ if m.mem.info(r.at(1)) == info::STG_CTOI_R1P && extra == 3 => {
            r.push_info(&mut m.mem, info::STG_ENTER);
        }
        _ => {}
    }
    m.stop(if r.has_stack(growth.saturating_add(2)) { Stop::Yield } else { Stop::StackFull(growth.saturating_add(2)) })
}
