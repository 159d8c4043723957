//! What the engine calls. Bytes come in through one buffer and go out through one reply; what they mean is the
//! machine's and the engine's business.
//!
//! A call: `buffer(len)` gives the address to write the request to, `request(len)` answers where the reply lies, as
//! address in the low and length in the high half. The reply stays until the next call. Before the first request,
//! `init(len)` takes the configuration the same way. After a trap the engine resets the stack pointer and calls
//! `recover`.

use alloc::boxed::Box;
use alloc::vec::Vec;
use bcvm::{Config, Machine, Mem};
use core::cell::UnsafeCell;

use crate::imports::{Imports, run_compiled};

/// A request buffer that has grown beyond this is given back after use.
const KEEP_BYTES: usize = 1 << 20;

struct Shell {
    machine: Option<Machine>,
    request: Vec<u8>,
    reply: Vec<u8>,
}

struct Guest(UnsafeCell<Shell>);

// SAFETY: the guest has one thread.
unsafe impl Sync for Guest {}

static SHELL: Guest = Guest(UnsafeCell::new(Shell { machine: None, request: Vec::new(), reply: Vec::new() }));

/// The shell's state. A trap ends an export without running destructors; the next one starts from what it finds.
fn shell() -> &'static mut Shell {
    // SAFETY: one thread; every export here takes the reference once and holds it until it returns, and the imports it
    // calls call none of them: compiled code comes back through `imports::c_call`, which gets the machine otherwise.
    unsafe { &mut *SHELL.0.get() }
}

/// The bytes the engine has written to the buffer, if it had asked for as many.
fn taken(buffer: &mut Vec<u8>, len: u32) -> Option<&[u8]> {
    let len = len as usize;
    if len > buffer.capacity() {
        return None;
    }
    // SAFETY: within the capacity, and written by the engine between `buffer` and this call: that is the protocol.
    unsafe { buffer.set_len(len) };
    Some(buffer)
}

/// Room for `len` bytes of request or configuration. It is not cleared: that would take as long as filling it.
#[unsafe(no_mangle)]
pub extern "C" fn buffer(len: u32) -> u32 {
    let shell = shell();
    shell.request.clear();
    shell.request.reserve_exact(len as usize);
    shell.request.as_ptr() as u32
}

/// Makes the machine from the configuration in the buffer; 0 if the bytes are not one.
#[unsafe(no_mangle)]
pub extern "C" fn init(len: u32) -> u32 {
    let shell = shell();
    let Some(config) = taken(&mut shell.request, len).and_then(Config::from_bytes) else {
        return 0;
    };
    // SAFETY: the shell keeps one machine, and an earlier one is not used again.
    let mem = unsafe { Mem::guest() };
    let machine = shell.machine.insert(Machine::new(mem, Box::new(Imports), config));
    machine.compiled = Some(run_compiled);
    1
}

/// Handles the request in the buffer. Before `init`, or with more bytes than `buffer` was asked for, the reply is
/// empty, which no request is answered with.
#[unsafe(no_mangle)]
pub extern "C" fn request(len: u32) -> u64 {
    let shell = shell();
    shell.reply = Vec::new();
    if let (Some(request), Some(machine)) = (taken(&mut shell.request, len), &mut shell.machine) {
        shell.reply = machine.request(request);
    }
    if shell.request.capacity() > KEEP_BYTES {
        shell.request = Vec::new();
    }
    u64::from(shell.reply.as_ptr() as u32) | (shell.reply.len() as u64) << 32
}

/// Puts the machine back in order after a trap while the program ran.
#[unsafe(no_mangle)]
pub extern "C" fn recover() {
    if let Some(machine) = &mut shell().machine {
        machine.recover();
    }
}
