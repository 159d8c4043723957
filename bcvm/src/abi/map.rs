//! The map of guest memory (DESIGN §7) and the few words of it that machine and host both touch.
//!
//! Everything here is a constant of the binary interface: the guest is compiled with these numbers (some are also
//! linker arguments, see `engine/build.rs`), glue is generated from them, and the host checks against
//! them.
//
// Note [The map of guest memory]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
//
//   0                                                                                        4 GiB
//   |null|  stack  |  RTS region  | Rust data, allocator | statics | packages |   Haskell heap   |top|
//   0    64K       1M             2M                   256M      512M         2G            4G-64K
//
// The C stack, and the copy of the table of stable pointers that compiled code reads, lie at the beginning of statics.
//
// The guest is wasm32, so an address is 32 bits wide although words are 64. All of it is reserved and nothing is
// accessible until it is committed in units of 64 KiB. Three decisions shape the map:
//
// * The first unit is never committed, so that reading through null is a trap and the Rust stack, which grows
//   down towards it, cannot overflow silently.
// * Package code is non-PIC x86-64: every address in it is a signed 32-bit number. Statics therefore end at 2 GiB.
//   The Haskell heap is only ever reached through pointers and may lie above.
// * The RTS region lies below Rust's data, at an address that is the same in every build, because compiled code
//   folds the address of the register table into its instructions.
//
// The last unit is left out as well: `addr + len` of every accessible range then fits 32 bits.

use crate::layout::regs as reg;

/// The unit of committing: one wasm page.
pub const PAGE: u32 = 0x1_0000;

/// Lowest address that may be committed; everything below is the null page.
pub const NULL_END: u32 = 0x0001_0000;
/// The guest's Rust stack: grows down from its end towards the null page. Committed when the guest starts.
pub const STACK_START: u32 = NULL_END;
/// End of the guest's Rust stack.
pub const STACK_END: u32 = 0x0010_0000;
/// The RTS region: register table, built-in info tables and static closures. Committed when the guest starts.
pub const RTS_START: u32 = STACK_END;
/// End of the RTS region.
pub const RTS_END: u32 = 0x0020_0000;
/// Rust's data and the guest's own allocator: data is committed when the guest starts, the rest on demand.
pub const DATA_START: u32 = RTS_END;
/// End of the range of the guest's own allocator.
pub const DATA_END: u32 = 0x1000_0000;
/// The C stack of compiled code, growing down from its end; the page below it is never committed.
pub const C_STACK_START: u32 = DATA_END + PAGE;
/// End of the C stack.
pub const C_STACK_END: u32 = DATA_END + 32 * PAGE;
/// Bytes above the stack pointer that Haskell code may use for spills (`RESERVED_C_STACK_BYTES`).
pub const RESERVED_C_STACK_BYTES: u32 = 16384;
/// The copy of the table of stable pointers that compiled code reads; committed as far as it is used.
pub const STABLE_START: u32 = C_STACK_END;
/// End of that table.
pub const STABLE_END: u32 = STABLE_START + 512 * PAGE;
/// Statics: what MallocData copies, what `malloc` hands out, info tables made at run time.
pub const STATICS_START: u32 = STABLE_END;
/// End of the statics.
pub const STATICS_END: u32 = 0x2000_0000;
/// Images of the objects that the linker loads: their sections, relocated, with table indices at code addresses.
pub const PACKAGES_START: u32 = STATICS_END;
/// End of the packages: the line below which non-PIC code must find everything it names.
pub const PACKAGES_END: u32 = 0x8000_0000;
/// The Haskell heap, divided up by the block allocator.
pub const HEAP_START: u32 = PACKAGES_END;
/// End of the Haskell heap, and of what may be committed at all.
pub const HEAP_END: u32 = 0xFFFF_0000;

/// GHC's BaseReg: the register table (`StgRegTable`, 920 bytes). The rest of the capability lies around it.
pub const BASE_REG: u32 = 0x0010_0100;
/// `StgRegTable.rSpLim` (u64).
pub const SP_LIM: u32 = BASE_REG + reg::SP_LIM;
/// `StgRegTable.rHpLim` (u64): 0 makes the next heap check fail. The host writes it from another thread.
pub const HP_LIM: u32 = BASE_REG + reg::HP_LIM;
/// `Capability.interrupt` (u32): a [`stop`] reason the host has asked for and the machine has not yet obeyed.
///
/// The host sets this word and then HpLim; whoever re-arms HpLim must look here *afterwards*, or the stop is lost.
/// The machine clears it when it obeys; the host clears it before each request.
pub const INTERRUPT: u32 = BASE_REG + 1156;

/// Non-zero (u32) while collector, scheduler or linker are changing the heap: a trap then leaves it untrusted.
pub const RUNTIME_BUSY: u32 = 0x0010_0F00;
/// Non-zero (u32) while the guest's Rust allocator works, for the same reason.
pub const ALLOCATOR_BUSY: u32 = 0x0010_0F04;
/// The number (u32) of the built-in entry through which compiled code last came back from `run`.
pub const STOP_ENTRY: u32 = 0x0010_0F08;

/// A word (u8 is stored) that compiled loops store to and nobody reads: the store is what can be stopped.
pub const POLL_WORD: u32 = 0x0010_0F0C;

/// The nursery's block descriptor: see [`reg::nursery`].
pub const NURSERY: u32 = 0x0010_0F40;

/// The thread pointer of C code (%fs): what lies there is in [`thread`].
pub const THREAD: u32 = 0x0010_0F80;
/// The control block of the only thread, as far as compiled C code looks at it.
pub mod thread {
    /// Its own address (u64).
    pub const SELF: u32 = 0;
    /// What functions with a stack protector put between their variables and the return address (u64).
    pub const CANARY: u32 = 0x28;
    /// The canary: a zero byte ends strings, the others are nothing that a program writes by chance.
    pub const CANARY_VALUE: u64 = 0xb1c3_97e5_5ad2_7f00;
}

/// Where a call of a built-in C function by compiled code passes its arguments and results: see [`c_call`].
pub const C_CALL: u32 = 0x0010_0A00;
/// What lies at [`C_CALL`].
pub mod c_call {
    /// rdi, rsi, rdx, rcx, r8, r9 (u64 each).
    pub const WORDS: u32 = 0;
    /// xmm0 to xmm7 (16 bytes each).
    pub const VECTORS: u32 = 48;
    /// The C stack pointer (u64): the return address's slot; further arguments lie above.
    pub const RSP: u32 = 176;
    /// The result in rax (u64).
    pub const RAX: u32 = 184;
    /// The result in rdx (u64).
    pub const RDX: u32 = 192;
    /// The result in xmm0 (16 bytes); that in xmm1 follows.
    pub const XMM0: u32 = 208;
}

/// Where (u32) the part of the nursery begins in which compiled code may update thunks and tell nobody.
pub const YOUNG_START: u32 = 0x0010_0F18;
/// How many bytes (u32) that part has: none while a thread waits for a thunk.
pub const YOUNG_BYTES: u32 = 0x0010_0F1C;
/// The record (u32) of the adjustor that is being called: see [`adjustor`].
pub const ADJUSTOR: u32 = 0x0010_0F20;

/// The record of an adjustor, a C function that was made of a Haskell function. Its address is the function's, so it
/// begins with the slot.
pub mod adjustor {
    /// The slot (u32) in the table of C functions; 0 while it is not in use.
    pub const SLOT: u32 = 0;
    /// Non-zero (u8) if the function has so many arguments that the sixth word goes to the stack.
    pub const SPILLS: u32 = 4;
    /// The stable pointer (u64) that the stub gets as its first argument.
    pub const STABLE: u32 = 8;
    /// The address (u64) of the stub, compiled from the C that GHC makes.
    pub const STUB: u32 = 16;
    /// Bytes of a record.
    pub const BYTES: u32 = 32;
    /// Adjustors that are made at once, with records behind each other.
    pub const BATCH: u32 = 256;
}
/// What the C stack pointer (u64) is when compiled code is entered: 8 more than a multiple of 16.
pub const C_SP: u32 = 0x0010_0F10;

/// Slots 1 to this number of the STG table are the stop entries of the built-in `stg_*` symbols; slot 0 traps.
///
/// Fixed rather than counted, so that the slots of compiled packages, which come after, do not move when a built-in
/// is added.
pub const STOP_SLOTS: u32 = 2047;
/// Slots 1 to this number of the C table are the built-in C functions; slot 0 traps.
pub const C_SLOTS: u32 = 3071;
/// Slots of the C table behind those, for adjustors; those of packages come after.
pub const ADJUSTORS: u32 = 16 * adjustor::BATCH;

/// Why the host asks running code to stop: the values of the word at [`INTERRUPT`].
pub mod stop {
    /// Nothing is asked.
    pub const NONE: u32 = 0;
    /// Let another thread run.
    pub const YIELD: u32 = 1;
    /// The evaluation's time is up.
    pub const DEADLINE: u32 = 2;
    /// The user interrupts (GHC throws UserInterrupt to the evaluating thread).
    pub const USER_INTERRUPT: u32 = 3;
}

/// The built-in entries' info tables.
pub const ENTRIES: u32 = 0x0010_1000;
/// Built-in static closures.
pub const CLOSURES: u32 = 0x0011_8000;
/// Addresses of the built-in C functions.
pub const C_FUNCTIONS: u32 = 0x001D_0000;
/// Variables of the RTS and of C that packages name: `bcvm/src/libc/data.rs`.
pub const C_DATA: u32 = 0x001F_0000;
/// End of these variables.
pub const C_DATA_END: u32 = 0x001F_4000;

/// What C's library keeps: the environment, buffers that functions answer; see `libc/os/area.rs`.
pub const LIBC_DATA: u32 = 0x001E_0000;
/// C's `errno` (i32).
pub const ERRNO: u32 = LIBC_DATA;
/// C's variable `environ` (an address of addresses of strings).
pub const ENVIRON: u32 = LIBC_DATA + 8;

const _: () = assert!(CLOSURES < LIBC_DATA && LIBC_DATA < RTS_END && ENTRIES > POLL_WORD);
const _: () = assert!(NURSERY + 64 <= THREAD && THREAD + thread::CANARY + 8 <= ENTRIES);
