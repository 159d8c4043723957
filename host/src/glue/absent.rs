//! C functions that exist elsewhere and not in the sandbox: code that refers to them links, and a call of one
//! ends the evaluation with an error that names it.
//!
//! Packages refer to much that hardly any program calls. Only names listed here are treated so; any other undefined symbol
//! is an error when it is linked. What the runtime provides is found before its namesake here.

use bcvm::abi::C_SLOTS;
use bcvm::libc::table;
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, Function, FunctionSection, ImportSection, Module,
    TableType, TypeSection, ValType,
};

use super::convention::{C_PARAMS, C_RESULTS, C_TABLE, GLUE, slot_type};
use crate::lift::ENV;

/// Their names: functions that glibc 2.36 exports and the machine does not have, then those of the runtime system and its
/// foreign calls. They have the last of the slots for C functions, the first of them the very last.
const NAMES: &str = include_str!("absent.txt");

/// How many they are.
const COUNT: usize = {
    let (bytes, mut n, mut i) = (NAMES.as_bytes(), 0, 0);
    while i < bytes.len() {
        let ends_word = !bytes[i].is_ascii_whitespace() && (i + 1 == bytes.len() || bytes[i + 1].is_ascii_whitespace());
        n += ends_word as usize;
        i += 1;
    }
    n
};

const _: () = assert!(table::COUNT + COUNT <= C_SLOTS as usize);

/// Address and slot of what is absent.
pub fn find(name: &str) -> Option<(u32, u32)> {
    let slot = C_SLOTS - NAMES.split_ascii_whitespace().position(|other| other == name)? as u32;
    Some((table::address(slot as usize - 1).0, slot))
}

/// What the functions of the module pass to `unsupported` is their slot.
pub fn name_of(slot: u32) -> Option<&'static str> {
    NAMES.split_ascii_whitespace().nth(C_SLOTS.checked_sub(slot)? as usize)
}

/// Indices in the type section.
const C_TYPE: u32 = 0;
const REPORT_TYPE: u32 = 1;

/// The module that fills their slots. Each reports itself to the import `unsupported`, which does not return.
pub fn generate() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function(C_PARAMS, C_RESULTS);
    types.ty().function([ValType::I32], []);

    let mut imports = ImportSection::new();
    imports.import(ENV, "unsupported", EntityType::Function(REPORT_TYPE));
    let element_type = slot_type(C_TYPE);
    let table = TableType { element_type, minimum: 0, maximum: None, table64: false, shared: false };
    imports.import(GLUE, C_TABLE, EntityType::Table(table));

    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    let mut entries = Vec::new();
    let first_slot = C_SLOTS + 1 - COUNT as u32;
    for (index, slot) in (1..).zip(first_slot..=C_SLOTS) {
        let mut function = Function::new([]);
        function.instructions().i32_const(slot.cast_signed()).call(0).unreachable().end();
        functions.function(C_TYPE);
        code.function(&function);
        entries.push(ConstExpr::ref_func(index));
    }
    let mut elements = ElementSection::new();
    let offset = ConstExpr::i32_const(first_slot.cast_signed());
    elements.active(Some(0), &offset, Elements::Expressions(element_type, entries.into()));

    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&elements).section(&code);
    module.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_runtime_has_is_not_absent() {
        let provided = |name: &&str| bcvm::entry::symbol::lookup(name).is_some_and(|symbol| !symbol.stands_in);
        let names: Vec<_> = NAMES.split_ascii_whitespace().filter(provided).collect();
        assert!(names.is_empty(), "{names:?}");
    }

    #[test]
    fn each_is_found_by_its_own_slot() {
        for name in NAMES.split_ascii_whitespace() {
            let (address, slot) = find(name).expect("listed");
            assert_eq!((name_of(slot), address), (Some(name), table::address(slot as usize - 1).0));
        }
        assert_eq!(NAMES.split_ascii_whitespace().count(), COUNT);
    }
}
