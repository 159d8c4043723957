//! From the name of a shared object to the files to load for it: where libraries are looked for, and which they need.
//!
//! The system's own (libc and its kin) are never opened: the runtime stands in for them. A Haskell package's
//! is served from the static object or archive beside it, if there is one.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use bcvm_host::elf::Dynamic;
use bcvm_host::link::{Libraries, MAX_FILE_BYTES};

use crate::server::standin::{find_library, first_of_script, stands_in};

/// Where the system keeps its libraries.
const SYSTEM: &[&str] = &[
    "/usr/local/lib",
    "/lib/x86_64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu",
    "/lib64",
    "/usr/lib64",
    "/lib",
    "/usr/lib",
];
/// No library needs more.
const MAX_LIBRARIES: usize = 1000;

/// What to load for a library.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Native libraries, which are opened rather than loaded.
    pub natives: Vec<PathBuf>,
    /// Static objects and archives of Haskell packages that it needs.
    pub packages: Vec<PathBuf>,
    /// Shared objects.
    pub libraries: Libraries,
}

/// A library that was looked at.
struct Found {
    path: PathBuf,
    /// Positions of those that it needs.
    needs: Vec<usize>,
}

/// Finds out what to load for the library that GHC calls `path`, if some are native. Fails with the reason, in the words of
/// the system's dynamic linker where it has any.
pub(super) fn plan(path: &Path, is_native: &dyn Fn(&Path) -> bool) -> Result<Plan, String> {
    let root = locate(path, &[], None)?;
    let mut plan = Plan::default();
    if is_native(&root) {
        plan.natives.push(root);
        return Ok(plan);
    }
    if add_package(&root, &mut plan) {
        return Ok(plan);
    }
    let mut found = vec![Found { path: root.clone(), needs: Vec::new() }];
    let mut known = BTreeMap::from([(root, 0)]);
    let mut next = 0;
    // Nearest first, as definitions count.
    while next < found.len() {
        let path = found[next].path.clone();
        let dynamic = read(&path)?;
        for name in dynamic.needed.iter().filter(|name| !stands_in(name)) {
            let needed = locate(Path::new(name), &dynamic.search, path.parent())?;
            if find_library(&needed).is_some() || add_package(&needed, &mut plan) {
                continue;
            }
            if is_native(&needed) {
                plan.natives.push(needed);
                continue;
            }
            let position = *known.entry(needed.clone()).or_insert(found.len());
            if position == found.len() {
                found.push(Found { path: needed, needs: Vec::new() });
            }
            if found.len() > MAX_LIBRARIES {
                return Err(format!("{}: it needs more than {MAX_LIBRARIES} libraries", path.display()));
            }
            found[next].needs.push(position);
        }
        next += 1;
    }
    plan.libraries.initialised = needs_first(&found);
    plan.libraries.paths = found.into_iter().map(|library| library.path).collect();
    Ok(plan)
}

/// The positions of libraries, each behind those that it needs (as far as they do not need each other).
fn needs_first(found: &[Found]) -> Vec<usize> {
    let mut order = Vec::new();
    let mut seen = BTreeSet::from([0]);
    let mut path = vec![(0, found[0].needs.iter())];
    while let Some((position, needs)) = path.last_mut() {
        match needs.next() {
            Some(&need) if seen.insert(need) => path.push((need, found[need].needs.iter())),
            Some(_) => {}
            None => {
                order.push(*position);
                path.pop();
            }
        }
    }
    order
}

/// Adds what stands beside a shared object of a Haskell package; false if it is none, or nothing does.
fn add_package(path: &Path, plan: &mut Plan) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let package = name.strip_suffix(".so").and_then(|name| name.strip_prefix("libHS"));
    let Some((package, _)) = package.and_then(|package| package.rsplit_once("-ghc")) else { return false };
    let beside = [format!("HS{package}.o"), format!("libHS{package}.a")].map(|name| path.with_file_name(name));
    let Some(found) = beside.into_iter().find(|path| path.exists()) else { return false };
    if !plan.packages.contains(&found) {
        plan.packages.push(found);
    }
    true
}

/// The file that a library's name stands for: a path, or something to look for in `search` (of the object that needs it,
/// which lies in `origin`), and where the system does.
fn locate(name: &Path, search: &[String], origin: Option<&Path>) -> Result<PathBuf, String> {
    let missing = || format!("{}: cannot open shared object file: No such file or directory", name.display());
    let candidates: Vec<PathBuf> = if name.components().count() > 1 {
        vec![name.to_owned()]
    } else {
        let mut folders: Vec<PathBuf> = search.iter().map(|folder| expand(folder, origin)).collect();
        let from_environment = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
        folders.extend(env::split_paths(&from_environment).filter(|folder| folder.is_absolute()));
        folders.extend(origin.map(Path::to_owned));
        folders.extend(SYSTEM.iter().map(PathBuf::from));
        folders.iter().map(|folder| folder.join(name)).collect()
    };
    // A package's may be absent while its static object is there.
    let is_there = |path: &&PathBuf| path.exists() || add_package(path, &mut Plan::default());
    let found = candidates.iter().find(is_there).ok_or_else(missing)?;
    let found = found.canonicalize().unwrap_or_else(|_| found.clone());
    match first_of_script(&found) {
        Some(inner) if inner.is_absolute() => inner.canonicalize().map_err(|_| missing()),
        Some(inner) => locate_beside(&found, &inner).ok_or_else(missing),
        None => Ok(found),
    }
}

fn locate_beside(script: &Path, inner: &Path) -> Option<PathBuf> {
    let folders = script.parent().into_iter().map(Path::to_owned).chain(SYSTEM.iter().map(PathBuf::from));
    folders.map(|folder| folder.join(inner)).find_map(|path| path.canonicalize().ok())
}

/// A folder of a search path, with `$ORIGIN` filled in.
fn expand(folder: &str, origin: Option<&Path>) -> PathBuf {
    let origin = origin.map(|origin| origin.display().to_string()).unwrap_or_default();
    PathBuf::from(folder.replace("${ORIGIN}", &origin).replace("$ORIGIN", &origin))
}

fn read(path: &Path) -> Result<Dynamic, String> {
    let file = path.display().to_string();
    let failed = |e: std::io::Error| format!("{file}: {e}");
    if !path.metadata().map_err(failed)?.is_file() {
        return Err(format!("{file}: not a regular file"));
    }
    let mut data = Vec::new();
    File::open(path).map_err(failed)?.take(MAX_FILE_BYTES).read_to_end(&mut data).map_err(failed)?;
    Dynamic::parse(&file, &data).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_comes_first() {
        let library = |needs: &[usize]| Found { path: PathBuf::new(), needs: needs.to_vec() };
        // The first needs the next two, of which the third needs the second; and a circle.
        assert_eq!(needs_first(&[library(&[1, 2]), library(&[]), library(&[1])]), [1, 2, 0]);
        assert_eq!(needs_first(&[library(&[2, 1]), library(&[]), library(&[1])]), [1, 2, 0]);
        assert_eq!(needs_first(&[library(&[1]), library(&[0])]), [1, 0]);
    }

    #[test]
    fn origins_are_filled_in() {
        assert_eq!(expand("$ORIGIN/../lib", Some(Path::new("/a/b"))), PathBuf::from("/a/b/../lib"));
        assert_eq!(expand("${ORIGIN}", Some(Path::new("/a"))), PathBuf::from("/a"));
        assert_eq!(expand("/lib", None), PathBuf::from("/lib"));
    }

    #[test]
    fn shared_objects_of_packages_are_served_from_what_stands_beside_them() {
        let directory = tempfile::tempdir().expect("a directory");
        let shared = directory.path().join("libHSsmall-1.0-ghc9.0.2.so");
        assert!(plan(&shared, &|_| false).unwrap_err().contains("libHSsmall-1.0-ghc9.0.2.so"));
        let archive = directory.path().join("libHSsmall-1.0.a");
        std::fs::write(&archive, "").expect("written");
        assert_eq!(plan(&shared, &|_| false).expect("found").packages, [archive]);
        let object = directory.path().join("HSsmall-1.0.o");
        std::fs::write(&object, "").expect("written");
        assert_eq!(plan(&shared, &|_| false).expect("found").packages, [object]);
    }

    #[test]
    fn a_library_that_is_nowhere_is_reported_as_the_system_does() {
        let error = plan(Path::new("libnowhere-at-all.so"), &|_| false).unwrap_err();
        assert_eq!(error, "libnowhere-at-all.so: cannot open shared object file: No such file or directory");
    }
}
