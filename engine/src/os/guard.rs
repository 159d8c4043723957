//! What no grant covers although it lies in one: bcvm's own programs and the directory of compiled code, which would
//! be a way out of the sandbox for whoever could rewrite them.
//!
//! Invariant: from the time a [`Guard`] is made, no operation in its grant changes what the protected path leads to.
//! Files are told apart by device and inode, so it does not matter by which path they are reached.
//
// Note [Names that are reserved]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// To protect GRANT/a/b/c it is not enough to deny access to c: a program could rename a, make a/b anew and put a c of its
// own there. So in every directory on the way the next name is reserved: nothing may be made, renamed, removed or
// written under it. The directories on the way are known by their inodes and cannot be replaced, because their own
// names are reserved. Where the path does not exist yet, the first name that is missing is reserved just so.
//
// If the protected path is a directory, everything in it is shut as well: whether a directory lies in it is found by
// going up from there to the grant.

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

use cap_std::fs::Dir;
use rustix::fs::{AtFlags, Mode, OFlags, fstat, openat, statat};
use rustix::io::Errno;

use super::layout::FileStatus;

/// Device and inode.
type FileId = (u64, u64);

/// How far up is gone; no path is longer.
const MAX_DEPTH: usize = 4096;

/// What protects one path in one grant.
#[derive(Debug)]
pub(super) struct Guard {
    /// The granted directory.
    top: FileId,
    /// Directories on the way, and the name in each that leads on.
    reserved: Vec<(FileId, OsString)>,
    /// The protected directory, if it is one and exists.
    shut: Option<FileId>,
    /// The protected file, if it is one and exists: it may have other names.
    file: Option<FileId>,
}

/// How a protected path lies to a grant.
#[derive(Debug)]
pub(super) enum Relation {
    /// Somewhere else.
    Apart,
    /// The grant holds it.
    Within(Guard),
    /// It holds the grant, or is it: such a grant cannot be given.
    Around,
}

fn id(fd: impl AsFd) -> Result<FileId, Errno> {
    let status = FileStatus::from(fstat(fd)?);
    Ok((status.dev, status.ino))
}

/// A directory, not through a symbolic link, for no more than to know it.
fn directory(parent: impl AsFd, name: &OsStr) -> Result<OwnedFd, Errno> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(parent, name, flags, Mode::empty())
}

/// The path without symbolic links, as far as it exists.
pub(super) fn canonical(path: &Path) -> PathBuf {
    for above in path.ancestors() {
        if let (Ok(real), Ok(rest)) = (above.canonicalize(), path.strip_prefix(above)) {
            return if rest.as_os_str().is_empty() { real } else { real.join(rest) };
        }
    }
    path.to_owned()
}

impl Relation {
    /// How the protected `path` lies to the directory `top`, which is `host`.
    pub(super) fn between(top: &Dir, host: &Path, path: &Path) -> Result<Relation, Errno> {
        let (host, path) = (canonical(host), canonical(path));
        let is_directory = path.is_dir();
        if is_directory && host.starts_with(&path) {
            return Ok(Relation::Around);
        }
        let Ok(rest) = path.strip_prefix(&host) else {
            return Ok(Relation::Apart);
        };
        let mut guard = Guard { top: id(top)?, reserved: Vec::new(), shut: None, file: None };
        let mut at = directory(top, OsStr::new("."))?;
        for component in rest.components() {
            let Component::Normal(name) = component else { continue };
            guard.reserved.push((id(&at)?, name.to_owned()));
            match directory(&at, name) {
                Ok(next) => at = next,
                // What comes behind a name that is missing, or is no directory, cannot be reached.
                Err(_) => {
                    let status = statat(&at, name, AtFlags::SYMLINK_NOFOLLOW).map(FileStatus::from);
                    guard.file = status.ok().map(|file| (file.dev, file.ino));
                    return Ok(Relation::Within(guard));
                }
            }
        }
        guard.shut = Some(id(&at)?);
        Ok(Relation::Within(guard))
    }
}

impl Guard {
    /// EACCES if something of this name in `parent` must stay as it is.
    pub(super) fn check_change(&self, parent: impl AsFd, name: &OsStr) -> Result<(), Errno> {
        let parent = id(parent)?;
        let is_reserved = self.reserved.iter().any(|(at, reserved)| *at == parent && reserved == name);
        if is_reserved { Err(Errno::ACCESS) } else { Ok(()) }
    }

    /// EACCES if this is the protected file, by whatever name it was opened.
    pub(super) fn check_file(&self, file: impl AsFd) -> Result<(), Errno> {
        match self.file {
            Some(protected) if protected == id(file)? => Err(Errno::ACCESS),
            _ => Ok(()),
        }
    }

    /// EACCES if `parent`, a directory in the grant, lies in what is shut.
    pub(super) fn check_inside(&self, parent: impl AsFd) -> Result<(), Errno> {
        let Some(shut) = self.shut else {
            return Ok(());
        };
        let mut at = directory(parent, OsStr::new("."))?;
        for _ in 0..MAX_DEPTH {
            let here = id(&at)?;
            if here == shut {
                return Err(Errno::ACCESS);
            }
            if here == self.top {
                return Ok(());
            }
            at = directory(&at, OsStr::new(".."))?;
        }
        // It was moved out of the grant meanwhile.
        Err(Errno::ACCESS)
    }
}
