//! [`Index`] as one run of bytes: a header, rows of fixed length for exports and wants, and all names behind each other.
//!
//! Invariant: the rows that the header counts are there. What a row refers to is looked at when it is asked for; a name
//! that is not there is empty.

// Note [Indices are not decoded]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// The packages that GHCi loads have some 70,000 symbols with names of 60 bytes. To make a string of each takes longer
// than everything else that is done to load them from the cache, and even to read them takes long, so an index is used as
// it lies in its file, which is mapped: of most names nobody ever looks at a byte. Numbers are little-endian.
//
//   header   need.bytes, need.stg, need.c, exports, wants, flags 6 × u32
//   export   hash, value u64; name's start, name's length u32; flags u32
//   want     hash u64; name's start, name's length u32; place's start, place's length u32; flags u32
//   names

use std::sync::Arc;

use super::index::{Export, Index, Value, Want};
use super::space::Need;

const HEADER: usize = 24;
const EXPORT: usize = 28;
const WANT: usize = 28;

/// Flag of an export: another definition may take its place.
const GIVES_WAY: u32 = 1;
/// Flag of an export: its value is a number.
const ABSOLUTE: u32 = 2;
/// Flag of a want: the object can't do without.
const NEEDED: u32 = 1;
/// Flag of a want: it is only called.
const CALLED: u32 = 2;
/// Flag of an index: the object is a shared one.
const SHARED: u32 = 1;

/// An index that is being made.
#[derive(Default)]
pub(super) struct Builder {
    exports: Vec<u8>,
    wants: Vec<u8>,
    names: Vec<u8>,
}

impl Builder {
    /// Start and length of a name. They fit: no file that is indexed has more than `MAX_FILE_BYTES`.
    fn name(&mut self, name: &str) -> [u8; 8] {
        let (start, len) = (self.names.len() as u32, name.len() as u32);
        self.names.extend_from_slice(name.as_bytes());
        (u64::from(start) | u64::from(len) << 32).to_le_bytes()
    }

    pub(super) fn export(&mut self, export: Export<'_>) {
        let (value, absolute) = match export.value {
            Value::Offset(offset) => (u64::from(offset), 0),
            Value::Absolute(value) => (value, ABSOLUTE),
        };
        let flags = absolute | if export.gives_way { GIVES_WAY } else { 0 };
        let name = self.name(export.name);
        for bytes in [&export.hash.to_le_bytes()[..], &value.to_le_bytes(), &name, &flags.to_le_bytes()] {
            self.exports.extend_from_slice(bytes);
        }
    }

    pub(super) fn want(&mut self, want: Want<'_>) {
        let needed = if want.needed_at.is_some() { NEEDED } else { 0 };
        let flags = needed | if want.only_called { CALLED } else { 0 };
        let (name, at) = (self.name(want.name), self.name(want.needed_at.unwrap_or_default()));
        for bytes in [&want.hash.to_le_bytes()[..], &name, &at, &flags.to_le_bytes()] {
            self.wants.extend_from_slice(bytes);
        }
    }

    pub(super) fn finish(self, need: Need, shared: bool) -> Index {
        let Builder { exports, wants, names } = self;
        let counts = [exports.len() / EXPORT, wants.len() / WANT].map(|n| n as u32);
        let flags = if shared { SHARED } else { 0 };
        let header = [need.bytes, need.stg, need.c, counts[0], counts[1], flags].map(u32::to_le_bytes);
        Index { bytes: Arc::new([header.as_flattened(), &exports, &wants, &names].concat()) }
    }
}

fn word32(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |word| u32::from_le_bytes(*word))
}

fn word64(bytes: &[u8], at: usize) -> u64 {
    u64::from(word32(bytes, at)) | u64::from(word32(bytes, at + 4)) << 32
}

impl Index {
    /// An index as [`Index::as_bytes`] had it; `None` if that can't be.
    pub fn from_bytes(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Option<Index> {
        let index = Index { bytes: Arc::new(bytes) };
        let len = index.as_bytes().len();
        (len >= HEADER && len >= index.names_at()).then_some(index)
    }

    /// The bytes to keep.
    pub fn as_bytes(&self) -> &[u8] {
        (*self.bytes).as_ref()
    }

    /// What the object takes up.
    pub fn need(&self) -> Need {
        let [bytes, stg, c] = [0, 4, 8].map(|at| word32(self.as_bytes(), at));
        Need { bytes, stg, c }
    }

    /// Whether the object is a shared one.
    pub fn is_shared(&self) -> bool {
        word32(self.as_bytes(), 20) & SHARED != 0
    }

    /// How many symbols it defines for others.
    pub fn export_count(&self) -> u32 {
        word32(self.as_bytes(), 12)
    }

    /// How many symbols it looks up.
    pub fn want_count(&self) -> u32 {
        word32(self.as_bytes(), 16)
    }

    fn wants_at(&self) -> usize {
        HEADER + self.export_count() as usize * EXPORT
    }

    fn names_at(&self) -> usize {
        self.wants_at() + self.want_count() as usize * WANT
    }

    /// The name whose start and length are at `at`.
    fn name(&self, row: &[u8], at: usize) -> &str {
        let start = self.names_at() + word32(row, at) as usize;
        let name = self.as_bytes().get(start..start + word32(row, at + 4) as usize);
        name.and_then(|name| str::from_utf8(name).ok()).unwrap_or_default()
    }

    /// The hash of export number `n`.
    pub(super) fn export_hash(&self, n: u32) -> u64 {
        word64(self.as_bytes(), HEADER + n as usize * EXPORT)
    }

    /// Whether another definition may take the place of export number `n`.
    pub(super) fn gives_way(&self, n: u32) -> bool {
        word32(self.as_bytes(), HEADER + n as usize * EXPORT + 24) & GIVES_WAY != 0
    }

    /// Export number `n`, which is less than their count.
    pub fn export(&self, n: u32) -> Export<'_> {
        let row = self.as_bytes().get(HEADER + n as usize * EXPORT..).unwrap_or_default();
        let (value, flags) = (word64(row, 8), word32(row, 24));
        Export {
            name: self.name(row, 16),
            hash: word64(row, 0),
            value: if flags & ABSOLUTE != 0 { Value::Absolute(value) } else { Value::Offset(value as u32) },
            gives_way: flags & GIVES_WAY != 0,
        }
    }

    /// What the object defines for others, by symbol number.
    pub fn exports(&self) -> impl Iterator<Item = Export<'_>> {
        (0..self.export_count()).map(|n| self.export(n))
    }

    /// What it looks up, by symbol number.
    pub fn wants(&self) -> impl Iterator<Item = Want<'_>> {
        let rows = self.as_bytes().get(self.wants_at()..self.names_at()).unwrap_or_default();
        rows.chunks_exact(WANT).map(|row| Want {
            name: self.name(row, 8),
            hash: word64(row, 0),
            needed_at: (word32(row, 24) & NEEDED != 0).then(|| self.name(row, 16)),
            only_called: word32(row, 24) & CALLED != 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exports() -> [Export<'static>; 2] {
        [
            Export { name: "a", hash: u64::MAX, value: Value::Offset(7), gives_way: true },
            Export { name: "", hash: 1, value: Value::Absolute(1 << 40), gives_way: false },
        ]
    }

    const WANTS: [Want<'static>; 2] = [
        Want { name: "wanted", hash: 3, needed_at: Some(".text+0x10"), only_called: true },
        Want { name: "weak", hash: 4, needed_at: None, only_called: false },
    ];

    fn index() -> Index {
        let mut builder = Builder::default();
        exports().into_iter().for_each(|export| builder.export(export));
        WANTS.into_iter().for_each(|want| builder.want(want));
        builder.finish(Need { bytes: 1, stg: 2, c: 3 }, true)
    }

    #[test]
    fn what_went_in_comes_out() {
        let index = Index::from_bytes(index().as_bytes().to_vec()).expect("an index");
        assert_eq!(index.need(), Need { bytes: 1, stg: 2, c: 3 });
        assert!(index.is_shared());
        assert_eq!(index.exports().collect::<Vec<_>>(), exports());
        assert_eq!((index.export_hash(1), index.gives_way(0), index.gives_way(1)), (1, true, false));
        assert_eq!(index.wants().collect::<Vec<_>>(), WANTS);
    }

    #[test]
    fn bad_bytes_are_refused_or_harmless() {
        let good = index().as_bytes().to_vec();
        let (rows, mut refused) = (HEADER + 2 * EXPORT + 2 * WANT, 0);
        for len in 0..good.len() {
            match Index::from_bytes(good[..len].to_vec()) {
                Some(index) => assert!(len >= rows && index.wants().count() == 2),
                None => refused += 1,
            }
        }
        assert_eq!(refused, rows);
        for at in 0..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 0xff;
            if let Some(index) = Index::from_bytes(bytes) {
                assert!(index.exports().all(|export| export.name.len() < good.len()));
                assert!(index.wants().count() < good.len());
            }
        }
    }
}
