//! Any bytes as a message, a question of a splice, a reply: no panic, bounded memory, and what decodes encodes to the
//! same bytes.
//!
//! `cargo +nightly fuzz run message -- -max_total_time=60 -rss_limit_mb=512`

#![no_main]

use bcvm_engine::protocol::error::DecodeError;
use bcvm_engine::protocol::pipe::PipeReader;
use bcvm_engine::protocol::shape::Encoded;
use bcvm_engine::protocol::th::ast;
use bcvm_engine::protocol::{
    Binary, Decoder, GhcVersion, Message, MessageKind, Reply, ThMessage, ThMessageKind, ThReply,
    decode, encode,
};
use libfuzzer_sys::fuzz_target;

const V: GhcVersion = GhcVersion::V9_0;

fuzz_target!(|data: &[u8]| {
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
});

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
