//! How generated modules call each other and by which names they find each other: types, registers, exports.
//!
//! Invariant: everything that emits code for the STG or the C table takes its types from here. Where registers lie in
//! guest memory is [`bcvm::abi::reg`]'s business.

use bcvm::abi::reg;
use bcvm::entry::registers::Registers;
use wasm_encoder::{HeapType, MemoryType, RefType, TableType, ValType};

/// The wasm module name under which memory is imported (what `wasm-ld --import-memory` asks for).
pub const MEMORY_MODULE: &str = "env";
/// The name of the memory in [`MEMORY_MODULE`], and glue's export that it is.
pub const MEMORY: &str = "memory";
/// Size of guest memory in wasm pages: all a 32-bit memory can have, since what is accessible is decided by committing.
pub const MEMORY_PAGES: u64 = 1 << 16;

/// The module name under which glue's exports are imported.
pub const GLUE: &str = "glue";
/// Glue's exports: `run_few(index)`, `run_words(index)`, `run(index)`.
pub const RUN: [&str; 3] = ["run_few", "run_words", "run"];
/// Glue's export: `run_c(index)`.
pub const RUN_C: &str = "run_c";
/// Glue's export: `grow_stg(n)` adds empty slots to the STG table and answers the first, or -1.
pub const GROW_STG: &str = "grow_stg";
/// Glue's export: the same for the C table.
pub const GROW_C: &str = "grow_c";
/// The module name under which the guest's exports are imported.
pub const GUEST: &str = "guest";
/// The guest's export: `c_call(n)`.
pub const C_CALL: &str = "c_call";
/// The guest's export: `update(thunk, value)`.
pub const UPDATE: &str = "update";
/// Glue's exports: stop entries that expect their number in STOP_ENTRY, by the registers that hold something.
pub const STOP: [&str; 3] = ["stop_few", "stop_words", "stop"];
/// Glue's export: the table of STG entry points, of nullable references to functions of type [`STG_PARAMS`].
pub const STG_TABLE: &str = "stg_table";
/// Glue's export: the table of C functions, of nullable references to functions from [`C_PARAMS`] to [`C_RESULTS`].
pub const C_TABLE: &str = "c_table";
/// Glue's export: the C stack pointer, a mutable i64.
pub const RSP: &str = "rsp";

/// Neither table grows beyond this many slots (the six packages GHC's base needs have 125 thousand).
pub const MAX_SLOTS: u32 = 1 << 24;

/// STG functions take R1, R2, Sp and Hp and return nothing.
///
/// A trial compared conventions on lifted code: these four as parameters and the rest in globals was as fast as all as
/// parameters, 10 % faster than all in globals, and gave the smallest code. Nothing is returned because nothing
/// returns: results travel in registers to the continuation, by tail call. The table is typed, so a call through it
/// compares no signature at run time.
pub const STG_PARAMS: [ValType; 4] = [ValType::I64; 4];

/// Where the four parameters lie in the register table, in order.
pub const STG_PARAM_SLOTS: [u32; 4] = [reg::R1, reg::R1 + 8, reg::SP, reg::HP];

/// A C function takes rdi, rsi, rdx, rcx, r8, r9, then xmm0 to xmm7, then rax, whose low byte counts vector arguments
/// and which gcc keeps values in over calls within a file; more arguments lie on the C stack.
pub const C_PARAMS: [ValType; 15] = {
    let mut params = [ValType::I64; 15];
    let mut i = 6;
    while i < 14 {
        params[i] = ValType::V128;
        i += 1;
    }
    params
};

/// How many of [`C_PARAMS`] are words in registers; vectors follow.
pub const C_WORD_PARAMS: u32 = 6;

/// A C function answers rax, rdx, xmm0 and xmm1.
pub const C_RESULTS: [ValType; 4] = [ValType::I64, ValType::I64, ValType::V128, ValType::V128];

/// An STG register that is a mutable global of glue.
#[derive(Debug, Clone, Copy)]
pub struct StgGlobal {
    /// The name it is exported by.
    pub name: &'static str,
    /// i64 or v128.
    pub ty: ValType,
    /// Its place in the register table.
    pub offset: u32,
    /// Whether a stop entry writes it back. SpLim is not: compiled code never changes it, but the machine may.
    pub spilled: bool,
}

impl StgGlobal {
    /// Whether it is one of these registers.
    pub fn is_among(&self, registers: Registers) -> bool {
        match registers {
            Registers::Few => false,
            Registers::Words => self.ty == ValType::I64,
            Registers::All => true,
        }
    }
}

const fn word(name: &'static str, offset: u32) -> StgGlobal {
    StgGlobal { name, ty: ValType::I64, offset, spilled: true }
}

const fn vector(name: &'static str, number: u32) -> StgGlobal {
    StgGlobal { name, ty: ValType::V128, offset: reg::XMM1 + 16 * (number - 1), spilled: true }
}

/// The STG registers beyond the parameters that GHC keeps in machine registers on x86-64. R7 to R10 and everything
/// else of the register table are memory for compiled code too.
pub const STG_GLOBALS: [StgGlobal; 11] = [
    word("r3", reg::R1 + 16),
    word("r4", reg::R1 + 24),
    word("r5", reg::R1 + 32),
    word("r6", reg::R1 + 40),
    StgGlobal { name: "sp_lim", ty: ValType::I64, offset: reg::SP_LIM, spilled: false },
    vector("xmm1", 1),
    vector("xmm2", 2),
    vector("xmm3", 3),
    vector("xmm4", 4),
    vector("xmm5", 5),
    vector("xmm6", 6),
];

/// The memory that all modules share.
pub const fn memory_type() -> MemoryType {
    MemoryType {
        minimum: MEMORY_PAGES,
        maximum: Some(MEMORY_PAGES),
        memory64: false,
        shared: false,
        page_size_log2: None,
    }
}

/// A table of functions of one type, as modules import it.
pub const fn imported_table(type_index: u32) -> TableType {
    TableType { element_type: slot_type(type_index), minimum: 0, maximum: None, table64: false, shared: false }
}

/// The element type of a table whose functions have the type with this index: nullable, so that slots can be empty.
pub const fn slot_type(type_index: u32) -> RefType {
    RefType { nullable: true, heap_type: HeapType::Concrete(type_index) }
}
