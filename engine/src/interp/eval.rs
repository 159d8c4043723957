//! Evaluating: what can be evaluated, how it ends, and the operations of `Interp` that do it.

use super::backend::{Break, End, Evaluate, Evaluation, Thrown};
use super::refs::Session;
use super::{Error, ForeignRef, Interp, RemotePtr, iserv};
use crate::protocol::types::{self, EvalOpts, HValueRef, ResumeContextRef};
use crate::vm::VmError;
use std::fmt;
use std::sync::Arc;

/// What to evaluate (`EvalExpr`).
#[derive(Clone, Debug)]
pub enum EvalExpr<'a> {
    /// A value.
    This(&'a ForeignRef),
    /// A function applied to an argument, lazily.
    App(Box<EvalExpr<'a>>, Box<EvalExpr<'a>>),
}

impl<'a> EvalExpr<'a> {
    /// Applies this to a value.
    pub fn apply(self, argument: &'a ForeignRef) -> EvalExpr<'a> {
        EvalExpr::App(Box::new(self), Box::new(EvalExpr::This(argument)))
    }

    fn encode(&self, session: &Arc<Session>, depth: u32) -> Result<types::EvalExpr, Error> {
        if depth == 0 {
            let why = format!("the expression is deeper than {}", crate::protocol::binary::DEPTH_LIMIT);
            return Err(Error::Refused { what: "EvalStmt", why });
        }
        Ok(match self {
            EvalExpr::This(value) => types::EvalExpr::EvalThis(HValueRef(value.raw(session)?)),
            EvalExpr::App(f, x) => types::EvalExpr::EvalApp(
                Box::new(f.encode(session, depth - 1)?),
                Box::new(x.encode(session, depth - 1)?),
            ),
        })
    }
}

/// A result, or the exception that came instead (`EvalResult`).
pub type EvalResult<T> = Result<T, Exception>;

/// How a statement went (`EvalStatus`).
#[derive(Debug)]
pub enum EvalStatus<T> {
    /// It is over (`EvalComplete`).
    Complete {
        /// Bytes of heap that the evaluation allocated.
        allocated: u64,
        /// What came of it.
        result: EvalResult<T>,
    },
    /// It stopped (`EvalBreak`).
    Break(EvalBreak),
}

impl<T> EvalStatus<T> {
    /// What came of it, if it is over.
    pub fn into_result(self) -> Option<EvalResult<T>> {
        match self {
            EvalStatus::Complete { result, .. } => Some(result),
            EvalStatus::Break(_) => None,
        }
    }
}

/// An evaluation that has stopped at a breakpoint or an exception.
#[derive(Debug)]
pub struct EvalBreak {
    /// It is an exception.
    pub is_exception: bool,
    /// The code that stopped, for [`Interp::get_breakpoint_var`], or the exception.
    pub closure: ForeignRef,
    /// Which breakpoint of the module.
    pub index: i64,
    /// Which module.
    pub module_unique: i64,
    /// What [`Interp::resume_stmt`] and [`Interp::abandon_stmt`] take.
    pub resume: ForeignRef,
    /// The cost centre stack; null unless profiling.
    pub ccs: RemotePtr,
}

/// Why an evaluation has no result. The interpreter goes on after each of them.
#[derive(Clone, Debug)]
pub struct Exception {
    /// What kind of end it is.
    pub kind: ExceptionKind,
    /// What to tell the user.
    pub text: String,
    /// The Haskell exception, if it is one and the backend has not only its text.
    pub value: Option<ForeignRef>,
}

/// The kinds of ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExceptionKind {
    /// A Haskell exception that nothing caught.
    Haskell,
    /// `exitWith`, with this code.
    Exit(i64),
    /// The heap's limit was reached, and the program did not catch the exception.
    HeapOverflow,
    /// The stack's limit was reached, likewise.
    StackOverflow,
    /// It was interrupted (`UserInterrupt`).
    UserInterrupt,
    /// Its time was up.
    Deadline,
    /// Another limit was reached, which the text names.
    Limit,
    /// It did what no Haskell program may, such as reading memory that is not there.
    Crash,
    /// It damaged the machine, which was replaced: earlier values are gone.
    SessionLost,
}

impl ExceptionKind {
    /// What to tell the user of an end of this kind.
    pub(super) fn describe(self, text: &str) -> String {
        match self {
            ExceptionKind::Crash | ExceptionKind::SessionLost => format!("the sandboxed program crashed: {text}"),
            _ => text.into(),
        }
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind.describe(&self.text))
    }
}

impl std::error::Error for Exception {}

/// A result as it came over GHC's wire, with the exception made an error (`fromEvalResult`).
pub fn from_eval_result<T>(result: types::EvalResult<T>) -> Result<T, Exception> {
    match result {
        types::EvalResult::EvalSuccess(value) => Ok(value),
        types::EvalResult::EvalException(exception) => {
            let Thrown { kind, text, .. } = iserv::of_exception(exception);
            Err(Exception { kind, text, value: None })
        }
    }
}

/// How statements are run unless somebody says otherwise.
const OPTS: EvalOpts =
    EvalOpts { use_sandbox_thread: true, single_step: false, break_on_exception: false, break_on_error: false };

impl Interp {
    /// Runs `IO [a]`, and answers references to the list's elements, which stay unevaluated (`evalStmt`).
    pub fn eval_stmt(&self, expr: &EvalExpr<'_>) -> Result<EvalStatus<Vec<ForeignRef>>, Error> {
        self.eval_stmt_with(OPTS, expr)
    }

    /// The same, stopping where `opts` say (`evalStmt` with its `EvalOpts`).
    pub fn eval_stmt_with(&self, opts: EvalOpts, expr: &EvalExpr<'_>) -> Result<EvalStatus<Vec<ForeignRef>>, Error> {
        let expr = expr.encode(&self.session, crate::protocol::binary::DEPTH_LIMIT)?;
        self.status(Evaluate::Stmt(opts, expr), "EvalStmt", refs_of)
    }

    /// Goes on with a statement that stopped (`resumeStmt`).
    pub fn resume_stmt(&self, opts: EvalOpts, stopped: &ForeignRef) -> Result<EvalStatus<Vec<ForeignRef>>, Error> {
        let resume = ResumeContextRef(stopped.raw(&self.session)?);
        self.status(Evaluate::ResumeStmt(opts, resume), "ResumeStmt", refs_of)
    }

    /// Gives up a statement that stopped (`abandonStmt`).
    pub fn abandon_stmt(&self, stopped: &ForeignRef) -> Result<(), Error> {
        let resume = ResumeContextRef(stopped.raw(&self.session)?);
        self.call(crate::protocol::request::AbandonStmt { resume })
    }

    /// Runs an IO action for its effects (`evalIO`).
    pub fn eval_io(&self, io: &ForeignRef) -> Result<EvalResult<()>, Error> {
        let what = Evaluate::Io(HValueRef(io.raw(&self.session)?));
        // A machine's result is released at once: GHC's server does not keep it either.
        self.result(what, "EvalIO", |end, session| refs_of(end, session).map(drop))
    }

    /// Runs an IO action and answers a reference to its result, unevaluated. GHC has no such operation, so the external
    /// backend can't do it.
    pub fn eval_io_result(&self, io: &ForeignRef) -> Result<EvalResult<ForeignRef>, Error> {
        let one = |end, session: &Arc<Session>| refs_of(end, session)?.pop();
        self.result(Evaluate::IoResult(HValueRef(io.raw(&self.session)?)), "EvalIO", one)
    }

    /// Runs `IO String` and answers the string, which is forced (`evalString`). Surrogates in it are replaced.
    pub fn eval_string(&self, io: &ForeignRef) -> Result<EvalResult<String>, Error> {
        self.result(Evaluate::String(HValueRef(io.raw(&self.session)?)), "EvalString", string_of)
    }

    /// Runs what a `String -> IO String` makes of `argument` (`evalStringToIOString`).
    pub fn eval_string_to_io_string(&self, f: &ForeignRef, argument: &str) -> Result<EvalResult<String>, Error> {
        let what = Evaluate::StringToString(HValueRef(f.raw(&self.session)?), argument.into());
        self.result(what, "EvalStringToString", string_of)
    }

    /// Evaluates to weak head normal form (`seqHValue`). Breakpoints on the way are passed.
    pub fn seq_hvalue(&self, value: &ForeignRef) -> Result<EvalResult<()>, Error> {
        let mut what = Evaluate::Seq(HValueRef(value.raw(&self.session)?));
        loop {
            match self.status(what, "Seq", |end, _| matches!(end, End::Refs(_)).then_some(()))? {
                EvalStatus::Complete { result, .. } => return Ok(result),
                EvalStatus::Break(stopped) => {
                    tracing::debug!("Seq: ignoring breakpoint {}", stopped.index);
                    what = Evaluate::ResumeSeq(ResumeContextRef(stopped.resume.raw(&self.session)?));
                }
            }
        }
    }

    /// An evaluation that cannot stop.
    fn result<T>(
        &self,
        what: Evaluate,
        name: &'static str,
        of: impl FnOnce(End, &Arc<Session>) -> Option<T>,
    ) -> Result<EvalResult<T>, Error> {
        self.status(what, name, of)?.into_result().ok_or(Error::Protocol(name))
    }

    /// Evaluates, and takes over the references of the answer; `of` makes the result.
    fn status<T>(
        &self,
        what: Evaluate,
        name: &'static str,
        of: impl FnOnce(End, &Arc<Session>) -> Option<T>,
    ) -> Result<EvalStatus<T>, Error> {
        let Evaluation { allocated, end } = self.evaluate(what)?;
        Ok(match end {
            End::Break(Break { is_exception, closure, index, module_unique, resume, ccs }) => {
                let (closure, resume) = (self.session.adopt(closure), self.session.adopt(resume));
                EvalStatus::Break(EvalBreak { is_exception, closure, index, module_unique, resume, ccs })
            }
            End::Thrown(Thrown { kind, text, value }) => {
                let value = value.map(|value| self.session.adopt(value));
                EvalStatus::Complete { allocated, result: Err(Exception { kind, text, value }) }
            }
            end => {
                let value = of(end, &self.session).ok_or(Error::Protocol(name))?;
                EvalStatus::Complete { allocated, result: Ok(value) }
            }
        })
    }

    /// Evaluates on bare reference numbers; that the machine crashed is a way to end.
    pub(crate) fn evaluate(&self, what: Evaluate) -> Result<Evaluation, Error> {
        let failed = |kind, text| Ok(Evaluation { allocated: 0, end: End::Thrown(Thrown { kind, text, value: None }) });
        let lives = self.lives();
        match self.run(|backend| backend.evaluate(what)) {
            Err(Error::Vm(VmError::Crashed(why))) => failed(ExceptionKind::Crash, why),
            Err(Error::Vm(e @ VmError::Deadline)) => failed(ExceptionKind::Deadline, e.to_string()),
            Err(Error::Vm(VmError::Limit(why))) => failed(ExceptionKind::Limit, why),
            Err(Error::Vm(VmError::Lost(why))) if self.lives() == lives => {
                let text = format!("{why}; its machine was begun anew, and what statements have bound is gone");
                failed(ExceptionKind::SessionLost, text)
            }
            Err(Error::Vm(e @ VmError::Lost(_))) => failed(ExceptionKind::SessionLost, e.to_string()),
            other => other,
        }
    }
}

fn refs_of(end: End, session: &Arc<Session>) -> Option<Vec<ForeignRef>> {
    match end {
        End::Refs(refs) => Some(refs.into_iter().map(|r| session.adopt(r)).collect()),
        _ => None,
    }
}

fn string_of(end: End, _: &Arc<Session>) -> Option<String> {
    match end {
        End::String(text) => Some(text.to_string()),
        _ => None,
    }
}
