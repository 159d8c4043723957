//! What the machine and its host agree on without linking each other: the map of guest memory, the few words both
//! sides touch, and the table of functions the guest imports.
//!
//! Everything here is a constant of the binary interface: the guest is compiled with these numbers (some are also
//! linker arguments, see `xtask/src/guest_toolchain.rs`), glue is generated from them, and the host checks against
//! them. The layout of what lies *inside* the ranges belongs to the machine.

// Note [The map of guest memory]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
//
//   0                                                                                        4 GiB
//   |null|  stack  |  RTS region  | Rust data, allocator |    statics    |    Haskell heap     |top|
//   0    64K       1M             2M                   256M              2G            4G-64K
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
/// Statics: package images, what MallocData copies, info tables made at run time.
pub const STATICS_START: u32 = DATA_END;
/// End of the statics: the line below which non-PIC code must find everything it names.
pub const STATICS_END: u32 = 0x8000_0000;
/// The Haskell heap, divided up by the block allocator.
pub const HEAP_START: u32 = STATICS_END;
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

/// Slots 1 to this number of the STG table are the stop entries of the built-in `stg_*` symbols; slot 0 traps.
///
/// Fixed rather than counted, so that the slots of compiled packages, which come after, do not move when a built-in
/// is added.
pub const STOP_SLOTS: u32 = 1023;

/// Offsets in the register table that glue spills to and loads from (GHC's `StgRegTable`).
pub mod reg {
    /// R1 (u64); R2 to R10 follow.
    pub const R1: u32 = 0;
    /// XMM1 (128 bits); XMM2 to XMM6 follow. F1..F6 and D1..D6 share these registers on x86-64, and between glue and
    /// the machine all of them travel in these slots, in the low bytes.
    pub const XMM1: u32 = 152;
    /// Sp (u64).
    pub const SP: u32 = 832;
    /// SpLim (u64).
    pub const SP_LIM: u32 = 840;
    /// Hp (u64).
    pub const HP: u32 = 848;
    /// HpLim (u64).
    pub const HP_LIM: u32 = 856;
}

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

/// Calls `$with!` with one row for every function the guest imports: doc comment, name, signature, wasm module.
///
/// The types are those of the wasm interface. Text is an address and a length in guest memory. `"host"` rows are
/// provided by the engine, `"glue"` rows by the generated module.
#[macro_export]
macro_rules! for_each_host_fn {
    ($with:ident) => {
        $with! {
            /// Make `[addr, addr + len)` accessible, zero-filled where it was not. Both are multiples of 64 KiB.
            /// 0 = a limit was reached and nothing changed.
            fn commit(addr: u32, len: u32) -> u32 = "host";
            /// Give pages back; what they held is lost. Pages of the stack and of the RTS region are refused.
            fn decommit(addr: u32, len: u32) = "host";
            /// One line of trace or diagnostics; what exceeds a bound is cut off.
            fn log(line: u32, len: u32) = "host";
            /// The guest's last words: message and place of a Rust panic, before it traps.
            fn panicked(line: u32, len: u32) = "host";
            /// Enter compiled code at this slot of the STG table; returns when it reaches a stop entry.
            fn run(index: u32) = "glue";
        }
    };
}
