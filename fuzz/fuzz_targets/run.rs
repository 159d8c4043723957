//! Any bytes as a chunk of BCOs, all of which are evaluated. What must hold is in `bcvm_fuzz::targets::run`.
//!
//! `cargo +nightly fuzz run --features libfuzzer run -- -max_total_time=60 -rss_limit_mb=1024`

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bcvm_fuzz::targets::run::check(data));
