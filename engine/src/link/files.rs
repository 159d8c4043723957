//! What is kept of objects between runs, as files of the cache's directory: indices and linked packages.
//!
//! Invariant: a file is used only if nobody but us could have written it, and its name is a hash of all that it depends on
//! (Note [Trusting a compiled artefact] in `crate::embed`): images hold table indices and are believed like code.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use bcvm::abi::PAGE;
use bcvm_host::link::{Content, Index, Key, Need, Place};
use bincode::{Decode, Encode};

use crate::embed::{MappedFile, open_private, store_private};

/// Which linker made a file; another one's are not found.
const VERSION: &str = env!("BCVM_LINKER_VERSION");

/// No index or description is longer.
const MAX_BYTES: usize = 256 << 20;

/// What is kept of a package beside its image and its code.
#[derive(Debug, PartialEq, Encode, Decode)]
pub(super) struct Description {
    pub place: Place,
    pub need: Need,
    pub init: Vec<u32>,
    pub unsupported: Vec<String>,
    /// Hash of the wasm, by which the compiled code is found.
    pub wasm: [u8; 32],
    pub image_bytes: u32,
    pub constant: u32,
}

/// A cache's directory.
#[derive(Debug, Clone)]
pub(super) struct Files {
    directory: PathBuf,
}

fn name_of(what: &[u8; 32], kind: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(VERSION.as_bytes()).update(what);
    format!("{}.{kind}", hasher.finalize().to_hex())
}

impl Files {
    /// The files in `directory`, which was found safe.
    pub(super) fn new(directory: PathBuf) -> Files {
        Files { directory }
    }

    /// Where they are.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    fn path(&self, what: &[u8; 32], kind: &str) -> PathBuf {
        self.directory.join(name_of(what, kind))
    }

    /// Whether the index of a content is kept.
    pub(super) fn has_index(&self, content: Content) -> bool {
        self.path(&content.0, "index").exists()
    }

    /// The index of a content.
    pub(super) fn index(&self, content: Content) -> Option<Index> {
        Index::from_bytes(MappedFile::open(&self.path(&content.0, "index"), MAX_BYTES)?)
    }

    /// Keeps an index.
    pub(super) fn keep_index(&self, content: Content, index: &Index) -> io::Result<()> {
        store_private(&self.path(&content.0, "index"), index.as_bytes())
    }

    /// A package's description and its image, to be mapped.
    pub(super) fn package(&self, key: &Key) -> Option<(Description, File)> {
        let description: Description = read(&self.path(&key.0, "package"))?;
        let image = open_private(&self.path(&key.0, "image"))?;
        let len = image.metadata().ok()?.len();
        (len == u64::from(description.image_bytes) && len.is_multiple_of(u64::from(PAGE)))
            .then_some((description, image))
    }

    /// Keeps a package; answers its image as it can be mapped. The image comes first: who finds the description finds it.
    pub(super) fn keep_package(&self, key: &Key, description: &Description, image: &[u8]) -> io::Result<File> {
        let path = self.path(&key.0, "image");
        store_private(&path, image)?;
        write(&self.path(&key.0, "package"), description)?;
        open_private(&path).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

fn read_bytes(path: &Path) -> Option<Vec<u8>> {
    let file = open_private(path)?;
    let len = file.metadata().ok()?.len().min(MAX_BYTES as u64);
    let mut bytes = Vec::with_capacity(len as usize);
    file.take(len).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn read<T: Decode<()>>(path: &Path) -> Option<T> {
    let bytes = read_bytes(path)?;
    let limited = bincode::config::standard().with_limit::<MAX_BYTES>();
    bincode::decode_from_slice(&bytes, limited).ok().map(|(value, _)| value)
}

fn write<T: Encode>(path: &Path, value: &T) -> io::Result<()> {
    let bytes = bincode::encode_to_vec(value, bincode::config::standard()).map_err(io::Error::other)?;
    store_private(path, &bytes)
}
