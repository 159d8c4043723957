//! [`Packages`]: one interpreter's packages, from paths to what its sandbox has installed.
//!
//! Invariant: what the linker holds for resolved is in `installed`, in order, so that a new sandbox can be given it all.

use std::path::Path;
use std::sync::Arc;

use bcvm::entry::bound::bindable;
use bcvm_host::link::{self, Builtins, Linker, Lookup, Runtime};
use thiserror::Error;

use super::store::PackageStore;
use crate::embed::{Engine, Linked};
use crate::vm::{Vm, VmError};

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

/// One interpreter's packages.
pub struct Packages {
    linker: Linker,
    store: PackageStore,
    /// What the runtime refers to and no package has defined yet.
    unbound: Vec<&'static str>,
    /// Most bytes of memory that objects may take, all together.
    limit_bytes: Option<u64>,
    used_bytes: u64,
}

impl Packages {
    /// None as yet.
    pub fn new(engine: &Engine) -> Packages {
        Packages::with_builtins(engine, Box::new(Runtime))
    }

    /// As [`Packages::new`], with other symbols of the runtime, for tests.
    pub fn with_builtins(engine: &Engine, builtins: Box<dyn Builtins>) -> Packages {
        let unbound = bindable().collect();
        Packages {
            linker: Linker::new(builtins),
            store: PackageStore::new(engine),
            unbound,
            limit_bytes: None,
            used_bytes: 0,
        }
    }

    /// The most bytes of memory that the code and data of objects may take, all together.
    pub fn limit_code(mut self, bytes: Option<u64>) -> Packages {
        self.limit_bytes = bytes;
        self
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

    /// `ResolveObjs`: what is pending is linked and put into the machine's memory.
    pub fn resolve(&mut self, vm: &mut dyn Vm) -> Result<(), LinkError> {
        // GHC asks before every splice.
        if !self.linker.has_pending() {
            return Ok(());
        }
        let (linker, store, used_bytes) = (&mut self.linker, &self.store, &mut self.used_bytes);
        let limit = self.limit_bytes;
        store.show_progress(|| {
            linker.resolve(store, |resolved| {
                let linked: Vec<Arc<Linked>> = resolved.into_iter().map(|resolved| resolved.code).collect();
                if linked.is_empty() {
                    return Ok::<(), LinkError>(());
                }
                let more: u64 = linked.iter().map(|package| u64::from(package.need.bytes)).sum();
                if let Some(limit) = limit.filter(|limit| *used_bytes + more > *limit) {
                    return Err(
                        VmError::Limit(format!("objects take more memory than they may ({limit} bytes)")).into()
                    );
                }
                vm.install(&linked)?;
                *used_bytes += more;
                Ok(())
            })
        })?;
        let mut found = Vec::new();
        self.unbound.retain(|symbol| match self.linker.find_in_objects(symbol) {
            Some(definition) => {
                found.push(((*symbol).to_owned(), definition.address));
                false
            }
            None => true,
        });
        if found.is_empty() { Ok(()) } else { Ok(vm.bind(found)?) }
    }

    /// The address of a symbol, for which pending objects are resolved if need be; `None` if there is no such symbol.
    pub fn lookup(&mut self, name: &str, vm: &mut dyn Vm) -> Result<Option<u64>, LinkError> {
        if let Some(Lookup::Pending) = self.linker.lookup(name) {
            self.linker.demand(name, &self.store)?;
            self.resolve(vm)?;
        }
        Ok(match self.linker.lookup(name) {
            Some(Lookup::Defined(definition)) => Some(definition.address),
            Some(Lookup::Pending) | None => None,
        })
    }

    /// The linker itself, for what needs neither store nor machine.
    pub fn linker(&mut self) -> &mut Linker {
        &mut self.linker
    }
}
