//! `string.h` and other functions of memory alone.

use super::memory;
use super::table::functions;

/// A function of memory and at most three words.
macro_rules! mem {
    ($f:path) => {
        |m, [a, b, c, ..]| $f(&mut m.mem, [a, b, c])
    };
}

functions! {
    "memcpy" "nnn" b'n' = mem!(memory::memmove);
    "memmove" "nnn" b'n' = mem!(memory::memmove);
    "memset" "nnn" b'n' = mem!(memory::memset);
    "memcmp" "nnn" b'n' = mem!(memory::memcmp);
    "memchr" "nnn" b'n' = mem!(memory::memchr);
    "strlen" "n" b'n' = mem!(memory::strlen);
    "strcmp" "nn" b'n' = |m, [a, b, ..]| memory::strncmp(&mut m.mem, [a, b, u32::MAX as u64]);
    "strncmp" "nnn" b'n' = mem!(memory::strncmp);
    "labs" "n" b'n' = |_, [x, ..]| (x as i64).wrapping_abs() as u64;
}
