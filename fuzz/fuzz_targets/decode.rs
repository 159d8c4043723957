//! Any bytes as a chunk of BCOs. What must hold is in `bcvm_fuzz::targets::decode`.
//!
//! `cargo +nightly fuzz run --features libfuzzer decode -- -max_total_time=60 -rss_limit_mb=1024`

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bcvm_fuzz::targets::decode::check(data));
