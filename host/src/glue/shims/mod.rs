//! Generates the module *shims*: what compiled code enters often, and calls, without a detour through the scheduler.
//!
//! It comes after the guest, whose exports it imports.
//!
//! | file | what |
//! |---|---|
//! | [`c`] | the machine's C functions as entries of the C table |
//! | [`stg`] | how STG code is written here: registers, jumps, frames |
//! | [`apply`] | unknown calls: `stg_ap_*_fast`, `stg_ap_*_info` |
//! | [`eval`] | evaluating, returning, updating: indirections, update frames, standard thunks |
//! | [`primop`] | primops and frames that need only a few words of memory: masks, MVars, mutable variables, byte arrays |
//!
//! Every entry here does the frequent cases and leaves the others to the stop entry that it replaces: see Note [What a
//! stop entry means] in `bcvm::sched::native`.

mod apply;
mod c;
mod eval;
mod primop;
mod stg;

use bcvm::libc::table::{self, FUNCTIONS};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, Function, FunctionSection, GlobalType, ImportSection,
    Module, TypeSection, ValType,
};

use super::convention::{
    self, C_PARAMS, C_RESULTS, C_TABLE, GLUE, GUEST, MEMORY, MEMORY_MODULE, imported_table, memory_type,
};
use super::convention::{RSP, STG_GLOBALS, STG_PARAMS, STG_TABLE, STOP, UPDATE, slot_type};

/// Indices in the type section.
const C_TYPE: u32 = 0;
const CALL_TYPE: u32 = 1;
const STG_TYPE: u32 = 2;
const UPDATE_TYPE: u32 = 3;
/// Indices of the imported functions; the shim of C function `n` is `FIRST_SHIM + n`, and STG entries follow.
const CALL_FUNCTION: u32 = 0;
const UPDATE_FUNCTION: u32 = 1;
/// Stop entries are there once for each set of registers.
const STOP_FUNCTION: u32 = 2;
const FIRST_SHIM: u32 = STOP_FUNCTION + STOP.len() as u32;
/// What the update frames jump to where the thunk is not young.
const OLD_UPDATE_FUNCTION: u32 = FIRST_SHIM + FUNCTIONS.len() as u32;
/// The first STG entry is [`eval`]'s, which others jump to.
const EVAL_FUNCTION: u32 = OLD_UPDATE_FUNCTION + 1;
/// Index of the imported C stack pointer; the STG globals come first, in their order.
const RSP_INDEX: u32 = STG_GLOBALS.len() as u32;
/// Indices of the tables.
const STG_TABLE_INDEX: u32 = 0;
const C_TABLE_INDEX: u32 = 1;

/// The module.
pub fn generate() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function(C_PARAMS, C_RESULTS);
    types.ty().function([ValType::I32], []);
    types.ty().function(STG_PARAMS, []);
    types.ty().function([ValType::I32; 2], []);

    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    for (n, f) in (0..).zip(&FUNCTIONS) {
        functions.function(C_TYPE);
        code.function(&c::shim(n, f));
    }
    functions.function(STG_TYPE);
    code.function(&eval::update_old());
    let mut elements = ElementSection::new();
    let shims: Vec<ConstExpr> = (0..FUNCTIONS.len() as u32).map(|n| ConstExpr::ref_func(FIRST_SHIM + n)).collect();
    let first = ConstExpr::i32_const(table::slot(0).cast_signed());
    elements.active(Some(C_TABLE_INDEX), &first, Elements::Expressions(slot_type(C_TYPE), shims.into()));

    let entries: Vec<(u32, Function)> = eval::entries().chain(apply::entries()).chain(primop::entries()).collect();
    for ((slot, function), index) in entries.iter().zip(EVAL_FUNCTION..) {
        functions.function(STG_TYPE);
        code.function(function);
        let at = ConstExpr::i32_const(slot.cast_signed());
        let function = vec![ConstExpr::ref_func(index)];
        elements.active(Some(STG_TABLE_INDEX), &at, Elements::Expressions(slot_type(STG_TYPE), function.into()));
    }

    let mut module = Module::new();
    module.section(&types).section(&imports()).section(&functions).section(&elements).section(&code);
    module.finish()
}

fn imports() -> ImportSection {
    let mut imports = ImportSection::new();
    imports.import(GUEST, convention::C_CALL, EntityType::Function(CALL_TYPE));
    imports.import(GUEST, UPDATE, EntityType::Function(UPDATE_TYPE));
    for stop in STOP {
        imports.import(GLUE, stop, EntityType::Function(STG_TYPE));
    }
    for (name, ty) in [(STG_TABLE, STG_TYPE), (C_TABLE, C_TYPE)] {
        imports.import(GLUE, name, EntityType::Table(imported_table(ty)));
    }
    imports.import(MEMORY_MODULE, MEMORY, EntityType::Memory(memory_type()));
    for (name, val_type) in STG_GLOBALS.iter().map(|g| (g.name, g.ty)).chain([(RSP, ValType::I64)]) {
        imports.import(GLUE, name, EntityType::Global(GlobalType { val_type, mutable: true, shared: false }));
    }
    imports
}
