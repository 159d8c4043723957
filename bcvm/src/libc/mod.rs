//! C functions that run inside the machine: what byte code calls by CCALL, and compiled code directly.
//!
//! | file | what |
//! |---|---|
//! | [`table`] | every function by number: symbol, representations, implementation |
//! | [`string`], [`memory`] | `string.h` |
//! | [`os`], [`errno`] | what needs the outside: files, clocks, environment; numbers and texts of errors |
//! | [`math`] | `math.h`, from the crate `libm` |

pub mod errno;
pub mod math;
pub mod memory;
pub mod os;
pub mod string;
pub mod table;
