//! GHC's `Data.Binary`: the trait, the encoder and the decoder.
//!
//! This file owns the rules that hold for every type: integers are big-endian, a count is a signed 64-bit number, no
//! count or nesting makes the decoder reserve memory or stack that the bytes at hand do not justify. Which types
//! exist is said elsewhere (`prim`, `number`, `text`, `types`, `closure`, and the message tables).
//!
//! What decodes encodes back to the same bytes: encodings that GHC never writes (a long form where a short one exists,
//! overlong UTF-8) are refused.

use super::error::{DecodeError, EncodeError, Problem};
use super::input::{Input, SliceInput};
use super::version::{GhcVersion, Tags};

/// Values deeper than this are refused; GHC's own nest three or four levels.
pub const DEPTH_LIMIT: u32 = 256;

/// The default for [`Decoder::with_limit`]: no message of a GHC session comes near it.
pub const SIZE_LIMIT: u64 = 1 << 30;

/// A type with a `Data.Binary` instance.
pub trait Binary: Sized {
    /// Whether values take no bytes, so that a reply of this type is not sent at all.
    const EMPTY: bool = false;

    /// `put`: append the encoding of this value.
    fn put(&self, e: &mut Encoder);

    /// `get`: decode a value.
    fn get(d: &mut Decoder<'_>) -> Result<Self, DecodeError>;

    /// Show every remote reference and address inside to `visit`, which may replace them. Replaying a session needs
    /// this: the other server has other references.
    fn visit_handles(&mut self, _visit: &mut dyn FnMut(Handle<'_>)) {}
}

/// A number on the wire that means something only to the server that made it.
#[derive(Debug)]
pub enum Handle<'a> {
    /// A `RemoteRef`: index of a stable reference.
    Ref(&'a mut u64),
    /// A `RemotePtr`: an address.
    Ptr(&'a mut u64),
    /// A literal word of byte code: a number, or an address that looks like one.
    Literal(&'a mut u64),
}

/// Collects the encoding of values.
#[derive(Debug, Default)]
pub struct Encoder {
    bytes: Vec<u8>,
    version: GhcVersion,
    error: Option<EncodeError>,
}

impl Encoder {
    /// An empty encoder for GHC `version`.
    pub fn new(version: GhcVersion) -> Self {
        Encoder { version, ..Encoder::default() }
    }

    /// The version encoded for.
    pub fn version(&self) -> GhcVersion {
        self.version
    }

    /// Append bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Append a count.
    pub fn count(&mut self, n: usize) {
        self.raw(&(n as u64).to_be_bytes());
    }

    /// Append the tag that `what` has in this version; an absent one is remembered as an error.
    pub fn tag(&mut self, tags: &Tags, what: &'static str) {
        match tags[self.version.column()] {
            Some(tag) => self.bytes.push(tag),
            None => {
                self.error.get_or_insert(EncodeError { what, version: self.version.name() });
            }
        }
    }

    /// The bytes so far, or why they are no encoding.
    pub fn bytes(&self) -> Result<&[u8], EncodeError> {
        match self.error {
            None => Ok(&self.bytes),
            Some(error) => Err(error),
        }
    }

    /// The encoding, or why there is none.
    pub fn finish(self) -> Result<Vec<u8>, EncodeError> {
        match self.error {
            None => Ok(self.bytes),
            Some(error) => Err(error),
        }
    }

    /// Forget everything, keeping the memory (up to 1 MiB of it) for the next message.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(1 << 20);
        self.error = None;
    }
}

/// Takes values off an [`Input`].
pub struct Decoder<'a> {
    input: &'a mut dyn Input,
    version: GhcVersion,
    /// Offset no value of this decoder may reach: start + size limit.
    end: u64,
    limit: u64,
    depth: u32,
}

impl<'a> Decoder<'a> {
    /// Decode what a server or client of GHC `version` wrote.
    pub fn new(input: &'a mut dyn Input, version: GhcVersion) -> Self {
        Self::with_limit(input, version, SIZE_LIMIT)
    }

    /// As [`Decoder::new`]; values longer than `limit` bytes are refused.
    pub fn with_limit(input: &'a mut dyn Input, version: GhcVersion, limit: u64) -> Self {
        let end = input.offset().saturating_add(limit);
        Decoder { input, version, end, limit, depth: 0 }
    }

    /// The version decoded for.
    pub fn version(&self) -> GhcVersion {
        self.version
    }

    /// Where the next byte stands in the stream.
    pub fn offset(&self) -> u64 {
        self.input.offset()
    }

    /// How many bytes there are without waiting.
    pub fn at_hand(&self) -> usize {
        self.input.buffered().len()
    }

    /// An error about a part of the stream that begins at `offset`.
    pub fn invalid(&self, offset: u64, what: &'static str, problem: Problem) -> DecodeError {
        DecodeError::Invalid { offset, what, problem }
    }

    /// One byte.
    pub fn byte(&mut self) -> Result<u8, DecodeError> {
        self.array::<1>().map(|[b]| b)
    }

    /// `N` bytes; for fixed-size values.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        self.check_room(N as u64)?;
        let mut out = [0; N];
        let have = self.input.buffered();
        if have.len() < N {
            self.input.fill(N)?;
        }
        out.copy_from_slice(&self.input.buffered()[..N]);
        self.input.consume(N);
        Ok(out)
    }

    /// A count of elements of type `what`, each at least one byte long.
    pub fn count(&mut self, what: &'static str) -> Result<usize, DecodeError> {
        let offset = self.offset();
        let n = i64::from_be_bytes(self.array()?);
        let problem = match usize::try_from(n) {
            Ok(count) if count as u64 <= self.room() => return Ok(count),
            Ok(count) => Problem::TooLong { len: count as u64, limit: self.limit },
            Err(_) => Problem::Negative(n),
        };
        Err(self.invalid(offset, what, problem))
    }

    /// `n` bytes of bulk data.
    pub fn bulk(&mut self, n: usize) -> Result<Vec<u8>, DecodeError> {
        self.check_room(n as u64)?;
        let mut out = Vec::with_capacity(n.min(self.at_hand()));
        self.input.read_bulk(n, &mut out)?;
        Ok(out)
    }

    /// `n` characters in UTF-8, surrogates allowed, as their bytes.
    pub fn chars(&mut self, n: usize) -> Result<Vec<u8>, DecodeError> {
        self.check_room(n as u64)?;
        let mut out = Vec::new();
        let mut left = n;
        while left > 0 {
            let (chars, len) = super::text::scan(self.input.buffered(), left)
                .map_err(|(at, problem)| self.invalid(self.offset() + at as u64, "String", problem))?;
            out.extend_from_slice(&self.input.buffered()[..len]);
            self.input.consume(len);
            left -= chars;
            self.check_room(left as u64)?;
            if left > 0 {
                // Either nothing is buffered, or the beginning of one character.
                let partial = self.input.buffered().len();
                self.input.fill(partial + 1).map_err(|e| match e {
                    DecodeError::NeedMore { .. } => DecodeError::NeedMore { needed: left },
                    other => other,
                })?;
            }
        }
        Ok(out)
    }

    /// A list of `what`. Memory grows with the bytes that arrive, whatever the count says.
    pub fn list<T: Binary>(&mut self, what: &'static str) -> Result<Vec<T>, DecodeError> {
        let n = self.count(what)?;
        let justified = self.input.buffered().len() / size_of::<T>().max(1);
        let mut out = Vec::with_capacity(n.min(justified));
        for _ in 0..n {
            out.push(T::get(self)?);
        }
        Ok(out)
    }

    /// What `rows` pair with the tag that comes next.
    pub fn tag<R: Copy>(&mut self, what: &'static str, rows: &[(Tags, R)]) -> Result<R, DecodeError> {
        let offset = self.offset();
        let tag = self.byte()?;
        let column = self.version.column();
        rows.iter()
            .find(|(tags, _)| tags[column] == Some(tag))
            .map(|&(_, row)| row)
            .ok_or_else(|| self.invalid(offset, what, Problem::Tag(tag)))
    }

    /// Run `body` one level deeper; too many levels are an error.
    pub fn nested<T>(
        &mut self,
        what: &'static str,
        body: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        if self.depth >= DEPTH_LIMIT {
            return Err(self.invalid(self.offset(), what, Problem::Depth(DEPTH_LIMIT)));
        }
        self.depth += 1;
        let result = body(self);
        self.depth -= 1;
        result
    }

    /// Bytes the size limit still allows.
    fn room(&self) -> u64 {
        self.end.saturating_sub(self.offset())
    }

    fn check_room(&self, n: u64) -> Result<(), DecodeError> {
        if n <= self.room() {
            return Ok(());
        }
        Err(self.invalid(self.offset(), "message", Problem::TooLong { len: n, limit: self.limit }))
    }
}

/// The encoding of `value`.
pub fn encode<T: Binary>(value: &T, version: GhcVersion) -> Result<Vec<u8>, EncodeError> {
    let mut e = Encoder::new(version);
    value.put(&mut e);
    e.finish()
}

/// Decode a value at the beginning of `bytes`; also says how many bytes it took.
pub fn decode<T: Binary>(bytes: &[u8], version: GhcVersion) -> Result<(T, usize), DecodeError> {
    let mut input = SliceInput::new(bytes);
    let value = T::get(&mut Decoder::new(&mut input, version))?;
    Ok((value, input.position()))
}

/// Decode a value that fills `bytes` completely.
pub fn decode_all<T: Binary>(bytes: &[u8], version: GhcVersion) -> Result<T, DecodeError> {
    let (value, len) = decode(bytes, version)?;
    match bytes.len() - len {
        0 => Ok(value),
        rest => {
            let problem = Problem::Trailing(rest);
            Err(DecodeError::Invalid { offset: len as u64, what: "message", problem })
        }
    }
}
