//! Loading code and finding symbols (`GHC.Runtime.Interpreter`'s second half, `GHC.Runtime.Linker`'s primitives).

use super::{Error, ForeignRef, Interp, RemotePtr};
use crate::protocol::types::RemotePtr as Cookie;
use crate::protocol::{HsString, request};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::{MutexGuard, PoisonError};

impl Interp {
    /// Prepares the linker; idempotent (`initObjLinker`).
    pub fn init_obj_linker(&self) -> Result<(), Error> {
        self.call(request::InitLinker {})
    }

    /// Where a symbol is, if there is one (`lookupSymbol`). Answers of backends that are far away are remembered until
    /// [`Interp::purge_lookup_symbol_cache`].
    pub fn lookup_symbol(&self, symbol: &str) -> Result<Option<RemotePtr>, Error> {
        if self.kind == super::config::Kind::Internal {
            return self.call(request::LookupSymbol { symbol: symbol.into() });
        }
        if let Some(address) = self.symbols().get(symbol) {
            return Ok(Some(*address));
        }
        let found = self.call(request::LookupSymbol { symbol: symbol.into() })?;
        if let Some(address) = found {
            self.symbols().insert(symbol.into(), address);
        }
        Ok(found)
    }

    /// Forgets where symbols are (`purgeLookupSymbolCache`).
    pub fn purge_lookup_symbol_cache(&self) {
        self.symbols().clear();
    }

    /// A reference to the closure that a symbol names, not evaluated (`lookupClosure`).
    pub fn lookup_closure(&self, symbol: &str) -> Result<Option<ForeignRef>, Error> {
        let found = self.call(request::LookupClosure { symbol: symbol.into() })?;
        Ok(found.map(|r| self.session.adopt(r.0)))
    }

    /// Loads a shared library; answers what is wrong with it, if anything is (`loadDLL`). The system's own libraries are
    /// built in and never opened.
    pub fn load_dll(&self, path: &Path) -> Result<Option<String>, Error> {
        Ok(self.call(request::LoadDLL { path: path_string(path) })?.map(|text| text.to_string()))
    }

    /// Loads a static library; an object of it is linked when one of its symbols is needed (`loadArchive`).
    pub fn load_archive(&self, path: &Path) -> Result<(), Error> {
        self.call(request::LoadArchive { path: path_string(path) })
    }

    /// Loads an object file (`loadObj`).
    pub fn load_obj(&self, path: &Path) -> Result<(), Error> {
        self.call(request::LoadObj { path: path_string(path) })
    }

    /// Forgets an object file (`unloadObj`), and with it where symbols are.
    pub fn unload_obj(&self, path: &Path) -> Result<(), Error> {
        self.purge_lookup_symbol_cache();
        self.call(request::UnloadObj { path: path_string(path) })
    }

    /// Searches a directory for shared libraries (`addLibrarySearchPath`); matters on Windows only.
    pub fn add_library_search_path(&self, path: &Path) -> Result<Cookie, Error> {
        self.call(request::AddLibrarySearchPath { path: path_string(path) })
    }

    /// Undoes [`Interp::add_library_search_path`] (`removeLibrarySearchPath`).
    pub fn remove_library_search_path(&self, cookie: Cookie) -> Result<bool, Error> {
        self.call(request::RemoveLibrarySearchPath { cookie })
    }

    /// Resolves what loaded objects refer to (`resolveObjs`). If something is missing, an error of ours says what; a server
    /// in another process answers false.
    pub fn resolve_objs(&self) -> Result<bool, Error> {
        // What stood in for a package's symbol may be elsewhere from now on.
        self.purge_lookup_symbol_cache();
        self.call(request::ResolveObjs {})
    }

    /// The path of a system library (`findSystemLibrary`); matters on Windows only.
    pub fn find_system_library(&self, name: &str) -> Result<Option<String>, Error> {
        Ok(self.call(request::FindSystemLibrary { name: name.into() })?.map(|text| text.to_string()))
    }

    fn symbols(&self) -> MutexGuard<'_, std::collections::HashMap<String, RemotePtr>> {
        self.symbols.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A path as GHC says it: bytes that are no text are surrogates.
fn path_string(path: &Path) -> HsString {
    let mut out = Vec::new();
    for chunk in OsStr::as_bytes(path.as_os_str()).utf8_chunks() {
        out.extend_from_slice(chunk.valid().as_bytes());
        // Byte b is U+DC00 + b.
        out.extend(chunk.invalid().iter().flat_map(|b| [0xed, 0xb0 | b >> 6, 0x80 | b & 0x3f]));
    }
    HsString::try_from(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_back() {
        for bytes in [&b"/usr/lib/libc.so"[..], "caf\u{e9}.o".as_bytes(), b"\xff\x80.o", b"a\xc3"] {
            let path = Path::new(OsStr::from_bytes(bytes));
            assert_eq!(path_string(path).to_path(), path);
        }
    }
}
