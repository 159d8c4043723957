//! Where a decoder takes its bytes from.
//!
//! Two sources share one decoder: a slice, which answers [`DecodeError::NeedMore`] when it is too short (incremental
//! use, transcripts, tests), and a [pipe](super::pipe), which blocks until the bytes are there. Neither reserves
//! memory for bytes that have not arrived.

use super::error::DecodeError;

/// A source of bytes that remembers how many it has given out.
pub trait Input {
    /// Bytes at hand and not yet consumed.
    fn buffered(&self) -> &[u8];

    /// Give out `n` of the buffered bytes; at most all of them.
    fn consume(&mut self, n: usize);

    /// Have at least `wanted` bytes buffered, or say why that is impossible. `wanted` is small (a few KiB at most);
    /// bulk data goes through [`Input::read_bulk`].
    fn fill(&mut self, wanted: usize) -> Result<(), DecodeError>;

    /// Append exactly `n` bytes to `out`. The memory `out` takes follows the bytes that really arrived.
    fn read_bulk(&mut self, n: usize, out: &mut Vec<u8>) -> Result<(), DecodeError>;

    /// How many bytes were consumed since the stream began.
    fn offset(&self) -> u64;
}

/// Bytes that are all there, or all there so far.
pub struct SliceInput<'a> {
    bytes: &'a [u8],
    pos: usize,
    base: u64,
}

impl<'a> SliceInput<'a> {
    /// Read `bytes` from their beginning.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self::at(bytes, 0)
    }

    /// Read `bytes`, which begin at byte `base` of the stream (for error messages).
    pub fn at(bytes: &'a [u8], base: u64) -> Self {
        SliceInput { bytes, pos: 0, base }
    }

    /// How many bytes of the slice were consumed.
    pub fn position(&self) -> usize {
        self.pos
    }
}

impl Input for SliceInput<'_> {
    fn buffered(&self) -> &[u8] {
        &self.bytes[self.pos..]
    }

    fn consume(&mut self, n: usize) {
        self.pos = self.bytes.len().min(self.pos + n);
    }

    fn fill(&mut self, wanted: usize) -> Result<(), DecodeError> {
        let have = self.buffered().len();
        if have >= wanted { Ok(()) } else { Err(DecodeError::NeedMore { needed: wanted - have }) }
    }

    fn read_bulk(&mut self, n: usize, out: &mut Vec<u8>) -> Result<(), DecodeError> {
        self.fill(n)?;
        out.extend_from_slice(&self.buffered()[..n]);
        self.consume(n);
        Ok(())
    }

    fn offset(&self) -> u64 {
        self.base + self.pos as u64
    }
}
