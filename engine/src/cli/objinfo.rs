//! `bcvm objinfo`: what is in object files, and what of it the linker and the lifter can do something with.

use super::Output;
use super::args::ObjinfoOptions;
use super::exit::{Exit, Failure};
use super::file::print;
use bcvm_host::elf::{Archive, Object};
use bcvm_host::lift::LiftedModule;
use bcvm_host::link::{Builtins, Error, Index, Runtime, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `bcvm objinfo`
pub fn objinfo(options: &ObjinfoOptions, output: &mut Output) -> Result<(), Failure> {
    if options.missing { missing(&options.files, output) } else { describe(&options.files, output) }
}

pub(super) fn input(error: impl ToString) -> Failure {
    Failure::new(Exit::Input, error.to_string())
}

/// Calls `look` with every object of a file, be it one or an archive.
pub(super) fn each_object(
    path: &Path,
    mut look: impl FnMut(&Object<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let shown = path.display().to_string();
    let data = Source::file(path).read().map_err(|error| input(format!("{shown}: {error}")))?;
    if !data.starts_with(b"!<arch>\n") {
        return look(&Object::parse(shown, &data).map_err(input)?);
    }
    let archive = Archive::parse(shown, &data).map_err(input)?;
    for (number, member) in archive.members().iter().enumerate() {
        look(&Object::parse(archive.member_name(number), member.data).map_err(input)?)?;
    }
    Ok(())
}

/// Lists sections, symbols and the outcome of translating.
fn describe(files: &[PathBuf], output: &mut Output) -> Result<(), Failure> {
    let mut trapping = 0;
    for path in files {
        each_object(path, |object| {
            let (index, module) = Index::with_code(object).map_err(|error: Error| input(error))?;
            trapping += module.coverage.trapping;
            print(output, &description(object, &index, &module))
        })?;
    }
    if trapping == 0 {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Crash,
        format!("functions that would trap when they come to what is not supported: {trapping}"),
    ))
}

fn description(object: &Object<'_>, index: &Index, module: &LiftedModule) -> String {
    let mut text = String::new();
    let coverage = module.coverage;
    let _ = writeln!(text, "{}", object.file);
    for section in &object.sections {
        let (name, kind, relocations) = (section.name, section.kind, section.relocations.len());
        let kind = format!("{kind:?}");
        let _ = writeln!(text, "  {name:<24} {kind:<10} {:>9} bytes {relocations:>8} relocations", section.size);
    }
    let needed = index.wants().filter(|want| want.needed_at.is_some()).count();
    let percent = coverage.reached_bytes as f64 * 100.0 / coverage.text_bytes.max(1) as f64;
    let _ = writeln!(text, "  symbols: {} defined, {needed} wanted", index.export_count());
    let _ = writeln!(
        text,
        "  code: {} bytes, {percent:.1} % reached, {} instructions",
        coverage.text_bytes, coverage.instructions
    );
    let _ = writeln!(
        text,
        "  functions: {} lifted ({} Haskell entries, {} C functions), {} of them trapping",
        coverage.functions, coverage.stg_entries, coverage.c_functions, coverage.trapping
    );
    for place in &module.unsupported {
        let _ = writeln!(text, "    {}: {}: {}", place.function, place.reason, place.instruction);
    }
    text
}

/// Lists what nobody defines.
fn missing(files: &[PathBuf], output: &mut Output) -> Result<(), Failure> {
    let installed;
    let files = if files.is_empty() {
        installed = installed_packages()?;
        &installed
    } else {
        files
    };
    let mut defined = BTreeSet::new();
    let mut wanted: BTreeMap<String, String> = BTreeMap::new();
    for path in files {
        each_object(path, |object| {
            let index = Index::new(object).map_err(input)?;
            defined.extend(index.exports().map(|export| export.name.to_owned()));
            for want in index.wants() {
                if let Some(at) = want.needed_at {
                    wanted.entry(want.name.to_owned()).or_insert_with(|| format!("{} at {at}", object.file));
                }
            }
            Ok(())
        })?;
    }
    let is_built_in = |name: &str| Runtime.find(name).or_else(|| Runtime.find_stand_in(name)).is_some();
    wanted.retain(|name, _| !defined.contains(name) && !is_built_in(name));
    let mut text = String::new();
    for (name, by) in &wanted {
        let _ = writeln!(text, "{name} (wanted by {by})");
    }
    print(output, &text)?;
    if wanted.is_empty() {
        return Ok(());
    }
    Err(Failure::new(Exit::Crash, format!("symbols that nobody defines: {}", wanted.len())))
}

/// The objects of the packages that GHC has installed.
pub(super) fn installed_packages() -> Result<Vec<PathBuf>, Failure> {
    let ghc = Command::new("ghc").arg("--print-libdir").output().map_err(|error| input(format!("ghc: {error}")))?;
    let root = PathBuf::from(String::from_utf8_lossy(&ghc.stdout).trim());
    let failed = |error| input(format!("{}: {error}", root.display()));
    let mut objects = Vec::new();
    for entry in std::fs::read_dir(&root).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let object = entry.path().join(format!("HS{}.o", entry.file_name().to_string_lossy()));
        if object.is_file() {
            objects.push(object);
        }
    }
    objects.sort();
    Ok(objects)
}
