//! Any bytes as an object file, a shared object or an archive. What must hold is in `bcvm_fuzz::targets::object`.
//!
//! `cargo +nightly fuzz run --features libfuzzer object -- -max_total_time=60 -rss_limit_mb=1024`

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bcvm_fuzz::targets::object::check(data));
