//! Driving servers in other processes: GHC's own and ours, with the same requests.

mod wire_common;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bcvm_engine::external::{IservError, IservProcess};
use bcvm_engine::protocol::types::{FFIConv, FFIType, HValueRef, RemotePtr};
use bcvm_engine::protocol::{GhcVersion, HsString, Message, ThReply, request};
use bcvm_engine::transcript::{Transcript, replay};
use wire_common::*;

fn libc() -> request::LoadDLL {
    request::LoadDLL { path: "libc.so.6".into() }
}

/// Never asked here.
fn no_questions(_: &bcvm_engine::protocol::ThMessage) -> ThReply {
    ThReply::RunTHDone(())
}

/// An executable file with this text. Another process writes it: a file that this one has open for writing may be
/// inherited by a child another thread starts at that moment, and cannot be executed then.
fn script(dir: &Path, text: &str) -> PathBuf {
    let path = dir.join("server");
    let write = r#"printf '%s' "$1" > "$0" && chmod 700 "$0""#;
    let status = Command::new("sh").args(["-c", write]).arg(&path).arg(text).status().unwrap();
    assert!(status.success());
    path
}

/// What both servers must answer alike, before anything is loaded.
#[test]
fn both_servers_answer_alike() {
    let Some(theirs) = ghc_iserv() else { return };
    let messages: Vec<Message> = vec![
        request::MallocStrings { strings: vec![] }.into(),
        request::InitLinker {}.into(),
        request::FindSystemLibrary { name: "libc.so".into() }.into(),
        request::AddLibrarySearchPath { path: "/usr/lib".into() }.into(),
        libc().into(),
        request::LoadDLL { path: "libm.so.6".into() }.into(),
        request::RemoveLibrarySearchPath { cookie: RemotePtr(0) }.into(),
        request::ResolveObjs {}.into(),
        request::MkCostCentres { module: "M".into(), centres: vec![("f".into(), "M.hs:1".into())] }.into(),
        request::CostCentreStackInfo { ccs: RemotePtr(0) }.into(),
        request::RtsRevertCAFs {}.into(),
    ];
    let theirs = IservProcess::builder(theirs).build();
    let ours = IservProcess::builder(BCVM_ISERV).build();
    for message in &messages {
        let (a, b) =
            (theirs.call_any(message, &mut no_questions).unwrap(), ours.call_any(message, &mut no_questions).unwrap());
        assert_eq!(a, b, "{message:?}");
    }
}

#[test]
fn ghcs_server_with_typed_calls() {
    let Some(server) = ghc_iserv() else { return };
    let server = IservProcess::builder(server).build();
    assert_eq!(server.process_id(), None);
    let data = server.call(request::MallocData { data: b"12345678"[..].into() }).unwrap();
    assert_ne!(data, RemotePtr(0));
    let pid = server.process_id().unwrap();
    server.call(request::InitLinker {}).unwrap();
    assert_ne!(server.call(request::LookupSymbol { symbol: "stg_ap_p_info".into() }).unwrap(), None);
    let array = server.call(request::NewBreakArray { size: 3 }).unwrap();
    server.call(request::EnableBreakpoint { array, index: 1, enabled: true }).unwrap();
    let status: Vec<bool> =
        (0..4).map(|index| server.call(request::BreakpointStatus { array, index }).unwrap()).collect();
    assert_eq!(status, [false, true, false, false]);
    let (conv, result) = (FFIConv::FFICCall, FFIType::FFIDouble);
    let cif = server.call(request::PrepFFI { conv, args: vec![FFIType::FFISInt32], result }).unwrap();
    assert_ne!(cif, RemotePtr(0));
    // References to free go ahead of the next message.
    server.free_later(HValueRef(array.0));
    let strings = vec![b"a"[..].into(), b""[..].into()];
    assert_eq!(server.call(request::MallocStrings { strings }).unwrap().len(), 2);
    assert_eq!(server.process_id(), Some(pid));
    server.stop_iserv();
    server.stop_iserv();
    assert_eq!(server.process_id(), None);
    // The next message starts another one.
    assert_ne!(server.call(request::MallocData { data: vec![1].into() }).unwrap(), RemotePtr(0));
    assert_ne!(server.process_id(), Some(pid));
}

#[test]
fn a_dead_server_is_reported_as_ghc_does() {
    let dir = tempfile::tempdir().unwrap();
    for (end, code) in [("exit 3", 3), ("kill -9 $$", -9)] {
        let server = IservProcess::builder(script(dir.path(), &format!("#!/bin/sh\n{end}\n"))).build();
        for _ in 0..2 {
            let e = server.call(libc()).unwrap_err();
            assert_eq!(e.to_string(), format!("ghc-iserv terminated ({code})"));
        }
        server.stop_iserv();
        assert_eq!(server.process_id(), None);
    }
    let server = IservProcess::builder(dir.path().join("absent")).build();
    let e = server.call(libc()).unwrap_err().to_string();
    assert!(e.starts_with("cannot start ") && e.contains("absent: "), "{e}");
    // Our own server ends when it cannot say otherwise that it failed.
    let server =
        IservProcess::builder(BCVM_ISERV).spawn_hook(|c| c.stderr(std::process::Stdio::null()).spawn()).build();
    let e = server.call(request::NewBreakArray { size: -1 }).unwrap_err();
    assert!(matches!(e, IservError::Terminated { code: 1 }), "{e}");
}

/// A server that speaks nonsense is ended, and later messages say why they are not sent.
#[test]
fn nonsense_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let text = "#!/bin/sh\nprintf '\\007' >&$1\nexec sleep 60\n";
    let server = IservProcess::builder(script(dir.path(), text)).build();
    let e = server.call(libc()).unwrap_err().to_string();
    assert_eq!(e, "the interpreter server's reply to LoadDLL: byte 0: Maybe: no constructor has tag 7");
    let e = server.call(libc()).unwrap_err().to_string();
    assert_eq!(e, "the connection to the interpreter server broke during LoadDLL");
}

#[test]
fn options_and_hook() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("arguments");
    let started = Arc::new(AtomicUsize::new(0));
    let count = started.clone();
    let server = IservProcess::builder(script(
        dir.path(),
        "#!/bin/sh\necho \"$@\" > $OUT\nprintf '\\000' >&$1\ncat <&$2 >/dev/null\n",
    ))
    .option("-v")
    .option("+RTS")
    .spawn_hook({
        let file = file.clone();
        move |command| {
            count.fetch_add(1, Ordering::Relaxed);
            command.env("OUT", &file).spawn()
        }
    })
    .build();
    assert_eq!(started.load(Ordering::Relaxed), 0);
    assert_eq!(server.call(libc()).unwrap(), None::<HsString>);
    assert_eq!(started.load(Ordering::Relaxed), 1);
    assert_eq!(std::fs::read_to_string(file).unwrap(), "3 4 -v +RTS\n");
}

#[test]
fn threads_take_turns() {
    let server = Arc::new(IservProcess::builder(BCVM_ISERV).build());
    let wrong = Arc::new(Mutex::new(vec![]));
    let threads: Vec<_> = (0..8)
        .map(|n| {
            let (server, wrong) = (server.clone(), wrong.clone());
            std::thread::spawn(move || {
                for _ in 0..50 {
                    let path = format!("lib{n}.so");
                    let reply = server.call(request::LoadDLL { path: path.as_str().into() }).unwrap().unwrap();
                    if !reply.to_string().starts_with(&path) {
                        wrong.lock().unwrap().push(reply);
                    }
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(*wrong.lock().unwrap(), []);
}

/// What GHC once said can be said again to a fresh server; its replies are the same but for addresses.
#[test]
fn a_recorded_session_is_replayed() {
    let Some(via) = ghc_iserv() else { return };
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("Splices.hs"), SPLICES).unwrap();
    std::fs::write(dir.path().join("Splicing.hs"), SPLICING).unwrap();
    let file = dir.path().join("session");
    let options = [format!("--record={}", file.display()), format!("--via={}", via.display())];
    let output = finish(start(ghc(dir.path(), Path::new(BCVM_ISERV), &options).args(["-fno-code", "Splicing.hs"])));
    assert!(output.status.success(), "{}", show(&output));
    let exchanges: Vec<_> = Transcript::read(&file).unwrap().exchanges(GhcVersion::V9_0).map(Result::unwrap).collect();
    let server = IservProcess::builder(via).build();
    let result = replay(exchanges.clone(), &server);
    assert!(result.lost.is_none(), "{:?}", result.lost);
    assert_eq!(result.answered, exchanges.len() - 1);
    assert_eq!(result.differences, []);
    // Ours answers the same. Handles and addresses are its own, and figures of allocation.
    let server = IservProcess::builder(BCVM_ISERV).build();
    let result = replay(exchanges.clone(), &server);
    assert!(result.lost.is_none(), "{:?}", result.lost);
    assert_eq!(result.answered, exchanges.len() - 1);
    assert_eq!(result.differences, []);
}
