//! Template Haskell on a machine of ours: GHC's own server, run in the guest for the messages that concern splices.
//! See Note [Splices are served in the guest].
//!
//! Owned here: how that server is loaded and started, and when one that may be in disorder is given up for a new one.

use super::Error;
use super::backend::{Backend, End, Evaluate, Evaluation};
use super::eval::ExceptionKind;
use super::machine::MachineBackend;
use super::wire::to_exception;
use crate::protocol::types::{HValueRef, QResult};
use crate::protocol::{Message, MessageKind, Reply};
use crate::splice::{Answerer, Exchange, READ_FD, WRITE_FD, find_objects};
use crate::unlinked::Name;
use bcvm::abi::request::{Expr, Mode, Outcome, Reply as Answer, Request};
use bcvm::bco::resolved::{ResolvedBco, encode_chunk};
use bcvm::bytecode::Bci;
use bcvm::bytecode::raw::Instr;
use std::path::PathBuf;

/// The package that GHC's server is in.
const LIBISERV: &str = "libiserv";
/// The package that holds the protocol.
const GHCI: &str = "ghci";

/// What a machine has for splices.
pub(super) struct Splices {
    /// The pipe to the guest's server.
    pub exchange: Exchange,
    /// Some package that GHC has had loaded: the others are installed in the same place.
    pub near: Option<PathBuf>,
    /// Unit ids of the packages that the server is in, once they are loaded.
    loaded: Option<Units>,
    /// A reference to the server, as an `IO` action that ends when it reads `Shutdown`.
    server: Option<u64>,
}

#[derive(Clone)]
struct Units {
    libiserv: String,
    ghci: String,
}

impl Splices {
    /// Nothing loaded yet.
    pub fn new(exchange: Exchange) -> Splices {
        Splices { exchange, near: None, loaded: None, server: None }
    }

    /// References are void.
    pub fn forget(&mut self) {
        self.server = None;
    }
}

// Note [A server per accident]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// The guest's server keeps its Pipe from one message to the next: two Handles and what was read too much. An exception
// from outside (^C, heap overflow, a deadline) may hit it anywhere, with half a message in a Handle's buffer or the
// Handle's lock taken. So after anything but an orderly end the Pipe is not used again, and the next splice gets a
// server with new Handles on the same descriptors. The old Handles must never be finalized, which would flush their
// buffers into the descriptors and close them; their references are kept for good, a few hundred bytes per accident.

impl MachineBackend {
    /// Answers a message that concerns splices; `answerer` answers what they ask.
    pub(super) fn serve_splice(&mut self, message: &Message, answerer: Answerer) -> Result<Reply, Error> {
        let kind = message.kind();
        let server = match self.splices.server {
            Some(server) => server,
            None => self.start_server(kind.name())?,
        };
        self.splices.server = Some(server);
        let exchange = self.splices.exchange.clone();
        let run = || self.evaluate(Evaluate::IoResult(HValueRef(server)));
        let (evaluation, said) = exchange.answer(message, answerer, run);
        if !matches!((&evaluation, &said), (Ok(Evaluation { end: End::Refs(_), .. }), Ok(Some(_)))) {
            self.splices.server = None;
        }
        let Evaluation { end, .. } = evaluation?;
        match (end, said) {
            (End::Refs(refs), Ok(Some(reply))) => {
                self.free(refs)?;
                Ok(reply)
            }
            (End::Thrown(thrown), _) => {
                if let Some(value) = thrown.value {
                    self.free(vec![value])?;
                }
                let text = match thrown.kind {
                    ExceptionKind::UserInterrupt => "user interrupt".into(),
                    _ => match to_exception(&thrown) {
                        crate::protocol::types::SerializableException::EOtherException(text) => text,
                        other => format!("{other:?}").into(),
                    },
                };
                match kind {
                    MessageKind::RunTH => Ok(Reply::RunTH(QResult::QException(text))),
                    MessageKind::RunModFinalizers => Ok(Reply::RunModFinalizers(QResult::QException(text))),
                    _ => Err(Error::Refused { what: kind.name(), why: text.to_string() }),
                }
            }
            (_, Err(why)) => {
                Err(Error::Refused { what: kind.name(), why: format!("the server in the sandbox: {why}") })
            }
            (_, Ok(_)) => {
                Err(Error::Refused { what: kind.name(), why: "the server in the sandbox ended without a reply".into() })
            }
        }
    }

    /// Loads the packages that the server is in, and those they need, unless they are.
    fn load_server(&mut self, what: &'static str) -> Result<Units, Error> {
        if let Some(units) = &self.splices.loaded {
            return Ok(units.clone());
        }
        let refused = |why: String| Error::Refused { what, why };
        let near = self.splices.near.clone();
        let near = near.ok_or_else(|| refused("no package of GHC is loaded that a splice could use".into()))?;
        let packages = self.packages.as_mut().ok_or(Error::InternalCannotLoad { path: near.clone() })?;
        let mut unit = |package| {
            let found = find_objects(package, &near).map_err(|e| refused(e.to_string()))?;
            for file in &found.files {
                if file.extension().is_some_and(|extension| extension == "a") {
                    packages.load_archive(file)?;
                } else {
                    packages.load_obj(file)?;
                }
            }
            Ok::<String, Error>(found.unit)
        };
        let units = Units { libiserv: unit(LIBISERV)?, ghci: unit(GHCI)? };
        packages.resolve(&mut *self.vm)?;
        self.splices.loaded = Some(units.clone());
        Ok(units)
    }

    /// Makes a server: `serv False return (Pipe r w leftovers) id` of libiserv's `Lib`.
    fn start_server(&mut self, what: &'static str) -> Result<u64, Error> {
        let units = self.load_server(what)?;
        let mut closure = |package: &str, module: &str, occ: &str| {
            let name = Name::External { package: package.into(), module: module.into(), occ: occ.into() };
            let symbol = name.symbol("closure").unwrap_or_default();
            let found = self.lookup_closure(&symbol)?;
            found.map(|r| r.0).ok_or_else(|| Error::Refused { what, why: format!("no package defines {symbol}") })
        };
        let serv = closure(&units.libiserv, "Lib", "serv")?;
        let pipe = closure(&units.ghci, "GHCi.Message", "Pipe")?;
        let to_handle = closure("base", "GHC.IO.Handle.FD", "fdToHandle")?;
        let new_ref = closure("base", "GHC.IORef", "newIORef")?;
        let nothing = closure("base", "GHC.Maybe", "Nothing")?;
        let return_io = closure("base", "GHC.Base", "returnIO")?;
        let id = closure("base", "GHC.Base", "id")?;
        let verbose = closure("ghc-prim", "GHC.Types", "False")?;
        let fds = self.c_ints(what, &[READ_FD, WRITE_FD])?;

        let r = self.io(what, Expr::app(to_handle, &[fds[0]]))?;
        let w = self.io(what, Expr::app(to_handle, &[fds[1]]))?;
        let leftovers = self.io(what, Expr::app(new_ref, &[nothing]))?;
        let pipe_expr = Expr::app(pipe, &[r, w, leftovers]);
        let pipe_ref = self.io(what, Expr::App(Box::new(Expr::Ref(return_io)), Box::new(pipe_expr)))?;
        let action = Expr::app(serv, &[verbose, return_io, pipe_ref, id]);
        let server = self.io(what, Expr::App(Box::new(Expr::Ref(return_io)), Box::new(action)))?;
        // All but the Handles: see Note [A server per accident].
        let done = [serv, pipe, to_handle, new_ref, nothing, return_io, id, verbose, leftovers, pipe_ref];
        self.free([&done[..], &fds].concat())?;
        Ok(server)
    }

    /// The result of an IO action of ours.
    fn io(&mut self, what: &'static str, action: Expr) -> Result<u64, Error> {
        match self.vm.request(&Request::Eval(Mode::Io, action), self.limits.timeout)? {
            Answer::Evaluated { outcome: Outcome::Refs(refs), .. } => {
                refs.first().copied().ok_or(Error::Protocol(what))
            }
            Answer::Evaluated { outcome, .. } => {
                Err(Error::Refused { what, why: format!("starting the server in the sandbox: {outcome:?}") })
            }
            Answer::Refused(why) => Err(Error::Refused { what, why }),
            _ => Err(Error::Protocol(what)),
        }
    }

    /// `CInt`s: byte code that packs a literal, as GHC would write it.
    fn c_ints(&mut self, what: &'static str, numbers: &[i32]) -> Result<Vec<u64>, Error> {
        let symbol = "base_GHCziInt_I32zh_con_info";
        let con = self.lookup_symbol(symbol)?;
        let con = con.ok_or_else(|| Error::Refused { what, why: format!("no package defines {symbol}") })?;
        let code = |number: &i32| {
            let mut bco =
                ResolvedBco { lits: vec![i64::from(*number) as u64, con], bitmap: vec![0], ..Default::default() };
            for (op, operands) in [(Bci::PUSH_UBX, &[0, 1][..]), (Bci::PACK, &[1, 1]), (Bci::ENTER, &[])] {
                Instr::new(op, operands).encode(false, &mut bco.instrs);
            }
            bco
        };
        let bcos: Vec<ResolvedBco> = numbers.iter().map(code).collect();
        self.create_bcos(&[&encode_chunk(&bcos)])
    }
}
