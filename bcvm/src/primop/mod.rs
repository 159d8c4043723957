//! Primitive operations: what `GHC.PrimopWrappers` exports and byte code calls.
//!
//! | file | what |
//! |---|---|
//! | [`table`] | every primop: name, representations, where it is implemented |
//! | [`pure`] | arithmetic, comparison, conversion: words to a word |
//! | [`access`] | loads and stores of unboxed elements in byte arrays and at addresses |
//! | [`effect`] | the table of those that need the machine |
//! | [`mod@array`], [`byte_array`], [`mut_var`] | what can be written to |
//! | [`exception`] | catching, raising, masking, throwing |
//! | [`mvar`], [`stm`], [`thread`] | concurrency |
//! | [`mod@compact`] | compact regions |
//! | [`weak`], [`stable`] | weak and stable pointers, stable names |
//! | [`decode`], [`inspect`], [`misc`] | floating-point numbers, closures, the rest |

pub mod access;
pub mod array;
pub mod byte_array;
pub mod compact;
pub mod decode;
pub mod effect;
pub mod exception;
pub mod inspect;
pub mod misc;
pub mod mut_var;
pub mod mvar;
pub mod pure;
pub mod stable;
pub mod stm;
pub mod table;
pub mod thread;
pub mod weak;
