//! Two hundred interpreters in one process, on a few threads: each with a policy of its own, with object files that define
//! the same symbol differently, and every other one with a program that misbehaves.
//!
//! The guest is compiled once and shared; heaps, symbols, policies and references are each interpreter's own. What
//! misbehaves ends its own evaluation and nothing else: the interpreter answers the next question, and its neighbours
//! notice nothing. What the interpreters cost is measured on the way.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bcvm_engine::embed::{Cache, Engine};
use bcvm_engine::os::{Access, Grant, Policy};
use bcvm_engine::protocol::closure::GenClosure;
use bcvm_engine::unlinked::link;
use bcvm_engine::{Interp, stg};

/// How many interpreters there are.
const TENANTS: usize = 200;
/// How many threads they share.
const THREADS: usize = 8;

/// What every other tenant runs first. Compiled C gets farther than byte code.
const BAD: [(&str, Bad); 7] = [
    ("loops", Bad::Stg("spin = \\(n :: Int#) -> case +# n 1# of m -> spin m\nmain = spin 0#")),
    (
        "allocates",
        Bad::Stg("grow = \\xs -> let unit = (); more = unit : xs in grow more\nmain = let none = [] in grow none"),
    ),
    (
        "recurses",
        Bad::Stg("deep = \\(n :: Int#) -> case deep n of (r :: Int#) -> +# r 1#\nmain = case deep 0# of r -> I# r"),
    ),
    ("follows null", Bad::Stg("main = case int2Addr# 0# of p -> case indexIntOffAddr# p 0# of n -> I# n")),
    ("loops in C", Bad::C("for (;;) ;")),
    ("follows a wild pointer in C", Bad::C("*(volatile long *)0x7fff0000 = 1;")),
    ("overwrites all it can reach", Bad::C("for (volatile long *p = (long *)0x10000; ; p += 64) *p = -1;")),
];

/// A program that misbehaves.
#[derive(Clone, Copy)]
enum Bad {
    /// Byte code.
    Stg(&'static str),
    /// Statements of an object file's initialiser.
    C(&'static str),
}

/// What an object computes: in C and in Rust.
type Work = (&'static str, fn(u64) -> u64);

/// What a good tenant's object computes from its number: one of two functions with the same name.
const WORK: [Work; 2] = [("2 * n + 1", |n| 2 * n + 1), ("n * n + 7", |n| n * n + 7)];

/// Reads a number from the tenant's own file and works with it, unless it can read its neighbours'.
const GOOD: &str = r#"
extern int open(const char *, int, ...);
extern long read(int, void *, unsigned long);
extern char *getenv(const char *);
extern char ghczmprim_GHCziTypes_Izh_con_info[];
void *volatile answer_closure[2] = { ghczmprim_GHCziTypes_Izh_con_info, 0 };
__attribute__((noinline)) long work(long n) { return WORK; }
__attribute__((constructor)) static void compute(void) {
    char digits[20] = "";
    long n = 0, i, length;
    int own = open("number", 0), others = open(getenv("OTHERS"), 0);
    if (others != -1 || (length = read(own, digits, sizeof digits)) < 0) return;
    for (i = 0; i < length; i++) n = 10 * n + (digits[i] - '0');
    answer_closure[1] = (void *)work(n);
}
"#;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What all of them came to.
struct Report {
    /// For each tenant how it misbehaved, if it did, what was said to that, and its answer.
    tenants: Vec<Tenant>,
    /// What starting an interpreter took, but for the first: the median.
    start: Duration,
    /// Kibibytes of memory that one which does nothing has for itself.
    idle_kib: u64,
    /// Those that all had when they had run, and what was left when they were gone.
    run_and_left_kib: (u64, u64),
}

struct Tenant {
    bad: Option<(&'static str, String)>,
    answer: u64,
}

fn main() -> Result<()> {
    let report = serve_all(&Engine::new(&Cache::User)?)?;
    for (n, Tenant { bad, answer }) in report.tenants.iter().enumerate().take(20) {
        let bad = bad.as_ref().map(|(what, end)| format!("{what}: {end}; then ")).unwrap_or_default();
        println!("tenant {n}: {bad}{answer}");
    }
    println!("… {TENANTS} tenants; to start one: {:?}; idle: {} KiB", report.start, report.idle_kib);
    let (run, left) = report.run_and_left_kib;
    println!("all together when they had run: {run} KiB; left of that: {left} KiB");
    Ok(())
}

/// Makes all tenants, then has them run at once.
fn serve_all(engine: &Engine) -> Result<Report> {
    let top = tempfile::tempdir()?;
    let objects = Objects::compile(top.path())?;
    for n in 0..TENANTS {
        fs::create_dir(top.path().join(n.to_string()))?;
        fs::write(top.path().join(format!("{n}/number")), n.to_string())?;
    }
    // The first one compiles and maps what all share.
    serve(0, &interp(engine, top.path(), 0)?, &objects)?;
    let before = private_kib()?;
    let mut times = Vec::new();
    let mut interps = Vec::new();
    for n in 0..TENANTS {
        let start = Instant::now();
        interps.push(interp(engine, top.path(), n)?);
        times.push(start.elapsed());
    }
    times.sort();
    let idle_kib = private_kib()?.saturating_sub(before) / TENANTS as u64;

    let next = AtomicUsize::new(0);
    let worker = || {
        let mut served = Vec::new();
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let Some(interp) = interps.get(n) else { return Ok(served) };
            served.push((n, serve(n, interp, &objects)?));
        }
    };
    let mut served: Vec<(usize, Tenant)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(worker)).collect();
        let served = threads.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked")?);
        served.collect::<Result<Vec<_>>>().map(|served| served.into_iter().flatten().collect())
    })?;
    served.sort_by_key(|(n, _)| *n);
    let run_kib = private_kib()?.saturating_sub(before);
    drop(interps);
    Ok(Report {
        tenants: served.into_iter().map(|(_, tenant)| tenant).collect(),
        start: times[TENANTS / 2],
        idle_kib,
        run_and_left_kib: (run_kib, private_kib()?.saturating_sub(before)),
    })
}

/// The interpreter of a tenant, who sees a directory of its own, one half of them to read and the other to write as well.
fn interp(engine: &Engine, top: &Path, n: usize) -> Result<Interp> {
    let access = if n.is_multiple_of(4) { Access::Read } else { Access::ReadWrite };
    let home = Grant { host: top.join(n.to_string()), guest: "/home".into(), access };
    let policy = Policy::strict().grant(home).working_directory("/home");
    let policy = policy.environment("OTHERS", top.join(format!("{}/number", (n + 1) % TENANTS)));
    let builder = Interp::builder().policy(policy).limit_memory(16 << 20).timeout(Duration::from_secs(1));
    Ok(builder.build_with(engine)?)
}

/// What a tenant does: perhaps something bad, then something good, in the same interpreter.
fn serve(n: usize, interp: &Interp, objects: &Objects) -> Result<Tenant> {
    let bad = if n % 2 == 1 {
        let which = n / 2 % BAD.len();
        let end = match BAD[which].1 {
            Bad::Stg(source) => {
                let program = stg::compile("bad", source).map_err(|error| error.to_string())?;
                let value = link::link(&program, interp)?.into_entry();
                interp.seq_hvalue(&value).map(|end| end.map_err(|exception| exception.to_string()))
            }
            Bad::C(_) => {
                let end = load(interp, &objects.bad[which]).map(Ok);
                // Or its initialiser would be tried again.
                interp.unload_obj(&objects.bad[which])?;
                end
            }
        };
        let end = match end {
            Ok(Ok(())) => "nothing happened".into(),
            Ok(Err(exception)) => exception,
            Err(error) => error.to_string(),
        };
        Some((BAD[which].0, end))
    } else {
        None
    };
    load(interp, &objects.good[n % WORK.len()])?;
    let answer = interp.lookup_closure("answer_closure")?.ok_or("the object defines no answer")?;
    match interp.get_closure(&answer)? {
        GenClosure::ConstrClosure { data_args, .. } => Ok(Tenant { bad, answer: data_args[0] }),
        other => Err(format!("{other:?}").into()),
    }
}

fn load(interp: &Interp, object: &Path) -> std::result::Result<(), bcvm_engine::interp::Error> {
    interp.load_obj(object)?;
    interp.resolve_objs().map(drop)
}

/// Compiled C; byte code has an empty path.
struct Objects {
    good: Vec<PathBuf>,
    bad: Vec<PathBuf>,
}

impl Objects {
    fn compile(directory: &Path) -> Result<Objects> {
        let compile = |name: String, text: String| -> Result<PathBuf> {
            let [source, object] = ["c", "o"].map(|extension| directory.join(&name).with_extension(extension));
            fs::write(&source, text)?;
            let gcc = Command::new("gcc").args(["-O1", "-c", "-fno-pic", "-o"]).arg(&object).arg(&source).status()?;
            if gcc.success() { Ok(object) } else { Err(format!("gcc cannot compile {name}").into()) }
        };
        let good =
            WORK.iter().enumerate().map(|(i, (work, _))| compile(format!("good{i}"), GOOD.replace("WORK", work)));
        let good = good.collect::<Result<_>>()?;
        let bad = BAD.iter().enumerate().map(|(i, (_, bad))| match bad {
            Bad::Stg(_) => Ok(PathBuf::new()),
            Bad::C(text) => {
                compile(format!("bad{i}"), format!("__attribute__((constructor)) static void bad(void) {{ {text} }}\n"))
            }
        });
        Ok(Objects { good, bad: bad.collect::<Result<_>>()? })
    }
}

/// Kibibytes of memory that only this process has.
fn private_kib() -> Result<u64> {
    let text = fs::read_to_string("/proc/self/smaps_rollup")?;
    let lines = text.lines().filter(|line| line.starts_with("Private_Clean") || line.starts_with("Private_Dirty"));
    let numbers = lines.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    Ok(numbers.sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misbehaviour_stays_where_it_is() {
        let report = serve_all(&Engine::new(&Cache::User).expect("the guest compiles")).expect("all are served");
        assert_eq!(report.tenants.len(), TENANTS);
        for (n, tenant) in report.tenants.iter().enumerate() {
            assert_eq!(tenant.answer, WORK[n % 2].1(n as u64), "tenant {n}");
            assert_eq!(tenant.bad.is_some(), n % 2 == 1, "tenant {n}");
        }
        let ends = ["time was up", "heap overflow", "stack overflow", "null pointer", "time was up", "0x7fff0000", ""];
        for (n, (what, end)) in report.tenants.iter().enumerate().filter_map(|(n, t)| Some((n, t.bad.as_ref()?))) {
            assert!(end != "nothing happened" && end.contains(ends[n / 2 % BAD.len()]), "tenant {n} {what}: {end}");
        }
        assert!(report.idle_kib <= 1024, "{} KiB each", report.idle_kib);
        let (run, left) = report.run_and_left_kib;
        // What the allocator and threads keep is not the tenants'.
        assert!(left <= run / 4, "{left} KiB of {run} KiB are left");
    }
}
