//! Any bytes as a message of GHC's wire. What must hold is in `bcvm_fuzz::targets::message`.
//!
//! `cargo +nightly fuzz run --features libfuzzer message -- -max_total_time=60 -rss_limit_mb=1024`

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bcvm_fuzz::targets::message::check(data));
