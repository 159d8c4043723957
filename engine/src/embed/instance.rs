//! One guest in its store: glue, which makes the memory, then the guest, and the guest's exports as typed calls.
//!
//! The guest imports from glue, see Note [Three modules] in `bcvm_host::glue`. The guest's data
//! segments are copied by wasmtime itself, so the memory they go to must be committed before
//! (`Engine::fixed_end`); a module whose segments go elsewhere must not be instantiated here.

use std::collections::BTreeMap;
use std::sync::Arc;

use bcvm_host::glue::convention::{self, C_TABLE, GLUE, GROW_C, GROW_STG, MEMORY, MEMORY_MODULE, RSP, STG_TABLE};
use wasmtime::{Global, Instance, Linker, Module, Store, Table, TypedFunc, Val};

use super::artifact::Artefact;
use super::error::EmbedError;
use super::imports::{Adjustors, Host};
use super::memory::{GuestMemory, Mapping, with_staged};
use super::native;
use super::package::{Linked, LinkedObject};
use super::store::Engine;
use super::trap::TrapKind;
use crate::os::Os;

/// A guest that can be called.
pub(super) struct Guest {
    store: Store<Host>,
    /// Knows memory, glue and host functions, for modules that come later.
    linker: Linker<Host>,
    glue: Instance,
    buffer: TypedFunc<u32, u32>,
    init: TypedFunc<u32, u32>,
    request: TypedFunc<u32, u64>,
    recover: TypedFunc<(), ()>,
    stack_pointer: Global,
    stack_top: Val,
}

/// One of the two tables that code pointers lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeTable {
    /// Entry points in the STG convention.
    Stg,
    /// C functions.
    C,
}

/// Names in errors.
const GUEST: &str = "the guest";
const SHIMS: &str = "shims";
const ABSENT: &str = "absent functions";
const NATIVE: &str = "native functions";

impl Guest {
    /// A new guest in the given memory.
    pub(super) fn new(engine: &Engine, mapping: &Arc<Mapping>, os: Os) -> Result<Guest, EmbedError> {
        let memory = GuestMemory::new(Arc::clone(mapping));
        let host = Host { memory, os, panic: None, packages: BTreeMap::new(), adjustors: None, batches: 0 };
        let mut store = Store::new(engine.wasmtime(), host);
        let failed = |module| move |source| EmbedError::Instantiate { module, source };

        let mut linker = engine.linker();
        let glue = with_staged(mapping, || linker.instantiate(&mut store, engine.glue())).map_err(failed(GLUE))?;
        let memory = glue
            .get_memory(&mut store, MEMORY)
            .filter(|memory| mapping.is_at(memory.data_ptr(&store)))
            .ok_or(EmbedError::MissingExport { module: GLUE, export: MEMORY })?;
        let missing = |export| EmbedError::MissingExport { module: GLUE, export };
        let table = glue.get_table(&mut store, C_TABLE).ok_or(missing(C_TABLE))?;
        let rsp = glue.get_global(&mut store, RSP).ok_or(missing(RSP))?;
        store.data_mut().adjustors = Some(Adjustors { engine: engine.clone(), memory, table, rsp });
        linker.define(&store, MEMORY_MODULE, MEMORY, memory).map_err(failed(GLUE))?;
        linker.instance(&mut store, GLUE, glue).map_err(failed(GLUE))?;
        let guest = linker.instantiate(&mut store, engine.guest()).map_err(failed(GUEST))?;

        linker.instance(&mut store, convention::GUEST, guest).map_err(failed(GUEST))?;
        linker.instantiate(&mut store, engine.shims()).map_err(failed(SHIMS))?;
        linker.instantiate(&mut store, engine.absent()).map_err(failed(ABSENT))?;
        native::fill(&mut store, table).map_err(failed(NATIVE))?;

        let missing = |export| move |_| EmbedError::MissingExport { module: GUEST, export };
        let stack_pointer = guest
            .get_global(&mut store, "__stack_pointer")
            .ok_or(EmbedError::MissingExport { module: GUEST, export: "__stack_pointer" })?;
        Ok(Guest {
            buffer: guest.get_typed_func(&mut store, "buffer").map_err(missing("buffer"))?,
            init: guest.get_typed_func(&mut store, "init").map_err(missing("init"))?,
            request: guest.get_typed_func(&mut store, "request").map_err(missing("request"))?,
            recover: guest.get_typed_func(&mut store, "recover").map_err(missing("recover"))?,
            stack_pointer,
            stack_top: stack_pointer.get(&mut store),
            store,
            linker,
            glue,
        })
    }

    pub(super) fn memory(&self) -> &GuestMemory {
        &self.store.data().memory
    }

    /// Hands the machine its configuration; false if it does not accept it.
    pub(super) fn init(&mut self, config: &[u8]) -> Result<bool, TrapKind> {
        let len = self.put(&[config])?;
        self.init.call(&mut self.store, len).map(|accepted| accepted != 0).map_err(|e| self.trap(&e))
    }

    /// Hands over a request; answers address and length of the reply.
    pub(super) fn request(&mut self, request: &[&[u8]]) -> Result<(u32, u32), TrapKind> {
        let len = self.put(request)?;
        let packed = self.request.call(&mut self.store, len).map_err(|e| self.trap(&e))?;
        Ok((packed as u32, (packed >> 32) as u32))
    }

    /// Tells the outside that an evaluation begins.
    pub(super) fn begin_evaluation(&mut self) {
        self.store.data_mut().os.begin_evaluation();
    }

    /// The outside.
    pub(super) fn os(&self) -> &Os {
        &self.store.data().os
    }

    /// The outside, to change.
    pub(super) fn os_mut(&mut self) -> &mut Os {
        &mut self.store.data_mut().os
    }

    /// After a trap: an empty Rust stack, then the machine's own recovery.
    pub(super) fn recover(&mut self) -> Result<(), TrapKind> {
        let reset = self.stack_pointer.set(&mut self.store, self.stack_top);
        reset.and_then(|()| self.recover.call(&mut self.store, ())).map_err(|e| self.trap(&e))
    }

    /// Adds a module that imports from memory, glue and host, and fills slots of the tables by its element segments.
    pub(super) fn link(&mut self, module: &Module) -> Result<(), EmbedError> {
        let failed = |source| EmbedError::Instantiate { module: "generated code", source };
        self.linker.instantiate(&mut self.store, module).map(|_| ()).map_err(failed)
    }

    /// Puts a package's image into memory, makes the tables long enough for its slots, and fills them. If it fails it can be
    /// tried again.
    pub(super) fn install(&mut self, package: &Linked) -> Result<(), EmbedError> {
        let (Linked { name, .. }, LinkedObject { place, need, .. }) = (package, &**package);
        let failed = |problem: String| EmbedError::Install { package: name.clone(), problem };
        let mapping = self.memory().mapping();
        let placed = mapping.place_image(place.base, need.bytes, &package.image);
        let placed = placed.and_then(|()| mapping.make_constant(place.base, package.constant));
        placed.map_err(|e| failed(e.to_string()))?;
        self.make_room(std::slice::from_ref(package))?;
        let Artefact { module, .. } = &package.code.0;
        let linked = self.linker.instantiate(&mut self.store, module);
        linked.map_err(|source| failed(format!("{source:#}")))?;
        package.code.0.was_instantiated();
        self.store.data_mut().packages.insert(place.base, package.clone());
        Ok(())
    }

    /// Makes the tables long enough for all slots of `packages`, since a table is copied each time that it grows.
    pub(super) fn make_room(&mut self, packages: &[Linked]) -> Result<(), EmbedError> {
        let mut last_first: Vec<&Linked> = packages.iter().collect();
        last_first.sort_by_key(|package| std::cmp::Reverse(package.place.stg));
        for package in last_first {
            let (Linked { name, .. }, LinkedObject { place, need, .. }) = (package, &**package);
            for (table, first, slots) in [(CodeTable::Stg, place.stg, need.stg), (CodeTable::C, place.c, need.c)] {
                if !first.checked_add(slots).is_some_and(|end| self.ensure_slots(table, end)) {
                    let problem = format!("no room for {slots} functions in the code table");
                    return Err(EmbedError::Install { package: name.clone(), problem });
                }
            }
        }
        Ok(())
    }

    /// Makes a table at least `slots` long.
    fn ensure_slots(&mut self, table: CodeTable, slots: u32) -> bool {
        let Some(found) = self.table(table) else { return false };
        let more = u64::from(slots).saturating_sub(found.size(&self.store));
        more == 0 || u32::try_from(more).is_ok_and(|more| self.grow_table(table, more).is_some())
    }

    fn table(&mut self, table: CodeTable) -> Option<Table> {
        let name = match table {
            CodeTable::Stg => STG_TABLE,
            CodeTable::C => C_TABLE,
        };
        self.glue.get_table(&mut self.store, name)
    }

    /// Adds empty slots to a table and answers the first; `None` if it would be too large.
    pub(super) fn grow_table(&mut self, table: CodeTable, slots: u32) -> Option<u32> {
        let name = match table {
            CodeTable::Stg => GROW_STG,
            CodeTable::C => GROW_C,
        };
        let grow = self.glue.get_typed_func::<u32, u32>(&mut self.store, name).ok()?;
        let first = grow.call(&mut self.store, slots).ok()?;
        // What table.grow answers for failure.
        (first != u32::MAX).then_some(first)
    }

    /// Copies bytes to where the guest wants them, one piece behind the other.
    fn put(&mut self, pieces: &[&[u8]]) -> Result<u32, TrapKind> {
        let len = pieces.iter().map(|piece| piece.len()).sum();
        let total = u32::try_from(len).map_err(|_| TrapKind::RequestTooLong { len })?;
        let mut addr = self.buffer.call(&mut self.store, total).map_err(|e| self.trap(&e))?;
        for piece in pieces {
            self.memory().write(addr, piece).map_err(TrapKind::Request)?;
            // Within `total`, which the guest has room for.
            addr = addr.wrapping_add(piece.len() as u32);
        }
        Ok(total)
    }

    fn trap(&mut self, error: &wasmtime::Error) -> TrapKind {
        TrapKind::from_wasmtime(error, self.store.data_mut().panic.take())
    }
}
