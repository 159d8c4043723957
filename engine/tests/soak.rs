//! Ten thousand evaluations in one session of a real GHC: each is answered, and the server's memory stays as it is.

#[path = "wire_common/mod.rs"]
mod wire;

use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::thread;

/// Evaluations in the session.
const EVALUATIONS: usize = 10_000;
/// Evaluations after which packages, nursery and tables have the size they keep.
const WARM: usize = 2_000;
/// Statements between two looks at the server.
const STEP: usize = 500;
/// How much the server may grow over the rest. Names of bindings and constructors are never given back, as in GHC's
/// own server.
const MOST_GROWTH_KIB: u64 = 6 * 1024;

/// Statement number `i`, which prints one line. All kinds take turns: values that later statements use, effects, threads,
/// exceptions, garbage, and names that hide older ones.
fn statement(i: usize) -> String {
    match i % 8 {
        0 => format!("print (length (show [0 .. {}]))", i % 700),
        1 => format!("let xs = map (* {i}) [1 .. 200 :: Integer] in print (sum xs)"),
        2 => format!("Data.IORef.modifyIORef' counter (+ 1) >> putStrLn \"counted {i}\""),
        3 => {
            format!(
                "Control.Exception.try (Control.Exception.evaluate (div {i} 0)) >>= \\r -> print (r :: Either Control.Exception.ArithException Int)"
            )
        }
        4 => format!(
            "Control.Concurrent.MVar.newEmptyMVar >>= \\v -> Control.Concurrent.forkIO (Control.Concurrent.MVar.putMVar v {i}) >> Control.Concurrent.MVar.takeMVar v >>= print"
        ),
        5 => format!("readFile \"notes\" >>= \\text -> print (length (words text) + {i})"),
        6 => format!("putStrLn (replicate {} 'x')", i % 50),
        _ => format!("print (it, {i})"),
    }
}

/// The one process whose parent is `parent`: GHC's interpreter server.
fn server_of(parent: u32) -> u32 {
    let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
    let threads = fs::read_dir(format!("/proc/{parent}/task")).unwrap();
    let of_threads = threads.filter_map(|task| fs::read_to_string(task.unwrap().path().join("children")).ok());
    let all: String = of_threads.chain([children]).collect();
    all.split_whitespace().next().expect("GHC has started its server").parse().unwrap()
}

/// What a process has in memory that no other has (its anonymous pages), in KiB.
fn private_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("Linux says it");
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

struct Session {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Session {
    fn start(place: &Path) -> Session {
        let mut command = wire::ghc(place, Path::new(wire::BCVM_ISERV), &[]);
        command.args(["--interactive", "-ignore-dot-ghci"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("GHC starts");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Session { child, lines }
    }

    /// Has GHC evaluate statements and reads the line that each of them prints.
    fn evaluate(&mut self, statements: Vec<String>) -> Vec<String> {
        let mut stdin = self.child.stdin.take().unwrap();
        let (n, text) = (statements.len(), statements.join("\n") + "\n");
        let feed = thread::spawn(move || stdin.write_all(text.as_bytes()).map(|()| stdin));
        let said = (0..n).map(|_| self.lines.next().expect("a line for each statement").unwrap()).collect();
        self.child.stdin = Some(feed.join().unwrap().unwrap());
        said
    }
}

#[test]
fn ten_thousand_evaluations_leave_the_server_as_it_was() {
    if wire::ghc_iserv().is_none() {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("notes"), "some words to read and to count\n".repeat(40)).unwrap();
    let mut session = Session::start(place.path());
    let prepared = session.evaluate(vec!["counter <- Data.IORef.newIORef (0 :: Int)\nputStrLn \"ready\"".into()]);
    assert_eq!(prepared, ["ready"]);
    let server = server_of(session.child.id());

    let mut warm = 0;
    for from in (0..EVALUATIONS).step_by(STEP) {
        let said = session.evaluate((from..from + STEP).map(statement).collect());
        for (i, line) in (from..).zip(&said).filter(|(i, _)| i % 8 == 2) {
            assert_eq!(*line, format!("counted {i}"));
        }
        if from + STEP == WARM {
            warm = private_kib(server);
        }
    }
    let counted = session.evaluate(vec!["Data.IORef.readIORef counter >>= print".into()]);
    assert_eq!(counted, [(EVALUATIONS / 8).to_string()]);
    let end = private_kib(server);
    println!("private memory: {warm} KiB after {WARM} evaluations, {end} KiB after {EVALUATIONS}");
    assert!(end <= warm + MOST_GROWTH_KIB, "grew from {warm} to {end} KiB");
    drop(session.child.stdin.take());
    assert!(session.child.wait().unwrap().success());
}
