//! [`Linker`]: one interpreter's objects and archives. Loading and unloading are here, resolving is in
//! `resolve`.
//!
//! Invariant: a path, and a hash of contents, leads to at most one object that is not unloaded; the symbol table holds
//! the exports of exactly those. Every operation that fails has changed nothing.

// Note [Unloaded objects come back]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// `UnloadObj` marks an object: its symbols are gone, its memory and code stay, since the heap may still refer to them.
// GHCi unloads and loads again the very same files all the time. If the same content is loaded again, the object that is
// there gets its symbols back, with the state that its data is in: closures are as good as new, and CAFs keep their
// values. GHC would load a second copy.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::builtin::{Builtins, Runtime};
use super::error::{Duplicate, Error};
use super::index::{Index, Value};
use super::members::Members;
use super::source::{Content, Source, Stamp};
use super::space::{Place, Space};
use super::store::Store;
use super::symbols::{Found, SymbolTable, hash_of};
use crate::elf::Object;
use crate::reloc::Definition;

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It is loaded and not resolved.
    Pending,
    /// It has been installed at its place.
    Resolved(Place),
    /// It was unloaded; what is installed stays. See Note [Unloaded objects come back].
    Unloaded(Option<Place>),
}

/// An object that was loaded.
#[derive(Debug, Clone)]
pub(super) struct Loaded {
    pub source: Source,
    pub content: Content,
    pub index: Arc<Index>,
    pub state: State,
}

impl Loaded {
    fn is_unloaded(&self) -> bool {
        matches!(self.state, State::Unloaded(_))
    }
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// It is known, and what it stands for is installed or built in.
    Defined(Definition),
    /// Some object or archive defines it that has to be resolved first.
    Pending,
}

/// One interpreter's linker.
#[derive(Debug)]
pub struct Linker {
    pub(super) builtins: Box<dyn Builtins>,
    pub(super) objects: Vec<Loaded>,
    pub(super) symbols: SymbolTable,
    pub(super) archives: Vec<Arc<Members>>,
    pub(super) space: Space,
    by_path: HashMap<PathBuf, Vec<u32>>,
}

impl Default for Linker {
    fn default() -> Linker {
        Linker::new(Box::new(Runtime))
    }
}

/// What a failed operation restores.
pub(super) struct Snapshot {
    objects: Vec<State>,
    by_path: HashMap<PathBuf, Vec<u32>>,
}

impl Linker {
    /// A linker that has loaded nothing.
    pub fn new(builtins: Box<dyn Builtins>) -> Linker {
        Linker {
            builtins,
            objects: Vec::new(),
            symbols: SymbolTable::default(),
            archives: Vec::new(),
            space: Space::default(),
            by_path: HashMap::new(),
        }
    }

    /// Loads an object file (`LoadObj`): its symbols are known from now on, and resolved at the next
    /// [`Linker::resolve`]. To load a path that is loaded does nothing.
    pub fn load_obj<S: Store>(&mut self, path: &Path, store: &S) -> Result<(), Error> {
        let path = canonical(path)?;
        if self.is_loaded(&path) {
            return Ok(());
        }
        self.load(Source::file(path), store).map(drop)
    }

    /// Loads an archive (`LoadArchive`): its members are loaded as their symbols are needed.
    pub fn load_archive(&mut self, path: &Path) -> Result<(), Error> {
        let path = canonical(path)?;
        if self.archives.iter().any(|archive| archive.path() == path) {
            return Ok(());
        }
        let members = Members::read(path)?;
        self.archives.push(Arc::new(members));
        Ok(())
    }

    /// Loads what stands beside a shared object of a Haskell package, `libHSx-ghcV.so`, for a GHC that is linked
    /// dynamically itself (`LoadDLL`): the object `HSx.o` or the archive `libHSx.a`.
    pub fn load_dll<S: Store>(&mut self, path: &Path, store: &S) -> Result<(), Error> {
        let refused = |problem| Error::Refused { path: path.display().to_string(), problem };
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let package = name.strip_suffix(".so").and_then(|name| name.strip_prefix("libHS"));
        let Some((package, _)) = package.and_then(|package| package.rsplit_once("-ghc")) else {
            return Err(refused("not a shared object of a Haskell package, and others are not loaded"));
        };
        let object = path.with_file_name(format!("HS{package}.o"));
        let archive = path.with_file_name(format!("libHS{package}.a"));
        if object.exists() {
            self.load_obj(&object, store)
        } else if archive.exists() {
            self.load_archive(&archive)
        } else {
            Err(refused("there is no static object or archive beside it, and shared objects are not loaded"))
        }
    }

    /// Takes an object's or archive's symbols away (`UnloadObj`).
    pub fn unload_obj(&mut self, path: &Path) -> Result<(), Error> {
        let not_loaded = || Error::NotLoaded { path: path.display().to_string() };
        // The file may be gone by now.
        let path = canonical(path).unwrap_or_else(|_| path.to_owned());
        let archives = self.archives.len();
        self.archives.retain(|archive| archive.path() != path);
        let objects = self.by_path.remove(&path).unwrap_or_default();
        if objects.is_empty() && archives == self.archives.len() {
            return Err(not_loaded());
        }
        for number in objects {
            // Another path may have led to the same content.
            if self.by_path.values().flatten().any(|&other| other == number) {
                continue;
            }
            let object = &mut self.objects[number as usize];
            object.state = match object.state {
                State::Pending => State::Unloaded(None),
                State::Resolved(place) => State::Unloaded(Some(place)),
                unloaded => unloaded,
            };
        }
        self.rebuild_symbols();
        Ok(())
    }

    /// What `name` stands for (`LookupSymbol`): see Note [Lookup order].
    pub fn lookup(&self, name: &str) -> Option<Lookup> {
        if let Some(definition) = self.builtins.find(name) {
            return Some(Lookup::Defined(definition));
        }
        if let Some(definition) = self.find_in_objects(name) {
            return Some(Lookup::Defined(definition));
        }
        let is_pending = self.find(name, hash_of(name)).is_some();
        if is_pending || self.archives.iter().any(|archive| archive.defining(name).is_some()) {
            return Some(Lookup::Pending);
        }
        self.builtins.find_stand_in(name).map(Lookup::Defined)
    }

    /// What a name stands for in the objects that have been resolved.
    pub fn find_in_objects(&self, name: &str) -> Option<Definition> {
        let found = self.find(name, hash_of(name))?;
        match self.objects[found.object as usize].state {
            State::Resolved(place) => Some(self.definition(found, place.base)),
            State::Pending | State::Unloaded(_) => None,
        }
    }

    /// Has [`Linker::resolve`] bring in what defines `name`, though nothing loaded wants it.
    pub fn demand<S: Store>(&mut self, name: &str, store: &S) -> Result<(), Error> {
        if self.find(name, hash_of(name)).is_none() {
            self.load_member(name, store)?;
        }
        Ok(())
    }

    fn is_loaded(&self, path: &Path) -> bool {
        let objects = self.by_path.get(path).into_iter().flatten();
        objects.into_iter().any(|&number| !self.objects[number as usize].is_unloaded())
    }

    /// Loads an object; answers its number.
    fn load<S: Store>(&mut self, source: Source, store: &S) -> Result<u32, Error> {
        let (content, index) = match store.recall(&source) {
            Some(known) => known,
            None => read(&source, store)?,
        };
        let known = (0..).zip(&self.objects).find(|(_, object)| object.content == content);
        let number = match known.map(|(number, object)| (number, object.state)) {
            Some((number, State::Unloaded(place))) => {
                let state = place.map_or(State::Pending, State::Resolved);
                self.objects[number as usize].state = state;
                if let Err(duplicates) = self.add_symbols(number) {
                    self.objects[number as usize].state = State::Unloaded(place);
                    self.rebuild_symbols();
                    return Err(duplicates);
                }
                number
            }
            // The same content by another name.
            Some((number, _)) => number,
            None => {
                let number = self.objects.len() as u32;
                self.objects.push(Loaded { source: source.clone(), content, index, state: State::Pending });
                if let Err(duplicates) = self.add_symbols(number) {
                    self.objects.pop();
                    self.rebuild_symbols();
                    return Err(duplicates);
                }
                number
            }
        };
        let same_path = self.by_path.entry(source.path).or_default();
        if !same_path.contains(&number) {
            same_path.push(number);
        }
        Ok(number)
    }

    /// Loads the first archive member that defines `name`; `None` if there is none.
    pub(super) fn load_member<S: Store>(&mut self, name: &str, store: &S) -> Result<Option<u32>, Error> {
        let Some(member) = self.archives.iter().find_map(|archive| archive.defining(name)) else { return Ok(None) };
        self.load(member.clone(), store).map(Some)
    }

    /// Loads the first archive member with a strong definition of `name`, if none was loaded before.
    pub(super) fn load_strong_member<S: Store>(&mut self, name: &str, store: &S) -> Result<Option<u32>, Error> {
        let found = self.find(name, hash_of(name));
        if found.is_some_and(|found| !self.objects[found.object as usize].index.gives_way(found.export)) {
            return Ok(None);
        }
        let Some(member) = self.archives.iter().find_map(|archive| archive.defining_strongly(name)) else {
            return Ok(None);
        };
        self.load(member.clone(), store).map(Some)
    }

    pub(super) fn find(&self, name: &str, hash: u64) -> Option<Found> {
        self.symbols.find(name, hash, |object| &*self.objects[object as usize].index)
    }

    /// What an export of an object at `base` is worth.
    pub(super) fn definition(&self, found: Found, base: u32) -> Definition {
        let address = match self.objects[found.object as usize].index.export(found.export).value {
            Value::Offset(offset) => u64::from(base) + u64::from(offset),
            Value::Absolute(value) => value,
        };
        Definition { address, slot: None }
    }

    /// Fails if there are symbols that others define too; the symbol table is to be built anew then.
    fn add_symbols(&mut self, object: u32) -> Result<(), Error> {
        let objects = &self.objects;
        let duplicates = self.symbols.add(object, |object| &*objects[object as usize].index);
        if duplicates.is_empty() {
            return Ok(());
        }
        let name = |found: Found| objects[found.object as usize].source.name();
        let duplicate = |(old, new): (Found, Found)| Duplicate {
            symbol: objects[new.object as usize].index.export(new.export).name.to_owned(),
            object: name(new),
            defined_by: name(old),
        };
        Err(Error::Duplicates(duplicates.into_iter().map(duplicate).collect()))
    }

    fn rebuild_symbols(&mut self) {
        self.symbols = SymbolTable::default();
        for number in 0..self.objects.len() as u32 {
            if !self.objects[number as usize].is_unloaded() {
                let added = self.add_symbols(number);
                debug_assert!(added.is_ok(), "what was loaded defines nothing twice");
            }
        }
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let objects = self.objects.iter().map(|object| object.state).collect();
        Snapshot { objects, by_path: self.by_path.clone() }
    }

    /// Undoes the loading of archive members since.
    pub(super) fn restore(&mut self, snapshot: Snapshot) {
        self.objects.truncate(snapshot.objects.len());
        for (object, state) in self.objects.iter_mut().zip(snapshot.objects) {
            object.state = state;
        }
        self.by_path = snapshot.by_path;
        self.rebuild_symbols();
    }
}

/// Reads an object and finds out what is to be known about it.
fn read<S: Store>(source: &Source, store: &S) -> Result<(Content, Arc<Index>), Error> {
    let before = Stamp::of(&source.path);
    let name = source.name();
    let data = source.read().map_err(|error| Error::Read { file: name.clone(), source: error })?;
    let content = Content::of(&data);
    let object = Object::parse(name, &data)?;
    // Code that can't be placed or translated fails when it is resolved, and not before, as in GHC's linker.
    let index = Arc::new(Index::new(&object).or_else(|_| Index::of_symbols(&object))?);
    let stamp = before.filter(|before| Stamp::of(&source.path).as_ref() == Some(before));
    store.remember(source, stamp, content, &index);
    Ok((content, index))
}

fn canonical(path: &Path) -> Result<PathBuf, Error> {
    path.canonicalize().map_err(|source| Error::Read { file: path.display().to_string(), source })
}
