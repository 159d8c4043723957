//! Haskell strings and byte strings.
//!
//! A Haskell `String` may hold surrogate code points, which Rust's `str` cannot: GHC writes them as three bytes like
//! any other character, and its file names use U+DC80–U+DCFF for bytes that are not in the locale's encoding. So
//! [`HsString`] keeps the bytes of the wire. Its invariant: they are well-formed UTF-8 except that surrogates may occur.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::binary::{Binary, Decoder, Encoder};
use super::error::{DecodeError, Problem};

/// A Haskell `String`.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Vec<u8>", into = "Vec<u8>")]
pub struct HsString(Vec<u8>);

impl HsString {
    /// The bytes, UTF-8 with surrogates.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// How many characters there are, which is the count on the wire.
    pub fn len_chars(&self) -> usize {
        self.0.iter().filter(|&&b| b & 0xc0 != 0x80).count()
    }

    /// The text, unless it holds a surrogate.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The file this names. GHC decodes bytes that are not text to U+DC80–U+DCFF; here they become those bytes again.
    pub fn to_path(&self) -> PathBuf {
        let mut out = Vec::with_capacity(self.0.len());
        let mut rest = &self.0[..];
        while let Some((&first, tail)) = rest.split_first() {
            match rest {
                // U+DC80..=U+DCFF is ed b2 80 ..= ed b3 bf.
                [0xed, high @ (0xb2 | 0xb3), low, tail @ ..] => {
                    out.push((high & 1) << 6 | low & 0x3f | 0x80);
                    rest = tail;
                }
                _ => {
                    out.push(first);
                    rest = tail;
                }
            }
        }
        PathBuf::from(OsString::from_vec(out))
    }
}

impl From<&str> for HsString {
    fn from(text: &str) -> Self {
        HsString(text.as_bytes().to_vec())
    }
}

impl From<String> for HsString {
    fn from(text: String) -> Self {
        HsString(text.into_bytes())
    }
}

impl From<HsString> for Vec<u8> {
    fn from(text: HsString) -> Self {
        text.0
    }
}

impl TryFrom<Vec<u8>> for HsString {
    type Error = Problem;

    fn try_from(bytes: Vec<u8>) -> Result<Self, Problem> {
        match scan(&bytes, usize::MAX) {
            Ok((_, len)) if len == bytes.len() => Ok(HsString(bytes)),
            Ok((_, len)) => Err(Problem::Utf8(bytes[len])),
            Err((_, problem)) => Err(problem),
        }
    }
}

impl fmt::Display for HsString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for HsString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

impl Binary for HsString {
    fn put(&self, e: &mut Encoder) {
        e.count(self.len_chars());
        e.raw(&self.0);
    }

    fn get(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let n = d.count("String")?;
        Ok(HsString(d.chars(n)?))
    }
}

/// A strict or lazy `ByteString`.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Bytes(pub Vec<u8>);

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Bytes(bytes.to_vec())
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes(bytes)
    }
}

impl fmt::Debug for Bytes {
    /// Short ones as a byte string literal, long ones cut: traces hold megabytes of byte code otherwise.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 48;
        let shown = &self.0[..self.0.len().min(SHOWN)];
        write!(f, "b\"{}\"", shown.escape_ascii())?;
        if self.0.len() > SHOWN { write!(f, "… ({} bytes)", self.0.len()) } else { Ok(()) }
    }
}

impl Binary for Bytes {
    fn put(&self, e: &mut Encoder) {
        e.count(self.0.len());
        e.raw(&self.0);
    }

    fn get(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let n = d.count("ByteString")?;
        Ok(Bytes(d.bulk(n)?))
    }
}

/// Find the longest prefix of `bytes` that is whole characters, `limit` at most: `(characters, bytes)`. An error gives
/// the position of the byte that no continuation can save.
pub(super) fn scan(bytes: &[u8], limit: usize) -> Result<(usize, usize), (usize, Problem)> {
    let (mut chars, mut pos) = (0, 0);
    while chars < limit && pos < bytes.len() {
        match char_len(&bytes[pos..]).map_err(|problem| (pos, problem))? {
            Some(len) => pos += len,
            None => break,
        }
        chars += 1;
    }
    Ok((chars, pos))
}

/// Length of the character that `bytes` begins with; `None` when it is cut short. `bytes` is not empty.
fn char_len(bytes: &[u8]) -> Result<Option<usize>, Problem> {
    let first = bytes[0];
    // The shortest form is demanded through the smallest code point of each length.
    let (len, smallest) = match first {
        0x00..=0x7f => return Ok(Some(1)),
        0xc0..=0xdf => (2, 0x80),
        0xe0..=0xef => (3, 0x800),
        0xf0..=0xf7 => (4, 0x10000),
        _ => return Err(Problem::Utf8(first)),
    };
    let mut code = u32::from(first) & (0x7f >> len);
    for &b in bytes.iter().take(len).skip(1) {
        if b & 0xc0 != 0x80 {
            return Err(Problem::Utf8(b));
        }
        code = code << 6 | u32::from(b & 0x3f);
    }
    if bytes.len() < len {
        return Ok(None);
    }
    match code {
        _ if code < smallest => Err(Problem::Utf8(first)),
        0..=0x10_ffff => Ok(Some(len)),
        _ => Err(Problem::CodePoint(code)),
    }
}
