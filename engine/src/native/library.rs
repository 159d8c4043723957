//! [`NativeLibrary`]: what a policy grants of a library.

use std::io;
use std::path::{Path, PathBuf};

use bcvm_host::link::{Builtins, Runtime};
use thiserror::Error;

use super::prototype::{Prototype, Type};
use crate::server::standin::find_library;

/// Why a library, or a function of one, can't be granted.
#[derive(Debug, Error)]
pub enum NativeError {
    /// The file is not there.
    #[error("the native library {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The sandbox has its own.
    #[error("the native library {}: the sandbox has a lib{library} of its own, which nothing replaces", path.display())]
    OwnLibrary {
        /// The file.
        path: PathBuf,
        /// Its name.
        library: &'static str,
    },
    /// It can't be called.
    #[error("the native function {declaration:?}: {problem}")]
    Prototype {
        /// What was written.
        declaration: String,
        /// What is wrong with it.
        problem: String,
    },
    /// There is a function of that name.
    #[error("the native function {name} is granted twice")]
    Twice {
        /// The function.
        name: String,
    },
    /// The runtime has a function of that name.
    #[error("the native function {name}: the sandbox has its own, which nothing replaces")]
    OwnFunction {
        /// The function.
        name: String,
    },
    /// What frees handles is no function that is given some.
    #[error("{name} frees nothing: it is no function that is granted and is given a pointer")]
    FreesNothing {
        /// The function.
        name: String,
    },
}

/// A shared library that runs outside the sandbox, and the functions of it that programs may call. It is opened when GHC
/// asks for it, by whatever name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeLibrary {
    pub(crate) path: PathBuf,
    pub(crate) functions: Vec<Prototype>,
}

impl NativeLibrary {
    /// The library in this file, which must be there. None of its functions may be called yet.
    pub fn new(path: impl AsRef<Path>) -> Result<NativeLibrary, NativeError> {
        let path = path.as_ref();
        let failed = |source| NativeError::File { path: path.to_owned(), source };
        if let Some(library) = find_library(path) {
            return Err(NativeError::OwnLibrary { path: path.to_owned(), library });
        }
        let file = path.canonicalize().map_err(failed)?;
        match file.is_file() {
            true => Ok(NativeLibrary { path: file, functions: Vec::new() }),
            false => Err(failed(io::Error::other("not a regular file"))),
        }
    }

    /// Grants a function by its declaration in C, as in `unsigned long crc32(unsigned long crc, const unsigned char
    /// buf[len], unsigned int len)`. `docs/policy.md` says what can be declared, and what is believed of it.
    pub fn function(mut self, declaration: &str) -> Result<NativeLibrary, NativeError> {
        let wrong = |problem| NativeError::Prototype { declaration: declaration.to_owned(), problem };
        let prototype = Prototype::parse(declaration).map_err(wrong)?;
        let name = prototype.name.clone();
        if Runtime.find(&name).is_some() {
            return Err(NativeError::OwnFunction { name });
        }
        if self.functions.iter().any(|other| other.name == name) {
            return Err(NativeError::Twice { name });
        }
        self.functions.push(prototype);
        Ok(self)
    }

    /// Says that a function frees what it is given: handles that it is called with are refused afterwards.
    pub fn frees(mut self, name: &str) -> Result<NativeLibrary, NativeError> {
        let takes_pointer = |function: &&mut Prototype| function.params.iter().any(|ty| matches!(ty, Type::Pointer(_)));
        let found = self.functions.iter_mut().find(|function| function.name == name).filter(takes_pointer);
        found.ok_or_else(|| NativeError::FreesNothing { name: name.to_owned() })?.frees = true;
        Ok(self)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is granted of it.
    pub fn functions(&self) -> &[Prototype] {
        &self.functions
    }

    /// What both grant: the same file, and functions that are declared alike.
    pub(crate) fn narrowed(&self, by: &[NativeLibrary]) -> Option<NativeLibrary> {
        let other = by.iter().find(|other| other.path == self.path)?;
        let functions = self.functions.iter().filter(|function| other.functions.contains(function)).cloned();
        Some(NativeLibrary { path: self.path.clone(), functions: functions.collect() })
    }
}
