//! The part of a session that needs no machine: what GHC asks before it loads the first object.
//!
//! A handler with a machine answers these messages with the functions here; [`NoMachine`] answers them alone, and
//! every other message with an error that says which it was.

use std::path::Path;

use crate::protocol::request;
use crate::protocol::types::RemotePtr;
use crate::protocol::{HsString, MessageKind};

use super::handler::{Failure, Handler};
use super::standin::{LIBRARIES, find_library};

/// Answer to `LoadDLL`, as far as it is about a library bcvm stands in for; otherwise the text of the error.
pub fn load_dll(path: &Path) -> Result<(), String> {
    match find_library(path) {
        Some(library) => {
            tracing::debug!("standing in for lib{library} ({})", path.display());
            Ok(())
        }
        None => {
            let known = LIBRARIES.join(", lib");
            Err(format!("{}: not loaded, because this server brings only lib{known}", path.display()))
        }
    }
}

/// A handler that has no heap.
#[derive(Debug, Default)]
pub struct NoMachine;

impl Handler for NoMachine {
    fn shutdown(&mut self, _: request::Shutdown) -> Result<(), Failure> {
        Ok(())
    }

    fn init_linker(&mut self, _: request::InitLinker) -> Result<(), Failure> {
        Ok(())
    }

    fn load_dll(&mut self, message: request::LoadDLL) -> Result<Option<HsString>, Failure> {
        Ok(load_dll(&message.path.to_path()).err().map(HsString::from))
    }

    fn load_obj(&mut self, message: request::LoadObj) -> Result<(), Failure> {
        Err(Failure::Failed(format!("{}: this server cannot load objects", message.path)))
    }

    fn load_archive(&mut self, message: request::LoadArchive) -> Result<(), Failure> {
        Err(Failure::Failed(format!("{}: this server cannot load archives", message.path)))
    }

    /// The search path matters on Windows only.
    fn add_library_search_path(&mut self, _: request::AddLibrarySearchPath) -> Result<RemotePtr, Failure> {
        Ok(RemotePtr(0))
    }

    fn remove_library_search_path(&mut self, _: request::RemoveLibrarySearchPath) -> Result<bool, Failure> {
        Ok(false)
    }

    /// Windows only, too.
    fn find_system_library(&mut self, _: request::FindSystemLibrary) -> Result<Option<HsString>, Failure> {
        Ok(None)
    }

    /// Nothing is loaded, so everything is resolved.
    fn resolve_objs(&mut self, _: request::ResolveObjs) -> Result<bool, Failure> {
        Ok(true)
    }

    /// There are none.
    fn rts_revert_cafs(&mut self, _: request::RtsRevertCAFs) -> Result<(), Failure> {
        Ok(())
    }

    /// GHC begins a compilation with an empty list.
    fn malloc_strings(&mut self, message: request::MallocStrings) -> Result<Vec<RemotePtr>, Failure> {
        if message.strings.is_empty() { Ok(vec![]) } else { Err(Failure::Unsupported(MessageKind::MallocStrings)) }
    }

    /// No profiling.
    fn mk_cost_centres(&mut self, _: request::MkCostCentres) -> Result<Vec<RemotePtr>, Failure> {
        Ok(vec![])
    }

    fn cost_centre_stack_info(&mut self, _: request::CostCentreStackInfo) -> Result<Vec<HsString>, Failure> {
        Ok(vec![])
    }
}
