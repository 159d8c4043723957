//! `Integer`, `Natural`, and floating-point numbers the way `Data.Binary` sends them.
//!
//! Only the shortest encoding of a number is accepted, so that equal numbers have equal bytes.

use serde::{Deserialize, Serialize};

use super::binary::{Binary, Decoder, Encoder};
use super::declare::{columns, wire_struct};
use super::error::{DecodeError, Problem};
use super::version::Tags;

/// Both number types have a small and a large form.
const FORMS: [(Tags, bool); 2] = [(columns!(0), false), (columns!(1), true)];

/// The sign byte of a large `Integer`; the value says whether it is negative.
const SIGNS: [(Tags, bool); 2] = [(columns!(1), false), (columns!(0xff), true)];

/// A Haskell `Integer`. Invariant: the magnitude (least significant byte first) has no zero byte at its end, and zero
/// is not negative.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Integer {
    negative: bool,
    magnitude: Vec<u8>,
}

impl Integer {
    /// From sign and magnitude, least significant byte first.
    pub fn new(negative: bool, mut magnitude: Vec<u8>) -> Self {
        trim(&mut magnitude);
        Integer { negative: negative && !magnitude.is_empty(), magnitude }
    }

    /// The value, if 128 bits hold it.
    pub fn to_i128(&self) -> Option<i128> {
        let mut bytes = [0; 16];
        bytes.get_mut(..self.magnitude.len())?.copy_from_slice(&self.magnitude);
        let magnitude = i128::try_from(u128::from_le_bytes(bytes)).ok()?;
        Some(if self.negative { -magnitude } else { magnitude })
    }

    fn to_i32(&self) -> Option<i32> {
        self.to_i128().and_then(|n| i32::try_from(n).ok())
    }
}

impl From<i64> for Integer {
    fn from(n: i64) -> Self {
        Integer::new(n < 0, n.unsigned_abs().to_le_bytes().to_vec())
    }
}

impl Binary for Integer {
    fn put(&self, e: &mut Encoder) {
        if let Some(small) = self.to_i32() {
            e.raw(&[0]);
            small.put(e);
        } else {
            e.raw(&[1, if self.negative { 0xff } else { 1 }]);
            e.count(self.magnitude.len());
            e.raw(&self.magnitude);
        }
    }

    fn get(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let offset = d.offset();
        if !d.tag("Integer", &FORMS)? {
            return Ok(Integer::from(i64::from(i32::get(d)?)));
        }
        let negative = d.tag("Integer", &SIGNS)?;
        let integer = Integer { negative, magnitude: get_magnitude(d)? };
        match integer.to_i32() {
            None => Ok(integer),
            Some(_) => Err(d.invalid(offset, "Integer", Problem::NotCanonical)),
        }
    }
}

/// A Haskell `Natural`. Invariant: no zero byte at the end of the magnitude (least significant byte first).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Natural {
    magnitude: Vec<u8>,
}

impl Natural {
    /// From a magnitude, least significant byte first.
    pub fn new(mut magnitude: Vec<u8>) -> Self {
        trim(&mut magnitude);
        Natural { magnitude }
    }

    /// The value, if 64 bits hold it.
    pub fn to_u64(&self) -> Option<u64> {
        let mut bytes = [0; 8];
        bytes.get_mut(..self.magnitude.len())?.copy_from_slice(&self.magnitude);
        Some(u64::from_le_bytes(bytes))
    }
}

impl Binary for Natural {
    fn put(&self, e: &mut Encoder) {
        if let Some(small) = self.to_u64() {
            e.raw(&[0]);
            small.put(e);
        } else {
            e.raw(&[1]);
            e.count(self.magnitude.len());
            e.raw(&self.magnitude);
        }
    }

    fn get(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let offset = d.offset();
        if !d.tag("Natural", &FORMS)? {
            return Ok(Natural::new(u64::get(d)?.to_le_bytes().to_vec()));
        }
        let natural = Natural { magnitude: get_magnitude(d)? };
        match natural.to_u64() {
            None => Ok(natural),
            Some(_) => Err(d.invalid(offset, "Natural", Problem::NotCanonical)),
        }
    }
}

/// A `[Word8]` without a zero at its end.
fn get_magnitude(d: &mut Decoder<'_>) -> Result<Vec<u8>, DecodeError> {
    let offset = d.offset();
    let n = d.count("Integer")?;
    let magnitude = d.bulk(n)?;
    match magnitude.last() {
        None | Some(0) => Err(d.invalid(offset, "Integer", Problem::NotCanonical)),
        Some(_) => Ok(magnitude),
    }
}

fn trim(magnitude: &mut Vec<u8>) {
    while magnitude.last() == Some(&0) {
        magnitude.pop();
    }
}

wire_struct! {
    /// `Float` or `Double` as the pair `decodeFloat` gives; it has no place for the sign of zero, and infinities and NaN
    /// are numbers with exponent 972 (`Double`) or 105 (`Float`).
    DecodedFloat {
        /// Signed; 53 or 24 bits.
        mantissa: Integer,
        /// Power of two.
        exponent: i64,
    }
}

impl DecodedFloat {
    /// `decodeFloat` on a `Double`.
    pub fn from_f64(x: f64) -> Self {
        let bits = x.to_bits();
        Self::from_parts(bits >> 63 != 0, (bits >> 52 & 0x7ff) as i64, bits & ((1 << 52) - 1), 52)
    }

    /// `decodeFloat` on a `Float`.
    pub fn from_f32(x: f32) -> Self {
        let bits = u64::from(x.to_bits());
        Self::from_parts(bits >> 31 != 0, (bits >> 23 & 0xff) as i64, bits & ((1 << 23) - 1), 23)
    }

    fn from_parts(negative: bool, biased: i64, fraction: u64, fraction_bits: u32) -> Self {
        let bias = if fraction_bits == 52 { 1075 } else { 150 };
        let hidden = 1 << fraction_bits;
        let (mantissa, exponent) = match (biased, fraction) {
            (0, 0) => (0, 0),
            // GHC normalises subnormal numbers, too.
            (0, _) => {
                let shift = fraction.leading_zeros() - (63 - fraction_bits);
                (fraction << shift, 1 - bias - i64::from(shift))
            }
            _ => (fraction | hidden, biased - bias),
        };
        let mantissa = Integer::new(negative, mantissa.to_le_bytes().to_vec());
        DecodedFloat { mantissa, exponent }
    }

    /// `encodeFloat`; `None` when the mantissa is longer than a `Double`'s.
    pub fn to_f64(&self) -> Option<f64> {
        let mantissa = self.mantissa.to_i128().filter(|m| m.unsigned_abs() < 1 << 53)?;
        let mut x = mantissa as f64;
        // In steps that stay exact until the last one. Beyond ±3000 everything is zero or infinite.
        let mut left = self.exponent.clamp(-3000, 3000);
        while left != 0 {
            let step = left.clamp(-900, 900);
            x *= 2f64.powi(step as i32);
            left -= step;
        }
        Some(x)
    }
}
