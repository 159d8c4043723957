//! Template Haskell on a machine of ours: the functions of GHC's own server, run in the guest for the messages that concern
//! splices. See Note [Splices are served in the guest].
//!
//! Owned here: how a message becomes a call of such a function, what is answered for each way in which it ends, and when
//! the pipe between guest and GHC is given up for a new one. Finding the functions is `library`'s.

mod library;

use super::Error;
use super::backend::{Backend, End, Thrown};
use super::eval::ExceptionKind;
use super::machine::MachineBackend;
use super::wire::to_exception;
use crate::protocol::types::{Loc, QResult, QStateRef, SerializableException, THResultType};
use crate::protocol::{Bytes, HsString, Message, Reply, request};
use crate::splice::{Answerer, Exchange, READ_FD, WRITE_FD};
use bcvm::abi::request::{Closure, Expr, Mode, Reply as Answer, Request};
use bcvm::layout::ClosureType;
use library::Library;
use std::path::PathBuf;
use std::sync::Arc;

/// What a machine has for splices.
pub(super) struct Splices {
    /// The pipe to GHC.
    exchange: Exchange,
    /// Some package that GHC has had loaded: the others are installed in the same place.
    pub near: Option<PathBuf>,
    /// The functions to call, once their package is loaded.
    library: Option<Arc<Library>>,
    /// A reference to the guest's end of the pipe.
    pipe: Option<u64>,
}

impl Splices {
    /// Nothing loaded yet.
    pub fn new(exchange: Exchange) -> Splices {
        Splices { exchange, near: None, library: None, pipe: None }
    }

    /// References are void.
    pub fn forget(&mut self) {
        self.library = None;
        self.pipe = None;
    }
}

// Note [A pipe per accident]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~
// The guest's Pipe outlives the splice: two Handles and what was read too much. An exception may hit it with half a message
// in a Handle's buffer or the Handle's lock taken: one from outside (^C, heap overflow, a deadline) anywhere, one of the
// splice's own while a question is serialised that holds a value whose evaluation fails. So after anything but a result or
// a failure of the Q monad, which is thrown between questions, the Pipe is not used again, and the next splice gets new
// Handles on the same descriptors. The old Handles must never be finalized, which would flush their buffers into the
// descriptors; their references are kept for good, some kilobytes per accident. Handles that a splice itself makes of
// these descriptors cannot close them (`FdTable::insert_fixed`).

/// What GHC is told in place of a result.
enum Failed {
    /// The Q monad failed.
    Q(HsString),
    /// Anything else.
    Exception(HsString),
}

fn q_result<A>(result: Result<A, Failed>) -> QResult<A> {
    match result {
        Ok(value) => QResult::QDone(value),
        Err(Failed::Q(text)) => QResult::QFail(text),
        Err(Failed::Exception(text)) => QResult::QException(text),
    }
}

impl MachineBackend {
    /// Answers a message that concerns splices; `answerer` answers what they ask.
    pub(super) fn serve_splice(&mut self, message: &Message, answerer: Answerer) -> Result<Reply, Error> {
        let exchange = self.splices.exchange.clone();
        exchange.set_runs(true);
        let reply = self.serve_confined(message, answerer);
        exchange.set_runs(false);
        reply
    }

    fn serve_confined(&mut self, message: &Message, answerer: Answerer) -> Result<Reply, Error> {
        let what = message.kind().name();
        Ok(match message {
            Message::StartTH(_) => Reply::StartTH(self.start_th(what)?),
            // GHC sends this after every splice, whether there are any or not.
            Message::RunModFinalizers(m) if m.actions.is_empty() => Reply::RunModFinalizers(QResult::QDone(())),
            Message::RunModFinalizers(m) => Reply::RunModFinalizers(self.run_mod_finalizers(what, m, answerer)?),
            Message::RunTH(m) => Reply::RunTH(self.run_th(what, m, answerer)?),
            _ => return Err(Error::Protocol(what)),
        })
    }

    /// `startTH :: IO (RemoteRef (IORef QState))`
    fn start_th(&mut self, what: &'static str) -> Result<QStateRef, Error> {
        let library = self.library(what)?;
        let state = self.io(what, Expr::Ref(library.start_th))?;
        let constructor = self.constructor(what, state)?;
        self.release(constructor.ptrs)?;
        self.release(vec![state])?;
        // A RemoteRef is a Word64.
        constructor.words.first().map(|word| QStateRef(*word)).ok_or(Error::Protocol(what))
    }

    /// `runTH :: Pipe -> RemoteRef (IORef QState) -> HValueRef -> THResultType -> Maybe Loc -> IO ByteString`
    fn run_th(&mut self, what: &'static str, m: &request::RunTH, answerer: Answerer) -> Result<QResult<Bytes>, Error> {
        self.check_refs(1)?;
        let library = self.library(what)?;
        let pipe = self.pipe(what, &library)?;
        let result_type = match m.result_type {
            THResultType::THExp => library.exp,
            THResultType::THPat => library.pat,
            THResultType::THType => library.type_,
            THResultType::THDec => library.dec,
            THResultType::THAnnWrapper => library.ann_wrapper,
        };
        let remote_ref = |r| Expr::Boxed { con_info: library.word, word: r };
        let arguments = [
            Expr::Ref(pipe),
            remote_ref(m.state.0),
            remote_ref(m.splice.0),
            Expr::Ref(result_type),
            location(&library, m.location.as_ref()),
        ];
        let action = Expr::app(library.run_th, arguments);
        Ok(q_result(match self.attend(what, &library, Mode::IoWords, action, answerer)? {
            Ok(End::Words(words)) => Ok(Bytes(self.bytes_of(what, &words)?)),
            Ok(_) => return Err(Error::Protocol(what)),
            Err(failed) => Err(failed),
        }))
    }

    /// `runModFinalizerRefs :: Pipe -> RemoteRef (IORef QState) -> [RemoteRef (Q ())] -> IO ()`
    fn run_mod_finalizers(
        &mut self,
        what: &'static str,
        m: &request::RunModFinalizers,
        answerer: Answerer,
    ) -> Result<QResult<()>, Error> {
        let library = self.library(what)?;
        let pipe = self.pipe(what, &library)?;
        let remote_ref = |r| Expr::Boxed { con_info: library.word, word: r };
        let actions = m
            .actions
            .iter()
            .rev()
            .fold(Expr::Ref(library.nil), |rest, action| Expr::app(library.cons, [remote_ref(action.0), rest]));
        let arguments = [Expr::Ref(pipe), remote_ref(m.state.0), actions];
        let action = Expr::app(library.run_mod_finalizers, arguments);
        let ended = self.attend(what, &library, Mode::IoWords, action, answerer)?;
        Ok(q_result(ended.map(drop)))
    }

    /// Runs an action that may ask GHC; answers how it has ended well.
    fn attend(
        &mut self,
        what: &'static str,
        library: &Library,
        mode: Mode,
        action: Expr,
        answerer: Answerer,
    ) -> Result<Result<End, Failed>, Error> {
        let exchange = self.splices.exchange.clone();
        let pipe = self.splices.pipe.take();
        let (evaluation, said) = exchange.attend(answerer, || self.run(mode, action));
        let end = evaluation?.end;
        if let Err(why) = said {
            return Err(Error::Refused { what, why: format!("what the splice says to GHC: {why}") });
        }
        match end {
            End::Thrown(thrown) => {
                let failed = self.failed(what, library, thrown)?;
                if let Failed::Q(_) = failed {
                    self.splices.pipe = pipe;
                }
                Ok(Err(failed))
            }
            end => {
                self.splices.pipe = pipe;
                Ok(Ok(end))
            }
        }
    }

    /// What GHC is told of an exception, which is released.
    fn failed(&mut self, what: &'static str, library: &Library, thrown: Thrown) -> Result<Failed, Error> {
        if let Some(exception) = thrown.value
            && let Some(text) = self.q_failure(what, library, exception)?
        {
            let end = self.run(Mode::IoString, Expr::app(library.return_io, [Expr::Ref(text)]))?.end;
            self.release(vec![text])?;
            if let End::String(text) = end {
                self.release(vec![exception])?;
                return Ok(Failed::Q(text));
            }
        }
        self.shown(what, library, thrown).map(Failed::Exception)
    }

    /// A reference to the text of an exception, if it is how the Q monad fails: `GHCiQException state text`.
    fn q_failure(&mut self, what: &'static str, library: &Library, exception: u64) -> Result<Option<u64>, Error> {
        let outer = self.constructor(what, exception)?;
        let mut text = None;
        if let [_, inner] = outer.ptrs[..] {
            let inner = self.constructor(what, inner)?;
            match inner.ptrs[..] {
                [state, found] if inner.con_desc.as_ref() == Some(&library.q_exception) => {
                    self.release(vec![state])?;
                    text = Some(found);
                }
                _ => self.release(inner.ptrs)?,
            }
        }
        self.release(outer.ptrs)?;
        Ok(text)
    }

    /// What `show` makes of an exception, or of the exception that came of showing it. It is released.
    fn shown(&mut self, what: &'static str, library: &Library, mut thrown: Thrown) -> Result<HsString, Error> {
        /// GHC's server has more patience with exceptions that contain exceptions.
        const ATTEMPTS: u32 = 16;
        for _ in 0..ATTEMPTS {
            let Some(exception) = thrown.value else { break };
            let end = match thrown.kind {
                ExceptionKind::Haskell | ExceptionKind::Exit(_) => {
                    let text = Expr::app(library.show_exception, [Expr::Ref(exception)]);
                    Some(self.run(Mode::IoString, Expr::app(library.return_io, [text]))?.end)
                }
                _ => None,
            };
            self.release(vec![exception])?;
            match end {
                Some(End::String(text)) => return Ok(text),
                Some(End::Thrown(inner)) => thrown = inner,
                Some(End::Refs(_) | End::Words(_) | End::Break(_)) => return Err(Error::Protocol(what)),
                None => break,
            }
        }
        Ok(match (thrown.kind, to_exception(&thrown)) {
            (_, SerializableException::EOtherException(text)) => text,
            _ => thrown.text.into(),
        })
    }

    /// The bytes of a strict ByteString that has these fields, before anything else is asked of the machine.
    fn bytes_of(&self, what: &'static str, words: &[u64]) -> Result<Vec<u8>, Error> {
        // Address, offset and length; newer versions of the package have no offset.
        let place = match *words {
            [address, offset, len] => Some((address.wrapping_add(offset), len)),
            [address, len] => Some((address, len)),
            _ => None,
        };
        let found = place.and_then(|(address, len)| self.vm.read(address, len));
        found.ok_or_else(|| Error::Refused { what, why: "its result is no ByteString".into() })
    }

    /// The constructor at the end of the indirections that the reference may be to. Its pointers are the caller's to release.
    fn constructor(&mut self, what: &'static str, r: u64) -> Result<Closure, Error> {
        const MAX_INDIRECTIONS: u32 = 16;
        let mut on_the_way = Vec::new();
        let mut next = r;
        for _ in 0..MAX_INDIRECTIONS {
            let Answer::Closure(closure) = self.send(what, &Request::GetClosure(next))? else {
                return Err(Error::Protocol(what));
            };
            let kinds = [ClosureType::IND, ClosureType::IND_STATIC, ClosureType::BLACKHOLE].map(|kind| kind as u32);
            match closure.ptrs[..] {
                [after] if kinds.contains(&closure.closure_type) => {
                    on_the_way.push(after);
                    next = after;
                }
                _ => {
                    self.release(on_the_way)?;
                    return Ok(closure);
                }
            }
        }
        self.release(on_the_way)?;
        Err(Error::Refused { what, why: "the value has not been evaluated".into() })
    }

    fn release(&mut self, refs: Vec<u64>) -> Result<(), Error> {
        if refs.is_empty() { Ok(()) } else { self.free(refs).map(drop) }
    }

    /// The guest's end of the pipe: `Pipe r w leftovers`. It is taken away by who uses it, and put back if it is in order.
    fn pipe(&mut self, what: &'static str, library: &Library) -> Result<u64, Error> {
        if let Some(pipe) = self.splices.pipe {
            return Ok(pipe);
        }
        let handle = |fd: i32| {
            let fd = Expr::Boxed { con_info: library.c_int, word: u64::from(fd.cast_unsigned()) };
            Expr::app(library.fd_to_handle, [fd])
        };
        let read = self.io(what, handle(READ_FD))?;
        let write = self.io(what, handle(WRITE_FD))?;
        let leftovers = self.io(what, Expr::app(library.new_ref, [Expr::Ref(library.nothing)]))?;
        let pipe = Expr::app(library.pipe, [read, write, leftovers].map(Expr::Ref));
        let pipe = self.io(what, Expr::app(library.return_io, [pipe]))?;
        // The references to the Handles are kept: see Note [A pipe per accident].
        self.release(vec![leftovers])?;
        self.splices.pipe = Some(pipe);
        Ok(pipe)
    }

    /// The result of an IO action of ours.
    fn io(&mut self, what: &'static str, action: Expr) -> Result<u64, Error> {
        match self.run(Mode::Io, action)?.end {
            End::Refs(refs) => refs.first().copied().ok_or(Error::Protocol(what)),
            End::Thrown(thrown) => {
                let why = format!("preparing to run splices: {}", thrown.text);
                Err(Error::Refused { what, why })
            }
            End::String(_) | End::Words(_) | End::Break(_) => Err(Error::Protocol(what)),
        }
    }
}

/// `Maybe Loc`
fn location(library: &Library, location: Option<&Loc>) -> Expr {
    let Some(Loc { file, package, module, start, end }) = location else { return Expr::Ref(library.nothing) };
    let text = |text: &HsString| Expr::Chars(text.as_bytes().to_vec());
    let int = |n: i64| Expr::Boxed { con_info: library.int, word: n.cast_unsigned() };
    let place = |(line, column): (i64, i64)| Expr::app(library.pair, [int(line), int(column)]);
    let location = [text(file), text(package), text(module), place(*start), place(*end)];
    Expr::app(library.just, [Expr::app(library.loc, location)])
}
