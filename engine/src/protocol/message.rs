//! The types that the rows of `table` declare: one per message, and enums over all of them.
//!
//! [`request`] and [`th_request`] hold a struct per message, [`Message`] and [`ThMessage`] any of them,
//! [`MessageKind`] and [`ThMessageKind`] which one it is (name, tag, key of statistics), [`Reply`] and [`ThReply`] any
//! reply.

use super::bco::BcoChunk;
use super::binary::{Binary, Decoder, Encoder, Handle};
use super::closure::GenClosure;
use super::declare::columns;
use super::error::DecodeError;
use super::shape::Encoded;
use super::table::{for_each_message, for_each_th_message};
use super::text::{Bytes, HsString};
use super::th::ast;
use super::types::*;
use super::version::{GhcVersion, Tags, check_tags_distinct};

/// A message, as the type that its table row declares.
pub trait Request: Binary {
    /// Which row.
    type Kind;
    /// What comes back; `()` means that nothing does.
    type Reply: Binary;
    /// The row.
    const KIND: Self::Kind;
}

/// A request that the server answers without asking back.
pub trait PlainRequest: Request<Kind = MessageKind> + Into<Message> {}

/// A request during which the server asks back.
pub trait AskingRequest: Request<Kind = MessageKind> + Into<Message> {}

/// Which of the two a row of the message table is. (The requests of a splice are neither.)
macro_rules! role {
    (request $name:ident) => {
        impl PlainRequest for request::$name {}
    };
    (request $name:ident th) => {
        impl AskingRequest for request::$name {}
    };
    (th_request $($any:tt)*) => {};
}

/// Turns the rows of a table into types.
macro_rules! define_messages {
    (
        [$module:ident, $message:ident, $kind:ident, $reply:ident]
        $(
            $(#[$meta:meta])*
            $name:ident $($method:ident)? = $tag:tt {
                $( $(#[$field_meta:meta])* $field:ident: $ty:ty ),* $(,)?
            } $(with $th:ident)? -> $reply_ty:ty;
        )+
    ) => {
        /// A struct per message.
        pub mod $module {
            use super::*;

            $(
                crate::protocol::declare::wire_struct! {
                    $(#[$meta])*
                    $name { $( $(#[$field_meta])* $field: $ty ),* }
                }

                impl Request for $name {
                    type Kind = $kind;
                    type Reply = $reply_ty;
                    const KIND: $kind = $kind::$name;
                }

                impl From<$name> for $message {
                    fn from(message: $name) -> $message {
                        $message::$name(message)
                    }
                }
            )+
        }

        $( role!($module $name $($th)?); )+

        /// Which message.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $kind { $( $(#[$meta])* $name ),+ }

        impl $kind {
            /// All of them, in table order.
            pub const ALL: &[$kind] = &[$($kind::$name),+];

            const ROWS: &[(Tags, $kind)] = &[$( (columns!($tag), $kind::$name) ),+];

            /// GHC's name of the message.
            pub const fn name(self) -> &'static str {
                match self { $( $kind::$name => stringify!($name) ),+ }
            }

            /// Its number, if `version` has it.
            pub fn tag(self, version: GhcVersion) -> Option<u8> {
                Self::ROWS[self as usize].0[version.column()]
            }

            /// The message that has the number in `version`.
            pub fn from_tag(tag: u8, version: GhcVersion) -> Option<$kind> {
                let row = Self::ROWS.iter().find(|(tags, _)| tags[version.column()] == Some(tag));
                row.map(|&(_, kind)| kind)
            }

            /// Whether a reply is sent: one of type `()` is not.
            pub fn has_reply(self) -> bool {
                match self { $( $kind::$name => !<$reply_ty as Binary>::EMPTY ),+ }
            }

            /// Whether the server asks back before it replies.
            pub fn asks_back(self) -> bool {
                match self { $( $kind::$name => !<[&str]>::is_empty(&[$(stringify!($th))?]) ),+ }
            }
        }

        const _: () = assert!(check_tags_distinct($kind::ROWS));

        /// Any message.
        #[derive(Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $message { $( $(#[$meta])* $name($module::$name) ),+ }

        impl $message {
            /// Which message it is.
            pub fn kind(&self) -> $kind {
                match self { $( $message::$name(_) => $kind::$name ),+ }
            }

            /// Decode the fields of a message whose tag has been read.
            pub fn get_fields(kind: $kind, d: &mut Decoder<'_>) -> Result<$message, DecodeError> {
                match kind { $( $kind::$name => Binary::get(d).map($message::$name) ),+ }
            }
        }

        impl std::fmt::Debug for $message {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self { $( $message::$name(message) => message.fmt(f) ),+ }
            }
        }

        impl Binary for $message {
            fn put(&self, e: &mut Encoder) {
                e.tag(&$kind::ROWS[self.kind() as usize].0, self.kind().name());
                match self { $( $message::$name(message) => message.put(e) ),+ }
            }

            fn get(d: &mut Decoder<'_>) -> Result<$message, DecodeError> {
                let kind = d.tag(stringify!($message), $kind::ROWS)?;
                $message::get_fields(kind, d)
            }

            fn visit_handles(&mut self, visit: &mut dyn FnMut(Handle<'_>)) {
                match self { $( $message::$name(message) => message.visit_handles(visit) ),+ }
            }
        }

        /// The reply to any message.
        #[derive(Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $reply {
            $(
                #[doc = concat!("To `", stringify!($name), "`.")]
                $name(<$module::$name as Request>::Reply),
            )+
        }

        impl $reply {
            /// To which message.
            pub fn kind(&self) -> $kind {
                match self { $( $reply::$name(_) => $kind::$name ),+ }
            }

            /// Decode the reply to a message of that kind.
            pub fn get(kind: $kind, d: &mut Decoder<'_>) -> Result<$reply, DecodeError> {
                match kind { $( $kind::$name => Binary::get(d).map($reply::$name) ),+ }
            }

            /// Append the encoding.
            pub fn put(&self, e: &mut Encoder) {
                match self { $( $reply::$name(reply) => reply.put(e) ),+ }
            }

            /// As [`Binary::visit_handles`].
            pub fn visit_handles(&mut self, visit: &mut dyn FnMut(Handle<'_>)) {
                match self { $( $reply::$name(reply) => reply.visit_handles(visit) ),+ }
            }
        }

        impl std::fmt::Debug for $reply {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self { $( $reply::$name(reply) => reply.fmt(f) ),+ }
            }
        }

        #[cfg(test)]
        impl super::sample::Sample for $message {
            fn sample(g: &mut super::sample::Gen<'_>) -> Self {
                match g.pick($kind::ALL) { $( $kind::$name => $message::$name(super::sample::Sample::sample(g)) ),+ }
            }
        }

        #[cfg(test)]
        impl super::sample::Sample for $reply {
            fn sample(g: &mut super::sample::Gen<'_>) -> Self {
                match g.pick($kind::ALL) { $( $kind::$name => $reply::$name(super::sample::Sample::sample(g)) ),+ }
            }
        }
    };
}

for_each_message!(define_messages [request, Message, MessageKind, Reply]);
for_each_th_message!(define_messages [th_request, ThMessage, ThMessageKind, ThReply]);

impl MessageKind {
    /// Whether Haskell code runs on behalf of the message, so that an interrupt concerns it.
    pub fn evaluates(self) -> bool {
        use MessageKind::*;
        matches!(
            self,
            EvalStmt
                | ResumeStmt
                | EvalString
                | EvalStringToString
                | EvalIO
                | RunModFinalizers
                | RunTH
                | Seq
                | ResumeSeq
        )
    }
}
