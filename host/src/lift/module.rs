//! The wasm module around lifted functions: types, imports, table segments.

use std::collections::HashMap;

use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, Function, FunctionSection, GlobalType, HeapType,
    ImportSection, MemoryType, Module, RefType, TableType, TypeSection, ValType,
};

use super::blocks::BlockId;
use super::convention::{CodeKind, HOMES, value_type, value_types};
use super::emit::{Context, Emitter, index};
use super::error::Reason;
use super::helpers::Helper;
use super::object::Entry;
use super::regs::Reg;
use super::shape::{Head, Program, Shaper};

/// The module from which lifted code imports guest memory and the report of unsupported places.
pub const ENV: &str = "env";
/// The module from which it imports the tables and the registers that live in globals.
pub const GLUE: &str = "glue";
/// Pages of guest memory.
pub const MEMORY_PAGES: u64 = 65_536;
/// The module under construction.
pub(super) struct Builder {
    types: TypeSection,
    split_types: HashMap<(CodeKind, Vec<ValType>), u32>,
    functions: FunctionSection,
    code: CodeSection,
    body: Vec<u8>,
}

impl Builder {
    /// Starts a module with its types.
    pub(super) fn new() -> Builder {
        let mut types = TypeSection::new();
        for kind in [CodeKind::Stg, CodeKind::C] {
            types.ty().function(value_types(kind.params()), value_types(kind.results()));
        }
        types.ty().function([ValType::I32], []);
        types.ty().function([ValType::I64; 3], [ValType::I64; 2]);
        Builder {
            types,
            split_types: HashMap::new(),
            functions: FunctionSection::new(),
            code: CodeSection::new(),
            body: Vec::new(),
        }
    }

    fn function_type(&mut self, kind: CodeKind, params: &[Reg]) -> u32 {
        if params == kind.params() {
            return match kind {
                CodeKind::Stg => index::STG_TYPE,
                CodeKind::C => index::C_TYPE,
            };
        }
        let params = value_types(params);
        if let Some(&ty) = self.split_types.get(&(kind, params.clone())) {
            return ty;
        }
        let ty = self.types.len();
        self.types.ty().function(params.clone(), value_types(kind.results()));
        self.split_types.insert((kind, params), ty);
        ty
    }

    /// Emits the function of one head.
    pub(super) fn function(
        &mut self,
        program: &Program<'_>,
        context: &Context<'_>,
        head: BlockId,
        function: &Head,
        report: &mut dyn FnMut(u32, Reason) -> u32,
    ) {
        let kind = program.blocks.get(head).kind;
        let ty = self.function_type(kind, &function.params);
        self.functions.function(ty);
        self.body.clear();
        let emitter = Emitter::new(context, kind, &function.params, &mut self.body);
        let emitter = Shaper::emit(program, emitter, head, report);
        let locals = emitter.into_locals();
        let mut body = Function::new_with_locals_types(locals);
        body.raw(self.body.iter().copied());
        self.code.function(&body);
    }

    /// In place of the function of one head, one that traps.
    pub(super) fn trap(&mut self, kind: CodeKind, function: &Head) {
        let ty = self.function_type(kind, &function.params);
        self.functions.function(ty);
        let mut body = Function::new([]);
        body.instructions().unreachable().end();
        self.code.function(&body);
    }

    /// Adds the helpers, and puts the sections together.
    pub(super) fn finish(mut self, entries: &[Entry], context: &Context<'_>) -> Vec<u8> {
        for helper in Helper::ALL {
            self.functions.function(helper.ty());
            self.code.function(&helper.function());
        }
        let mut module = Module::new();
        module.section(&self.types);
        module.section(&self.imports());
        module.section(&self.functions);
        module.section(&elements(entries, context));
        module.section(&self.code);
        module.finish()
    }

    fn imports(&self) -> ImportSection {
        let mut imports = ImportSection::new();
        imports.import(ENV, "unsupported", EntityType::Function(index::UNSUPPORTED_TYPE));
        for (name, ty) in [("stg_table", index::STG_TYPE), ("c_table", index::C_TYPE)] {
            let table =
                TableType { element_type: slot_type(ty), minimum: 0, maximum: None, table64: false, shared: false };
            imports.import(GLUE, name, EntityType::Table(table));
        }
        let memory = MemoryType {
            minimum: MEMORY_PAGES,
            maximum: Some(MEMORY_PAGES),
            memory64: false,
            shared: false,
            page_size_log2: None,
        };
        imports.import(ENV, "memory", EntityType::Memory(memory));
        for home in &HOMES {
            let global = GlobalType { val_type: value_type(home.reg), mutable: true, shared: false };
            imports.import(GLUE, home.name, EntityType::Global(global));
        }
        imports
    }
}

/// What the slots of a table hold: nothing, or functions of one type, so that calls compare no signature.
fn slot_type(ty: u32) -> RefType {
    RefType { nullable: true, heap_type: HeapType::Concrete(ty) }
}

/// One segment per table: an object's slots of a kind follow each other.
fn elements(entries: &[Entry], context: &Context<'_>) -> ElementSection {
    let mut section = ElementSection::new();
    let tables = [(index::STG_TABLE, index::STG_TYPE, CodeKind::Stg), (index::C_TABLE, index::C_TYPE, CodeKind::C)];
    for (table, ty, kind) in tables {
        let mut of_kind = entries.iter().filter(|entry| entry.kind == kind).peekable();
        let Some(first) = of_kind.peek().map(|entry| entry.slot) else {
            continue;
        };
        let functions: Vec<ConstExpr> = of_kind
            .filter_map(|entry| context.entries.get(&entry.address))
            .map(|function| ConstExpr::ref_func(function.index))
            .collect();
        let functions = Elements::Expressions(slot_type(ty), functions.into());
        section.active(Some(table), &ConstExpr::i32_const(first as i32), functions);
    }
    section
}
