//! The `"host"` functions of [`bcvm::abi`]'s table, as the guest calls them.
//!
//! Everything that comes in is hostile: an impossible argument is an error, which wasmtime turns into a trap.

use std::collections::BTreeMap;

use bcvm::abi::system::ARGS;
use bcvm::abi::{ADJUSTORS, adjustor, stop};
use bcvm_host::glue::convention::{C_TABLE, MEMORY_MODULE, RSP};
use bcvm_host::glue::{absent, adjustors};
use bcvm_host::lift;
use wasmtime::{Caller, Global, GlobalType, Instance, Linker, Mutability, Table, Val, ValType};

use super::memory::{GuestMemory, MemoryError};
use super::package::Linked;
use super::store::Engine;
use crate::os::{Memory, Os};

/// What the guest's host functions work on.
pub(super) struct Host {
    pub(super) memory: GuestMemory,
    /// The outside.
    pub(super) os: Os,
    /// What the panic handler said, until someone asks.
    pub(super) panic: Option<String>,
    /// What is installed, by base address.
    pub(super) packages: BTreeMap<u32, Linked>,
    /// What more adjustors are made of, once glue is there.
    pub(super) adjustors: Option<Adjustors>,
    /// How many batches of them were made. What is made lives as long as the sandbox.
    pub(super) batches: u32,
}

/// What a batch of adjustors imports.
#[derive(Clone)]
pub(super) struct Adjustors {
    pub(super) engine: Engine,
    pub(super) memory: wasmtime::Memory,
    pub(super) table: Table,
    pub(super) rsp: Global,
}

/// Longest line that is taken from the guest.
const MAX_LINE_BYTES: u32 = 4096;

/// Puts the rows of the table that are the host's into a linker, by the functions of the same name below; a row without
/// its function does not compile.
macro_rules! define {
    ($($(#[$doc:meta])* fn $name:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)? = $module:tt;)*) => {
        /// Makes the host functions known to `linker`.
        pub(super) fn define(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
            $(define!(@row $module linker $name ($($arg: $ty),*) $(-> $ret)?);)*
            define_unsupported(linker)
        }
    };
    (@row "host" $linker:ident $name:ident ($($arg:ident: $ty:ty),*) $(-> $ret:ty)?) => {
        $linker.func_wrap(
            "host",
            stringify!($name),
            |mut caller: Caller<'_, Host>, $($arg: $ty),*| -> wasmtime::Result<define!(@result $($ret)?)> {
                Ok($name(caller.data_mut(), $($arg),*)?)
            },
        )?;
    };
    // What makes instances needs the store.
    (@row "engine" $linker:ident $name:ident ($($arg:ident: $ty:ty),*) $(-> $ret:ty)?) => {
        $linker.func_wrap(
            "engine",
            stringify!($name),
            |caller: Caller<'_, Host>, $($arg: $ty),*| -> wasmtime::Result<define!(@result $($ret)?)> {
                $name(caller, $($arg),*)
            },
        )?;
    };
    (@row "glue" $($rest:tt)*) => {};
    (@result) => { () };
    (@result $ret:ty) => { $ret };
}
bcvm::for_each_host_fn!(define);

/// What lifted code calls where it can't go on; not the guest's, hence in no table.
fn define_unsupported(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    let unsupported = |caller: Caller<'_, Host>, id: u32| -> wasmtime::Result<()> {
        let packages = &caller.data().packages;
        let around = packages.range(..=id).next_back();
        let place = around.and_then(|(base, package)| {
            Some(format!("{}: {}", package.name, package.unsupported.get((id - base) as usize)?))
        });
        let why = match (absent::name_of(id), place) {
            (Some(function), _) => format!("it called {function}, which the sandbox does not provide"),
            (None, Some(place)) => format!("it came to what is not supported: {place}"),
            (None, None) => format!("it came to an unknown place of compiled code ({id:#x})"),
        };
        Err(Failed(why).into())
    };
    linker.func_wrap(lift::ENV, "unsupported", unsupported)?;
    Ok(())
}

/// Fills slots of the C table with adjustors. Whatever the numbers are, it writes to nothing but the table: slots that are
/// not there are an error. A damaged machine may ask too often, and gets no more than a sound one.
fn adjustors(mut caller: Caller<'_, Host>, first: u32, records: u32) -> wasmtime::Result<u32> {
    if caller.data().batches >= ADJUSTORS / adjustor::BATCH {
        return Ok(0);
    }
    caller.data_mut().batches += 1;
    let Some(Adjustors { engine, memory, table, rsp }) = caller.data().adjustors.clone() else { return Ok(0) };
    let module = engine.adjustors()?;
    let number = || GlobalType::new(ValType::I32, Mutability::Const);
    let first = Global::new(&mut caller, number(), Val::I32(first.cast_signed()))?;
    let records = Global::new(&mut caller, number(), Val::I32(records.cast_signed()))?;
    let mut imports = Vec::new();
    for import in module.imports() {
        imports.push(match (import.module(), import.name()) {
            (MEMORY_MODULE, _) => memory.into(),
            (_, C_TABLE) => table.into(),
            (_, RSP) => rsp.into(),
            (_, adjustors::FIRST) => first.into(),
            _ => records.into(),
        });
    }
    Instance::new(&mut caller, &module, &imports)?;
    Ok(1)
}

fn commit(host: &mut Host, addr: u32, len: u32) -> Result<u32, MemoryError> {
    host.memory.mapping().commit(addr, len).map(u32::from)
}

fn decommit(host: &mut Host, addr: u32, len: u32) -> Result<(), MemoryError> {
    host.memory.mapping().decommit(addr, len)
}

fn log(host: &mut Host, line: u32, len: u32) -> Result<(), MemoryError> {
    let line = read_line(&host.memory, line, len)?;
    tracing::debug!(target: "bcvm::guest", "{line}");
    Ok(())
}

fn now_ns(host: &mut Host) -> Result<u64, MemoryError> {
    Ok(host.os.now_ns())
}

/// What waits is the machine's scheduler, for `n` descriptors of three u32 each: see the table.
fn wait(host: &mut Host, fds: u32, n: u32, until: u64) -> Result<(), MemoryError> {
    const ENTRY_BYTES: u32 = 12;
    const READY: u32 = 8;
    let too_many = MemoryError::BadRange { action: "wait", addr: fds, len: n };
    let bytes = host.memory.read(fds, n.checked_mul(ENTRY_BYTES).ok_or(too_many)?)?;
    let word = |bytes: &[u8]| bytes.try_into().map_or(0, u32::from_le_bytes);
    let entries = bytes.chunks_exact(ENTRY_BYTES as usize);
    let wanted: Vec<(i32, bool)> = entries.map(|fd| (word(&fd[..4]).cast_signed(), word(&fd[4..8]) != 0)).collect();
    let ready = host.os.wait(&host.memory, &wanted, (until != u64::MAX).then_some(until));
    for (i, ready) in (0..).zip(ready) {
        host.memory.write(fds + i * ENTRY_BYTES + READY, &u32::from(ready).to_le_bytes())?;
    }
    Ok(())
}

/// A system call of the machine's C library. When the guest is being stopped by force, nothing that it would be told
/// matters any more.
fn system(host: &mut Host, call: u32, args: u32) -> Result<i64, MemoryError> {
    const WORD_BYTES: usize = 8;
    let words = host.memory.read(args, (ARGS * WORD_BYTES) as u32)?;
    let mut args = [0; ARGS];
    for (arg, word) in args.iter_mut().zip(words.chunks_exact(WORD_BYTES)) {
        *arg = word.try_into().map_or(0, u64::from_le_bytes);
    }
    let answer = host.os.system(&host.memory, call, args);
    if host.memory.check(0, 0) == Err(MemoryError::Closed) { Err(MemoryError::Closed) } else { Ok(answer) }
}

impl Memory for GuestMemory {
    fn is_accessible(&self, addr: u32, len: u32) -> bool {
        self.check(addr, len).is_ok()
    }

    fn read(&self, addr: u32, len: u32) -> Option<Vec<u8>> {
        GuestMemory::read(self, addr, len).ok()
    }

    fn write(&self, addr: u32, bytes: &[u8]) -> bool {
        GuestMemory::write(self, addr, bytes).is_ok()
    }

    fn stop_asked(&self) -> bool {
        self.check(0, 0).is_err() || self.mapping().asked_to_stop() != stop::NONE
    }
}

fn panicked(host: &mut Host, line: u32, len: u32) -> Result<(), MemoryError> {
    host.panic = Some(read_line(&host.memory, line, len)?);
    Ok(())
}

fn fail(host: &mut Host, line: u32, len: u32) -> Result<(), Failed> {
    Err(Failed(read_line(&host.memory, line, len).unwrap_or_else(|e| e.to_string())))
}

/// The program did what ends its evaluation; the text says what.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(super) struct Failed(pub(super) String);

/// Text from the guest, cut to a bound, made UTF-8 and freed of control characters: it may go to someone's terminal.
fn read_line(memory: &GuestMemory, addr: u32, len: u32) -> Result<String, MemoryError> {
    let bytes = memory.read(addr, len.min(MAX_LINE_BYTES))?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect())
}
