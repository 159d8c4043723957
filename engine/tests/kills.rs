//! What is killed at a bad moment, or finds its disk full, leaves nothing behind that hurts others: neither processes nor
//! files.

mod wire_common;

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use wire_common::{BCVM_ISERV, finish, ghc, ghc_iserv, show, start};

/// Says that it has begun, and never ends.
const ENDLESS: &str = "System.IO.putStrLn \"begun\" >> System.IO.hFlush System.IO.stdout \
                       >> (let spin n = spin (n + 1 :: Int) :: IO () in spin 0)";
/// How long anything may take here.
const PATIENCE: Duration = Duration::from_secs(60);

/// GHC in the midst of an evaluation, and what comes out of it and its server.
fn evaluating(directory: &Path) -> (Child, BufReader<ChildStdout>) {
    let mut child = start(ghc(directory, BCVM_ISERV.as_ref(), &[]).args(["-e", ENDLESS]));
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "begun\n");
    (child, output)
}

/// The server that a GHC has started.
fn server_of(ghc: &Child) -> Pid {
    let tasks = fs::read_dir(format!("/proc/{}/task", ghc.id())).unwrap();
    let children = tasks.filter_map(|task| fs::read_to_string(task.unwrap().path().join("children")).ok());
    let children: Vec<i32> =
        children.flat_map(|text| text.split_whitespace().map(|n| n.parse().unwrap()).collect::<Vec<_>>()).collect();
    let is_server = |pid: &&i32| {
        let name = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
        name == Path::new(BCVM_ISERV).canonicalize().unwrap()
    };
    Pid::from_raw(*children.iter().find(is_server).expect("it has a server")).unwrap()
}

/// Does something in time, or kills a group of processes.
fn in_time<T: Send>(group: Pid, work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let (done, over) = mpsc::channel::<()>();
        scope.spawn(move || {
            if over.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
                let _ = kill_process_group(group, Signal::KILL);
            }
        });
        let result = work();
        drop(done);
        result
    })
}

#[test]
fn a_server_ends_with_its_ghc() {
    if ghc_iserv().is_none() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (mut child, mut output) = evaluating(directory.path());
    let server = server_of(&child);
    child.kill().unwrap();
    child.wait().unwrap();
    let killed = Instant::now();
    // The server has the pipe, too: it ends when both are gone.
    in_time(server, || output.read_to_end(&mut Vec::new()).unwrap());
    let is_alive = Path::new(&format!("/proc/{}/exe", server.as_raw_pid())).read_link().is_ok();
    let took = killed.elapsed();
    assert!(!is_alive && took < PATIENCE, "{took:?}");
}

#[test]
fn a_killed_server_ends_its_ghc_and_nothing_else() {
    if ghc_iserv().is_none() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (child, mut output) = evaluating(directory.path());
    kill_process(server_of(&child), Signal::KILL).unwrap();
    let mut said = String::new();
    in_time(Pid::from_child(&child), || output.read_to_string(&mut said).unwrap());
    let end = finish(child);
    // GHC's own status is that of a session that came to its end; so it is with its own server.
    assert!(said.contains("terminated (-9)") || show(&end).contains("terminated (-9)"), "{said}{}", show(&end));
    let next = finish(start(ghc(directory.path(), BCVM_ISERV.as_ref(), &[]).args(["-e", "6 * 7 :: Int"])));
    assert!(next.status.success() && next.stdout == b"42\n", "{}", show(&next));
}

/// `bcvm` with a cache of its own, about to run a small program.
fn bcvm(cache: &Path, program: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bcvm"));
    command.arg("run").arg(program).env("XDG_CACHE_HOME", cache);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn program(directory: &Path) -> PathBuf {
    let file = directory.join("product.stg");
    fs::write(&file, "main = case *# 6# 7# of n -> I# n").unwrap();
    file
}

fn assert_42(output: &Output) {
    assert!(output.status.success() && output.stdout == b"42\n", "{}", show(output));
}

#[test]
fn a_full_disk_costs_only_time() {
    let directory = tempfile::tempdir().unwrap();
    let (cache, program) = (directory.path().join("cache"), program(directory.path()));
    let command = bcvm(&cache, &program);
    // Files of more than 32 KiB cannot be written; without the signal that is the error of a full disk.
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\""]).arg(command.get_program());
    limited.args(command.get_args()).env("XDG_CACHE_HOME", &cache);
    assert_42(&limited.output().unwrap());
    // What was left must not be taken for what was meant.
    assert_42(&bcvm(&cache, &program).output().unwrap());
    assert_42(&bcvm(&cache, &program).output().unwrap());
}

#[test]
fn a_cache_that_cannot_be_written_costs_only_time() {
    let directory = tempfile::tempdir().unwrap();
    let program = program(directory.path());
    let file = directory.path().join("file");
    File::create(&file).unwrap();
    assert_42(&bcvm(&file, &program).output().unwrap());
    assert_eq!(fs::metadata(&file).unwrap().len(), 0);
}

#[test]
fn those_killed_while_they_fill_a_cache_leave_it_sound() {
    let directory = tempfile::tempdir().unwrap();
    let (cache, program) = (directory.path().join("cache"), program(directory.path()));
    for milliseconds in [10, 100, 400, 1000] {
        let mut both: Vec<Child> = (0..2).map(|_| bcvm(&cache, &program).process_group(0).spawn().unwrap()).collect();
        thread::sleep(Duration::from_millis(milliseconds));
        let mut killed = both.remove(0);
        killed.kill().unwrap();
        killed.wait().unwrap();
        assert_42(&both.remove(0).wait_with_output().unwrap());
    }
    assert_42(&bcvm(&cache, &program).output().unwrap());
}
