//! The backend that is a machine of ours, in the sandbox or in this process: GHC's messages become its requests.
//!
//! What a machine cannot do yet is answered here, by an error that says what is missing.

use super::Error;
use super::backend::{Backend, End, Evaluate, Evaluation, Thrown};
use super::closure::to_gen_closure;
use super::config::Limits;
use super::eval::ExceptionKind;
use super::ledger::Ledger;
use super::splice::Splices;
use crate::link::{LinkError, Packages};
use crate::protocol::types::{BreakArrayRef, EvalExpr, FFIConv, FFIType, HValueRef, RemotePtr};
use crate::protocol::{Binary, GhcVersion, HsString, Message, Reply, encode, request};
use crate::server::no_machine;
use crate::splice::{Answerer, Exchange};
use crate::vm::{Interrupt, Reached, Vm, VmError};
use bcvm::abi::request::{Closure, Exception, Expr, Mode, Outcome, Reply as Answer, Request};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// A machine of ours.
pub(super) struct MachineBackend {
    pub(super) vm: Box<dyn Vm>,
    /// What is loaded; none where code can't be.
    pub(super) packages: Option<Packages>,
    pub(super) limits: Limits,
    /// Template Haskell.
    pub(super) splices: Splices,
    /// Call interfaces by what they describe. Memory of the machine that never moves is never freed either, so a type
    /// is described once, and `FreeFFI` keeps it.
    cifs: HashMap<request::PrepFFI, RemotePtr>,
    /// References in use.
    refs: u64,
    /// The last evaluation has left threads that may run.
    pub(super) has_threads: bool,
    /// What GHC holds, if the session is to go on when the machine is lost.
    pub(super) ledger: Option<Ledger>,
}

impl MachineBackend {
    /// A machine whose outside holds the guest's ends of `exchange`, if it can run splices.
    pub(super) fn new(
        vm: Box<dyn Vm>,
        packages: Option<Packages>,
        limits: Limits,
        exchange: Exchange,
    ) -> MachineBackend {
        let (splices, cifs) = (Splices::new(exchange), HashMap::new());
        MachineBackend { vm, packages, limits, splices, cifs, refs: 0, has_threads: false, ledger: None }
    }

    /// Has what GHC holds made again when the machine is lost.
    pub(super) fn keeping_session(mut self, keep: bool) -> MachineBackend {
        self.ledger = keep.then(Ledger::default);
        self
    }

    /// Carries out a request that evaluates nothing. GHC's name of what is done is for errors.
    pub(super) fn send(&mut self, what: &'static str, request: &Request<'_>) -> Result<Answer, Error> {
        match self.vm.request(request, None)? {
            Answer::Refused(why) => Err(Error::Refused { what, why }),
            answer => {
                if let Answer::Refs(refs) | Answer::Closure(Closure { ptrs: refs, .. }) = &answer {
                    self.refs += refs.len() as u64;
                }
                if let Some(ledger) = &mut self.ledger {
                    ledger.note(request, &answer);
                }
                Ok(answer)
            }
        }
    }

    /// Fails if so many references are in use, in multiples of the limit, that there are to be no more. GHC understands
    /// that a statement or a splice fails, so these are refused first; a session does not survive that its byte code is.
    pub(super) fn check_refs(&self, multiple: u64) -> Result<(), VmError> {
        match self.limits.refs {
            Some(limit) if self.refs >= limit.saturating_mul(multiple) => {
                Err(VmError::Limit(format!("there are {} references in use (limit {limit})", self.refs)))
            }
            _ => Ok(()),
        }
    }

    fn refs(&mut self, what: &'static str, request: &Request<'_>) -> Result<Vec<HValueRef>, Error> {
        match self.send(what, request)? {
            Answer::Refs(refs) => Ok(refs.into_iter().map(HValueRef).collect()),
            _ => Err(Error::Protocol(what)),
        }
    }

    fn addrs(&mut self, what: &'static str, request: &Request<'_>) -> Result<Vec<RemotePtr>, Error> {
        match self.send(what, request)? {
            Answer::Addrs(addrs) => Ok(addrs.into_iter().map(RemotePtr).collect()),
            _ => Err(Error::Protocol(what)),
        }
    }

    fn addr(&mut self, what: &'static str, request: &Request<'_>) -> Result<RemotePtr, Error> {
        self.addrs(what, request)?.first().copied().ok_or(Error::Protocol(what))
    }

    fn unit(&mut self, what: &'static str, request: &Request<'_>) -> Result<(), Error> {
        match self.send(what, request)? {
            Answer::Unit => Ok(()),
            _ => Err(Error::Protocol(what)),
        }
    }

    /// Has the linker do something with a file.
    fn link<T>(
        &mut self,
        path: &HsString,
        work: impl FnOnce(&mut Packages, &Path) -> Result<T, LinkError>,
    ) -> Result<T, Error> {
        let path = path.to_path();
        if self.splices.near.is_none() && is_package(&path) {
            self.splices.near = Some(path.to_path_buf());
        }
        match &mut self.packages {
            Some(packages) => Ok(work(packages, &path)?),
            None => Err(Error::InternalCannotLoad { path }),
        }
    }

    /// `LoadDLL`: the text of what is wrong, if anything is.
    fn load_dll(&mut self, path: &HsString) -> Option<HsString> {
        let Err(unknown) = no_machine::load_dll(&path.to_path()) else { return None };
        if self.splices.near.is_none() && is_package(&path.to_path()) {
            self.splices.near = Some(path.to_path().to_path_buf());
        }
        match &mut self.packages {
            Some(packages) => packages.load_dll(&path.to_path(), &mut *self.vm).err().map(|e| e.to_string().into()),
            None => Some(unknown.into()),
        }
    }

    /// `LookupSymbol`: packages' symbols and built-in ones.
    pub(super) fn lookup_symbol(&mut self, symbol: &str) -> Result<Option<u64>, Error> {
        if let Some(packages) = &mut self.packages {
            return Ok(packages.lookup(symbol, &mut *self.vm)?);
        }
        let found = self.addrs("LookupSymbol", &Request::LookupSymbol(symbol))?;
        Ok(found.first().map(|address| address.0))
    }

    /// `LookupClosure`: a new reference to the static closure of that name.
    pub(super) fn lookup_closure(&mut self, symbol: &str) -> Result<Option<HValueRef>, Error> {
        let what = "LookupClosure";
        let refs = match self.packages {
            Some(_) if !symbol.ends_with("_closure") => Vec::new(),
            Some(_) => match self.lookup_symbol(symbol)? {
                Some(address) => self.refs(what, &Request::RefOf(address))?,
                None => Vec::new(),
            },
            None => self.refs(what, &Request::LookupClosure(symbol))?,
        };
        Ok(refs.first().copied())
    }

    fn mk_con_info_table(&mut self, m: &request::MkConInfoTable) -> Result<RemotePtr, Error> {
        let what = "MkConInfoTable";
        let number = |n: i64, name: &str| {
            u32::try_from(n).map_err(|_| Error::Refused { what, why: format!("its {name} is {n}") })
        };
        if !m.tables_next_to_code {
            let why = "GHC keeps its tables apart from code; this machine has them side by side".into();
            return Err(Error::Refused { what, why });
        }
        let request = Request::MkConInfoTable {
            ptrs: number(m.ptr_words, "number of pointers")?,
            nptrs: number(m.nptr_words, "number of other words")?,
            con_tag: number(m.con_tag, "constructor number")?,
            ptr_tag: number(m.ptr_tag, "pointer tag")?,
            desc: &m.description.0,
        };
        self.addr(what, &request)
    }

    fn prep_ffi(&mut self, m: &request::PrepFFI) -> Result<RemotePtr, Error> {
        if let Some(cif) = self.cifs.get(m) {
            return Ok(*cif);
        }
        let args: Vec<u8> = m.args.iter().map(number_of::<FFIType>).collect();
        let (conv, result) = (number_of::<FFIConv>(&m.conv), number_of(&m.result));
        let cif = self.addr("PrepFFI", &Request::PrepFfi { conv, args: &args, result })?;
        self.cifs.insert(m.clone(), cif);
        Ok(cif)
    }

    fn new_break_array(&mut self, size: i64) -> Result<BreakArrayRef, Error> {
        let what = "NewBreakArray";
        let size = u32::try_from(size).map_err(|_| Error::Refused { what, why: format!("its size is {size}") })?;
        let array = self.refs(what, &Request::NewBreakArray(size))?;
        array.first().map(|r| BreakArrayRef(r.0)).ok_or(Error::Protocol(what))
    }

    /// Whether a breakpoint is enabled; one that does not exist is not.
    fn breakpoint_status(&mut self, array: u64, index: i64) -> Result<bool, Error> {
        let Ok(index) = u32::try_from(index) else { return Ok(false) };
        Ok(self.addr("BreakpointStatus", &Request::BreakpointStatus(array, index))?.0 != 0)
    }

    /// Enables or disables a breakpoint; one that does not exist is ignored, as GHC's server does.
    fn enable_breakpoint(&mut self, array: u64, index: i64, enable: bool) -> Result<(), Error> {
        let Ok(tick) = u32::try_from(index) else { return Ok(()) };
        let request = Request::EnableBreakpoint(array, tick, enable);
        let answer = self.vm.request(&request, None)?;
        if let Some(ledger) = &mut self.ledger {
            ledger.note(&request, &answer);
        }
        match answer {
            Answer::Unit => Ok(()),
            Answer::Refused(why) => {
                tracing::debug!("EnableBreakpoint {index}: {why}");
                Ok(())
            }
            _ => Err(Error::Protocol("EnableBreakpoint")),
        }
    }

    /// Runs Haskell code.
    pub(super) fn run(&mut self, mode: Mode, expr: Expr) -> Result<Evaluation, Error> {
        if mode == Mode::IoList {
            self.check_refs(1)?;
        }
        let name = "Eval";
        let request = Request::Eval(mode, expr);
        let answer = self.vm.request(&request, self.limits.timeout);
        let answer = self.unless_hopeless(&request, answer);
        if let (Some(ledger), Ok(Answer::Evaluated { outcome, .. }), Request::Eval(mode, expr)) =
            (&mut self.ledger, &answer, &request)
        {
            ledger.note_evaluation(*mode, expr, outcome, self.vm.was_quiet());
        }
        if answer == Err(VmError::Deadline) {
            let thrown = Thrown { kind: ExceptionKind::Deadline, text: self.limits.deadline_text(), value: None };
            return Ok(Evaluation { allocated: 0, end: End::Thrown(thrown) });
        }
        let (allocated, outcome) = match answer? {
            Answer::Evaluated { allocated, outcome, has_threads } => {
                self.note_threads(has_threads);
                (allocated, outcome)
            }
            Answer::Refused(why) => return Err(Error::Refused { what: name, why }),
            _ => return Err(Error::Protocol(name)),
        };
        let thrown = |kind, text| End::Thrown(Thrown { kind, text, value: None });
        let end = match outcome {
            Outcome::Refs(refs) => {
                self.refs += refs.len() as u64;
                End::Refs(refs)
            }
            Outcome::String(bytes) => End::String(HsString::try_from(bytes).map_err(|_| Error::Protocol(name))?),
            Outcome::Words(words) => End::Words(words),
            Outcome::Exception(exception) => {
                self.refs += 1;
                let reached = self.reached_limit();
                let thrown = self.thrown(exception);
                End::Thrown(match reached {
                    Some(Reached::Deadline) => {
                        Thrown { kind: ExceptionKind::Deadline, text: self.limits.deadline_text(), ..thrown }
                    }
                    Some(Reached::Policy(text)) => Thrown { kind: ExceptionKind::Limit, text, ..thrown },
                    None => thrown,
                })
            }
            Outcome::Deadline => match self.reached_limit() {
                Some(Reached::Policy(text)) => thrown(ExceptionKind::Limit, text),
                _ => thrown(ExceptionKind::Deadline, self.limits.deadline_text()),
            },
            Outcome::Crash(why) => thrown(ExceptionKind::Crash, why),
        };
        Ok(Evaluation { allocated, end })
    }

    /// The limit that the last evaluation has reached, if it has.
    fn reached_limit(&mut self) -> Option<Reached> {
        if let Some(reached) = self.vm.reached_limit() {
            return Some(reached);
        }
        let limit = self.limits.fuel?;
        match self.vm.request(&Request::Stats, None) {
            Ok(Answer::Stats(stats)) if stats.fuel >= limit => {
                Some(Reached::Policy(format!("it used up its fuel (limit {limit} steps)")))
            }
            _ => None,
        }
    }

    /// An exception that nothing caught. Where base does not show it, one of the runtime's names the limit.
    fn thrown(&self, exception: Exception) -> Thrown {
        let Exception { value, name, exit, shown } = exception;
        let value = Some(value);
        if let Some(code) = exit {
            return Thrown { kind: ExceptionKind::Exit(code), text: format!("exit code {code}"), value };
        }
        let shown = shown.and_then(|bytes| HsString::try_from(bytes).ok());
        let Some((_, kind, text)) = RUNTIME.iter().find(|(n, ..)| *n == name) else {
            let text = shown.map_or(name, |shown| shown.to_string());
            return Thrown { kind: ExceptionKind::Haskell, text, value };
        };
        let mib = |bytes: u64| format!("{text} (limit {} MiB)", bytes >> 20);
        let text = match (shown, kind) {
            (Some(shown), _) => shown.to_string(),
            (None, ExceptionKind::HeapOverflow) => mib(self.limits.heap_bytes),
            (None, ExceptionKind::StackOverflow) => mib(self.limits.stack_bytes),
            (None, _) => (*text).into(),
        };
        Thrown { kind: *kind, text, value }
    }
}

/// Whether a file is, by its name, a Haskell package in one piece.
fn is_package(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.as_encoded_bytes()).unwrap_or_default();
    name.starts_with(b"HS") || name.starts_with(b"libHS")
}

/// The number GHC gives a constructor without fields.
fn number_of<T: Binary>(value: &T) -> u8 {
    encode(value, GhcVersion::default()).ok().and_then(|bytes| bytes.first().copied()).unwrap_or(u8::MAX)
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

/// What stands in the way of messages that are not answered yet.
const DEBUGGER: &str = "breakpoints";

impl Backend for MachineBackend {
    fn create_bcos(&mut self, chunks: &[&[u8]]) -> Result<Vec<u64>, Error> {
        self.check_refs(2)?;
        match self.send("CreateBCOs", &Request::CreateBcos(chunks.to_vec()))? {
            Answer::Refs(refs) => Ok(refs),
            _ => Err(Error::Protocol("CreateBCOs")),
        }
    }

    fn free(&mut self, refs: Vec<u64>) -> Result<Vec<u64>, Error> {
        let n = refs.len();
        match self.send("FreeHValueRefs", &Request::FreeRefs(refs))? {
            Answer::Addrs(unknown) => {
                self.refs = self.refs.saturating_sub(n.saturating_sub(unknown.len()) as u64);
                Ok(unknown)
            }
            _ => Err(Error::Protocol("FreeHValueRefs")),
        }
    }

    fn evaluate(&mut self, what: Evaluate) -> Result<Evaluation, Error> {
        let (mode, expr) = match what {
            Evaluate::Stmt(_, expr) => (Mode::IoList, to_expr(expr)),
            Evaluate::String(r) => (Mode::IoString, Expr::Ref(r.0)),
            Evaluate::StringToString(f, argument) => {
                (Mode::IoString, Expr::App(Box::new(Expr::Ref(f.0)), Box::new(Expr::Chars(argument.into()))))
            }
            Evaluate::Io(r) | Evaluate::IoResult(r) => (Mode::Io, Expr::Ref(r.0)),
            Evaluate::Seq(r) => (Mode::Seq, Expr::Ref(r.0)),
            Evaluate::ResumeStmt(..) => return Err(Error::NotThere { operation: "ResumeStmt", missing: DEBUGGER }),
            Evaluate::ResumeSeq(_) => return Err(Error::NotThere { operation: "ResumeSeq", missing: DEBUGGER }),
        };
        self.run(mode, expr)
    }

    fn call(&mut self, message: &Message) -> Result<Reply, Error> {
        let missing = |operation, missing| Err(Error::NotThere { operation, missing });
        Ok(match message {
            Message::Shutdown(_) => Reply::Shutdown(()),
            Message::InitLinker(_) => Reply::InitLinker(()),
            Message::LookupSymbol(m) => {
                let Some(symbol) = m.symbol.as_str() else { return Ok(Reply::LookupSymbol(None)) };
                Reply::LookupSymbol(self.lookup_symbol(symbol)?.map(RemotePtr))
            }
            Message::LookupClosure(m) => {
                let Some(symbol) = m.symbol.as_str() else { return Ok(Reply::LookupClosure(None)) };
                Reply::LookupClosure(self.lookup_closure(symbol)?)
            }
            Message::LoadDLL(m) => Reply::LoadDLL(self.load_dll(&m.path)),
            Message::LoadArchive(m) => Reply::LoadArchive(self.link(&m.path, Packages::load_archive)?),
            Message::LoadObj(m) => Reply::LoadObj(self.link(&m.path, Packages::load_obj)?),
            Message::UnloadObj(m) => Reply::UnloadObj(self.link(&m.path, Packages::unload_obj)?),
            // Search paths and system libraries matter on Windows only.
            Message::AddLibrarySearchPath(_) => Reply::AddLibrarySearchPath(RemotePtr(0)),
            Message::RemoveLibrarySearchPath(_) => Reply::RemoveLibrarySearchPath(false),
            Message::FindSystemLibrary(_) => Reply::FindSystemLibrary(None),
            Message::ResolveObjs(_) => {
                if let Some(packages) = &mut self.packages {
                    packages.resolve(&mut *self.vm)?;
                }
                Reply::ResolveObjs(true)
            }
            Message::RtsRevertCAFs(_) => Reply::RtsRevertCAFs(self.unit("RtsRevertCAFs", &Request::RevertCafs)?),
            Message::CreateBCOs(m) => {
                let chunks: Vec<&[u8]> = m.chunks.iter().map(|chunk| &chunk.0.0[..]).collect();
                Reply::CreateBCOs(self.create_bcos(&chunks)?.into_iter().map(HValueRef).collect())
            }
            Message::FreeHValueRefs(m) => {
                for unknown in self.free(m.refs.iter().map(|r| r.0).collect())? {
                    tracing::warn!("FreeHValueRefs: reference {unknown:#x} is not in use");
                }
                Reply::FreeHValueRefs(())
            }
            Message::MallocData(m) => {
                Reply::MallocData(self.addr("MallocData", &Request::Malloc { blocks: vec![&m.data.0], nul: false })?)
            }
            // GHC has nothing to say before most splices and statements, and says so.
            Message::MallocStrings(m) if m.strings.is_empty() => Reply::MallocStrings(Vec::new()),
            Message::MallocStrings(m) => {
                let blocks = m.strings.iter().map(|s| &s.0[..]).collect();
                Reply::MallocStrings(self.addrs("MallocStrings", &Request::Malloc { blocks, nul: true })?)
            }
            Message::PrepFFI(m) => Reply::PrepFFI(self.prep_ffi(m)?),
            Message::FreeFFI(_) => Reply::FreeFFI(()),
            Message::MkConInfoTable(m) => Reply::MkConInfoTable(self.mk_con_info_table(m)?),
            Message::AbandonStmt(_) => return missing("AbandonStmt", DEBUGGER),
            // No profiling: there are no cost centres.
            Message::MkCostCentres(_) => Reply::MkCostCentres(Vec::new()),
            Message::CostCentreStackInfo(_) => Reply::CostCentreStackInfo(Vec::new()),
            Message::NewBreakArray(m) => Reply::NewBreakArray(self.new_break_array(m.size)?),
            Message::EnableBreakpoint(m) => {
                Reply::EnableBreakpoint(self.enable_breakpoint(m.array.0, m.index, m.enabled)?)
            }
            Message::BreakpointStatus(m) => Reply::BreakpointStatus(self.breakpoint_status(m.array.0, m.index)?),
            Message::GetBreakpointVar(m) => {
                let Ok(slot) = u32::try_from(m.slot) else { return Ok(Reply::GetBreakpointVar(None)) };
                let var = self.refs("GetBreakpointVar", &Request::GetBreakpointVar(m.ap_stack.0, slot))?;
                Reply::GetBreakpointVar(var.first().copied())
            }
            Message::StartTH(_) => self.serve_splice(message, Box::new(|_| None))?,
            Message::AddSptEntry(m) => {
                let key = (m.fingerprint.high, m.fingerprint.low);
                Reply::AddSptEntry(self.unit("AddSptEntry", &Request::AddSptEntry(key, m.value.0))?)
            }
            Message::GetClosure(m) => match self.send("GetClosure", &Request::GetClosure(m.value.0))? {
                Answer::Closure(closure) => Reply::GetClosure(to_gen_closure(closure)),
                _ => return Err(Error::Protocol("GetClosure")),
            },
            Message::RunTH(_) => return missing("RunTH", "splices that nobody answers"),
            Message::RunModFinalizers(_) => return missing("RunModFinalizers", "finalizers that nobody answers"),
            Message::EvalStmt(_)
            | Message::ResumeStmt(_)
            | Message::EvalString(_)
            | Message::EvalStringToString(_)
            | Message::EvalIO(_)
            | Message::Seq(_)
            | Message::ResumeSeq(_) => return Err(Error::Protocol("an evaluation sent as a message")),
        })
    }

    fn splice(&mut self, message: &Message, answerer: Answerer) -> Result<Reply, Error> {
        self.serve_splice(message, answerer)
    }

    fn has_threads(&self) -> bool {
        self.has_threads
    }

    fn run_threads(&mut self) -> Result<(), Error> {
        self.let_threads_run()
    }

    fn begin_again(&mut self) -> bool {
        self.has_threads = false;
        self.splices.forget();
        let restored = self.ledger.is_some().then(|| self.restore());
        if let Some(Err(why)) = &restored {
            tracing::error!("the session cannot go on in a new machine: {why}");
        }
        matches!(restored, Some(Ok(())))
    }

    fn interrupter(&self) -> Arc<dyn Interrupt> {
        self.vm.interrupter()
    }

    fn vm(&mut self) -> Option<&mut dyn Vm> {
        Some(&mut *self.vm)
    }
}

/// As deep as it came: the decoder and [`super::EvalExpr`] bound that.
fn to_expr(expr: EvalExpr) -> Expr {
    match expr {
        EvalExpr::EvalThis(value) => Expr::Ref(value.0),
        EvalExpr::EvalApp(function, argument) => Expr::App(Box::new(to_expr(*function)), Box::new(to_expr(*argument))),
    }
}
