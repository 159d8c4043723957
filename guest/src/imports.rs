//! The functions of [`bcvm::abi`] as wasm imports, [`Imports`], which offers them to the machine as its `Host`, the way
//! into compiled code and back out of it into C functions of the machine, and the panic handler.
//!
//! All foreign calls of the guest are here.

use alloc::vec::Vec;
use bcvm::Machine;
use bcvm::abi::host::FdWait;
use bcvm::abi::system::{ARGS, System};
use bcvm::entry::registers::Registers;
use bcvm::interp::machine::Compiled;
use bcvm::word::{Addr, ClosurePtr};
use core::cell::{Cell, UnsafeCell};
use core::fmt::{self, Write};
use core::panic::PanicInfo;
use core::ptr;

/// Declares every row of the table as a foreign function.
macro_rules! declare {
    ($($(#[$doc:meta])* fn $name:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)? = $module:literal;)*) => {
        mod wasm {
            $(
                #[link(wasm_import_module = $module)]
                unsafe extern "C" {
                    $(#[$doc])*
                    pub safe fn $name($($arg: $ty),*) $(-> $ret)?;
                }
            )*
        }
    };
}
bcvm::for_each_host_fn!(declare);

pub(crate) use wasm::{commit, decommit};

/// The host as the machine sees it.
#[derive(Debug)]
pub(crate) struct Imports;

impl bcvm::Host for Imports {
    fn commit(&mut self, addr: u32, len: u32) -> bool {
        wasm::commit(addr, len) != 0
    }

    fn decommit(&mut self, addr: u32, len: u32) {
        wasm::decommit(addr, len);
    }

    fn log(&mut self, line: &str) {
        wasm::log(line.as_ptr() as u32, line.len() as u32);
    }

    fn now_ns(&mut self) -> u64 {
        wasm::now_ns()
    }

    fn wait(&mut self, fds: &mut [FdWait], until: u64) {
        let mut entries: Vec<[u32; 3]> = fds.iter().map(|w| [w.fd.cast_unsigned(), w.write.into(), 0]).collect();
        wasm::wait(entries.as_mut_ptr() as u32, entries.len() as u32, until);
        for (fd, [.., ready]) in fds.iter_mut().zip(entries) {
            fd.ready = ready != 0;
        }
    }

    fn adjustors(&mut self, first: u32, records: u32) -> bool {
        wasm::adjustors(first, records) != 0
    }

    fn system(&mut self, call: System, args: [u64; ARGS]) -> i64 {
        wasm::system(call as u32, args.as_ptr() as u32)
    }
}

/// The machine while compiled code runs, which may call its functions; null otherwise.
struct Current(Cell<*mut Machine>);

// SAFETY: the guest has one thread.
unsafe impl Sync for Current {}

static CURRENT: Current = Current(Cell::new(ptr::null_mut()));

/// Runs compiled code on behalf of `machine`.
pub(crate) fn run_compiled(machine: &mut Machine, what: Compiled) {
    // Calls nest: a C function of the machine may run compiled code again.
    let before = CURRENT.0.replace(machine);
    match what {
        Compiled::Stg(slot, Registers::All) => wasm::run(slot),
        Compiled::Stg(slot, Registers::Words) => wasm::run_words(slot),
        Compiled::Stg(slot, Registers::Few) => wasm::run_few(slot),
        Compiled::C(slot) => wasm::run_c(slot),
    }
    CURRENT.0.set(before);
}

/// Built-in C function number `n`, called by compiled code.
#[unsafe(no_mangle)]
pub extern "C" fn c_call(n: u32) {
    // SAFETY: not null only while `run_compiled` waits for compiled code and uses the machine no more itself, and
    // one thread. After a trap `run_compiled` does not return, but then no compiled code is left to call this.
    if let Some(machine) = unsafe { CURRENT.0.get().as_mut() }
        && !machine.c_call(n)
    {
        let why = &machine.crash_report;
        wasm::fail(why.as_ptr() as u32, why.len() as u32);
    }
}

/// Updates a thunk on behalf of compiled code.
#[unsafe(no_mangle)]
pub extern "C" fn update(thunk: u32, value: u32) {
    // SAFETY: as for `c_call`.
    if let Some(machine) = unsafe { CURRENT.0.get().as_mut() } {
        machine.update_for_compiled(Addr(thunk), ClosurePtr(value));
    }
}

/// Bytes of a panic message that are kept.
const LAST_WORDS: usize = 512;

/// A line in static memory: the panic handler must not allocate, since the allocator may be what panics.
struct Line {
    text: [u8; LAST_WORDS],
    len: usize,
}

impl Write for Line {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        let room = &mut self.text[self.len..];
        let n = s.len().min(room.len());
        room[..n].copy_from_slice(&s.as_bytes()[..n]);
        self.len += n;
        Ok(())
    }
}

struct LastLine(UnsafeCell<Line>);

// SAFETY: the guest has one thread.
unsafe impl Sync for LastLine {}

static LAST_LINE: LastLine = LastLine(UnsafeCell::new(Line { text: [0; LAST_WORDS], len: 0 }));

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    // SAFETY: one thread, and nothing else refers to the line; a panic inside `write!` would only restart it.
    let line = unsafe { &mut *LAST_LINE.0.get() };
    line.len = 0;
    let _ = write!(line, "{}", info.message());
    if let Some(place) = info.location() {
        let _ = write!(line, " ({}:{})", place.file(), place.line());
    }
    wasm::panicked(line.text.as_ptr() as u32, line.len as u32);
    core::arch::wasm32::unreachable()
}
