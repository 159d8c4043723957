//! Calls from C back into Haskell that end badly: each ends the statement it happened in, with a reason, and the next
//! statement runs. (What goes well is in `programs/callbacks.hs`; GHC's own server ends with the statement.)
//!
//! Needs GHC 9.0.2 (see `ghc_iserv`).

mod ghc_iserv;

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

const MODULE: &str = "{-# LANGUAGE ForeignFunctionInterface #-}
module Calls where
import Control.Concurrent
import Control.Exception
import Control.Monad
import Foreign
import System.Mem

foreign import ccall \"wrapper\" newAction :: IO () -> IO (FunPtr (IO ()))
foreign import ccall \"wrapper\" newFinalizer :: (Ptr () -> IO ()) -> IO (FunPtr (Ptr () -> IO ()))
foreign import ccall \"dynamic\" action :: FunPtr (IO ()) -> IO ()
foreign import ccall unsafe \"dynamic\" unsafeAction :: FunPtr (IO ()) -> IO ()

called :: IO () -> IO ()
called io = newAction io >>= action

calledUnsafely :: IO () -> IO ()
calledUnsafely io = newAction io >>= unsafeAction

finalized :: IO () -> IO ()
finalized io = do
  f <- newFinalizer (const io)
  p <- mallocForeignPtrBytes 8 :: IO (ForeignPtr ())
  withForeignPtr p $ \\at -> newForeignPtr f at >>= finalizeForeignPtr

deeper :: Int -> IO ()
deeper n = called (deeper (n + 1))

down :: Int -> IO ()
down 0 = pure ()
down n = called (down (n - 1))

spin :: Int -> IO ()
spin n = when (n >= 0) (spin (n + 1))

mine :: IO ()
mine = throwIO (userError \"mine\")

divided :: IO ()
divided = () <$ (evaluate (1 `div` (0 :: Int)))

asleep :: IO ()
asleep = threadDelay 100000000

wild :: IO ()
wild = peek (nullPtr `plusPtr` 8 :: Ptr Int) >>= print
";

/// Types statements into GHCi; answers what it printed.
fn session(compiled: bool, options: &[&str], statements: &str) -> Option<String> {
    ghc_iserv::find_server()?;
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("Calls.hs"), MODULE).unwrap();
    let mut command = Command::new("ghc");
    command.args(["--interactive", "-v0", "-ignore-dot-ghci", "-fexternal-interpreter", "-pgmi"]);
    command.arg(env!("CARGO_BIN_EXE_bcvm-iserv"));
    command.args(options.iter().map(|option| format!("-opti{option}")));
    command.args(if compiled { &["-fobject-code"][..] } else { &[] });
    command.arg("Calls.hs").current_dir(place.path()).env("GHC_ENVIRONMENT", "-").env("LC_ALL", "C.UTF-8");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("GHC starts");
    child.stdin.take().unwrap().write_all(statements.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "{statements}{text}");
    Some(text)
}

/// Runs a statement that fails, and checks why, and that values and calls are fine afterwards.
fn check(compiled: bool, options: &[&str], statement: &str, why: &str) {
    let rest = "length kept\nlet f = print (sum kept)\ncalled (System.Mem.performGC >> f)\n";
    let statements = format!("let kept = [1 .. 1000 :: Int]\nlength kept\n{statement}\n{rest}");
    let Some(text) = session(compiled, options, &statements) else { return };
    let what = format!("{statement} (compiled: {compiled}):\n{text}");
    assert!(text.contains(why), "{what}");
    assert_eq!(text.matches("1000\n").count(), 2, "{what}");
    assert!(text.contains("500500\n"), "{what}");
}

#[test]
fn an_exception_that_escapes_ends_the_program() {
    for compiled in [false, true] {
        check(compiled, &[], "called mine", "user error (mine)");
        check(compiled, &[], "called (called divided)", "divide by zero");
    }
}

#[test]
fn a_deadline_comes_within() {
    for compiled in [false, true] {
        check(compiled, &["--timeout=1000ms"], "called (spin 0)", "its time was up");
        check(compiled, &["--timeout=1000ms"], "called (called asleep)", "its time was up");
    }
}

#[test]
fn a_crash_within_ends_it_all() {
    for compiled in [false, true] {
        check(compiled, &[], "called (called wild)", "null pointer");
    }
}

#[test]
fn only_safe_calls_may_call_back() {
    check(true, &[], "calledUnsafely (pure ())", "foreign call that is safe");
    // All calls of byte code are safe.
    let text = session(false, &[], "calledUnsafely (putStrLn \"called\")\n");
    assert!(text.is_none_or(|text| text == "called\n"));
}

#[test]
fn finalizers_may_not() {
    for compiled in [false, true] {
        check(compiled, &[], "finalized (pure ())", "finalizer called back into Haskell");
    }
}

#[test]
fn there_is_a_depth_that_is_too_deep() {
    for compiled in [false, true] {
        check(compiled, &[], "down 90", "");
        check(compiled, &[], "deeper 0", "nested too deeply");
    }
}
