//! The system libraries bcvm stands in for.
//!
//! GHC asks its server to load the C library and its kin before anything else. In the sandbox there is nothing to
//! load: bcvm brings its own versions of what lifted code needs from them. So loading one of these succeeds without
//! opening it, by whichever name it is asked for. Loading any other library is decided elsewhere.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The libraries, by the part of their names between `lib` and `.so`.
pub const LIBRARIES: &[&str] = &["c", "m", "rt", "dl", "pthread", "util", "gmp", "ffi", "tinfo"];

/// What libraries need beside those: the dynamic linker, and gcc's for unwinding, which compiled code here can't do.
const ALSO_NEEDED: &[&str] = &["ld-linux", "libgcc_s.so"];

/// No linker script is longer; a file is not read further to find out whether it is one.
const SCRIPT_SIZE: u64 = 16 << 10;

/// Which of [`LIBRARIES`] GHC means by `path`: a bare name, a soname, a file, a link to a file, or a linker
/// script, of which only the first library counts, as in GHC's own loader.
pub fn find_library(path: &Path) -> Option<&'static str> {
    find_by_name(path)
        .or_else(|| find_by_name(&std::fs::canonicalize(path).ok()?))
        .or_else(|| find_by_name(Path::new(&read_script(path)?)))
}

/// Whether the runtime stands in for the library that another one needs by this name.
pub fn stands_in(name: &str) -> bool {
    find_by_name(Path::new(name)).is_some() || ALSO_NEEDED.iter().any(|library| name.starts_with(library))
}

/// The file that a linker script names first; `None` for any other file.
pub fn first_of_script(path: &Path) -> Option<PathBuf> {
    read_script(path).map(PathBuf::from)
}

/// By file name alone: `libc.so`, `libc.so.6`, `libc-2.36.so`.
fn find_by_name(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_str()?.strip_prefix("lib")?;
    let (stem, version) = name.split_once(".so")?;
    let stem = match stem.rsplit_once('-') {
        Some((stem, digits)) if is_version(digits) => stem,
        _ => stem,
    };
    let proper = version.is_empty() || version.strip_prefix('.').is_some_and(is_version);
    LIBRARIES.iter().find(|&&library| proper && library == stem).copied()
}

fn is_version(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// The first path in the script's `GROUP ( … )` or `INPUT ( … )`.
fn read_script(path: &Path) -> Option<String> {
    // A device or a pipe must not be waited for.
    if !std::fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut text = Vec::new();
    File::open(path).ok()?.take(SCRIPT_SIZE).read_to_end(&mut text).ok()?;
    first_input(std::str::from_utf8(&text).ok()?).map(str::to_owned)
}

/// The first word inside the first `GROUP (` or `INPUT (`.
fn first_input(script: &str) -> Option<&str> {
    let mut words = script.split_inclusive(|c: char| c == '(' || c.is_whitespace()).map(str::trim);
    let mut after_keyword = false;
    while let Some(word) = words.next() {
        let (keyword, open) = match word.strip_suffix('(') {
            Some(keyword) => (keyword, true),
            None => (word, false),
        };
        after_keyword |= keyword == "GROUP" || keyword == "INPUT";
        if after_keyword && open {
            return words.find(|word| !word.is_empty()).map(|word| word.trim_end_matches(')'));
        }
        after_keyword &= keyword.is_empty() || keyword == "GROUP" || keyword == "INPUT";
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (path, library) in [
            ("libc.so", Some("c")),
            ("libc.so.6", Some("c")),
            ("/usr/lib/x86_64-linux-gnu/libm.so", Some("m")),
            ("libc-2.36.so", Some("c")),
            ("libpthread-2.31.so", Some("pthread")),
            ("libgmp.so.10.4.1", Some("gmp")),
            ("libcurl.so.4", None),
            ("libc.so.evil", None),
            ("libc.so.", None),
            ("c.so", None),
            ("libc.a", None),
            ("libc++.so.1", None),
            ("libc-client.so", None),
            ("libm.sofa", None),
            ("", None),
            ("..", None),
        ] {
            assert_eq!(find_by_name(Path::new(path)), library, "{path}");
        }
    }

    #[test]
    fn linker_scripts() {
        let script = "/* GNU ld script\n   Use the shared library. */\nOUTPUT_FORMAT(elf64-x86-64)\n\
                      GROUP ( /lib/x86_64-linux-gnu/libc.so.6 /usr/lib/libc_nonshared.a  AS_NEEDED ( ld.so ) )\n";
        assert_eq!(first_input(script), Some("/lib/x86_64-linux-gnu/libc.so.6"));
        assert_eq!(first_input("INPUT(libtinfo.so.6)"), Some("libtinfo.so.6"));
        assert_eq!(first_input("INPUT (\n  libgmp.so.10 )"), Some("libgmp.so.10"));
        assert_eq!(first_input("OUTPUT_FORMAT(elf64) /* GROUP */ x ( y )"), None);
        assert_eq!(first_input("GROUP"), None);
        assert_eq!(first_input("\u{7f}ELF"), None);
    }

    #[test]
    fn files() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        assert_eq!(find_library(&file("libcurses.so", "INPUT(libtinfo.so.6)")), Some("tinfo"));
        assert_eq!(find_library(&file("libother.so", "INPUT(libother.so.6)")), None);
        let target = file("libgmp.so.10", "");
        let link = dir.path().join("libbignum.so");
        std::os::unix::fs::symlink(target, &link).unwrap();
        assert_eq!(find_library(&link), Some("gmp"));
        // Nothing is read of what is no regular file.
        assert_eq!(find_library(Path::new("/dev/zero")), None);
        assert_eq!(find_library(Path::new("/nonexistent/libz.so")), None);
    }
}
