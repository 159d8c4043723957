//! [`Interp`]: the operations of `GHC.Runtime.Interpreter`, under their names in snake case.
//!
//! | file | what |
//! |---|---|
//! | `config` | [`Builder`]: which backend, which limits |
//! | `refs` | references to values of the machine, and when they are released |
//! | `eval` | evaluating; how an evaluation ends |
//! | `error` | what can go wrong |
//!
//! Everything here is safe. An `Interp` may be used from several threads, one operation at a time; interpreters share
//! nothing but compiled code.

mod config;
mod error;
mod eval;
mod refs;
#[cfg(test)]
mod tests;

pub use config::{Backend, Builder};
pub use error::Error;
pub use eval::{EvalExpr, EvalResult, EvalStatus, Exception, ExceptionKind};
pub use refs::ForeignRef;

use crate::vm::{Interrupt, Vm, VmError};
use bcvm::abi::request::{Expr, Mode, Reply, Request, Stats};
use bcvm::bco::resolved::{ResolvedBco, encode_chunk};
use refs::Session;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// An address in the machine (`RemotePtr`): of an info table, a static closure, or data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RemotePtr(pub u64);

/// A closure, as [`Interp::get_closure`] sees it.
#[derive(Debug)]
pub struct Closure {
    /// GHC's number of its closure type.
    pub closure_type: u32,
    /// Its info pointer.
    pub info: RemotePtr,
    /// A constructor's `package:Module.Name`.
    pub con_desc: Option<String>,
    /// A constructor's zero-based number.
    pub con_tag: u32,
    /// Its pointers, in order.
    pub ptrs: Vec<ForeignRef>,
    /// Its words that are no pointers, in order.
    pub words: Vec<u64>,
}

/// An interpreter (`Interp`).
pub struct Interp {
    vm: Mutex<Box<dyn Vm>>,
    session: Arc<Session>,
    interrupter: Arc<dyn Interrupt>,
    timeout: Option<Duration>,
}

impl std::fmt::Debug for Interp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Interp").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

impl Interp {
    /// Starts describing an interpreter; by default it is sandboxed.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Creates byte code objects that may refer to each other by index (`createBCOs`). Each result is the object, or
    /// a thunk of it if it takes no arguments. Nothing is evaluated; a request with a bad object creates none.
    pub fn create_bcos(&self, bcos: &[ResolvedBco]) -> Result<Vec<ForeignRef>, Error> {
        self.create_bcos_encoded(&[&encode_chunk(bcos)])
    }

    /// The same from chunks as they come over GHC's wire, each the encoding of a list of `ResolvedBCO`.
    pub fn create_bcos_encoded(&self, chunks: &[&[u8]]) -> Result<Vec<ForeignRef>, Error> {
        self.refs("CreateBCOs", &Request::CreateBcos(chunks.to_vec()))
    }

    /// Copies bytes to where code of the machine can read them, for as long as it lives (`mallocData`).
    pub fn malloc_data(&self, data: &[u8]) -> Result<RemotePtr, Error> {
        self.one("MallocData", &Request::Malloc { blocks: vec![data], nul: false })
    }

    /// Copies strings likewise, a NUL appended to each (`MallocStrings`).
    pub fn malloc_strings(&self, strings: &[&[u8]]) -> Result<Vec<RemotePtr>, Error> {
        self.addrs("MallocStrings", &Request::Malloc { blocks: strings.to_vec(), nul: true })
    }

    /// Makes a constructor's info table (`MkConInfoTable`): so many pointers and other words, its zero-based number,
    /// the tag of pointers to it (its one-based number, at most 7), `package:Module.Name`.
    pub fn mk_con_info_table(
        &self,
        ptrs: u32,
        nptrs: u32,
        con_tag: u32,
        ptr_tag: u32,
        desc: &str,
    ) -> Result<RemotePtr, Error> {
        let desc = desc.as_bytes();
        self.one("MkConInfoTable", &Request::MkConInfoTable { ptrs, nptrs, con_tag, ptr_tag, desc })
    }

    /// Where a symbol is, if there is one (`lookupSymbol`).
    pub fn lookup_symbol(&self, symbol: &str) -> Result<Option<RemotePtr>, Error> {
        Ok(self.addrs("LookupSymbol", &Request::LookupSymbol(symbol))?.first().copied())
    }

    /// A reference to the closure that a symbol names (`lookupClosure`).
    pub fn lookup_closure(&self, symbol: &str) -> Result<Option<ForeignRef>, Error> {
        Ok(self.refs("LookupClosure", &Request::LookupClosure(symbol))?.pop())
    }

    /// A breakpoint array of `size` ticks (`newBreakArray`).
    pub fn new_break_array(&self, size: u32) -> Result<ForeignRef, Error> {
        self.refs("NewBreakArray", &Request::NewBreakArray(size))?.pop().ok_or(Error::Protocol("NewBreakArray"))
    }

    /// Enables or disables a breakpoint (`enableBreakpoint`; `storeBreakpoint` of later versions).
    pub fn enable_breakpoint(&self, array: &ForeignRef, index: u32, enable: bool) -> Result<(), Error> {
        let array = array.raw(&self.session)?;
        self.unit("EnableBreakpoint", &Request::EnableBreakpoint(array, index, enable))
    }

    /// Whether a breakpoint is enabled; one that does not exist is not (`breakpointStatus`).
    pub fn breakpoint_status(&self, array: &ForeignRef, index: u32) -> Result<bool, Error> {
        let array = array.raw(&self.session)?;
        Ok(self.one("BreakpointStatus", &Request::BreakpointStatus(array, index))?.0 != 0)
    }

    /// Runs `IO [a]`, and answers references to the list's elements, which stay unevaluated (`evalStmt`).
    pub fn eval_stmt(&self, expr: &EvalExpr<'_>) -> Result<EvalStatus<Vec<ForeignRef>>, Error> {
        self.eval(Mode::IoList, expr, |_, refs| Ok(refs))
    }

    /// Runs an IO action for its effects (`evalIO`).
    pub fn eval_io(&self, io: &ForeignRef) -> Result<EvalResult<()>, Error> {
        Ok(self.eval(Mode::Io, &EvalExpr::This(io), |_, _| Ok(()))?.result)
    }

    /// Runs an IO action and answers a reference to its result, unevaluated.
    pub fn eval_io_result(&self, io: &ForeignRef) -> Result<EvalResult<ForeignRef>, Error> {
        let one = |_: Option<String>, mut refs: Vec<ForeignRef>| refs.pop().ok_or(Error::Protocol("EvalIO"));
        Ok(self.eval(Mode::Io, &EvalExpr::This(io), one)?.result)
    }

    /// Runs `IO String` and answers the string (`evalString`).
    pub fn eval_string(&self, io: &ForeignRef) -> Result<EvalResult<String>, Error> {
        let text = |s: Option<String>, _: Vec<ForeignRef>| s.ok_or(Error::Protocol("EvalString"));
        Ok(self.eval(Mode::IoString, &EvalExpr::This(io), text)?.result)
    }

    /// Evaluates to weak head normal form (`seqHValue`).
    pub fn seq_hvalue(&self, value: &ForeignRef) -> Result<EvalResult<()>, Error> {
        Ok(self.eval(Mode::Seq, &EvalExpr::This(value), |_, _| Ok(()))?.result)
    }

    /// What a value is, as far as it is evaluated (`getClosure`).
    pub fn get_closure(&self, value: &ForeignRef) -> Result<Closure, Error> {
        match self.send("GetClosure", &Request::GetClosure(value.raw(&self.session)?))? {
            Reply::Closure(c) => Ok(Closure {
                closure_type: c.closure_type,
                info: RemotePtr(c.info),
                con_desc: c.con_desc,
                con_tag: c.con_tag,
                ptrs: c.ptrs.into_iter().map(|r| self.session.adopt(r)).collect(),
                words: c.words,
            }),
            _ => Err(Error::Protocol("GetClosure")),
        }
    }

    /// Collects garbage.
    pub fn collect(&self) -> Result<(), Error> {
        self.unit("Collect", &Request::Collect)
    }

    /// What the machine has done so far.
    pub fn stats(&self) -> Result<Stats, Error> {
        match self.send("Stats", &Request::Stats)? {
            Reply::Stats(stats) => Ok(stats),
            _ => Err(Error::Protocol("Stats")),
        }
    }

    /// Interrupts the evaluation that runs in another thread, as ^C does; false if none does.
    pub fn interrupt(&self) -> bool {
        self.interrupter.interrupt()
    }

    /// A handle that interrupts evaluations of this interpreter and may outlive it.
    pub fn interrupter(&self) -> Arc<dyn Interrupt> {
        self.interrupter.clone()
    }

    /// Releases the machine and all it holds (`stopInterp`). Later operations answer [`Error::Stopped`].
    pub fn stop_interp(&self) {
        *self.lock() = Box::new(Stopped(self.interrupter.clone()));
        self.session.lost();
    }

    fn eval<T>(
        &self,
        mode: Mode,
        expr: &EvalExpr<'_>,
        of: impl FnOnce(Option<String>, Vec<ForeignRef>) -> Result<T, Error>,
    ) -> Result<EvalStatus<T>, Error> {
        let expr = match expr {
            EvalExpr::This(r) => Expr::Ref(r.raw(&self.session)?),
            EvalExpr::App(f, args) => {
                let args = args.iter().map(|r| r.raw(&self.session)).collect::<Result<_, _>>()?;
                Expr::App(f.raw(&self.session)?, args)
            }
        };
        let reply = match self.send("Eval", &Request::Eval(mode, expr)) {
            Ok(reply) => reply,
            Err(Error::Vm(VmError::Crashed(why))) => return Ok(EvalStatus::failed(ExceptionKind::Crash, why)),
            Err(Error::Vm(e @ VmError::Deadline)) => {
                return Ok(EvalStatus::failed(ExceptionKind::Deadline, e.to_string()));
            }
            Err(Error::Vm(e @ VmError::Lost(_))) => {
                return Ok(EvalStatus::failed(ExceptionKind::SessionLost, e.to_string()));
            }
            Err(e) => return Err(e),
        };
        match reply {
            Reply::Evaluated { allocated, outcome } => eval::status(&self.session, allocated, outcome, of),
            _ => Err(Error::Protocol("Eval")),
        }
    }

    fn unit(&self, what: &'static str, request: &Request<'_>) -> Result<(), Error> {
        match self.send(what, request)? {
            Reply::Unit => Ok(()),
            _ => Err(Error::Protocol(what)),
        }
    }

    fn refs(&self, what: &'static str, request: &Request<'_>) -> Result<Vec<ForeignRef>, Error> {
        match self.send(what, request)? {
            Reply::Refs(refs) => Ok(refs.into_iter().map(|r| self.session.adopt(r)).collect()),
            _ => Err(Error::Protocol(what)),
        }
    }

    fn addrs(&self, what: &'static str, request: &Request<'_>) -> Result<Vec<RemotePtr>, Error> {
        match self.send(what, request)? {
            Reply::Addrs(addrs) => Ok(addrs.into_iter().map(RemotePtr).collect()),
            _ => Err(Error::Protocol(what)),
        }
    }

    fn one(&self, what: &'static str, request: &Request<'_>) -> Result<RemotePtr, Error> {
        self.addrs(what, request)?.first().copied().ok_or(Error::Protocol(what))
    }

    fn lock(&self) -> MutexGuard<'_, Box<dyn Vm>> {
        // A panic while it was held left the machine as it was between two requests.
        self.vm.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request, and before it the release of references dropped since the last one.
    fn send(&self, what: &'static str, request: &Request<'_>) -> Result<Reply, Error> {
        let mut vm = self.lock();
        let freed = self.session.take_pending();
        let mut send = |request: &Request<'_>| {
            vm.request(request, self.timeout).inspect_err(|e| {
                if matches!(e, VmError::Lost(_)) {
                    self.session.lost();
                }
            })
        };
        if !freed.is_empty() {
            send(&Request::FreeRefs(freed))?;
        }
        match send(request)? {
            Reply::Refused(why) => Err(Error::Refused { what, why }),
            reply => Ok(reply),
        }
    }
}

/// What is left of a machine that was stopped.
struct Stopped(Arc<dyn Interrupt>);

impl Vm for Stopped {
    fn request(&mut self, _: &Request<'_>, _: Option<Duration>) -> Result<Reply, VmError> {
        Err(VmError::Failed("the interpreter was stopped".into()))
    }

    fn interrupter(&self) -> Arc<dyn Interrupt> {
        self.0.clone()
    }
}
