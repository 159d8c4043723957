//! [`Natives`]: the native libraries that one interpreter may open and has opened, and what its programs hold of them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::handle::Handles;
use super::library::NativeLibrary;
use super::marshal::{Frame, Lent, Marshal, Returned};
use super::prototype::{Prototype, Type};
use super::raw::{Function, Opened, call, text_at};
use super::trust::Distrusted;
use crate::os::Verdict;

/// Bytes of text that are copied into guest memory, in all, and what is counted for each text beside them.
const MAX_TEXTS_BYTES: usize = 16 << 20;
const TEXT_BYTES: usize = 64;

/// A library, and what is open of it.
#[derive(Debug, Clone)]
struct Known {
    granted: NativeLibrary,
    /// The library, and its granted functions in their order.
    opened: Option<(Arc<Opened>, Vec<Function>)>,
}

/// The native libraries of one interpreter.
#[derive(Debug, Default)]
pub(crate) struct Natives {
    libraries: Vec<Known>,
    distrusted: Distrusted,
    handles: Handles,
    /// Where in guest memory copies of texts lie. They are never taken back.
    texts: BTreeMap<Vec<u8>, u32>,
    texts_bytes: usize,
}

/// Why something came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// Nothing was done.
    Refused(String),
    /// Native code was entered, or would have been if the system had allowed it.
    Failed(String),
}

/// Device and inode.
fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

impl Problem {
    /// What the record says of it, and why.
    pub(crate) fn into_parts(self) -> (Verdict, String) {
        match self {
            Problem::Refused(why) => (Verdict::Denied, why),
            Problem::Failed(why) => (Verdict::Granted, why),
        }
    }
}

impl Natives {
    /// None of `libraries` is open yet.
    pub(crate) fn new(libraries: &[NativeLibrary], distrusted: Distrusted) -> Natives {
        let libraries = libraries.iter().map(|library| Known { granted: library.clone(), opened: None }).collect();
        Natives { libraries, distrusted, ..Natives::default() }
    }

    /// Takes the place of another: what was open is, and its handles are good no more.
    pub(crate) fn go_on_from(&mut self, before: &Natives) {
        self.libraries.clone_from(&before.libraries);
        self.handles.go_on_from(&before.handles);
    }

    /// How many functions are granted.
    pub(crate) fn count(&self) -> usize {
        self.libraries.iter().map(|library| library.granted.functions.len()).sum()
    }

    /// The number of the library that this file is, by whatever path.
    pub(crate) fn find(&self, path: &Path) -> Option<usize> {
        if self.libraries.is_empty() {
            return None;
        }
        let wanted = identity(path)?;
        self.libraries.iter().position(|library| identity(&library.granted.path) == Some(wanted))
    }

    /// Number and position of the function with that number, which counts through all libraries.
    fn position(&self, mut n: usize) -> Option<(usize, usize)> {
        for (number, library) in self.libraries.iter().enumerate() {
            match n.checked_sub(library.granted.functions.len()) {
                Some(rest) => n = rest,
                None => return Some((number, n)),
            }
        }
        None
    }

    /// The function with that number, and its library's file.
    pub(crate) fn granted(&self, n: usize) -> Option<(&Path, &Prototype)> {
        let (library, function) = self.position(n)?;
        let granted = &self.libraries[library].granted;
        Some((&granted.path, &granted.functions[function]))
    }

    /// Opens library number `n`, which needs the libraries `needed`; answers its functions' names and numbers.
    pub(crate) fn open(&mut self, n: usize, needed: &[PathBuf]) -> Result<Vec<(String, usize)>, Problem> {
        let before: usize = self.libraries.iter().take(n).map(|library| library.granted.functions.len()).sum();
        let missing = || Problem::Refused("there is no such native library".into());
        let known = self.libraries.get_mut(n).ok_or_else(missing)?;
        let NativeLibrary { path, functions } = &known.granted;
        if known.opened.is_none() {
            let mut files = std::iter::once(path).chain(needed);
            if let Some(why) = files.find_map(|file| self.distrusted.why(file)) {
                let why = format!("{}: it is granted as a native library, but not opened: {why}", path.display());
                return Err(Problem::Refused(why));
            }
            let opened = Opened::open(path).map_err(Problem::Failed)?;
            let missing = |name: &str| {
                let path = path.display();
                Problem::Failed(format!("{path}: the policy grants its function {name}, which it does not have"))
            };
            let find = |function: &Prototype| opened.find(&function.name).ok_or_else(|| missing(&function.name));
            let found = functions.iter().map(find).collect::<Result<_, _>>()?;
            known.opened = Some((Arc::new(opened), found));
        }
        Ok(functions.iter().map(|function| function.name.clone()).zip(before..).collect())
    }

    /// The open library that has something called `name`.
    pub(crate) fn with_symbol(&self, name: &str) -> Option<&Path> {
        let has = |library: &&Known| library.opened.as_ref().is_some_and(|(opened, _)| opened.find(name).is_some());
        self.libraries.iter().find(has).map(|library| library.granted.path())
    }

    /// Calls function number `n` with C's `errno` as given; answers what it is then, too.
    pub(crate) fn call(
        &mut self,
        n: usize,
        frame: &Frame,
        memory: &dyn Lent,
        errno: i32,
    ) -> Result<(Returned, i32), Problem> {
        let refused = |why: &str| Problem::Refused(why.into());
        let (library, position) = self.position(n).ok_or_else(|| refused("there is no such function"))?;
        let Known { granted, opened } = &self.libraries[library];
        let (_, functions) = opened.as_ref().ok_or_else(|| refused("its library has not been loaded"))?;
        let prototype = &granted.functions[position];
        let mut marshal = Marshal { prototype, library, memory, handles: &mut self.handles };
        let raw = marshal.arguments(frame).map_err(Problem::Refused)?;
        let is_float = matches!(prototype.result, Type::Scalar(scalar) if scalar.is_float());
        // SAFETY: (1) function and prototype have the same position; (2) `marshal` has checked what it takes from guest memory,
        // which is lent for as long as `memory` lives, and keeps what the library has answered; (3) it is in the policy.
        let (bits, errno) = unsafe { call(functions[position], &raw, is_float, errno) };
        // SAFETY: it has answered just now.
        let returned = marshal.result(bits, |address| unsafe { text_at(address) }).map_err(Problem::Failed)?;
        Ok((returned, errno))
    }

    /// Where in guest memory a text lies that was copied there before.
    pub(crate) fn text(&self, text: &[u8]) -> Option<u32> {
        self.texts.get(text).copied()
    }

    /// A text was copied to guest memory. Fails if there are too many.
    pub(crate) fn keep_text(&mut self, text: Vec<u8>, addr: u32) -> Result<(), String> {
        self.texts_bytes += text.len() + TEXT_BYTES;
        self.texts.insert(text, addr);
        if self.texts_bytes > MAX_TEXTS_BYTES {
            return Err(format!("native libraries have answered more than {MAX_TEXTS_BYTES} bytes of text"));
        }
        Ok(())
    }
}
