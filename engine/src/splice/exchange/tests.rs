//! A guest played by the test: reads and writes as a splice would.

use super::*;
use crate::protocol::th_request;
use crate::protocol::types::THResult;

const V: GhcVersion = GhcVersion::V9_0;

fn bytes(message: impl Into<ThMessage>) -> Vec<u8> {
    encode(&message.into(), V).unwrap()
}

fn report() -> Vec<u8> {
    bytes(th_request::Report { is_error: false, text: "hm".into() })
}

/// Runs `guest` with a GHC that answers what it is asked; answers what was asked, and what was wrong.
fn run(guest: impl FnOnce(&mut Exchange)) -> (Vec<ThMessageKind>, Result<(), String>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = asked.clone();
    let answerer = Box::new(move |question: ThMessage| {
        log.lock().unwrap().push(question.kind());
        Some(match question.kind() {
            ThMessageKind::StartRecover => ThReply::StartRecover(()),
            ThMessageKind::EndRecover => ThReply::EndRecover(()),
            ThMessageKind::ExtsEnabled => ThReply::ExtsEnabled(THResult::THComplete(vec![])),
            _ => ThReply::Report(THResult::THComplete(())),
        })
    });
    let exchange = Exchange::default();
    exchange.grant(Policy::strict());
    let ((), said) = exchange.attend(answerer, || guest(&mut exchange.clone()));
    let asked = asked.lock().unwrap().clone();
    (asked, said)
}

fn read(guest: &mut Exchange) -> io::Result<Vec<u8>> {
    let mut buf = [0; 4096];
    let n = guest.read(&mut buf)?;
    Ok(buf[..n].to_vec())
}

#[test]
fn questions_are_answered_and_remarks_passed_on() {
    let (asked, said) = run(|guest| {
        // In two pieces, after a remark.
        let question = [bytes(th_request::StartRecover {}), report()].concat();
        guest.write_all(&question[..3]).unwrap();
        guest.write_all(&question[3..]).unwrap();
        assert_eq!(read(guest).unwrap(), [1]);
        // The last word is one that nobody waits for an answer to.
        guest.write_all(&bytes(th_request::EndRecover { failed: true })).unwrap();
    });
    assert_eq!(asked, [ThMessageKind::StartRecover, ThMessageKind::Report, ThMessageKind::EndRecover]);
    assert_eq!(said, Ok(()));
}

#[test]
fn an_answer_nobody_reads_is_gone() {
    let (asked, said) = run(|guest| {
        let exts = bytes(th_request::ExtsEnabled {});
        guest.write_all(&exts).unwrap();
        let mut half = [0; 3];
        guest.read_exact(&mut half).unwrap();
        guest.write_all(&report()).unwrap();
        assert_eq!(read(guest).unwrap(), [1]);
    });
    assert_eq!((asked, said), (vec![ThMessageKind::ExtsEnabled, ThMessageKind::Report], Ok(())));
}

/// GHC hears nothing of what is not whole, and is not left with a question that nobody waits for.
#[test]
fn broken_off_or_malformed() {
    for broken_off in [report(), report()[..4].to_vec()] {
        assert_eq!(run(|guest| guest.write_all(&broken_off).unwrap()), (vec![], Ok(())));
    }
    let done = bytes(th_request::RunTHDone {});
    for (words, problem) in [
        (vec![], "an answer to nothing"),
        (report()[..4].to_vec(), "makes no sense"),
        (vec![99], "makes no sense"),
        ([report(), report()].concat(), "goes on after the question Report"),
        (done, "that it is done"),
        (bytes(th_request::EndRecover { failed: true }), "a recover that has not begun"),
    ] {
        let (asked, said) = run(|guest| {
            guest.write_all(&words).unwrap();
            assert_eq!(read(guest).unwrap_err().kind(), ErrorKind::BrokenPipe);
            assert_eq!(guest.write(&report()).unwrap_err().kind(), ErrorKind::BrokenPipe);
        });
        assert_eq!(asked, []);
        let text = said.unwrap_err();
        assert!(text.contains(problem), "{text}");
    }
}

#[test]
fn nothing_passes_between_splices() {
    let mut exchange = Exchange::default();
    assert_eq!(read(&mut exchange).unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(exchange.write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
}

#[test]
fn what_the_policy_denies_is_refused_and_ghc_hears_why() {
    let outside = th_request::AddDependentFile { path: "/etc/passwd".into() };
    for question in [bytes(th_request::AddCorePlugin { module: "Evil".into() }), bytes(outside)] {
        let (asked, said) = run(|guest| {
            guest.write_all(&question).unwrap();
            let answer: THResult<()> = decode(&read(guest).unwrap(), V).unwrap().0;
            assert!(matches!(answer, THResult::THException(_)), "{answer:?}");
            // The splice may go on.
        });
        assert_eq!((asked, said), (vec![ThMessageKind::Report], Ok(())));
    }
}
