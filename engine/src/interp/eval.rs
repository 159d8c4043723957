//! How evaluations begin and end.

use super::refs::Session;
use super::{Error, ForeignRef};
use bcvm::abi::request::Outcome;
use std::fmt;
use std::sync::Arc;

/// What to evaluate (`EvalExpr`).
#[derive(Clone, Debug)]
pub enum EvalExpr<'a> {
    /// A value.
    This(&'a ForeignRef),
    /// A value applied to others, lazily.
    App(&'a ForeignRef, Vec<&'a ForeignRef>),
}

/// A result, or the exception that came instead (`EvalResult`).
pub type EvalResult<T> = Result<T, Exception>;

/// How a statement went (`EvalStatus`, which has breakpoints besides).
#[derive(Debug)]
pub struct EvalStatus<T> {
    /// Bytes of heap that the evaluation allocated.
    pub allocated: u64,
    /// What came of it.
    pub result: EvalResult<T>,
}

/// Why an evaluation has no result. The interpreter goes on after each of them.
#[derive(Clone, Debug)]
pub struct Exception {
    /// What kind of end it is.
    pub kind: ExceptionKind,
    /// What to tell the user.
    pub text: String,
    /// The Haskell exception, if it is one.
    pub value: Option<ForeignRef>,
}

/// The kinds of ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExceptionKind {
    /// A Haskell exception that nothing caught.
    Haskell,
    /// The heap's limit was reached, and the program did not catch the exception.
    HeapOverflow,
    /// The stack's limit was reached, likewise.
    StackOverflow,
    /// It was interrupted (`UserInterrupt`).
    UserInterrupt,
    /// Its time was up.
    Deadline,
    /// It did what no Haskell program may, such as reading memory that is not there.
    Crash,
    /// It damaged the machine, which was replaced: all earlier values are gone.
    SessionLost,
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ExceptionKind::Crash => write!(f, "the sandboxed program crashed: {}", self.text),
            _ => f.write_str(&self.text),
        }
    }
}

impl std::error::Error for Exception {}

impl<T> EvalStatus<T> {
    /// An evaluation that ended without a Haskell exception or result.
    pub(super) fn failed(kind: ExceptionKind, text: String) -> EvalStatus<T> {
        EvalStatus { allocated: 0, result: Err(Exception { kind, text, value: None }) }
    }
}

/// Exceptions of the runtime, with what base shows for them.
const RUNTIME: [(&str, ExceptionKind, &str); 9] = [
    ("base:GHC.IO.Exception.HeapOverflow", ExceptionKind::HeapOverflow, "heap overflow"),
    ("base:GHC.IO.Exception.StackOverflow", ExceptionKind::StackOverflow, "stack overflow"),
    ("base:GHC.IO.Exception.UserInterrupt", ExceptionKind::UserInterrupt, "user interrupt"),
    ("base:Control.Exception.Base.NonTermination", ExceptionKind::Haskell, "<<loop>>"),
    ("base:GHC.Exception.Type.DivideByZero", ExceptionKind::Haskell, "divide by zero"),
    ("base:GHC.Exception.Type.Overflow", ExceptionKind::Haskell, "arithmetic overflow"),
    ("base:GHC.Exception.Type.Underflow", ExceptionKind::Haskell, "arithmetic underflow"),
    ("bcvm:Crash", ExceptionKind::Crash, "it needs a value whose evaluation crashed before"),
    ("", ExceptionKind::Haskell, "an exception whose constructor has no name"),
];

/// What the machine answered, with references taken over; `of` makes the result of strings or references.
pub(super) fn status<T>(
    session: &Arc<Session>,
    allocated: u64,
    outcome: Outcome,
    of: impl FnOnce(Option<String>, Vec<ForeignRef>) -> Result<T, Error>,
) -> Result<EvalStatus<T>, Error> {
    let failed = |kind, text: String, value| Err(Exception { kind, text, value });
    let result = match outcome {
        Outcome::Refs(refs) => Ok(of(None, refs.into_iter().map(|r| session.adopt(r)).collect())?),
        Outcome::String(s) => Ok(of(Some(s), Vec::new())?),
        Outcome::Exception(r, name) => {
            let value = Some(session.adopt(r));
            match RUNTIME.iter().find(|(n, ..)| *n == name) {
                Some((_, kind, text)) => failed(*kind, (*text).to_string(), value),
                None => failed(ExceptionKind::Haskell, name, value),
            }
        }
        Outcome::Deadline => failed(ExceptionKind::Deadline, "its time was up".into(), None),
        Outcome::Crash(why) => failed(ExceptionKind::Crash, why, None),
    };
    Ok(EvalStatus { allocated, result })
}
