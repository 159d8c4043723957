//! What is encoded decodes to the same value, whole or arriving in parts.

use std::collections::HashSet;
use std::io::{self, Read};

use proptest::prelude::*;

use crate::protocol::binary::{decode, decode_all, encode};
use crate::protocol::error::DecodeError;
use crate::protocol::number::{DecodedFloat, Integer, Natural};
use crate::protocol::pipe::{PipeReader, PipeWriter};
use crate::protocol::sample::{Gen, Sample};
use crate::protocol::shape::Encoded;
use crate::protocol::th::ast;
use crate::protocol::*;

const V: GhcVersion = GhcVersion::V9_0;

fn choices() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..600)
}

/// decode(encode(x)) = x, and every proper prefix asks for more.
fn check_roundtrip<T: Binary + Sample + PartialEq + std::fmt::Debug>(choices: &[u8]) -> Result<(), TestCaseError> {
    let value = T::sample(&mut Gen::new(choices));
    let bytes = encode(&value, V).unwrap();
    prop_assert_eq!(&decode_all::<T>(&bytes, V).unwrap(), &value);
    for cut in [0, bytes.len() / 3, bytes.len() / 2, bytes.len().saturating_sub(1)] {
        if cut < bytes.len() {
            match decode::<T>(&bytes[..cut], V) {
                Err(DecodeError::NeedMore { needed }) => prop_assert!(needed <= bytes.len() - cut),
                other => prop_assert!(false, "{cut} of {} bytes gave {other:?}", bytes.len()),
            }
        }
    }
    Ok(())
}

macro_rules! roundtrips {
    ($($test:ident: $ty:ty;)+) => {
        proptest! {$(
            #[test]
            fn $test(choices in choices()) {
                check_roundtrip::<$ty>(&choices)?;
            }
        )+}
    };
}

roundtrips! {
    messages: Message;
    th_messages: ThMessage;
    integers: Integer;
    naturals: Natural;
    strings: HsString;
    closures: closure::GenClosure<types::HValueRef>;
    byte_code: Encoded<bco::ResolvedBCOs>;
    expressions: Encoded<ast::Exp>;
    declarations: Vec<Encoded<ast::Dec>>;
    patterns: Encoded<ast::Pat>;
    haskell_types: Encoded<ast::Type>;
    reified: Encoded<ast::Info>;
    type_reps: Encoded<ast::SomeTypeRep>;
    annotations: Encoded<ast::Serialized>;
}

proptest! {
    #[test]
    fn replies(choices in choices()) {
        let reply = Reply::sample(&mut Gen::new(&choices));
        let mut e = Encoder::new(V);
        reply.put(&mut e);
        let bytes = e.finish().unwrap();
        let mut input = input::SliceInput::new(&bytes);
        prop_assert_eq!(Reply::get(reply.kind(), &mut Decoder::new(&mut input, V)).unwrap(), reply.clone());
        prop_assert_eq!(input.position(), bytes.len());
        prop_assert!(reply.kind().has_reply() || bytes.is_empty());
    }

    #[test]
    fn th_replies(choices in choices()) {
        let reply = ThReply::sample(&mut Gen::new(&choices));
        let mut e = Encoder::new(V);
        reply.put(&mut e);
        let bytes = e.finish().unwrap();
        let mut input = input::SliceInput::new(&bytes);
        prop_assert_eq!(ThReply::get(reply.kind(), &mut Decoder::new(&mut input, V)).unwrap(), reply);
        prop_assert_eq!(input.position(), bytes.len());
    }

    /// Many messages behind each other, read in pieces of any size.
    #[test]
    fn through_a_pipe(seeds in prop::collection::vec(choices(), 1..6), step in 1usize..70) {
        let messages: Vec<Message> = seeds.iter().map(|seed| Message::sample(&mut Gen::new(seed))).collect();
        let mut writer = PipeWriter::new(Vec::new(), V);
        for message in &messages {
            writer.put(message);
        }
        let mut bytes = Vec::new();
        bytes.extend_from_slice(writer.encoder().bytes().unwrap());
        let mut reader = PipeReader::new(Drip { bytes: &bytes, step }, V);
        for message in &messages {
            prop_assert_eq!(&reader.receive::<Message>().unwrap(), message);
        }
        prop_assert!(!reader.has_next().unwrap());
    }

    /// Replacing handles by themselves changes nothing; replacing them changes only them.
    #[test]
    fn visiting_handles(choices in choices()) {
        let mut message = Message::sample(&mut Gen::new(&choices));
        let before = encode(&message, V).unwrap();
        let mut seen = 0;
        message.visit_handles(&mut |_| seen += 1);
        prop_assert_eq!(&encode(&message, V).unwrap(), &before);
        message.visit_handles(&mut |handle| match handle {
            Handle::Ref(n) | Handle::Ptr(n) | Handle::Literal(n) => *n = !*n,
        });
        let after = encode(&message, V).unwrap();
        prop_assert_eq!(after.len(), before.len());
        prop_assert_eq!(after == before, seen == 0);
    }

    #[test]
    fn doubles(bits in any::<u64>()) {
        let x = f64::from_bits(bits);
        if x.is_finite() {
            let back = DecodedFloat::from_f64(x).to_f64().unwrap();
            prop_assert!(back == x, "{x:e} came back as {back:e}");
        }
    }

    #[test]
    fn floats(bits in any::<u32>()) {
        let x = f32::from_bits(bits);
        if x.is_finite() {
            prop_assert_eq!(DecodedFloat::from_f32(x).to_f64().unwrap(), f64::from(x));
        }
    }

    /// Any file name survives GHC's decoding with surrogate escapes (U+DC80–U+DCFF for bytes that are no text).
    #[test]
    fn file_names(name in prop::collection::vec(1u8.., 0..40)) {
        use std::os::unix::ffi::OsStrExt;
        let mut escaped = Vec::new();
        for chunk in name.utf8_chunks() {
            escaped.extend_from_slice(chunk.valid().as_bytes());
            for b in chunk.invalid() {
                escaped.extend([0xed, 0xb2 | (b >> 6 & 1), 0x80 | (b & 0x3f)]);
            }
        }
        let path = HsString::try_from(escaped).unwrap().to_path();
        prop_assert_eq!(path.as_os_str().as_bytes(), &name[..]);
    }

    /// Our own wire carries the same messages; damaged frames are errors.
    #[test]
    fn native_frames(seeds in prop::collection::vec(choices(), 1..4), damage in any::<prop::sample::Index>()) {
        let messages: Vec<Message> = seeds.iter().map(|seed| Message::sample(&mut Gen::new(seed))).collect();
        let mut stream = Vec::new();
        native::write_hello(&mut stream).unwrap();
        for message in &messages {
            native::write_frame(&mut stream, message).unwrap();
        }
        let mut rest = &stream[..];
        native::read_hello(&mut rest).unwrap();
        for message in &messages {
            prop_assert_eq!(&native::read_frame::<Message>(&mut rest).unwrap(), message);
        }
        prop_assert!(matches!(native::read_frame::<Message>(&mut rest), Err(native::NativeError::Ended)));

        let at = damage.index(stream.len());
        stream[at] ^= 0x55;
        let mut rest = &stream[..];
        prop_assert_eq!(native::read_hello(&mut rest).is_ok(), at >= 8);
        while at >= 8 && native::read_frame::<Message>(&mut rest).is_ok() {}
    }
}

/// The generator must reach what the other tests claim to cover.
#[test]
fn samples_reach_every_message() {
    let mut kinds = HashSet::new();
    for n in 0..=255 {
        kinds.insert(Message::sample(&mut Gen::new(&[n])).kind());
    }
    assert_eq!(kinds.len(), MessageKind::ALL.len());
}

/// Gives out at most `step` bytes per read.
struct Drip<'a> {
    bytes: &'a [u8],
    step: usize,
}

impl Read for Drip<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.step.min(buf.len()).min(self.bytes.len());
        let (now, later) = self.bytes.split_at(n);
        buf[..n].copy_from_slice(now);
        self.bytes = later;
        Ok(n)
    }
}
