//! A guest played by the test: reads and writes as the server in the sandbox would.

use super::*;
use crate::protocol::types::{HValueRef, QResult, QStateRef, THResult, THResultType};
use crate::protocol::{Bytes, th_request};

const V: GhcVersion = GhcVersion::V9_0;

fn run_th() -> Message {
    let (state, splice) = (QStateRef(1), HValueRef(2));
    request::RunTH { state, splice, result_type: THResultType::THExp, location: None }.into()
}

fn bytes(message: impl Into<ThMessage>) -> Vec<u8> {
    encode(&message.into(), V).unwrap()
}

fn report() -> Vec<u8> {
    bytes(th_request::Report { is_error: false, text: "hm".into() })
}

/// RunTHDone and a result.
fn end() -> Vec<u8> {
    [bytes(th_request::RunTHDone {}), encode(&QResult::QDone(Bytes(vec![7])), V).unwrap()].concat()
}

/// Runs `guest` with a GHC that answers what it is asked; answers what was asked and what the server said.
fn run(guest: impl FnOnce(&mut Exchange)) -> (Vec<ThMessageKind>, Result<Option<Reply>, String>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = asked.clone();
    let answerer = Box::new(move |question: ThMessage| {
        log.lock().unwrap().push(question.kind());
        Some(match question.kind() {
            ThMessageKind::StartRecover => ThReply::StartRecover(()),
            ThMessageKind::EndRecover => ThReply::EndRecover(()),
            _ => ThReply::Report(THResult::THComplete(())),
        })
    });
    let exchange = Exchange::default();
    exchange.grant(Policy::strict());
    let ((), said) = exchange.answer(&run_th(), answerer, || guest(&mut exchange.clone()));
    let asked = asked.lock().unwrap().clone();
    (asked, said)
}

fn read(guest: &mut Exchange) -> io::Result<Vec<u8>> {
    let mut buf = [0; 4096];
    let n = guest.read(&mut buf)?;
    Ok(buf[..n].to_vec())
}

#[test]
fn questions_are_answered_until_the_end() {
    let (asked, said) = run(|guest| {
        assert_eq!(read(guest).unwrap(), encode(&run_th(), V).unwrap());
        // In two pieces, after a remark.
        let question = [bytes(th_request::StartRecover {}), report()].concat();
        guest.write_all(&question[..3]).unwrap();
        guest.write_all(&question[3..]).unwrap();
        assert_eq!(read(guest).unwrap(), [1]);
        guest.write_all(&[bytes(th_request::EndRecover { failed: true }), end()].concat()).unwrap();
        assert_eq!(read(guest).unwrap(), [0], "Shutdown");
        assert_eq!(read(guest).unwrap(), [0u8; 0], "end of file");
    });
    assert_eq!(asked, [ThMessageKind::StartRecover, ThMessageKind::Report, ThMessageKind::EndRecover]);
    assert_eq!(said, Ok(Some(Reply::RunTH(QResult::QDone(Bytes(vec![7]))))));
}

#[test]
fn an_answer_nobody_reads_is_gone() {
    let (_, said) = run(|guest| {
        read(guest).unwrap();
        guest.write_all(&report()).unwrap();
        guest.read_exact(&mut []).unwrap();
        let mut half = [0; 1];
        guest.read_exact(&mut half).unwrap();
        guest.write_all(&report()).unwrap();
        assert_eq!(read(guest).unwrap(), [1]);
        guest.write_all(&end()).unwrap();
        assert_eq!(read(guest).unwrap(), [0]);
    });
    assert!(matches!(said, Ok(Some(_))));
}

/// GHC hears nothing of what is not whole, and is not left with a question that nobody waits for.
#[test]
fn broken_off_or_malformed() {
    // The guest stops without waiting for the answer.
    let (asked, said) = run(|guest| {
        read(guest).unwrap();
        guest.write_all(&report()).unwrap();
    });
    assert_eq!((asked, said), (vec![], Ok(None)));
    for (words, problem) in [
        (report()[..4].to_vec(), "makes no sense"),
        (vec![99], "makes no sense"),
        ([report(), end()].concat(), "goes on after the question Report"),
        ([end(), vec![1]].concat(), "makes no sense"),
        (bytes(th_request::EndRecover { failed: true }), "a recover that has not begun"),
    ] {
        let (asked, said) = run(|guest| {
            read(guest).unwrap();
            guest.write_all(&words).unwrap();
            assert_eq!(read(guest).unwrap_err().kind(), ErrorKind::BrokenPipe);
            assert_eq!(guest.write(&end()).unwrap_err().kind(), ErrorKind::BrokenPipe);
        });
        assert_eq!(asked, []);
        let text = said.unwrap_err();
        assert!(text.contains(problem), "{text}");
    }
}

#[test]
fn nothing_passes_between_messages() {
    let mut exchange = Exchange::default();
    assert_eq!(read(&mut exchange).unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(exchange.write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
}

#[test]
fn what_the_policy_denies_is_refused_and_ghc_hears_nothing() {
    let outside = th_request::AddDependentFile { path: "/etc/passwd".into() };
    for question in [bytes(th_request::AddCorePlugin { module: "Evil".into() }), bytes(outside)] {
        let (asked, said) = run(|guest| {
            read(guest).unwrap();
            guest.write_all(&question).unwrap();
            let answer: THResult<()> = decode(&read(guest).unwrap(), V).unwrap().0;
            assert!(matches!(answer, THResult::THException(_)), "{answer:?}");
            // The splice may go on.
            guest.write_all(&end()).unwrap();
            read(guest).unwrap();
        });
        assert_eq!(asked, []);
        assert!(matches!(said, Ok(Some(_))), "{said:?}");
    }
}
