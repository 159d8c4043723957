//! Reads the `Data.Binary` encoding of ResolvedBCOs without copying.

/// Why bytes are no encoding of BCOs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReadError {
    /// The bytes end within something.
    #[error("the chunk ends within {0}")]
    Truncated(&'static str),
    /// A length no chunk of this size can have.
    #[error("{0} claims to have {1} elements")]
    AbsurdLength(&'static str, i64),
    /// A Bool or a tag with a value it can't have.
    #[error("{0} is {1}")]
    BadTag(&'static str, u8),
    /// Arrays in the other byte order.
    #[error("its arrays are big-endian, and this machine's are little-endian")]
    WrongEndian,
    /// There is something behind the last BCO.
    #[error("{0} bytes follow the last BCO of the chunk")]
    TrailingBytes(usize),
}

/// A position in a chunk.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// At the beginning of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes }
    }

    /// Bytes not yet read.
    pub fn remaining(&self) -> usize {
        self.bytes.len()
    }

    /// The next `n` bytes.
    #[inline(always)]
    fn take(&mut self, n: usize, what: &'static str) -> Result<&'a [u8], ReadError> {
        let (head, rest) = self.bytes.split_at_checked(n).ok_or(ReadError::Truncated(what))?;
        self.bytes = rest;
        Ok(head)
    }

    /// A tag byte.
    #[inline(always)]
    pub fn tag(&mut self, what: &'static str) -> Result<u8, ReadError> {
        Ok(self.take(1, what)?[0])
    }

    /// An Int or Word.
    #[inline(always)]
    pub fn word(&mut self, what: &'static str) -> Result<u64, ReadError> {
        let mut w = [0; 8];
        w.copy_from_slice(self.take(8, what)?);
        Ok(u64::from_be_bytes(w))
    }

    /// A count of things that take at least `each` bytes: never more than can be there.
    #[inline(always)]
    pub fn count(&mut self, each: usize, what: &'static str) -> Result<u32, ReadError> {
        let n = self.word(what)?;
        self.bounded(n, each, what)
    }

    #[inline(always)]
    fn bounded(&self, n: u64, each: usize, what: &'static str) -> Result<u32, ReadError> {
        if n > (self.bytes.len() / each) as u64 {
            return Err(ReadError::AbsurdLength(what, n as i64));
        }
        Ok(n as u32)
    }

    /// The little-endian flag that precedes arrays in host order.
    #[inline(always)]
    pub fn endian(&mut self) -> Result<(), ReadError> {
        match self.tag("the byte order")? {
            1 => Ok(()),
            0 => Err(ReadError::WrongEndian),
            other => Err(ReadError::BadTag("the byte order flag", other)),
        }
    }

    /// A `UArray Int` of elements of `size` bytes: their bytes.
    #[inline(always)]
    pub fn array(&mut self, size: usize, what: &'static str) -> Result<&'a [u8], ReadError> {
        let lo = self.word(what)? as i64;
        let hi = self.word(what)? as i64;
        let len = hi.wrapping_sub(lo).wrapping_add(1);
        let n = self.bounded(len as u64, size, what)?;
        self.take(n as usize * size, what)
    }
}
