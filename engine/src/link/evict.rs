//! Keeps a cache's directory from growing for ever: what was not used for longest goes first.
//!
//! A file that is mapped stays in memory when its name goes, so nothing that runs is disturbed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// As large as a cache's directory may become. The code of the packages that GHC brings takes about a quarter of it.
pub(super) const MAX_BYTES: u64 = 2 << 30;

/// Temporary files that are older were left behind by a process that was killed.
const ABANDONED: Duration = Duration::from_secs(3600);

/// What may be removed.
const KINDS: [&str; 4] = ["index", "package", "image", "cwasm"];

/// Removes the files of `directory` that were not read for longest, so that at most three quarters of `max` are left if they
/// take up more than `max`.
pub(super) fn shrink(directory: &Path, max: u64) -> io::Result<()> {
    let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    let now = SystemTime::now();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let (path, metadata) = (entry.path(), entry.metadata()?);
        // When a file was read last is not known to the day on most systems, but that is good enough.
        let used = metadata.accessed()?.max(metadata.modified()?);
        let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        if KINDS.contains(&kind) {
            files.push((used, metadata.len(), path));
        } else if kind == "tmp" && now.duration_since(used).is_ok_and(|age| age > ABANDONED) {
            remove(&path)?;
        }
    }
    let mut total: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
    if total <= max {
        return Ok(());
    }
    files.sort();
    for (_, bytes, path) in files {
        if total <= max / 4 * 3 {
            break;
        }
        remove(&path)?;
        total -= bytes;
    }
    Ok(())
}

/// Removes a file that somebody else may have removed already.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_first() {
        let directory = tempfile::tempdir().expect("a directory");
        let now = SystemTime::now();
        for (n, age) in [(0u64, 40u64), (1, 10), (2, 30), (3, 20)] {
            let path = directory.path().join(format!("{n}.image"));
            fs::write(&path, [0; 100]).expect("written");
            let then = now - Duration::from_secs(age * 86_400);
            let times = fs::FileTimes::new().set_accessed(then).set_modified(then);
            fs::File::options().write(true).open(&path).expect("opened").set_times(times).expect("set");
        }
        fs::write(directory.path().join("registry"), [0; 1000]).expect("written");
        shrink(directory.path(), 400).expect("fits");
        assert_eq!(fs::read_dir(directory.path()).expect("there").count(), 5);
        shrink(directory.path(), 300).expect("shrunk");
        let left = |n: u64| directory.path().join(format!("{n}.image")).exists();
        assert_eq!([left(0), left(1), left(2), left(3)], [false, true, false, true]);
        assert!(directory.path().join("registry").exists());
    }

    #[test]
    fn what_a_killed_process_left_is_removed() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("x.1-2.tmp");
        fs::write(&path, "").expect("written");
        shrink(directory.path(), 1).expect("looked");
        assert!(path.exists(), "it may still be written");
        let then = SystemTime::now() - 2 * ABANDONED;
        let times = fs::FileTimes::new().set_accessed(then).set_modified(then);
        fs::File::options().write(true).open(&path).expect("opened").set_times(times).expect("set");
        shrink(directory.path(), 1).expect("looked");
        assert!(!path.exists());
    }
}
