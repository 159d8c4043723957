//! [`Packages`]: one interpreter's packages, from paths to what its sandbox has installed.
//!
//! Invariant: what the linker holds for resolved is in `installed`, in order, so that a new sandbox can be given it all.

use std::path::Path;
use std::sync::Arc;

use bcvm_host::link::{self, Builtins, Linker, Lookup};
use thiserror::Error;

use super::store::PackageStore;
use crate::embed::{Engine, Linked};
use crate::vm::VmError;

/// Why a package was not loaded or resolved.
#[derive(Debug, Error)]
pub enum LinkError {
    /// The linker refuses, and nothing has changed.
    #[error(transparent)]
    Link(#[from] link::Error),
    /// The machine failed to take it.
    #[error(transparent)]
    Vm(#[from] VmError),
}

/// Puts linked objects into a machine's memory.
pub type Install<'a> = &'a mut dyn FnMut(&[Arc<Linked>]) -> Result<(), VmError>;

/// One interpreter's packages.
pub struct Packages {
    linker: Linker,
    store: PackageStore,
}

impl Packages {
    /// None as yet.
    pub fn new(engine: &Engine) -> Packages {
        Packages { linker: Linker::default(), store: PackageStore::new(engine) }
    }

    /// As [`Packages::new`], with other symbols of the runtime, for tests.
    pub fn with_builtins(engine: &Engine, builtins: Box<dyn Builtins>) -> Packages {
        Packages { linker: Linker::new(builtins), store: PackageStore::new(engine) }
    }

    /// `LoadObj`
    pub fn load_obj(&mut self, path: &Path) -> Result<(), LinkError> {
        Ok(self.linker.load_obj(path, &self.store)?)
    }

    /// `LoadArchive`
    pub fn load_archive(&mut self, path: &Path) -> Result<(), LinkError> {
        Ok(self.linker.load_archive(path)?)
    }

    /// `LoadDLL` of a Haskell package's shared object.
    pub fn load_dll(&mut self, path: &Path) -> Result<(), LinkError> {
        Ok(self.linker.load_dll(path, &self.store)?)
    }

    /// `UnloadObj`
    pub fn unload_obj(&mut self, path: &Path) -> Result<(), LinkError> {
        Ok(self.linker.unload_obj(path)?)
    }

    /// `ResolveObjs`: `install` gets what is new, all at once and in the order it was loaded.
    pub fn resolve(&mut self, install: Install<'_>) -> Result<(), LinkError> {
        self.linker.resolve(&self.store, |resolved| {
            let linked: Vec<Arc<Linked>> = resolved.into_iter().map(|resolved| resolved.code).collect();
            if linked.is_empty() { Ok(()) } else { install(&linked).map_err(LinkError::from) }
        })
    }

    /// The address of a symbol, for which pending objects are resolved if need be; `None` if there is no such symbol.
    pub fn lookup(&mut self, name: &str, install: Install<'_>) -> Result<Option<u64>, LinkError> {
        if let Some(Lookup::Pending) = self.linker.lookup(name) {
            self.linker.demand(name, &self.store)?;
            self.resolve(install)?;
        }
        Ok(match self.linker.lookup(name) {
            Some(Lookup::Defined(definition)) => Some(definition.address),
            Some(Lookup::Pending) | None => None,
        })
    }

    /// The linker, for search paths.
    pub fn linker(&mut self) -> &mut Linker {
        &mut self.linker
    }
}
