//! Any bytes as a `.bcb` file. What must hold is in `bcvm_fuzz::targets::container`.
//!
//! `cargo +nightly fuzz run --features libfuzzer container -- -max_total_time=60 -rss_limit_mb=1024`

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bcvm_fuzz::targets::container::check(data));
