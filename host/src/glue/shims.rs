//! Generates the module *shims*: the machine's C functions as entries of the C table.
//!
//! It comes after the guest, whose exports it imports. A shim puts the arguments that its function has where the machine
//! looks for them, calls the machine, and answers what that has put there.

use bcvm::abi::{C_CALL, c_call};
use bcvm::libc::table::{self, CFunction, FUNCTIONS};
use bcvm::primop::table::Rep;
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, Function, FunctionSection, GlobalType, ImportSection,
    MemArg, MemoryType, Module, TableType, TypeSection, ValType,
};

use super::convention::{self, C_PARAMS, C_RESULTS, C_TABLE, C_WORD_PARAMS, GLUE, GUEST, MEMORY, MEMORY_MODULE};
use super::convention::{MEMORY_PAGES, RSP, slot_type};

/// Indices in the type section.
const C_TYPE: u32 = 0;
const CALL_TYPE: u32 = 1;
/// Index of the imported function; the shim of function `n` is `FIRST_SHIM + n`.
const CALL_FUNCTION: u32 = 0;
const FIRST_SHIM: u32 = 1;
/// Index of the imported global.
const RSP_INDEX: u32 = 0;

/// The module.
pub fn generate() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function(C_PARAMS, C_RESULTS);
    types.ty().function([ValType::I32], []);

    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    for (n, f) in (0..).zip(&FUNCTIONS) {
        functions.function(C_TYPE);
        code.function(&shim(n, f));
    }

    let mut elements = ElementSection::new();
    let shims: Vec<ConstExpr> = (0..FUNCTIONS.len() as u32).map(|n| ConstExpr::ref_func(FIRST_SHIM + n)).collect();
    let first = ConstExpr::i32_const(table::slot(0).cast_signed());
    elements.active(Some(0), &first, Elements::Expressions(slot_type(C_TYPE), shims.into()));

    let mut module = Module::new();
    module.section(&types).section(&imports()).section(&functions).section(&elements).section(&code);
    module.finish()
}

fn imports() -> ImportSection {
    let mut imports = ImportSection::new();
    imports.import(GUEST, convention::C_CALL, EntityType::Function(CALL_TYPE));
    let table = TableType { element_type: slot_type(C_TYPE), minimum: 0, maximum: None, table64: false, shared: false };
    imports.import(GLUE, C_TABLE, EntityType::Table(table));
    let memory = MemoryType {
        minimum: MEMORY_PAGES,
        maximum: Some(MEMORY_PAGES),
        memory64: false,
        shared: false,
        page_size_log2: None,
    };
    imports.import(MEMORY_MODULE, MEMORY, EntityType::Memory(memory));
    let rsp = GlobalType { val_type: ValType::I64, mutable: true, shared: false };
    imports.import(GLUE, RSP, EntityType::Global(rsp));
    imports
}

/// The shim of function number `n`.
fn shim(n: u32, f: &CFunction) -> Function {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    let (mut words, mut vectors, mut on_stack) = (0, 0, false);
    for rep in f.args() {
        match rep {
            Rep::F | Rep::D if vectors < C_PARAMS.len() as u32 - 1 - C_WORD_PARAMS => {
                code.i32_const(0).local_get(C_WORD_PARAMS + vectors);
                code.v128_store(at(C_CALL + c_call::VECTORS + 16 * vectors));
                vectors += 1;
            }
            Rep::P | Rep::N if words < C_WORD_PARAMS => {
                code.i32_const(0).local_get(words).i64_store(at(C_CALL + c_call::WORDS + 8 * words));
                words += 1;
            }
            _ => on_stack = true,
        }
    }
    if on_stack {
        code.i32_const(0).global_get(RSP_INDEX).i64_store(at(C_CALL + c_call::RSP));
    }
    code.i32_const(n.cast_signed()).call(CALL_FUNCTION);
    let is_vector = matches!(f.result(), Rep::F | Rep::D);
    if is_vector {
        code.i64_const(0).i64_const(0);
        code.i32_const(0).v128_load(at(C_CALL + c_call::XMM0));
    } else {
        code.i32_const(0).i64_load(at(C_CALL + c_call::RAX)).i64_const(0);
        code.v128_const(0);
    }
    code.v128_const(0).end();
    function
}

/// An absolute address, as the offset from a constant 0.
fn at(address: u32) -> MemArg {
    MemArg { offset: u64::from(address), align: 3, memory_index: 0 }
}
