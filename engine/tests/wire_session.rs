//! Sessions of a real GHC with its own server, recorded by `bcvm-iserv`: every byte is understood, and the same bytes
//! come out when every value is encoded again.

mod wire_common;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use bcvm_engine::external::IservProcess;
use bcvm_engine::protocol::shape::Encoded;
use bcvm_engine::protocol::th::ast;
use bcvm_engine::protocol::types::{QResult, THResultType};
use bcvm_engine::protocol::{
    Binary, Encoder, GhcVersion, Message, MessageKind, Reply, ThMessage, ThMessageKind, th_request,
};
use bcvm_engine::transcript::{Direction, Exchange, Transcript, replay};
use wire_common::*;

const V: GhcVersion = GhcVersion::V9_0;

/// GHC's options for recording to `file` what it says to `via`.
fn recording(file: &Path, via: &Path) -> Vec<String> {
    vec![format!("--record={}", file.display()), format!("--via={}", via.display())]
}

/// Decode a recording, encode everything again, compare.
fn check_recording(file: &Path) -> Vec<Exchange> {
    let transcript = Transcript::read(file).unwrap();
    let exchanges: Vec<Exchange> = transcript.exchanges(V).map(Result::unwrap).collect();
    let (mut requests, mut replies) = (Encoder::new(V), Encoder::new(V));
    for exchange in &exchanges {
        exchange.message.put(&mut requests);
        for question in &exchange.questions {
            question.message.put(&mut replies);
            question.reply.as_ref().unwrap().put(&mut requests);
        }
        if exchange.message.kind().asks_back() {
            ThMessage::from(th_request::RunTHDone {}).put(&mut replies);
        }
        exchange.reply.as_ref().unwrap().put(&mut replies);
        check_payloads(exchange);
    }
    assert!(requests.finish().unwrap() == transcript.bytes(Direction::Request));
    assert!(replies.finish().unwrap() == transcript.bytes(Direction::Reply));
    assert_eq!(exchanges.last().unwrap().message.kind(), MessageKind::Shutdown);
    exchanges
}

/// Byte code and results of splices are opaque to the wire; here they must have their shapes.
fn check_payloads(exchange: &Exchange) {
    match (&exchange.message, exchange.reply.as_ref().unwrap()) {
        (Message::CreateBCOs(message), Reply::CreateBCOs(refs)) => {
            for chunk in &message.chunks {
                chunk.decode(V).unwrap();
            }
            assert!(!refs.is_empty());
        }
        (Message::RunTH(message), Reply::RunTH(QResult::QDone(result))) => {
            let bytes = result.0.clone();
            match message.result_type {
                THResultType::THExp => drop(Encoded::<ast::Exp>::new(bytes, V).unwrap()),
                THResultType::THPat => drop(Encoded::<ast::Pat>::new(bytes, V).unwrap()),
                THResultType::THType => drop(Encoded::<ast::Type>::new(bytes, V).unwrap()),
                THResultType::THDec => {
                    drop(bcvm_engine::protocol::decode_all::<Vec<Encoded<ast::Dec>>>(&bytes, V).unwrap());
                }
                THResultType::THAnnWrapper => drop(Encoded::<ast::Serialized>::new(bytes, V).unwrap()),
            }
        }
        _ => {}
    }
}

fn kinds(exchanges: &[Exchange]) -> BTreeSet<MessageKind> {
    exchanges.iter().map(|exchange| exchange.message.kind()).collect()
}

#[test]
fn evaluating_an_expression() {
    let Some(via) = ghc_iserv() else { return };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("session");
    let output = finish(start(
        ghc(dir.path(), Path::new(BCVM_ISERV), &recording(&file, via))
            .args(["-e", "print (product [1 .. 20 :: Integer])"]),
    ));
    assert!(output.status.success(), "{}", show(&output));
    assert_eq!(output.stdout, b"2432902008176640000\n");
    let exchanges = check_recording(&file);
    let seen = kinds(&exchanges);
    use MessageKind::*;
    for kind in [InitLinker, LoadDLL, LoadObj, ResolveObjs, LookupSymbol, CreateBCOs, EvalStmt, EvalIO] {
        assert!(seen.contains(&kind), "{kind:?}");
    }
    assert!(exchanges.windows(2).all(|pair| pair[0].sent <= pair[1].sent));

    let listed = bcvm(&["transcript".as_ref(), file.as_ref()]);
    assert!(listed.status.success(), "{}", show(&listed));
    let lines = String::from_utf8(listed.stdout).unwrap();
    assert_eq!(lines.lines().count(), 1 + exchanges.len());
    assert!(lines.lines().any(|line| line.contains("  12 CreateBCOs ")), "{lines}");
    let replayed = bcvm(&["replay".as_ref(), file.as_ref(), "--server".as_ref(), via.as_ref()]);
    assert!(replayed.status.success(), "{}", show(&replayed));
    // Ours loads the same packages, and answers the same.
    let replayed = bcvm(&["replay".as_ref(), file.as_ref()]);
    assert!(replayed.status.success(), "{}", show(&replayed));
    let said = String::from_utf8_lossy(&replayed.stdout);
    assert!(said.contains("2432902008176640000") && said.contains(" 0 replies differ"), "{said}");
}

/// Runs the command line.
fn bcvm(arguments: &[&OsStr]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bcvm")).args(arguments).output().unwrap()
}

/// What needs no package is answered alike reply by reply, types and debugging messages among it.
#[test]
fn what_needs_no_package_is_answered_as_ghcs_server_does() {
    let Some(via) = ghc_iserv() else { return };
    let dir = tempfile::tempdir().unwrap();
    let (file, module) = (dir.path().join("session"), dir.path().join("M.hs"));
    fs::write(&module, "module M where\ndata T = A | B Int | C { c :: String, d :: Double }\nx = C \"text\" 2.5\n")
        .unwrap();
    let output = finish(start(ghc(dir.path(), Path::new(BCVM_ISERV), &recording(&file, via)).args([
        "-fbyte-code",
        "-e",
        "c x",
        "M.hs",
    ])));
    assert!(output.status.success(), "{}", show(&output));
    use MessageKind::*;
    let alone = [
        InitLinker,
        FindSystemLibrary,
        LoadDLL,
        AddLibrarySearchPath,
        RemoveLibrarySearchPath,
        MallocData,
        MallocStrings,
        MkConInfoTable,
        NewBreakArray,
        EnableBreakpoint,
        BreakpointStatus,
        MkCostCentres,
        RtsRevertCAFs,
    ];
    let mut exchanges = check_recording(&file);
    exchanges.retain(|exchange| alone.contains(&exchange.message.kind()));
    let (sent, seen) = (exchanges.len(), kinds(&exchanges));
    for kind in [InitLinker, LoadDLL, MallocStrings, MkConInfoTable] {
        assert!(seen.contains(&kind), "{kind:?}");
    }
    let replay = replay(exchanges, &IservProcess::builder(BCVM_ISERV).build());
    assert!(replay.lost.is_none() && replay.differences.is_empty(), "{replay:?}");
    assert_eq!(replay.answered, sent);
}

#[test]
fn template_haskell() {
    let Some(via) = ghc_iserv() else { return };
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("Splices.hs"), SPLICES).unwrap();
    fs::write(dir.path().join("Splicing.hs"), SPLICING).unwrap();
    let file = dir.path().join("session");
    let output = finish(start(
        ghc(dir.path(), Path::new(BCVM_ISERV), &recording(&file, via)).args(["-fno-code", "Splicing.hs"]),
    ));
    assert!(output.status.success(), "{}", show(&output));
    let exchanges = check_recording(&file);
    let asked: BTreeSet<ThMessageKind> =
        exchanges.iter().flat_map(|exchange| &exchange.questions).map(|q| q.message.kind()).collect();
    use ThMessageKind::*;
    for kind in [
        NewName,
        Report,
        LookupName,
        Reify,
        ReifyFixity,
        ReifyInstances,
        ReifyRoles,
        ReifyAnnotations,
        ReifyModule,
        ReifyConStrictness,
        AddTempFile,
        AddTopDecls,
        IsExtEnabled,
        ExtsEnabled,
        StartRecover,
        EndRecover,
        AddModFinalizer,
        ReifyType,
    ] {
        assert!(asked.contains(&kind), "{kind:?}");
    }
    let seen = kinds(&exchanges);
    assert!(seen.contains(&MessageKind::RunModFinalizers) && seen.contains(&MessageKind::StartTH));
    // A trace shows syntax trees under Haskell's names.
    let shown = exchanges.iter().flat_map(|exchange| &exchange.questions).map(|q| format!("{q:?}"));
    assert!(shown.into_iter().any(|line| line.contains("(TyConI (DataD ") && line.contains("Rose")));
}

#[test]
fn debugging() {
    let Some(via) = ghc_iserv() else { return };
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("Stop.hs"), STOP).unwrap();
    let file = dir.path().join("session");
    let mut command = ghc(dir.path(), Path::new(BCVM_ISERV), &recording(&file, via));
    let mut child = start(command.args(["--interactive", "-ignore-dot-ghci"]));
    child.stdin.as_mut().unwrap().write_all(GHCI_SESSION.as_bytes()).unwrap();
    let output = finish(child);
    assert!(output.status.success(), "{}", show(&output));
    let seen = kinds(&check_recording(&file));
    use MessageKind::*;
    for kind in [
        EvalStmt,
        ResumeStmt,
        AbandonStmt,
        NewBreakArray,
        EnableBreakpoint,
        GetBreakpointVar,
        GetClosure,
        Seq,
        MkConInfoTable,
        FreeHValueRefs,
        RtsRevertCAFs,
        MallocStrings,
    ] {
        assert!(seen.contains(&kind), "{kind:?} was not sent\n{}", show(&output));
    }
}
