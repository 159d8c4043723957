//! The backend in another process: messages go to a server as they are.

use super::Error;
use super::backend::{Backend, Break, End, Evaluate, Evaluation, Thrown};
use super::eval::ExceptionKind;
use crate::external::IservProcess;
use crate::protocol::bco::BcoChunk;
use crate::protocol::types::{EvalResult, EvalStatus, ExitCode, HValueRef, SerializableException};
use crate::protocol::{Bytes, HsString, Message, Reply, ThReply, request};
use crate::vm::Interrupt;
use std::sync::Arc;

/// A server, started when it is first needed.
pub(super) struct Iserv {
    process: Arc<IservProcess>,
}

impl Iserv {
    pub(super) fn new(process: IservProcess) -> Iserv {
        Iserv { process: Arc::new(process) }
    }
}

impl Backend for Iserv {
    fn create_bcos(&mut self, chunks: &[&[u8]]) -> Result<Vec<u64>, Error> {
        let chunks = chunks.iter().map(|chunk| BcoChunk(Bytes::from(*chunk))).collect();
        let refs = self.process.call(request::CreateBCOs { chunks })?;
        Ok(refs.into_iter().map(|r| r.0).collect())
    }

    fn free(&mut self, refs: Vec<u64>) -> Result<Vec<u64>, Error> {
        // GHC's own server does not survive an unknown one.
        self.process.call(request::FreeHValueRefs { refs: refs.into_iter().map(HValueRef).collect() })?;
        Ok(Vec::new())
    }

    fn evaluate(&mut self, what: Evaluate) -> Result<Evaluation, Error> {
        let p = &self.process;
        Ok(match what {
            Evaluate::Stmt(opts, expr) => of_status(p.call(request::EvalStmt { opts, expr })?, refs),
            Evaluate::ResumeStmt(opts, resume) => of_status(p.call(request::ResumeStmt { opts, resume })?, refs),
            Evaluate::Seq(value) => of_status(p.call(request::Seq { value })?, nothing),
            Evaluate::ResumeSeq(resume) => of_status(p.call(request::ResumeSeq { resume })?, nothing),
            Evaluate::Io(action) => of_result(p.call(request::EvalIO { action })?, nothing),
            Evaluate::String(action) => of_result(p.call(request::EvalString { action })?, End::String),
            Evaluate::StringToString(function, argument) => {
                of_result(p.call(request::EvalStringToString { function, argument })?, End::String)
            }
            Evaluate::IoResult(_) => {
                return Err(Error::NotThere {
                    operation: "eval_io_result",
                    missing: "a message for it in GHC's protocol",
                });
            }
        })
    }

    fn call(&mut self, message: &Message) -> Result<Reply, Error> {
        // Asked back is only by messages that are not sent this way; the answer would be refused.
        Ok(self.process.call_any(message, &mut |_| ThReply::RunTHDone(()))?)
    }

    fn interrupter(&self) -> Arc<dyn Interrupt> {
        Arc::new(SignalServer(self.process.clone()))
    }

    fn iserv(&self) -> Option<Arc<IservProcess>> {
        Some(self.process.clone())
    }
}

fn refs(refs: Vec<HValueRef>) -> End {
    End::Refs(refs.into_iter().map(|r| r.0).collect())
}

fn nothing((): ()) -> End {
    End::Refs(Vec::new())
}

fn of_status<A>(status: EvalStatus<A>, success: impl FnOnce(A) -> End) -> Evaluation {
    match status {
        EvalStatus::EvalComplete { allocated, result } => Evaluation { allocated, ..of_result(result, success) },
        EvalStatus::EvalBreak { is_exception, closure, index, module_unique, resume, ccs } => {
            let (closure, resume) = (closure.0, resume.0);
            let end = End::Break(Break { is_exception, closure, index, module_unique, resume, ccs });
            Evaluation { allocated: 0, end }
        }
    }
}

fn of_result<A>(result: EvalResult<A>, success: impl FnOnce(A) -> End) -> Evaluation {
    let end = match result {
        EvalResult::EvalSuccess(value) => success(value),
        EvalResult::EvalException(exception) => End::Thrown(of_exception(exception)),
    };
    Evaluation { allocated: 0, end }
}

/// An exception as far as it has travelled.
pub(super) fn of_exception(exception: SerializableException) -> Thrown {
    let thrown = |kind, text: String| Thrown { kind, text, value: None };
    match exception {
        SerializableException::EUserInterrupt => thrown(ExceptionKind::UserInterrupt, "user interrupt".into()),
        SerializableException::EExitCode(ExitCode::ExitSuccess) => thrown(ExceptionKind::Exit(0), "ExitSuccess".into()),
        SerializableException::EExitCode(ExitCode::ExitFailure(code)) => {
            thrown(ExceptionKind::Exit(code), format!("ExitFailure {code}"))
        }
        SerializableException::EOtherException(text) => thrown(ExceptionKind::Haskell, text_of(&text)),
    }
}

fn text_of(text: &HsString) -> String {
    text.to_string()
}

/// Interrupts what a server is doing, as a ^C that reaches its process does.
struct SignalServer(Arc<IservProcess>);

impl Interrupt for SignalServer {
    fn interrupt(&self) -> bool {
        self.0.interrupt()
    }
}
