//! `ResolvedBCO` as a shape: where byte code on the wire begins and ends, and which of its parts are handles.
//!
//! Chunks of byte code pass through the engine unread; they are decoded once, inside the sandbox. Only replaying a
//! session looks into them here, to exchange references.

use super::binary::{Binary, Decoder, Encoder, Handle};
use super::declare::columns;
use super::error::DecodeError;
use super::shape::{Constructor, Encoded, Shape, Shaped, Sum};
use super::text::Bytes;
use super::version::{GhcVersion, check_tags_distinct};

/// One element of the `[lazy ByteString]` in `CreateBCOs`: the encoding of a `[ResolvedBCO]`, not checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct BcoChunk(pub Bytes);

impl BcoChunk {
    /// Check the chunk and make its parts reachable.
    pub fn decode(&self, version: GhcVersion) -> Result<Encoded<ResolvedBCOs>, DecodeError> {
        Encoded::new(self.0.0.clone(), version)
    }
}

impl Binary for BcoChunk {
    fn put(&self, e: &mut Encoder) {
        self.0.put(e);
    }

    fn get(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Bytes::get(d).map(BcoChunk)
    }

    /// A chunk that is no byte code has no handles. References keep their size, so the version does not matter.
    fn visit_handles(&mut self, visit: &mut dyn FnMut(Handle<'_>)) {
        if let Ok(mut bcos) = self.decode(GhcVersion::default()) {
            bcos.visit_handles(visit);
            self.0 = Bytes::from(bcos.bytes());
        }
    }
}

#[cfg(test)]
impl super::sample::Sample for BcoChunk {
    fn sample(g: &mut super::sample::Gen<'_>) -> Self {
        BcoChunk(Bytes(Encoded::<ResolvedBCOs>::sample(g).bytes().to_vec()))
    }
}

/// `[ResolvedBCO]`.
#[derive(Debug)]
pub enum ResolvedBCOs {}

impl Shaped for ResolvedBCOs {
    const NAME: &'static str = "[ResolvedBCO]";
    const SHAPE: &'static Shape = &BCOS;
}

static BCOS: Shape = Shape::List(&BCO);

/// Byte order flag, arity, instructions, bitmap, literals, pointers. Pointers are a `SizedSeq`: their number, then
/// a list of them, last one first.
static BCO: Shape = Shape::Record(&[
    &Shape::Bool,
    &Shape::Int,
    &Shape::Halfwords,
    &Shape::Words,
    &Shape::Literals,
    &Shape::Int,
    &Shape::List(&BCO_PTR),
]);

static BCO_PTR: Shape = Shape::Sum(&ResolvedBCOPtr);

#[allow(non_upper_case_globals, reason = "Haskell's name of the type")]
static ResolvedBCOPtr: Sum = Sum {
    name: "ResolvedBCOPtr",
    rows: &[
        (columns!(0), &Constructor { name: "ResolvedBCORef", fields: &[&Shape::Int] }),
        (columns!(1), &Constructor { name: "ResolvedBCOPtr", fields: &[&Shape::Ref] }),
        (columns!(2), &Constructor { name: "ResolvedBCOStaticPtr", fields: &[&Shape::Ptr] }),
        (columns!(3), &Constructor { name: "ResolvedBCOPtrBCO", fields: &[&BCO] }),
        (columns!(4), &Constructor { name: "ResolvedBCOPtrBreakArray", fields: &[&Shape::Ref] }),
    ],
};

const _: () = assert!(check_tags_distinct(ResolvedBCOPtr.rows));
