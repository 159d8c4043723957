//! Calls of primop wrappers: gather the arguments from the frames on the stack, carry the primop out.
//!
//! GHC's byte code calls a wrapper through several `stg_ap_*` frames (`stg_ap_n` twice for `+#`), and GHC's own
//! server builds a partial application for each but the last. Here the arguments are taken from as many frames as
//! it needs; a partial application is built only when the frames give out.

use super::apply::{Frame, frame_for, partial, pattern};
use super::control::{Into, Next, Packed, Stop};
use super::eval::enter_later;
use super::machine::Machine;
use super::regs::{Regs, try_on_copy};
use crate::entry::Entry;
use crate::entry::closures;
use crate::entry::table::info;
use crate::layout::closure::pap;
use crate::mem::Mem;
use crate::primop::effect::{Answer, Args};
use crate::primop::pure::Pure;
use crate::primop::table::{Code, MAX_ARGS, PRIMOPS, Primop, Rep};
use crate::word::{Addr, ClosurePtr, InfoPtr, WORD};
use alloc::format;

/// What a primop that divides by zero did.
pub const DIVISION_BY_ZERO: &str = "division by zero, which Haskell code checks for before it calls the primop";

/// The most words a primop pushes above its arguments: a catch frame, a masking frame and an application.
pub const MAX_PUSH: u32 = 8;

/// The number of the primop whose wrapper is at `fun`.
#[inline(always)]
pub fn primop_of(mem: &Mem, fun: Addr) -> Option<u32> {
    closures::primop_of_info(mem.info(fun))
}

/// Applies a primop wrapper, or a partial application of one, to the frames on top.
#[inline(never)]
pub fn apply_primop(m: &mut Machine, f: ClosurePtr) -> Packed {
    let number = primop_of(&m.mem, f.addr());
    if let Some(primop) = number.and_then(|n| PRIMOPS.get(n as usize))
        && let Code::Pure(pure) = primop.code
        && let Some(next) = try_on_copy(m, |m, r| apply_pure(m, r, primop, pure)).done()
    {
        return next;
    }
    let (regs, next) = apply_gathered(m, m.regs, f);
    m.regs = regs;
    next.into()
}

/// The same with arguments in any frames.
fn apply_gathered(m: &mut Machine, r: Regs, f: ClosurePtr) -> (Regs, Next) {
    let is_pap = m.mem.info(f.addr()) == info::STG_PAP;
    let fun = if is_pap { m.mem.closure(f.addr() + pap::FUN).addr() } else { f.addr() };
    let Some(primop) = primop_of(&m.mem, fun).and_then(|n| PRIMOPS.get(n as usize)) else {
        let next = m.crash(format!("the function at {fun:?} is no primop"));
        return (r, next);
    };
    let mut args = Gathered::default();
    if is_pap {
        let wanted = m.mem.u32(f.addr() + pap::ARITY);
        let held = primop.arity().saturating_sub(wanted) as usize;
        let mut at = f.addr() + pap::PAYLOAD;
        for rep in primop.args().take(held) {
            at = args.take(&m.mem, rep, at);
        }
    }
    let mut sp = r.sp;
    while args.count < primop.arity() {
        let Some(p) = Entry::from_info(m.mem.info(sp)).and_then(pattern) else { break };
        let wanted = (primop.arity() - args.count) as usize;
        let mut at = sp.offset_w(1);
        for rep in p.bytes().take(wanted).map(Rep::from_letter) {
            at = args.take(&m.mem, rep, at);
        }
        sp = at;
        if p.len() > wanted {
            return finish(m, r, f, primop, &args, sp, frame_for(&p[wanted..]));
        }
    }
    if args.count == primop.arity() {
        return finish(m, r, f, primop, &args, sp, None);
    }
    // The frames gave out: a partial application of the first of them, and so on.
    let Some(frame) = Frame::at(m.mem.info(r.sp)) else {
        let next = m.crash(format!("{} called without arguments", primop.name));
        return (r, next);
    };
    let arity = if is_pap { m.mem.u32(f.addr() + pap::ARITY) } else { primop.arity() };
    m.regs = r;
    let next = partial(m, f, arity.saturating_sub(frame.args()), frame.words()).next();
    (m.regs, next)
}

/// Carries a pure primop out if each of its arguments has a frame of its own, as byte code has them; `None` if they
/// have not, or if it divides by zero.
fn apply_pure(m: &mut Machine, r: &mut Regs, primop: &Primop, pure: Pure) -> Option<Next> {
    const FRAME_W: u32 = 2;
    let (mut words, mut at) = ([0; 2], r.sp);
    for word in words.iter_mut().take(primop.arity() as usize) {
        if !matches!(m.mem.info(at), info::STG_AP_N | info::STG_AP_D | info::STG_AP_F) {
            return None;
        }
        *word = m.mem.word(at.offset_w(1));
        at = at.offset_w(FRAME_W);
    }
    let result = pure.compute(words)?;
    r.sp = at;
    push_result(&mut m.mem, r, primop.result(), result);
    Some(Next::ReturnUnlifted)
}

/// Argument words gathered so far.
#[derive(Default)]
struct Gathered {
    words: Args,
    /// Words.
    len: usize,
    /// Arguments, void ones counted.
    count: u32,
}

impl Gathered {
    /// Takes the argument of representation `rep` at `at`; answers where the next one is.
    fn take(&mut self, mem: &Mem, rep: Rep, at: Addr) -> Addr {
        self.count += 1;
        if rep == Rep::V {
            return at;
        }
        if self.len < MAX_ARGS {
            self.words[self.len] = mem.word(at);
            self.len += 1;
        }
        at.offset_w(1)
    }
}

/// Carries the primop out, with its arguments popped up to `sp` and, if it was given more than it takes, a frame
/// `rest` to be put over those that remain.
fn finish(
    m: &mut Machine,
    r: Regs,
    f: ClosurePtr,
    primop: &Primop,
    args: &Gathered,
    sp: Addr,
    rest: Option<InfoPtr>,
) -> (Regs, Next) {
    let mut before = r;
    if !r.has_stack(MAX_PUSH) {
        let next = enter_later(m, &mut before, f, Stop::StackFull(MAX_PUSH));
        return (before, next);
    }
    let mut after = Regs { sp, ..r };
    let covered = m.mem.word(sp - WORD);
    if let Some(rest) = rest {
        after.push_info(&mut m.mem, rest);
    }
    m.regs = after;
    let answer = carry_out(m, primop, &args.words);
    let mut r2 = m.regs;
    let next = match answer {
        Answer::Word(w) => {
            push_result(&mut m.mem, &mut r2, primop.result(), w);
            Next::ReturnUnlifted
        }
        Answer::Words(words) => {
            m.load_results(primop, &words);
            Next::Compiled(Into::Results)
        }
        Answer::Enter(x) => Next::Eval(x),
        Answer::Run(io) => {
            r2.push_info(&mut m.mem, info::STG_AP_V);
            Next::Eval(io)
        }
        Answer::Raise(e) => m.stop(Stop::Raise(e)),
        Answer::NeedHeap(words) => {
            // As if it had not been called; but what it has allocated so far may be in use.
            m.mem.set_word(sp - WORD, covered);
            r2 = Regs { hp: r2.hp, hp_lim: r2.hp_lim, ..before };
            enter_later(m, &mut r2, f, Stop::HeapFull(words))
        }
        Answer::Yield => {
            r2.push_info(&mut m.mem, info::STG_RET_V);
            m.stop(Stop::Yield)
        }
        Answer::Block => m.stop(Stop::Blocked),
        Answer::Leave(why) => m.stop(why),
        Answer::Crash(why) => m.crash(format!("{}: {why}", primop.name)),
    };
    (r2, next)
}

/// Carries a primop out on its argument words; what is to be done next is the caller's business.
#[inline(always)]
pub fn carry_out(m: &mut Machine, primop: &Primop, args: &Args) -> Answer {
    match primop.code {
        Code::Pure(p) => match p.compute([args[0], args[1]]) {
            Some(w) => Answer::Word(w),
            None => Answer::Crash(DIVISION_BY_ZERO),
        },
        Code::Access(a) => Answer::Word(a.run(&mut m.mem, [args[0], args[1], args[2]])),
        Code::Effect(e) => e.run(m, args),
    }
}

/// Pushes a primop's result as its continuation expects it.
#[inline(always)]
pub fn push_result(mem: &mut Mem, r: &mut Regs, rep: Rep, w: u64) {
    let table = match rep {
        Rep::P => info::STG_RET_P,
        Rep::N => info::STG_RET_N,
        Rep::F => info::STG_RET_F,
        Rep::D => info::STG_RET_D,
        Rep::V => return r.push_info(mem, info::STG_RET_V),
    };
    r.push(mem, w);
    r.push_info(mem, table);
}
