//! C functions and primops that exist elsewhere and not in the sandbox: code that refers to them links, and a call of one
//! ends the evaluation with an error that names it.
//!
//! Packages refer to much that hardly any program calls. Only names listed here are treated so; any other undefined symbol
//! is an error when it is linked. What the runtime provides is found before its namesake here.

use bcvm::abi::{ABSENT_PRIMOPS, C_SLOTS, MAX_ABSENT_PRIMOPS, STOP_SLOTS};
use bcvm::libc::table;
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, Function, FunctionSection, ImportSection, Module,
    TableType, TypeSection, ValType,
};

use super::convention::{C_PARAMS, C_RESULTS, C_TABLE, GLUE, STG_PARAMS, STG_TABLE, slot_type};
use crate::lift::ENV;

/// The C functions; they have the last of the slots for C functions, the first of them the very last.
const FUNCTIONS: &[&str] = &[
    // The C library.
    "__stack_chk_fail",
    "__strcat_chk",
    "__vfprintf_chk",
    "accept",
    "bind",
    "connect",
    "exit_group",
    "fclose",
    "fgets",
    "fopen",
    "fread",
    "fseek",
    "ftell",
    "getaddrinfo",
    "getchar",
    "gmtime",
    "htonl",
    "htons",
    "listen",
    "localtime",
    "mmap",
    "mprotect",
    "munmap",
    "perror",
    "pthread_create",
    "pthread_join",
    "pthread_mutex_lock",
    "pthread_mutex_unlock",
    "qsort",
    "rand",
    "recv",
    "rewind",
    "scanf",
    "select",
    "send",
    "shutdown",
    "srand",
    "sscanf",
    "strftime",
    "syscall",
    "system",
    "ungetc",
    "vfprintf",
    "vsnprintf",
    // Foreign calls and the runtime system.
    "createAdjustor",
    "ffi_prep_cif",
    "rts_getInt32",
    "rts_mkInt32",
    "addDLL",
    "addLibrarySearchPath",
    "allocateExecPage",
    "findSystemLibrary",
    "forkOS_createThread",
    "forkProcess",
    "freezeExecPage",
    "initLinker_",
    "loadArchive",
    "loadObj",
    "lookupSymbol",
    "purgeObj",
    "removeLibrarySearchPath",
    "resolveObjs",
    "rts_apply",
    "rts_checkSchedStatus",
    "rts_evalIO",
    "rts_lock",
    "rts_mkStablePtr",
    "rts_unlock",
    "unloadObj",
];

/// The primops; they have the last of the slots of built-in entries, the first of them the very last.
const PRIMOPS: &[&str] = &[
    "stg_atomicallyzh",
    "stg_catchRetryzh",
    "stg_catchSTMzh",
    "stg_compactAddzh",
    "stg_compactAddWithSharingzh",
    "stg_compactAllocateBlockzh",
    "stg_compactContainszh",
    "stg_compactContainsAnyzh",
    "stg_compactFixupPointerszh",
    "stg_compactGetFirstBlockzh",
    "stg_compactGetNextBlockzh",
    "stg_compactNewzh",
    "stg_compactResizzezh",
    "stg_compactSizzezh",
    "stg_delayzh",
    "stg_forkzh",
    "stg_forkOnzh",
    "stg_getThreadAllocationCounterzh",
    "stg_isCurrentThreadBoundzh",
    "stg_isEmptyMVarzh",
    "stg_killThreadzh",
    "stg_labelThreadzh",
    "stg_newIOPortzh",
    "stg_newMVarzh",
    "stg_newTVarzh",
    "stg_paniczh",
    "stg_putMVarzh",
    "stg_readIOPortzh",
    "stg_readMVarzh",
    "stg_readTVarzh",
    "stg_readTVarIOzh",
    "stg_retryzh",
    "stg_setThreadAllocationCounterzh",
    "stg_takeMVarzh",
    "stg_threadStatuszh",
    "stg_tryPutMVarzh",
    "stg_tryReadMVarzh",
    "stg_tryTakeMVarzh",
    "stg_waitReadzh",
    "stg_waitWritezh",
    "stg_writeIOPortzh",
    "stg_writeTVarzh",
];

const _: () = assert!(table::COUNT + FUNCTIONS.len() <= C_SLOTS as usize);
const _: () = assert!(PRIMOPS.len() <= MAX_ABSENT_PRIMOPS as usize);

/// Address and slot of what is absent.
pub fn find(name: &str) -> Option<(u32, u32)> {
    let number = |names: &[&str]| names.iter().position(|&other| other == name).map(|index| index as u32);
    if let Some(n) = number(PRIMOPS) {
        return Some((ABSENT_PRIMOPS + 8 * n, STOP_SLOTS - n));
    }
    let slot = C_SLOTS - number(FUNCTIONS)?;
    Some((table::address(slot as usize - 1).0, slot))
}

/// What the functions of the module pass to `unsupported`: the slots of C functions, and, behind them, of primops.
pub fn name_of(id: u32) -> Option<&'static str> {
    let (names, n) = match id.checked_sub(C_SLOTS + 1) {
        None => (FUNCTIONS, C_SLOTS - id),
        Some(slot) => (PRIMOPS, STOP_SLOTS.checked_sub(slot)?),
    };
    names.get(n as usize).copied()
}

/// Indices in the type section.
const STG_TYPE: u32 = 0;
const C_TYPE: u32 = 1;
const REPORT_TYPE: u32 = 2;

/// The module that fills their slots. Each reports itself to the import `unsupported`, which does not return.
pub fn generate() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function(STG_PARAMS, []);
    types.ty().function(C_PARAMS, C_RESULTS);
    types.ty().function([ValType::I32], []);

    let mut imports = ImportSection::new();
    imports.import(ENV, "unsupported", EntityType::Function(REPORT_TYPE));
    for (name, ty) in [(STG_TABLE, STG_TYPE), (C_TABLE, C_TYPE)] {
        let table = TableType { element_type: slot_type(ty), minimum: 0, maximum: None, table64: false, shared: false };
        imports.import(GLUE, name, EntityType::Table(table));
    }

    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    let mut elements = ElementSection::new();
    let mut index = 1;
    let tables = [(STG_TYPE, PRIMOPS.len(), STOP_SLOTS, C_SLOTS + 1), (C_TYPE, FUNCTIONS.len(), C_SLOTS, 0)];
    for (ty, count, last_slot, first_id) in tables {
        let first_slot = last_slot + 1 - count as u32;
        let mut entries = Vec::new();
        for slot in first_slot..=last_slot {
            let mut function = Function::new([]);
            function.instructions().i32_const((first_id + slot).cast_signed()).call(0).unreachable().end();
            functions.function(ty);
            code.function(&function);
            entries.push(ConstExpr::ref_func(index));
            index += 1;
        }
        let entries = Elements::Expressions(slot_type(ty), entries.into());
        // The tables are imported in the order of their types.
        elements.active(Some(ty), &ConstExpr::i32_const(first_slot.cast_signed()), entries);
    }

    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&elements).section(&code);
    module.finish()
}
