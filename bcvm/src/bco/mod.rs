//! Byte code objects: their wire form and their creation.
//!
//! | file | what |
//! |---|---|
//! | [`resolved`] | `ResolvedBCO` as a value, and its wire encoding |
//! | [`reader`] | reading the encoding |
//! | [`create`] | from wire bytes straight into heap objects |

pub mod create;
pub mod reader;
pub mod resolved;
