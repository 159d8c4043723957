//! Compiled modules on disk, so that only the first start of all compiles.
//!
//! Invariant: no file is mapped as code unless this user (or root) alone could have written it. An artefact's name is
//! the hash of everything its content depends on and was checked by, so one that exists is right, and nothing is ever updated in place.

// Note [Trusting a compiled artefact]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// wasmtime maps an artefact and jumps into it, with no check that it is what Cranelift wrote: whoever can write the file
// can run anything in our process. So:
//
// * The directory and every directory above it belong to us or to root, and nobody else may write there (a sticky
//   directory such as /tmp is allowed above). The file is a plain file with the same owner and modes. If anything is
//   amiss the module is compiled afresh and nothing is stored.
// * The file is opened first and checked through its descriptor, then wasmtime gets that descriptor.
// * It is written under a temporary name in the same directory and renamed, complete and read-only: a file with the right
//   name is a whole file, even if two processes race or one is killed.
// * The name is a hash of the wasm, of wasmtime's version and flags and of the processor features it compiled for
//   (`Engine::precompile_compatibility_hash`). wasmtime checks these once more.
//
// Indices of packages are mapped on the same conditions. A file that changed while it is mapped would change under Rust's
// references, which nobody but us could bring about, and nothing is ever updated in place.
//
// A user who can be made to write to their own cache directory by an attacker has lost already. Sandboxed programs cannot:
// they reach no files.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::{env, process, ptr, slice};

use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap, munmap};
use rustix::process::geteuid;
use wasmtime::Module;

use super::check::check;

/// Where compiled code is kept between runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cache {
    /// In the user's cache directory, if there is one: `$XDG_CACHE_HOME/bcvm`, or else `$HOME/.cache/bcvm` if that
    /// exists, or else `.cache/bcvm` in the account's home directory.
    User,
    /// In this directory, which is made if it does not exist.
    Directory(PathBuf),
    /// Nowhere.
    Off,
}

/// The home directory of this process's user, as the system's list of accounts has it.
fn account_home() -> Option<PathBuf> {
    let user = geteuid().as_raw().to_string();
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    accounts.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        (fields.get(2) == Some(&&user[..])).then(|| fields.get(5).map(PathBuf::from)).flatten()
    })
}

impl Cache {
    /// Where it is, or would be.
    pub fn path(&self) -> Option<PathBuf> {
        match self {
            Cache::Off => None,
            Cache::Directory(path) => Some(path.clone()),
            // Whoever runs GHC for others (package builders, test runners) often sets HOME to a directory that will be
            // thrown away; what is compiled belongs to the account.
            Cache::User => {
                let absolute = |path: PathBuf| Some(path).filter(|path| path.is_absolute());
                let variable = |name| env::var_os(name).map(PathBuf::from).and_then(absolute);
                if let Some(caches) = variable("XDG_CACHE_HOME") {
                    return Some(caches.join("bcvm"));
                }
                let in_home = variable("HOME").map(|home| home.join(".cache/bcvm"));
                let of_account = account_home().and_then(absolute).map(|home| home.join(".cache/bcvm"));
                in_home.clone().filter(|path| path.is_dir()).or(of_account).or(in_home)
            }
        }
    }

    /// The directory, made if need be and found safe.
    pub(crate) fn find_directory(&self) -> Option<PathBuf> {
        let path = self.path()?;
        DirBuilder::new().recursive(true).mode(0o700).create(&path).ok()?;
        // Links are resolved once, and what is checked is what is used.
        let path = path.canonicalize().ok()?;
        let user = geteuid().as_raw();
        let own = fs::metadata(&path).ok()?;
        let safe = is_private(&own, user) && path.ancestors().skip(1).all(|above| is_safe_above(above, user));
        safe.then_some(path)
    }
}

/// What an earlier run has compiled of the wasm with this hash and kept in `directory`, which was found safe.
pub(super) fn load_by_hash(
    engine: &wasmtime::Engine,
    wasm: blake3::Hash,
    data: Range<u32>,
    directory: &Path,
) -> Option<Artefact> {
    load(engine, &directory.join(artefact_name(engine, wasm, &data)))
}

/// Compiles `wasm`, whose data segments may lie in `data`, or takes what an earlier run has compiled and kept in
/// `directory`, which was found safe.
pub(super) fn load_or_compile(
    engine: &wasmtime::Engine,
    wasm: &[u8],
    data: Range<u32>,
    directory: Option<&Path>,
) -> wasmtime::Result<Artefact> {
    let file = directory.map(|directory| directory.join(artefact_name(engine, blake3::hash(wasm), &data)));
    if let Some(module) = file.as_deref().and_then(|file| load(engine, file)) {
        return Ok(module);
    }
    check(wasm, data)?;
    let module = Module::new(engine, wasm)?;
    if let Some(file) = file {
        // Not being able to store it costs time at the next start and nothing else.
        if let Err(error) = module.serialize().map_err(io::Error::other).and_then(|code| store(&file, &code)) {
            tracing::debug!(target: "bcvm::cache", "not storing {}: {error}", file.display());
        }
    }
    Ok(Artefact { module, is_file: false, is_used: Arc::default() })
}

/// Opens a file of a cache's directory, if there is one that nobody but us can have written.
pub(crate) fn open(path: &Path) -> Option<File> {
    let file = File::open(path).ok()?;
    let user = geteuid().as_raw();
    let own = file.metadata().ok()?;
    if !own.is_file() || !is_private(&own, user) {
        tracing::debug!(target: "bcvm::cache", "{} could have been written by others", path.display());
        return None;
    }
    Some(file)
}

/// A compiled module.
#[derive(Clone)]
pub(super) struct Artefact {
    pub(super) module: Module,
    /// It is mapped from a file.
    is_file: bool,
    /// It has been instantiated.
    is_used: Arc<AtomicBool>,
}

impl Artefact {
    /// To be called when the module has been instantiated. The first time, pages of it that were read only for that
    /// leave this process's memory: a package's tables and the code that fills the code tables are several times what of it
    /// ever runs in most sessions. What is wanted again comes back from the system's cache.
    pub(super) fn was_instantiated(&self) {
        if !self.is_file || self.is_used.swap(true, Ordering::Relaxed) {
            return;
        }
        let image = self.module.image_range();
        let len = image.end.addr() - image.start.addr();
        // SAFETY: it is a private mapping of a file that nobody changes (Note [Trusting a compiled artefact]) and wasmtime
        // does not write to, so what is dropped is read again as it was.
        let dropped = unsafe { madvise(image.start.cast_mut().cast(), len, Advice::LinuxDontNeed) };
        if let Err(error) = dropped {
            tracing::debug!(target: "bcvm::cache", "an artefact stays in memory: {error}");
        }
    }
}

/// The content of a file of a cache's directory.
pub(crate) struct MappedFile {
    start: ptr::NonNull<u8>,
    len: usize,
}

// SAFETY: it is memory that nobody writes.
unsafe impl Send for MappedFile {}
// SAFETY: likewise.
unsafe impl Sync for MappedFile {}

impl MappedFile {
    /// Maps a file of at most `max_bytes`, if there is one that nobody but us can have written and it is not empty.
    pub(crate) fn open(path: &Path, max_bytes: usize) -> Option<MappedFile> {
        let file = open(path)?;
        let len = usize::try_from(file.metadata().ok()?.len()).ok().filter(|len| (1..=max_bytes).contains(len))?;
        // SAFETY: a new mapping, where the kernel finds room.
        let start = unsafe { mmap(ptr::null_mut(), len, ProtFlags::READ, MapFlags::PRIVATE, &file, 0) }.ok()?;
        Some(MappedFile { start: ptr::NonNull::new(start.cast())?, len })
    }
}

impl AsRef<[u8]> for MappedFile {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: `len` bytes are mapped for as long as this value lives, and the file does not change: see Note [Trusting
        // a compiled artefact].
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl Drop for MappedFile {
    fn drop(&mut self) {
        // SAFETY: this is the mapping that `open` made, and no reference into it outlives this value.
        // It cannot fail for a range that is mapped.
        let _ = unsafe { munmap(self.start.as_ptr().cast(), self.len) };
    }
}

fn load(engine: &wasmtime::Engine, path: &Path) -> Option<Artefact> {
    let file = open(path)?;
    // SAFETY: see Note [Trusting a compiled artefact]: the file was written by `store` in a process of this user, and
    // nobody else can have changed it or can do so while it is mapped.
    match unsafe { Module::deserialize_open_file(engine, file) } {
        Ok(module) => Some(Artefact { module, is_file: true, is_used: Arc::default() }),
        Err(error) => {
            tracing::debug!(target: "bcvm::cache", "not using {}: {error:#}", path.display());
            None
        }
    }
}

/// Writes a file of a cache's directory, all of it or nothing. A file of that name is replaced.
pub(crate) fn store(path: &Path, content: &[u8]) -> io::Result<()> {
    // Other threads may be writing the same file.
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let temporary = path.with_extension(format!("{}-{number}.tmp", process::id()));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o400).open(&temporary)?;
        file.write_all(content)?;
        // A name that survives a crash must not point to content that did not.
        file.sync_all()?;
        fs::rename(&temporary, path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Hash of all that the artefact's content depends on.
fn artefact_name(engine: &wasmtime::Engine, wasm: blake3::Hash, data: &Range<u32>) -> String {
    /// `std::hash` into BLAKE3: a 64-bit hash would not do for a name that is trusted.
    struct Blake(blake3::Hasher);
    impl Hasher for Blake {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            0
        }
    }
    let mut hasher = Blake(blake3::Hasher::new());
    hasher.0.update(wasm.as_bytes());
    data.hash(&mut hasher);
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{}.cwasm", hasher.0.finalize().to_hex())
}

/// Ours or root's, and no one else may write.
fn is_private(entry: &Metadata, user: u32) -> bool {
    (entry.uid() == user || entry.uid() == 0) && entry.mode() & 0o022 == 0
}

/// Whether nobody but us and root can have written a file, or can put another in its place. Its path is without symbolic links.
pub(crate) fn is_written_by_us_only(path: &Path) -> bool {
    let user = geteuid().as_raw();
    let is_private = fs::metadata(path).is_ok_and(|file| is_private(&file, user));
    is_private && path.ancestors().skip(1).all(|directory| is_safe_above(directory, user))
}

/// As [`is_private`], or sticky: others may make entries there, but not rename or remove ours.
fn is_safe_above(directory: &Path, user: u32) -> bool {
    const STICKY: u32 = 0o1000;
    fs::metadata(directory).is_ok_and(|entry| {
        let ours = entry.uid() == user || entry.uid() == 0;
        ours && (entry.mode() & 0o022 == 0 || entry.mode() & STICKY != 0)
    })
}

#[cfg(test)]
mod tests;
