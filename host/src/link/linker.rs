//! [`Linker`]: one interpreter's objects and archives. Loading and unloading are here, resolving is in
//! `resolve`, shared objects are in `libraries`.
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
    /// It was installed, and its initialisers failed.
    Failed,
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
    /// What relocatable objects define.
    pub(super) symbols: SymbolTable,
    /// What shared objects define, for those that are none.
    pub(super) shared_symbols: SymbolTable,
    /// Shared objects as they were asked for, each with those it needs: see Note [Who sees whose definitions].
    pub(super) groups: Vec<Vec<u32>>,
    pub(super) archives: Vec<Arc<Members>>,
    pub(super) space: Space,
    by_path: HashMap<PathBuf, Vec<u32>>,
    /// Why initialisers of objects have failed.
    failed: HashMap<Content, String>,
}

impl Default for Linker {
    fn default() -> Linker {
        Linker::new(Box::new(Runtime))
    }
}

/// What a failed operation restores.
pub(super) struct Snapshot {
    objects: Vec<State>,
    groups: usize,
    by_path: HashMap<PathBuf, Vec<u32>>,
}

impl Linker {
    /// A linker that has loaded nothing.
    pub fn new(builtins: Box<dyn Builtins>) -> Linker {
        Linker {
            builtins,
            objects: Vec::new(),
            symbols: SymbolTable::default(),
            shared_symbols: SymbolTable::default(),
            groups: Vec::new(),
            archives: Vec::new(),
            space: Space::default(),
            by_path: HashMap::new(),
            failed: HashMap::new(),
        }
    }

    /// Loads an object file (`LoadObj`): its symbols are known from now on, and resolved at the next
    /// [`Linker::resolve`]. To load a path that is loaded does nothing.
    pub fn load_obj<S: Store>(&mut self, path: &Path, store: &S) -> Result<(), Error> {
        let path = canonical(path)?;
        if self.is_loaded(&path) {
            return Ok(());
        }
        self.load(Source::file(path), store, false).map(drop)
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
                State::Pending | State::Failed => State::Unloaded(None),
                State::Resolved(place) => State::Unloaded(Some(place)),
                other => other,
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
        let is_pending = self.find_anywhere(name, hash_of(name)).is_some();
        if is_pending || self.archives.iter().any(|archive| archive.defining(name).is_some()) {
            return Some(Lookup::Pending);
        }
        self.builtins.find_stand_in(name).map(Lookup::Defined)
    }

    /// What a name stands for in the objects that have been resolved.
    pub fn find_in_objects(&self, name: &str) -> Option<Definition> {
        let found = self.find_anywhere(name, hash_of(name))?;
        match self.objects[found.object as usize].state {
            State::Resolved(place) => Some(self.definition(found, place.base)),
            State::Pending | State::Failed | State::Unloaded(_) => None,
        }
    }

    /// Has [`Linker::resolve`] bring in what defines `name`, though nothing loaded wants it.
    pub fn demand<S: Store>(&mut self, name: &str, store: &S) -> Result<(), Error> {
        if self.find_anywhere(name, hash_of(name)).is_none() {
            self.load_member(name, store)?;
        }
        Ok(())
    }

    /// Notes that the initialisers of an object, which was to be installed, have failed for that reason. They are not called
    /// again: nobody can have the object from now on.
    pub fn fail(&mut self, content: Content, why: String) {
        for object in self.objects.iter_mut().filter(|object| object.content == content) {
            object.state = State::Failed;
        }
        self.failed.insert(content, why);
    }

    /// An error that names the object if what defines `name` has failed.
    pub fn check_failed(&self, name: &str) -> Result<(), Error> {
        self.find_anywhere(name, hash_of(name)).map_or(Ok(()), |found| self.check_object(found.object))
    }

    pub(super) fn check_object(&self, number: u32) -> Result<(), Error> {
        let object = &self.objects[number as usize];
        match object.state {
            State::Failed => {
                let why = self.failed.get(&object.content).cloned().unwrap_or_default();
                Err(Error::Failed { object: object.source.name(), why })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn is_loaded(&self, path: &Path) -> bool {
        let objects = self.by_path.get(path).into_iter().flatten();
        objects.into_iter().any(|&number| !self.objects[number as usize].is_unloaded())
    }

    /// Loads an object, a shared one or not; answers its number.
    pub(super) fn load<S: Store>(&mut self, source: Source, store: &S, shared: bool) -> Result<u32, Error> {
        let (content, index) = match store.recall(&source) {
            Some(known) => known,
            None => read(&source, store)?,
        };
        if index.is_shared() != shared {
            let problem =
                if shared { "it is no shared object" } else { "it is a shared object, not a relocatable one" };
            return Err(Error::Refused { path: source.name(), problem });
        }
        if let Some(why) = self.failed.get(&content) {
            return Err(Error::Failed { object: source.name(), why: why.clone() });
        }
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
        self.load(member.clone(), store, false).map(Some)
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
        self.load(member.clone(), store, false).map(Some)
    }

    /// The definition of a name in relocatable objects.
    pub(super) fn find(&self, name: &str, hash: u64) -> Option<Found> {
        self.symbols.find(name, hash, |object| &*self.objects[object as usize].index)
    }

    /// The definition of a name in shared objects.
    pub(super) fn find_shared(&self, name: &str, hash: u64) -> Option<Found> {
        self.shared_symbols.find(name, hash, |object| &*self.objects[object as usize].index)
    }

    /// The definition of a name in any object, for those who are not in a shared one.
    fn find_anywhere(&self, name: &str, hash: u64) -> Option<Found> {
        self.find(name, hash).or_else(|| self.find_shared(name, hash))
    }

    /// What an export of an object at `base` is worth.
    pub(super) fn definition(&self, found: Found, base: u32) -> Definition {
        let address = match self.objects[found.object as usize].index.export(found.export).value {
            Value::Offset(offset) => u64::from(base) + u64::from(offset),
            Value::Absolute(value) => value,
        };
        Definition { address, slot: None }
    }

    /// Adds the symbols of a relocatable object. Fails if there are some that others define too; the symbol table is to be built anew then.
    fn add_symbols(&mut self, object: u32) -> Result<(), Error> {
        let objects = &self.objects;
        if objects[object as usize].index.is_shared() {
            return Ok(());
        }
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
        let mut shared = SymbolTable::default();
        for group in &self.groups {
            self.add_group(group, &mut shared);
        }
        self.shared_symbols = shared;
        for number in 0..self.objects.len() as u32 {
            if !self.objects[number as usize].is_unloaded() {
                let added = self.add_symbols(number);
                debug_assert!(added.is_ok(), "what was loaded defines nothing twice");
            }
        }
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let objects = self.objects.iter().map(|object| object.state).collect();
        Snapshot { objects, groups: self.groups.len(), by_path: self.by_path.clone() }
    }

    /// Undoes the loading of archive members since.
    pub(super) fn restore(&mut self, snapshot: Snapshot) {
        self.objects.truncate(snapshot.objects.len());
        for (object, state) in self.objects.iter_mut().zip(snapshot.objects) {
            object.state = state;
        }
        self.groups.truncate(snapshot.groups);
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

pub(super) fn canonical(path: &Path) -> Result<PathBuf, Error> {
    path.canonicalize().map_err(|source| Error::Read { file: path.display().to_string(), source })
}
