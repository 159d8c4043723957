//! Names to definitions, over all loaded objects.
//!
//! Invariant: a name leads to its only strong definition or, where there is none, to the first weak or common one; in a
//! table of shared objects to the one that was put before the others.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::index::Index;

/// The hash by which a name is found. A cryptographic one, since names come from files that anybody may have made:
/// nobody shall be able to make many that collide.
pub(super) fn hash_of(name: &str) -> u64 {
    let hash = blake3::hash(name.as_bytes());
    u64::from_le_bytes(*hash.as_bytes().first_chunk().unwrap_or(&[0; 8]))
}

/// A definition: the object's number and the export's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub object: u32,
    pub export: u32,
}

/// All names. The names themselves are in the objects' indices, which every operation is given.
#[derive(Debug, Clone, Default)]
pub(super) struct SymbolTable {
    table: HashTable<(u64, Found)>,
}

impl SymbolTable {
    /// The definition of a name, whose hash is `hash`. `index_of` answers an object's index.
    pub(super) fn find<'a>(&self, name: &str, hash: u64, index_of: impl Fn(u32) -> &'a Index) -> Option<Found> {
        let is_it = |entry: &(u64, Found)| entry.0 == hash && name_of(entry.1, &index_of) == name;
        self.table.find(hash, is_it).map(|entry| entry.1)
    }

    /// Adds what object number `object` exports, `index_of(object)` included. Where there are two strong definitions the
    /// first stays, and it is answered with the second.
    pub(super) fn add<'a>(&mut self, object: u32, index_of: impl Fn(u32) -> &'a Index) -> Vec<(Found, Found)> {
        let index = index_of(object);
        let mut duplicates = Vec::new();
        self.table.reserve(index.export_count() as usize, |entry| entry.0);
        for export in 0..index.export_count() {
            let new = Found { object, export };
            match self.entry(new, &index_of) {
                Entry::Vacant(entry) => {
                    entry.insert((index.export_hash(export), new));
                }
                Entry::Occupied(_) if index.gives_way(export) => {}
                Entry::Occupied(mut entry) => {
                    let old = entry.get().1;
                    if index_of(old.object).gives_way(old.export) {
                        entry.get_mut().1 = new;
                    } else {
                        duplicates.push((old, new));
                    }
                }
            }
        }
        duplicates
    }

    /// The place of what has the name of `new`.
    fn entry<'a>(&mut self, new: Found, index_of: impl Fn(u32) -> &'a Index) -> Entry<'_, (u64, Found)> {
        let hash = index_of(new.object).export_hash(new.export);
        // Most hashes are new: no name is looked at then.
        let is_it = |entry: &(u64, Found)| entry.0 == hash && name_of(entry.1, &index_of) == name_of(new, &index_of);
        self.table.entry(hash, is_it, |entry| entry.0)
    }

    /// Adds what the shared object number `object` exports, before everything else of those names.
    pub(super) fn add_before<'a>(&mut self, object: u32, index_of: impl Fn(u32) -> &'a Index) {
        let index = index_of(object);
        self.table.reserve(index.export_count() as usize, |entry| entry.0);
        for export in 0..index.export_count() {
            let new = Found { object, export };
            match self.entry(new, &index_of) {
                // Of two definitions of its own the first counts.
                Entry::Occupied(entry) if entry.get().1.object == object => {}
                Entry::Occupied(mut entry) => entry.get_mut().1 = new,
                Entry::Vacant(entry) => {
                    entry.insert((index.export_hash(export), new));
                }
            }
        }
    }
}

fn name_of<'a>(found: Found, index_of: &impl Fn(u32) -> &'a Index) -> &'a str {
    index_of(found.object).export(found.export).name
}
