//! Any bytes as a message, a question of a splice, a reply: no panic, bounded memory, and what decodes encodes to the
//! same bytes.

use bcvm_engine::protocol::bco::BcoChunk;
use bcvm_engine::protocol::error::DecodeError;
use bcvm_engine::protocol::pipe::PipeReader;
use bcvm_engine::protocol::shape::Encoded;
use bcvm_engine::protocol::th::ast;
use bcvm_engine::protocol::{
    Binary, Decoder, GhcVersion, Message, MessageKind, Reply, ThMessage, ThMessageKind, ThReply, decode, encode,
    request,
};

use crate::driver::Random;

const V: GhcVersion = GhcVersion::V9_0;

/// See the top of the file.
pub fn check(data: &[u8]) {
    let Some((&selector, bytes)) = data.split_first() else {
        return;
    };
    match selector % 6 {
        0 => same_bytes::<Message>(bytes),
        1 => same_bytes::<ThMessage>(bytes),
        2 => same_bytes::<Vec<Encoded<ast::Dec>>>(bytes),
        3 => {
            let kind = MessageKind::ALL[usize::from(selector / 6) % MessageKind::ALL.len()];
            let mut reader = PipeReader::new(bytes, V);
            drop(Reply::get(kind, &mut reader.decoder()));
        }
        4 => {
            let kind = ThMessageKind::ALL[usize::from(selector / 6) % ThMessageKind::ALL.len()];
            let mut reader = PipeReader::new(bytes, V);
            drop(ThReply::get(kind, &mut reader.decoder()));
        }
        _ => session(bytes),
    }
}

/// A stream of messages through a pipe, as the server reads it.
fn session(bytes: &[u8]) {
    let mut reader = PipeReader::new(bytes, V);
    while let Ok(mut message) = reader.receive::<Message>() {
        message.visit_handles(&mut |_| ());
        drop(format!("{message:?}"));
    }
}

fn same_bytes<T: Binary + std::fmt::Debug>(bytes: &[u8]) {
    match decode::<T>(bytes, V) {
        Ok((value, len)) => {
            assert_eq!(encode(&value, V).ok().as_deref(), bytes.get(..len));
            drop(format!("{value:?}"));
        }
        // The same bytes from a pipe must fail, too, at the end of the stream.
        Err(DecodeError::NeedMore { .. }) => {
            let mut reader = PipeReader::new(bytes, V);
            let mut d: Decoder<'_> = reader.decoder();
            assert!(matches!(T::get(&mut d), Err(DecodeError::Ended { .. })));
        }
        Err(_) => {}
    }
}

/// A message of each of several forms, behind the byte that says what to take it for.
pub fn sound(random: &mut Random) -> Vec<u8> {
    let bytes = random.bytes(64);
    let n = random.next();
    let messages: [Message; 5] = [
        request::LookupSymbol { symbol: "stg_upd_frame_info".into() }.into(),
        request::MallocStrings { strings: vec![bytes.clone().into(), bytes.into()] }.into(),
        request::EnableBreakpoint { array: Default::default(), index: n as i64, enabled: n & 1 == 0 }.into(),
        request::NewBreakArray { size: n as i64 }.into(),
        request::CreateBCOs { chunks: vec![BcoChunk(random.bytes(40).into())] }.into(),
    ];
    let selector = [0u8, 5, n as u8][random.below(3)];
    let mut out = vec![selector];
    for _ in 0..=random.below(3) {
        out.extend(encode(&messages[random.below(messages.len())], V).expect("messages encode"));
    }
    out
}
