//! Resolving (`ResolveObjs`): everything pending gets its place, is bound, relocated and lifted, and installed.
//!
//! Invariant: objects count as resolved once all that were pending have been installed; until then nothing has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fmt, thread};

use super::error::{Error, Missing};
use super::index::Want;
use super::linker::{Linker, Loaded, State};
use super::package::Package;
use super::source::Content;
use super::space::{Need, Place, Space};
use super::store::Store;
use super::symbols::SymbolTable;
use crate::elf::Object;
use crate::reloc::{Definition, SymbolBindings};

/// Hash of all that the outcome of linking an object depends on, beside this crate: see Note [What an artefact depends
/// on].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub [u8; 32]);

impl Key {
    fn new(content: Content, place: Place, need: Need, bound: &[Option<Definition>]) -> Key {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&content.0);
        for number in [place.base, place.stg, place.c, need.bytes, need.stg, need.c] {
            hasher.update(&number.to_le_bytes());
        }
        // The names are part of the content, and in its order.
        for definition in bound {
            let (address, slot) = definition.map_or((u64::MAX, u32::MAX), |d| (d.address, d.slot.unwrap_or(0)));
            hasher.update(&address.to_le_bytes()).update(&slot.to_le_bytes());
        }
        Key(*hasher.finalize().as_bytes())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", blake3::Hash::from_bytes(self.0).to_hex())
    }
}

/// An object that was resolved.
#[derive(Debug)]
pub struct Resolved<C> {
    /// Which it is.
    pub content: Content,
    /// What messages call it.
    pub name: String,
    /// Where it is.
    pub place: Place,
    /// What it takes up there.
    pub need: Need,
    /// What the store made of it.
    pub code: C,
}

/// A pending object with its place and what it refers to, in the order of its index.
struct Job<'a> {
    object: &'a Loaded,
    place: Place,
    bound: Vec<Option<Definition>>,
}

impl Linker {
    /// Resolves everything that is pending, in the order it was loaded. `install` is given it all and puts it into memory;
    /// if it fails, or anything before, nothing has changed.
    pub fn resolve<S: Store, E: From<Error>>(
        &mut self,
        store: &S,
        install: impl FnOnce(Vec<Resolved<S::Code>>) -> Result<(), E>,
    ) -> Result<(), E> {
        let before = self.snapshot();
        let done = self.try_resolve(store, install);
        if done.is_err() {
            self.restore(before);
        }
        done
    }

    fn try_resolve<S: Store, E: From<Error>>(
        &mut self,
        store: &S,
        install: impl FnOnce(Vec<Resolved<S::Code>>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.load_members(store)?;
        let pending: Vec<u32> = self.pending().map(|(number, _)| number).collect();
        self.link(&pending, None, store, install)
    }

    /// Gives objects their places, binds them and has them installed, in this order. `scope` is where shared objects look
    /// first.
    pub(super) fn link<S: Store, E: From<Error>>(
        &mut self,
        objects: &[u32],
        scope: Option<&SymbolTable>,
        store: &S,
        install: impl FnOnce(Vec<Resolved<S::Code>>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut space = self.space.clone();
        let places = self.places(objects, store, &mut space)?;
        let jobs = self.bind(objects, scope, &places)?;
        let resolved = run(&jobs, store)?;
        install(resolved)?;
        self.space = space;
        for (number, place) in places {
            self.objects[number as usize].state = State::Resolved(place);
        }
        Ok(())
    }

    /// Whether anything was loaded that is not resolved.
    pub fn has_pending(&self) -> bool {
        self.pending().next().is_some()
    }

    fn pending(&self) -> impl Iterator<Item = (u32, &Loaded)> {
        (0..).zip(&self.objects).filter(|(_, object)| object.state == State::Pending)
    }

    fn is_builtin(&self, name: &str) -> bool {
        self.builtins.find(name).is_some()
    }

    /// Loads archive members until nothing pending wants more.
    fn load_members<S: Store>(&mut self, store: &S) -> Result<(), Error> {
        if self.archives.is_empty() {
            return Ok(());
        }
        let mut work: Vec<u32> = self.pending().map(|(number, _)| number).collect();
        // What an archive says of its members need not be true, so the same member may be led to again and again.
        let mut seen = BTreeSet::new();
        while let Some(number) = work.pop() {
            if !seen.insert(number) {
                continue;
            }
            let index = self.objects[number as usize].index.clone();
            for want in index.wants().filter(|want| want.needed_at.is_some()) {
                if self.find(want.name, want.hash).is_none() && !self.is_builtin(want.name) {
                    work.extend(self.load_member(want.name, store)?);
                }
            }
            // A strong definition takes the place of a weak one, though nobody waits for it.
            for export in index.exports().filter(|export| export.gives_way) {
                work.extend(self.load_strong_member(export.name, store)?);
            }
        }
        Ok(())
    }

    /// Gives every object a place, and takes it in `space`.
    fn places<S: Store>(&self, objects: &[u32], store: &S, space: &mut Space) -> Result<BTreeMap<u32, Place>, Error> {
        let mut places = BTreeMap::new();
        for &number in objects {
            let object = &self.objects[number as usize];
            let need = object.index.need();
            let given = store.place(object.content, need, space).filter(|&place| space.take(place, need));
            let place = given.or_else(|| space.find(need).filter(|&place| space.take(place, need)));
            let place = place.ok_or_else(|| Error::NoRoom {
                object: object.source.name(),
                bytes: need.bytes,
                slots: u64::from(need.stg) + u64::from(need.c),
            })?;
            places.insert(number, place);
        }
        Ok(places)
    }

    /// Finds what every object wants; all that is missing is reported at once.
    fn bind(
        &self,
        objects: &[u32],
        scope: Option<&SymbolTable>,
        places: &BTreeMap<u32, Place>,
    ) -> Result<Vec<Job<'_>>, Error> {
        let mut missing: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
        let mut jobs = Vec::new();
        for &number in objects {
            let Some(&place) = places.get(&number) else { continue };
            let object = &self.objects[number as usize];
            let mut bound = Vec::with_capacity(object.index.want_count() as usize);
            for want in object.index.wants() {
                let definition = self.definition_for(number, &want, scope, places)?;
                if let (None, Some(at), false) = (definition, want.needed_at, want.only_called) {
                    missing.entry(want.name).or_default().push((object.source.name(), at.to_owned()));
                }
                bound.push(definition);
            }
            jobs.push(Job { object, place, bound });
        }
        if missing.is_empty() {
            return Ok(jobs);
        }
        let missing = missing.into_iter();
        Err(Error::Unresolved(
            missing.map(|(symbol, by)| Missing { symbol: symbol.to_owned(), wanted_by: by }).collect(),
        ))
    }

    /// What a name stands for in object number `number`. Fails if it is in an object that has failed.
    fn definition_for(
        &self,
        number: u32,
        want: &Want<'_>,
        scope: Option<&SymbolTable>,
        places: &BTreeMap<u32, Place>,
    ) -> Result<Option<Definition>, Error> {
        let Want { name, hash, .. } = want;
        if let Some(definition) = self.builtins.find(name) {
            return Ok(Some(definition));
        }
        let in_scope = scope.and_then(|scope| scope.find(name, *hash, |object| &*self.objects[object as usize].index));
        let found = in_scope.or_else(|| self.find(name, *hash)).or_else(|| self.find_shared(name, *hash));
        let Some(found) = found else { return Ok(self.builtins.find_stand_in(name)) };
        self.check_object(found.object)?;
        let place = match self.objects[found.object as usize].state {
            State::Resolved(place) => place,
            _ => match places.get(&found.object) {
                Some(&place) => place,
                None => return Ok(None),
            },
        };
        // An object's own weak definition is the one that counts if no other came first.
        Ok((found.object != number).then(|| self.definition(found, place.base)))
    }
}

impl Job<'_> {
    fn run<S: Store>(&self, store: &S) -> Result<Resolved<S::Code>, Error> {
        let Job { object, place, ref bound } = *self;
        let need = object.index.need();
        let key = Key::new(object.content, place, need, bound);
        let name = object.source.name();
        let code = match store.find(&key) {
            Some(code) => code,
            None => {
                let problem = |problem| Error::Store { object: name.clone(), problem };
                store.make(&key, self.link()?).map_err(problem)?
            }
        };
        Ok(Resolved { content: object.content, name, place, need, code })
    }

    fn link(&self) -> Result<Package, Error> {
        let source = &self.object.source;
        let name = source.name();
        let data = source.read().map_err(|error| Error::Read { file: name.clone(), source: error })?;
        if Content::of(&data) != self.object.content {
            return Err(Error::Changed { object: name });
        }
        let mut bindings = SymbolBindings::new();
        for (want, definition) in self.object.index.wants().zip(&self.bound) {
            if let Some(definition) = definition {
                bindings.define(want.name, *definition);
            }
        }
        Package::new(&Object::parse(name, &data)?, self.place, self.object.index.need(), &bindings)
    }
}

/// Links all objects, on as many threads as there are processors.
fn run<S: Store>(jobs: &[Job<'_>], store: &S) -> Result<Vec<Resolved<S::Code>>, Error> {
    // The largest first, so that none is left over at the end.
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    order.sort_by_key(|&job| std::cmp::Reverse(jobs[job].object.index.need().bytes));
    let next = AtomicUsize::new(0);
    let results = Mutex::new(jobs.iter().map(|_| None).collect::<Vec<_>>());
    let work = || {
        while let Some(&job) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            let result = jobs[job].run(store);
            let mut results = results.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            results[job] = Some(result);
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(jobs.len());
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    let results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    results.into_iter().flatten().collect()
}
