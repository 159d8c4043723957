//! Malformed input gives errors, takes little memory, and never panics.

use std::io;

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng};

use super::hex;
use crate::protocol::binary::{DEPTH_LIMIT, SIZE_LIMIT, decode, decode_all, encode};
use crate::protocol::error::{DecodeError, Problem};
use crate::protocol::pipe::PipeReader;
use crate::protocol::sample::{Gen, Sample};
use crate::protocol::shape::Encoded;
use crate::protocol::th::ast;
use crate::protocol::types::*;
use crate::protocol::*;

const V: GhcVersion = GhcVersion::V9_0;

fn problem<T: Binary + std::fmt::Debug>(bytes: &[u8]) -> (u64, Problem) {
    match decode_all::<T>(bytes, V) {
        Err(DecodeError::Invalid { offset, problem, .. }) => (offset, problem),
        other => panic!("{other:?}"),
    }
}

/// An endless stream of one byte.
struct Endless(u8);

impl io::Read for Endless {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        buf.fill(self.0);
        Ok(buf.len())
    }
}

#[test]
fn absurd_counts_are_refused_at_once() {
    let count = hex("1000000000000000");
    // A list, a list of chunks, a byte string and a string of 2^60 elements.
    for (message, offset) in [("0d", 1), ("0c", 1), ("0e", 1), ("02", 1), ("0f", 1)] {
        let bytes = [hex(message), count.clone()].concat();
        assert_eq!(problem::<Message>(&bytes), (offset, Problem::TooLong { len: 1 << 60, limit: SIZE_LIMIT }));
        // The same from a pipe that would go on for ever.
        let stream = io::Read::chain(&bytes[..], Endless(0));
        let e = PipeReader::new(stream, V).receive::<Message>().unwrap_err();
        assert!(e.to_string().contains("1152921504606846976"), "{e}");
    }
    assert_eq!(problem::<Message>(&hex("0d ffffffffffffffff")), (1, Problem::Negative(-1)));
}

#[test]
fn a_count_reserves_nothing_by_itself() {
    // 2^29 references are within the size limit; only 16 bytes of them exist.
    let bytes = hex("0d 0000000020000000 0000000000000001 0000000000000002");
    assert!(matches!(decode::<Message>(&bytes, V), Err(DecodeError::NeedMore { .. })));
    let e = PipeReader::new(&bytes[..], V).receive::<Message>().unwrap_err();
    assert!(matches!(e, DecodeError::Ended { offset: 25 }), "{e}");
}

#[test]
fn unknown_tags_name_tag_and_offset() {
    assert_eq!(problem::<Message>(&hex("27")), (0, Problem::Tag(39)));
    assert_eq!(problem::<Message>(&hex("13 01 00 00 00 02")), (5, Problem::Tag(2)));
    assert_eq!(problem::<ThMessage>(&hex("17")), (0, Problem::Tag(23)));
    assert_eq!(problem::<bool>(&hex("02")), (0, Problem::Tag(2)));
    assert_eq!(problem::<Encoded<ast::Dec>>(&hex("18")), (0, Problem::Tag(24)));
    let e = decode_all::<Message>(&hex("27"), V).unwrap_err();
    assert_eq!(e.to_string(), "byte 0: Message: no constructor has tag 39");
}

#[test]
fn nesting_is_bounded() {
    // EvalApp (EvalApp (EvalApp …
    let deep = [hex("13 00000000"), vec![1; 100_000]].concat();
    let (offset, what) = problem::<Message>(&deep);
    assert_eq!(what, Problem::Depth(DEPTH_LIMIT));
    assert!(offset <= u64::from(DEPTH_LIMIT) + 6, "{offset}");
}

#[test]
fn deep_syntax_trees_take_no_native_stack() {
    // ParensE (ParensE … (VarE …)): as deep as a large splice may be.
    let mut bytes = vec![7; 500_000];
    bytes.extend(hex("00 0000000000000001 78 00"));
    let expression = decode_all::<Encoded<ast::Exp>>(&bytes, V).unwrap();
    assert_eq!(expression.bytes(), bytes);
    assert!(format!("{expression:?}").len() < 1000);
    // A pair of expressions is open at every level: AppE (AppE …
    let e = PipeReader::new(Endless(3), V).receive::<Encoded<ast::Exp>>().unwrap_err();
    assert!(matches!(e, DecodeError::Invalid { problem: Problem::Depth(_), .. }), "{e}");
}

#[test]
fn only_shortest_forms_are_accepted() {
    // 5 as a large Integer, an Integer with a zero on top, sign byte 2.
    assert_eq!(problem::<number::Integer>(&hex("01 01 0000000000000001 05")).1, Problem::NotCanonical);
    assert_eq!(problem::<number::Integer>(&hex("01 01 0000000000000006 010203040500")).1, Problem::NotCanonical);
    assert_eq!(problem::<number::Integer>(&hex("01 02 0000000000000005 0102030405")).1, Problem::Tag(2));
    // '/' in two bytes, a continuation byte alone, beyond U+10FFFF.
    assert_eq!(problem::<HsString>(&hex("0000000000000001 c0af")), (8, Problem::Utf8(0xc0)));
    assert_eq!(problem::<HsString>(&hex("0000000000000002 61 80")), (9, Problem::Utf8(0x80)));
    assert_eq!(problem::<HsString>(&hex("0000000000000001 f4908080")), (8, Problem::CodePoint(0x11_0000)));
    assert_eq!(problem::<HsString>(&hex("0000000000000001 e282 41")), (8, Problem::Utf8(0x41)));
}

#[test]
fn array_bounds_are_checked() {
    let bco = |bounds: &str| hex(&format!("0000000000000001 01 0000000000000000 {bounds}"));
    type Bcos = Encoded<bco::ResolvedBCOs>;
    for bounds in ["0000000000000005 0000000000000001", "8000000000000000 7fffffffffffffff"] {
        assert!(matches!(problem::<Bcos>(&bco(bounds)).1, Problem::Bounds(..)));
    }
    let huge = bco("0000000000000000 0fffffffffffffff");
    assert!(matches!(problem::<Bcos>(&huge).1, Problem::TooLong { .. }));
}

#[test]
fn messages_are_bounded_as_a_whole() {
    // Chunk after chunk of a million bytes, no count absurd by itself.
    let mut stream: Box<dyn io::Read> = Box::new(io::empty());
    let chunk = [hex("0000000000002710"), vec![0; 10_000]].concat();
    for _ in 0..30 {
        stream = Box::new(io::Read::chain(io::Cursor::new(chunk.clone()), stream));
    }
    let message = io::Read::chain(io::Cursor::new(hex("0c 00000000000003e8")), stream);
    let mut reader = PipeReader::new(message, V);
    let mut d = Decoder::with_limit(&mut reader, V, 100_000);
    let e = Message::get(&mut d).unwrap_err();
    assert!(matches!(e, DecodeError::Invalid { problem: Problem::TooLong { .. }, .. }), "{e}");
}

/// Decode as everything that may come from a peer; only panics and disagreement matter.
fn decode_everything(bytes: &[u8]) {
    if let Ok((message, len)) = decode::<Message>(bytes, V) {
        assert_eq!(encode(&message, V).unwrap(), bytes[..len], "{message:?}");
        // A trace shows it, a replay looks into it.
        let _ = format!("{message:?}");
        message.clone().visit_handles(&mut |_| ());
        if let Message::CreateBCOs(m) = &message {
            m.chunks.iter().for_each(|chunk| drop(chunk.decode(V)));
        }
    }
    if let Ok((message, len)) = decode::<ThMessage>(bytes, V) {
        assert_eq!(encode(&message, V).unwrap(), bytes[..len], "{message:?}");
        let _ = format!("{message:?}");
    }
    let _ = decode::<closure::GenClosure<HValueRef>>(bytes, V);
    let _ = decode::<THResult<Encoded<ast::Info>>>(bytes, V);
    let _ = decode::<Encoded<bco::ResolvedBCOs>>(bytes, V);
    let _ = PipeReader::new(bytes, V).receive::<Message>();
}

/// 100,000 streams (or `BCVM_FUZZ_CASES`): half of them random, half a valid message with a few bytes changed, inserted or cut.
#[test]
fn random_and_mutated_streams() {
    let mut rng = TestRng::from_seed(RngAlgorithm::XorShift, b"malformed input!");
    let mut decoded = 0u32;
    let cases = std::env::var("BCVM_FUZZ_CASES").map_or(100_000, |n| n.parse().unwrap());
    for round in 0..cases {
        let mut bytes = vec![0; (rng.next_u32() % 120) as usize];
        rng.fill_bytes(&mut bytes);
        if round % 2 == 0 {
            // Random bytes behind a known tag, counts made small so that decoding gets somewhere.
            if let Some(first) = bytes.first_mut() {
                *first %= 40;
            }
            for chunk in bytes.chunks_mut(9) {
                chunk[1..].iter_mut().take(7).for_each(|b| *b = 0);
            }
        } else {
            bytes = encode(&Message::sample(&mut Gen::new(&bytes)), V).unwrap();
            for _ in 0..rng.next_u32() % 4 {
                let at = rng.next_u32() as usize % bytes.len();
                match rng.next_u32() % 3 {
                    0 => bytes[at] ^= 1 << (rng.next_u32() % 8),
                    1 => bytes.insert(at, rng.next_u32() as u8),
                    _ => bytes.truncate(at.max(1)),
                }
            }
        }
        decoded += u32::from(decode::<Message>(&bytes, V).is_ok());
        decode_everything(&bytes);
    }
    // Not all of it may be refused early, or nothing is tested.
    assert!(decoded > cases / 5, "{decoded}");
}
