//! Packages of the installed GHC on their way into a sandbox: from the cache, and with `--cold` from nothing.
//!
//! Not a criterion bench: from nothing it takes minutes, and what is asked of the other numbers is a bound. Prints a table.
//! An engine stands for a process: what interpreters of one engine share, the next engine has to fetch from the cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use bcvm_benches::cpu;
use bcvm_engine::Interp;
use bcvm_engine::embed::{Cache, Engine};
use bcvm_host::elf::{Object, SectionKind};

/// What `ghci` needs, in the order in which GHC loads it; base and what it needs are the first three.
const PACKAGES: &str = "ghc-prim ghc-bignum base array deepseq containers bytestring binary filepath time unix directory \
                        transformers ghc-boot-th ghc-boot ghc-heap pretty template-haskell ghci";
/// Loads from the cache.
const ROUNDS: usize = 15;

/// The packages' objects; none without GHC.
fn objects() -> Option<Vec<PathBuf>> {
    let output = Command::new("ghc").arg("--print-libdir").output().ok()?;
    let root = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    let folders: Vec<PathBuf> = fs::read_dir(root).ok()?.flatten().map(|entry| entry.path()).collect();
    let find = |package: &str| {
        let is_it = |folder: &&PathBuf| {
            let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.rsplit_once('-').is_some_and(|(name, version)| {
                name == package && version.starts_with(|digit: char| digit.is_ascii_digit())
            })
        };
        let folder = folders.iter().find(is_it)?;
        Some(folder.join(format!("HS{}.o", folder.file_name()?.to_str()?)))
    };
    PACKAGES.split_whitespace().map(find).collect()
}

/// An interpreter with the packages, and how long loading and resolving took.
fn load(engine: &Engine, paths: &[PathBuf]) -> (Interp, [Duration; 2]) {
    let interp = Interp::builder().build_with(engine).expect("an interpreter");
    let start = Instant::now();
    paths.iter().for_each(|path| interp.load_obj(path).expect("loaded"));
    let loaded = start.elapsed();
    assert!(interp.resolve_objs().expect("answered"), "resolved");
    (interp, [loaded, start.elapsed()])
}

/// Bytes of code in objects.
fn text_bytes(paths: &[PathBuf]) -> u64 {
    let text = |path: &PathBuf| {
        let data = fs::read(path).expect("read");
        let object = Object::parse(path.display().to_string(), &data).expect("an object");
        object
            .sections
            .iter()
            .filter(|section| section.kind == SectionKind::Text)
            .map(|section| section.size)
            .sum::<u64>()
    };
    paths.iter().map(text).sum()
}

/// Bytes of the files in a cache whose names end so.
fn kept_bytes(cache: &Path, extension: &str) -> u64 {
    let files = fs::read_dir(cache).into_iter().flatten().flatten();
    let of_kind = files.filter(|file| file.path().extension().is_some_and(|found| found == extension));
    of_kind.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum()
}

/// From nothing: time, and how large what is kept is.
fn cold(cache: &Path, paths: &[PathBuf]) {
    let engine = || Engine::new(&Cache::Directory(cache.to_owned())).expect("an engine");
    drop(engine());
    let guest = kept_bytes(cache, "cwasm");
    for (what, some) in [("the first 3 packages", &paths[..3]), ("the others on top", paths)] {
        let (start, before) = (Instant::now(), cpu::own_time());
        drop(load(&engine(), some));
        let (wall, used) = (start.elapsed().as_secs_f64(), (cpu::own_time() - before).as_secs_f64());
        println!("from nothing, {what}: {wall:.1} s, {used:.1} s of processor time");
    }
    let (code, text) = (kept_bytes(cache, "cwasm") - guest, text_bytes(paths));
    let mb = |bytes: u64| bytes as f64 / 1e6;
    println!("compiled code: {:.1} MB, {:.1} × .text ({:.1} MB)", mb(code), code as f64 / text as f64, mb(text));
    println!("images: {:.1} MB; indices: {:.1} MB", mb(kept_bytes(cache, "image")), mb(kept_bytes(cache, "index")));
}

fn main() {
    let Some(paths) = objects() else {
        println!("no packages: GHC is not installed, or lacks some of {PACKAGES}");
        return;
    };
    let cache = PathBuf::from(concat!(env!("CARGO_TARGET_TMPDIR"), "/packages"));
    if std::env::args().any(|argument| argument == "--cold") {
        let _ = fs::remove_dir_all(&cache);
        cold(&cache, &paths);
    }
    let engine = || Engine::new(&Cache::Directory(cache.clone())).expect("an engine");
    drop(load(&engine(), &paths));
    let mut rounds: Vec<([Duration; 2], Duration)> = Vec::new();
    for _ in 0..ROUNDS {
        let engine = engine();
        let before = cpu::time(std::process::id());
        let (_interp, times) = load(&engine, &paths);
        rounds.push((times, cpu::time(std::process::id()).saturating_sub(before)));
    }
    rounds.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let median = &rounds[ROUNDS / 2];
    let ([loaded, resolved], used) = *median;
    println!(
        "from the cache, {} packages: {:.1} ms ({:.1} of it to load; best {:.1}), about {:.0} ms of processor time",
        paths.len(),
        ms(resolved),
        ms(loaded),
        ms(rounds[0].0[1]),
        ms(used)
    );
    let engine = engine();
    let first = load(&engine, &paths);
    let (before, second) = (cpu::own_pss(), load(&engine, &paths));
    println!("a second interpreter: {:.1} ms, {} kB more of memory (Pss)", ms(second.1[1]), cpu::own_pss() - before);
    drop((first, second));
}
