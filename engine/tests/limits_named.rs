//! Every limit that is reached is named to the user, and the session goes on.

mod escape_common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bcvm_engine::Interp;
use bcvm_engine::policy::Limits;
use escape_common::{Place, wire};
use tempfile::TempDir;

/// A limit as an option of the server, a statement that reaches it, and what is said then.
const LIMITS: &[(&str, &str, &str)] = &[
    ("--limit-memory=64M", "let xs = [1 :: Int ..] in length xs + length xs", "heap overflow"),
    ("--limit-stack=1M", "foldr (+) 0 [1 :: Integer ..]", "stack overflow"),
    ("--timeout=300ms", "let f x = x `seq` f (x + 1) :: Int in f 0", "its time was up (limit 300ms)"),
    ("--limit-fuel=1000000", "let f x = x `seq` f (x + 1) :: Int in f 0", "it used up its fuel (limit 1000000 steps)"),
    // Compiled code is stopped by what it allocates.
    (
        "--limit-fuel=1000000",
        "length (show (product [1 .. 100000 :: Integer]))",
        "it used up its fuel (limit 1000000 steps)",
    ),
    (
        "--limit-output=16K",
        "let h n = putStr \"y\" >> h n in h ()",
        "it wrote more than it may (limit 16384 bytes for each evaluation)",
    ),
];

#[test]
fn evaluations() {
    if wire::ghc_iserv().is_none() {
        return;
    }
    for (option, statement, says) in LIMITS {
        let place = Place::new();
        let script = format!("let kept = sum [1 .. 100 :: Int]\nkept\n{statement}\nputStrLn \"<0>\"\nkept + 1\n");
        let said = place.ghci(&script, &[option]);
        let [reached, next] = [said.before_mark(0), said.before_mark(1)];
        let tail: String = reached.chars().rev().take(200).collect::<Vec<_>>().into_iter().rev().collect();
        assert!(reached.ends_with(&format!("*** Exception: {says}\n")), "{option}: {statement}\n{tail}");
        assert_eq!(next.trim_end(), "5051", "{option}: {statement}\n{tail}");
    }
}

/// What needs no new ones still works.
#[test]
fn references() {
    if wire::ghc_iserv().is_none() {
        return;
    }
    let place = Place::new();
    let many: String = (0..45).map(|i| format!("let x{i} = {i} :: Int\nx{i}\n")).collect();
    let script = format!("{many}putStrLn \"<0>\"\n:type x0\n");
    let said = place.ghci(&script, &["--limit-refs=80"]);
    let refused = "*** Exception: there are 80 references in use (limit 80)\n";
    assert!(said.text.contains(refused) && said.text.ends_with("x0 :: Int\n"), "{}", said.text);
}

/// An object file of C.
fn object(directory: &Path, name: &str, source: &str) -> PathBuf {
    let (c, o) = (directory.join(name).with_extension("c"), directory.join(name).with_extension("o"));
    fs::write(&c, source).expect("written");
    let status = Command::new("gcc").args(["-O1", "-c", "-fno-pic", "-o"]).arg(&o).arg(&c).status();
    assert!(status.expect("there is gcc").success());
    o
}

#[test]
fn objects() {
    let directory = TempDir::new().expect("a directory");
    let large = object(directory.path(), "large", "char large[1 << 20]; int f(void) { return large[0]; }");
    let functions: String = (0..100).map(|i| format!("int f{i}(int x) {{ return x + {i}; }}\n")).collect();
    let many = object(directory.path(), "many", &functions);
    let small = object(directory.path(), "small", "int small(void) { return 7; }");
    let code = Limits { code: Some(512 << 10), ..Limits::default() };
    let table = Limits { table: Some(50), ..Limits::default() };
    // To compile takes time as well, so what does not fit is not compiled.
    for (limits, file, says) in [
        (code, &large, "bytes of memory, and objects may take only 524288 more"),
        (table, &many, "objects take more entries of the code tables than they may (limit 50)"),
    ] {
        let interp = Interp::builder().limits(limits).build().expect("an interpreter");
        interp.load_obj(file).expect("loaded");
        let said = interp.resolve_objs().expect_err("too much").to_string();
        assert!(said.contains(says), "{said}");
        interp.unload_obj(file).expect("unloaded");
        interp.load_obj(&small).expect("loaded");
        interp.resolve_objs().expect("it fits");
        assert!(interp.lookup_symbol("small").expect("it goes on").is_some());
    }
}

/// The only limit that ends a session: what comes behind the message cannot be told from it.
#[test]
fn messages() {
    if wire::ghc_iserv().is_none() {
        return;
    }
    let place = Place::new();
    let mut command = wire::ghc(&place.work(), Path::new(wire::BCVM_ISERV), &["--limit-message=64K".to_owned()]);
    command.args(["-ignore-dot-ghci", "-e", &format!("length {:?}", "x".repeat(100_000))]);
    let output = command.output().expect("GHC starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("100000 of them go beyond the 65536 bytes that a message may have"), "{said}");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("100000"));
}
