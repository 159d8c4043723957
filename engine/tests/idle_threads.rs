//! Threads that a statement leaves go on between statements, as in GHC's own server, and hold up nobody.
//!
//! Needs GHC 9.0.2 (see `ghc_iserv`).

mod ghc_iserv;

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// GHCi, to be typed to a statement at a time.
struct Session {
    child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Session {
    fn new(server: &Path, options: &[&str]) -> Session {
        let mut command = Command::new("ghc");
        command.args(["--interactive", "-v0", "-ignore-dot-ghci", "-fexternal-interpreter", "-pgmi"]).arg(server);
        command.args(options).env("GHC_ENVIRONMENT", "-").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("GHC starts");
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut session = Session { child, stdin, lines: BufReader::new(stdout).lines() };
        session.types("import Control.Concurrent");
        session.types("import Control.Monad");
        session
    }

    fn types(&mut self, statement: &str) {
        writeln!(self.stdin, "{statement}").expect("GHC reads");
    }

    /// The next line, waited for.
    fn line(&mut self) -> String {
        self.lines.next().expect("there is another line").expect("text")
    }

    fn ends(mut self) {
        drop(self.stdin);
        assert!(self.child.wait().expect("it ends").success());
        let rest: Vec<_> = self.lines.map(|line| line.expect("text")).collect();
        assert!(rest.is_empty(), "{rest:?}");
    }
}

fn bcvm() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_bcvm-iserv"))
}

#[test]
fn threads_go_on_while_nothing_is_typed() {
    let Some(theirs) = ghc_iserv::find_server() else { return };
    for server in [bcvm(), theirs] {
        let mut session = Session::new(server, &[]);
        session.types("do { forkIO (forM_ [1 .. 3 :: Int] (\\i -> threadDelay 20000 >> print i)); return () }");
        // Nothing is typed meanwhile.
        assert_eq!([session.line(), session.line(), session.line()], ["1", "2", "3"]);
        session.types("m <- newEmptyMVar :: IO (MVar Int)");
        session.types("do { forkIO (takeMVar m >>= print . (* 2)); return () }");
        session.types("putMVar m 21");
        assert_eq!(session.line(), "42");
        session.types("print 7");
        assert_eq!(session.line(), "7");
        session.ends();
    }
}

/// Whatever a thread does, GHC is answered.
#[test]
fn threads_hold_up_nobody() {
    if ghc_iserv::find_server().is_none() {
        return;
    }
    let mut session = Session::new(bcvm(), &[]);
    session.types("let spin n = if n < 0 then n else spin (n + 1) :: Int");
    session.types("t <- forkIO (print (spin 0))");
    session.types("u <- forkIO (forever yield)");
    for i in 0..20 {
        // At whatever moment of a thread's turn the statement comes.
        std::thread::sleep(std::time::Duration::from_millis(i * 13 % 50));
        session.types(&format!("print {i}"));
        assert_eq!(session.line(), i.to_string());
    }
    session.types("mapM_ killThread [t, u]");
    session.types("do { forkIO (threadDelay 1000000000); return () }");
    session.types("print \"sleeping\"");
    assert_eq!(session.line(), "\"sleeping\"");
    session.ends();
}

/// With a limit of time none goes on beyond an evaluation.
#[test]
fn threads_rest_where_time_is_limited() {
    if ghc_iserv::find_server().is_none() {
        return;
    }
    let mut session = Session::new(bcvm(), &["-opti--timeout=10s"]);
    session.types("v <- newMVar (0 :: Int)");
    session.types("do { forkIO (forever (modifyMVar_ v (return . (+ 1)))); return () }");
    session.types("readMVar v >>= print");
    let before: i64 = session.line().parse().expect("a number");
    std::thread::sleep(std::time::Duration::from_millis(500));
    // The statement begins where the thread rested: it has had no half second.
    session.types("readMVar v >>= print");
    let after: i64 = session.line().parse().expect("a number");
    session.types("threadDelay 500000");
    session.types("readMVar v >>= print");
    let later: i64 = session.line().parse().expect("a number");
    assert!(after - before < (later - after) / 2, "{before}, {after}, {later}");
    session.ends();
}
