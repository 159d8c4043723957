//! How C evaluates Haskell expressions (`rts/RtsAPI.c`): what the stubs consist of that GHC makes for `foreign export` and
//! `foreign import "wrapper"`.
//!
//! A value that C holds is a plain pointer to the heap, which nothing keeps alive or follows: it is good until the next
//! evaluation. How an evaluation is fitted in is in Note [Calls back into Haskell] in `sched::native::callback`.

use super::memory::c_string;
use super::stdio;
use super::table::functions;
use crate::abi::map;
use crate::entry::closures::Builtin;
use crate::entry::table::info;
use crate::interp::control::Value;
use crate::interp::machine::Machine;
use crate::interp::pack::con_tag;
use crate::layout::closure::{PAYLOAD, THUNK_PAYLOAD};
use crate::sched::run::Outcome;
use crate::sched::thread::Start;
use crate::word::{Addr, ClosurePtr, InfoPtr, WORD, Word};

/// How an evaluation ended (`SchedulerStatus`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum Status {
    /// There was none yet.
    #[default]
    None = 0,
    /// With a value.
    Success = 1,
    /// With an exception that nothing caught.
    Killed = 2,
}

/// The capability.
const CAPABILITY: Word = map::BASE_REG as Word - 24;

/// A value of one word. The types of base that box a word differ from those of ghc-prim in nothing but their name.
fn boxed(m: &mut Machine, con: InfoPtr, w: Word) -> Word {
    let Some(object) = allocate(m, 2) else { return 0 };
    m.mem.set_info(object, con);
    m.mem.set_word(object + PAYLOAD, w);
    ClosurePtr::from(object).with_tag(1).word()
}

/// So many words of heap for C that has come in; null when the program ends.
fn allocate(m: &mut Machine, words: u32) -> Option<Addr> {
    if !m.come_in() {
        return None;
    }
    let object = m.allocate(words);
    if object.is_none() {
        m.end_program("the heap is full: there is no room for what C passes to Haskell".into());
    }
    object
}

/// The application of a function to an argument, as a thunk.
fn apply(m: &mut Machine, function: Word, argument: Word) -> Word {
    let Some(thunk) = allocate(m, THUNK_PAYLOAD / WORD + 2) else { return 0 };
    m.mem.set_info(thunk, info::STG_AP_2_UPD);
    m.mem.set_word(thunk + THUNK_PAYLOAD, function);
    m.mem.set_word(thunk + THUNK_PAYLOAD + WORD, argument);
    thunk.word()
}

/// The word in a boxed value.
fn unboxed(m: &mut Machine, value: Word) -> Word {
    m.mem.word(ClosurePtr::from_word(value).addr() + PAYLOAD)
}

/// How an action's result is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    /// Evaluate an expression.
    Value,
    /// Run an IO action, and evaluate its result.
    StrictResult,
    /// Run an IO action.
    Result,
}

/// Evaluates `closure` and writes what it comes to to `result_at`, if that is not null.
fn evaluate(m: &mut Machine, closure: Word, result_at: Word, want: Want) -> Word {
    if let Some(p) = evaluated(m, ClosurePtr::from_word(closure), want)
        && result_at != 0
    {
        m.mem.set_word(Addr::from_word(result_at), p.word());
    }
    0
}

/// What `closure` comes to; none if that is an exception, or the program ends.
fn evaluated(m: &mut Machine, closure: ClosurePtr, want: Want) -> Option<ClosurePtr> {
    if !m.come_in() {
        return None;
    }
    let start = if want == Want::Value { Start::Eval } else { Start::RunIO };
    let result = outcome(m, closure, start)?;
    if want == Want::StrictResult { outcome(m, result, Start::Eval) } else { Some(result) }
}

fn outcome(m: &mut Machine, closure: ClosurePtr, start: Start) -> Option<ClosurePtr> {
    match m.evaluate_for_c(closure, start)? {
        Outcome::Value(value) => {
            m.c.status = Status::Success;
            Some(if let Value::Ptr(p) = value { p } else { Builtin::Unit.ptr() })
        }
        _ => {
            m.c.status = Status::Killed;
            None
        }
    }
}

/// `rts_evalStableIO`: from a stable pointer to an action to one to its result.
fn evaluate_stable(m: &mut Machine, action: Word, result_at: Word) -> Word {
    let Some(action) = m.stable.find(action) else {
        m.end_program("C evaluated what is no stable pointer".into());
        return 0;
    };
    if let Some(p) = evaluated(m, action, Want::StrictResult)
        && result_at != 0
    {
        let stable = m.stable.make_for_program(p);
        m.mem.set_word(Addr::from_word(result_at), stable.unwrap_or(0));
    }
    0
}

/// `rts_checkSchedStatus`: the program ends if its last evaluation has not come to a value.
fn check_status(m: &mut Machine, site: Word) -> Word {
    if m.c.status == Status::Killed {
        let mut text = m.program_name();
        text.extend_from_slice(b": ");
        text.extend(c_string(&m.mem, site));
        text.extend_from_slice(b": uncaught exception\n");
        stdio::emit(m, stdio::STDERR, &text);
        m.end_program("a call back into Haskell ended with an exception that nothing caught".into());
    }
    0
}

/// The characters of a C string as a Haskell list.
fn string(m: &mut Machine, s: Word) -> Word {
    let mut list = m.bound.closure(Builtin::Nil).word();
    for &byte in c_string(&m.mem, s).iter().rev() {
        let head = boxed(m, info::C_HASH_CON, byte as Word);
        let Some(cell) = allocate(m, 3) else { return 0 };
        m.mem.set_info(cell, info::CONS_CON);
        m.mem.set_word(cell + PAYLOAD, head);
        m.mem.set_word(cell + PAYLOAD + WORD, list);
        list = ClosurePtr::from(cell).with_tag(2).word();
    }
    list
}

/// Makes of a C value, narrowed to a type, the Haskell value.
macro_rules! make {
    ($con:ident $ty:ty) => {
        |m, [_, w, ..]| boxed(m, info::$con, w as $ty as i64 as Word)
    };
}

/// The C value in a Haskell value, narrowed to a type.
macro_rules! get {
    ($ty:ty) => {
        |m, [p, ..]| unboxed(m, p) as $ty as i64 as Word
    };
}

functions! {
    "rts_lock" "" b'n' = |m, _| if m.come_in() { CAPABILITY } else { 0 };
    "rts_unlock" "n" b'v' = |_, _| 0;
    "rts_unsafeGetMyCapability" "" b'n' = |_, _| CAPABILITY;

    "rts_mkChar" "nn" b'n' = make!(C_HASH_CON u32);
    "rts_mkInt" "nn" b'n' = make!(I_HASH_CON i64);
    "rts_mkInt8" "nn" b'n' = make!(I_HASH_CON i8);
    "rts_mkInt16" "nn" b'n' = make!(I_HASH_CON i16);
    "rts_mkInt32" "nn" b'n' = make!(I_HASH_CON i32);
    "rts_mkInt64" "nn" b'n' = make!(I_HASH_CON i64);
    "rts_mkWord" "nn" b'n' = make!(W_HASH_CON u64);
    "rts_mkWord8" "nn" b'n' = make!(W_HASH_CON u8);
    "rts_mkWord16" "nn" b'n' = make!(W_HASH_CON u16);
    "rts_mkWord32" "nn" b'n' = make!(W_HASH_CON u32);
    "rts_mkWord64" "nn" b'n' = make!(W_HASH_CON u64);
    "rts_mkPtr" "nn" b'n' = make!(W_HASH_CON u64);
    "rts_mkFunPtr" "nn" b'n' = make!(W_HASH_CON u64);
    "rts_mkStablePtr" "nn" b'n' = make!(W_HASH_CON u64);
    "rts_mkFloat" "nf" b'n' = |m, [_, w, ..]| boxed(m, info::F_HASH_CON, w as u32 as Word);
    "rts_mkDouble" "nd" b'n' = |m, [_, w, ..]| boxed(m, info::D_HASH_CON, w);
    "rts_mkBool" "nn" b'n' = |m, [_, b, ..]| {
        m.bound.closure(if b as u8 == 0 { Builtin::False } else { Builtin::True }).word()
    };
    "rts_mkString" "nn" b'n' = |m, [_, s, ..]| string(m, s);
    "rts_apply" "nnn" b'n' = |m, [_, f, x, ..]| apply(m, f, x);

    "rts_getChar" "n" b'n' = get!(u32);
    "rts_getInt" "n" b'n' = get!(i64);
    "rts_getInt8" "n" b'n' = get!(i8);
    "rts_getInt16" "n" b'n' = get!(i16);
    "rts_getInt32" "n" b'n' = get!(i32);
    "rts_getInt64" "n" b'n' = get!(i64);
    "rts_getWord" "n" b'n' = get!(u64);
    "rts_getWord8" "n" b'n' = get!(u8);
    "rts_getWord16" "n" b'n' = get!(u16);
    "rts_getWord32" "n" b'n' = get!(u32);
    "rts_getWord64" "n" b'n' = get!(u64);
    "rts_getPtr" "n" b'n' = get!(u64);
    "rts_getFunPtr" "n" b'n' = get!(u64);
    "rts_getStablePtr" "n" b'n' = get!(u64);
    "rts_getFloat" "n" b'f' = |m, [p, ..]| unboxed(m, p) as u32 as Word;
    "rts_getDouble" "n" b'd' = |m, [p, ..]| unboxed(m, p);
    "rts_getBool" "n" b'n' = |m, [p, ..]| (con_tag(&m.mem, ClosurePtr::from_word(p).addr()) != 0) as Word;

    "rts_eval" "nnn" b'v' = |m, [_, p, at, ..]| evaluate(m, p, at, Want::Value);
    "rts_evalIO" "nnn" b'v' = |m, [_, p, at, ..]| evaluate(m, p, at, Want::StrictResult);
    "rts_evalLazyIO" "nnn" b'v' = |m, [_, p, at, ..]| evaluate(m, p, at, Want::Result);
    "rts_evalStableIO" "nnn" b'v' = |m, [_, p, at, ..]| evaluate_stable(m, p, at);
    "rts_evalStableIOMain" "nnn" b'v' = |m, [_, p, at, ..]| evaluate_stable(m, p, at);
    "rts_checkSchedStatus" "nn" b'v' = |m, [site, ..]| check_status(m, site);
    "rts_getSchedStatus" "n" b'n' = |m, _| m.c.status as Word;

    // The runtime is there already, and stays.
    "hs_init" "nn" b'v' = |_, _| 0;
    "hs_exit" "" b'v' = |_, _| 0;
    "hs_thread_done" "" b'v' = |_, _| 0;
}

#[cfg(test)]
mod tests;
