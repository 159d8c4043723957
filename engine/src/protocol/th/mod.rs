//! Template Haskell on the wire.
//!
//! `ast` holds the shapes of the syntax tree; the messages a splice sends are in the common
//! [tables](crate::protocol::message).

pub mod ast;
