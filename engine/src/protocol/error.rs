//! What can be wrong with bytes on the wire, and with values that should go there.
//!
//! Every error names the byte offset in the stream. "More bytes are needed" is a variant of its own because for an
//! incremental reader it is no error at all.

use std::io;

/// Why a value could not be decoded.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The bytes so far are a proper beginning; at least `needed` more must come.
    #[error("the input stops in the middle of a value, at least {needed} more bytes are needed")]
    NeedMore {
        /// A lower bound for what is missing.
        needed: usize,
    },
    /// The stream ended.
    #[error("end of file at byte {offset}, while more bytes were expected")]
    Ended {
        /// Where it ended.
        offset: u64,
    },
    /// The bytes cannot be a value of the type.
    #[error("byte {offset}: {what}: {problem}")]
    Invalid {
        /// Where the offending part begins.
        offset: u64,
        /// The type that was being decoded.
        what: &'static str,
        /// What was found.
        problem: Problem,
    },
    /// The operating system refused to read.
    #[error("cannot read at byte {offset}: {source}")]
    Read {
        /// How many bytes had been read before.
        offset: u64,
        /// The system's reason.
        source: io::Error,
    },
}

/// What was found where a value should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A constructor number the type does not have.
    #[error("no constructor has tag {0}")]
    Tag(u8),
    /// A count that is negative.
    #[error("a count of {0}")]
    Negative(i64),
    /// More bytes or elements, each of them a byte at least, than a message may have.
    #[error("{len} of them go beyond the {limit} bytes that a message may have")]
    TooLong {
        /// How many.
        len: u64,
        /// The limit of the whole message.
        limit: u64,
    },
    /// A byte that begins or continues no character.
    #[error("byte {0:#04x} is no part of an encoded character")]
    Utf8(u8),
    /// Beyond U+10FFFF.
    #[error("{0:#x} is not a code point")]
    CodePoint(u32),
    /// An integer that has a shorter encoding, which GHC would have used.
    #[error("the number is not in its shortest form")]
    NotCanonical,
    /// Values nested too deeply.
    #[error("values are nested more than {0} levels deep")]
    Depth(u32),
    /// Array bounds that describe no array.
    #[error("array bounds {0}..{1} describe no array")]
    Bounds(i64, i64),
    /// Bytes after the end of a value that should fill its container.
    #[error("{0} bytes are left over after the value")]
    Trailing(usize),
}

/// Why a value cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} does not exist on the wire of GHC {version}")]
pub struct EncodeError {
    /// The constructor or message.
    pub what: &'static str,
    /// The version that lacks it.
    pub version: &'static str,
}
