//! [`Prototype`]: what is to be known of a C function to call it.

use std::fmt;

use super::parse;

/// Words that are passed on the stack, at most.
pub(super) const STACK_WORDS: usize = 16;
/// Words, and floating-point numbers, that are passed in registers.
pub(super) const WORD_REGISTERS: usize = 6;
pub(super) const VECTOR_REGISTERS: usize = 8;

/// A type that fits a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Scalar {
    Bool,
    /// Apart from the other types of a byte: text is made of it.
    Char,
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

impl Scalar {
    /// Bytes of it.
    pub(super) fn size(self) -> u64 {
        match self {
            Scalar::Bool | Scalar::Char | Scalar::I8 | Scalar::U8 => 1,
            Scalar::I16 | Scalar::U16 => 2,
            Scalar::I32 | Scalar::U32 | Scalar::F32 => 4,
            Scalar::I64 | Scalar::U64 | Scalar::F64 => 8,
        }
    }

    pub(super) fn is_float(self) -> bool {
        matches!(self, Scalar::F32 | Scalar::F64)
    }

    /// A word whose low bytes are such a value, with the other bytes as C wants them.
    pub(super) fn extend(self, word: u64) -> u64 {
        match self {
            Scalar::Bool => u64::from(word as u8 != 0),
            Scalar::Char | Scalar::I8 => i64::from(word as i8).cast_unsigned(),
            Scalar::I16 => i64::from(word as i16).cast_unsigned(),
            Scalar::I32 => i64::from(word as i32).cast_unsigned(),
            Scalar::U8 => u64::from(word as u8),
            Scalar::U16 => u64::from(word as u16),
            Scalar::U32 | Scalar::F32 => u64::from(word as u32),
            Scalar::I64 | Scalar::U64 | Scalar::F64 => word,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Scalar::Bool => "_Bool",
            Scalar::Char => "char",
            Scalar::I8 => "signed char",
            Scalar::U8 => "unsigned char",
            Scalar::I16 => "short",
            Scalar::U16 => "unsigned short",
            Scalar::I32 => "int",
            Scalar::U32 => "unsigned int",
            Scalar::I64 => "long",
            Scalar::U64 => "unsigned long",
            Scalar::F32 => "float",
            Scalar::F64 => "double",
        }
    }
}

/// What a pointer leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Pointee {
    Void,
    Scalar(Scalar),
    /// A struct, a union or a type that we know nothing of: `struct thing`, `FILE`.
    Named(String),
}

impl Pointee {
    /// Bytes of one such thing, as far as they are known.
    pub(super) fn size(&self) -> u64 {
        match self {
            Pointee::Scalar(scalar) => scalar.size(),
            Pointee::Void | Pointee::Named(_) => 1,
        }
    }
}

impl fmt::Display for Pointee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pointee::Void => f.write_str("void"),
            Pointee::Scalar(scalar) => f.write_str(scalar.name()),
            Pointee::Named(name) => f.write_str(name),
        }
    }
}

/// How many things a pointer leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    /// One, or as many as the function likes.
    Unsaid,
    Number(u64),
    /// The value of parameter number so-and-so.
    Value(usize),
    /// What parameter number so-and-so points to.
    Pointed(usize),
}

/// A pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pointer {
    pub(super) to: Pointee,
    pub(super) is_const: bool,
    pub(super) count: Count,
}

impl Pointer {
    /// Whether it is C's way to pass text.
    pub(super) fn is_text(&self) -> bool {
        self.is_const && self.to == Pointee::Scalar(Scalar::Char) && self.count == Count::Unsaid
    }
}

/// The type of a parameter or result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Type {
    /// A result only.
    Void,
    Scalar(Scalar),
    Pointer(Pointer),
}

/// Where a value is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Word(usize),
    Vector(usize),
    Stack(usize),
}

/// How a C function is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prototype {
    pub(super) name: String,
    pub(super) result: Type,
    pub(super) params: Vec<Type>,
    /// Where each of `params` is passed.
    pub(super) places: Vec<Place>,
    /// Whether handles that it is given are no good afterwards.
    pub(super) frees: bool,
}

impl Prototype {
    /// Reads a declaration: `unsigned long crc32(unsigned long crc, const unsigned char buf[len], unsigned int len)`. Fails
    /// with what is wrong with it.
    pub fn parse(text: &str) -> Result<Prototype, String> {
        parse::prototype(text)
    }

    /// The function's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// By System V's convention: the first words and floating-point numbers are passed in registers, what is left on the stack.
    pub(super) fn new(name: String, result: Type, params: Vec<Type>) -> Result<Prototype, String> {
        let (mut words, mut vectors, mut stack) = (0.., 0.., 0..);
        let place = |param: &Type| {
            let register = match param {
                Type::Scalar(scalar) if scalar.is_float() => {
                    vectors.next().filter(|n| *n < VECTOR_REGISTERS).map(Place::Vector)
                }
                _ => words.next().filter(|n| *n < WORD_REGISTERS).map(Place::Word),
            };
            register.or_else(|| stack.next().map(Place::Stack))
        };
        let places: Vec<Place> = params.iter().filter_map(place).collect();
        if places.iter().any(|place| matches!(place, Place::Stack(n) if *n >= STACK_WORDS)) {
            return Err(format!(
                "{name} has more arguments than are supported: {WORD_REGISTERS} words and {VECTOR_REGISTERS} floating-point \
                 numbers, and {STACK_WORDS} more of either"
            ));
        }
        Ok(Prototype { name, result, params, places, frees: false })
    }
}
