//! How exactly limits are kept: what a runaway program costs beyond them. Alone in its program, for it measures the process.

mod asm;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use asm::c_call;
use bcvm_engine::embed::{Cache, Engine};
use bcvm_engine::os::{Audit, Event, Policy};
use bcvm_engine::unlinked::link;
use bcvm_engine::{Interp, stg};

/// Byte code without end.
const LOOPS: &str = "spin = \\(n :: Int#) -> case +# n 1# of m -> spin m\nmain = spin 0#";
/// A list without end, all of which is kept.
const GROWS: &str = "grow = \\xs -> let unit = (); more = unit : xs in grow more\nmain = let none = [] in grow none";
/// Stable pointers without end.
const KEEPS: &str =
    "keep = \\x -> case makeStablePtr# x realWorld# of (# s, p #) -> keep x\nmain = let none = [] in keep none";
/// What a limit of time may be overstepped by.
const GRACE: Duration = Duration::from_millis(200);
/// How much time a runaway program has.
const TIME: Duration = Duration::from_millis(300);
/// A machine that is busy with something else may keep any thread waiting, but hardly so often.
const ATTEMPTS: usize = 8;

/// Compiled code without end that reads and writes nothing: in an initialiser, once it has said that it begins, and in a
/// function.
const SPIN: &str = "int access(const char *, int);\n\
    __attribute__((constructor)) static void spin(void) { access(\"begun\", 0); for (;;) __asm__(\"\"); }\n";
const SPINS: &str = "long spins(void) { for (;;) __asm__(\"\"); return 0; }\n";

/// Takes memory until there is none.
const GRABS: &str = "void *malloc(unsigned long);\n\
    long grabs(long size) { long n = 0; for (;; n++) { volatile char *p = malloc(size); if (!p) return n;\n\
        for (long i = 0; i < size; i += 4096) p[i] = 1; } }\n";

/// When a program has said that it begins.
#[derive(Clone, Default)]
struct Begun(Arc<Mutex<Option<Instant>>>);

impl Audit for Begun {
    fn record(&self, _: &Event) {
        self.0.lock().expect("nobody panics").get_or_insert(Instant::now());
    }
}

/// How late runaway code was ended, by a clock on the wall: the best of some attempts. `run` answers when it began.
fn check_lateness(what: &str, run: impl Fn() -> Instant) {
    let mut all = Vec::new();
    for _ in 0..ATTEMPTS {
        let began = run();
        let late = began.elapsed().checked_sub(TIME).expect("nobody is ended before his time");
        all.push(late);
        if late <= GRACE {
            println!("{what}: late by {all:?}");
            return;
        }
    }
    panic!("{what}: late by {all:?}");
}

/// What the evaluation of `main` ends with.
fn run(interp: &Interp, source: &str) -> String {
    let program = stg::compile("program", source).expect("it compiles");
    let value = link::link(&program, interp).expect("it links").into_entry();
    interp.seq_hvalue(&value).expect("the machine answers").expect_err("it does not end well").to_string()
}

fn object(directory: &Path, name: &str, text: &str) -> PathBuf {
    let (source, object) = (directory.join(name).with_extension("c"), directory.join(name).with_extension("o"));
    fs::write(&source, text).expect("written");
    let status = Command::new("gcc").args(["-O2", "-c", "-fno-pic", "-o"]).arg(&object).arg(&source).status();
    assert!(status.expect("there is gcc").success());
    object
}

/// Kibibytes that this process has had at most.
fn peak_kib() -> u64 {
    status("VmHWM:")
}

/// Kibibytes that it has.
fn resident_kib() -> u64 {
    status("VmRSS:")
}

fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("it is there");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("it is there");
    line.split_whitespace().next().expect("a number").parse().expect("a number")
}

#[test]
fn limits_are_kept() {
    let directory = tempfile::tempdir().expect("a directory");
    let engine = Engine::new(&Cache::User).expect("the guest compiles");

    // Memory: what C takes counts, and so do the records of it; the heap also has room to copy within the limit.
    let most = (64 << 10) * 11 / 10;
    let interp = || Interp::builder().limit_memory(64 << 20).build_with(&engine).expect("an interpreter");
    let before = peak_kib();
    let said = run(&interp(), GROWS);
    assert!(said.contains("heap overflow (limit 64 MiB)"), "{said}");
    let more = peak_kib() - before;
    println!("with 64 MiB: {more} KiB");
    assert!(more <= most, "{more} KiB");
    let before = resident_kib();
    let interp_of_pointers = interp();
    let said = run(&interp_of_pointers, KEEPS);
    assert!(said.contains("heap overflow"), "{said}");
    let more = resident_kib() - before;
    println!("stable pointers with 64 MiB: {more} KiB");
    assert!((16 << 10..=most).contains(&more), "{more} KiB");
    drop(interp_of_pointers);
    for size in [1 << 16, 1] {
        let interp = interp();
        interp.load_obj(&object(directory.path(), "grabs", GRABS)).expect("loaded");
        interp.resolve_objs().expect("resolved");
        let call = c_call(&interp, "grabs", &[size]);
        let before = resident_kib();
        interp.seq_hvalue(&call).expect("the machine answers").expect("it ends well");
        let more = resident_kib() - before;
        println!("C with 64 MiB in blocks of {size}: {more} KiB");
        assert!((16 << 10..=most).contains(&more), "{more} KiB");
        // What is left does for other things.
        let said = run(&interp, GROWS);
        assert!(said.contains("heap overflow"), "{said}");
        let more = resident_kib() - before;
        assert!(more <= most, "{more} KiB");
    }

    // Time: byte code, and compiled code without any check, in an evaluation and in an initialiser.
    let begun = Begun::default();
    let policy = Policy::strict().audit(begun.clone());
    let interp = Interp::builder().timeout(TIME).policy(policy).build_with(&engine).expect("an interpreter");
    check_lateness("byte code", || {
        let began = Instant::now();
        let said = run(&interp, LOOPS);
        assert!(said.contains("its time was up"), "{said}");
        began
    });
    interp.load_obj(&object(directory.path(), "spins", SPINS)).expect("loaded");
    interp.resolve_objs().expect("resolved");
    check_lateness("compiled code", || {
        let call = c_call(&interp, "spins", &[]);
        let began = Instant::now();
        let said = interp.seq_hvalue(&call).expect("the machine answers").expect_err("it does not end").to_string();
        assert!(said.contains("its time was up"), "{said}");
        began
    });
    let spin = object(directory.path(), "spin", SPIN);
    check_lateness("an initialiser", || {
        interp.load_obj(&spin).expect("loaded");
        *begun.0.lock().expect("nobody panics") = None;
        let said = interp.resolve_objs().expect_err("it does not end").to_string();
        assert!(said.contains("its time was up"), "{said}");
        interp.unload_obj(&spin).expect("unloaded");
        // To compile it was not the program's time.
        begun.0.lock().expect("nobody panics").take().expect("it has begun")
    });
}
