//! Where the package objects of the installed GHC are.

use std::path::PathBuf;
use std::process::Command;

/// `HS*.o` of the packages named, in that order; none of those that are not installed.
pub fn package_objects(names: &str) -> Vec<PathBuf> {
    let Ok(output) = Command::new("ghc").arg("--print-libdir").output() else {
        eprintln!("skipped: no ghc");
        return Vec::new();
    };
    let root = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let entries = std::fs::read_dir(&root).expect("GHC's library directory").flatten();
    let directories: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    let find = |name: &str| {
        let is_it = |directory: &&String| directory.rsplit_once('-').is_some_and(|(package, _)| package == name);
        let directory = directories.iter().find(is_it)?;
        Some(root.join(directory).join(format!("HS{directory}.o"))).filter(|path| path.exists())
    };
    names.split_whitespace().filter_map(find).collect()
}
