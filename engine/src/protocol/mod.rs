//! GHC's wire: what travels between GHC and an interpreter server, as types and bytes.
//!
//! | file | owns |
//! |---|---|
//! | `table` | the rows of both message tables |
//! | `message` | the types made from the rows |
//! | `types`, `closure`, `th::ast`, `bco` | what occurs inside messages |
//! | `number`, `text`, `prim` | numbers, strings, lists |
//! | `declare`, `shape` | how types are declared: as Rust types, or as data |
//! | `binary`, `input`, `error` | GHC's `Data.Binary`: encoder, decoder, sources of bytes, errors |
//! | `version` | the GHC versions, one tag column each |
//! | `pipe` | reading and writing values on a pipe |
//! | `native` | the same messages on a wire of our own |
//!
//! What a message *does* is not here: see `server` (answering) and `external` (asking).

pub mod bco;
pub mod binary;
pub mod closure;
pub(crate) mod declare;
pub mod error;
pub mod input;
pub mod message;
pub mod native;
pub mod number;
pub mod pipe;
mod prim;
#[cfg(test)]
mod sample;
pub mod shape;
pub(crate) mod table;
#[cfg(test)]
mod tests;
pub mod text;
pub mod th;
pub mod types;
pub mod version;

pub use binary::{Binary, Decoder, Encoder, Handle, decode, decode_all, encode};
pub use error::{DecodeError, EncodeError, Problem};
pub use message::{
    AskingRequest, Message, MessageKind, PlainRequest, Reply, Request, ThMessage, ThMessageKind, ThReply, request,
    th_request,
};
pub use text::{Bytes, HsString};
pub use version::GhcVersion;
