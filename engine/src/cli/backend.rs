//! The interpreter of `bcvm run`: [`Interp`] as the linker and the printer want it.

use super::args::{Backend, RunOptions};
use super::exit::{Exit, Failure};
use super::run::Session;
use crate::interp::{self, Error, ExceptionKind, ForeignRef, Interp};
use crate::show::{Inspect, Object, Outcome};
use crate::unlinked::link::Target;
use crate::vm::VmError;
use bcvm::bco::resolved::ResolvedBco;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

/// Makes the interpreter that the options ask for.
pub fn open(options: &RunOptions) -> Result<Interp, Failure> {
    let backend = match options.backend {
        Backend::Sandboxed => interp::Backend::Sandboxed,
        Backend::Internal => interp::Backend::Internal,
    };
    if options.trace {
        let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).without_time().with_level(false);
        let guest = Targets::new().with_target("bcvm::guest", tracing::Level::DEBUG);
        // Fails only if somebody else logs already.
        let _ = tracing_subscriber::registry().with(lines.with_target(false).with_filter(guest)).try_init();
    }
    let builder = Interp::builder().backend(backend).trace(options.trace).limits(options.limits);
    builder.build().map_err(|e| Failure::from_error(Exit::Internal, &e))
}

impl Target for Interp {
    type Ref = ForeignRef;
    type Error = Error;

    fn lookup_symbol(&self, symbol: &str) -> Result<Option<u64>, Error> {
        Ok(Interp::lookup_symbol(self, symbol)?.map(|p| p.0))
    }

    fn mk_con_info_table(
        &self,
        ptrs: u32,
        nptrs: u32,
        con_tag: u32,
        ptr_tag: u32,
        description: &str,
    ) -> Result<u64, Error> {
        Ok(Interp::mk_con_info_table(self, ptrs, nptrs, con_tag, ptr_tag, description)?.0)
    }

    fn malloc_strings(&self, strings: &[&[u8]]) -> Result<Vec<u64>, Error> {
        Ok(Interp::malloc_strings(self, strings)?.into_iter().map(|p| p.0).collect())
    }

    fn create_bcos(&self, bcos: &[ResolvedBco]) -> Result<Vec<ForeignRef>, Error> {
        Interp::create_bcos(self, bcos)
    }
}

impl Inspect for Interp {
    type Ref = ForeignRef;
    type Error = Error;

    fn seq(&self, value: &ForeignRef) -> Result<Outcome, Error> {
        Ok(match self.seq_hvalue(value)? {
            Ok(()) => Outcome::Value,
            Err(e) => match e.kind {
                ExceptionKind::Haskell | ExceptionKind::Exit(_) => Outcome::Exception(e.text),
                ExceptionKind::Crash | ExceptionKind::SessionLost => Outcome::Crash(e.text),
                ExceptionKind::HeapOverflow
                | ExceptionKind::StackOverflow
                | ExceptionKind::UserInterrupt
                | ExceptionKind::Limit
                | ExceptionKind::Deadline => Outcome::Limit(e.text),
            },
        })
    }

    fn get_closure(&self, value: &ForeignRef) -> Result<Object<ForeignRef>, Error> {
        Ok(Object::from_closure(Interp::get_closure(self, value)?))
    }
}

impl Session for Interp {
    fn statistics(&self) -> String {
        match self.stats() {
            Ok(s) => format!(
                "BCOs created       {}\nsteps, if limited  {}\nwords allocated    {}\nminor collections  {}\nmajor collections  {}\nheap in use        {} bytes",
                s.bcos, s.fuel, s.allocated_words, s.minor_collections, s.major_collections, s.heap_bytes
            ),
            Err(e) => format!("no statistics: {e}"),
        }
    }

    fn exit_of(&self, error: &Error) -> Exit {
        match error {
            Error::Vm(VmError::Crashed(_) | VmError::Lost(_)) | Error::Iserv(_) => Exit::Crash,
            Error::Vm(VmError::Deadline | VmError::Limit(_)) => Exit::Limit,
            Error::Refused { .. } => Exit::Input,
            _ => Exit::Internal,
        }
    }
}
