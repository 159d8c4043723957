//! Running Haskell code, native and lifted, entered by the STG convention: a stack, a heap that is large enough, and
//! somewhere to return to.

use std::time::{Duration, Instant};

use bcvm_host::elf::{Object, Place};
use bcvm_host::lift::{BASE_REG, CodeKind, GLUE, HOMES, STG_PARAMS, value_type, value_types};
use bcvm_host::reloc::{Definition, SymbolBindings};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function, FunctionSection,
    GlobalType, HeapType, ImportSection, MemArg, MemoryType, Module, RefType, TableType, TypeSection, ValType,
};

use super::lifted::{Lifted, engine};
use super::native::{Native, map_register_table};
use super::{Both, CODE, DATA, gcc, lift, lift_with};

/// Where the native way in is placed.
const ENTER: u32 = CODE + (8 << 20);
/// R1, R2, R3.. in this order, then Sp and Hp: 8 words; the results go over the first.
const REGISTERS: u32 = DATA;
const STACK_TOP: u32 = DATA + 0x4_0000;
const STACK_LIMIT: u32 = DATA + 0x1_0000;
const HEAP: u32 = DATA + 0x5_0000;
const HEAP_END: u32 = DATA + 0xf_0000;
/// The code address that lifted code returns to; its first four bytes hold a table index.
const RETURN_POINT: u32 = DATA + 0x100;
const RETURN_SLOT: u32 = 90_000;

/// `enter(code)`: loads STG registers, jumps, and stores results when the code returns to `back`.
fn native_enter() -> Vec<u8> {
    let source = format!(
        ".intel_syntax noprefix\n.text\n.globl enter\nenter:\npush rbx\npush rbp\npush r12\npush r13\npush r14\npush r15\n\
         sub rsp, 16384\nmov r13, {BASE_REG}\nmov r15, {STACK_LIMIT}\nmov rax, rdi\n\
         mov rbx, [{r}]\nmov r14, [{r}+8]\nmov rsi, [{r}+16]\nmov rdi, [{r}+24]\nmov r8, [{r}+32]\nmov r9, [{r}+40]\n\
         mov rbp, {STACK_TOP}\nmov r12, {HEAP}-8\n\
         sub rbp, [{r}+48]\nlea rdx, [rip+back]\nmov [{STACK_TOP}], rdx\njmp rax\n\
         .globl back\nback: mov [{r}], rbx\nmov [{r}+8], rbp\nmov [{r}+16], r12\n\
         add rsp, 16384\npop r15\npop r14\npop r13\npop r12\npop rbp\npop rbx\nret\n",
        r = REGISTERS
    );
    gcc("assembler", &source, &[])
}

/// A module with the way in and the way back for lifted code.
fn lifted_enter() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function(value_types(CodeKind::Stg.params()), []);
    types.ty().function([ValType::I32], []);
    let mut imports = ImportSection::new();
    let slot = RefType { nullable: true, heap_type: HeapType::Concrete(0) };
    let table = TableType { element_type: slot, minimum: 0, maximum: None, table64: false, shared: false };
    imports.import(GLUE, "stg_table", EntityType::Table(table));
    let memory =
        MemoryType { minimum: 65_536, maximum: Some(65_536), memory64: false, shared: false, page_size_log2: None };
    imports.import("env", "memory", EntityType::Memory(memory));
    for home in &HOMES {
        let global = GlobalType { val_type: value_type(home.reg), mutable: true, shared: false };
        imports.import(GLUE, home.name, EntityType::Global(global));
    }
    let mut functions = FunctionSection::new();
    functions.function(1).function(0);
    let mut exports = ExportSection::new();
    exports.export("enter", ExportKind::Func, 0);
    let mut elements = ElementSection::new();
    elements.active(
        Some(0),
        &ConstExpr::i32_const(RETURN_SLOT as i32),
        Elements::Expressions(slot, [ConstExpr::ref_func(1)].as_slice().into()),
    );
    let mem = |offset: u32| MemArg { offset: offset.into(), align: 0, memory_index: 0 };
    let mut enter = Function::new([]);
    let mut w = enter.instructions();
    // r3, r4, r5, r6 and the stack limit follow c_sp among the homes.
    for (global, at) in [(1, 16), (2, 24), (3, 32), (4, 40)] {
        w.i32_const(REGISTERS as i32).i64_load(mem(at)).global_set(global);
    }
    w.i64_const(STACK_LIMIT.into()).global_set(5);
    assert_eq!(STG_PARAMS.len(), 4);
    w.i32_const(REGISTERS as i32).i64_load(mem(0));
    w.i32_const(REGISTERS as i32).i64_load(mem(8));
    w.i64_const(STACK_TOP.into()).i32_const(REGISTERS as i32).i64_load(mem(48)).i64_sub();
    w.i64_const(i64::from(HEAP) - 8);
    w.local_get(0).call_indirect(0, 0).end();
    let mut back = Function::new([]);
    let mut w = back.instructions();
    for (local, at) in [(0, 0), (2, 8), (3, 16)] {
        w.i32_const(REGISTERS as i32).local_get(local).i64_store(mem(at));
    }
    w.end();
    let mut code = CodeSection::new();
    code.function(&enter).function(&back);
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&exports).section(&elements).section(&code);
    module.finish()
}

/// An object of Haskell code in both forms.
pub struct Sides {
    /// The object.
    pub both: Both,
    native_enter: u32,
    lifted: Lifted,
    enter: wasmtime::TypedFunc<i32, ()>,
}

impl Sides {
    /// Places an object where both can run it.
    pub fn new(native: &mut Native, object: &[u8]) -> Sides {
        // What is left undefined is never reached: type descriptions, failing checks, thunks.
        let mut bindings = SymbolBindings::new();
        let parsed = Object::parse("both.o", object).expect("an object");
        for symbol in parsed.symbols.iter().filter(|symbol| symbol.place == Place::Undefined) {
            bindings.define(symbol.name, Definition { address: 0x11_0000, slot: None });
        }
        let both = lift_with(object, &bindings);
        assert!(both.module.unsupported.is_empty(), "{}", both.module.unsupported[0]);

        // Native: the object, then the way in.
        map_register_table();
        native.bytes(CODE, both.extent as usize).fill(0);
        native.bytes(CODE, both.image.len()).copy_from_slice(&both.image);
        let stub = lift(&native_enter());
        native.bytes(ENTER, stub.image.len()).copy_from_slice(&stub.image);
        let native_enter = stub.symbols["enter"] - CODE + ENTER;

        // Lifted.
        let engine = engine();
        let mut lifted = Lifted::new(&engine, &both.module, &both.image);
        let module = wasmtime::Module::new(&engine, lifted_enter()).expect("valid");
        let instance = lifted.linker.instantiate(&mut lifted.store, &module).expect("instantiated");
        let enter = instance.get_typed_func(&mut lifted.store, "enter").expect("exported");
        lifted.bytes(RETURN_POINT, 4).copy_from_slice(&RETURN_SLOT.to_le_bytes());
        Sides { both, native_enter, lifted, enter }
    }

    /// Runs one function natively: result, Sp and Hp.
    pub fn native(&self, native: &mut Native, name: &str, arguments: &[u64; 7]) -> ([u64; 3], Duration) {
        let block = registers(arguments);
        native.bytes(REGISTERS, block.len()).copy_from_slice(&block);
        native.bytes(STACK_TOP - 16, 16).copy_from_slice(&stack_words(arguments));
        native.bytes(BASE_REG + 856, 8).copy_from_slice(&u64::from(HEAP_END).to_le_bytes());
        let start = Instant::now();
        native.call_with(self.native_enter, [self.both.symbols[name].into(), 0, 0, 0]);
        (results(native.bytes(REGISTERS, 24)), start.elapsed())
    }

    /// Runs one function lifted: the same.
    pub fn lifted(&mut self, name: &str, arguments: &[u64; 7]) -> ([u64; 3], Duration) {
        let block = registers(arguments);
        let lifted = &mut self.lifted;
        lifted.bytes(REGISTERS, block.len()).copy_from_slice(&block);
        lifted.bytes(STACK_TOP - 16, 16).copy_from_slice(&stack_words(arguments));
        lifted.bytes(STACK_TOP, 8).copy_from_slice(&u64::from(RETURN_POINT).to_le_bytes());
        lifted.bytes(BASE_REG + 856, 8).copy_from_slice(&u64::from(HEAP_END).to_le_bytes());
        let address = self.both.symbols[name];
        let entry = self.both.module.entries.iter().find(|entry| entry.address == address).expect("an entry");
        let start = Instant::now();
        self.enter.call(&mut lifted.store, entry.slot as i32).expect("no trap");
        let elapsed = start.elapsed();
        (results(lifted.bytes(REGISTERS, 24)), elapsed)
    }
}

/// R1 unused, R2.. the first arguments, then how many bytes of arguments are on the stack.
fn registers(arguments: &[u64; 7]) -> Vec<u8> {
    let mut words = vec![0u64];
    words.extend(&arguments[..5]);
    words.push(arguments[5]);
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// What lies on the stack, for the function with more arguments than registers.
fn stack_words(arguments: &[u64; 7]) -> [u8; 16] {
    (u128::from(arguments[6]) | u128::from(!arguments[4]) << 64).to_le_bytes()
}

fn results(bytes: &[u8]) -> [u64; 3] {
    std::array::from_fn(|n| u64::from_le_bytes(bytes[8 * n..8 * n + 8].try_into().expect("eight bytes")))
}
