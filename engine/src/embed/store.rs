//! [`Engine`]: wasmtime configured for the sandbox, with guest and glue compiled. Made once, shared by all sandboxes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use bcvm::abi;
use bcvm_host::glue;
use wasmtime::{Config, Linker, Module, OptLevel};

use super::artifact::{self, Artefact, Cache};
use super::error::EmbedError;
use super::imports::{self, Host};
use super::memory::{Creator, GUARD_BYTES, RESERVED_BYTES};
use super::watchdog;
use crate::link::Shared;

/// Most bytes of native stack that wasm may use. Threads have 2 MiB unless asked otherwise, and the host functions that
/// wasm calls need some too.
const STACK_BYTES: usize = 1 << 20;

/// A module that can be the guest, and what the engine must know about it beforehand.
#[derive(Debug, Clone, Copy)]
pub struct GuestImage<'a> {
    /// The module.
    pub wasm: &'a [u8],
    /// End of its static data (the linker's `__heap_base`): up to here memory is committed before it starts.
    pub heap_base: u32,
}

impl GuestImage<'static> {
    /// The guest this crate was built with.
    pub fn built_in() -> GuestImage<'static> {
        GuestImage { wasm: include_bytes!(env!("BCVM_GUEST_WASM")), heap_base: HEAP_BASE }
    }
}

/// What build.rs found out about the guest.
const HEAP_BASE: u32 = decimal(env!("BCVM_GUEST_HEAP_BASE"));

// build.rs has its own copy of this number.
const _: () = assert!(decimal(env!("BCVM_GUEST_DATA_START")) == abi::DATA_START);

const fn decimal(text: &str) -> u32 {
    match u32::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => panic!("build.rs writes decimal numbers"),
    }
}

/// The compiled guest. Cheap to clone; every sandbox made from it shares the code.
#[derive(Clone)]
pub struct Engine(Arc<Compiled>);

/// Compiled code that can be linked into any sandbox of the engine that compiled it.
#[derive(Clone)]
pub struct CodeModule(pub(super) Artefact);

struct Compiled {
    engine: wasmtime::Engine,
    cache: Cache,
    /// Where that is, found safe once.
    directory: Option<PathBuf>,
    linker: Linker<Host>,
    glue: Module,
    guest: Module,
    shims: Module,
    absent: Module,
    /// Compiled when the first program wants some.
    adjustors: OnceLock<Module>,
    fixed_end: u32,
    shared: Shared,
}

impl Engine {
    /// Compiles the built-in guest, or loads what an earlier run has compiled.
    pub fn new(cache: &Cache) -> Result<Engine, EmbedError> {
        Engine::for_guest(GuestImage::built_in(), cache)
    }

    /// As [`Engine::new`], for another guest with the same exports and imports.
    pub fn for_guest(guest: GuestImage<'_>, cache: &Cache) -> Result<Engine, EmbedError> {
        watchdog::start().map_err(EmbedError::Watchdog)?;
        let engine = wasmtime::Engine::new(&config()).map_err(EmbedError::Configure)?;
        let directory = cache.find_directory();
        let compile = |module, wasm: &[u8], data| {
            artifact::load_or_compile(&engine, wasm, data, directory.as_deref())
                .map(|artefact| artefact.module)
                .map_err(|source| EmbedError::Compile { module, source })
        };
        let glue = compile("glue", &glue::module::generate(abi::STOP_SLOTS), 0..0)?;
        let shims = compile("shims", &glue::shims::generate(), 0..0)?;
        let absent = compile("absent functions", &glue::absent::generate(), 0..0)?;
        let fixed_end = guest.heap_base.clamp(abi::DATA_START, abi::DATA_END);
        let guest = compile("the guest", guest.wasm, abi::DATA_START..fixed_end)?;
        let mut linker = Linker::new(&engine);
        imports::define(&mut linker).map_err(EmbedError::Configure)?;
        Ok(Engine(Arc::new(Compiled {
            linker,
            glue,
            guest,
            shims,
            absent,
            adjustors: OnceLock::new(),
            fixed_end,
            cache: cache.clone(),
            directory,
            engine,
            shared: Shared::default(),
        })))
    }

    /// Compiles a generated module for [`Sandbox::link`](super::Sandbox::link), or loads it from the cache. Modules with data segments or
    /// bulk memory instructions are refused.
    pub fn compile(&self, wasm: &[u8]) -> Result<CodeModule, EmbedError> {
        artifact::load_or_compile(self.wasmtime(), wasm, 0..0, self.cache_directory())
            .map(CodeModule)
            .map_err(|source| EmbedError::Compile { module: "generated code", source })
    }

    /// What an earlier run has compiled of the wasm with this hash.
    pub(crate) fn find_compiled(&self, wasm: blake3::Hash) -> Option<CodeModule> {
        artifact::load_by_hash(self.wasmtime(), wasm, 0..0, self.cache_directory()?).map(CodeModule)
    }

    /// The directory in which things are kept between runs, if there is a safe one.
    pub(crate) fn cache_directory(&self) -> Option<&Path> {
        self.0.directory.as_deref()
    }

    /// Packages that some interpreter of this engine uses.
    pub(crate) fn shared(&self) -> &Shared {
        &self.0.shared
    }

    /// Where compiled code is kept, if it is: no program may write there.
    pub fn cache_path(&self) -> Option<PathBuf> {
        self.0.cache.path()
    }

    pub(super) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.0.engine
    }

    /// A linker that knows the host functions.
    pub(super) fn linker(&self) -> Linker<Host> {
        self.0.linker.clone()
    }

    pub(super) fn glue(&self) -> &Module {
        &self.0.glue
    }

    pub(super) fn guest(&self) -> &Module {
        &self.0.guest
    }

    pub(super) fn shims(&self) -> &Module {
        &self.0.shims
    }

    pub(super) fn absent(&self) -> &Module {
        &self.0.absent
    }

    /// Makes a batch of adjustors where it is instantiated.
    pub(super) fn adjustors(&self) -> wasmtime::Result<Module> {
        if let Some(module) = self.0.adjustors.get() {
            return Ok(module.clone());
        }
        let wasm = glue::adjustors::generate();
        let module = artifact::load_or_compile(self.wasmtime(), &wasm, 0..0, self.cache_directory())?.module;
        Ok(self.0.adjustors.get_or_init(|| module).clone())
    }

    /// Up to here memory is committed from the start and never given back.
    pub(super) fn fixed_end(&self) -> u32 {
        self.0.fixed_end
    }
}

fn config() -> Config {
    let mut config = Config::new();
    config
        .wasm_tail_call(true)
        .wasm_wide_arithmetic(true)
        .wasm_simd(true)
        // Programs must not depend on which processor runs them.
        .wasm_relaxed_simd(false)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .cranelift_opt_level(OptLevel::Speed)
        // For the system's unwinder and for backtraces, neither of which is used; they are a quarter of an artefact.
        .native_unwind_info(false)
        .generate_address_map(false)
        // Names of wasm functions in a backtrace help nobody but the authors of the guest, and a deep stack of
        // hostile code should not be walked.
        .wasm_backtrace_max_frames(None)
        // Lazily filled tables would put a slow path, with everything saved around it, into every tail call of lifted
        // code: a fifth of its size.
        .table_lazy_init(false)
        .max_wasm_stack(STACK_BYTES)
        // With these, and memory of the engine's own making, compiled code contains no bounds checks at all.
        .with_host_memory(Arc::new(Creator))
        .memory_reservation(RESERVED_BYTES)
        .memory_guard_size(GUARD_BYTES)
        .memory_may_move(false)
        .guard_before_linear_memory(false)
        .signals_based_traps(true);
    config
}
