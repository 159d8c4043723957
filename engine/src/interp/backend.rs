//! What [`Interp`](super::Interp) asks of whatever runs the code, on bare reference numbers.
//
// Note [The seam between Interp and its backends]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// Interp has three backends: a machine in the sandbox, a machine in this process, a server in another process. The two
// machines take the same requests (`bcvm::abi::request`) and sit behind `vm::Vm`. A server takes GHC's messages. One
// seam for all three could lie at either language; it lies at the messages:
//
//                     Interp ── evaluate, create_bcos, free, call(Message) ──┐
//   bcvm-iserv ── Message ─▶ Interp::interp_cmd                       dyn Backend
//                                                                 ┌──────────┴─────────┐
//                                                   machine: Message → Request      iserv: as it is
//                                                      ┌────┴────┐                     │
//                                                  sandboxed  internal             ghc-iserv, bcvm-iserv
//
// Messages say more than requests (linking, splices, breakpoints), so nothing is lost on the way to a server, and the
// translation to requests is needed once, for bcvm-iserv and Interp alike. Three operations are not messages here.
// CreateBCOs would copy its chunks into a message. FreeHValueRefs is answered by the references that were not in use.
// Evaluations end in more ways than the wire can tell: it has text for what a machine knows as the heap's limit, a
// crash, or an exception one can look at.

use super::Error;
use super::eval::ExceptionKind;
use crate::external::IservProcess;
use crate::protocol::table::for_each_message;
use crate::protocol::types::{EvalExpr, EvalOpts, HValueRef, RemotePtr, ResumeContextRef};
use crate::protocol::{HsString, Message, Reply, Request, request};
use crate::splice::Answerer;
use crate::vm::{Interrupt, Vm};
use std::sync::Arc;

/// What runs the code. See Note [The seam between Interp and its backends].
pub(super) trait Backend: Send {
    /// Creates the BCOs of encoded chunks (`CreateBCOs`).
    fn create_bcos(&mut self, chunks: &[&[u8]]) -> Result<Vec<u64>, Error>;

    /// Releases references (`FreeHValueRefs`); answers those that were not in use, if it can tell.
    fn free(&mut self, refs: Vec<u64>) -> Result<Vec<u64>, Error>;

    /// Runs Haskell code.
    fn evaluate(&mut self, what: Evaluate) -> Result<Evaluation, Error>;

    /// Answers any message that does not run Haskell code.
    fn call(&mut self, message: &Message) -> Result<Reply, Error>;

    /// Runs a splice or finalizers (`RunTH`, `RunModFinalizers`), and has `answerer` answer what they ask.
    fn splice(&mut self, message: &Message, answerer: Answerer) -> Result<Reply, Error> {
        let _ = answerer;
        Err(Error::NotThere { operation: message.kind().name(), missing: "splices on this backend" })
    }

    /// Whether evaluations have left threads that may run meanwhile.
    fn has_threads(&self) -> bool {
        false
    }

    /// Lets them, until none can or it is interrupted.
    fn run_threads(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// The machine was lost, and there is a new one. Answers whether references of before still mean something.
    fn begin_again(&mut self) -> bool {
        false
    }

    /// Stops the evaluation that runs.
    fn interrupter(&self) -> Arc<dyn Interrupt>;

    /// The machine, if it is one.
    fn vm(&mut self) -> Option<&mut dyn Vm> {
        None
    }

    /// The server, if it is one.
    fn iserv(&self) -> Option<Arc<IservProcess>> {
        None
    }
}

/// What to run: the messages for which [`MessageKind::evaluates`](crate::protocol::MessageKind::evaluates) and that do
/// not ask back.
#[derive(Clone, Debug)]
pub(crate) enum Evaluate {
    /// `EvalStmt`.
    Stmt(EvalOpts, EvalExpr),
    /// `ResumeStmt`.
    ResumeStmt(EvalOpts, ResumeContextRef),
    /// `EvalString`.
    String(HValueRef),
    /// `EvalStringToString`.
    StringToString(HValueRef, HsString),
    /// `EvalIO`.
    Io(HValueRef),
    /// An IO action whose result is wanted; GHC has no message for it.
    IoResult(HValueRef),
    /// `Seq`.
    Seq(HValueRef),
    /// `ResumeSeq`.
    ResumeSeq(ResumeContextRef),
}

impl Evaluate {
    /// The evaluation a message asks for; the message itself if it asks for none.
    #[allow(clippy::result_large_err, reason = "it is no error: the message comes back as it was given")]
    pub(super) fn of(message: Message) -> Result<Evaluate, Message> {
        Ok(match message {
            Message::EvalStmt(m) => Evaluate::Stmt(m.opts, m.expr),
            Message::ResumeStmt(m) => Evaluate::ResumeStmt(m.opts, m.resume),
            Message::EvalString(m) => Evaluate::String(m.action),
            Message::EvalStringToString(m) => Evaluate::StringToString(m.function, m.argument),
            Message::EvalIO(m) => Evaluate::Io(m.action),
            Message::Seq(m) => Evaluate::Seq(m.value),
            Message::ResumeSeq(m) => Evaluate::ResumeSeq(m.resume),
            other => return Err(other),
        })
    }
}

/// How an evaluation went.
#[derive(Clone, Debug)]
pub(crate) struct Evaluation {
    /// Bytes it allocated.
    pub allocated: u64,
    /// How it ended.
    pub end: End,
}

/// How an evaluation ended.
#[derive(Clone, Debug)]
pub(crate) enum End {
    /// With results; none when the operation has no result.
    Refs(Vec<u64>),
    /// With a string.
    String(HsString),
    /// With what the result holds beside pointers.
    Words(Vec<u64>),
    /// By an exception, a limit or a crash.
    Thrown(Thrown),
    /// Not yet: it stopped at a breakpoint.
    Break(Break),
}

/// What came instead of a result.
#[derive(Clone, Debug)]
pub(crate) struct Thrown {
    /// What kind of end it is.
    pub kind: ExceptionKind,
    /// What to tell the user.
    pub text: String,
    /// The Haskell exception, if there is one.
    pub value: Option<u64>,
}

/// Where an evaluation stopped (`EvalBreak`).
#[derive(Clone, Debug)]
pub(crate) struct Break {
    /// At an exception.
    pub is_exception: bool,
    /// The AP_STACK, or the exception.
    pub closure: u64,
    /// Which breakpoint of the module.
    pub index: i64,
    /// Which module.
    pub module_unique: i64,
    /// What resumes it.
    pub resume: u64,
    /// The cost centre stack.
    pub ccs: RemotePtr,
}

/// A request whose reply can be taken out of [`Reply`].
pub trait Answered: Request {
    /// The reply to this request; nothing if `reply` is to another one.
    fn of_reply(reply: Reply) -> Option<Self::Reply>;
}

macro_rules! define_answered {
    ($( $(#[$meta:meta])* $name:ident $method:ident = $tag:tt { $($fields:tt)* } $(with $th:ident)? -> $reply:ty; )+) => {
        $(
            impl Answered for request::$name {
                fn of_reply(reply: Reply) -> Option<Self::Reply> {
                    match reply {
                        Reply::$name(reply) => Some(reply),
                        _ => None,
                    }
                }
            }
        )+
    };
}

for_each_message!(define_answered);
