//! Running lifted modules in wasmtime.

use bcvm_host::lift::{C_PARAMS, CodeKind, GLUE, HOMES, LiftedModule, Reg, value_type, value_types};
use wasm_encoder::{
    CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection, HeapType, ImportSection, Module,
    RefType, TableType, TypeSection, ValType,
};
use wasmtime::{
    Config, Engine, Func, Global, GlobalType, Instance, Linker, Memory, MemoryType, Mutability, Ref, Store, Table,
    TypedFunc, Val,
};

use super::{CODE, STACK, STACK_LEN};

/// An engine with what lifted code needs.
pub fn engine() -> Engine {
    let mut config = Config::new();
    config.wasm_wide_arithmetic(true);
    config.wasm_tail_call(true);
    config.wasm_simd(true);
    // Filling tables lazily would put a slow path, with everything saved around it, into every tail call.
    config.table_lazy_init(false);
    Engine::new(&config).expect("an engine")
}

/// A lifted module with its surroundings.
pub struct Lifted {
    /// The store; its data are the ids passed to `unsupported`.
    pub store: Store<Vec<u32>>,
    /// Guest memory.
    pub memory: Memory,
    /// What the module was linked with, for more modules beside it.
    pub linker: Linker<Vec<u32>>,
    run: TypedFunc<(i32, i64, i64, i64, i64), i64>,
    slots: std::collections::HashMap<u32, u32>,
}

impl Lifted {
    /// Instantiates a lifted object whose bytes are `image`.
    pub fn new(engine: &Engine, module: &LiftedModule, image: &[u8]) -> Lifted {
        let mut store = Store::new(engine, Vec::new());
        let memory = Memory::new(&mut store, MemoryType::new(65_536, Some(65_536))).expect("guest memory");
        let mut linker = Linker::new(engine);
        linker.define(&store, "env", "memory", memory).expect("defined once");
        for (name, kind) in [("stg_table", CodeKind::Stg), ("c_table", CodeKind::C)] {
            let types =
                |regs: &[Reg]| {
                    regs.iter()
                        .map(|&reg| {
                            if value_type(reg) == ValType::I64 {
                                wasmtime::ValType::I64
                            } else {
                                wasmtime::ValType::V128
                            }
                        })
                        .collect::<Vec<_>>()
                };
            let ty = wasmtime::FuncType::new(engine, types(kind.params()), types(kind.results()));
            let slot = wasmtime::RefType::new(true, wasmtime::HeapType::ConcreteFunc(ty));
            let ty = wasmtime::TableType::new(slot, 100_000, None);
            let table = Table::new(&mut store, ty, Ref::Func(None)).expect("a table");
            linker.define(&store, GLUE, name, table).expect("defined once");
        }
        for home in &HOMES {
            let (ty, value) = if home.reg == Reg::RSP {
                (wasmtime::ValType::I64, Val::I64(i64::from(STACK) + STACK_LEN as i64 - 4096))
            } else if value_types(&[home.reg]) == [ValType::I64] {
                (wasmtime::ValType::I64, Val::I64(0))
            } else {
                (wasmtime::ValType::V128, Val::V128(0.into()))
            };
            let global = Global::new(&mut store, GlobalType::new(ty, Mutability::Var), value).expect("a global");
            linker.define(&store, GLUE, home.name, global).expect("defined once");
        }
        let unsupported = Func::wrap(&mut store, |mut caller: wasmtime::Caller<'_, Vec<u32>>, id: i32| {
            caller.data_mut().push(id as u32);
        });
        linker.define(&store, "env", "unsupported", unsupported).expect("defined once");
        let compiled = wasmtime::Module::new(engine, &module.wasm).expect("lifted modules are valid");
        linker.instantiate(&mut store, &compiled).expect("lifted modules instantiate");
        let driver = wasmtime::Module::new(engine, driver()).expect("the driver is valid");
        let driver: Instance = linker.instantiate(&mut store, &driver).expect("the driver instantiates");
        let run = driver.get_typed_func(&mut store, "run").expect("the driver's export");
        let mut image = image.to_vec();
        module.finish_image(CODE, &mut image);
        memory.data_mut(&mut store)[CODE as usize..][..image.len()].copy_from_slice(&image);
        let slots = module.entries.iter().filter(|e| e.kind == CodeKind::C).map(|e| (e.pointer, e.slot)).collect();
        Lifted { store, memory, linker, run, slots }
    }

    /// Calls the C function at an address with integer arguments; the result is rax.
    pub fn call(&mut self, address: u32, a: [u64; 4]) -> Result<u64, wasmtime::Error> {
        let slot = self.slots[&address];
        let [a, b, c, d] = a.map(|a| a as i64);
        self.run.call(&mut self.store, (slot as i32, a, b, c, d)).map(|rax| rax as u64)
    }

    /// The bytes at a guest address.
    pub fn bytes(&mut self, address: u32, len: usize) -> &mut [u8] {
        &mut self.memory.data_mut(&mut self.store)[address as usize..][..len]
    }
}

/// `run(slot, rdi, rsi, rdx, rcx) -> rax`: enters the C table with zeros for everything else.
fn driver() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function(value_types(CodeKind::C.params()), value_types(CodeKind::C.results()));
    types.ty().function([ValType::I32, ValType::I64, ValType::I64, ValType::I64, ValType::I64], [ValType::I64]);
    let mut imports = ImportSection::new();
    let slot = RefType { nullable: true, heap_type: HeapType::Concrete(0) };
    let table = TableType { element_type: slot, minimum: 0, maximum: None, table64: false, shared: false };
    imports.import(GLUE, "c_table", EntityType::Table(table));
    let mut functions = FunctionSection::new();
    functions.function(1);
    let mut exports = ExportSection::new();
    exports.export("run", ExportKind::Func, 0);
    let mut body = Function::new([]);
    let mut w = body.instructions();

    for (index, reg) in C_PARAMS.iter().enumerate() {
        match index {
            0..4 => w.local_get(index as u32 + 1),
            _ if value_types(&[*reg]) == [ValType::I64] => w.i64_const(0),
            _ => w.v128_const(0),
        };
    }
    w.local_get(0).call_indirect(0, 0).drop().drop().drop().end();
    let mut code = CodeSection::new();
    code.function(&body);
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&exports).section(&code);
    module.finish()
}
