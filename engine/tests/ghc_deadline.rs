//! A deadline is first told to the program, as an exception that it may handle: UserInterrupt of base.
//!
//! Needs GHC 9.0.2 (see `ghc_iserv`).

mod ghc_iserv;

use std::io::Write;
use std::process::{Command, Stdio};

#[test]
fn a_handler_knows_the_exception() {
    if ghc_iserv::find_server().is_none() {
        return;
    }
    let mut command = Command::new("ghc");
    command.args(["--interactive", "-v0", "-ignore-dot-ghci", "-fexternal-interpreter", "-pgmi"]);
    command.arg(env!("CARGO_BIN_EXE_bcvm-iserv")).arg("-opti--timeout=500ms");
    command.env("GHC_ENVIRONMENT", "-").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("GHC starts");
    let statements = "import Control.Concurrent\nimport Control.Exception\n\
        threadDelay 100000000 `catch` \\e -> print (e == UserInterrupt)\n\
        threadDelay 100000000 `catch` \\e -> putStrLn (displayException (e :: SomeException))\n\
        let spin n = if n < 0 then n else spin (n + 1) :: Int\n\
        handle (\\e -> print (fromException e :: Maybe SomeAsyncException)) (evaluate (spin 0) >>= print)\n\
        threadDelay 100000000\n";
    child.stdin.take().unwrap().write_all(statements.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert_eq!(out, "True\nuser interrupt\nJust user interrupt\n", "{err}");
    assert!(err.contains("its time was up"), "{err}");
}
