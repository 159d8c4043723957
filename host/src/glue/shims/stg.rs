//! How STG code is written in this module: a wasm function in the making, with the vocabulary of GHC's Cmm.

use bcvm::abi::STOP_ENTRY;
use bcvm::entry::Entry;
use bcvm::entry::registers::Registers;
use bcvm::layout::{ClosureType, info_table};
use wasm_encoder::{BlockType, Function, InstructionSink, MemArg, ValType};

use super::{EVAL_FUNCTION, STG_TABLE_INDEX, STG_TYPE, STOP_FUNCTION};
use crate::glue::convention::STG_PARAMS;

/// Parameters.
pub(super) const R1: u32 = 0;
pub(super) const R2: u32 = 1;
pub(super) const SP: u32 = 2;
pub(super) const HP: u32 = 3;
/// Locals: an info pointer, a closure type or another number, a word.
pub(super) const INFO: u32 = STG_PARAMS.len() as u32;
pub(super) const TYPE: u32 = INFO + 1;
pub(super) const WORD: u32 = INFO + 2;
/// Index of the first global: R3.
const R3: u32 = 0;
/// Index of SpLim's global.
const SP_LIM: u32 = 4;
/// R1 to R6 carry words.
pub(super) const WORD_REGS: u32 = 6;

/// The code of an entry.
pub(super) struct Code {
    function: Function,
}

impl Code {
    pub(super) fn new() -> Code {
        Code { function: Function::new([(2, ValType::I32), (1, ValType::I64)]) }
    }

    pub(super) fn w(&mut self) -> InstructionSink<'_> {
        self.function.instructions()
    }

    /// Ends the function, whose last instruction has left it.
    pub(super) fn finish(mut self) -> Function {
        self.w().unreachable().end();
        self.function
    }

    /// Pushes the word `offset` bytes from the address in `local`.
    pub(super) fn load(&mut self, local: u32, offset: u32) {
        self.w().local_get(local).i32_wrap_i64().i64_load(at(offset));
    }

    /// Pushes the word register `n`, R1 being 1.
    pub(super) fn get_reg(&mut self, n: u32) {
        match n {
            1 => self.w().local_get(R1),
            2 => self.w().local_get(R2),
            n => self.w().global_get(R3 + n - 3),
        };
    }

    /// Pops a word into register `n`.
    pub(super) fn set_reg(&mut self, n: u32) {
        match n {
            1 => self.w().local_set(R1),
            2 => self.w().local_set(R2),
            n => self.w().global_set(R3 + n - 3),
        };
    }

    /// Sp += bytes.
    pub(super) fn add_sp(&mut self, bytes: i64) {
        self.w().local_get(SP).i64_const(bytes).i64_add().local_set(SP);
    }

    /// Stores what `value` pushes at Sp + offset.
    pub(super) fn store_at_sp(&mut self, offset: u32, value: impl FnOnce(&mut Code)) {
        self.w().local_get(SP).i32_wrap_i64();
        value(self);
        self.w().i64_store(at(offset));
    }

    /// `if (Sp - bytes < SpLim) stop`, with Sp and all registers as they are.
    pub(super) fn check_stack(&mut self, bytes: u32, failed: Entry) {
        self.check_stack_at(bytes, failed.slot());
    }

    /// The same for an entry that is known by its slot.
    pub(super) fn check_stack_at(&mut self, bytes: u32, failed: u32) {
        self.w().local_get(SP).i64_const(i64::from(bytes)).i64_sub().global_get(SP_LIM).i64_lt_u();
        self.when(|c| c.stop_at(failed));
    }

    /// `if (popped != 0) { then }`.
    pub(super) fn when(&mut self, then: impl FnOnce(&mut Code)) {
        self.w().if_(BlockType::Empty);
        then(self);
        self.w().end();
    }

    /// Pushes the tag of R1.
    pub(super) fn tag(&mut self) {
        self.w().local_get(R1).i64_const(7).i64_and();
    }

    /// INFO = the info pointer of R1, which is not tagged.
    pub(super) fn load_info(&mut self) {
        self.w().local_get(R1).i32_wrap_i64().i32_load(at32(0)).local_set(INFO);
    }

    /// TYPE = the closure type of the info table at INFO.
    pub(super) fn load_type(&mut self) {
        let back = info_table::TYPE.cast_signed();
        self.w().local_get(INFO).i32_const(back).i32_sub().i32_load(at32(0)).local_set(TYPE);
    }

    /// Pushes the arity in the info table at INFO, which must be a function's.
    pub(super) fn load_arity(&mut self) {
        let back = info_table::ARITY.cast_signed();
        self.w().local_get(INFO).i32_const(back).i32_sub().i32_load(at32(0));
    }

    /// Pushes whether TYPE is one of the types from `first` to `last`.
    pub(super) fn is_type(&mut self, first: ClosureType, last: ClosureType) {
        let (first, last) = (first as i32, last as i32);
        self.w().local_get(TYPE).i32_const(first).i32_sub().i32_const(last - first).i32_le_u();
    }

    /// Jumps to the code whose address is in INFO.
    pub(super) fn jump_info(&mut self) {
        for param in 0..STG_PARAMS.len() as u32 {
            self.w().local_get(param);
        }
        self.w().local_get(INFO).i32_load(at32(0)).return_call_indirect(STG_TABLE_INDEX, STG_TYPE);
    }

    /// Jumps to the code of the frame on top.
    pub(super) fn jump_frame(&mut self) {
        self.w().local_get(SP).i32_wrap_i64().i32_load(at32(0)).local_set(INFO);
        self.jump_info();
    }

    /// Evaluates R1, whatever it is.
    pub(super) fn eval(&mut self) {
        self.jump_function(EVAL_FUNCTION);
    }

    /// Jumps to the STG function of this index.
    pub(super) fn jump_function(&mut self, index: u32) {
        for param in 0..STG_PARAMS.len() as u32 {
            self.w().local_get(param);
        }
        self.w().return_call(index);
    }

    /// Jumps to a built-in entry.
    pub(super) fn jump_entry(&mut self, entry: Entry) {
        for param in 0..STG_PARAMS.len() as u32 {
            self.w().local_get(param);
        }
        self.w().i32_const(entry.slot().cast_signed()).return_call_indirect(STG_TABLE_INDEX, STG_TYPE);
    }

    /// Leaves by the stop entry `entry`.
    pub(super) fn stop(&mut self, entry: Entry) {
        self.stop_at(entry.slot());
    }

    /// Leaves by the stop entry in this slot.
    pub(super) fn stop_at(&mut self, slot: u32) {
        self.w().i32_const(0).i32_const(slot.cast_signed()).i32_store(at32(STOP_ENTRY));
        self.jump_function(STOP_FUNCTION + Registers::at(slot) as u32);
    }
}

/// A word `offset` bytes further on.
pub(super) fn at(offset: u32) -> MemArg {
    MemArg { offset: u64::from(offset), align: 3, memory_index: 0 }
}

/// Four bytes `offset` bytes further on.
pub(super) fn at32(offset: u32) -> MemArg {
    MemArg { offset: u64::from(offset), align: 2, memory_index: 0 }
}
