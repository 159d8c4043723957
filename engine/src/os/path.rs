//! Calls on paths. All act on a [`Place`](super::resolve::Place), never through a symbolic link.

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;

use cap_std::fs::{Permissions, PermissionsExt};
use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, Timespec, Timestamps, accessat, fstat, fstatfs, ftruncate, linkat, mkdirat,
    openat, readlinkat, renameat, symlinkat, unlinkat, utimensat,
};
use rustix::io::Errno;

use super::file::permissions;
use super::layout::{FileStatus, TIMES_BYTES, field};
use super::memory::{Answer, Room};
use super::object::{Description, flags};
use super::resolve::{Place, Target, refusal};
use super::state::{Os, denied};

/// File systems that are windows into the kernel: a process's own memory can be written through one of them.
const KERNEL_FILE_SYSTEMS: [(u32, &str); 14] = [
    (0x9fa0, "proc"),
    (0x6265_6572, "sysfs"),
    (0x6462_6720, "debugfs"),
    (0x7472_6163, "tracefs"),
    (0x7363_6673, "securityfs"),
    (0x6367_7270, "cgroup2"),
    (0xcafe_4a11, "bpf"),
    (0x0027_e0eb, "cgroup"),
    (0x6265_6570, "configfs"),
    (0xde5e_81e4, "efivarfs"),
    (0xf97c_ff8c, "selinuxfs"),
    (0x6573_5543, "fusectl"),
    (0x6165_676c, "pstore"),
    (0x6e73_6673, "nsfs"),
];

/// EACCES if a file or directory is the kernel's own.
pub(super) fn check_file_system(fd: impl AsFd) -> Result<(), Errno> {
    let file_system = fstatfs(fd)?.f_type as u32;
    let is_kernel = KERNEL_FILE_SYSTEMS.iter().any(|(magic, _)| *magic == file_system);
    if is_kernel { Err(Errno::ACCESS) } else { Ok(()) }
}

/// Times of access and modification from two `struct timespec`; now, from none.
pub(super) fn timestamps(bytes: &[u8]) -> Timestamps {
    const NOW: i64 = (1 << 30) - 1;
    let time = |i: usize| {
        let at = |offset| i64::from_le_bytes(field(bytes, 16 * i + offset));
        if bytes.len() < TIMES_BYTES {
            Timespec { tv_sec: 0, tv_nsec: NOW }
        } else {
            Timespec { tv_sec: at(0), tv_nsec: at(8) }
        }
    };
    Timestamps { last_access: time(0), last_modification: time(1) }
}

impl Os {
    pub(super) fn open(&mut self, path: OsString, wanted: i32, mode: i32) -> Answer {
        self.fds.has_room(1)?;
        let access = match wanted & flags::ACCESS {
            0 => OFlags::RDONLY,
            flags::WRONLY => OFlags::WRONLY,
            flags::RDWR => OFlags::RDWR,
            _ => return Err(Errno::INVAL),
        };
        let changes = wanted & (flags::ACCESS | flags::CREAT | flags::TRUNC) != 0;
        let is_exclusive = wanted & flags::CREAT != 0 && wanted & flags::EXCL != 0;
        let target =
            if is_exclusive || wanted & flags::NOFOLLOW != 0 { self.target(&path)? } else { self.followed(&path)? };
        let Target::Place(place) = target else {
            return Err(denied("open", path, Errno::ACCESS));
        };
        if changes {
            place.writable()?;
        }
        let pairs = [
            (flags::CREAT, OFlags::CREATE),
            (flags::EXCL, OFlags::EXCL),
            (flags::APPEND, OFlags::APPEND),
            (flags::DIRECTORY, OFlags::DIRECTORY),
            (flags::SYNC, OFlags::SYNC),
        ];
        // Never a wait, not even for the other end of a FIFO; never a terminal of our own; never through a link.
        let always = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut oflags = access | always;
        for (wanted_flag, flag) in pairs {
            if wanted & wanted_flag == wanted_flag {
                oflags |= flag;
            }
        }
        if place.wants_directory {
            oflags |= OFlags::DIRECTORY;
        }
        let mode = Mode::from_raw_mode(permissions(mode).as_raw_mode() & !self.umask);
        let fd = openat(&place.parent, &place.name, oflags, mode)?;
        let kind = openable(&fd).map_err(|e| denied("open", &path, e))?;
        if changes {
            place.check_file(&fd).map_err(|e| denied("open", &path, e))?;
        }
        // Only now is it known to be a file that may be emptied.
        if wanted & flags::TRUNC != 0 && access != OFlags::RDONLY && kind == FileType::RegularFile {
            ftruncate(&fd, 0)?;
        }
        let guest_path = if kind == FileType::Directory { self.canonical(&path).ok() } else { None };
        let status = wanted & (flags::ACCESS | flags::APPEND | flags::NONBLOCK);
        let description = Description::owned(fd, kind, status, guest_path);
        self.fds.insert(description, wanted & flags::CLOEXEC != 0).map(i64::from)
    }

    pub(super) fn stat(&mut self, path: OsString, follow: i32, buf: Room<'_>) -> Answer {
        let status = match self.maybe_followed(&path, follow)? {
            Target::Place(place) => place.stat()?.into(),
            Target::Above => FileStatus::imaginary(FileType::Directory, 0o111),
        };
        buf.put(&status.bytes()).map(|_| 0)
    }

    fn maybe_followed(&self, path: &OsStr, follow: i32) -> Result<Target<'_>, Errno> {
        // A slash behind a link means what it leads to.
        if follow != 0 || path.as_bytes().ends_with(b"/") { self.followed(path) } else { self.target(path) }
    }

    pub(super) fn access(&mut self, path: OsString, mode: i32) -> Answer {
        const WRITE: i32 = 2;
        let mode_bits = rustix::fs::Access::from_bits(mode as u32).ok_or(Errno::INVAL)?;
        match self.followed(&path)? {
            Target::Place(place) => {
                place.stat()?;
                if mode & WRITE != 0 {
                    place.writable()?;
                }
                accessat(&place.parent, &place.name, mode_bits, AtFlags::empty()).map(|()| 0)
            }
            // Passing through is all that is allowed.
            Target::Above if mode & !1 == 0 => Ok(0),
            Target::Above => Err(Errno::ACCESS),
        }
    }

    pub(super) fn unlink(&mut self, path: OsString) -> Answer {
        let place = self.writable_place(&path)?;
        if place.wants_directory {
            return Err(Errno::NOTDIR);
        }
        unlinkat(&place.parent, &place.name, AtFlags::empty()).map(|()| 0)
    }

    pub(super) fn rmdir(&mut self, path: OsString) -> Answer {
        let place = self.writable_place(&path)?;
        unlinkat(&place.parent, &place.name, AtFlags::REMOVEDIR).map(|()| 0)
    }

    pub(super) fn mkdir(&mut self, path: OsString, mode: i32) -> Answer {
        let place = match self.target(&path)? {
            Target::Place(place) => place,
            Target::Above => return Err(Errno::EXIST),
        };
        // Who asks for what is there is told so, whether or not the grant allows changes.
        if place.stat().is_ok() {
            return Err(Errno::EXIST);
        }
        place.writable()?;
        let mode = Mode::from_raw_mode(permissions(mode).as_raw_mode() & !self.umask);
        mkdirat(&place.parent, &place.name, mode).map(|()| 0)
    }

    pub(super) fn rename(&mut self, old: OsString, new: OsString) -> Answer {
        let (old, new) = (self.writable_place(&old)?, self.writable_place(&new)?);
        // A directory can be made anew, where it is, by no name that leads out of it.
        renameat(&old.parent, &old.name, &new.parent, &new.name).map(|()| 0)
    }

    pub(super) fn link(&mut self, old: OsString, new: OsString) -> Answer {
        let (old, new) = (self.writable_place(&old)?, self.writable_place(&new)?);
        linkat(&old.parent, &old.name, &new.parent, &new.name, AtFlags::empty()).map(|()| 0)
    }

    /// A link may say anything: it is followed no further than grants go.
    pub(super) fn symlink(&mut self, target: OsString, path: OsString) -> Answer {
        let place = self.writable_place(&path)?;
        symlinkat(&target, &place.parent, &place.name).map(|()| 0)
    }

    pub(super) fn readlink(&mut self, path: OsString, buf: Room<'_>) -> Answer {
        let Target::Place(place) = self.target(&path)? else {
            return Err(Errno::INVAL);
        };
        let link = readlinkat(&place.parent, &place.name, Vec::new())?.into_bytes();
        buf.put(&link[..link.len().min(buf.len())])
    }

    pub(super) fn chmod(&mut self, path: OsString, mode: i32) -> Answer {
        let place = self.writable_place(&path)?;
        place.stat()?;
        // The system has no call that does this without following a link; cap-std has its ways.
        let permissions = Permissions::from_mode(permissions(mode).as_raw_mode());
        place.mount.dir.set_permissions(&place.rest, permissions).map(|()| 0).map_err(|e| refusal(&path, &e))
    }

    pub(super) fn utimens(&mut self, path: OsString, follow: i32, times: Vec<u8>) -> Answer {
        let place = existing(self.maybe_followed(&path, follow)?, &path)?;
        utimensat(&place.parent, &place.name, &timestamps(&times), AtFlags::SYMLINK_NOFOLLOW).map(|()| 0)
    }

    pub(super) fn truncate(&mut self, path: OsString, len: u64) -> Answer {
        let place = existing(self.followed(&path)?, &path)?;
        let oflags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = openat(&place.parent, &place.name, oflags, Mode::empty())?;
        openable(&fd).and_then(|_| place.check_file(&fd)).map_err(|e| denied("truncate", &path, e))?;
        ftruncate(&fd, len).map(|()| 0)
    }

    pub(super) fn getcwd(&mut self, buf: Room<'_>) -> Answer {
        buf.put_text(self.cwd.as_os_str().as_bytes())
    }

    pub(super) fn realpath(&mut self, path: OsString, buf: Room<'_>) -> Answer {
        // As elsewhere, all of the path must be there.
        if let Target::Place(place) = self.followed(&path)? {
            place.stat()?;
        }
        buf.put_text(self.canonical(&path)?.as_os_str().as_bytes())
    }

    pub(super) fn chdir(&mut self, path: OsString) -> Answer {
        match self.followed(&path)? {
            Target::Place(place) if FileType::from_raw_mode(place.stat()?.st_mode) != FileType::Directory => {
                return Err(Errno::NOTDIR);
            }
            _ => {}
        }
        self.cwd = self.canonical(&path)?;
        Ok(0)
    }

    pub(super) fn fchdir(&mut self, fd: i32) -> Answer {
        let path = self.fds.get(fd)?.path.clone().ok_or(Errno::NOTDIR)?;
        self.chdir(path.into_os_string())
    }

    pub(super) fn umask(&mut self, mask: i32) -> Answer {
        let old = std::mem::replace(&mut self.umask, mask as u32 & 0o777);
        Ok(i64::from(old))
    }
}

/// The place of a file that is to be changed, in a grant that allows it.
fn existing<'o>(target: Target<'o>, path: &OsStr) -> Result<Place<'o>, Errno> {
    match target {
        Target::Place(place) => place.writable().map(|()| place),
        Target::Above => Err(denied("path", path, Errno::ACCESS)),
    }
}

/// The kind of a file just opened, if it is one that programs may have open.
fn openable(fd: &OwnedFd) -> Result<FileType, Errno> {
    let kind = FileType::from_raw_mode(fstat(fd)?.st_mode);
    if !matches!(kind, FileType::RegularFile | FileType::Directory | FileType::Fifo) {
        return Err(Errno::ACCESS);
    }
    check_file_system(fd)?;
    Ok(kind)
}
