//! Any bytes as the recording of a session. What must hold is in `bcvm_fuzz::targets::transcript`.
//!
//! `cargo +nightly fuzz run --features libfuzzer transcript -- -max_total_time=60 -rss_limit_mb=1024`

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bcvm_fuzz::targets::transcript::check(data));
