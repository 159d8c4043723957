//! Our own wire, for Rust programs and files: the same messages through serde and bincode, in frames.
//!
//! A stream begins with a hello that names the format and its version; a reader of another version refuses it there
//! instead of misreading what follows. Then come frames: a length (`u32`, little-endian) and so many bytes. Unlike
//! GHC's wire it does not need to be understood to be cut into messages, and a unit reply is a frame like any other.

use std::io::{self, Read, Write};

use bincode::config;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Increased with every change to a type that travels.
pub const FORMAT: u16 = 1;

/// Begins every stream.
const MAGIC: &[u8; 6] = b"bcvm/n";

/// A longer frame is refused, by either side.
pub const FRAME_LIMIT: u32 = 1 << 30;

/// What can go wrong on this wire.
#[derive(Debug, thiserror::Error)]
pub enum NativeError {
    /// The stream ended between frames, which may be just as meant.
    #[error("end of the stream")]
    Ended,
    /// Reading or writing failed, or the stream ended inside a frame.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The system's reason.
        source: io::Error,
    },
    /// The stream does not begin as ours do.
    #[error("the stream begins with {0:02x?}, which is no hello of bcvm")]
    Magic([u8; 6]),
    /// The other side is older or newer.
    #[error("the other side speaks format {theirs}, this one {FORMAT}")]
    Format {
        /// Its version.
        theirs: u16,
    },
    /// A frame is too long.
    #[error("a frame of {0} bytes is beyond the limit")]
    TooLong(u64),
    /// A frame holds no value of the type.
    #[error("decoding a frame: {0}")]
    Decode(#[from] bincode::error::DecodeError),
    /// A frame holds more than one value.
    #[error("a frame has {0} bytes left over")]
    Trailing(usize),
    /// A value has no encoding.
    #[error("encoding a frame: {0}")]
    Encode(#[from] bincode::error::EncodeError),
}

fn io_error(doing: &'static str) -> impl FnOnce(io::Error) -> NativeError {
    move |source| NativeError::Io { doing, source }
}

/// Begin a stream.
pub fn write_hello(mut to: impl Write) -> Result<(), NativeError> {
    let hello = [&MAGIC[..], &FORMAT.to_le_bytes()].concat();
    to.write_all(&hello).and_then(|()| to.flush()).map_err(io_error("writing the hello"))
}

/// Check that a stream begins as it should.
pub fn read_hello(mut from: impl Read) -> Result<(), NativeError> {
    let (mut magic, mut format) = ([0; 6], [0; 2]);
    from.read_exact(&mut magic).map_err(io_error("reading the hello"))?;
    if magic != *MAGIC {
        return Err(NativeError::Magic(magic));
    }
    from.read_exact(&mut format).map_err(io_error("reading the hello"))?;
    match u16::from_le_bytes(format) {
        FORMAT => Ok(()),
        theirs => Err(NativeError::Format { theirs }),
    }
}

/// Send a value.
pub fn write_frame<T: Serialize>(mut to: impl Write, value: &T) -> Result<(), NativeError> {
    let mut frame = vec![0; 4];
    bincode::serde::encode_into_std_write(value, &mut frame, config::standard())?;
    let len = frame.len() - 4;
    let Some(len) = u32::try_from(len).ok().filter(|&len| len <= FRAME_LIMIT) else {
        return Err(NativeError::TooLong(len as u64));
    };
    frame[..4].copy_from_slice(&len.to_le_bytes());
    to.write_all(&frame).and_then(|()| to.flush()).map_err(io_error("writing a frame"))
}

/// Wait for a value.
pub fn read_frame<T: DeserializeOwned>(mut from: impl Read) -> Result<T, NativeError> {
    let mut len = [0; 4];
    match from.read(&mut len[..1]).map_err(io_error("reading a frame"))? {
        0 => return Err(NativeError::Ended),
        _ => from.read_exact(&mut len[1..]).map_err(io_error("reading a frame"))?,
    }
    let len = u32::from_le_bytes(len);
    if len > FRAME_LIMIT {
        return Err(NativeError::TooLong(len.into()));
    }
    // Grows with what arrives, whatever the length claims.
    let mut frame = Vec::new();
    from.take(len.into()).read_to_end(&mut frame).map_err(io_error("reading a frame"))?;
    if frame.len() < len as usize {
        return Err(io_error("reading a frame")(io::ErrorKind::UnexpectedEof.into()));
    }
    let (value, used) = bincode::serde::decode_from_slice(&frame, config::standard())?;
    match frame.len() - used {
        0 => Ok(value),
        rest => Err(NativeError::Trailing(rest)),
    }
}
