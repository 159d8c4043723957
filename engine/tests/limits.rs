//! How exactly limits are kept: what a runaway program costs beyond them. Alone in its program, for it measures the process.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bcvm_engine::embed::{Cache, Engine};
use bcvm_engine::os::{Audit, Event, Policy};
use bcvm_engine::unlinked::link;
use bcvm_engine::{Interp, stg};
use rustix::time::{ClockId, clock_gettime};

/// Byte code without end.
const LOOPS: &str = "spin = \\(n :: Int#) -> case +# n 1# of m -> spin m\nmain = spin 0#";
/// A list without end, all of which is kept.
const GROWS: &str = "grow = \\xs -> let unit = (); more = unit : xs in grow more\nmain = let none = [] in grow none";
/// What a limit of time may be overstepped by.
const GRACE: Duration = Duration::from_millis(200);
/// How much time a runaway program has.
const TIME: Duration = Duration::from_millis(300);

/// Compiled code without end that reads and writes nothing, once it has said that it begins.
const SPIN: &str = "int access(const char *, int);\n\
    __attribute__((constructor)) static void spin(void) { access(\"begun\", 0); for (;;) __asm__(\"\"); }\n";

/// When a program has said that it begins, in time of the thread that runs it.
#[derive(Clone, Default)]
struct Begun(Arc<Mutex<Option<Duration>>>);

impl Audit for Begun {
    fn record(&self, _: &Event) {
        *self.0.lock().expect("nobody panics") = Some(used());
    }
}

/// What this thread has used of the processor: unlike time it does not depend on who else is there.
fn used() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// What the evaluation of `main` ends with.
fn run(interp: &Interp, source: &str) -> String {
    let program = stg::compile("program", source).expect("it compiles");
    let value = link::link(&program, interp).expect("it links").into_entry();
    interp.seq_hvalue(&value).expect("the machine answers").expect_err("it does not end well").to_string()
}

/// An object whose initialiser loops without reading or writing anything.
fn looping_object(directory: &Path) -> std::path::PathBuf {
    let (source, object) = (directory.join("loop.c"), directory.join("loop.o"));
    fs::write(&source, SPIN).expect("written");
    let status = Command::new("gcc").args(["-O2", "-c", "-fno-pic", "-o"]).arg(&object).arg(&source).status();
    assert!(status.expect("there is gcc").success());
    object
}

/// Kibibytes that this process has had at most.
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("it is there");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("it is there");
    line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
}

#[test]
fn limits_are_kept() {
    let directory = tempfile::tempdir().expect("a directory");
    let engine = Engine::new(&Cache::User).expect("the guest compiles");

    // Memory: also while a collection copies.
    let interp = Interp::builder().limit_memory(64 << 20).build_with(&engine).expect("an interpreter");
    let before = peak_kib();
    let said = run(&interp, GROWS);
    assert!(said.contains("heap overflow (limit 64 MiB)"), "{said}");
    let more = peak_kib() - before;
    println!("with 64 MiB: {more} KiB");
    assert!((16 << 10..=(64 << 10) * 11 / 10).contains(&more), "{more} KiB");
    drop(interp);

    // Time: byte code, and compiled code without any check.
    let begun = Begun::default();
    let policy = Policy::strict().audit(begun.clone());
    let interp = Interp::builder().timeout(TIME).policy(policy).build_with(&engine).expect("an interpreter");
    let start = used();
    let said = run(&interp, LOOPS);
    let byte_code = used() - start;
    assert!(said.contains("its time was up"), "{said}");
    interp.load_obj(&looping_object(directory.path())).expect("loaded");
    let said = interp.resolve_objs().expect_err("it does not end").to_string();
    // To compile it was not the program's time.
    let compiled = used() - begun.0.lock().expect("nobody panics").expect("it has begun");
    assert!(said.contains("its time was up"), "{said}");
    println!("with {TIME:?}: byte code {byte_code:?}, compiled code {compiled:?}");
    assert!(byte_code <= TIME + GRACE, "{byte_code:?}");
    assert!(compiled <= TIME + GRACE, "{compiled:?}");
}
