//! Shared objects: a library and those it needs are loaded, resolved and initialised at once (`LoadDLL`).

// Note [Who sees whose definitions]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// As in a process with GHC's linker and the system's dynamic linker side by side. The runtime's symbols come before all.
//
// Relocatable objects, and GHC when it asks for a symbol, find what relocatable objects define, and then what libraries
// do: first those that were loaded last, so that something can be compiled and loaded again, and in each case the library
// before those that it needs, nearest first.
//
// A library finds what it and those it needs define, in that order, or rather what the library that GHC asked for and those
// that *it* needs do: their own code, too, uses another's earlier definition instead of its own, unless it was linked with
// -Bsymbolic or hides the symbol. In libraries the first definition counts, whether it is weak or not.
//
// The system's linker shows a library nothing else. Here it sees everything if nobody in its scope has a
// definition. What it only calls it need not find until it does: see `PlacedObject::nowhere`.

use std::path::PathBuf;

use super::error::Error;
use super::linker::{Linker, State};
use super::resolve::Resolved;
use super::source::Source;
use super::store::Store;
use super::symbols::SymbolTable;

/// A library with all it needs, as far as that is to be loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Libraries {
    /// The files, in the order in which their definitions count: the library comes first.
    pub paths: Vec<PathBuf>,
    /// In which order they are initialised, by position in `paths`: what a library needs comes before it.
    pub initialised: Vec<usize>,
}

impl Linker {
    /// Loads libraries. `install` is given those that are new, in the order in which they are to be initialised; if it
    /// fails, or anything before, nothing has changed.
    pub fn load_libraries<S: Store, E: From<Error>>(
        &mut self,
        libraries: &Libraries,
        store: &S,
        install: impl FnOnce(Vec<Resolved<S::Code>>) -> Result<(), E>,
    ) -> Result<(), E> {
        let before = self.snapshot();
        let done = self.try_load_libraries(libraries, store, install);
        if done.is_err() {
            self.restore(before);
        }
        done
    }

    fn try_load_libraries<S: Store, E: From<Error>>(
        &mut self,
        libraries: &Libraries,
        store: &S,
        install: impl FnOnce(Vec<Resolved<S::Code>>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut group = Vec::new();
        for path in &libraries.paths {
            group.push(self.load(Source::file(path), store, true)?);
        }
        let is_pending = |number: &u32| self.objects[*number as usize].state == State::Pending;
        let mut new = Vec::new();
        for number in libraries.initialised.iter().filter_map(|&position| group.get(position)) {
            if is_pending(number) && !new.contains(number) {
                new.push(*number);
            }
        }
        let mut scope = SymbolTable::default();
        self.add_group(&group, &mut scope);
        self.link(&new, Some(&scope), store, install)?;
        let mut symbols = std::mem::take(&mut self.shared_symbols);
        self.add_group(&group, &mut symbols);
        self.shared_symbols = symbols;
        self.groups.push(group);
        Ok(())
    }

    /// Puts the definitions of libraries, the first of which come first, before those that `symbols` has.
    pub(super) fn add_group(&self, group: &[u32], symbols: &mut SymbolTable) {
        for &number in group.iter().rev() {
            symbols.add_before(number, |object| &*self.objects[object as usize].index);
        }
    }
}
