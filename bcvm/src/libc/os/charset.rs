//! Character encodings, one character at a time. base has its own for UTF-8, UTF-16 and UTF-32; these are for `iconv`.

/// Longest encoding of a character.
pub const MAX_BYTES: usize = 4;

/// Encodings, with the names they go by; letters' case and what is neither letter nor digit do not matter.
const NAMES: &[(&str, Charset)] = &[
    ("ANSIX341968", Charset::Ascii),
    ("ASCII", Charset::Ascii),
    ("USASCII", Charset::Ascii),
    ("C", Charset::Ascii),
    ("ISO88591", Charset::Latin1),
    ("LATIN1", Charset::Latin1),
    ("ISO885915", Charset::Latin9),
    ("LATIN9", Charset::Latin9),
    ("CP1252", Charset::Cp1252),
    ("WINDOWS1252", Charset::Cp1252),
    ("UTF8", Charset::Utf8),
    ("UTF16LE", Charset::Utf16 { big: false }),
    ("UCS2LE", Charset::Utf16 { big: false }),
    ("UTF16BE", Charset::Utf16 { big: true }),
    ("UTF32LE", Charset::Utf32 { big: false }),
    ("UCS4LE", Charset::Utf32 { big: false }),
    ("WCHART", Charset::Utf32 { big: false }),
    ("UTF32BE", Charset::Utf32 { big: true }),
];

/// Where Latin-9 differs from Latin-1.
const LATIN9: [(u8, char); 8] =
    [(0xA4, '€'), (0xA6, 'Š'), (0xA8, 'š'), (0xB4, 'Ž'), (0xB8, 'ž'), (0xBC, 'Œ'), (0xBD, 'œ'), (0xBE, 'Ÿ')];

/// Bytes 0x80 to 0x9F of code page 1252; five stand for nothing.
const CP1252: [Option<char>; 32] = {
    let mut table = [None; 32];
    let bytes = [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 30, 31];
    let chars = [
        '€', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 'Ž', '‘', '’', '“', '”', '•', '–', '—', '˜', '™',
        'š', '›', 'œ', 'ž', 'Ÿ',
    ];
    let mut i = 0;
    while i < bytes.len() {
        table[bytes[i]] = Some(chars[i]);
        i += 1;
    }
    table
};

/// A character encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// Seven bits.
    Ascii,
    /// ISO 8859-1.
    Latin1,
    /// ISO 8859-15.
    Latin9,
    /// Windows code page 1252.
    Cp1252,
    /// UTF-8.
    Utf8,
    /// UTF-16 without a byte order mark.
    Utf16 {
        /// Most significant byte first.
        big: bool,
    },
    /// UTF-32 without a byte order mark.
    Utf32 {
        /// Most significant byte first.
        big: bool,
    },
}

/// Why there is no character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bad {
    /// The bytes are none, whatever follows.
    Illegal,
    /// The bytes are the beginning of one.
    Incomplete,
}

impl Charset {
    /// The encoding called `name`.
    pub fn named(name: &[u8]) -> Option<Charset> {
        let plain = |name: &[u8], known: &str| {
            let letters = name.iter().filter(|c| c.is_ascii_alphanumeric()).map(u8::to_ascii_uppercase);
            letters.eq(known.bytes())
        };
        NAMES.iter().find(|(known, _)| plain(name, known)).map(|(_, charset)| *charset)
    }

    /// Its number, for a conversion descriptor.
    pub fn number(self) -> u64 {
        NAMES.iter().position(|(_, charset)| *charset == self).unwrap_or(0) as u64
    }

    /// The encoding with this number.
    pub fn from_number(number: u64) -> Option<Charset> {
        NAMES.get(usize::try_from(number).ok()?).map(|(_, charset)| *charset)
    }

    /// The first character of `bytes`, and of how many bytes it is.
    pub fn decode(self, bytes: &[u8]) -> Result<(char, usize), Bad> {
        let first = *bytes.first().ok_or(Bad::Incomplete)?;
        match self {
            Charset::Ascii if first >= 0x80 => Err(Bad::Illegal),
            Charset::Latin9 => Ok((LATIN9.iter().find(|(b, _)| *b == first).map_or(first as char, |(_, c)| *c), 1)),
            Charset::Cp1252 => match first {
                0x80..=0x9F => CP1252[first as usize - 0x80].map(|c| (c, 1)).ok_or(Bad::Illegal),
                _ => Ok((first as char, 1)),
            },
            Charset::Ascii | Charset::Latin1 => Ok((first as char, 1)),
            Charset::Utf8 => decode_utf8(bytes),
            Charset::Utf16 { big } => {
                let unit = |i: usize| {
                    let pair = [*bytes.get(i)?, *bytes.get(i + 1)?];
                    Some(if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
                };
                let one = unit(0).ok_or(Bad::Incomplete)?;
                match one {
                    0xD800..=0xDBFF => {
                        let two = unit(2).ok_or(Bad::Incomplete)?;
                        let c = char::decode_utf16([one, two]).next().and_then(Result::ok).ok_or(Bad::Illegal)?;
                        Ok((c, 4))
                    }
                    _ => char::from_u32(one as u32).map(|c| (c, 2)).ok_or(Bad::Illegal),
                }
            }
            Charset::Utf32 { big } => {
                let &[a, b, c, d, ..] = bytes else { return Err(Bad::Incomplete) };
                let code = if big { u32::from_be_bytes([a, b, c, d]) } else { u32::from_le_bytes([a, b, c, d]) };
                char::from_u32(code).map(|c| (c, 4)).ok_or(Bad::Illegal)
            }
        }
    }

    /// The bytes of a character, and how many they are; none if it has none.
    pub fn encode(self, c: char) -> Option<([u8; MAX_BYTES], usize)> {
        let code = c as u32;
        let one = |byte: u8| Some(([byte, 0, 0, 0], 1));
        match self {
            Charset::Ascii => (code < 0x80).then_some(code as u8).and_then(one),
            Charset::Latin1 => u8::try_from(code).ok().and_then(one),
            Charset::Latin9 => match LATIN9.iter().find(|(_, known)| *known == c) {
                Some((byte, _)) => one(*byte),
                None => u8::try_from(code).ok().filter(|byte| LATIN9.iter().all(|(b, _)| b != byte)).and_then(one),
            },
            Charset::Cp1252 => match CP1252.iter().position(|known| *known == Some(c)) {
                Some(n) => one(0x80 + n as u8),
                None => u8::try_from(code).ok().filter(|byte| !(0x80..0xA0).contains(byte)).and_then(one),
            },
            Charset::Utf8 => {
                let mut bytes = [0; MAX_BYTES];
                let len = c.encode_utf8(&mut bytes).len();
                Some((bytes, len))
            }
            Charset::Utf16 { big } => {
                let (mut units, mut bytes) = ([0; 2], [0; MAX_BYTES]);
                let units = c.encode_utf16(&mut units);
                for (to, unit) in bytes.chunks_exact_mut(2).zip(&*units) {
                    to.copy_from_slice(&if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
                }
                Some((bytes, units.len() * 2))
            }
            Charset::Utf32 { big } => Some((if big { code.to_be_bytes() } else { code.to_le_bytes() }, 4)),
        }
    }
}

fn decode_utf8(bytes: &[u8]) -> Result<(char, usize), Bad> {
    let bytes = &bytes[..bytes.len().min(MAX_BYTES)];
    let good = match core::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) if e.valid_up_to() == 0 => {
            return Err(if e.error_len().is_some() { Bad::Illegal } else { Bad::Incomplete });
        }
        Err(e) => core::str::from_utf8(&bytes[..e.valid_up_to()]).unwrap_or_default(),
    };
    good.chars().next().map(|c| (c, c.len_utf8())).ok_or(Bad::Incomplete)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips() {
        for (name, charset) in NAMES {
            assert_eq!(Charset::named(name.as_bytes()), Some(*charset));
            assert_eq!(Charset::from_number(charset.number()), Some(*charset));
            for c in ['a', 'é', '€', 'Ÿ', '¤', '𝄞', '\u{10FFFF}'] {
                if let Some((bytes, len)) = charset.encode(c) {
                    assert_eq!(charset.decode(&bytes[..len]), Ok((c, len)), "{c} in {name}");
                }
            }
        }
        for (charset, c) in
            [(Charset::Ascii, 'é'), (Charset::Latin1, '€'), (Charset::Latin9, '¤'), (Charset::Cp1252, '𝄞')]
        {
            assert_eq!(charset.encode(c), None);
        }
    }

    #[test]
    fn what_is_no_character() {
        let utf16 = Charset::Utf16 { big: false };
        for (charset, bytes, why) in [
            (Charset::Ascii, &b"\x80"[..], Bad::Illegal),
            (Charset::Cp1252, b"\x81", Bad::Illegal),
            (Charset::Utf8, b"\xC3", Bad::Incomplete),
            (Charset::Utf8, b"\xC3a", Bad::Illegal),
            (Charset::Utf8, b"\xED\xA0\x80", Bad::Illegal),
            (Charset::Utf8, b"", Bad::Incomplete),
            (utf16, b"a", Bad::Incomplete),
            (utf16, b"\x00\xD8\x00", Bad::Incomplete),
            (utf16, b"\x00\xD8a\x00", Bad::Illegal),
            (utf16, b"\x00\xDC", Bad::Illegal),
            (Charset::Utf32 { big: true }, b"\x00\x11\x00\x00", Bad::Illegal),
        ] {
            assert_eq!(charset.decode(bytes), Err(why), "{bytes:?} in {charset:?}");
        }
    }

    #[test]
    fn names_are_compared_loosely() {
        assert_eq!(Charset::named(b"iso_8859-1"), Some(Charset::Latin1));
        assert_eq!(Charset::named(b"EBCDIC"), None);
    }
}
