//! Variables of GHC's RTS that packages refer to by name: where they are, how large, what they begin with.

use super::os::area;
use crate::abi::map;
use crate::mem::Mem;
use crate::word::{Addr, Word};

/// A variable.
struct Variable {
    symbol: &'static str,
    /// Bytes, a multiple of 8.
    bytes: u32,
    /// Its first word; the others are 0.
    value: Word,
}

const fn variable(symbol: &'static str, bytes: u32, value: Word) -> Variable {
    Variable { symbol, bytes, value }
}

/// The `FILE`s of the standard streams come first.
const FILES: u32 = map::C_DATA;
/// That of the standard input.
pub const STDIN: Addr = Addr(FILES);

/// Whether a `FILE` is one of these.
pub fn is_file(file: Word) -> bool {
    (Word::from(FILES)..Word::from(FILES) + 24).contains(&file)
}

/// All of them, in the order of their addresses.
const VARIABLES: &[Variable] = &[
    variable("_IO_2_1_stdin_", 8, 0),
    variable("_IO_2_1_stdout_", 8, 1),
    variable("_IO_2_1_stderr_", 8, 2),
    // uint32_t: threads of Haskell that run at once.
    variable("enabled_capabilities", 8, 1),
    variable("n_capabilities", 8, 1),
    // Asked before every write to a mutable object: whether the non-moving collector wants to know.
    variable("nonmoving_write_barrier_enabled", 8, 0),
    // int: whether sigaction is to use SA_NOCLDSTOP.
    variable("nocldstop", 8, 0),
    // FILE *: what C writes to; a FILE begins with its descriptor.
    variable("stdin", 8, FILES as Word),
    variable("stdout", 8, FILES as Word + 8),
    variable("stderr", 8, FILES as Word + 16),
    // RTS_FLAGS: GHC.RTS.Flags reads them. No option was given.
    variable("RtsFlags", 1024, 0),
    variable("keepCAFs", 8, 1),
    // spEntry *: see Note [Compiled code reads stable pointers] in `gc/stable.rs`.
    variable("stable_ptr_table", 8, map::STABLE_START as Word),
    variable("__dso_handle", 8, 0),
    // char *: the program has no name.
    variable("program_invocation_name", 8, area::NO_TEXT.0 as Word),
    variable("program_invocation_short_name", 8, area::NO_TEXT.0 as Word),
    // struct __processor_model: nothing is known of the processor.
    variable("__cpu_model", 16, 0),
    variable("__cpu_features2", 8, 0),
    // char: no other thread was ever made.
    variable("__libc_single_threaded", 8, 1),
    variable("signgam", 8, 0),
    variable("timezone", 8, 0),
    variable("daylight", 8, 0),
    // char *[2].
    variable("tzname", 16, area::NO_TEXT.0 as Word),
    // struct in6_addr: all zeros.
    variable("in6addr_any", 16, 0),
    // What the debugger of package ghci sets.
    variable("rts_stop_on_exception", 8, 0),
    variable("rts_stop_next_breakpoint", 8, 0),
    variable("rts_breakpoint_io_action", 8, 0),
    // ffi_type: package ghci passes their addresses on.
    variable("ffi_type_void", 24, 0),
    variable("ffi_type_uint8", 24, 0),
    variable("ffi_type_sint8", 24, 0),
    variable("ffi_type_uint16", 24, 0),
    variable("ffi_type_sint16", 24, 0),
    variable("ffi_type_uint32", 24, 0),
    variable("ffi_type_sint32", 24, 0),
    variable("ffi_type_uint64", 24, 0),
    variable("ffi_type_sint64", 24, 0),
    variable("ffi_type_float", 24, 0),
    variable("ffi_type_double", 24, 0),
    variable("ffi_type_pointer", 24, 0),
];

const _: () = assert!(offset(VARIABLES.len()) <= map::C_DATA_END - map::C_DATA);

/// Where the `n`th variable is in the range.
const fn offset(n: usize) -> u32 {
    let (mut at, mut i) = (0, 0);
    while i < n {
        at += VARIABLES[i].bytes;
        i += 1;
    }
    at
}

/// The address of the variable called `symbol`.
pub fn find(symbol: &str) -> Option<Addr> {
    VARIABLES.iter().position(|v| v.symbol == symbol).map(|n| Addr(map::C_DATA + offset(n)))
}

/// Writes what the variables begin with.
pub fn write(mem: &mut Mem) {
    for (n, v) in VARIABLES.iter().enumerate() {
        mem.set_word(Addr(map::C_DATA + offset(n)), v.value);
    }
}
