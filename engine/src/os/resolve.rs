//! From a path as the program writes it to a directory that was granted and a name in it.
//!
//! Invariant: a [`Place`] is an open directory inside a grant, and a name without a slash. Whoever acts on it does not
//! follow a symbolic link of that name, so no race can lead an operation out of the grant.
//
// Note [Paths of the sandbox]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~
// The program sees an absolute path for each directory granted, for instance the one the directory really has. What
// lies above such a directory can be passed through and asked for its kind, as a directory of mode 0111 could be.
// Everything else does not exist (ENOENT), be it there or not: a program that looks for an optional file goes on as it
// would on a system without that file, where a refusal (EACCES) would stop it. The record of denials says which it was.
//
// The part of a path above a grant is imaginary and has no symbolic links, so `..` is taken literally there. In a grant,
// cap-std resolves the path; it refuses symbolic links that are absolute or lead out. A `..` that leaves the
// grant according to the text of the path is taken literally as well, so that `../here/file` works. A grant inside
// another hides what is there; the directories on the way to it are the outer one's, and should exist.
//
// The last part of a path is not resolved with the rest: operations act on it without following it, and those that
// should follow a symbolic link go round again with the path's canonical form (`Os::followed`).

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use rustix::fs::{AtFlags, FileType, Stat, statat};
use rustix::io::Errno;

use super::guard::{Guard, Relation};
use super::path::check_file_system;
use super::policy::{Access, Grant};
use super::state::{Os, OsError, denied, errno};

/// A directory that was granted.
#[derive(Debug)]
pub(super) struct Mount {
    /// The names that lead to it from the program's root.
    names: Vec<OsString>,
    pub(super) dir: Dir,
    access: Access,
    guards: Vec<Guard>,
    /// The one name in it that is granted, if not all are.
    only: Option<OsString>,
}

/// Where a path leads.
pub(super) enum Target<'o> {
    Place(Place<'o>),
    /// A directory above a grant.
    Above,
}

/// A name in a directory.
pub(super) struct Place<'o> {
    pub(super) mount: &'o Mount,
    /// The path within the grant, not empty.
    pub(super) rest: PathBuf,
    /// The directory that the name is in.
    pub(super) parent: Dir,
    /// The name; `.` if it is the directory itself.
    pub(super) name: OsString,
    /// The path ends with a slash, so it should lead to a directory.
    pub(super) wants_directory: bool,
}

/// How many symbolic links at the end of a path are followed.
const MAX_LINKS: usize = 8;

impl Mount {
    /// Opens a directory that is granted; what is `protected` stays out of reach.
    pub(super) fn new(grant: &Grant, protected: &[PathBuf]) -> Result<Mount, OsError> {
        let mut names = Vec::new();
        for component in grant.guest.components() {
            match component {
                Component::Normal(name) => names.push(name.to_owned()),
                Component::RootDir => {}
                _ => return Err(OsError::GuestPath { path: grant.guest.clone() }),
            }
        }
        if !grant.guest.is_absolute() {
            return Err(OsError::GuestPath { path: grant.guest.clone() });
        }
        let unopened = |source| OsError::Directory { path: grant.host.clone(), source };
        let dir = Dir::open_ambient_dir(&grant.host, ambient_authority()).map_err(unopened)?;
        let mut guards = Vec::new();
        for path in protected {
            match Relation::between(&dir, &grant.host, path).map_err(|e| unopened(e.into()))? {
                Relation::Apart => {}
                Relation::Within(guard) => guards.push(guard),
                Relation::Around => {
                    return Err(OsError::Protected { path: grant.host.clone(), protected: path.clone() });
                }
            }
        }
        Ok(Mount { names, dir, access: grant.access, guards, only: None })
    }

    /// Of this directory, one name.
    pub(super) fn only(self, name: OsString) -> Mount {
        Mount { only: Some(name), ..self }
    }

    /// Whether it grants what has this path, of names from the root.
    fn holds(&self, literal: &[&OsStr]) -> bool {
        let Some(rest) = literal.get(self.names.len()..) else { return false };
        let is_granted = match &self.only {
            Some(only) => matches!(rest, [name] if name == only),
            None => true,
        };
        is_granted && self.names.iter().zip(literal).all(|(a, b)| a == b)
    }

    fn guest_path(&self) -> PathBuf {
        Path::new("/").join(self.names.iter().collect::<PathBuf>())
    }
}

impl Place<'_> {
    /// EROFS unless the grant allows changes; EACCES if what is there is protected from them.
    pub(super) fn writable(&self) -> Result<(), Errno> {
        let checked = match self.mount.access {
            Access::ReadWrite => {
                self.mount.guards.iter().try_for_each(|guard| guard.check_change(&self.parent, &self.name))
            }
            Access::Read => Err(Errno::ROFS),
        };
        checked.map_err(|e| denied("write", &self.rest, e))
    }

    /// EACCES if a file opened here for writing is protected under another name.
    pub(super) fn check_file(&self, file: &OwnedFd) -> Result<(), Errno> {
        self.mount.guards.iter().try_for_each(|guard| guard.check_file(file))
    }

    /// What is there, itself.
    pub(super) fn stat(&self) -> Result<Stat, Errno> {
        let stat = statat(&self.parent, &self.name, AtFlags::SYMLINK_NOFOLLOW)?;
        let kind = FileType::from_raw_mode(stat.st_mode);
        if self.wants_directory && !matches!(kind, FileType::Directory | FileType::Symlink) {
            return Err(Errno::NOTDIR);
        }
        Ok(stat)
    }

    pub(super) fn is_symlink(&self) -> bool {
        self.stat().is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink)
    }
}

/// The errno of what cap-std says, on record if it refuses to leave the grant.
pub(super) fn refusal(path: &OsStr, error: &io::Error) -> Errno {
    match errno(error) {
        // The system's own refusals have a number, cap-std's has none.
        Errno::ACCESS if error.raw_os_error().is_none() => denied("path", path, Errno::NOENT),
        other => other,
    }
}

impl Os {
    /// The grant that a path leads into, and the path within it; no grant for what lies above one.
    fn locate(&self, path: &OsStr) -> Result<(Option<&Mount>, PathBuf), Errno> {
        if path.is_empty() {
            return Err(Errno::NOENT);
        }
        let path = self.cwd.join(path);
        // What the path means literally, and, from a grant on, what cap-std is to resolve.
        let mut literal: Vec<&OsStr> = Vec::new();
        let mut inside: Option<(&Mount, PathBuf)> = None;
        for component in path.components() {
            match component {
                Component::Normal(name) => literal.push(name),
                Component::ParentDir => {
                    literal.pop();
                }
                _ => continue,
            }
            let mount = self.deepest(&literal);
            inside = match (inside, mount) {
                (Some((was, rest)), Some(mount)) if std::ptr::eq(was, mount) => {
                    Some((mount, rest.join(component.as_os_str())))
                }
                // Into a grant, or from one into another.
                (_, Some(mount)) => Some((mount, literal[mount.names.len()..].iter().collect())),
                (_, None) => None,
            };
        }
        if let Some((mount, rest)) = inside.or_else(|| self.deepest(&literal).map(|mount| (mount, PathBuf::new()))) {
            return Ok((Some(mount), rest));
        }
        let is_above =
            |mount: &Mount| literal.len() <= mount.names.len() && mount.names.iter().zip(&literal).all(|(a, b)| a == b);
        let above = self.reach.mounts.iter().any(is_above);
        if above { Ok((None, literal.iter().collect())) } else { Err(denied("path", path, Errno::NOENT)) }
    }

    /// The innermost grant that a literal path lies in.
    fn deepest(&self, literal: &[&OsStr]) -> Option<&Mount> {
        self.reach.mounts.iter().filter(|mount| mount.holds(literal)).max_by_key(|mount| mount.names.len())
    }

    /// Where a path leads, its last part not followed.
    pub(super) fn target(&self, path: &OsStr) -> Result<Target<'_>, Errno> {
        let (mount, rest) = match self.locate(path)? {
            (Some(mount), rest) => (mount, rest),
            (None, _) => return Ok(Target::Above),
        };
        let opened = |parent: &Path| {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            let parent = mount.dir.open_dir(parent).map_err(|e| refusal(path, &e))?;
            // Nothing is looked at or changed there, either.
            let inside = check_file_system(&parent)
                .and_then(|()| mount.guards.iter().try_for_each(|guard| guard.check_inside(&parent)));
            inside.map(|()| parent).map_err(|e| denied("path", path, e))
        };
        let wants_directory = path.as_bytes().ends_with(b"/") || path.as_bytes().ends_with(b"/.");
        // `file_name` answers nothing for a path that ends with `..`.
        Ok(Target::Place(match (rest.parent(), rest.file_name()) {
            (Some(parent), Some(name)) => {
                Place { mount, parent: opened(parent)?, name: name.to_owned(), rest, wants_directory }
            }
            _ => {
                let parent = opened(&rest)?;
                let rest = if rest.as_os_str().is_empty() { PathBuf::from(".") } else { rest };
                Place { mount, rest, parent, name: OsString::from("."), wants_directory }
            }
        }))
    }

    /// As [`Os::target`], for calls that change what is there: nothing does above a grant.
    pub(super) fn place(&self, path: &OsStr) -> Result<Place<'_>, Errno> {
        match self.target(path)? {
            Target::Place(place) => Ok(place),
            Target::Above => Err(denied("path", path, Errno::ACCESS)),
        }
    }

    /// As [`Os::place`], and the grant must allow changes.
    pub(super) fn writable_place(&self, path: &OsStr) -> Result<Place<'_>, Errno> {
        let place = self.place(path)?;
        place.writable()?;
        Ok(place)
    }

    /// Where a path leads, with a symbolic link at its end followed. What is not there is no link.
    pub(super) fn followed(&self, path: &OsStr) -> Result<Target<'_>, Errno> {
        let mut target = self.target(path)?;
        for _ in 0..MAX_LINKS {
            match &target {
                Target::Place(place) if place.is_symlink() => {}
                _ => return Ok(target),
            }
            target = self.target(self.canonical(path)?.as_os_str())?;
        }
        Err(Errno::LOOP)
    }

    /// The absolute path, as the program sees it, without symbolic links (`realpath`).
    pub(super) fn canonical(&self, path: &OsStr) -> Result<PathBuf, Errno> {
        match self.locate(path)? {
            (None, above) => Ok(Path::new("/").join(above)),
            (Some(mount), rest) if rest.as_os_str().is_empty() => Ok(mount.guest_path()),
            (Some(mount), rest) => {
                let within = mount.dir.canonicalize(&rest).map_err(|e| refusal(path, &e))?;
                let within = if within == Path::new(".") { PathBuf::new() } else { within };
                // Joining an empty path would add a slash.
                let whole = mount.guest_path();
                Ok(if within.as_os_str().is_empty() { whole } else { whole.join(within) })
            }
        }
    }
}
