//! Native libraries: which are opened, who calls them, and the record of both. How that is done is `crate::native`'s.

use std::path::{Path, PathBuf};

use super::audit::Verdict;
use super::state::Os;
use crate::native::{Frame, Lent, NativeLibrary, Problem, Returned};

impl Os {
    /// Whether the file is a native library that the policy grants.
    pub(crate) fn is_native(&self, path: &Path) -> bool {
        self.native.find(path).is_some()
    }

    /// How many functions of native libraries the policy grants.
    pub(crate) fn native_count(&self) -> usize {
        self.native.count()
    }

    /// Opens a native library that needs the libraries `needed`; answers names and numbers of its functions.
    pub(crate) fn open_native(&mut self, path: &Path, needed: &[PathBuf]) -> Result<Vec<(String, usize)>, String> {
        let opened = match self.native.find(path) {
            Some(number) => self.native.open(number, needed),
            None => {
                let why = format!("{}: the policy does not grant it as a native library", path.display());
                Err(Problem::Refused(why))
            }
        };
        self.noted("native_load", path.display().to_string(), opened)
    }

    /// Has a use recorded; an error is what the program is told.
    fn noted<T>(&mut self, operation: &'static str, argument: String, done: Result<T, Problem>) -> Result<T, String> {
        let done = done.map_err(Problem::into_parts);
        let (verdict, why) = match &done {
            Ok(_) => (Verdict::Granted, None),
            Err((verdict, why)) => (*verdict, Some(why.clone())),
        };
        self.record.note(operation, argument, verdict, why);
        done.map_err(|(_, why)| why)
    }

    /// The native library that has something called `name`, though the policy need not grant it.
    pub(crate) fn native_with(&self, name: &str) -> Option<&Path> {
        self.native.with_symbol(name)
    }

    /// Calls a function of a native library, if what is in force grants it. Fails with what is wrong with the call, which is
    /// then not made, or not answered.
    pub(crate) fn call_native(
        &mut self,
        number: usize,
        frame: &Frame,
        memory: &dyn Lent,
        errno: i32,
    ) -> Result<(Returned, i32), String> {
        self.is_quiet = false;
        self.follow_splices();
        let Some((library, prototype)) = self.native.granted(number) else {
            return Err("it called a native function that is none".into());
        };
        let is_granted = |granted: &NativeLibrary| granted.path == library && granted.functions.contains(prototype);
        let called = match self.reach.natives.iter().any(is_granted) {
            true => self.native.call(number, frame, memory, errno),
            false => Err(Problem::Refused("splices may not call it".into())),
        };
        if !self.record.is_wanted()
            && let Ok(returned) = called
        {
            return Ok(returned);
        }
        let function = self.native.granted(number);
        let what = function.map_or_else(String::new, |(library, f)| format!("{}: {}", library.display(), f.name()));
        let called = self.noted("native_call", what.clone(), called);
        called.map_err(|why| format!("it called a native function, {what}: {why}"))
    }

    /// Where the program has a copy of a text.
    pub(crate) fn native_text(&self, text: &[u8]) -> Option<u32> {
        self.native.text(text)
    }

    /// The program has a copy of a text there.
    pub(crate) fn keep_native_text(&mut self, text: Vec<u8>, addr: u32) -> Result<(), String> {
        self.native.keep_text(text, addr)
    }
}
