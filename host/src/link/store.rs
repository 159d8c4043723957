//! What outlives a linker: indices, places and finished code, if anybody keeps them.

use std::sync::Arc;

use super::index::Index;
use super::package::Package;
use super::resolve::Key;
use super::source::{Content, Source, Stamp};
use super::space::{Need, Place, Space};

/// Keeps what was found out about objects, and makes of packages what can be installed. Used by several threads at once.
/// Keeping is optional: to forget everything is right, and slow.
pub trait Store: Sync {
    /// What can be installed.
    type Code: Send;

    /// The hash and the index of an object, if they are known and its file has not changed.
    fn recall(&self, source: &Source) -> Option<(Content, Arc<Index>)>;

    /// Makes them known. `stamp` is the state of the file from before it was read until after; none if it is too young to
    /// tell.
    fn remember(&self, source: &Source, stamp: Option<Stamp>, content: Content, index: &Arc<Index>);

    /// A place for an object that is the same whenever it is asked for, and that `taken` leaves free; `None` if there is
    /// none such.
    fn place(&self, content: Content, need: Need, taken: &Space) -> Option<Place>;

    /// What was made of the package with this key before.
    fn find(&self, key: &Key) -> Option<Self::Code>;

    /// Makes of a package what can be installed, and keeps it. Fails with the reason.
    fn make(&self, key: &Key, package: Package) -> Result<Self::Code, String>;
}

/// Keeps nothing: a package is what can be installed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Forgetful;

impl Store for Forgetful {
    type Code = Package;

    fn recall(&self, _: &Source) -> Option<(Content, Arc<Index>)> {
        None
    }

    fn remember(&self, _: &Source, _: Option<Stamp>, _: Content, _: &Arc<Index>) {}

    fn place(&self, _: Content, _: Need, _: &Space) -> Option<Place> {
        None
    }

    fn find(&self, _: &Key) -> Option<Package> {
        None
    }

    fn make(&self, _: &Key, package: Package) -> Result<Package, String> {
        Ok(package)
    }
}
