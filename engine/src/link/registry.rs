//! Which place belongs to which content, and which content a file had: small facts that all processes share.
//!
//! Invariant: no two contents in the registry have places that overlap. What is read is checked for it.

// Note [Places are given once]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// Linked code has its addresses and table slots built in. So the first process that links an object gives its content a
// place, in a file that is locked while it changes, and everybody else uses that place, or none: a process in whose own
// memory it is not free any more links the object elsewhere for itself. An artefact is found by a hash that covers its place
// (Note [What an artefact depends on] in `bcvm_host::link`), so a wrong registry costs time, never correctness.
//
// A place is taken back when nothing that was made of the content is kept any more.
//
// To know the content of a file without reading it, its device, inode, length and times are remembered.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use bcvm_host::link::{Content, Need, Place, Space, Stamp};
use bincode::{Decode, Encode};

use crate::embed::{open_private, store_private};

/// A file, or what begins at some byte of an archive.
type Part = (Stamp, u64);

/// More files than this are not remembered.
const MAX_FILES: usize = 1 << 16;
/// No registry is longer.
const MAX_BYTES: usize = 64 << 20;

/// What is known.
#[derive(Debug, Clone, Default, PartialEq, Encode, Decode)]
pub(super) struct Facts {
    places: BTreeMap<Content, (Place, Need)>,
    files: BTreeMap<Part, Content>,
}

impl Facts {
    /// The content of a file, or of the archive's member that begins at `offset`.
    pub(super) fn content(&self, stamp: Stamp, offset: u64) -> Option<Content> {
        self.files.get(&(stamp, offset)).copied()
    }

    /// The place of a content that takes up so much.
    pub(super) fn place(&self, content: Content, need: Need) -> Option<Place> {
        self.places.get(&content).filter(|(_, had)| *had == need).map(|(place, _)| *place)
    }

    fn remember(&mut self, stamp: Stamp, offset: u64, content: Content) {
        if self.files.len() >= MAX_FILES {
            self.files.clear();
        }
        // Earlier states of the same file will not come back.
        let is_older =
            |other: &Part| other.0.device == stamp.device && other.0.inode == stamp.inode && other.0 != stamp;
        self.files.retain(|part, _| !is_older(part));
        self.files.insert((stamp, offset), content);
    }

    /// Gives a content a place that is free here and in `taken`.
    fn assign(&mut self, content: Content, need: Need, taken: &Space) -> Option<Place> {
        self.places.remove(&content);
        let mut space = taken.clone();
        for &(place, need) in self.places.values() {
            // What `taken` has elsewhere is not in the way there.
            space.take(place, need);
        }
        let place = space.find(need)?;
        self.places.insert(content, (place, need));
        Some(place)
    }

    fn is_sound(&self) -> bool {
        let mut space = Space::default();
        self.places.values().all(|&(place, need)| space.take(place, need))
    }
}

/// The file that holds them.
#[derive(Debug)]
pub(super) struct Registry {
    path: PathBuf,
    facts: Facts,
}

impl Registry {
    /// The registry in a cache's directory, as it is now.
    pub(super) fn read(directory: &Path) -> Registry {
        let path = directory.join("registry");
        let facts = read(&path).unwrap_or_default();
        Registry { path, facts }
    }

    /// What was known when the registry was last read or changed.
    pub(super) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Remembers the content of a file.
    pub(super) fn remember(&mut self, stamp: Stamp, offset: u64, content: Content) {
        self.change(|facts| facts.remember(stamp, offset, content));
    }

    /// The place of a content, given to it now if it has none; `is_kept` tells of which contents something is kept.
    pub(super) fn assign(
        &mut self,
        content: Content,
        need: Need,
        taken: &Space,
        is_kept: impl Fn(Content) -> bool,
    ) -> Option<Place> {
        self.change(|facts| {
            // Another process may have been faster.
            if let Some(place) = facts.place(content, need) {
                return Some(place);
            }
            let dead: BTreeSet<Content> = facts.places.keys().copied().filter(|&other| !is_kept(other)).collect();
            facts.places.retain(|other, _| !dead.contains(other));
            facts.assign(content, need, taken)
        })
        .flatten()
    }

    /// Changes the file while nobody else does; `None` if it can't be, and then nothing changes.
    fn change<T>(&mut self, change: impl FnOnce(&mut Facts) -> T) -> Option<T> {
        let changed = self.try_change(change);
        changed.inspect_err(|e| tracing::debug!(target: "bcvm::cache", "{}: {e}", self.path.display())).ok()
    }

    fn try_change<T>(&mut self, change: impl FnOnce(&mut Facts) -> T) -> io::Result<T> {
        // Released when it is closed. The registry itself is replaced, so it can't be what is locked.
        let lock = self.path.with_extension("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(lock)?;
        File::lock(&lock)?;
        let mut facts = read(&self.path).unwrap_or_default();
        let result = change(&mut facts);
        let bytes = bincode::encode_to_vec(&facts, bincode::config::standard()).map_err(io::Error::other)?;
        store_private(&self.path, &bytes)?;
        self.facts = facts;
        Ok(result)
    }
}

/// What the file says, if it is ours and makes sense.
fn read(path: &Path) -> Option<Facts> {
    let mut bytes = Vec::new();
    open_private(path)?.take(MAX_BYTES as u64).read_to_end(&mut bytes).ok()?;
    let limited = bincode::config::standard().with_limit::<MAX_BYTES>();
    let (facts, _) = bincode::decode_from_slice::<Facts, _>(&bytes, limited).ok()?;
    facts.is_sound().then_some(facts)
}

#[cfg(test)]
mod tests;
