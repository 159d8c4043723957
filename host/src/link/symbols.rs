//! Names to definitions, over all loaded objects.
//!
//! Invariant: a name leads to its only strong definition or, where there is none, to the first weak or common one.

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
        let is_it = |entry: &(u64, Found)| entry.0 == hash && export(entry.1, &index_of).name == name;
        self.table.find(hash, is_it).map(|entry| entry.1)
    }

    /// Adds what object number `object` exports, `index_of(object)` included. Where there are two strong definitions the
    /// first stays.
    pub(super) fn add<'a>(&mut self, object: u32, index_of: impl Fn(u32) -> &'a Index) {
        let exports = &index_of(object).exports;
        self.table.reserve(exports.len(), |entry| entry.0);
        for (number, new) in (0..).zip(exports) {
            let is_it = |entry: &(u64, Found)| entry.0 == new.hash && export(entry.1, &index_of).name == new.name;
            let found = Found { object, export: number };
            match self.table.entry(new.hash, is_it, |entry| entry.0) {
                Entry::Vacant(entry) => {
                    entry.insert((new.hash, found));
                }
                Entry::Occupied(mut entry) => {
                    if !new.gives_way && export(entry.get().1, &index_of).gives_way {
                        entry.get_mut().1 = found;
                    }
                }
            }
        }
    }
}

fn export<'a>(found: Found, index_of: &impl Fn(u32) -> &'a Index) -> &'a super::index::Export {
    &index_of(found.object).exports[found.export as usize]
}
