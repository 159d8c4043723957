//! Recordings made in memory, whole and damaged.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::*;
use crate::protocol::binary::encode;
use crate::protocol::types::{HValueRef, QResult, QStateRef, RemotePtr, THResult, THResultType};
use crate::protocol::{Bytes, request, th_request};

const V: GhcVersion = GhcVersion::V9_0;

/// A buffer that survives its recorder.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn take(self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Write for Shared {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A session: a lookup, a splice that reports a warning, good-bye. Chunks do not match messages.
fn recording() -> Vec<u8> {
    let message = |message: Message| encode(&message, V).unwrap();
    let requests = [
        message(request::InitLinker {}.into()),
        message(request::LookupSymbol { symbol: "x".into() }.into()),
        message(
            request::RunTH {
                state: QStateRef(1),
                splice: HValueRef(2),
                result_type: THResultType::THDec,
                location: None,
            }
            .into(),
        ),
        encode(&THResult::THComplete(()), V).unwrap(),
        message(request::Shutdown {}.into()),
    ]
    .concat();
    let replies = [
        encode(&Some(RemotePtr(77)), V).unwrap(),
        encode(&ThMessage::from(th_request::Report { is_error: false, text: "w".into() }), V).unwrap(),
        encode(&ThMessage::from(th_request::RunTHDone {}), V).unwrap(),
        encode(&QResult::QDone(Bytes(vec![0; 8])), V).unwrap(),
    ]
    .concat();
    let out = Shared::default();
    let recorder = Recorder::new(out.clone()).unwrap();
    for (i, chunk) in requests.chunks(7).enumerate() {
        recorder.record_at(Direction::Request, i as f64, chunk).unwrap();
    }
    for chunk in replies.chunks(5) {
        recorder.record_at(Direction::Reply, 100.0, chunk).unwrap();
    }
    drop(recorder);
    out.take()
}

#[test]
fn a_recording_becomes_messages() {
    let transcript = Transcript::parse(&recording()).unwrap();
    let exchanges: Vec<_> = transcript.exchanges(V).map(Result::unwrap).collect();
    let kinds: Vec<_> = exchanges.iter().map(|e| e.message.kind()).collect();
    use MessageKind::*;
    assert_eq!(kinds, [InitLinker, LookupSymbol, RunTH, Shutdown]);
    assert_eq!(exchanges[1].reply, Some(Reply::LookupSymbol(Some(RemotePtr(77)))));
    assert_eq!((exchanges[1].request_len, exchanges[1].reply_len), (10, 9));
    assert_eq!((exchanges[1].sent, exchanges[1].replied), (1.0, 100.0));
    assert_eq!(exchanges[2].questions.len(), 1);
    assert_eq!(exchanges[2].questions[0].reply, Some(ThReply::Report(THResult::THComplete(()))));
    assert_eq!(exchanges[3].reply, Some(Reply::Shutdown(())));

    // The same without the first line, as tap.py writes it.
    let tap = Transcript::parse(&recording()[MAGIC.len()..]).unwrap();
    assert_eq!(tap.bytes(Direction::Request), transcript.bytes(Direction::Request));
}

#[test]
fn a_dead_server_leaves_a_message_without_reply() {
    let mut transcript = Transcript::parse(&recording()).unwrap();
    transcript.replies.bytes.truncate(3);
    let exchanges: Vec<_> = transcript.exchanges(V).map(Result::unwrap).collect();
    assert_eq!(exchanges.len(), 2);
    assert_eq!(exchanges[1].reply, None);

    transcript.replies.bytes.clear();
    transcript.replies.bytes.extend([0, 200]);
    let error = transcript.exchanges(V).last().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "reply to message 2, RunTH: byte 1: ThMessage: no constructor has tag 200");
}

#[test]
fn damaged_files() {
    let bytes = recording();
    let e = Transcript::parse(&bytes[..bytes.len() - 1]).unwrap_err();
    assert!(matches!(e, TranscriptError::CutOff { .. }), "{e}");
    let e = Transcript::parse(b"#!/bin/sh").unwrap_err();
    assert_eq!(e.to_string(), "byte 0 of the recording: 0x23 begins no record");
    // A record that claims four gigabytes.
    let e = Transcript::parse(&[b">".as_slice(), &[0; 8], &[0xff; 4], b"x"].concat()).unwrap_err();
    assert!(matches!(e, TranscriptError::CutOff { offset: 0 }), "{e}");
    assert!(Transcript::parse(b"").unwrap().exchanges(V).next().is_none());
}

#[test]
fn readers_and_writers_record() {
    let out = Shared::default();
    let recorder = Recorder::new(out.clone()).unwrap();
    let mut reader = RecordingReader::new(&[1u8, 0][..], recorder.clone(), Direction::Request);
    let mut writer = RecordingWriter::new(Vec::new(), recorder, Direction::Reply);
    reader.read_to_end(&mut Vec::new()).unwrap();
    writer.write_all(b"unheard").unwrap();
    let transcript = Transcript::parse(&out.0.lock().unwrap()).unwrap();
    assert_eq!(transcript.bytes(Direction::Request), [1, 0]);
    assert_eq!(transcript.bytes(Direction::Reply), b"unheard");
}

proptest! {
    /// Any damage gives an error or other messages, no panic.
    #[test]
    fn mutated_recordings(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = recording();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Ok(transcript) = Transcript::parse(&bytes) {
            for exchange in transcript.exchanges(V) {
                let _ = format!("{exchange:?}");
            }
        }
    }

    #[test]
    fn random_recordings(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Transcript::parse(&bytes);
    }
}
