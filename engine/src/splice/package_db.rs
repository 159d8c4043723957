//! GHC's global package database, as far as it says which objects a package needs (`ghc-pkg`'s `package.conf.d`).
//!
//! GHC tells a server which objects to load for the user's program. What the server itself wants beyond that it has to
//! find in the same installation, so that whatever both want is the same file and loaded once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Name of the directory.
const DB: &str = "package.conf.d";
/// How a package's file ends.
const SUFFIX: &str = ".conf";
/// No such file is longer; more is not read.
const MAX_BYTES: u64 = 1 << 20;

/// Why a package's objects were not found.
#[derive(Debug, thiserror::Error)]
pub enum PackageDbError {
    /// There is no database above the place where one was expected.
    #[error("GHC's package database ({DB}) is in no directory above {}", near.display())]
    NoDatabase {
        /// Where the search began.
        near: PathBuf,
    },
    /// The database cannot be read.
    #[error("reading {}: {source}", path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A package is not installed.
    #[error("{} has no package {package}", db.display())]
    NoPackage {
        /// The database.
        db: PathBuf,
        /// Name or unit id.
        package: String,
    },
    /// A library of a package is not where the package says.
    #[error("package {unit}: neither {library}.o nor lib{library}.a is in its directories")]
    NoLibrary {
        /// The package.
        unit: String,
        /// Its library.
        library: String,
    },
}

/// What to load for a package.
#[derive(Debug, PartialEq, Eq)]
pub struct PackageObjects {
    /// The package's unit id, which its symbols begin with.
    pub unit: String,
    /// Its objects and archives and those of all it depends on, each after what it needs.
    pub files: Vec<PathBuf>,
}

/// What one package says.
#[derive(Debug, Default)]
struct Package {
    id: String,
    depends: Vec<String>,
    library_dirs: Vec<String>,
    hs_libraries: Vec<String>,
}

/// The objects of the package called `package` in the installation that `near`, a file of some package, belongs to.
pub fn find_objects(package: &str, near: &Path) -> Result<PackageObjects, PackageDbError> {
    let db = near.ancestors().skip(1).map(|above| above.join(DB)).find(|db| db.is_dir());
    let db = db.ok_or_else(|| PackageDbError::NoDatabase { near: near.into() })?;
    let no_package = |package: &str| PackageDbError::NoPackage { db: db.clone(), package: package.into() };
    let prefix = format!("{package}-");
    let entries = fs::read_dir(&db).map_err(|source| PackageDbError::Read { path: db.clone(), source })?;
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    // `ghci-9.0.2` and not `ghci-extra-1`.
    let is_it = |id: &str| id.strip_prefix(&prefix).is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit()));
    let unit = names.filter_map(|name| Some(name.strip_suffix(SUFFIX)?.to_owned())).filter(|id| is_it(id)).max();
    let unit = unit.ok_or_else(|| no_package(package))?;

    // Depth first; a package is listed when all it depends on has been.
    let mut files = Vec::new();
    let mut packages = BTreeMap::new();
    let mut done = BTreeSet::new();
    let mut path = vec![unit.clone()];
    while let Some(id) = path.last().cloned() {
        let package: &mut Package = match packages.entry(id.clone()) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => {
                let text = read(&db.join(format!("{id}{SUFFIX}"))).map_err(|_| no_package(&id))?;
                new.insert(parse(&text))
            }
        };
        match package.depends.pop() {
            Some(next) => {
                // A package that is begun and not done would be a circle, which there is no use in following.
                if !done.contains(&next) && !path.contains(&next) {
                    path.push(next);
                }
            }
            None => {
                files.extend(libraries(package, &db)?);
                path.pop();
                done.insert(id);
            }
        }
    }
    Ok(PackageObjects { unit, files })
}

/// Where the libraries of a package are: GHC prefers objects to archives, too.
fn libraries(package: &Package, db: &Path) -> Result<Vec<PathBuf>, PackageDbError> {
    let root = db.parent().unwrap_or(db);
    let dir = |text: &str| match text.strip_prefix("${pkgroot}/") {
        Some(rest) => root.join(rest),
        None => PathBuf::from(text),
    };
    let dirs: Vec<PathBuf> = package.library_dirs.iter().map(|text| dir(text)).collect();
    let find = |library: &String| {
        let names = [format!("{library}.o"), format!("lib{library}.a")];
        let candidates = names.iter().flat_map(|name| dirs.iter().map(move |dir| dir.join(name)));
        let unit = package.id.clone();
        candidates
            .filter(|file| file.is_file())
            .min_by_key(|file| file.extension().is_some_and(|e| e == "a"))
            .ok_or(PackageDbError::NoLibrary { unit, library: library.clone() })
    };
    // The runtime's own package has libraries that bcvm stands in for.
    if package.id == "rts" { Ok(Vec::new()) } else { package.hs_libraries.iter().map(find).collect() }
}

fn read(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Fields begin at the margin, `name: value`; what is indented goes on.
fn parse(text: &str) -> Package {
    let mut package = Package::default();
    let mut field = "";
    for line in text.lines() {
        let mut value = line;
        if !line.starts_with(char::is_whitespace) {
            let Some((name, rest)) = line.split_once(':') else { continue };
            (field, value) = (name, rest);
        }
        let words = split(value);
        match field {
            "id" => package.id.extend(words),
            "depends" => package.depends.extend(words),
            "library-dirs" => package.library_dirs.extend(words),
            "hs-libraries" => package.hs_libraries.extend(words),
            _ => {}
        }
    }
    package
}

/// Words, between white space and commas; those with such characters are quoted.
fn split(value: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (i, part) in value.split('"').enumerate() {
        if i % 2 == 1 {
            words.push(part.to_owned());
        } else {
            let separators = |c: char| c.is_whitespace() || c == ',';
            words.extend(part.split(separators).filter(|word| !word.is_empty()).map(str::to_owned));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(packages: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(DB)).unwrap();
        for (id, depends) in packages {
            let lib = dir.path().join("lib dir").join(id);
            fs::create_dir_all(&lib).unwrap();
            fs::write(lib.join(format!("HS{id}.o")), "").unwrap();
            fs::write(lib.join(format!("libHS{id}.a")), "").unwrap();
            let text = format!(
                "name: x\nid: {id}\nlibrary-dirs:\n    /nowhere\n    \"${{pkgroot}}/lib dir/{id}\"\nhs-libraries: HS{id}\n\
                 depends:\n    {depends}\nabi: 12:3\n"
            );
            fs::write(dir.path().join(DB).join(format!("{id}.conf")), text).unwrap();
        }
        dir
    }

    #[test]
    fn dependencies_come_first_and_once() {
        let dir = database(&[("a-1", ""), ("b-1", "a-1 rts"), ("c-x-1", ""), ("c-2", "a-1,\n    b-1"), ("rts", "")]);
        let found = find_objects("c", &dir.path().join("lib dir/a-1/HSa-1.o")).unwrap();
        let names: Vec<_> = found.files.iter().map(|file| file.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(found.unit, "c-2");
        assert_eq!(names, ["HSa-1.o", "HSb-1.o", "HSc-2.o"]);
    }

    #[test]
    fn an_archive_serves_where_there_is_no_object() {
        let dir = database(&[("a-1", "")]);
        fs::remove_file(dir.path().join("lib dir/a-1/HSa-1.o")).unwrap();
        let found = find_objects("a", &dir.path().join("x")).unwrap();
        assert!(found.files[0].ends_with("libHSa-1.a"));
        fs::remove_file(&found.files[0]).unwrap();
        let e = find_objects("a", &dir.path().join("x")).unwrap_err().to_string();
        assert!(e.starts_with("package a-1: neither HSa-1.o"), "{e}");
    }

    #[test]
    fn circles_and_gaps() {
        let dir = database(&[("a-1", "b-1"), ("b-1", "a-1"), ("c-1", "d-1")]);
        assert_eq!(find_objects("a", &dir.path().join("x")).unwrap().files.len(), 2);
        for missing in ["c", "e"] {
            assert!(matches!(find_objects(missing, &dir.path().join("x")), Err(PackageDbError::NoPackage { .. })));
        }
        assert!(matches!(find_objects("a", Path::new("/")), Err(PackageDbError::NoDatabase { .. })));
    }
}
