//! What of GHC's packages is called to run splices: found by name once the package `ghci` is loaded.

use crate::interp::Error;
use crate::interp::machine::MachineBackend;
use crate::splice::find_objects;
use crate::unlinked::Name;
use std::sync::Arc;

/// The package that holds what GHC's server does for splices.
const GHCI: &str = "ghci";

/// Declares what is looked up: references to closures by package, module and name, and addresses of constructors' info
/// tables. The package `ghci` has a version in its symbols.
macro_rules! define_library {
    (
        closures { $($closure:ident = $package:literal $module:literal $occ:literal,)+ }
        con_infos { $($con:ident = $con_package:literal $con_module:literal $con_occ:literal,)+ }
    ) => {
        /// References, which live as long as the machine, and addresses.
        pub(super) struct Library {
            $(#[doc = concat!("`", $occ, "` of `", $module, "`.")] pub $closure: u64,)+
            $(#[doc = concat!("`", $con_occ, "` of `", $con_module, "`.")] pub $con: u64,)+
            /// The constructor with which the Q monad fails, as its info table describes it.
            pub q_exception: String,
        }

        impl Library {
            fn find(machine: &mut MachineBackend, what: &'static str, ghci: &str) -> Result<Library, Error> {
                Ok(Library {
                    $($closure: machine.closure_of(what, ghci, $package, $module, $occ)?,)+
                    $($con: machine.con_info_of(what, $con_package, $con_module, $con_occ)?,)+
                    q_exception: format!("{ghci}:GHCi.TH.GHCiQException"),
                })
            }
        }
    };
}

define_library! {
    closures {
        start_th = "ghci" "GHCi.TH" "startTH",
        run_th = "ghci" "GHCi.TH" "runTH",
        run_mod_finalizers = "ghci" "GHCi.TH" "runModFinalizerRefs",
        pipe = "ghci" "GHCi.Message" "Pipe",
        exp = "ghci" "GHCi.Message" "THExp",
        pat = "ghci" "GHCi.Message" "THPat",
        type_ = "ghci" "GHCi.Message" "THType",
        dec = "ghci" "GHCi.Message" "THDec",
        ann_wrapper = "ghci" "GHCi.Message" "THAnnWrapper",
        loc = "template-haskell" "Language.Haskell.TH.Syntax" "Loc",
        fd_to_handle = "base" "GHC.IO.Handle.FD" "fdToHandle",
        new_ref = "base" "GHC.IORef" "newIORef",
        return_io = "base" "GHC.Base" "returnIO",
        show_exception = "base" "GHC.Exception.Type" "$fShowSomeException_$cshow",
        nothing = "base" "GHC.Maybe" "Nothing",
        just = "base" "GHC.Maybe" "Just",
        pair = "ghc-prim" "GHC.Tuple" "(,)",
        nil = "ghc-prim" "GHC.Types" "[]",
        cons = "ghc-prim" "GHC.Types" ":",
    }
    con_infos {
        int = "ghc-prim" "GHC.Types" "I#",
        word = "base" "GHC.Word" "W64#",
        c_int = "base" "GHC.Int" "I32#",
    }
}

impl MachineBackend {
    /// What is called to run splices, loaded and looked up the first time.
    pub(super) fn library(&mut self, what: &'static str) -> Result<Arc<Library>, Error> {
        if let Some(library) = &self.splices.library {
            return Ok(library.clone());
        }
        let ghci = self.load_ghci(what)?;
        let library = Arc::new(Library::find(self, what, &ghci)?);
        self.splices.library = Some(library.clone());
        Ok(library)
    }

    /// Loads the package `ghci` and those it needs, unless they are; its unit id.
    fn load_ghci(&mut self, what: &'static str) -> Result<String, Error> {
        let refused = |why: String| Error::Refused { what, why };
        let near = self.splices.near.clone();
        let near = near.ok_or_else(|| refused("no package of GHC is loaded that a splice could use".into()))?;
        let packages = self.packages.as_mut().ok_or(Error::InternalCannotLoad { path: near.clone() })?;
        let found = find_objects(GHCI, &near).map_err(|e| refused(e.to_string()))?;
        for file in &found.files {
            if file.extension().is_some_and(|extension| extension == "a") {
                packages.load_archive(file)?;
            } else {
                packages.load_obj(file)?;
            }
        }
        packages.resolve(&mut *self.vm)?;
        Ok(found.unit)
    }

    fn closure_of(
        &mut self,
        what: &'static str,
        ghci: &str,
        package: &str,
        module: &str,
        occ: &str,
    ) -> Result<u64, Error> {
        let symbol = symbol(if package == GHCI { ghci } else { package }, module, occ, "closure");
        let found = self.lookup_closure(&symbol)?;
        found.map(|r| r.0).ok_or_else(|| not_defined(what, &symbol))
    }

    fn con_info_of(&mut self, what: &'static str, package: &str, module: &str, occ: &str) -> Result<u64, Error> {
        let symbol = symbol(package, module, occ, "con_info");
        self.lookup_symbol(&symbol)?.ok_or_else(|| not_defined(what, &symbol))
    }
}

fn symbol(package: &str, module: &str, occ: &str, suffix: &str) -> String {
    let name = Name::External { package: package.into(), module: module.into(), occ: occ.into() };
    name.symbol(suffix).unwrap_or_default()
}

fn not_defined(what: &'static str, symbol: &str) -> Error {
    Error::Refused { what, why: format!("no package defines {symbol}") }
}
