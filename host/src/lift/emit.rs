//! Writing wasm for one function: locals for registers, and a record of what was touched.
//!
//! [`Emitter`] is used twice over the same instructions. A first pass throws the code away and keeps
//! only [`Effects`]: which registers a block reads before writing, which it writes. Liveness
//! therefore agrees with what the second pass emits by construction. Operands are `operand`'s, flags
//! `flags`'s, the meaning of instructions `x86`'s.

use std::collections::HashMap;

use wasm_encoder::{InstructionSink, MemArg, ValType};

use super::cells::Cells;
use super::convention::{CodeKind, value_type};
use super::flags::Flags;
use super::helpers::Helper;
use super::regs::{REG_COUNT, Reg, RegSet};
use crate::reloc::PlacedObject;

/// A function of the module being built.
#[derive(Debug, Clone, Copy)]
pub struct FunctionRef {
    /// Its wasm index.
    pub index: u32,
    /// Its convention.
    pub kind: CodeKind,
}

/// What emission needs to know about the module around a function.
#[derive(Debug)]
pub struct Context<'a> {
    /// Entries of this object by address.
    pub entries: HashMap<u32, FunctionRef>,
    /// The object, for the slots of code outside it.
    pub placed: &'a PlacedObject<'a, 'a>,
    /// Functions whose address is not where they are.
    pub cells: &'a Cells,
    /// The wasm index of the first helper.
    pub helpers: u32,
}

impl Context<'_> {
    /// The wasm index of a helper.
    pub fn helper(&self, helper: Helper) -> u32 {
        self.helpers + helper as u32
    }
}

/// Fixed indices in every lifted module.
pub mod index {
    /// The import that reports an unsupported place.
    pub const UNSUPPORTED: u32 = 0;
    /// The table of STG entries.
    pub const STG_TABLE: u32 = 0;
    /// The table of C functions.
    pub const C_TABLE: u32 = 1;
    /// The type of STG entries.
    pub const STG_TYPE: u32 = 0;
    /// The type of C functions.
    pub const C_TYPE: u32 = 1;
    /// The type of the report of an unsupported place.
    pub const UNSUPPORTED_TYPE: u32 = 2;
    /// The type of the division.
    pub const DIVIDE_TYPE: u32 = 3;
}

macro_rules! temporaries {
    ($($(#[$doc:meta])* $name:ident: $ty:ident),* $(,)?) => {
        /// Locals that hold no register: scratch values and the operands that flags come from.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Temp { $($(#[$doc])* $name),* }
        const TEMP_TYPES: &[ValType] = &[$(ValType::$ty),*];
    };
}

temporaries! {
    /// First operand of the instruction that set the flags, 64 bits.
    FlagA64: I64,
    /// Second operand.
    FlagB64: I64,
    /// Its result.
    FlagR64: I64,
    /// First operand, 32 bits or fewer.
    FlagA32: I32,
    /// Second operand.
    FlagB32: I32,
    /// Its result.
    FlagR32: I32,
    /// First operand of a floating comparison.
    FlagAf: F64,
    /// Second operand.
    FlagBf: F64,
    /// The address of a memory operand that is read and written.
    Addr: I32,
    /// Scratch.
    A32: I32,
    /// Scratch.
    B32: I32,
    /// Scratch.
    C32: I32,
    /// Scratch.
    A64: I64,
    /// Scratch.
    B64: I64,
    /// Scratch.
    C64: I64,
    /// Scratch.
    D64: I64,
    /// Scratch.
    Fa: F64,
    /// Never written, so zero.
    Zero: V128,
    /// Scratch.
    Va: V128,
    /// Scratch.
    Vb: V128,
}

/// What a stretch of code reads and writes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Effects {
    /// Read before being written.
    pub uses: RegSet,
    /// Written, or made meaningless by a call.
    pub defs: RegSet,
    /// Written since the last call that made it meaningless: a home may be out of date.
    pub dirty: RegSet,
    /// Made meaningless by a call, so that what was written before matters no more.
    pub clean: RegSet,
    /// Writes memory on every way through.
    pub stores: bool,
}

/// Writes the wasm of one function.
pub struct Emitter<'a> {
    /// The module around it.
    pub context: &'a Context<'a>,
    /// The convention of the code.
    pub kind: CodeKind,
    /// Where the flags are now.
    pub flags: Flags,
    /// What was touched.
    pub effects: Effects,
    /// What rax is, if this block set it to a constant.
    pub known_rax: Option<u64>,
    sink: InstructionSink<'a>,
    regs: [u32; REG_COUNT],
    temps: [u32; TEMP_TYPES.len()],
    params: u32,
    locals: Vec<ValType>,
}

const NONE: u32 = u32::MAX;

impl<'a> Emitter<'a> {
    /// Starts a function whose parameters are `params`; its instructions are appended to `code`.
    pub fn new(context: &'a Context<'a>, kind: CodeKind, params: &[Reg], code: &'a mut Vec<u8>) -> Emitter<'a> {
        let mut regs = [NONE; REG_COUNT];
        for (index, reg) in params.iter().enumerate() {
            regs[reg.0 as usize] = index as u32;
        }
        Emitter {
            context,
            kind,
            flags: Flags::default(),
            effects: Effects::default(),
            known_rax: None,
            sink: InstructionSink::new(code),
            regs,
            temps: [NONE; TEMP_TYPES.len()],
            params: params.len() as u32,
            locals: Vec::new(),
        }
    }

    /// The types of locals beyond parameters.
    pub fn into_locals(self) -> Vec<ValType> {
        self.locals
    }

    /// The raw instruction sink.
    pub fn w(&mut self) -> &mut InstructionSink<'a> {
        &mut self.sink
    }

    fn new_local(&mut self, ty: ValType) -> u32 {
        self.locals.push(ty);
        self.params + self.locals.len() as u32 - 1
    }

    /// The local of a register; for entry and exit code, which keeps its own books.
    pub fn reg_local(&mut self, reg: Reg) -> u32 {
        if self.regs[reg.0 as usize] == NONE {
            self.regs[reg.0 as usize] = self.new_local(value_type(reg));
        }
        self.regs[reg.0 as usize]
    }

    fn temp_local(&mut self, temp: Temp) -> u32 {
        if self.temps[temp as usize] == NONE {
            self.temps[temp as usize] = self.new_local(TEMP_TYPES[temp as usize]);
        }
        self.temps[temp as usize]
    }

    /// Notes a read of `reg`.
    pub fn note_use(&mut self, reg: Reg) {
        if !self.effects.defs.has(reg) {
            self.effects.uses.add(reg);
        }
    }

    /// Pushes a register's value.
    pub fn get(&mut self, reg: Reg) {
        if reg == Reg::R13 && self.kind == CodeKind::Stg {
            self.w().i64_const(super::convention::BASE_REG.into());
            return;
        }
        self.note_use(reg);
        let local = self.reg_local(reg);
        self.w().local_get(local);
    }

    /// Pops a register's new value.
    pub fn set(&mut self, reg: Reg) {
        if reg == Reg::R13 && self.kind == CodeKind::Stg {
            self.w().drop();
            return;
        }
        self.effects.defs.add(reg);
        self.effects.dirty.add(reg);
        if reg == Reg::RAX {
            self.known_rax = None;
        }
        let local = self.reg_local(reg);
        self.w().local_set(local);
    }

    /// Pushes a temporary.
    pub fn get_temp(&mut self, temp: Temp) {
        let local = self.temp_local(temp);
        self.w().local_get(local);
    }

    /// Pops into a temporary.
    pub fn set_temp(&mut self, temp: Temp) {
        let local = self.temp_local(temp);
        self.w().local_set(local);
    }

    /// Copies the top of the stack into a temporary.
    pub fn tee_temp(&mut self, temp: Temp) {
        let local = self.temp_local(temp);
        self.w().local_tee(local);
    }

    /// The immediate of a load.
    pub fn mem(&self, offset: u64) -> MemArg {
        MemArg { offset, align: 0, memory_index: 0 }
    }

    /// Notes a store and makes its immediate.
    pub fn mem_store(&mut self, offset: u64) -> MemArg {
        self.effects.stores = true;
        self.mem(offset)
    }
}
