//! What the tests with real processes share: where GHC and the servers are, and Haskell to feed them.
//!
//! Where GHC is not installed these tests pass without testing, unless `BCVM_REQUIRE_GHC` is set, as CI does.

#![allow(dead_code, reason = "each test file uses a part")]

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

/// Our server.
pub const BCVM_ISERV: &str = env!("CARGO_BIN_EXE_bcvm-iserv");

/// GHC's own server, if GHC 9.0.2 is installed.
static GHC_ISERV: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let ask = |option: &str| {
        let output = Command::new("ghc").arg(option).stderr(Stdio::null()).output().ok()?;
        Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
    };
    let version = ask("--numeric-version")?;
    let server = Path::new(&ask("--print-libdir")?).join("bin/ghc-iserv");
    // Debian keeps the programs beside the folder of libraries.
    let server = if server.exists() { server } else { server.parent()?.parent()?.parent()?.join("bin/ghc-iserv") };
    (version == "9.0.2" && server.exists()).then_some(server)
});

/// GHC's own server. `None` means that the test cannot run here.
pub fn ghc_iserv() -> Option<&'static Path> {
    let server = GHC_ISERV.as_deref();
    if server.is_none() {
        assert!(std::env::var_os("BCVM_REQUIRE_GHC").is_none(), "GHC 9.0.2 is not installed");
        eprintln!("skipped: GHC 9.0.2 is not installed");
    }
    server
}

/// GHC with the external interpreter `server` and the options for it.
pub fn ghc(dir: &Path, server: &Path, options: &[String]) -> Command {
    let mut command = Command::new("ghc");
    command.current_dir(dir).args(["-v0", "-fexternal-interpreter", "-pgmi"]).arg(server);
    command.args(options.iter().map(|option| format!("-opti{option}")));
    command
}

/// Wait for a process; one that hangs is killed and fails the test.
pub fn finish(mut child: Child) -> Output {
    let (done, over) = std::sync::mpsc::channel();
    let pid = Pid::from_child(&child);
    let guard = std::thread::spawn(move || {
        if over.recv_timeout(Duration::from_secs(60)).is_err() {
            // The group, for a server must not outlive its GHC.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    });
    drop(child.stdin.take());
    let output = child.wait_with_output().unwrap();
    let _ = done.send(());
    guard.join().unwrap();
    output
}

/// Start a process that [`finish`] can kill together with its children.
pub fn start(command: &mut Command) -> Child {
    command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The output as text, for messages of failed tests.
pub fn show(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\nstdout: {}\nstderr: {}", output.status, text(&output.stdout), text(&output.stderr))
}

/// Template Haskell that asks GHC nearly everything a splice can ask.
pub const SPLICES: &str = r#"{-# LANGUAGE TemplateHaskell #-}
module Splices where

import Control.Monad.IO.Class (liftIO)
import Language.Haskell.TH
import Language.Haskell.TH.Syntax

class Shape a where area :: a -> Double

data Rose a b = Rose !a {-# UNPACK #-} !Int [Rose a b] | b :*: a | Leaf { leafName :: String, leafKey :: a }
  deriving (Show, Eq)

infixr 4 :*:

-- | Everything but what adds to the module.
askAll :: Q Exp
askAll = do
  name <- newName "x"
  reportWarning "w\246rn"
  rose <- lookupTypeName "Rose"
  nothing <- lookupValueName "noSuchName"
  info <- reify ''Rose
  classInfo <- reify ''Show
  opInfo <- reify 'showsPrec
  conInfo <- reify 'Leaf
  fixity <- reifyFixity '(:*:)
  instances <- reifyInstances ''Show [AppT (ConT ''Maybe) (ConT ''Int)]
  roles <- reifyRoles ''Rose
  strictness <- reifyConStrictness 'Rose
  anns <- reifyAnnotations (AnnLookupName 'askAll) :: Q [String]
  thisM <- thisModule
  modInfo <- reifyModule thisM
  ty <- reifyType 'map
  on <- isExtEnabled TemplateHaskell
  exts <- extsEnabled
  loc <- location
  file <- addTempFile ".txt"
  recovered <- recover (return "recovered") (fail "inside")
  n <- runIO (return (length (show (info, classInfo, opInfo, conInfo, instances, ty))))
  let summary = show (rose, nothing, fixity, length roles, length strictness, anns, on, length exts > 3
                     , loc_module loc, null file, recovered, n > 1000, modInfo == modInfo)
  lamE [varP name] (tupE [varE name, litE (stringL summary)])

-- | Declarations of many kinds, and some that are added at the top.
decls :: Q [Dec]
decls = do
  addTopDecls =<< [d| hidden :: Int -> Int
                      hidden n = if n > 0 then n * 2 else case n of { 0 -> 1; m | even m -> m | otherwise -> 3 } |]
  addModFinalizer (reportWarning "finalized")
  [d| data T a = MkT { unT :: a, other :: Maybe (T a) } deriving Show
      newtype N = N Int
      type Pair a = (a, a)
      class C a where { meth :: a -> String; meth _ = "default" }
      instance C Int where meth n = let f x = [y | y <- x, y /= ' '] in f (show n)
      pi' :: Double
      pi' = 3.14159e0
      big :: Integer
      big = 123456789012345678901234567890
      {-# INLINE helper #-}
      helper :: (a -> b) -> [a] -> [b]
      helper f xs = do { x <- xs; let { z = f x }; return z } |]
"#;

/// A module that runs them.
pub const SPLICING: &str = r#"{-# LANGUAGE TemplateHaskell #-}
module Splicing where

import Splices

{-# ANN value "an annotation" #-}
value :: (Int, String)
value = $(askAll) 3

decls
"#;

/// A GHCi session that stops at breakpoints, looks into values, throws and recovers.
pub const GHCI_SESSION: &str = r#":set -fbyte-code
:{
data Tree a = Node (Tree a) a (Tree a) | Tip
insert :: Ord a => a -> Tree a -> Tree a
insert x Tip = Node Tip x Tip
insert x t@(Node l y r) = case compare x y of { LT -> Node (insert x l) y r; GT -> Node l y (insert x r); EQ -> t }
toList :: Tree a -> [a]
toList Tip = []
toList (Node l x r) = toList l ++ [x] ++ toList r
:}
toList (foldr insert Tip [3,1,2 :: Int])
head ([] :: [Int])
let thunk = map (+ 1) [1 .. 5 :: Int]
:print thunk
:force thunk
let d = (2.5 :: Double, 1 :: Integer, "text \9731", Just 'c')
:force d
:print d
:load Stop.hs
:break 6
main
:list
:print n
:show context
:step
:show breaks
:delete *
:continue
:set -fbreak-on-exception
main
:abandon
"#;

/// What the session loads.
pub const STOP: &str = r#"module Main where

go :: Int -> Int -> Int
go acc 0 = acc
go acc n =
  go (acc + n * 2) (n - 1)

main :: IO ()
main = do
  print (go 0 3)
  _ <- print (1 `div` (0 :: Int))
  return ()
"#;
