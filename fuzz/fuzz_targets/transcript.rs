//! Any bytes as the recording of a session: no panic, and an end.
//!
//! `cargo +nightly fuzz run transcript -- -max_total_time=60 -rss_limit_mb=512`

#![no_main]

use bcvm_engine::protocol::GhcVersion;
use bcvm_engine::transcript::Transcript;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(transcript) = Transcript::parse(data) {
        for exchange in transcript.exchanges(GhcVersion::V9_0) {
            drop(format!("{exchange:?}"));
        }
    }
});
