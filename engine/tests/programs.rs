//! Real programs: GHC runs each with its own server and with `bcvm-iserv`, and exit code, standard output and standard
//! error must be the same.
//!
//! `programs/NAME.hs` is run as `runghc` would, `programs/NAME.ghci` is typed into GHCi, each in a fresh directory that
//! also has the files of the folder `programs/NAME`. The first comment says what the program is about; directives follow:
//!
//! ```text
//! -- flags: -O1           options for GHC
//! -- args: one "two"      the program's arguments
//! -- stdin: a line        a line of standard input
//! -- text: OTHER.hs       the text of another program comes behind this
//! ```
//!
//! Needs GHC 9.0.2 (see `ghc_iserv`). With the feature `sanity` some run once more with a collection, and a check of the
//! whole heap, every so many allocations, when base and all else is loaded.

mod ghc_iserv;

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::Mutex;
use std::thread;

/// Programs that run at a time.
const JOBS: usize = 2;
/// Seconds after which a program hangs. The first that loads a package on a new machine waits for its compilation.
const TIMEOUT: &str = "400";
/// What only GHC's server says: where it was when it ended with the program, and what its linker passed on the way to a
/// symbol that is not there.
const ONLY_THEIRS: [&str; 2] = ["GHCi.Message.remoteCall: end of file", "SERVER: ^^ Could not load"];

struct Program {
    file: PathBuf,
    name: String,
    flags: Vec<String>,
    args: Vec<String>,
    stdin: String,
    text: String,
}

#[derive(PartialEq, Eq, Debug)]
struct Outcome {
    status: ExitStatus,
    stdout: String,
    stderr: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs")
}

fn programs() -> Vec<Program> {
    let entries = fs::read_dir(folder()).expect("the programs are there").map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.is_file()).collect();
    files.sort();
    files.into_iter().map(Program::read).collect()
}

/// The words of a line; those in quotes keep their spaces.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    let quoted = parts.flat_map(|(i, part)| match i % 2 {
        0 => part.split_whitespace().map(String::from).collect(),
        _ => vec![part.to_owned()],
    });
    quoted.collect()
}

impl Program {
    fn read(file: PathBuf) -> Program {
        let mut text = fs::read_to_string(&file).expect("a program is UTF-8");
        assert!(text.starts_with("-- "), "{} says what it is about", file.display());
        let lines_of = |directive: &'static str| {
            text.lines().filter_map(move |line| line.strip_prefix("-- ")?.strip_prefix(directive)).map(str::trim_start)
        };
        let mut stdin: String = lines_of("stdin:").map(|line| format!("{line}\n")).collect();
        let flags = lines_of("flags:").flat_map(words).collect();
        let args = lines_of("args:").flat_map(words).collect();
        if file.extension().is_some_and(|e| e == "ghci") {
            stdin.clone_from(&text);
        }
        for other in lines_of("text:").map(|name| folder().join(name)).collect::<Vec<_>>() {
            text += &fs::read_to_string(&other).expect("the other program is there");
        }
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        Program { file, name, flags, args, stdin, text }
    }

    fn run(&self, server: &Path, server_options: &[String]) -> Outcome {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join(&self.name), &self.text).unwrap();
        for extra in fs::read_dir(self.file.with_extension("")).into_iter().flatten() {
            let extra = extra.unwrap();
            fs::copy(extra.path(), place.path().join(extra.file_name())).unwrap();
        }
        let input = tempfile::NamedTempFile::new().unwrap();
        fs::write(input.path(), &self.stdin).unwrap();

        let mut command = Command::new("timeout");
        command.args([TIMEOUT, "ghc", "-v0", "-ignore-dot-ghci", "-fexternal-interpreter", "-pgmi"]).arg(server);
        command.args(server_options.iter().map(|option| format!("-opti{option}"))).args(&self.flags);
        if self.name.ends_with(".ghci") {
            command.arg("--interactive");
        } else {
            // These arguments have no characters that Haskell and Rust write differently.
            command.args(["-e", ":set prog \"program\"", "-e", &format!(":main {:?}", self.args), &self.name]);
        }
        command.current_dir(place.path()).stdin(fs::File::open(input.path()).unwrap());
        command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC").env("GHC_ENVIRONMENT", "-").env("TERM", "dumb");
        let output = command.output().expect("GHC starts");
        let server_name = server.file_name().unwrap().to_string_lossy();
        let text = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).replace(&*server_name, "SERVER");
            let is_ours = |line: &&str| !ONLY_THEIRS.iter().any(|theirs| line.contains(theirs));
            text.lines().filter(is_ours).map(|line| format!("{line}\n")).collect()
        };
        Outcome { status: output.status, stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// A report if the program does something else with our server than with GHC's.
    fn difference(&self, theirs: &Path, server_options: &[String]) -> Option<String> {
        let expected = self.run(theirs, &[]);
        let got = self.run(Path::new(env!("CARGO_BIN_EXE_bcvm-iserv")), server_options);
        if expected == got {
            return None;
        }
        let mut report = format!("{}: {} and not {}\n", self.name, got.status, expected.status);
        for (stream, expected, got) in
            [("stdout", &expected.stdout, &got.stdout), ("stderr", &expected.stderr, &got.stderr)]
        {
            let end = |text: &str| text.lines().count();
            let first = (0..end(expected).max(end(got))).find(|i| expected.lines().nth(*i) != got.lines().nth(*i));
            if let Some(i) = first {
                let (expected, got) = (expected.lines().nth(i), got.lines().nth(i));
                report += &format!("  {stream}, line {}: {got:?}\n  GHC's own: {expected:?}\n", i + 1);
            }
        }
        Some(report)
    }
}

/// Runs programs side by side; the reports of those that differ.
fn differences(programs: Vec<Program>, theirs: &Path, server_options: &[String]) -> Vec<String> {
    let queue = Mutex::new(VecDeque::from(programs));
    let reports = Mutex::new(Vec::new());
    let work = || {
        loop {
            let Some(program) = queue.lock().unwrap().pop_front() else { return };
            let report = program.difference(theirs, server_options);
            reports.lock().unwrap().extend(report);
        }
    };
    thread::scope(|scope| (0..JOBS).for_each(|_| drop(scope.spawn(work))));
    reports.into_inner().unwrap()
}

#[test]
#[cfg_attr(
    feature = "sanity",
    ignore = "takes minutes with every collection checked; the build without sanity runs it"
)]
fn programs_do_what_they_do_with_ghcs_own_server() {
    let Some(theirs) = ghc_iserv::find_server() else { return };
    let programs = programs();
    assert!(programs.len() >= 110, "only {} programs are there", programs.len());
    let reports = differences(programs, theirs, &[]);
    assert!(reports.is_empty(), "{} programs differ:\n{}", reports.len(), reports.join(""));
}

#[cfg(feature = "sanity")]
mod sanity {
    //! See the top of the file.

    use super::*;

    /// Programs of all parts of the machine, none of which depends on how long it takes.
    const PROGRAMS: [&str; 29] = [
        "arrays.hs",
        "bank_exceptions.hs",
        "bytestrings.hs",
        "call_stacks.hs",
        "classes_deep.hs",
        "compact_regions.hs",
        "data_map.hs",
        "deriving_all.hs",
        "doubles.hs",
        "exceptions_async.hs",
        "exceptions_sync.hs",
        "files.hs",
        "free_monads.hs",
        "handle_buffers.hs",
        "ioref.hs",
        "laziness.hs",
        "mdo_fix.hs",
        "mutable_unboxed.hs",
        "mvar_pipeline.hs",
        "object_code.hs",
        "ratios.hs",
        "reading.hs",
        "records.hs",
        "session_basics.ghci",
        "session_reload.ghci",
        "stm_bank.hs",
        "texts.hs",
        "unboxed_tuples.hs",
        "weak_finalisers.hs",
    ];
    /// A collection looks at the whole heap, base's evaluated constants included.
    const COLLECT_EVERY: u32 = 5000;

    #[test]
    fn programs_pass_with_frequent_collections() {
        let Some(theirs) = ghc_iserv::find_server() else { return };
        let mut programs = programs();
        programs.retain(|program| PROGRAMS.contains(&&*program.name));
        assert_eq!(programs.len(), PROGRAMS.len());
        let reports = differences(programs, theirs, &[format!("--collect-every={COLLECT_EVERY}")]);
        assert!(reports.is_empty(), "{} programs differ:\n{}", reports.len(), reports.join(""));
    }
}
