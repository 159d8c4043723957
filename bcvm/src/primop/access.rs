//! Loads and stores of unboxed elements: `indexIntArray#`, `readWord8OffAddr#`, `writeDoubleArray#` and their kin.
//!
//! One table of element types times three operations times two kinds of base. Nothing is bounds-checked, as in
//! GHC: memory beyond an array is the guest's own.

use super::table::{Code, Primop};
use crate::layout::closure::arr_words;
use crate::mem::Mem;
use crate::word::Addr;

/// Type of an element in memory.
#[allow(missing_docs)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Elem {
    U8,
    U16,
    U32,
    U64,
    I8,
    I16,
    I32,
    F32,
}

impl Elem {
    /// Bytes of an element.
    pub const fn bytes(self) -> u32 {
        match self {
            Elem::U8 | Elem::I8 => 1,
            Elem::U16 | Elem::I16 => 2,
            Elem::U32 | Elem::I32 | Elem::F32 => 4,
            Elem::U64 => 8,
        }
    }

    /// The element at `a` as a stack word.
    #[inline(always)]
    pub fn load(self, mem: &Mem, a: Addr) -> u64 {
        match self {
            Elem::U8 => mem.u8(a) as u64,
            Elem::U16 => mem.u16(a) as u64,
            Elem::U32 | Elem::F32 => mem.u32(a) as u64,
            Elem::U64 => mem.word(a),
            Elem::I8 => mem.u8(a) as i8 as i64 as u64,
            Elem::I16 => mem.u16(a) as i16 as i64 as u64,
            Elem::I32 => mem.u32(a) as i32 as i64 as u64,
        }
    }

    /// Stores the low bytes of `w` at `a`.
    #[inline(always)]
    pub fn store(self, mem: &mut Mem, a: Addr, w: u64) {
        match self.bytes() {
            1 => mem.set_u8(a, w as u8),
            2 => mem.set_u16(a, w as u16),
            4 => mem.set_u32(a, w as u32),
            _ => mem.set_word(a, w),
        }
    }
}

/// A load or store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Access {
    /// Type of the element.
    pub elem: Elem,
    /// Unit of the index in bytes: the element's size, or 1 for `…ArrayAs…#`.
    pub scale: u32,
    /// Bytes from the first argument to element 0: an array's header, or nothing.
    pub base: u32,
    /// Whether it stores.
    pub store: bool,
}

impl Access {
    /// Carries it out on argument words: base, index, and what to store. A store answers 0.
    #[inline(always)]
    pub fn run(self, mem: &mut Mem, args: [u64; 3]) -> u64 {
        let at = Addr((args[0] as u32).wrapping_add(self.base).wrapping_add((args[1] as u32).wrapping_mul(self.scale)));
        if self.store {
            self.elem.store(mem, at, args[2]);
            0
        } else {
            self.elem.load(mem, at)
        }
    }
}

const fn row(
    name: &'static str,
    args: &'static str,
    results: &'static str,
    elem: Elem,
    scale: u32,
    base: u32,
) -> Primop {
    let store = results.is_empty();
    Primop { name, args, results, code: Code::Access(Access { elem, scale, base, store }) }
}

macro_rules! elements {
    ($($name:literal $elem:ident $size:literal $rep:literal;)* as $($unaligned:literal $uelem:ident $urep:literal;)*) => {
        /// Every access primop.
        pub const ACCESS: &[Primop] = &[
            $(
                row(concat!("index", $name, "Array#"), "pn", $rep, Elem::$elem, $size, arr_words::PAYLOAD),
                row(concat!("read", $name, "Array#"), "pnv", $rep, Elem::$elem, $size, arr_words::PAYLOAD),
                row(concat!("write", $name, "Array#"), concat!("pn", $rep, "v"), "", Elem::$elem, $size, arr_words::PAYLOAD),
                row(concat!("index", $name, "OffAddr#"), "nn", $rep, Elem::$elem, $size, 0),
                row(concat!("read", $name, "OffAddr#"), "nnv", $rep, Elem::$elem, $size, 0),
                row(concat!("write", $name, "OffAddr#"), concat!("nn", $rep, "v"), "", Elem::$elem, $size, 0),
            )*
            $(
                row(concat!("indexWord8ArrayAs", $unaligned, "#"), "pn", $urep, Elem::$uelem, 1, arr_words::PAYLOAD),
                row(concat!("readWord8ArrayAs", $unaligned, "#"), "pnv", $urep, Elem::$uelem, 1, arr_words::PAYLOAD),
                row(concat!("writeWord8ArrayAs", $unaligned, "#"), concat!("pn", $urep, "v"), "", Elem::$uelem, 1,
                    arr_words::PAYLOAD),
            )*
        ];
    };
}

elements! {
    "Char" U8 1 "n";
    "WideChar" U32 4 "n";
    "Int" U64 8 "n";
    "Word" U64 8 "n";
    "Addr" U64 8 "n";
    "StablePtr" U64 8 "n";
    "Float" F32 4 "f";
    "Double" U64 8 "d";
    "Int8" I8 1 "n";
    "Int16" I16 2 "n";
    "Int32" I32 4 "n";
    "Int64" U64 8 "n";
    "Word8" U8 1 "n";
    "Word16" U16 2 "n";
    "Word32" U32 4 "n";
    "Word64" U64 8 "n";
    as
    "Char" U8 "n";
    "WideChar" U32 "n";
    "Addr" U64 "n";
    "Float" F32 "f";
    "Double" U64 "d";
    "StablePtr" U64 "n";
    "Int16" I16 "n";
    "Int32" I32 "n";
    "Int64" U64 "n";
    "Int" U64 "n";
    "Word16" U16 "n";
    "Word32" U32 "n";
    "Word64" U64 "n";
    "Word" U64 "n";
}
