//! C functions that run inside the machine: what byte code calls by CCALL, and compiled code directly.
//!
//! | file | what |
//! |---|---|
//! | [`table`] | every function by number: symbol, representations, implementation |
//! | [`data`] | variables of the RTS and of C that packages name |
//! | [`state`] | what functions keep between calls |
//! | [`string`], [`memory`], [`number`], [`character`] | `string.h`, `stdlib.h`, `ctype.h`, `wctype.h` |
//! | [`os`], [`errno`] | what needs the outside: files, clocks, environment; numbers and texts of errors |
//! | [`stdio`] | `stdio.h` |
//! | [`wide`] | `wchar.h` |
//! | [`random`], [`pattern`] | pseudo-random numbers; patterns of names |
//! | [`exact`] | what gcc calls where there is no instruction |
//! | [`pthread`], [`shared`] | POSIX threads, of which there is one; what compilers call unasked |
//! | [`second_name`] | other names of functions |
//! | [`alloc`] | `malloc` and its kin |
//! | [`math`] | `math.h` |
//! | [`gmp`] | what `ghc-bignum` uses of GMP |
//! | [`thread`] | the RTS's functions around foreign calls and CAFs |
//! | [`collect`] | collections that C asks for |
//! | [`callback`], [`adjustor`] | how C calls back into Haskell; C functions made of Haskell functions |
//! | [`sort`] | `qsort` and `bsearch`, which call a function of the program |
//! | [`rts`], [`program`], [`static_pointers`], [`file_lock`] | the RTS's own functions |

pub mod adjustor;
pub mod alloc;
pub mod callback;
pub mod character;
pub mod collect;
pub mod data;
pub mod errno;
pub mod exact;
pub mod file_lock;
pub mod gmp;
pub mod math;
pub mod memory;
pub mod number;
pub mod os;
pub mod pattern;
pub mod program;
pub mod pthread;
pub mod random;
pub mod rts;
pub mod second_name;
pub mod shared;
pub mod sort;
pub mod state;
pub mod static_pointers;
pub mod stdio;
pub mod string;
pub mod table;
pub mod thread;
pub mod wide;

#[cfg(test)]
mod harness;
#[cfg(test)]
mod tests;
