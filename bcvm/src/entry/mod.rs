//! The `stg_*` symbols that code and heap refer to, and the closures the runtime itself provides.
//!
//! | file | what |
//! |---|---|
//! | [`table`] | every built-in entry, in the order of its table slot |
//! | [`closures`] | built-in static closures: small Ints and Chars, constructors, exceptions, primop wrappers |
//! | [`image`] | writes both into the RTS region |
//! | [`bound`] | what the runtime uses of packages once they are loaded |
//! | [`known`] | functions of packages that the interpreter carries out itself |
//! | [`registers`] | which registers hold something where compiled code jumps to one |
//! | [`symbol`] | names to addresses and back, z-encoding |

pub mod bound;
pub mod closures;
pub mod image;
pub mod known;
pub mod registers;
pub mod symbol;
pub mod table;

pub use table::Entry;
