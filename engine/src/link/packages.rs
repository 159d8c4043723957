//! [`Packages`]: one interpreter's packages, from paths to what its sandbox has installed.
//!
//! Invariant: what the linker holds for resolved is in `installed`, in order, so that a new sandbox can be given it all.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bcvm::entry::bound::bindable;
use bcvm_host::link::{self, Builtins, Content, Linker, Lookup, Need, Resolved, Runtime};
use thiserror::Error;

use super::libraries::{self, Plan};
use super::natives::{NativeSymbols, WithNatives};
use super::store::PackageStore;
use crate::embed::{Engine, Linked, LinkedObject};
use crate::policy::Limits;
use crate::vm::{NotInstalled, Vm, VmError};

/// Why a package was not loaded or resolved.
#[derive(Debug, Error)]
pub enum LinkError {
    /// The linker refuses, and nothing has changed.
    #[error(transparent)]
    Link(#[from] link::Error),
    /// A shared object was not found, or can't be one.
    #[error("{0}")]
    Library(String),
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
    /// What native libraries that were loaded define.
    natives: NativeSymbols,
}

impl Packages {
    /// None as yet.
    pub fn new(engine: &Engine) -> Packages {
        Packages::with_builtins(engine, Box::new(Runtime))
    }

    /// As [`Packages::new`], with other symbols of the runtime, for tests.
    pub fn with_builtins(engine: &Engine, builtins: Box<dyn Builtins>) -> Packages {
        let unbound = bindable().collect();
        let natives = NativeSymbols::default();
        Packages {
            linker: Linker::new(Box::new(WithNatives { builtins, natives: natives.clone() })),
            store: PackageStore::new(engine),
            unbound,
            limits: Limits::default(),
            used: Used::default(),
            limit_time: None,
            natives,
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

    /// `LoadDLL`: loads a shared object, and what it needs, and puts it into the machine's memory.
    pub fn load_dll(&mut self, path: &Path, vm: &mut dyn Vm) -> Result<(), LinkError> {
        let plan = libraries::plan(path, &|library| vm.is_native(library));
        let Plan { natives, packages, libraries } = plan.map_err(LinkError::Library)?;
        for library in &natives {
            self.open_native(library, vm)?;
        }
        for package in &packages {
            match package.extension().is_some_and(|extension| extension == "a") {
                true => self.linker.load_archive(package)?,
                false => self.linker.load_obj(package, &self.store)?,
            }
        }
        if libraries.paths.is_empty() {
            return Ok(());
        }
        if !packages.is_empty() {
            self.resolve(vm)?;
        }
        self.link(vm, |linker, store, installer, vm| {
            linker.load_libraries(&libraries, store, |resolved| installer.install(resolved, vm))
        })
    }

    /// Opens a native library; programs find its functions from now on.
    fn open_native(&mut self, library: &Path, vm: &mut dyn Vm) -> Result<(), LinkError> {
        let needed = libraries::plan(library, &|_| false).map_err(LinkError::Library)?.libraries.paths;
        let functions = vm.open_native(library, &needed).map_err(LinkError::Library)?;
        self.natives.define(functions);
        Ok(())
    }

    /// Tells the user of native libraries that have what is missing, but may not be asked for it.
    fn hint(&self, missing: &str, vm: &dyn Vm) {
        if let Some(library) = vm.native_with(missing) {
            let library = library.display();
            tracing::warn!(
                "{missing} is not among the functions of the native library {library} that the policy grants"
            );
        }
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
        self.link(vm, |linker, store, installer, vm| linker.resolve(store, |resolved| installer.install(resolved, vm)))
    }

    /// Has `work` link and install something, and tells the machine of what the runtime refers to and has been defined now.
    fn link(
        &mut self,
        vm: &mut dyn Vm,
        work: impl FnOnce(&mut Linker, &PackageStore, Installer<'_>, &mut dyn Vm) -> Result<(), LinkError>,
    ) -> Result<(), LinkError> {
        let (linker, store, mut failed) = (&mut self.linker, &self.store, None);
        let (limits, timeout, used) = (self.limits, self.limit_time, &mut self.used);
        store.allow_to_compile(limits.code.map_or(u64::MAX, |limit| limit.saturating_sub(used.bytes)));
        let installer = Installer { limits, timeout, used, failed: &mut failed };
        let done = store.show_progress(|| work(linker, store, installer, vm));
        if let Some((content, why)) = failed {
            self.linker.fail(content, why);
        }
        if let Err(LinkError::Link(link::Error::Unresolved(missing))) = &done {
            missing.iter().for_each(|missing| self.hint(&missing.symbol, vm));
        }
        done?;
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
        self.linker.check_failed(name)?;
        Ok(match self.linker.lookup(name) {
            Some(Lookup::Defined(definition)) => Some(definition.address),
            Some(Lookup::Pending) => None,
            None => {
                self.hint(name, vm);
                None
            }
        })
    }

    /// The linker itself, for what needs neither store nor machine.
    pub fn linker(&mut self) -> &mut Linker {
        &mut self.linker
    }
}

/// Puts what was linked into the machine's memory, within limits.
struct Installer<'a> {
    limits: Limits,
    timeout: Option<Duration>,
    used: &'a mut Used,
    /// The object whose initialisers have failed, and the reason.
    failed: &'a mut Option<(Content, String)>,
}

impl Installer<'_> {
    fn install(self, resolved: Vec<Resolved<Arc<LinkedObject>>>, vm: &mut dyn Vm) -> Result<(), LinkError> {
        let contents: Vec<Content> = resolved.iter().map(|resolved| resolved.content).collect();
        let linked = resolved.into_iter().map(|Resolved { name, code: object, .. }| Linked { name, object });
        let linked: Vec<Linked> = linked.collect();
        if linked.is_empty() {
            return Ok(());
        }
        let more = linked.iter().fold(*self.used, |used, package| used.and(package.need));
        more.check(&self.limits)?;
        if let Err(NotInstalled { initialising, error }) = vm.install(&linked, self.timeout) {
            let content = initialising.and_then(|number| contents.get(number));
            *self.failed = content.map(|content| (*content, error.to_string()));
            return Err(error.into());
        }
        *self.used = more;
        Ok(())
    }
}
