//! Types as data, for values that the server passes on without looking into them.
//!
//! The Template Haskell syntax tree and byte code are large recursive types. The server only needs to know where such
//! a value ends, so they are not Rust types here but [`Shape`]s, tables that one loop walks. The loop keeps its own
//! stack on the heap: a deeply nested value from a hostile peer costs memory in proportion to its bytes, and no native
//! stack.
//!
//! [`Encoded`] holds such a value: bytes that are known to have the shape.

use std::fmt::{self, Write as _};
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::binary::{Binary, Decoder, Encoder, Handle};
use super::error::{DecodeError, Problem};
use super::input::SliceInput;
use super::number::{Integer, Natural};
use super::text::HsString;
use super::version::{GhcVersion, Tags};

/// What the bytes of a value look like.
#[derive(Debug)]
pub enum Shape {
    /// `Word8`.
    Word8,
    /// `Bool`.
    Bool,
    /// `Int` (`Word64` has the same bytes).
    Int,
    /// `Char`.
    Char,
    /// `String`.
    Text,
    /// `ByteString`, and `[Word8]`.
    Bytes,
    /// `Integer`.
    Integer,
    /// `Natural`.
    Natural,
    /// `RemoteRef`.
    Ref,
    /// `RemotePtr`.
    Ptr,
    /// `BinaryArray` of `Word16`: bounds, then elements in host byte order.
    Halfwords,
    /// `BinaryArray` of `Word64`.
    Words,
    /// `BinaryArray` of `Word64` whose words may be addresses.
    Literals,
    /// A list.
    List(&'static Shape),
    /// `Maybe`.
    Maybe(&'static Shape),
    /// One constructor: fields and no tag.
    Record(&'static [&'static Shape]),
    /// Several constructors.
    Sum(&'static Sum),
}

/// A type with several constructors.
#[derive(Debug)]
pub struct Sum {
    /// Name of the type.
    pub name: &'static str,
    /// Tag columns and constructor, in GHC's order.
    pub rows: &'static [(Tags, &'static Constructor)],
}

/// A constructor of a [`Sum`].
#[derive(Debug)]
pub struct Constructor {
    /// Its Haskell name.
    pub name: &'static str,
    /// Its fields.
    pub fields: &'static [&'static Shape],
}

/// One step of a walk.
#[derive(Debug)]
pub enum Event<'a> {
    /// A constructor begins; the bytes are its tag.
    Constructor(&'static Constructor, &'a [u8]),
    /// A list of so many elements begins; the bytes are its count.
    List(usize, &'a [u8]),
    /// `Nothing` or the beginning of `Just`.
    Maybe(bool, &'a [u8]),
    /// A record begins; it has no bytes of its own.
    Record,
    /// A value without parts.
    Leaf(&'static Shape, &'a [u8]),
    /// The latest list, constructor, record or `Just` that has not ended, ends.
    End,
}

impl Event<'_> {
    /// The bytes this step consists of.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Event::Constructor(_, b) | Event::List(_, b) | Event::Maybe(_, b) | Event::Leaf(_, b) => b,
            Event::Record | Event::End => &[],
        }
    }
}

/// How many values may be open at once. A level takes at least a byte of input and 24 bytes of ours.
const LEVEL_LIMIT: u32 = 1 << 20;

/// What is left to read of an open value.
enum Open {
    Fields(&'static [&'static Shape]),
    Elements(&'static Shape, usize),
}

/// Read one value of `shape`, telling every step to `event`.
pub fn walk(shape: &'static Shape, d: &mut Decoder<'_>, event: &mut dyn FnMut(Event<'_>)) -> Result<(), DecodeError> {
    let mut open = Vec::new();
    let mut next = Some(shape);
    loop {
        if let Some(shape) = next.take() {
            step(shape, d, event, &mut open)?;
            if open.len() > LEVEL_LIMIT as usize {
                return Err(d.invalid(d.offset(), "value", Problem::Depth(LEVEL_LIMIT)));
            }
        }
        match open.last_mut() {
            None => return Ok(()),
            Some(Open::Fields([first, rest @ ..])) => {
                next = Some(*first);
                open.pop();
                open.push(Open::Fields(rest));
            }
            Some(Open::Elements(shape, left)) if *left > 0 => {
                *left -= 1;
                next = Some(*shape);
            }
            Some(_) => {
                open.pop();
                event(Event::End);
            }
        }
    }
}

/// Read what `shape` begins with; what remains of it goes onto `open`.
fn step(
    shape: &'static Shape,
    d: &mut Decoder<'_>,
    event: &mut dyn FnMut(Event<'_>),
    open: &mut Vec<Open>,
) -> Result<(), DecodeError> {
    match shape {
        Shape::List(element) => {
            let n = d.count("list")?;
            event(Event::List(n, &(n as u64).to_be_bytes()));
            open.push(Open::Elements(element, n));
        }
        Shape::Maybe(element) => {
            let some = bool::get(d)?;
            event(Event::Maybe(some, &[u8::from(some)]));
            if some {
                open.push(Open::Elements(element, 1));
            }
        }
        Shape::Record(fields) => {
            event(Event::Record);
            open.push(Open::Fields(fields));
        }
        Shape::Sum(sum) => {
            let offset = d.offset();
            let tag = d.byte()?;
            let column = d.version().column();
            let row = sum.rows.iter().find(|(tags, _)| tags[column] == Some(tag));
            let Some((_, constructor)) = row else {
                return Err(d.invalid(offset, sum.name, Problem::Tag(tag)));
            };
            event(Event::Constructor(constructor, &[tag]));
            open.push(Open::Fields(constructor.fields));
        }
        Shape::Word8 => event(Event::Leaf(shape, &[d.byte()?])),
        Shape::Bool => event(Event::Leaf(shape, &[u8::from(bool::get(d)?)])),
        leaf => match read_leaf(leaf, d)? {
            Some(bytes) => event(Event::Leaf(leaf, &bytes)),
            // All others are eight bytes of any kind.
            None => event(Event::Leaf(leaf, &d.array::<8>()?)),
        },
    }
    Ok(())
}

/// The bytes of a value without parts that may be of any length; nothing if it is none of these.
fn read_leaf(shape: &Shape, d: &mut Decoder<'_>) -> Result<Option<Vec<u8>>, DecodeError> {
    /// Check by decoding; what decodes has one encoding.
    fn checked<T: Binary>(d: &mut Decoder<'_>) -> Result<Vec<u8>, DecodeError> {
        let mut e = Encoder::new(d.version());
        T::get(d)?.put(&mut e);
        Ok(e.finish().unwrap_or_default())
    }
    Ok(Some(match shape {
        Shape::Char => d.chars(1)?,
        Shape::Text => checked::<HsString>(d)?,
        Shape::Bytes => checked::<super::text::Bytes>(d)?,
        Shape::Integer => checked::<Integer>(d)?,
        Shape::Natural => checked::<Natural>(d)?,
        Shape::Halfwords => read_array(d, 2)?,
        Shape::Words | Shape::Literals => read_array(d, 8)?,
        _ => return Ok(None),
    }))
}

/// A `BinaryArray` whose elements take `width` bytes.
fn read_array(d: &mut Decoder<'_>, width: i64) -> Result<Vec<u8>, DecodeError> {
    let offset = d.offset();
    let (low, high) = <(i64, i64)>::get(d)?;
    let len = high.checked_sub(low).and_then(|n| n.checked_add(1)).and_then(|n| n.checked_mul(width));
    let Some(len) = len.and_then(|n| usize::try_from(n).ok()) else {
        return Err(d.invalid(offset, "array", Problem::Bounds(low, high)));
    };
    let mut out = [low.to_be_bytes(), high.to_be_bytes()].concat();
    out.append(&mut d.bulk(len)?);
    Ok(out)
}

/// Names a shape, so that [`Encoded`] can be a type.
pub trait Shaped {
    /// Haskell's name of the type.
    const NAME: &'static str;
    /// Its shape.
    const SHAPE: &'static Shape;
}

/// A value of shape `S`, kept as its encoding. Invariant: the bytes are exactly one value of the shape in
/// the version they were decoded for.
pub struct Encoded<S> {
    bytes: Vec<u8>,
    version: GhcVersion,
    shape: PhantomData<fn() -> S>,
}

impl<S: Shaped> Encoded<S> {
    /// Check that `bytes` are one value of the shape.
    pub fn new(bytes: Vec<u8>, version: GhcVersion) -> Result<Self, DecodeError> {
        super::binary::decode_all(&bytes, version)
    }

    /// The encoding.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Tell every step of the value to `event`.
    pub fn walk(&self, event: &mut dyn FnMut(Event<'_>)) -> Result<(), DecodeError> {
        walk(S::SHAPE, &mut Decoder::new(&mut SliceInput::new(&self.bytes), self.version), event)
    }
}

impl<S: Shaped> Binary for Encoded<S> {
    fn put(&self, e: &mut Encoder) {
        e.raw(&self.bytes);
    }

    fn get(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        /// Few values are longer, and there may be many in a message.
        const USUAL_BYTES: usize = 512;
        let mut bytes = Vec::with_capacity(d.at_hand().min(USUAL_BYTES));
        walk(S::SHAPE, d, &mut |event| bytes.extend_from_slice(event.bytes()))?;
        Ok(Encoded { bytes, version: d.version(), shape: PhantomData })
    }

    fn visit_handles(&mut self, visit: &mut dyn FnMut(Handle<'_>)) {
        let mut out = Vec::with_capacity(self.bytes.len());
        let walked = self.walk(&mut |event| {
            let start = out.len();
            out.extend_from_slice(event.bytes());
            let part = &mut out[start..];
            match event {
                Event::Leaf(Shape::Ref, _) => {
                    change(part, u64::from_be_bytes, u64::to_be_bytes, |n| visit(Handle::Ref(n)))
                }
                Event::Leaf(Shape::Ptr, _) => {
                    change(part, u64::from_be_bytes, u64::to_be_bytes, |n| visit(Handle::Ptr(n)))
                }
                // Array elements are in the host's byte order, behind two bounds.
                Event::Leaf(Shape::Literals, _) => {
                    change(&mut part[16..], u64::from_le_bytes, u64::to_le_bytes, |n| visit(Handle::Literal(n)));
                }
                _ => {}
            }
        });
        // By the invariant the walk does not fail; if it did, the value stays as it was.
        if walked.is_ok() {
            self.bytes = out;
        }
    }
}

/// Pass every 8-byte word of `part` through `visit`.
fn change(part: &mut [u8], from: fn([u8; 8]) -> u64, to: fn(u64) -> [u8; 8], mut visit: impl FnMut(&mut u64)) {
    for word in part.as_chunks_mut::<8>().0 {
        let mut n = from(*word);
        visit(&mut n);
        *word = to(n);
    }
}

impl<S: Shaped> fmt::Debug for Encoded<S> {
    /// Constructors and leaves, cut after 400 characters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 400;
        let mut text = String::new();
        let walked = self.walk(&mut |event| {
            if text.len() < SHOWN {
                show_event(&mut text, &event, self.version);
            }
        });
        match walked {
            Ok(()) if text.len() < SHOWN => f.write_str(text.trim_end()),
            _ => write!(f, "{text}…"),
        }
    }
}

/// Append one step to a line of text.
fn show_event(text: &mut String, event: &Event<'_>, version: GhcVersion) {
    if matches!(event, Event::End) {
        text.truncate(text.trim_end().len());
        text.push_str(") ");
        return;
    }
    // Writing to a String does not fail.
    let _ = match event {
        Event::Constructor(constructor, _) => write!(text, "({} ", constructor.name),
        Event::List(n, _) => write!(text, "([{n}] "),
        Event::Maybe(false, _) => write!(text, "Nothing "),
        Event::Maybe(true, _) => write!(text, "(Just "),
        Event::Record => write!(text, "("),
        Event::Leaf(Shape::Text, bytes) => {
            let string: HsString = super::binary::decode_all(bytes, version).unwrap_or_default();
            write!(text, "{string:?} ")
        }
        Event::Leaf(Shape::Integer, bytes) => {
            let integer: Integer = super::binary::decode_all(bytes, version).unwrap_or_default();
            match integer.to_i128() {
                Some(n) => write!(text, "{n} "),
                None => write!(text, "{integer:?} "),
            }
        }
        Event::Leaf(Shape::Int, bytes) => {
            write!(text, "{} ", super::binary::decode_all::<i64>(bytes, version).unwrap_or_default())
        }
        Event::Leaf(_, bytes) => write!(text, "b\"{}\" ", bytes[..bytes.len().min(32)].escape_ascii()),
        Event::End => Ok(()),
    };
}

impl<S> Serialize for Encoded<S> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        self.bytes.serialize(serializer)
    }
}

impl<'de, S: Shaped> Deserialize<'de> for Encoded<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = Vec::deserialize(deserializer)?;
        Encoded::new(bytes, GhcVersion::default()).map_err(serde::de::Error::custom)
    }
}

impl<S> Clone for Encoded<S> {
    fn clone(&self) -> Self {
        Encoded { bytes: self.bytes.clone(), version: self.version, shape: PhantomData }
    }
}

impl<S> PartialEq for Encoded<S> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes && self.version == other.version
    }
}

impl<S> Eq for Encoded<S> {}

impl<S> std::hash::Hash for Encoded<S> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

/// A value for tests.
#[cfg(test)]
impl<S: Shaped> super::sample::Sample for Encoded<S> {
    fn sample(g: &mut super::sample::Gen<'_>) -> Self {
        let mut e = Encoder::new(GhcVersion::default());
        super::sample::sample_shape(S::SHAPE, g, &mut e);
        Encoded { bytes: e.finish().unwrap(), version: GhcVersion::default(), shape: PhantomData }
    }
}
