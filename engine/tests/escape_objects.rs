//! Attempts to get out made by compiled C, which can do more than Haskell: call any function, write anywhere, contain any
//! instruction. Each is an object file whose initialiser tries one thing, in an interpreter of its own that is granted one
//! directory. What must not be reached is looked at afterwards, by this process.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use bcvm_engine::Interp;
use bcvm_engine::embed::{Cache, Engine};
use bcvm_engine::os::{Access, Audit, Event, Grant, Policy, Verdict};
use bcvm_engine::protocol::closure::GenClosure;

/// What stands in files and variables that programs must not see.
const SECRET: &str = "canary-4711";

/// How an attempt ends.
enum Ends {
    /// The statements set `r` to this.
    With(i64),
    /// It is not loaded, or stopped, and the error says this among other things.
    Error(&'static str),
    /// Either, for what the C standard leaves open.
    Somehow,
}
use Ends::{Error, Somehow, With};

/// Statements, how they end, and what must be on record as denied.
type Attempt = (&'static str, &'static str, Ends, Option<(&'static str, &'static str)>);

/// OUT is the directory beside the one that is granted.
const ATTEMPTS: &[Attempt] = &[
    ("open", "r = open(OUT \"/secret\", O_RDONLY);", With(-1), Some(("open", "/secret"))),
    ("create", "r = open(OUT \"/new\", O_CREAT | O_WRONLY, 0666);", With(-1), Some(("open", "/new"))),
    ("truncate", "r = truncate(OUT \"/secret\", 0);", With(-1), Some(("truncate", "/secret"))),
    ("chmod", "r = chmod(OUT \"/secret\", 0777);", With(-1), Some(("chmod", "/secret"))),
    ("a hard link", "r = link(OUT \"/secret\", \"hard\");", With(-1), Some(("link", "/secret"))),
    (
        "a link put in a directory's place",
        "mkdir(\"d\", 0777); rename(\"d\", \"e\"); symlink(\"..\", \"d\"); r = open(\"d/secret\", O_RDONLY);",
        With(-1),
        Some(("open", "d/secret")),
    ),
    (
        "a link that is swapped while it is opened",
        "close(creat(\"plain\", 0666)); symlink(OUT \"/secret\", \"link\"); r = 0;\
         for (int i = 0; i < 300; i++) {\
           rename(i & 1 ? \"link\" : \"plain\", \"now\"); int f = open(\"now\", O_RDONLY);\
           if (f >= 0) { r += read(f, b, sizeof b); close(f); }\
           rename(\"now\", i & 1 ? \"link\" : \"plain\");\
         }",
        With(0),
        Some(("open", "now")),
    ),
    ("a directory", "r = opendir(\"..\") != 0;", With(0), Some(("open", ".."))),
    ("a temporary file", "char t[] = OUT \"/tXXXXXX\"; r = mkstemp(t);", With(-1), Some(("open", "/t"))),
    ("the program's own file", "r = readlink(\"/proc/self/exe\", b, sizeof b);", With(-1), Some(("readlink", "/proc"))),
    ("a fifo", "r = mkfifo(\"fifo\", 0666);", With(-1), Some(("refused", "mkfifo"))),
    ("a device", "r = mknod(\"device\", S_IFCHR | 0666, 0x103);", With(-1), Some(("refused", "mknod"))),
    ("another owner", "r = chown(\"number\", 1, 1);", With(-1), Some(("refused", "chown"))),
    ("another user", "r = setuid(0);", With(-1), Some(("refused", "setuid"))),
    ("a signal", "r = kill(getpid(), 9);", With(-1), Some(("refused", "kill"))),
    ("fork", "r = fork();", With(-1), Some(("refused", "fork"))),
    ("vfork", "r = vfork();", With(-1), Some(("refused", "vfork"))),
    ("execve", "r = execve(\"/bin/sh\", 0, 0);", With(-1), Some(("refused", "execve"))),
    ("a shared library", "r = dlopen(\"libc.so.6\", 2) != 0;", With(0), Some(("refused", "dlopen"))),
    ("shared memory", "r = shm_open(\"/bcvm\", 66, 0666);", With(-1), Some(("refused", "shm_open"))),
    ("a socket of this machine", "r = socket(1, 1, 0);", With(-1), Some(("refused", "socket"))),
    ("a terminal", "r = openpty(b, b, 0, 0, 0);", With(-1), Some(("refused", "openpty"))),
    ("limits", "r = setrlimit(7, 0);", With(-1), Some(("refused", "setrlimit"))),
    ("the environment", "r = getenv(\"CANARY\") != 0 || getenv(\"PATH\") != 0;", With(0), None),
    ("typing for the user", "r = ioctl(0, 0x5412, \"x\");", With(-1), None),
    ("descriptors to read", "r = 0; for (int f = 3; f < 300; f++) r += read(f, b, 1) >= 0;", With(0), None),
    ("descriptors to write", "r = 0; for (int f = 3; f < 300; f++) r += write(f, \"x\", 1) >= 0;", With(0), None),
    (
        "descriptors to copy, below the two that splices talk to",
        "r = 0; for (int f = 3; f < 254; f++) r += dup2(f, 253) >= 0;",
        With(0),
        None,
    ),
    ("a path at no address", "r = open((char *)0x7fff0000, O_RDONLY);", Somehow, None),
    ("reading to no address", "r = read(open(\"number\", O_RDONLY), (char *)0x7fff0000, 4);", Somehow, None),
    ("functions that are not there", "r = ptrace(0, 0, 0, 0);", Error("ptrace"), None),
    ("another root", "r = chroot(OUT);", With(-1), Some(("refused", "chroot"))),
    ("memory that can be executed", "r = mprotect(b, 4096, 7);", With(-1), None),
    ("a system call", "asm volatile(\"syscall\" : \"=a\"(r) : \"0\"(39) : \"rcx\", \"r11\");", Error(""), None),
    ("an old system call", "asm volatile(\"int $0x80\" : \"=a\"(r) : \"0\"(20));", Error(""), None),
    ("a halt", "asm volatile(\"hlt\"); r = 1;", Error(""), None),
    ("a port", "asm volatile(\"outb %%al, $0x80\" :: \"a\"(0)); r = 1;", Error(""), None),
    // The thread pointer is the sandbox's own, and says so.
    (
        "thread-local memory of the host",
        "asm volatile(\"movq %%fs:0, %0\" : \"=r\"(r));",
        With(bcvm::abi::THREAD as i64),
        None,
    ),
    ("the other segment of a thread", "asm volatile(\"movq %%gs:0, %0\" : \"=r\"(r));", Error(""), None),
    (
        "machine code in data",
        "static volatile unsigned char code[] = { 0xb8, 39, 0, 0, 0, 0x0f, 5, 0xc3 }; r = ((long (*)(void))code)();",
        Error(""),
        None,
    ),
    ("the middle of a function", "r = ((long (*)(void))((char *)helper + 3))();", Error(""), None),
    ("its own code, which is not what runs", "*(volatile int *)helper = 0; r = helper(1);", With(3), None),
    ("memory that is not there", "*(volatile int *)0x7fff0000 = 1; r = 1;", Error("0x7fff0000"), None),
    ("memory beyond", "r = *(volatile long *)0x100000008;", Error(""), None),
    ("the kernel's memory", "r = *(volatile long *)0xffffffff81000000;", Error(""), None),
    ("a giant allocation", "r = malloc(1L << 46) != 0;", With(0), None),
    ("a large allocation", "r = malloc(1L << 31) != 0;", With(0), None),
    ("a return address", "volatile char s[8]; for (int i = 0; i < 4096; i++) s[i] = 0x41; r = 1;", Somehow, None),
    ("a loop", "for (;;) asm volatile(\"\");", Error("its time was up"), None),
    ("endless recursion", "r = deep(1);", Error(""), None),
];

/// What the statements stand in.
const FRAME: &str = r#"
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
extern void *opendir(), *dlopen();
extern int shm_open(), socket(), openpty(), setrlimit(), ioctl(), kill(), mprotect();
extern long ptrace();
extern char ghczmprim_GHCziTypes_Izh_con_info[];
void *volatile answer_closure[2] = { ghczmprim_GHCziTypes_Izh_con_info, 0 };
volatile char buffer[64];
__attribute__((noinline)) long helper(long n) { return n * 3; }
__attribute__((noinline)) long deep(long n) { volatile long a[100]; a[n % 100] = n; return deep(n + 1) + a[0]; }
__attribute__((constructor)) static void attempt(void) {
    char *b = (char *)buffer;
    volatile long r = 77;
    ATTEMPT
    answer_closure[1] = (void *)r;
}
"#;

/// Keeps what it is told.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Event>>>);

impl Audit for Kept {
    fn record(&self, event: &Event) {
        self.0.lock().expect("nobody panics").push(event.clone());
    }
}

fn compile(directory: &Path, n: usize, statements: &str) -> PathBuf {
    let (source, object) = (directory.join(format!("{n}.c")), directory.join(format!("{n}.o")));
    fs::write(&source, FRAME.replace("ATTEMPT", statements)).expect("written");
    let out = format!("-DOUT=\"{}\"", directory.display());
    let mut gcc = Command::new("gcc");
    gcc.args(["-O1", "-w", "-c", "-fno-pic", "-fno-stack-protector", "-U_FORTIFY_SOURCE"]).arg(out);
    let status = gcc.arg("-o").arg(&object).arg(&source).status().expect("there is gcc");
    assert!(status.success(), "{statements}");
    object
}

/// The value of `r`, or why there is none.
fn attempt(interp: &Interp, object: &Path) -> Result<i64, String> {
    interp.load_obj(object).map_err(|e| e.to_string())?;
    interp.resolve_objs().map_err(|e| e.to_string())?;
    let answer = interp.lookup_closure("answer_closure").map_err(|e| e.to_string())?.ok_or("no answer")?;
    match interp.get_closure(&answer).map_err(|e| e.to_string())? {
        GenClosure::ConstrClosure { data_args, .. } => Ok(data_args[0] as i64),
        other => Err(format!("{other:?}")),
    }
}

#[test]
fn compiled_code_does_not_get_out() {
    let top = tempfile::tempdir().expect("a directory");
    let top = top.path().canonicalize().expect("it is there");
    fs::write(top.join("secret"), SECRET).expect("written");
    let engine = Engine::new(&Cache::Directory(top.join("cache"))).expect("an engine");
    let quiet = compile(&top, ATTEMPTS.len(), "r = helper(14);");
    let mut wrong = Vec::new();
    for (n, (name, statements, ends, denied)) in ATTEMPTS.iter().enumerate() {
        let object = compile(&top, n, statements);
        let home = top.join(format!("home{n}"));
        fs::create_dir(&home).expect("made");
        fs::write(home.join("number"), "1").expect("written");
        let kept = Kept::default();
        let grant = Grant { host: home.clone(), guest: home.clone(), access: Access::ReadWrite };
        let policy = Policy::strict().grant(grant).working_directory(&home).audit(kept.clone());
        let builder = Interp::builder().policy(policy).limit_memory(64 << 20).timeout(Duration::from_secs(2));
        let interp = builder.build_with(&engine).expect("an interpreter");
        let end = attempt(&interp, &object);
        let is_right = match (ends, &end) {
            (With(value), Ok(r)) => r == value,
            (Error(text), Err(why)) => why.contains(text),
            (Somehow, _) => true,
            _ => false,
        };
        if !is_right {
            wrong.push(format!("{name}: {end:?}"));
        }
        let events = kept.0.lock().expect("nobody panics").clone();
        if let Some((operation, argument)) = denied
            && !events.iter().any(|event| {
                event.verdict == Verdict::Denied && event.operation == *operation && event.argument.contains(argument)
            })
        {
            wrong.push(format!("{name}: not on record: {events:?}"));
        }
        // The interpreter still works.
        interp.unload_obj(&object).expect("unloaded");
        let after = attempt(&interp, &quiet);
        if after != Ok(42) {
            wrong.push(format!("{name}: afterwards {after:?}"));
        }
        // What is granted is a directory and its files: no links that lead out were followed to make others.
        let secret = fs::metadata(top.join("secret")).expect("it is there");
        assert_eq!(std::os::unix::fs::MetadataExt::nlink(&secret), 1, "{name}");
        fs::remove_dir_all(&home).expect("removed");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(fs::read_to_string(top.join("secret")).expect("it is there"), SECRET);
    let is_expected = |name: &str| name == "secret" || name == "cache" || name.ends_with(".c") || name.ends_with(".o");
    for entry in fs::read_dir(&top).expect("it is there") {
        let name = entry.expect("it is there").file_name().into_string().expect("text");
        assert!(is_expected(&name), "{name} was made");
    }
    let children = fs::read_to_string("/proc/thread-self/children").unwrap_or_default();
    assert_eq!(children, "", "nobody has started a process");
}

/// Puts something else under the name `now`, whenever something is on record.
struct Swaps {
    home: PathBuf,
    secret: PathBuf,
    /// A name of its own, or one would write through the other's link.
    made: &'static str,
}

impl Swaps {
    /// A plain file, a link to the secret, a directory that is a link out, in turns; each is put there in one step.
    fn swap(&self, turn: usize) {
        let (made, now) = (self.home.join(self.made), self.home.join("now"));
        let _ = fs::remove_file(&made);
        let done = match turn % 3 {
            0 => fs::write(&made, "").is_ok(),
            1 => symlink(&self.secret, &made).is_ok(),
            _ => symlink("..", &made).is_ok(),
        };
        if done {
            let _ = fs::rename(&made, &now);
        }
    }
}

impl Audit for Swaps {
    fn record(&self, event: &Event) {
        self.swap(event.argument.len());
    }
}

/// What is checked and what is opened are the same, however often somebody changes it meanwhile: whoever reads the record,
/// or another program in the same directory.
#[test]
fn what_was_checked_is_what_is_used() {
    const STATEMENTS: &str = "static char p[80]; r = 0;\
        for (int i = 0; i < 8000; i++) {\
          memset(p, 'x', 20); p[i % 20] = 0; access(p, 0);\
          int f = open(i & 1 ? \"now\" : \"now/secret\", i & 2 ? O_RDONLY : O_RDWR);\
          if (f >= 0) { r += read(f, b, sizeof b); r += write(f, \"\", 0) < -1; close(f); }\
          struct stat s; if (stat(\"now\", &s) == 0 && S_ISREG(s.st_mode)) r += s.st_size;\
          truncate(\"now\", 0); chmod(\"now\", 0600);\
        }";
    let top = tempfile::tempdir().expect("a directory");
    let top = top.path().canonicalize().expect("it is there");
    let (home, secret) = (top.join("home"), top.join("secret"));
    fs::create_dir(&home).expect("made");
    fs::write(&secret, SECRET).expect("written");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o640)).expect("set");
    let object = compile(&top, 0, STATEMENTS);
    let swaps = |made| Swaps { home: home.clone(), secret: secret.clone(), made };
    let grant = Grant { host: home.clone(), guest: home.clone(), access: Access::ReadWrite };
    let policy = Policy::strict().grant(grant).working_directory(&home).audit(swaps("reader"));
    let builder = Interp::builder().policy(policy).limit_memory(64 << 20).timeout(Duration::from_secs(60));
    let interp = builder.build().expect("an interpreter");
    let is_over = AtomicBool::new(false);
    let other = swaps("other");
    let end = thread::scope(|scope| {
        scope.spawn(|| (0..).take_while(|_| !is_over.load(Ordering::Relaxed)).for_each(|turn| other.swap(turn)));
        let end = attempt(&interp, &object);
        is_over.store(true, Ordering::Relaxed);
        end
    });
    assert_eq!(end, Ok(0));
    assert_eq!(fs::read_to_string(&secret).expect("it is there"), SECRET);
    assert_eq!(fs::metadata(&secret).expect("it is there").permissions().mode() & 0o777, 0o640);
}
