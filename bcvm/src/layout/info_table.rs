//! Info tables as they lie before the entry code (`includes/rts/storage/InfoTables.h`).
//!
//! An info pointer points behind its table; every field is at a negative offset. At the info pointer itself lies
//! the entry code, of which this system uses the first four bytes: see Note [One code pointer].
//
// Note [One code pointer]
// ~~~~~~~~~~~~~~~~~~~~~~~
// GHC's heap refers to code by address, and wasm has no code addresses. So at every address that Haskell or C
// may use as code (info pointer, return point, C function) the first four bytes hold an index into a function
// table, and to jump there is: load the index, `return_call_indirect`. Built-in entries use the slots 1..=N of
// the table in the order of `entry::table`; slot 0 traps, so zeroed memory is never code.

use super::ClosureType;
use crate::mem::Mem;
use crate::word::{Addr, InfoPtr};

/// Offset of the SRT field, or of a constructor's zero-based tag.
pub const SRT: u32 = 4;
/// Offset of the closure type.
pub const TYPE: u32 = 8;
/// Offset of the layout word: pointers and non-pointers, a small bitmap, a selector's field.
pub const LAYOUT: u32 = 16;
/// Offset of the non-pointer count within the layout word's bytes.
const NPTRS: u32 = 12;
/// Constructors: offset of the self-relative offset of the description.
pub const CON_DESC: u32 = 24;
/// Functions: offset of the arity.
pub const ARITY: u32 = 20;
/// Functions: offset of the argument pattern (`fun_type`).
pub const FUN_TYPE: u32 = 24;
/// Functions with a general pattern: offset of the bitmap.
pub const FUN_BITMAP: u32 = 32;
/// Functions with a general pattern: offset of the self-relative offset (i32) of the slow entry.
const SLOW_APPLY: u32 = 40;
/// The longest table there is.
pub const MAX_BYTES: u32 = 40;

/// Reads fields of the info table at an info pointer.
#[derive(Clone, Copy)]
pub struct InfoTable<'m> {
    mem: &'m Mem,
    at: Addr,
}

impl<'m> InfoTable<'m> {
    /// The table whose info pointer is `info`. Nothing is checked: fields of a bad pointer are garbage.
    #[inline(always)]
    pub fn at(mem: &'m Mem, info: InfoPtr) -> InfoTable<'m> {
        InfoTable { mem, at: Addr(info.0) }
    }

    /// What kind of closure this describes.
    #[inline(always)]
    pub fn closure_type(self) -> ClosureType {
        ClosureType::from_number(self.mem.u32(self.at - TYPE))
    }

    /// Pointer words in the payload.
    #[inline(always)]
    pub fn ptrs(self) -> u32 {
        self.mem.u32(self.at - LAYOUT)
    }

    /// Non-pointer words in the payload.
    #[inline(always)]
    pub fn nptrs(self) -> u32 {
        self.mem.u32(self.at - NPTRS)
    }

    /// The layout word as a small bitmap.
    #[inline(always)]
    pub fn layout_word(self) -> u64 {
        self.mem.word(self.at - LAYOUT)
    }

    /// Where a large bitmap lies (RET_BIG).
    pub fn large_bitmap(self) -> Addr {
        self.at + self.mem.u32(self.at - LAYOUT)
    }

    /// A constructor's zero-based tag.
    #[inline(always)]
    pub fn con_tag(self) -> u32 {
        self.mem.u32(self.at - SRT)
    }

    /// Where a constructor's `pkg:Module.Con` description lies.
    pub fn con_desc(self) -> Addr {
        self.at + self.mem.u32(self.at - CON_DESC)
    }

    /// A function's arity.
    #[inline(always)]
    pub fn arity(self) -> u32 {
        self.mem.u32(self.at - ARITY)
    }

    /// A function's argument pattern, an index of `bitmap::FUN_BITMAPS` beyond the general ones.
    pub fn fun_type(self) -> u32 {
        self.mem.u32(self.at - FUN_TYPE)
    }

    /// The bitmap word of an ARG_GEN function.
    pub fn fun_bitmap(self) -> u64 {
        self.mem.word(self.at - FUN_BITMAP)
    }

    /// Where the large bitmap of an ARG_GEN_BIG function lies.
    pub fn fun_large_bitmap(self) -> Addr {
        self.at + self.mem.u32(self.at - FUN_BITMAP)
    }

    /// Where the code of an ARG_GEN function is that finds all arguments on the stack.
    pub fn slow_entry(self) -> Addr {
        self.at + self.mem.u32(self.at - SLOW_APPLY)
    }

    /// The table index of the entry code.
    #[inline(always)]
    pub fn code_index(self) -> u32 {
        self.mem.u32(self.at)
    }
}

/// Everything of an info table that the machine writes itself.
#[derive(Clone, Copy, Debug)]
pub struct NewInfoTable {
    /// What kind of closure it describes.
    pub closure_type: ClosureType,
    /// The layout word.
    pub layout: u64,
    /// The SRT field, or a constructor's tag.
    pub srt: u32,
    /// Arity and argument pattern of a function; the offset of a constructor's description in the second.
    pub extra: (u32, u32),
    /// The table index of the entry code.
    pub code_index: u32,
}

impl NewInfoTable {
    /// Writes the table so that `info` becomes its info pointer; the `MAX_BYTES` bytes before it and the four
    /// behind it must be free.
    pub fn write(&self, mem: &mut Mem, info: InfoPtr) {
        let at = Addr(info.0);
        mem.set_word(at - LAYOUT, self.layout);
        mem.set_u32(at - TYPE, self.closure_type as u32);
        mem.set_u32(at - SRT, self.srt);
        mem.set_u32(at - ARITY, self.extra.0);
        mem.set_u32(at - FUN_TYPE, self.extra.1);
        mem.set_u32(at, self.code_index);
    }
}

/// The layout word of a closure with so many pointers and non-pointers.
pub const fn payload(ptrs: u32, nptrs: u32) -> u64 {
    ptrs as u64 | (nptrs as u64) << 32
}
