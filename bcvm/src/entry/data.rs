//! Variables of the C library and of the runtime that compiled code refers to by name.
//!
//! They lie in the RTS region, because non-PIC code addresses them absolutely. A row is `"symbol" bytes = first word`.

use crate::abi::map;
use crate::mem::Mem;
use crate::word::Addr;

/// A variable: its symbol, its bytes, and its first word; the rest is zero.
struct Variable(&'static str, u32, u64);

/// Alignment of variables.
const ALIGN: u32 = 16;

/// Every variable.
const VARIABLES: [Variable; 30] = [
    // All flags zero: nothing is traced, profiled or debugged (`RTS_FLAGS` has less than 600 bytes).
    Variable("RtsFlags", 1024, 0),
    Variable("nonmoving_write_barrier_enabled", 8, 0),
    Variable("enabled_capabilities", 4, 1),
    Variable("n_capabilities", 4, 1),
    Variable("rts_stop_on_exception", 4, 0),
    Variable("rts_stop_next_breakpoint", 4, 0),
    Variable("rts_breakpoint_io_action", 8, 0),
    Variable("rtsTimerSignal", 4, 0),
    Variable("nocldstop", 4, 0),
    Variable("keepCAFs", 4, 1),
    Variable("environ", 8, 0),
    Variable("__dso_handle", 8, 0),
    Variable("stdin", 16, 0),
    Variable("stdout", 16, 0),
    Variable("stderr", 16, 0),
    Variable("timezone", 8, 0),
    Variable("daylight", 4, 0),
    Variable("ffi_type_void", 24, 0),
    Variable("ffi_type_uint8", 24, 0),
    Variable("ffi_type_sint8", 24, 0),
    Variable("ffi_type_uint16", 24, 0),
    Variable("ffi_type_sint16", 24, 0),
    Variable("ffi_type_uint32", 24, 0),
    Variable("ffi_type_sint32", 24, 0),
    Variable("ffi_type_uint64", 24, 0),
    Variable("ffi_type_sint64", 24, 0),
    Variable("ffi_type_float", 24, 0),
    Variable("ffi_type_double", 24, 0),
    Variable("ffi_type_pointer", 24, 0),
    Variable("ffi_type_longdouble", 24, 0),
];

/// The standard streams: a variable holds a pointer to the word behind it, which holds the file descriptor.
const STREAMS: [(&str, u32); 3] = [("stdin", 0), ("stdout", 1), ("stderr", 2)];

/// Where the variable `symbol` is.
pub fn find(symbol: &str) -> Option<Addr> {
    let mut at = map::RTS_DATA;
    for Variable(name, bytes, _) in &VARIABLES {
        if *name == symbol {
            return Some(Addr(at));
        }
        at = (at + bytes).next_multiple_of(ALIGN);
    }
    None
}

/// Gives every variable its first value.
pub fn write(mem: &mut Mem) {
    for Variable(name, bytes, first) in &VARIABLES {
        let Some(at) = find(name) else { continue };
        match bytes {
            4 => mem.set_u32(at, *first as u32),
            _ => mem.set_word(at, *first),
        }
    }
    for (name, fd) in STREAMS {
        let Some(at) = find(name) else { continue };
        mem.set_word(at, (at.0 + 8) as u64);
        mem.set_u32(at + 8, fd);
    }
}

const _: () = {
    let (mut i, mut bytes) = (0, 0);
    while i < VARIABLES.len() {
        bytes += VARIABLES[i].1.next_multiple_of(ALIGN);
        i += 1;
    }
    assert!(map::RTS_DATA + bytes <= map::RTS_END);
};
