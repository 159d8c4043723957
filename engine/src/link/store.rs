//! [`PackageStore`]: compiles what was linked, and keeps it: in memory for everybody who uses the engine, in files for
//! later runs.

use std::collections::HashMap;
use std::hash::Hash;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bcvm::abi::PAGE;
use bcvm_host::link::{Content, Index, Key, Need, Package, Place, Source, Space, Stamp, Store};

use super::evict;
use super::files::{Description, Files};
use super::progress::Progress;
use super::registry::Registry;
use super::turn::Turn;
use crate::embed::{Engine, Image, LinkedObject};

/// What interpreters of one engine share while any of them uses it.
#[derive(Default)]
pub struct Shared {
    linked: Mutex<HashMap<Key, Weak<LinkedObject>>>,
    indices: Mutex<HashMap<Content, Weak<Index>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is guarded is changed in single steps.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What `map` has under `key`, or else `value`. What nobody uses any more is forgotten.
fn share<K: Hash + Eq, T>(map: &Mutex<HashMap<K, Weak<T>>>, key: K, value: Arc<T>) -> Arc<T> {
    let mut map = lock(map);
    if let Some(known) = map.get(&key).and_then(Weak::upgrade) {
        return known;
    }
    map.retain(|_, known| known.strong_count() > 0);
    map.insert(key, Arc::downgrade(&value));
    value
}

fn shared<K: Hash + Eq, T>(map: &Mutex<HashMap<K, Weak<T>>>, key: &K) -> Option<Arc<T>> {
    lock(map).get(key).and_then(Weak::upgrade)
}

/// What is kept between runs.
struct Kept {
    files: Files,
    registry: Mutex<Registry>,
}

/// The store of an engine's packages.
pub struct PackageStore {
    engine: Engine,
    kept: Option<Kept>,
    progress: Progress,
    turn: Turn,
    /// Bytes of packages that may be compiled before they are counted: to compile takes time, which nothing else bounds.
    may_compile: AtomicU64,
}

impl PackageStore {
    /// The store of `engine`, in its cache if that has a directory.
    pub fn new(engine: &Engine) -> PackageStore {
        let kept = engine.cache_directory().map(|directory| {
            let registry = Mutex::new(Registry::read(directory));
            Kept { files: Files::new(directory.to_owned()), registry }
        });
        let (progress, turn) = (Progress::default(), Turn::default());
        PackageStore { engine: engine.clone(), kept, progress, turn, may_compile: AtomicU64::new(u64::MAX) }
    }

    /// Has packages of so many bytes compiled from now on, and no more.
    pub(super) fn allow_to_compile(&self, bytes: u64) {
        self.may_compile.store(bytes, Ordering::Relaxed);
    }

    /// Shows the progress of `work`, which uses this store. Meanwhile nobody else compiles for the same cache.
    pub(super) fn show_progress<T>(&self, work: impl FnOnce() -> T) -> T {
        let result = self.progress.show(work);
        self.turn.give_back();
        result
    }

    /// Waits until nobody else compiles for the same cache; whether what is wanted may have come there meanwhile.
    fn wait_for_others(&self) -> bool {
        let Some(kept) = &self.kept else { return false };
        self.progress.wait(|| self.turn.take(kept.files.directory()))
    }

    fn find_kept(&self, key: &Key) -> Option<LinkedObject> {
        let (description, file) = self.kept.as_ref()?.files.package(key)?;
        let code = self.engine.find_compiled(blake3::Hash::from_bytes(description.wasm))?;
        let Description { place, need, init, unsupported, image_bytes, constant, .. } = description;
        let image = Image::File { file, len: image_bytes };
        Some(LinkedObject { place, need, image, constant, code, init, unsupported })
    }
}

/// What failed to be kept costs time at the next run, and nothing else.
fn report(what: &str, result: io::Result<()>) {
    if let Err(error) = result {
        tracing::debug!(target: "bcvm::cache", "not keeping {what}: {error}");
    }
}

fn offset(source: &Source) -> u64 {
    source.member.as_ref().map_or(0, |(_, offset, _)| *offset)
}

impl Store for PackageStore {
    type Code = Arc<LinkedObject>;

    fn recall(&self, source: &Source) -> Option<(Content, Arc<Index>)> {
        let kept = self.kept.as_ref()?;
        let stamp = Stamp::of(&source.path)?;
        let content = lock(&kept.registry).facts().content(stamp, offset(source))?;
        if let Some(index) = shared(&self.engine.shared().indices, &content) {
            return Some((content, index));
        }
        let index = Arc::new(kept.files.index(content)?);
        Some((content, share(&self.engine.shared().indices, content, index)))
    }

    fn remember(&self, source: &Source, stamp: Option<Stamp>, content: Content, index: &Arc<Index>) {
        share(&self.engine.shared().indices, content, Arc::clone(index));
        let Some(kept) = &self.kept else { return };
        if kept.files.index(content).is_none() {
            report("an index", kept.files.keep_index(content, index));
        }
        if let Some(stamp) = stamp {
            lock(&kept.registry).remember(stamp, offset(source), content);
        }
    }

    fn place(&self, content: Content, need: Need, taken: &Space) -> Option<Place> {
        let kept = self.kept.as_ref()?;
        let mut registry = lock(&kept.registry);
        let known = registry.facts().place(content, need);
        known.or_else(|| registry.assign(content, need, taken, |other| kept.files.has_index(other)))
    }

    fn find(&self, key: &Key) -> Option<Arc<LinkedObject>> {
        let shared_code = &self.engine.shared().linked;
        if let Some(known) = shared(shared_code, key) {
            return Some(known);
        }
        let kept = match self.find_kept(key) {
            Some(kept) => kept,
            None if self.wait_for_others() => self.find_kept(key)?,
            None => return None,
        };
        Some(share(shared_code, *key, Arc::new(kept)))
    }

    fn make(&self, key: &Key, package: Package) -> Result<Arc<LinkedObject>, String> {
        let bytes = u64::from(package.need.bytes);
        let left = |left: u64| left.checked_sub(bytes);
        if let Err(left) = self.may_compile.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left) {
            return Err(format!("it takes {bytes} bytes of memory, and objects may take only {left} more"));
        }
        self.progress.begin();
        let Package { name, place, need, mut image, constant, init, unsupported, wasm, .. } = package;
        let code = self.engine.compile(&wasm).map_err(|e| format!("{:#}", anyhow::Error::from(e)))?;
        let unsupported: Vec<String> = unsupported.iter().map(|place| place.in_object()).collect();
        let none = Image::Bytes(Vec::new());
        let mut linked = LinkedObject { place, need, image: none, constant, code, init, unsupported };
        let padded = image.len().next_multiple_of(PAGE as usize);
        image.resize(padded, 0);
        linked.image = match self.keep(key, &name, &linked, &wasm, &image) {
            Some(image) => image,
            None => Image::Bytes(image),
        };
        self.progress.done();
        Ok(share(&self.engine.shared().linked, *key, Arc::new(linked)))
    }
}

impl PackageStore {
    /// Keeps a package between runs, if there is a place for that.
    fn keep(&self, key: &Key, name: &str, linked: &LinkedObject, wasm: &[u8], image: &[u8]) -> Option<Image> {
        let kept = self.kept.as_ref()?;
        let image_bytes = u32::try_from(image.len()).ok()?;
        let description = Description {
            place: linked.place,
            need: linked.need,
            init: linked.init.clone(),
            unsupported: linked.unsupported.clone(),
            wasm: *blake3::hash(wasm).as_bytes(),
            image_bytes,
            constant: linked.constant,
        };
        let file = match kept.files.keep_package(key, &description, image) {
            Ok(file) => Some(Image::File { file, len: image_bytes }),
            Err(error) => {
                report(name, Err(error));
                None
            }
        };
        report("less", evict::shrink(kept.files.directory(), evict::MAX_BYTES));
        file
    }
}
