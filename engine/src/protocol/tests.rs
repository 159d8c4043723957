//! Tests of the wire: round trips, bytes that a real GHC wrote, hostile input.

mod fixtures;
mod hostile;
mod roundtrip;

/// Bytes from hexadecimal digits; spaces separate.
fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
