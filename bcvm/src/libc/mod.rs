//! C functions that run inside the machine: what byte code calls by CCALL, and compiled code directly.
//!
//! | file | what |
//! |---|---|
//! | [`table`] | every function by number: symbol, representations, implementation |
//! | [`string`], [`memory`] | `string.h` |
//! | [`math`] | `math.h`, from the crate `libm` |
//! | [`thread`] | the runtime's, around foreign calls and CAFs |

pub mod math;
pub mod memory;
pub mod string;
pub mod table;
pub mod thread;
