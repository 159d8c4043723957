//! Template Haskell: GHC compiles each module with its own server and with `bcvm-iserv`; what `-ddump-splices` prints, errors,
//! warnings and the exit code must be the same.
//!
//! `splices/NAME.hs` is compiled, without making code for it, and `splices/NAME.ghci` is typed into GHCi, in a fresh directory
//! that also has the files of the folder `splices/NAME`. A line `-- case: TEXT` begins a case; what differs is reported for
//! the case in which it was printed, as far as positions in the output tell. Where the line `-- too long to print` stands
//! splices are not printed; `-- packages: NAMES` are packages that do not come with GHC. Needs GHC 9.0.2 (see `ghc_iserv`).

mod ghc_iserv;

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

/// Modules that are compiled at a time.
const JOBS: usize = 2;
/// Seconds after which a compilation hangs. The first on a new machine waits until packages are translated.
const TIMEOUT: &str = "400";

struct Module {
    file: PathBuf,
    name: String,
    text: String,
}

/// What GHC printed, standard error after standard output, and its exit code.
#[derive(PartialEq, Eq)]
struct Outcome {
    code: Option<i32>,
    text: String,
}

fn modules() -> Vec<Module> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/splices");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.is_file());
    files.sort();
    let read = |file: PathBuf| {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).expect("a module is UTF-8");
        Module { file, name, text }
    };
    files.into_iter().map(read).filter(|module| ghc_iserv::has_packages(&module.packages())).collect()
}

impl Module {
    fn is_script(&self) -> bool {
        self.name.ends_with(".ghci")
    }

    /// The packages that it needs.
    fn packages(&self) -> Vec<&str> {
        self.text
            .lines()
            .filter_map(|line| line.strip_prefix("-- packages: "))
            .flat_map(str::split_whitespace)
            .collect()
    }

    /// Names of cases, and on which line of the module each begins.
    fn cases(&self) -> Vec<(usize, &str)> {
        let lines = self.text.lines().zip(1..);
        lines.filter_map(|(line, number)| Some((number, line.strip_prefix("-- case: ")?))).collect()
    }

    fn compile(&self, server: &Path) -> Outcome {
        let place = tempfile::tempdir().unwrap();
        fs::copy(&self.file, place.path().join(&self.name)).unwrap();
        for extra in fs::read_dir(self.file.with_extension("")).into_iter().flatten() {
            let extra = extra.unwrap();
            fs::copy(extra.path(), place.path().join(extra.file_name())).unwrap();
        }
        let mut command = Command::new("timeout");
        command.args([TIMEOUT, "ghc", "-v0", "-ignore-dot-ghci", "-fexternal-interpreter", "-pgmi"]).arg(server);
        if !self.text.lines().any(|line| line == "-- too long to print") {
            command.arg("-ddump-splices");
        }
        if self.is_script() {
            command.arg("--interactive").stdin(fs::File::open(&self.file).unwrap());
        } else {
            command.args(["--make", "-fno-code", &self.name]).stdin(Stdio::null());
        }
        command.current_dir(place.path()).env("LC_ALL", "C.UTF-8").env("GHC_ENVIRONMENT", "-").env("TERM", "dumb");
        let output = command.output().expect("GHC starts");
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        Outcome { code: output.status.code(), text: text.into_owned() }
    }

    /// A report if something else comes of it with our server than with GHC's.
    fn difference(&self, theirs: &Path) -> Option<String> {
        let expected = self.compile(theirs);
        let got = self.compile(Path::new(env!("CARGO_BIN_EXE_bcvm-iserv")));
        if expected == got {
            return None;
        }
        let (expected_lines, got_lines): (Vec<&str>, Vec<&str>) =
            (expected.text.lines().collect(), got.text.lines().collect());
        let common = expected_lines.iter().zip(&got_lines).take_while(|(a, b)| a == b).count();
        let line = expected_lines[..common].iter().rev().find_map(|line| self.position(line));
        let case = line.and_then(|line| self.cases().into_iter().rev().find(|(begin, _)| *begin <= line));
        Some(format!(
            "{}, in or after the case {:?}: exit code {:?} and not {:?}\n  line {}: {:?}\n  GHC's own: {:?}\n",
            self.name,
            case.map(|(_, name)| name),
            got.code,
            expected.code,
            common + 1,
            got_lines.get(common),
            expected_lines.get(common),
        ))
    }

    /// The line of the module that a line of output is about.
    fn position(&self, output: &str) -> Option<usize> {
        let name = if self.is_script() { "<interactive>" } else { &self.name };
        let rest = output.split_once(&format!("{name}:"))?.1;
        let digits = rest.trim_start_matches('(').split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse().ok()
    }
}

#[test]
#[cfg_attr(
    feature = "sanity",
    ignore = "takes minutes with every collection checked; the build without sanity runs it"
)]
fn splices_do_what_they_do_with_ghcs_own_server() {
    let Some(theirs) = ghc_iserv::find_server() else { return };
    let modules = modules();
    let cases: usize = modules.iter().map(|module| module.cases().len()).sum();
    assert!(cases >= 90, "only {cases} cases are there");
    let queue = Mutex::new(VecDeque::from(modules));
    let reports = Mutex::new(Vec::new());
    let work = || {
        loop {
            let Some(module) = queue.lock().unwrap().pop_front() else { return };
            let report = module.difference(theirs);
            reports.lock().unwrap().extend(report);
        }
    };
    thread::scope(|scope| (0..JOBS).for_each(|_| drop(scope.spawn(work))));
    let reports = reports.into_inner().unwrap();
    assert!(reports.is_empty(), "{} modules differ:\n{}", reports.len(), reports.join(""));
}
