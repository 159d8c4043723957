//! The machine's C library in the sandbox, called from byte code: what comes out on the host's side of it.

mod asm;

use asm::{c_call, int};
use bcvm_engine::Interp;
use bcvm_engine::embed::{Cache, Engine};
use bcvm_engine::interp::ForeignRef;
use bcvm_engine::os::{Access, Clock, Grant, Input, Output, Policy, Stream};
use std::fs;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(&Cache::User).expect("an engine"))
}

/// C functions of one interpreter.
struct C(Interp);

impl C {
    fn with(policy: Policy, timeout: Duration) -> C {
        let builder = Interp::builder().policy(policy).limit_memory(64 << 20).timeout(timeout);
        C(builder.build_with(engine()).expect("an interpreter"))
    }

    fn new(policy: Policy) -> C {
        C::with(policy, Duration::from_secs(60))
    }

    /// The call of a function of words, to be evaluated.
    fn prepare(&self, name: &str, args: &[u64]) -> ForeignRef {
        c_call(&self.0, name, args)
    }

    fn call(&self, name: &str, args: &[u64]) -> i64 {
        int(&self.0, &self.prepare(name, args)) as i64
    }

    /// A text in the interpreter's memory.
    fn text(&self, text: &str) -> u64 {
        self.0.malloc_strings(&[text.as_bytes()]).unwrap()[0].0
    }

    fn length(&self, at: i64) -> i64 {
        self.call("strlen", &[at as u64])
    }

    /// Whether the text at `at` is this one.
    fn is(&self, at: i64, text: &str) -> bool {
        at != 0 && self.call("strcmp", &[at as u64, self.text(text)]) == 0
    }

    fn why(&self) -> String {
        let errno = self.call("__errno_location", &[]) as u64;
        // The errors asked for here are all less than 256.
        let number = (1..256).find(|n| {
            let one = self.0.malloc_data(&[*n as u8]).unwrap().0;
            self.call("memcmp", &[errno, one, 1]) == 0
        });
        number.map_or("none".into(), |n: i32| io::Error::from_raw_os_error(n).to_string())
    }
}

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn streams() {
    let sink = Sink::default();
    let policy = Policy::strict()
        .stdin(Stream::Input(Input::new(&b"typed"[..])))
        .stdout(Stream::Output(Output::new(sink.clone())));
    let c = C::new(policy);
    let buf = c.text("..........");
    assert_eq!(c.call("read", &[0, buf, 10]), 5);
    assert!(c.is(buf as i64, "typed....."));
    assert_eq!(c.call("write", &[1, buf, 6]), 6);
    assert_eq!(*sink.0.lock().unwrap(), b"typed.");
    assert_eq!(c.call("write", &[1, 0x7000_0000, 6]), -1);
    assert_eq!(c.why(), "Bad address (os error 14)");
    assert_eq!(c.call("isatty", &[1]), 0);
    assert_eq!(c.call("close", &[77]), -1);
    assert_eq!(c.why(), "Bad file descriptor (os error 9)");
    assert_eq!(c.call("fork", &[]), -1);
    assert_eq!(c.why(), "Operation not permitted (os error 1)");
}

#[test]
fn files_and_environment() {
    let dir = TempDir::new().unwrap();
    let grant = Grant { host: dir.path().into(), guest: "/here".into(), access: Access::ReadWrite };
    let policy =
        Policy::strict().grant(grant).working_directory("/here").environment("COLOUR", "red").clock(Clock::Real);
    let c = C::new(policy);
    let (name, hello) = (c.text("file"), c.text("hello"));
    let fd = c.call("open", &[name, 0o102, 0o644]);
    assert_eq!(fd, 3);
    assert_eq!(c.call("write", &[3, hello, 5]), 5);
    assert_eq!(fs::read_to_string(dir.path().join("file")).unwrap(), "hello");
    let path = c.call("realpath", &[name, 0]);
    assert!(c.is(path, "/here/file"));
    assert_eq!(c.call("open", &[c.text("/etc/passwd"), 0, 0]), -1);
    assert_eq!(c.why(), "No such file or directory (os error 2)");
    let names = c.call("opendir", &[c.text(".")]);
    let mut found = 0;
    while c.call("readdir", &[names as u64]) != 0 {
        found += 1;
    }
    assert_eq!(found, 3);
    assert_eq!(c.call("closedir", &[names as u64]), 0);
    assert_eq!(c.call("closedir", &[names as u64]), -1);
    let template = c.text("nameXXXXXX.txt");
    assert_eq!(c.call("mkstemps", &[template, 4]), 4);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    assert!(c.is(c.call("getenv", &[c.text("COLOUR")]), "red"));
    assert_eq!(c.call("getenv", &[c.text("PATH")]), 0);
    assert_eq!(c.length(c.call("strerror", &[2])), "No such file or directory".len() as i64);
    assert!(c.call("getMonotonicNSec", &[]) > 0);
}

#[test]
fn waiting_ends_with_the_time() {
    let c = C::with(Policy::strict(), Duration::from_millis(200));
    let begun = Instant::now();
    let fds = c.0.malloc_data(&[0; 8]).unwrap().0;
    assert_eq!(c.call("pipe", &[fds]), 0);
    // Each is told at once that it was interrupted; that the evaluation may then end in time is its luck.
    for (name, args) in
        [("usleep", &[30_000_000][..]), ("pause", &[]), ("read", &[3, fds, 1]), ("poll", &[0, 0, 30_000])]
    {
        let _ = c.0.seq_hvalue(&c.prepare(name, args)).unwrap();
    }
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    // The session lives on.
    assert!(c.call("getpid", &[]) > 0);
}
