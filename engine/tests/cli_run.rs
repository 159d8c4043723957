//! `bcvm run` on an interpreter from outside, GHC's own server: values, errors and exit codes. Where GHC is not
//! installed, the tests of the real interpreters have to do.

mod ghc_iserv;

use bcvm_engine::cli::args::Options;
use bcvm_engine::cli::exit::{Exit, Failure};
use bcvm_engine::cli::{self, Output, run::Session};
use clap::Parser;
use ghc_iserv::GhcIserv;
use std::io;

impl Session for GhcIserv {
    fn statistics(&self) -> String {
        "statistics of the server".into()
    }

    fn exit_of(&self, _: &io::Error) -> Exit {
        Exit::Crash
    }
}

/// Runs a program with more arguments: exit code, output, errors. None without a server.
fn run(source: &str, args: &[&str]) -> Option<(Exit, String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("p.stg");
    std::fs::write(&file, source).unwrap();
    let line = ["bcvm", "run", file.to_str().unwrap()].into_iter().chain(args.iter().copied());
    let options = Options::try_parse_from(line).unwrap();
    let server = GhcIserv::start()?;
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = cli::main(&options, |_| Ok(server), &mut Output { out: &mut out, err: &mut err });
    Some((exit, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap()))
}

#[test]
fn values_go_to_stdout_within_bounds() {
    let ones = "main = letrec one = I# 1#; ones = one : ones in ones";
    let Some((exit, out, err)) = run(ones, &["--max-nodes", "6", "--stats"]) else { return };
    assert_eq!((exit, &out[..], &err[..]), (Exit::Ok, "[1,1,1,…]\n", "statistics of the server\n"));
    let deep = "data S = S S\nmain = letrec s = S s in s";
    assert_eq!(run(deep, &["--max-depth", "3"]).unwrap().1, "S (S (S …))\n");
}

#[test]
fn a_server_that_dies_is_a_crash() {
    // An exception that is no SomeException takes GHC's server down.
    let Some((exit, out, err)) = run("main = let e = I# 1# in raise# e", &[]) else { return };
    assert_eq!((exit, &out[..]), (Exit::Crash, ""));
    assert!(err.starts_with("bcvm: the interpreter failed while a value was printed: "), "{err}");
}

#[test]
fn an_interpreter_that_does_not_start_is_reported() {
    let options =
        Options::try_parse_from(["bcvm", "run", &format!("{}/../examples/nfib.stg", env!("CARGO_MANIFEST_DIR"))])
            .unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let open = |_: &_| Err::<GhcIserv, _>(Failure::new(Exit::Internal, "no sandbox here"));
    let exit = cli::main(&options, open, &mut Output { out: &mut out, err: &mut err });
    assert_eq!((exit, &err[..]), (Exit::Internal, &b"bcvm: no sandbox here\n"[..]));
}
