//! Messages of GHC's protocol on any backend, and the operations that only an interpreter server has.

use super::backend::{Answered, End, Evaluate, Evaluation, Thrown};
use super::eval::ExceptionKind;
use super::{Error, Interp};
use crate::external::{Connection, IservError, IservProcess};
use crate::protocol::types::{EvalResult, EvalStatus, ExitCode, HValueRef, ResumeContextRef, SerializableException};
use crate::protocol::{AskingRequest, Binary, HsString, Message, PlainRequest, Reply};
use crate::splice::Answerer;
use crate::vm::VmError;
use std::fs::File;

impl Interp {
    /// Carries out a message of GHC's protocol (`interpCmd`). References in it and in its reply are bare numbers: those of
    /// the reply are the caller's to free.
    pub fn interp_cmd<M: PlainRequest + Answered>(&self, message: M) -> Result<M::Reply, Error> {
        M::of_reply(self.answer(message.into())?).ok_or(Error::Protocol(M::KIND.name()))
    }

    /// Runs a splice (`RunTH`) or the finalizers of a module (`RunModFinalizers`); `answerer` answers what they ask, as
    /// GHC does. References are bare numbers, as with [`Interp::interp_cmd`].
    pub fn run_splice<M: AskingRequest + Answered>(&self, message: M, answerer: Answerer) -> Result<M::Reply, Error> {
        let message = message.into();
        let reply = self.run(|backend| backend.splice(&message, answerer))?;
        M::of_reply(reply).ok_or(Error::Protocol(M::KIND.name()))
    }

    /// The reply to any message but those that ask back.
    fn answer(&self, message: Message) -> Result<Reply, Error> {
        use Evaluate::*;
        let what = match Evaluate::of(message) {
            Ok(what) => what,
            Err(message) => return self.answer_by_message(&message),
        };
        // Which reply it is to be, by a value of that type.
        type ToReply = fn(Evaluation) -> Option<Reply>;
        let reply: ToReply = match what {
            Stmt(..) => |e| Some(Reply::EvalStmt(status(e, refs)?)),
            ResumeStmt(..) => |e| Some(Reply::ResumeStmt(status(e, refs)?)),
            Seq(_) => |e| Some(Reply::Seq(status(e, nothing)?)),
            ResumeSeq(_) => |e| Some(Reply::ResumeSeq(status(e, nothing)?)),
            Io(_) | IoResult(_) => |e| Some(Reply::EvalIO(result(e.end, nothing)?)),
            String(_) => |e| Some(Reply::EvalString(result(e.end, text)?)),
            StringToString(..) => |e| Some(Reply::EvalStringToString(result(e.end, text)?)),
        };
        let is_io = matches!(what, Io(_));
        let evaluation = match self.evaluate(what.clone())? {
            // An action of GHC's own, which would not know what to do with an exception.
            Evaluation { end: End::Thrown(Thrown { kind: ExceptionKind::SessionLost, text, .. }), .. } if is_io => {
                tracing::warn!("EvalIO: {text}");
                self.evaluate(what)?
            }
            evaluation => evaluation,
        };
        if let (true, End::Refs(refs)) = (is_io, &evaluation.end) {
            // The result of the action, which GHC's server does not keep.
            refs.iter().for_each(|r| drop(self.session.adopt(*r)));
        }
        if let End::Thrown(Thrown { value: Some(exception), .. }) = evaluation.end {
            // It travels as text.
            drop(self.session.adopt(exception));
        }
        reply(evaluation).ok_or(Error::Protocol("an evaluation"))
    }

    /// A message that runs no program is asked once more of a machine that was made anew meanwhile.
    fn answer_by_message(&self, message: &Message) -> Result<Reply, Error> {
        let lives = self.lives();
        match self.run(|backend| backend.call(message)) {
            Err(Error::Vm(VmError::Lost(why))) if self.lives() == lives => {
                let name = message.kind().name();
                tracing::warn!("{name}: {why}; its machine was begun anew, and what statements have bound is gone");
                self.run(|backend| backend.call(message))
            }
            other => other,
        }
    }

    /// Has the server to oneself: it is started if need be, and dropped references are freed (`withIServ`).
    pub fn with_iserv<T>(
        &self,
        body: impl FnOnce(&mut Connection<File, File>) -> Result<T, IservError>,
    ) -> Result<T, Error> {
        let server = self.server()?;
        for dropped in self.session.take_pending() {
            server.free_later(HValueRef(dropped));
        }
        Ok(server.with_iserv(body)?)
    }

    /// Sends a message to the server and waits for its reply (`iservCall`).
    pub fn iserv_call<M: PlainRequest>(&self, message: M) -> Result<M::Reply, Error> {
        self.with_iserv(|connection| connection.call(message))
    }

    /// Waits for a value from the server (`readIServ`); `what` says of what, for errors.
    pub fn read_iserv<T: Binary>(&self, what: &'static str) -> Result<T, Error> {
        self.with_iserv(|connection| connection.read(what))
    }

    /// Sends a message to the server without waiting (`writeIServ`).
    pub fn write_iserv(&self, message: &Message) -> Result<(), Error> {
        self.with_iserv(|connection| connection.send(message))
    }

    fn server(&self) -> Result<&IservProcess, Error> {
        if self.lock().is_none() {
            return Err(Error::Stopped);
        }
        self.iserv.as_deref().ok_or(Error::NeedsIserv)
    }
}

fn refs(end: End) -> Option<Vec<HValueRef>> {
    match end {
        End::Refs(refs) => Some(refs.into_iter().map(HValueRef).collect()),
        _ => None,
    }
}

fn nothing(end: End) -> Option<()> {
    matches!(end, End::Refs(_)).then_some(())
}

fn text(end: End) -> Option<HsString> {
    match end {
        End::String(text) => Some(text),
        _ => None,
    }
}

fn status<A>(evaluation: Evaluation, success: impl FnOnce(End) -> Option<A>) -> Option<EvalStatus<A>> {
    let Evaluation { allocated, end } = evaluation;
    Some(match end {
        End::Break(at) => EvalStatus::EvalBreak {
            is_exception: at.is_exception,
            closure: HValueRef(at.closure),
            index: at.index,
            module_unique: at.module_unique,
            resume: ResumeContextRef(at.resume),
            ccs: at.ccs,
        },
        end => EvalStatus::EvalComplete { allocated, result: result(end, success)? },
    })
}

fn result<A>(end: End, success: impl FnOnce(End) -> Option<A>) -> Option<EvalResult<A>> {
    Some(match end {
        End::Thrown(thrown) => EvalResult::EvalException(to_exception(&thrown)),
        end => EvalResult::EvalSuccess(success(end)?),
    })
}

/// An exception as it travels (`toSerializableException`): limits and crashes are text.
pub(super) fn to_exception(thrown: &Thrown) -> SerializableException {
    match thrown.kind {
        ExceptionKind::UserInterrupt => SerializableException::EUserInterrupt,
        ExceptionKind::Exit(0) => SerializableException::EExitCode(ExitCode::ExitSuccess),
        ExceptionKind::Exit(code) => SerializableException::EExitCode(ExitCode::ExitFailure(code)),
        kind => SerializableException::EOtherException(kind.describe(&thrown.text).into()),
    }
}
