//! The `"host"` functions of [`bcvm::abi`]'s table, as the guest calls them.
//!
//! Everything that comes in is hostile: an impossible argument is an error, which wasmtime turns into a trap.

use wasmtime::{Caller, Linker};

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::clock;
use bcvm::abi::{self, host::FdWait};
use bcvm_host::lift;
use thiserror::Error;

use super::memory::{GuestMemory, MemoryError};
use super::package::Linked;

/// What the guest's host functions work on.
pub(super) struct Host {
    pub(super) memory: GuestMemory,
    /// What the panic handler said, until someone asks.
    pub(super) panic: Option<String>,
    /// What is installed, by base address.
    pub(super) packages: BTreeMap<u32, Arc<Linked>>,
}

/// Compiled code came to an instruction that could not be translated.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub(super) struct Untranslated(pub(super) String);

/// Bytes of what the guest says of one file descriptor that it waits for.
const FD_WAIT_BYTES: u32 = 12;
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
        let place = around.and_then(|(base, package)| package.unsupported.get((id - base) as usize));
        let what = place.map_or_else(|| format!("an unknown place of compiled code ({id:#x})"), ToString::to_string);
        Err(Untranslated(what).into())
    };
    linker.func_wrap(lift::ENV, "unsupported", unsupported)?;
    Ok(())
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

fn now_ns(_: &mut Host) -> Result<u64, MemoryError> {
    Ok(clock::now_ns())
}

fn wait(host: &mut Host, fds: u32, n: u32, until: u64) -> Result<(), MemoryError> {
    let bytes = host.memory.read(fds, n.saturating_mul(FD_WAIT_BYTES))?;
    let (records, _) = bytes.as_chunks::<4>();
    let mut words: Vec<u32> = records.iter().map(|w| u32::from_le_bytes(*w)).collect();
    let mut waits: Vec<FdWait> =
        words.chunks_exact(3).map(|w| FdWait { fd: w[0] as i32, write: w[1] != 0, ready: false }).collect();
    let mapping = host.memory.mapping();
    clock::wait(&mut waits, until, || mapping.asked_to_stop() != abi::stop::NONE);
    for (w, wait) in words.chunks_exact_mut(3).zip(waits) {
        w[2] = wait.ready as u32;
    }
    let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    host.memory.write(fds, &bytes)
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
