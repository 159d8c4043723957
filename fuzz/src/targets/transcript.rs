//! Any bytes as the recording of a session: no panic, and an end.

use bcvm_engine::protocol::GhcVersion;
use bcvm_engine::transcript::Transcript;

use crate::driver::Random;

/// See the top of the file.
pub fn check(data: &[u8]) {
    if let Ok(transcript) = Transcript::parse(data) {
        for exchange in transcript.exchanges(GhcVersion::V9_0) {
            drop(format!("{exchange:?}"));
        }
    }
}

/// A recording of messages, cut into chunks anywhere.
pub fn sound(random: &mut Random) -> Vec<u8> {
    let mut out = b"bcvm transcript 1\n".to_vec();
    for _ in 0..random.below(6) {
        let message = super::message::sound(random).split_off(1);
        let (first, second) = message.split_at(random.below(message.len()));
        for (chunk, direction) in [(first, b'>'), (second, b'>'), (&[0; 9][..], b'<')] {
            out.push(direction);
            out.extend(0f64.to_le_bytes());
            out.extend((chunk.len() as u32).to_le_bytes());
            out.extend(chunk);
        }
    }
    out
}
