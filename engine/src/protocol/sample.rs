//! Random values of every wire type, for the property tests.
//!
//! A [`Gen`] turns bytes, which proptest makes and shrinks, into choices. When the bytes run out or values are nested
//! deeply, it chooses small: empty lists, and the constructor with the fewest fields, which for every type here is
//! one that ends the recursion.

use super::binary::{Binary, Encoder};
use super::number::{Integer, Natural};
use super::shape::Shape;
use super::text::{Bytes, HsString};

/// A type with random values.
pub trait Sample: Sized {
    /// Some value.
    fn sample(g: &mut Gen<'_>) -> Self;
}

/// A source of choices.
pub struct Gen<'a> {
    choices: &'a [u8],
    depth: u32,
}

impl<'a> Gen<'a> {
    pub fn new(choices: &'a [u8]) -> Self {
        Gen { choices, depth: 0 }
    }

    fn byte(&mut self) -> u8 {
        match self.choices.split_first() {
            None => 0,
            Some((&first, rest)) => {
                self.choices = rest;
                first
            }
        }
    }

    fn word(&mut self) -> u64 {
        // Small numbers and boundaries matter more than evenly spread ones.
        let wide = u64::from_le_bytes(std::array::from_fn(|_| self.byte()));
        match self.byte() % 4 {
            0 => wide & 0xff,
            1 => wide >> (wide & 63),
            2 => [0, 1, u64::MAX, i64::MAX as u64, i64::MIN as u64, 0x7fff_ffff, 0x8000_0000][wide as usize % 7],
            _ => wide,
        }
    }

    fn must_end(&self) -> bool {
        self.depth > 12 || self.choices.is_empty()
    }

    /// How many elements a list has.
    fn len(&mut self) -> usize {
        if self.must_end() { 0 } else { usize::from(self.byte() % 5) }
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::from(self.byte()) % from.len()]
    }

    /// One of the constructors, each given with the number of its fields.
    pub fn constructor<T: Copy>(&mut self, from: &[(T, usize)]) -> T {
        if self.must_end() { from.iter().min_by_key(|(_, fields)| *fields).unwrap().0 } else { self.pick(from).0 }
    }

    pub fn nested<T>(&mut self, body: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let value = body(self);
        self.depth -= 1;
        value
    }
}

macro_rules! from_word {
    ($($ty:ty)*) => {$(
        impl Sample for $ty {
            fn sample(g: &mut Gen<'_>) -> Self {
                g.word() as $ty
            }
        }
    )*};
}

from_word!(u8 u16 u32 u64 i8 i16 i32 i64);

impl Sample for bool {
    fn sample(g: &mut Gen<'_>) -> Self {
        g.byte() % 2 == 1
    }
}

impl Sample for () {
    fn sample(_: &mut Gen<'_>) -> Self {}
}

impl<T: Sample> Sample for Option<T> {
    fn sample(g: &mut Gen<'_>) -> Self {
        let some = !g.must_end() && bool::sample(g);
        some.then(|| g.nested(T::sample))
    }
}

impl<L: Sample, R: Sample> Sample for Result<R, L> {
    fn sample(g: &mut Gen<'_>) -> Self {
        if bool::sample(g) { Ok(R::sample(g)) } else { Err(L::sample(g)) }
    }
}

impl<T: Sample> Sample for Vec<T> {
    fn sample(g: &mut Gen<'_>) -> Self {
        (0..g.len()).map(|_| g.nested(T::sample)).collect()
    }
}

impl<T: Sample> Sample for Box<T> {
    fn sample(g: &mut Gen<'_>) -> Self {
        Box::new(T::sample(g))
    }
}

impl<A: Sample, B: Sample> Sample for (A, B) {
    fn sample(g: &mut Gen<'_>) -> Self {
        (A::sample(g), B::sample(g))
    }
}

impl Sample for Integer {
    fn sample(g: &mut Gen<'_>) -> Self {
        let magnitude = Bytes::sample(g).0;
        if magnitude.is_empty() { Integer::from(g.word() as i64) } else { Integer::new(bool::sample(g), magnitude) }
    }
}

impl Sample for Natural {
    fn sample(g: &mut Gen<'_>) -> Self {
        Natural::new(Bytes::sample(g).0)
    }
}

impl Sample for Bytes {
    fn sample(g: &mut Gen<'_>) -> Self {
        let len = usize::from(g.byte() % 40).min(g.choices.len());
        Bytes((0..len).map(|_| g.byte()).collect())
    }
}

/// Characters of every length, surrogates among them.
fn sample_char(g: &mut Gen<'_>) -> &'static [u8] {
    const CHARS: &[&[u8]] = &[
        b"a",
        b"\0",
        b"\x7f",
        b"z",
        b"$",
        b"\xc2\x80",
        "ö".as_bytes(),
        "\u{7ff}".as_bytes(),
        "\u{800}".as_bytes(),
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xed\xb2\x80",
        "\u{ffff}".as_bytes(),
        "\u{10000}".as_bytes(),
        "😀".as_bytes(),
        "\u{10ffff}".as_bytes(),
    ];
    g.pick(CHARS)
}

impl Sample for HsString {
    fn sample(g: &mut Gen<'_>) -> Self {
        let len = usize::from(g.byte() % 24).min(g.choices.len());
        let bytes: Vec<u8> = (0..len).flat_map(|_| sample_char(g)).copied().collect();
        HsString::try_from(bytes).unwrap()
    }
}

/// Append a random value of `shape`.
pub fn sample_shape(shape: &'static Shape, g: &mut Gen<'_>, e: &mut Encoder) {
    match shape {
        Shape::Word8 => u8::sample(g).put(e),
        Shape::Bool => bool::sample(g).put(e),
        Shape::Int | Shape::Ref | Shape::Ptr => u64::sample(g).put(e),
        Shape::Char => e.raw(sample_char(g)),
        Shape::Text => HsString::sample(g).put(e),
        Shape::Bytes => Bytes::sample(g).put(e),
        Shape::Integer => Integer::sample(g).put(e),
        Shape::Natural => Natural::sample(g).put(e),
        Shape::Halfwords => sample_array(g, e, 2),
        Shape::Words | Shape::Literals => sample_array(g, e, 8),
        Shape::List(element) => {
            let n = g.len();
            e.count(n);
            g.nested(|g| (0..n).for_each(|_| sample_shape(element, g, e)));
        }
        Shape::Maybe(element) => {
            let some = !g.must_end() && bool::sample(g);
            some.put(e);
            if some {
                g.nested(|g| sample_shape(element, g, e));
            }
        }
        Shape::Record(fields) => fields.iter().for_each(|field| sample_shape(field, g, e)),
        Shape::Sum(sum) => {
            let column = e.version().column();
            let rows: Vec<_> =
                sum.rows.iter().filter_map(|(tags, c)| Some(((tags[column]?, *c), c.fields.len()))).collect();
            let (tag, constructor) = g.constructor(&rows);
            e.raw(&[tag]);
            g.nested(|g| constructor.fields.iter().for_each(|field| sample_shape(field, g, e)));
        }
    }
}

fn sample_array(g: &mut Gen<'_>, e: &mut Encoder, width: usize) {
    let n = g.len();
    e.raw(&0i64.to_be_bytes());
    e.raw(&(n as i64 - 1).to_be_bytes());
    (0..n * width).for_each(|_| e.raw(&[g.byte()]));
}
