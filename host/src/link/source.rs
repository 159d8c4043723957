//! Where an object's bytes come from, and the hash that stands for them.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// No file that is linked has more bytes than this.
pub const MAX_FILE_BYTES: u64 = 1 << 30;

/// A hash of an object's bytes; two objects with the same are the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Content(pub [u8; 32]);

impl Content {
    /// The hash of `data`.
    pub fn of(data: &[u8]) -> Content {
        Content(*blake3::hash(data).as_bytes())
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", blake3::Hash::from_bytes(self.0).to_hex())
    }
}

/// A file, or a member of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// Which of its bytes, and the name of the archive's member; all of it if there is none.
    pub member: Option<(String, u64, u64)>,
}

impl Source {
    /// A whole file.
    pub fn file(path: impl Into<PathBuf>) -> Source {
        Source { path: path.into(), member: None }
    }

    /// What messages call it: a path, or `archive(member)`.
    pub fn name(&self) -> String {
        match &self.member {
            None => self.path.display().to_string(),
            Some((member, ..)) => format!("{}({member})", self.path.display()),
        }
    }

    /// Its bytes.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        match &self.member {
            None => read_file(&self.path),
            Some((_, offset, len)) => {
                let mut file = open(&self.path)?;
                file.seek(SeekFrom::Start(*offset))?;
                let mut data = Vec::new();
                file.take(*len).read_to_end(&mut data)?;
                if data.len() as u64 == *len { Ok(data) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
            }
        }
    }
}

/// A regular file: nobody should wait for a pipe, or read a device to its end.
fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("not a regular file")) }
}

/// All bytes of a file of bounded size.
pub(super) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut data = Vec::new();
    open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut data)?;
    if data.len() as u64 > MAX_FILE_BYTES {
        return Err(io::Error::other(format!("it has more than {MAX_FILE_BYTES} bytes")));
    }
    Ok(data)
}

/// What tells one state of a file from another without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Stamp {
    /// The device.
    pub device: u64,
    /// The file on it.
    pub inode: u64,
    /// Its length.
    pub size: u64,
    /// When it was written last, in nanoseconds.
    pub modified: i128,
    /// When anything about it changed last, in nanoseconds.
    pub changed: i128,
}

impl Stamp {
    /// The state of a file; `None` if there is none, or if it changed so recently that it could change again without
    /// a difference in its times.
    pub fn of(path: &Path) -> Option<Stamp> {
        const RECENT: i128 = 1_000_000_000;
        let file = std::fs::metadata(path).ok()?;
        let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        let changed = nanoseconds(file.ctime(), file.ctime_nsec());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_nanos() as i128;
        let stamp = Stamp {
            device: file.dev(),
            inode: file.ino(),
            size: file.size(),
            modified: nanoseconds(file.mtime(), file.mtime_nsec()),
            changed,
        };
        (now - changed > RECENT).then_some(stamp)
    }
}
