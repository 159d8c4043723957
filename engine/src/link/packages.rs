//! [`Packages`]: one interpreter's packages, from paths to what its sandbox has installed.
//!
//! Invariant: what the linker holds for resolved is in `installed`, in order, so that a new sandbox can be given it all.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bcvm::entry::bound::bindable;
use bcvm_host::link::{self, Builtins, Linker, Lookup, Need, Runtime};
use thiserror::Error;

use super::store::PackageStore;
use crate::embed::{Engine, Linked};
use crate::policy::Limits;
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

/// What objects take, all together.
#[derive(Debug, Clone, Copy, Default)]
struct Used {
    bytes: u64,
    entries: u64,
}

impl Used {
    fn and(self, need: Need) -> Used {
        let entries = u64::from(need.stg) + u64::from(need.c);
        Used { bytes: self.bytes + u64::from(need.bytes), entries: self.entries + entries }
    }

    fn check(self, limits: &Limits) -> Result<(), VmError> {
        if let Some(limit) = limits.code.filter(|limit| self.bytes > *limit) {
            return Err(VmError::Limit(format!("objects take more memory than they may (limit {limit} bytes)")));
        }
        if let Some(limit) = limits.table.filter(|limit| self.entries > *limit) {
            let what = format!("objects take more entries of the code tables than they may (limit {limit})");
            return Err(VmError::Limit(what));
        }
        Ok(())
    }
}

/// One interpreter's packages.
pub struct Packages {
    linker: Linker,
    store: PackageStore,
    /// What the runtime refers to and no package has defined yet.
    unbound: Vec<&'static str>,
    limits: Limits,
    used: Used,
    /// How long the initialisers of an object may take.
    limit_time: Option<Duration>,
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
            limits: Limits::default(),
            used: Used::default(),
            limit_time: None,
        }
    }

    /// What objects may take of memory (`code`) and of the code tables (`table`), all together.
    pub fn limit(mut self, limits: Limits) -> Packages {
        self.limits = limits;
        self
    }

    /// How long the initialisers of an object may take.
    pub fn limit_time(mut self, time: Option<Duration>) -> Packages {
        self.limit_time = time;
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
        let (linker, store, used) = (&mut self.linker, &self.store, &mut self.used);
        let (limits, timeout) = (self.limits, self.limit_time);
        store.allow_to_compile(limits.code.map_or(u64::MAX, |limit| limit.saturating_sub(used.bytes)));
        store.show_progress(|| {
            linker.resolve(store, |resolved| {
                let linked: Vec<Arc<Linked>> = resolved.into_iter().map(|resolved| resolved.code).collect();
                if linked.is_empty() {
                    return Ok::<(), LinkError>(());
                }
                let more = linked.iter().fold(*used, |used, package| used.and(package.need));
                more.check(&limits)?;
                vm.install(&linked, timeout)?;
                *used = more;
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
