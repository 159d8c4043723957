//! Any bytes as the text of an STG program. What must hold is in `bcvm_fuzz::targets::stg`.
//!
//! `cargo +nightly fuzz run --features libfuzzer stg -- -max_total_time=60 -rss_limit_mb=1024`

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bcvm_fuzz::targets::stg::check(data));
