//! Any bytes as the text of a policy file. What must hold is in `bcvm_fuzz::targets::policy`.
//!
//! `cargo +nightly fuzz run --features libfuzzer policy -- -max_total_time=60 -rss_limit_mb=1024`

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bcvm_fuzz::targets::policy::check(data));
