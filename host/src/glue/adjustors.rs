//! Generates *adjustors*: C functions that stand for Haskell functions and are told apart only by where they are.
//!
//! An adjustor knows the record that the machine has filled for it (`bcvm::abi::adjustor`): it calls the stub named there,
//! which GHC has had compiled for the type, with the stable pointer from there as its first argument and its own behind
//! it.

// Note [How an adjustor shifts arguments]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A stub's parameters are those of the Haskell function behind a stable pointer. Words move up by one register; vectors
// stay. The sixth word finds no register any more: it goes to the stack, beneath the arguments that lie there. The stub
// expects a word between it and those, which GHC calls the original return address and which is one here as well:
//
//      as called                        as the stub is called
//      rsp + 8   argument 7 ...         argument 7 ...
//      rsp       return address         original return address
//      rsp - 8                          argument 6
//      rsp - 16                         return address, new rsp
//
// (`rts/Adjustor.c`, and `insertRetAddr` of GHC's desugarer.) With fewer words there must be nothing between the return
// address and what lies on the stack, so the record says which it is.
//
// A module makes a batch of adjustors: instantiated again with another place in the table and other records it makes the
// next. Each notes its record in memory and goes on in a function common to all; nothing runs between that could note
// another.

use bcvm::abi::{ADJUSTOR, adjustor};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ElementSection, Elements, EntityType, Function, FunctionSection, GlobalType,
    ImportSection, MemArg, Module, TypeSection, ValType,
};

use super::convention::{
    C_PARAMS, C_RESULTS, C_TABLE, C_WORD_PARAMS, GLUE, MEMORY, MEMORY_MODULE, RSP, imported_table, memory_type,
    slot_type,
};

/// The module name under which a batch imports what is its own.
pub const BATCH: &str = "batch";
/// The first slot of the batch, an i32.
pub const FIRST: &str = "first";
/// The address of its first record, an i32.
pub const RECORDS: &str = "records";

const C_TYPE: u32 = 0;
const C_TABLE_INDEX: u32 = 0;
/// Indices of the imported globals.
const RSP_GLOBAL: u32 = 0;
const FIRST_GLOBAL: u32 = 1;
const RECORDS_GLOBAL: u32 = 2;
/// The function that all adjustors go on in; they follow.
const COMMON: u32 = 0;

/// The module.
pub fn generate() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function(C_PARAMS, C_RESULTS);

    let mut imports = ImportSection::new();
    imports.import(GLUE, C_TABLE, EntityType::Table(imported_table(C_TYPE)));
    imports.import(MEMORY_MODULE, MEMORY, EntityType::Memory(memory_type()));
    let rsp = GlobalType { val_type: ValType::I64, mutable: true, shared: false };
    imports.import(GLUE, RSP, EntityType::Global(rsp));
    for name in [FIRST, RECORDS] {
        let number = GlobalType { val_type: ValType::I32, mutable: false, shared: false };
        imports.import(BATCH, name, EntityType::Global(number));
    }

    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    functions.function(C_TYPE);
    code.function(&common());
    let mut entries = Vec::new();
    for n in 0..adjustor::BATCH {
        functions.function(C_TYPE);
        code.function(&nth(n));
        entries.push(ConstExpr::ref_func(COMMON + 1 + n));
    }
    let mut elements = ElementSection::new();
    let first = ConstExpr::global_get(FIRST_GLOBAL);
    elements.active(Some(C_TABLE_INDEX), &first, Elements::Expressions(slot_type(C_TYPE), entries.into()));

    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&elements).section(&code);
    module.finish()
}

/// The adjustor with the `n`th record.
fn nth(n: u32) -> Function {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    code.i32_const(0).global_get(RECORDS_GLOBAL).i32_const((n * adjustor::BYTES).cast_signed()).i32_add();
    code.i32_store(at(ADJUSTOR, 2));
    for param in 0..C_PARAMS.len() as u32 {
        code.local_get(param);
    }
    code.return_call(COMMON).end();
    function
}

/// Calls the stub: see Note [How an adjustor shifts arguments].
fn common() -> Function {
    let record = C_PARAMS.len() as u32;
    let last_word = C_WORD_PARAMS - 1;
    let mut function = Function::new([(1, ValType::I32)]);
    let mut code = function.instructions();
    code.i32_const(0).i32_load(at(ADJUSTOR, 2)).local_tee(record);
    code.i32_load8_u(at(adjustor::SPILLS, 0)).if_(BlockType::Empty);
    code.global_get(RSP_GLOBAL).i64_const(8).i64_sub().i32_wrap_i64().local_get(last_word).i64_store(at(0, 3));
    code.global_get(RSP_GLOBAL).i64_const(16).i64_sub().global_set(RSP_GLOBAL);
    code.end();
    code.local_get(record).i64_load(at(adjustor::STABLE, 3));
    for param in (0..C_PARAMS.len() as u32).filter(|&param| param != last_word) {
        code.local_get(param);
    }
    // The first four bytes at a code address are a slot.
    code.local_get(record).i64_load(at(adjustor::STUB, 3)).i32_wrap_i64().i32_load(at(0, 2));
    code.return_call_indirect(C_TABLE_INDEX, C_TYPE).end();
    function
}

fn at(offset: u32, align: u32) -> MemArg {
    MemArg { offset: u64::from(offset), align, memory_index: 0 }
}
