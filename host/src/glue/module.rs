//! Generates glue: the memory, the tables, the STG globals, `run` and its kin, `run_c`, and the stop entries. See
//! Note [Three modules].

use bcvm::abi::{ADJUSTORS, BASE_REG, C_CALL, C_SLOTS, C_SP, STOP_ENTRY, c_call};
use bcvm::entry::registers::{Registers, SETS};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, ExportKind, ExportSection, Function, FunctionSection,
    GlobalSection, GlobalType, HeapType, InstructionSink, MemArg, MemorySection, Module, TableSection, TableType,
    TypeSection, ValType,
};

use super::convention::{
    C_PARAMS, C_RESULTS, C_TABLE, C_WORD_PARAMS, GROW_C, GROW_STG, MAX_SLOTS, MEMORY, RSP, RUN, RUN_C, STG_GLOBALS,
    STG_PARAM_SLOTS, STG_PARAMS, STG_TABLE, STOP, StgGlobal, memory_type, slot_type,
};

/// Indices in the type section.
const STG_TYPE: u32 = 0;
const C_TYPE: u32 = 1;
const RUN_TYPE: u32 = 2;
const GROW_TYPE: u32 = 3;
/// Indices in the table section.
const STG_TABLE_INDEX: u32 = 0;
const C_TABLE_INDEX: u32 = 1;
/// Index in the global section: the STG globals come first.
const RSP_INDEX: u32 = STG_GLOBALS.len() as u32;
/// Indices in the function section; `run` and spilling are there once for each set of registers, and the stop entry of slot 1
/// is `FIRST_STOP`.
const SET_COUNT: u32 = SETS.len() as u32;
const RUN_FUNCTION: u32 = 0;
const RUN_C_FUNCTION: u32 = RUN_FUNCTION + SET_COUNT;
const GROW_STG_FUNCTION: u32 = RUN_C_FUNCTION + 1;
const GROW_C_FUNCTION: u32 = GROW_STG_FUNCTION + 1;
const SPILL_FUNCTION: u32 = GROW_C_FUNCTION + 1;
const FIRST_STOP: u32 = SPILL_FUNCTION + SET_COUNT;

/// The module glue, with stop entries in slots 1 to `stop_slots` of the STG table and room for the built-in C functions and
/// adjustors in the other; slot 0 of both tables is empty, so entering it traps.
pub fn generate(stop_slots: u32) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function(STG_PARAMS, []);
    types.ty().function(C_PARAMS, C_RESULTS);
    types.ty().function([ValType::I32], []);
    types.ty().function([ValType::I32], [ValType::I32]);

    let mut memories = MemorySection::new();
    memories.memory(memory_type());

    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    for registers in SETS {
        functions.function(RUN_TYPE);
        code.function(&run(registers));
    }
    functions.function(RUN_TYPE);
    code.function(&run_c());
    for (table, ty) in [(STG_TABLE_INDEX, STG_TYPE), (C_TABLE_INDEX, C_TYPE)] {
        functions.function(GROW_TYPE);
        code.function(&grow(table, ty));
    }
    for registers in SETS {
        functions.function(STG_TYPE);
        code.function(&spill(registers, |_| ()));
    }
    for entry in 1..=stop_slots {
        functions.function(STG_TYPE);
        code.function(&stop(entry));
    }

    let mut tables = TableSection::new();
    tables.table(table_type(STG_TYPE, stop_slots + 1));
    tables.table(table_type(C_TYPE, C_SLOTS + ADJUSTORS + 1));

    let mut globals = GlobalSection::new();
    let mut exports = ExportSection::new();
    exports.export(MEMORY, ExportKind::Memory, 0);
    for (name, function) in RUN.into_iter().zip(RUN_FUNCTION..) {
        exports.export(name, ExportKind::Func, function);
    }
    exports.export(RUN_C, ExportKind::Func, RUN_C_FUNCTION);
    exports.export(GROW_STG, ExportKind::Func, GROW_STG_FUNCTION);
    exports.export(GROW_C, ExportKind::Func, GROW_C_FUNCTION);
    for (name, function) in STOP.into_iter().zip(SPILL_FUNCTION..) {
        exports.export(name, ExportKind::Func, function);
    }
    exports.export(STG_TABLE, ExportKind::Table, STG_TABLE_INDEX);
    exports.export(C_TABLE, ExportKind::Table, C_TABLE_INDEX);
    let rsp = (RSP, ValType::I64);
    for (index, (name, ty)) in (0..).zip(STG_GLOBALS.iter().map(|g| (g.name, g.ty)).chain([rsp])) {
        let zero = match ty {
            ValType::V128 => ConstExpr::v128_const(0),
            _ => ConstExpr::i64_const(0),
        };
        globals.global(GlobalType { val_type: ty, mutable: true, shared: false }, &zero);
        exports.export(name, ExportKind::Global, index);
    }

    let mut elements = ElementSection::new();
    let stops: Vec<ConstExpr> = (0..stop_slots).map(|n| ConstExpr::ref_func(FIRST_STOP + n)).collect();
    elements.active(
        Some(STG_TABLE_INDEX),
        &ConstExpr::i32_const(1),
        Elements::Expressions(slot_type(STG_TYPE), stops.into()),
    );

    let mut module = Module::new();
    module
        .section(&types)
        .section(&functions)
        .section(&tables)
        .section(&memories)
        .section(&globals)
        .section(&exports)
        .section(&elements)
        .section(&code);
    module.finish()
}

fn table_type(function_type: u32, slots: u32) -> TableType {
    TableType {
        element_type: slot_type(function_type),
        table64: false,
        minimum: u64::from(slots),
        maximum: Some(u64::from(MAX_SLOTS)),
        shared: false,
    }
}

/// Slot `index` of the STG table, with these registers as the register table has them.
fn run(registers: Registers) -> Function {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    // SpLim is the machine's.
    for (index, global) in globals().filter(|(_, global)| !global.spilled || global.is_among(registers)) {
        code.i32_const(0);
        load(&mut code, global.ty, global.offset);
        code.global_set(index);
    }
    load_c_stack_pointer(&mut code);
    for offset in STG_PARAM_SLOTS {
        code.i32_const(0);
        load(&mut code, ValType::I64, offset);
    }
    code.local_get(0).call_indirect(STG_TABLE_INDEX, STG_TYPE).end();
    function
}

/// Slot `index` of the C table, with arguments and results at `C_CALL`.
fn run_c() -> Function {
    let results = C_RESULTS.map(|ty| (1, ty));
    let mut function = Function::new(results);
    let mut code = function.instructions();
    load_c_stack_pointer(&mut code);
    for (n, ty) in C_PARAMS.iter().enumerate() {
        code.i32_const(0);
        match ty {
            ValType::V128 => code.v128_load(at(C_CALL + c_call::VECTORS + 16 * (n as u32 - C_WORD_PARAMS), 3)),
            _ if (n as u32) < C_WORD_PARAMS => code.i64_load(at(C_CALL + c_call::WORDS + 8 * n as u32, 3)),
            // As many vectors as there can be: al only says how many a variadic function must save.
            _ => code.drop().i64_const(8),
        };
    }
    code.local_get(0).call_indirect(C_TABLE_INDEX, C_TYPE);
    for local in (1..=C_RESULTS.len() as u32).rev() {
        code.local_set(local);
    }
    code.i32_const(0).local_get(1).i64_store(at(C_CALL + c_call::RAX, 3));
    code.i32_const(0).local_get(2).i64_store(at(C_CALL + c_call::RDX, 3));
    code.i32_const(0).local_get(3).v128_store(at(C_CALL + c_call::XMM0, 3));
    code.i32_const(0).local_get(4).v128_store(at(C_CALL + c_call::XMM0 + 16, 3));
    code.end();
    function
}

/// Makes a table longer. wasmtime's own function for it compares the type of every slot it fills.
fn grow(table: u32, ty: u32) -> Function {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    code.ref_null(HeapType::Concrete(ty)).local_get(0).table_grow(table).end();
    function
}

/// Compiled code finds the C stack where the machine wants it.
fn load_c_stack_pointer(code: &mut InstructionSink<'_>) {
    code.i32_const(0).i64_load(at(C_SP, 3)).global_set(RSP_INDEX);
}

/// Does `before`, and writes registers to the register table.
fn spill(registers: Registers, before: impl FnOnce(&mut InstructionSink<'_>)) -> Function {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    before(&mut code);
    for (param, offset) in (0..).zip(STG_PARAM_SLOTS) {
        code.i32_const(0).local_get(param);
        store(&mut code, ValType::I64, offset);
    }
    for (index, global) in globals().filter(|(_, global)| global.spilled && global.is_among(registers)) {
        code.i32_const(0).global_get(index);
        store(&mut code, global.ty, global.offset);
    }
    code.end();
    function
}

/// The stop entry with this number.
fn stop(entry: u32) -> Function {
    let say_which = |code: &mut InstructionSink<'_>| {
        code.i32_const(0).i32_const(entry.cast_signed()).i32_store(at(STOP_ENTRY, 2));
    };
    let registers = Registers::at(entry);
    if registers == Registers::Few {
        return spill(registers, say_which);
    }
    let mut function = Function::new([]);
    let mut code = function.instructions();
    say_which(&mut code);
    for param in 0..STG_PARAMS.len() as u32 {
        code.local_get(param);
    }
    code.return_call(SPILL_FUNCTION + registers as u32).end();
    function
}

fn globals() -> impl Iterator<Item = (u32, StgGlobal)> {
    (0..).zip(STG_GLOBALS)
}

fn load(code: &mut InstructionSink<'_>, ty: ValType, offset: u32) {
    match ty {
        ValType::V128 => code.v128_load(at(BASE_REG + offset, 3)),
        _ => code.i64_load(at(BASE_REG + offset, 3)),
    };
}

fn store(code: &mut InstructionSink<'_>, ty: ValType, offset: u32) {
    match ty {
        ValType::V128 => code.v128_store(at(BASE_REG + offset, 3)),
        _ => code.i64_store(at(BASE_REG + offset, 3)),
    };
}

/// An absolute address, as the offset from a constant 0. The alignment is a hint: XMM slots are 8-byte aligned.
fn at(address: u32, align: u32) -> MemArg {
    MemArg { offset: u64::from(address), align, memory_index: 0 }
}
