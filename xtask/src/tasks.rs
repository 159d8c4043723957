//! The commands: each a list of programs to run, stopping at the first that fails.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::{setup, tidy};

/// Builds everything optimised and runs every example.
pub fn demo(root: &Path) -> Result<()> {
    setup::run(false)?;
    cargo(root, &["build", "--release", "--workspace", "--bins"])?;
    let bcvm = target_directory(root).join("release/bcvm");
    let examples = examples(root)?;
    for example in &examples {
        let name = example.strip_prefix(root).unwrap_or(example);
        println!("$ bcvm run {}", name.display());
        run(Command::new(&bcvm).current_dir(root).arg("run").arg(name))?;
    }
    println!("{} examples ran; try `{} --help`", examples.len(), bcvm.display());
    Ok(())
}

/// All tests, a million inputs of fuzzing among them; then those of the machine with the heap checked at every step, the
/// examples with a collection at every allocation, and Haskell programs with one at every so-manieth.
pub fn test(root: &Path) -> Result<()> {
    setup::run(true)?;
    cargo(root, &["test", "--workspace"])?;
    cargo(root, &["test", "--package", "bcvm", "--features", "sanity"])?;
    let suites = ["--lib", "--test", "examples", "--test", "handover", "--test", "programs"];
    cargo(root, &[&["test", "--package", "bcvm-engine", "--features", "sanity"], &suites[..]].concat())
}

/// The criterion benches, or the table of ratios to GHC's own server.
pub fn bench(root: &Path, arguments: &[String], vs_ghc: bool) -> Result<()> {
    setup::run(true)?;
    let mut line = vec!["bench", "--package", "bcvm-benches"];
    if vs_ghc {
        // The server that GHC starts.
        cargo(root, &["build", "--release", "--package", "bcvm-engine", "--bin", "bcvm-iserv"])?;
        line.extend(["--bench", "vs_ghc", "--", "--vs-ghc"]);
    } else {
        line.push("--");
    }
    line.extend(arguments.iter().map(String::as_str));
    cargo(root, &line)
}

/// Seeded cases of the fuzz targets, optimised; this needs no nightly toolchain.
pub fn fuzz(root: &Path, arguments: &[String]) -> Result<()> {
    setup::run(false)?;
    let mut line = vec!["run", "--release", "--package", "bcvm-fuzz", "--bin", "seeded", "--"];
    line.extend(arguments.iter().map(String::as_str));
    cargo(root, &line)
}

/// Prints what is untidy, and fails if there is anything.
pub fn tidy(root: &Path) -> Result<()> {
    let problems = tidy::check(root)?;
    for problem in &problems {
        println!("{problem}");
    }
    ensure!(problems.is_empty(), "{} untidy places", problems.len());
    Ok(())
}

/// What the continuous integration runs: the quick checks first.
pub fn ci(root: &Path) -> Result<()> {
    setup::run(true)?;
    cargo(root, &["fmt", "--all", "--check"])?;
    tidy(root)?;
    cargo(root, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    test(root)
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<()> {
    println!("$ cargo {}", arguments.join(" "));
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    run(Command::new(cargo).current_dir(root).args(arguments))
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("starting {program}"))?;
    if !status.success() {
        bail!("{program} failed: {status}");
    }
    Ok(())
}

/// The example programs in the order of their names.
fn examples(root: &Path) -> Result<Vec<PathBuf>> {
    let directory = root.join("examples");
    let entries = fs::read_dir(&directory).with_context(|| format!("reading {}", directory.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "stg"));
    files.sort();
    Ok(files)
}

fn target_directory(root: &Path) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |directory| root.join(directory))
}
