//! C structs of x86-64 Linux as bytes, as the guest's compiled C code reads them.

use rustix::fs::{FileType, Stat};

/// Bytes of a `struct stat`.
pub(super) const STAT_BYTES: usize = 144;
/// Bytes of a `struct dirent`, and where its name begins.
pub(super) const DIRENT_BYTES: usize = 280;
const DIRENT_NAME: usize = 19;
/// Bytes of a `struct pollfd`.
pub(super) const POLLFD_BYTES: usize = 8;
/// Bytes of two `struct timespec`.
pub(super) const TIMES_BYTES: usize = 32;

/// A struct that is filled field by field.
pub(super) struct Struct<const N: usize>([u8; N]);

impl<const N: usize> Struct<N> {
    pub(super) fn new() -> Struct<N> {
        Struct([0; N])
    }

    /// Stores bytes at an offset; what would be outside is left out.
    pub(super) fn set(mut self, offset: usize, bytes: &[u8]) -> Struct<N> {
        for (to, from) in self.0.iter_mut().skip(offset).zip(bytes) {
            *to = *from;
        }
        self
    }

    pub(super) fn u64(self, offset: usize, value: u64) -> Struct<N> {
        self.set(offset, &value.to_le_bytes())
    }

    pub(super) fn u32(self, offset: usize, value: u32) -> Struct<N> {
        self.set(offset, &value.to_le_bytes())
    }

    pub(super) fn u16(self, offset: usize, value: u16) -> Struct<N> {
        self.set(offset, &value.to_le_bytes())
    }

    pub(super) fn bytes(self) -> [u8; N] {
        self.0
    }
}

/// The numbers of a `struct stat`; the host's own type has other widths on other processors.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FileStatus {
    pub(super) dev: u64,
    pub(super) ino: u64,
    pub(super) nlink: u64,
    pub(super) mode: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) rdev: u64,
    pub(super) size: u64,
    pub(super) blksize: u64,
    pub(super) blocks: u64,
    /// Of access, modification and change: seconds and nanoseconds.
    pub(super) times: [(u64, u64); 3],
}

impl FileStatus {
    /// Of something that is no file of the host.
    pub(super) fn imaginary(kind: FileType, permissions: u32) -> FileStatus {
        FileStatus { nlink: 1, mode: kind.as_raw_mode() | permissions, blksize: 4096, ..FileStatus::default() }
    }

    pub(super) fn bytes(&self) -> [u8; STAT_BYTES] {
        let words = Struct::new()
            .u64(0, self.dev)
            .u64(8, self.ino)
            .u64(16, self.nlink)
            .u32(24, self.mode)
            .u32(28, self.uid)
            .u32(32, self.gid)
            .u64(40, self.rdev)
            .u64(48, self.size)
            .u64(56, self.blksize)
            .u64(64, self.blocks);
        let with_time = |s: Struct<STAT_BYTES>, (i, (seconds, ns)): (usize, &(u64, u64))| {
            s.u64(72 + 16 * i, *seconds).u64(80 + 16 * i, *ns)
        };
        self.times.iter().enumerate().fold(words, with_time).bytes()
    }
}

impl From<Stat> for FileStatus {
    #[allow(clippy::unnecessary_cast, reason = "the host's types differ between processors")]
    fn from(s: Stat) -> FileStatus {
        FileStatus {
            dev: s.st_dev as u64,
            ino: s.st_ino as u64,
            nlink: s.st_nlink as u64,
            mode: s.st_mode as u32,
            uid: s.st_uid as u32,
            gid: s.st_gid as u32,
            rdev: s.st_rdev as u64,
            size: s.st_size as u64,
            blksize: s.st_blksize as u64,
            blocks: s.st_blocks as u64,
            times: [
                (s.st_atime as u64, s.st_atime_nsec as u64),
                (s.st_mtime as u64, s.st_mtime_nsec as u64),
                (s.st_ctime as u64, s.st_ctime_nsec as u64),
            ],
        }
    }
}

/// A `struct dirent`; none if the name is too long for it.
pub(super) fn dirent(ino: u64, kind: FileType, name: &[u8]) -> Option<[u8; DIRENT_BYTES]> {
    const UNKNOWN: u8 = 0;
    // What `d_type` says is what the mode says, elsewhere.
    let kind = if kind == FileType::Unknown { UNKNOWN } else { (kind.as_raw_mode() >> 12) as u8 };
    let fits = name.len() < DIRENT_BYTES - DIRENT_NAME;
    fits.then(|| Struct::new().u64(0, ino).u16(16, DIRENT_BYTES as u16).set(18, &[kind]).set(DIRENT_NAME, name).bytes())
}

/// A field of bytes that came from the guest; 0 if they are too few.
pub(super) fn field<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    let mut field = [0; N];
    if let Some(from) = bytes.get(offset..offset + N) {
        field.copy_from_slice(from);
    }
    field
}
