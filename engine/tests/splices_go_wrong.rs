//! Splices that throw, loop, use up memory, crash, or meddle with the pipe to GHC: each is an error of its own that says
//! why, and the next splice works.
//!
//! GHCi is given a script in which every splice that goes wrong is followed by one that asks GHC something and prints its
//! number. Needs GHC 9.0.2 (see `ghc_iserv`).

mod ghc_iserv;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

const IMPORTS: &str = ":set -XTemplateHaskell
import Language.Haskell.TH
import Language.Haskell.TH.Syntax
import Control.Concurrent
import Control.Exception
import Foreign
import Foreign.C
import GHC.IO.Handle.FD (fdToHandle)
import System.IO
import System.Mem (performGC)
";

/// A GHCi whose splices run in the sandbox, with options for the server.
fn ghci(options: &[&str], place: &Path, script: &str) -> Child {
    let mut command = Command::new("timeout");
    command.args(["300", "ghc", "-v0", "-ignore-dot-ghci", "--interactive", "-fexternal-interpreter", "-pgmi"]);
    command.arg(env!("CARGO_BIN_EXE_bcvm-iserv")).args(options.iter().map(|option| format!("-opti{option}")));
    command.current_dir(place).env("LC_ALL", "C.UTF-8").env("GHC_ENVIRONMENT", "-").env("TERM", "dumb");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("GHC starts");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(format!("{IMPORTS}{script}").as_bytes()).unwrap();
    child
}

/// A splice that works only if GHC answers it, and prints `n`.
fn witness(n: usize) -> String {
    format!("$(newName \"x\" >>= \\n -> lamE [varP n] (varE n)) \"witness {n}\"\n")
}

/// Runs splices that go wrong, and checks what GHC says of each.
fn check(options: &[&str], cases: &[(&str, &str)]) {
    if ghc_iserv::find_server().is_none() {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let script: String = cases.iter().enumerate().map(|(n, (splice, _))| format!("{splice}\n{}", witness(n))).collect();
    let output = ghci(options, place.path(), &script).wait_with_output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let context = || format!("standard output:\n{stdout}\nstandard error:\n{stderr}");
    let mut errors = stderr.split("\n<interactive>:").skip(1);
    for (n, (splice, expected)) in cases.iter().enumerate() {
        assert!(stdout.contains(&format!("\"witness {n}\"")), "after {splice}\n{}", context());
        if !expected.is_empty() {
            let error = errors.next().unwrap_or_else(|| panic!("no error from {splice}\n{}", context()));
            assert!(error.contains(expected), "{splice}: {error}\ninstead of {expected}\n{}", context());
        }
    }
    assert_eq!(errors.next(), None, "{}", context());
}

#[test]
fn deadlines() {
    let expected = "its time was up (limit 1s)";
    check(
        &["--timeout=1s"],
        &[
            ("$(let go :: Int -> Q Exp; go n = newName \"y\" >> go (n + 1) in go 0)", expected),
            ("$(let go :: Int -> Int; go n = go (n + 1) in lift (go 0))", expected),
            ("$(runIO (threadDelay 100000000) >> [| 1 |])", expected),
            ("$(recover [| 1 |] (runIO (threadDelay 100000000) >> [| 2 |]))", expected),
        ],
    );
}

#[test]
fn memory_and_crashes() {
    check(
        &["--limit-memory=200M"],
        &[
            ("$(let xs = [1 :: Integer ..] in lift (length xs + fromInteger (last xs)))", "heap overflow"),
            ("$(listE (map lift [1 :: Integer ..]))", "heap overflow"),
            ("$(lift (foldr (+) 0 [1 .. 100000000 :: Integer]))", "overflow"),
            ("$(runIO (newEmptyMVar >>= takeMVar) >> [| 1 |])", "blocked indefinitely"),
            ("$(runIO (peek (plusPtr nullPtr 8 :: Ptr Int)) >>= lift)", "accessed a null pointer"),
            (
                "$(runIO (poke (plusPtr nullPtr 4000000000 :: Ptr Int) 7) >> [| 1 |])",
                "accessed memory that is not there",
            ),
        ],
    );
}

#[test]
fn exceptions_in_questions_and_from_other_threads() {
    let name = |text: &str| format!("$(newName ({text}) >>= \\n -> lamE [varP n] (varE n)) 3");
    let at_once = name("\"lazy \" ++ error \"at once\"");
    let late = name("replicate 100000 'x' ++ error \"too late\"");
    check(
        &[],
        &[
            ("$(reportError (\"lazy \" ++ error \"in the message\") >> [| 1 |])", "in the message"),
            (&at_once, "at once"),
            (&late, "too late"),
            ("$(recover [| 1 |] (runIO (throwIO (userError \"in recover\"))))", "in recover"),
            (
                "$(runIO (myThreadId >>= \\t -> forkIO (threadDelay 20000 >> throwTo t (userError \"thrown to it\")) >> \
                 threadDelay 60000000) >> [| 1 |])",
                "thrown to it",
            ),
            ("$(runIO (forkIO (newEmptyMVar >>= takeMVar)) >> [| 1 |])", ""),
        ],
    );
}

/// What a splice does to the descriptors on which splices ask GHC.
#[test]
fn meddling_with_the_pipe() {
    let say = |bytes: &str| {
        let write = format!("h <- fdToHandle 255; hSetBinaryMode h True; hPutStr h \"{bytes}\"; hFlush h");
        format!("$(runIO (do {{ {write} }}) >> newName \"y\" >> [| 1 |])")
    };
    let (nonsense, done, unbalanced, question) = (say("nonsense"), say("\\18"), say("\\16\\1"), say("\\14"));
    check(
        &[],
        &[
            (&nonsense, "what the splice says to GHC: what it says makes no sense"),
            (&done, "it says itself that it is done"),
            (&unbalanced, "it ends a recover that has not begun"),
            (&question, "it goes on after the question ExtsEnabled"),
            ("$(runIO (fdToHandle 254 >>= hGetChar) >>= lift)", "it waits for an answer to nothing"),
            ("$(runIO (fdToHandle 254 >>= hClose) >> [| 1 |])", "resource busy"),
            ("$(runIO (fdToHandle 255 >>= hClose) >> [| 1 |])", "resource busy"),
            // Handles that nobody has any more are closed.
            ("$(runIO (fdToHandle 254 >> fdToHandle 255 >> return ()) >> [| 1 |])", ""),
            ("$(runIO (performGC >> yield >> performGC) >> [| 1 |])", ""),
        ],
    );
}

/// ^C comes at any moment of a splice that does nothing but ask.
#[test]
fn interrupts() {
    const TIMES: usize = 8;
    if ghc_iserv::find_server().is_none() {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let splice = |n: usize| {
        let started = "runIO (hPutStrLn stderr \"started\")";
        format!("$({started} >> let go = newName \"y\" >> recover go (reifyType 'not >> go) in go)\n{}", witness(n))
    };
    let script: String = (0..TIMES).map(splice).collect();
    let mut child = ghci(&[], place.path(), &script);
    let mut stderr = String::new();
    let mut times = 0;
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        if line == "started" {
            thread::sleep(Duration::from_micros(700 * times));
            times += 1;
            let server = server_in(place.path()).expect("the server runs").to_string();
            assert!(Command::new("kill").args(["-INT", &server]).status().unwrap().success());
        }
        stderr += &(line + "\n");
    }
    let output = child.wait_with_output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(stderr.matches("user interrupt").count(), TIMES, "{stderr}");
    assert_eq!(stdout.matches("witness").count(), TIMES, "{stdout}\n{stderr}");
}

/// The server whose working directory is `place`.
fn server_in(place: &Path) -> Option<u32> {
    let place = place.canonicalize().ok()?;
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let mut numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.find(|process: &u32| {
        let of = |what: &str| fs::read_link(format!("/proc/{process}/{what}"));
        of("cwd").is_ok_and(|cwd| cwd == place)
            && of("exe").is_ok_and(|exe| exe.file_name() == Path::new(env!("CARGO_BIN_EXE_bcvm-iserv")).file_name())
    })
}
