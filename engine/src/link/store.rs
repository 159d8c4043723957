//! [`PackageStore`]: compiles what was linked, and keeps it for everybody who uses the engine.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bcvm_host::link::{Content, Index, Key, Need, Package, Place, Source, Space, Store};

use crate::embed::{Engine, Image, Linked};

/// What interpreters of one engine share while any of them uses it.
#[derive(Default)]
pub struct Shared {
    linked: Mutex<HashMap<Key, Weak<Linked>>>,
    indices: Mutex<HashMap<Content, Weak<Index>>>,
}

/// What `map` has under `key`, or what `make` makes. What nobody uses any more is forgotten.
fn share<K: Hash + Eq, T>(map: &Mutex<HashMap<K, Weak<T>>>, key: K, value: Arc<T>) -> Arc<T> {
    let mut map = map.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = map.get(&key).and_then(Weak::upgrade) {
        return known;
    }
    map.retain(|_, known| known.strong_count() > 0);
    map.insert(key, Arc::downgrade(&value));
    value
}

fn shared<K: Hash + Eq, T>(map: &Mutex<HashMap<K, Weak<T>>>, key: &K) -> Option<Arc<T>> {
    map.lock().unwrap_or_else(PoisonError::into_inner).get(key).and_then(Weak::upgrade)
}

/// The store of an engine's packages.
#[derive(Clone)]
pub struct PackageStore {
    engine: Engine,
}

impl PackageStore {
    /// The store of `engine`.
    pub fn new(engine: &Engine) -> PackageStore {
        PackageStore { engine: engine.clone() }
    }
}

impl Store for PackageStore {
    type Code = Arc<Linked>;

    fn recall(&self, _: &Source) -> Option<(Content, Arc<Index>)> {
        None
    }

    fn remember(&self, _: &Source, content: Content, index: &Arc<Index>) {
        share(&self.engine.shared().indices, content, Arc::clone(index));
    }

    fn place(&self, _: Content, _: Need, _: &Space) -> Option<Place> {
        None
    }

    fn find(&self, key: &Key) -> Option<Arc<Linked>> {
        shared(&self.engine.shared().linked, key)
    }

    fn make(&self, key: &Key, package: Package) -> Result<Arc<Linked>, String> {
        let Package { name, place, need, image, init, unsupported, wasm, .. } = package;
        let code = self.engine.compile(&wasm).map_err(|e| format!("{:#}", anyhow::Error::from(e)))?;
        let linked = Linked { name, place, need, image: Image::Bytes(image), code, init, unsupported };
        Ok(share(&self.engine.shared().linked, *key, Arc::new(linked)))
    }
}
