//! The two ends of a pipe that carries messages.
//!
//! The reader asks the system for at least 64 KiB at a time, keeps what belongs to the next message, and lets bulk data
//! pass its buffer by. The writer sends a whole value with one system call where the pipe allows.

use std::io::{self, ErrorKind, Read, Write};

use super::binary::{Binary, Decoder, Encoder, SIZE_LIMIT};
use super::error::{DecodeError, EncodeError};
use super::input::Input;
use super::version::GhcVersion;

/// Room for one read; also what a Linux pipe holds by default.
const READ_SIZE: usize = 64 << 10;

/// Bulk data is read in steps that grow with what has arrived, from this one.
const BULK_STEP: usize = 256 << 10;

/// Reads values from a byte stream.
pub struct PipeReader<R> {
    inner: R,
    buffer: Vec<u8>,
    /// The unread part of `buffer`.
    start: usize,
    end: usize,
    offset: u64,
    version: GhcVersion,
    limit: u64,
}

impl<R: Read> PipeReader<R> {
    /// Read what GHC `version` or its server writes.
    pub fn new(inner: R, version: GhcVersion) -> Self {
        PipeReader { inner, buffer: vec![0; READ_SIZE], start: 0, end: 0, offset: 0, limit: SIZE_LIMIT, version }
    }

    /// Refuse values longer than `limit` bytes; [`SIZE_LIMIT`] at first.
    pub fn set_limit(&mut self, limit: u64) {
        self.limit = limit;
    }

    /// Wait for a value.
    pub fn receive<T: Binary>(&mut self) -> Result<T, DecodeError> {
        T::get(&mut self.decoder())
    }

    /// A decoder that waits for the bytes it needs.
    pub fn decoder(&mut self) -> Decoder<'_> {
        let (version, limit) = (self.version, self.limit);
        Decoder::with_limit(self, version, limit)
    }

    /// Whether bytes have been read that no value has taken.
    pub fn has_leftovers(&self) -> bool {
        self.start < self.end
    }

    /// Whether another value begins, waiting until that is known: false at a proper end of the stream.
    pub fn has_next(&mut self) -> Result<bool, DecodeError> {
        match self.fill(1) {
            Ok(()) => Ok(true),
            Err(DecodeError::Ended { .. }) => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// Read into `buffer[end..]`; nothing read means the stream is over.
    fn read_some(&mut self) -> Result<(), DecodeError> {
        let offset = self.offset + (self.end - self.start) as u64;
        match retry(|| self.inner.read(&mut self.buffer[self.end..])) {
            Ok(0) => Err(DecodeError::Ended { offset }),
            Ok(n) => {
                self.end += n;
                Ok(())
            }
            Err(source) => Err(DecodeError::Read { offset, source }),
        }
    }
}

/// A signal without a meaning for us must not end the session.
fn retry(mut read: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match read() {
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

impl<R: Read> Input for PipeReader<R> {
    fn buffered(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    fn consume(&mut self, n: usize) {
        let n = n.min(self.end - self.start);
        self.start += n;
        self.offset += n as u64;
    }

    fn fill(&mut self, wanted: usize) -> Result<(), DecodeError> {
        while self.end - self.start < wanted {
            if self.start > 0 {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
            }
            if self.buffer.len() < wanted {
                self.buffer.resize(wanted, 0);
            }
            self.read_some()?;
        }
        Ok(())
    }

    fn read_bulk(&mut self, n: usize, out: &mut Vec<u8>) -> Result<(), DecodeError> {
        let at_hand = n.min(self.end - self.start);
        out.extend_from_slice(&self.buffer[self.start..self.start + at_hand]);
        self.consume(at_hand);
        let mut left = n - at_hand;
        while left > 0 {
            if left < READ_SIZE / 2 {
                // The next message may come with the rest: read both at once.
                self.fill(1)?;
                let part = left.min(self.end - self.start);
                out.extend_from_slice(&self.buffer[self.start..self.start + part]);
                self.consume(part);
                left -= part;
                continue;
            }
            let step = left.min(out.len().max(BULK_STEP));
            let filled = out.len();
            out.resize(filled + step, 0);
            let got = retry(|| self.inner.read(&mut out[filled..]));
            out.truncate(filled + *got.as_ref().unwrap_or(&0));
            match got {
                Ok(0) => {
                    return Err(DecodeError::Ended { offset: self.offset });
                }
                Ok(got) => {
                    self.offset += got as u64;
                    left -= got;
                }
                Err(source) => {
                    return Err(DecodeError::Read { offset: self.offset, source });
                }
            }
        }
        Ok(())
    }

    fn offset(&self) -> u64 {
        self.offset
    }
}

/// Writes values to a byte stream.
pub struct PipeWriter<W> {
    inner: W,
    encoder: Encoder,
    offset: u64,
}

impl<W: Write> PipeWriter<W> {
    /// Write what GHC `version` or its server reads.
    pub fn new(inner: W, version: GhcVersion) -> Self {
        PipeWriter { inner, encoder: Encoder::new(version), offset: 0 }
    }

    /// Add a value to what the next flush sends.
    pub fn put<T: Binary>(&mut self, value: &T) {
        value.put(&mut self.encoder);
    }

    /// The encoder whose bytes the next flush sends.
    pub fn encoder(&mut self) -> &mut Encoder {
        &mut self.encoder
    }

    /// Send everything put so far; nothing at all if that is nothing.
    pub fn flush(&mut self) -> Result<(), WriteError> {
        let result = self.write_out();
        self.encoder.clear();
        result
    }

    fn write_out(&mut self) -> Result<(), WriteError> {
        let offset = self.offset;
        let bytes = self.encoder.bytes()?;
        if bytes.is_empty() {
            return Ok(());
        }
        self.offset += bytes.len() as u64;
        self.inner
            .write_all(bytes)
            .and_then(|()| self.inner.flush())
            .map_err(|source| WriteError::Write { offset, source })
    }

    /// Send one value.
    pub fn send<T: Binary>(&mut self, value: &T) -> Result<(), WriteError> {
        self.put(value);
        self.flush()
    }

    /// How many bytes have been sent.
    pub fn offset(&self) -> u64 {
        self.offset
    }
}

/// Why a value could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// It has no encoding.
    #[error("cannot encode: {0}")]
    Encode(#[from] EncodeError),
    /// The operating system refused to write.
    #[error("cannot write after byte {offset}: {source}")]
    Write {
        /// How many bytes had been sent before.
        offset: u64,
        /// The system's reason.
        source: io::Error,
    },
}
