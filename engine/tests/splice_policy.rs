//! What a splice may do where no policy says anything: less than a statement. GHC is real, and what happened is looked for
//! on the disk and in the record.

#[path = "wire_common/mod.rs"]
mod wire;

use std::fs;
use std::path::Path;

/// A splice whose exception writes a file when GHC's side wants to know what it says.
const LATE: &str = r#"{-# LANGUAGE TemplateHaskell #-}
module Late where
import Control.Exception
import Language.Haskell.TH
import Language.Haskell.TH.Syntax
import System.IO.Unsafe

$(do
    let late = unsafePerformIO ("written" <$ writeFile "late.txt" "by what a splice left behind")
    _ <- runIO (throwIO (ErrorCall late))
    pure [])
"#;

/// Each line of what this prints is what came of one attempt, in a splice or in `main`.
const PROGRAM: &str = r#"{-# LANGUAGE TemplateHaskell #-}
module Main where
import Control.Exception (try)
import Control.Monad
import Language.Haskell.TH
import Language.Haskell.TH.Syntax
import System.Directory
import System.FilePath
import System.IO.Error (ioeGetErrorType)

main :: IO ()
main = do
  mapM_ putStrLn $(do
    temporary <- addTempFile ".txt"
    let attempt :: String -> IO String -> Q String
        attempt what io = do
          r <- runIO (try io)
          pure (what ++ ": " ++ either (\e -> "refused: " ++ show (ioeGetErrorType e)) id r)
    said <- sequence
      [ attempt "read here" (readFile "data.txt")
      , attempt "write here" ("done" <$ writeFile "made.txt" "by a splice")
      , attempt "remove here" ("done" <$ removeFile "data.txt")
      , attempt "read input" (getLine)
      , attempt "temporary file" (writeFile temporary "kept" >> readFile temporary)
      , attempt "beside it" ("done" <$ writeFile (takeDirectory temporary </> "other.txt") "x")
      , attempt "list there" (show <$> listDirectory (takeDirectory temporary))
      ]
    lift said)
  writeFile "statement.txt" "by a statement"
  readFile "statement.txt" >>= putStrLn
  getLine >>= putStrLn
"#;

const EXPECTED: [&str; 9] = [
    "read here: some data",
    "write here: refused: permission denied",
    "remove here: refused: permission denied",
    "read input: refused: end of file",
    "temporary file: kept",
    "beside it: refused: does not exist",
    "list there: refused: permission denied",
    "by a statement",
    "a line of input",
];

#[test]
fn what_a_splice_throws_is_shown_within_the_same_bounds() {
    if wire::ghc_iserv().is_none() {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("Late.hs"), LATE).unwrap();
    let mut command = wire::ghc(place.path(), Path::new(wire::BCVM_ISERV), &[]);
    command.args(["-e", "()", "Late.hs"]).env("XDG_CONFIG_HOME", "/nonexistent").env_remove("BCVM_POLICY");
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{}", wire::show(&output));
    assert!(String::from_utf8_lossy(&output.stderr).contains("late.txt"), "{}", wire::show(&output));
    assert!(!place.path().join("late.txt").exists());
}

#[test]
fn a_splice_reads_the_working_directory_and_changes_nothing_but_temporary_files() {
    if wire::ghc_iserv().is_none() {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let audit = place.path().join("audit");
    let work = place.path().join("work");
    fs::create_dir(&work).unwrap();
    fs::write(work.join("Main.hs"), PROGRAM).unwrap();
    fs::write(work.join("data.txt"), "some data").unwrap();
    fs::write(work.join("input"), "a line of input\n").unwrap();

    let options = [format!("--audit={}", audit.display())];
    let mut command = wire::ghc(&work, Path::new(wire::BCVM_ISERV), &options);
    command.args(["-e", "main", "Main.hs"]).env("XDG_CONFIG_HOME", "/nonexistent").env_remove("BCVM_POLICY");
    command.stdin(fs::File::open(work.join("input")).unwrap());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said.lines().collect::<Vec<_>>(), EXPECTED, "{}", wire::show(&output));

    assert!(!work.join("made.txt").exists());
    assert_eq!(fs::read_to_string(work.join("data.txt")).unwrap(), "some data");
    assert_eq!(fs::read_to_string(work.join("statement.txt")).unwrap(), "by a statement");
    let record = fs::read_to_string(&audit).unwrap();
    for denied in ["made.txt", "data.txt", "other.txt"] {
        let is_recorded = |line: &str| line.contains("denied") && line.contains(denied);
        assert!(record.lines().any(is_recorded), "{denied} is not on record as denied:\n{record}");
    }
}
