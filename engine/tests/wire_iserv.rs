//! `bcvm-iserv` as a process: arguments, exit codes, signals, and a real GHC at the other end.

mod asm;
mod wire_common;

use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use asm::{Asm, con, int};
use bcvm::bco::resolved::ResolvedBcoPtr;
use bcvm::bytecode::Bci;
use bcvm_engine::external::IservProcess;
use bcvm_engine::interp::{Backend, EvalExpr, ExceptionKind, ForeignRef, Interp};
use bcvm_engine::protocol::request;
use bcvm_engine::transcript::{Direction, Transcript};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process, test_kill_process_group};
use wire_common::*;

fn run(program: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let output = finish(start(Command::new(program).args(args)));
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn command_line() {
    let iserv = Path::new(BCVM_ISERV);
    let (code, out, err) = run(iserv, &["--help"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("-fexternal-interpreter"), "{out}");
    let (code, out, _) = run(iserv, &["--version"]);
    assert_eq!((code, out.starts_with("bcvm-iserv ")), (Some(0), true));
    let (code, out, err) = run(iserv, &["3"]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("READ_FD"), "{err}");
    let (code, _, err) = run(iserv, &["70", "71"]);
    assert_eq!(code, Some(1));
    assert!(err.starts_with("bcvm-iserv: GHC's pipe: file descriptor 71 is not open"), "{err}");
}

#[test]
fn names_ghc_appends_to() {
    let dir = tempfile::tempdir().unwrap();
    let named = |name: &str| {
        let path = dir.path().join(name);
        std::os::unix::fs::symlink(BCVM_ISERV, &path).unwrap();
        path
    };
    let (code, _, err) = run(&named("bcvm-iserv-prof"), &["3", "4"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("profiled byte code is not supported"), "{err}");
    let server = IservProcess::builder(named("bcvm-iserv-dyn")).build();
    assert_eq!(server.call(request::MallocStrings { strings: vec![] }).unwrap(), []);
}

#[test]
fn end_of_file_and_shutdown() {
    // Standard input as the pipe from GHC, through a shell that gives it another number.
    let session = |bytes: &str| {
        let script = format!("printf '{bytes}' | (exec 5<&0 6>&1; exec '{BCVM_ISERV}' 6 5)");
        run(Path::new("/bin/sh"), &["-c", &script])
    };
    assert_eq!(session("\\000"), (Some(0), String::new(), String::new()));
    // A GHC that goes away without Shutdown has told the user why.
    assert_eq!(session("\\001"), (Some(1), String::new(), String::new()));
    let (code, _, err) = session("\\143");
    assert_eq!((code, err.as_str()), (Some(1), "bcvm-iserv: byte 0: no message of GHC 9.0.2 has tag 99\n"));
}

#[test]
fn an_interrupt_while_idle_is_forgotten() {
    let server = IservProcess::builder(BCVM_ISERV).build();
    let nothing = request::MallocStrings { strings: vec![] };
    for signal in [Signal::INT, Signal::QUIT, Signal::INT] {
        server.call(nothing.clone()).unwrap();
        let pid = Pid::from_raw(server.process_id().unwrap() as i32).unwrap();
        kill_process(pid, signal).unwrap();
        sleep(Duration::from_millis(30));
        assert_eq!(server.call(nothing.clone()).unwrap(), []);
    }
    // SIGTERM is obeyed.
    let pid = Pid::from_raw(server.process_id().unwrap() as i32).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    sleep(Duration::from_millis(30));
    assert_eq!(server.call(nothing).unwrap_err().to_string(), "ghc-iserv terminated (-15)");
}

/// `f x = f x`, and a number to apply it to.
fn endless(interp: &Interp) -> Vec<ForeignRef> {
    let loops = Asm::function(1, "p")
        .op(Bci::PUSH_L, &[0])
        .op(Bci::PUSH_APPLY_P, &[])
        .push_g(ResolvedBcoPtr::Ref(0))
        .op(Bci::SLIDE, &[3, 1])
        .op(Bci::ENTER, &[]);
    let seven = Asm::new().push_ubx(7).pack(con(interp, "GHCziTypes_Izh"), 1).op(Bci::ENTER, &[]);
    interp.create_bcos(&[loops.done(), seven.done()]).unwrap()
}

#[test]
fn an_interrupt_ends_the_evaluation_and_nothing_else() {
    let interp = Interp::builder().backend(Backend::external(BCVM_ISERV)).build().unwrap();
    let refs = endless(&interp);
    for _ in 0..3 {
        let status = std::thread::scope(|scope| {
            scope.spawn(|| {
                sleep(Duration::from_millis(100));
                assert!(interp.interrupt(), "an evaluation runs");
            });
            interp.eval_stmt(&EvalExpr::This(&refs[0]).apply(&refs[1])).unwrap()
        });
        assert_eq!(status.into_result().unwrap().unwrap_err().kind, ExceptionKind::UserInterrupt);
        assert_eq!(int(&interp, &refs[1]), 7);
    }
    assert!(!interp.interrupt(), "nothing runs");
}

#[test]
fn limits_come_from_the_command_line() {
    let server = IservProcess::builder(BCVM_ISERV).option("--timeout=200ms").option("--limit-memory=16M");
    let interp = Interp::builder().backend(Backend::External(server)).build().unwrap();
    let refs = endless(&interp);
    let stmt = EvalExpr::This(&refs[0]).apply(&refs[1]);
    let late = interp.eval_stmt(&stmt).unwrap().into_result().unwrap().unwrap_err();
    assert_eq!(late.text, "its time was up (limit 200ms)");
    assert_eq!(int(&interp, &refs[1]), 7);

    // grow x = grow (x, x): all of it is kept.
    let grow = Asm::function(1, "p")
        .op(Bci::PUSH_LL, &[0, 0])
        .pack(con(&interp, "GHCziTuple_Z2T"), 2)
        .op(Bci::PUSH_APPLY_P, &[])
        .push_g(ResolvedBcoPtr::Ref(0))
        .op(Bci::SLIDE, &[3, 1])
        .op(Bci::ENTER, &[]);
    let grow = interp.create_bcos(&[grow.done()]).unwrap();
    let stmt = EvalExpr::This(&grow[0]).apply(&refs[1]);
    let full = interp.eval_stmt(&stmt).unwrap().into_result().unwrap().unwrap_err();
    assert_eq!(full.text, "heap overflow (limit 16 MiB)");
    assert_eq!(int(&interp, &refs[1]), 7);
}

/// Until packages can be loaded: GHC gets as far as the first object and reports our words.
#[test]
fn ghc_starts_our_server() {
    if ghc_iserv().is_none() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("session");
    let options = [format!("--record={}", file.display())];
    let child = start(ghc(dir.path(), Path::new(BCVM_ISERV), &options).args(["-e", "return ()"]));
    let group = Pid::from_child(&child);
    let output = finish(child);
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
    // Nobody of GHC's process group is left, a moment later: GHC does not wait for its server.
    let left = (0..500).any(|_| {
        sleep(Duration::from_millis(10));
        test_kill_process_group(group) == Err(Errno::SRCH)
    });
    assert!(left, "the server lives on");
    let transcript = Transcript::read(&file).unwrap();
    assert!(!transcript.bytes(Direction::Reply).is_empty());
}
