//! Haskell programs as byte code of GHC's, run by `ghc -e` with one server or another, and the server's processor time.
//!
//! What a program takes is the time of a run less that of a run of size 0, which loads the same packages. It is taken by
//! a shell script between GHC and the server, because GHC waits for the server itself.

use crate::ghc;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A program of `programs/`, whose module exports `run :: Int -> IO ()`.
#[derive(Clone, Copy, Debug)]
pub struct Haskell {
    /// What it does, in a word or two.
    pub name: &'static str,
    /// Its module.
    pub module: &'static str,
    /// What it is run with: some hundred milliseconds' worth.
    pub size: u32,
}

const fn haskell(name: &'static str, module: &'static str, size: u32) -> Haskell {
    Haskell { name, module, size }
}

/// All of them.
pub const PROGRAMS: [Haskell; 9] = [
    haskell("calls on Int", "Calls", 28),
    haskell("queens on lists", "Queens", 10),
    haskell("tree inserts", "Tree", 40_000),
    haskell("strings", "Strings", 20_000),
    haskell("factorials", "Factorials", 12_000),
    haskell("IORef and MVar", "References", 200_000),
    haskell("exceptions", "Exceptions", 100_000),
    haskell("loop on Double", "Doubles", 60_000),
    haskell("loop on Int#", "Unboxed", 1_000_000),
];

/// Writes 10 MB and copies them by lines.
pub const LINES: Haskell = haskell("10 MB by lines", "Lines", 125_000);

/// A server for GHC, with the script in front of it.
#[derive(Debug)]
pub struct Timed {
    script: PathBuf,
    times: PathBuf,
    directory: PathBuf,
}

impl Timed {
    /// GHC's own server, if GHC 9.0.2 is installed; the script is written to `directory`.
    pub fn ghc_iserv(directory: &Path) -> io::Result<Option<Timed>> {
        ghc::find().map(|installed| Timed::new(directory, "ghc-iserv", installed.server(), &[])).transpose()
    }

    /// Ours, if it was built with the bench that runs.
    pub fn bcvm_iserv(directory: &Path) -> io::Result<Option<Timed>> {
        Timed::bcvm_iserv_with(directory, "bcvm-iserv", &[])
    }

    /// Ours with options, under a name of its own.
    pub fn bcvm_iserv_with(directory: &Path, name: &str, options: &[&str]) -> io::Result<Option<Timed>> {
        // The bench is in `deps`, beside which programs are.
        let bench = std::env::current_exe()?;
        let server = bench.parent().and_then(Path::parent).map(|folder| folder.join("bcvm-iserv"));
        server.filter(|path| path.exists()).map(|path| Timed::new(directory, name, &path, options)).transpose()
    }

    fn new(directory: &Path, name: &str, server: &Path, options: &[&str]) -> io::Result<Timed> {
        let (script, times) = (directory.join(name), directory.join(format!("{name}.times")));
        let quoted = |path: &Path| format!("'{}'", path.display().to_string().replace('\'', r"'\''"));
        let command = format!("{} \"$@\" {}", quoted(server), options.join(" "));
        let text = format!("#!/bin/sh\n{command}\nstatus=$?\ntimes > {}\nexit $status\n", quoted(&times));
        fs::write(&script, text)?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
        Ok(Timed { script, times, directory: directory.to_owned() })
    }

    /// What `program` takes of the server's time, and what it prints.
    pub fn measure(&self, program: &Haskell) -> io::Result<(Duration, String)> {
        let (start, _) = self.run(program, 0)?;
        let (all, output) = self.run(program, program.size)?;
        Ok((all.saturating_sub(start), output))
    }

    fn run(&self, program: &Haskell, size: u32) -> io::Result<(Duration, String)> {
        let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs");
        let output = Command::new("ghc")
            .args(["-v0", "-fbyte-code", "-fexternal-interpreter", "-pgmi"])
            .arg(&self.script)
            .args(["-e", &format!("run {size}")])
            .arg(programs.join(program.module).with_extension("hs"))
            .current_dir(&self.directory)
            .stdin(Stdio::null())
            .output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(io::Error::other(format!("{} of size {size}: {}: {said}", program.module, output.status)));
        }
        let times = fs::read_to_string(&self.times)?;
        let time = children(&times).ok_or_else(|| io::Error::other(format!("no times of children: {times}")))?;
        Ok((time, String::from_utf8_lossy(&output.stdout).into_owned()))
    }
}

/// User and system time of children, from the second line of what the shell's `times` prints: `0m1.25s 0m0.02s`.
fn children(times: &str) -> Option<Duration> {
    let mut total = 0.0;
    for part in times.lines().nth(1)?.split_whitespace() {
        let (minutes, seconds) = part.strip_suffix('s')?.split_once('m')?;
        total += minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?;
    }
    Duration::try_from_secs_f64(total).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_children_are_on_the_second_line() {
        assert_eq!(children("0m9.0s 0m9.0s\n1m1.250s 0m0.250s\n"), Some(Duration::from_millis(61_500)));
        assert_eq!(children("0m9.0s 0m9.0s\n0m0.010000s 0m0.000000s\n"), Some(Duration::from_millis(10)));
        assert_eq!(children("0m9.0s 0m9.0s\n"), None);
        assert_eq!(children("\n1.5 2.5\n"), None);
    }

    #[test]
    fn every_program_is_there() {
        for program in PROGRAMS.into_iter().chain([LINES]) {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs").join(program.module);
            let source = fs::read_to_string(path.with_extension("hs")).expect("the program can be read");
            assert!(source.contains(&format!("module {} (run)", program.module)), "{}", program.module);
        }
    }
}
