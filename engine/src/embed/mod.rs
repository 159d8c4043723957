//! x
pub static G: &[u8] = include_bytes!(env!("BCVM_GUEST_WASM"));
