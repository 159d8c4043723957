//! `Data.Binary` instances of the types every other type is made of.

use super::binary::{Binary, Decoder, Encoder, Handle};
use super::declare::columns;
use super::error::DecodeError;
use super::version::Tags;

macro_rules! fixed_size {
    ($($ty:ty)*) => {$(
        impl Binary for $ty {
            fn put(&self, e: &mut Encoder) {
                e.raw(&self.to_be_bytes());
            }

            fn get(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                Ok(<$ty>::from_be_bytes(d.array()?))
            }
        }
    )*};
}

// Haskell's Int and Word are i64 and u64 here.
fixed_size!(u8 u16 u32 u64 i8 i16 i32 i64);

/// The constructors of a type with two, numbered 0 and 1 in every version.
const TWO: [(Tags, bool); 2] = [(columns!(0), false), (columns!(1), true)];

impl Binary for bool {
    fn put(&self, e: &mut Encoder) {
        e.raw(&[u8::from(*self)]);
    }

    fn get(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        d.tag("Bool", &TWO)
    }
}

/// Nothing at all: a `()` reply takes no bytes.
impl Binary for () {
    const EMPTY: bool = true;

    fn put(&self, _: &mut Encoder) {}

    fn get(_: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Ok(())
    }
}

/// `Maybe`.
impl<T: Binary> Binary for Option<T> {
    fn put(&self, e: &mut Encoder) {
        e.raw(&[u8::from(self.is_some())]);
        if let Some(value) = self {
            value.put(e);
        }
    }

    fn get(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        match d.tag("Maybe", &TWO)? {
            false => Ok(None),
            true => T::get(d).map(Some),
        }
    }

    fn visit_handles(&mut self, visit: &mut dyn FnMut(Handle<'_>)) {
        if let Some(value) = self {
            value.visit_handles(visit);
        }
    }
}

/// `Either`: `Err` is `Left`.
impl<L: Binary, R: Binary> Binary for Result<R, L> {
    fn put(&self, e: &mut Encoder) {
        e.raw(&[u8::from(self.is_ok())]);
        match self {
            Err(left) => left.put(e),
            Ok(right) => right.put(e),
        }
    }

    fn get(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        match d.tag("Either", &TWO)? {
            false => L::get(d).map(Err),
            true => R::get(d).map(Ok),
        }
    }

    fn visit_handles(&mut self, visit: &mut dyn FnMut(Handle<'_>)) {
        match self {
            Err(left) => left.visit_handles(visit),
            Ok(right) => right.visit_handles(visit),
        }
    }
}

impl<T: Binary> Binary for Vec<T> {
    fn put(&self, e: &mut Encoder) {
        e.count(self.len());
        for element in self {
            element.put(e);
        }
    }

    fn get(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        d.list("list")
    }

    fn visit_handles(&mut self, visit: &mut dyn FnMut(Handle<'_>)) {
        for element in self {
            element.visit_handles(visit);
        }
    }
}

impl<T: Binary> Binary for Box<T> {
    fn put(&self, e: &mut Encoder) {
        (**self).put(e);
    }

    fn get(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        T::get(d).map(Box::new)
    }

    fn visit_handles(&mut self, visit: &mut dyn FnMut(Handle<'_>)) {
        (**self).visit_handles(visit);
    }
}

impl<A: Binary, B: Binary> Binary for (A, B) {
    fn put(&self, e: &mut Encoder) {
        self.0.put(e);
        self.1.put(e);
    }

    fn get(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Ok((A::get(d)?, B::get(d)?))
    }

    fn visit_handles(&mut self, visit: &mut dyn FnMut(Handle<'_>)) {
        self.0.visit_handles(visit);
        self.1.visit_handles(visit);
    }
}
