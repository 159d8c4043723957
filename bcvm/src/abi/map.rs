//! The fixed parts of guest memory (DESIGN §7).

/// Below this nothing is ever accessible, so a null pointer with an offset traps.
pub const NULL_END: u32 = 0x0001_0000;
/// The RTS region: register table, built-in info tables, static closures.
pub const RTS: u32 = 0x0010_0000;
/// BaseReg; the Capability begins 24 bytes before it.
pub const BASE_REG: u32 = 0x0010_0100;
/// u32, non-zero while collector, allocator or scheduler work: a trap then leaves a heap nobody can trust.
pub const RUNTIME_BUSY: u32 = 0x0010_0F00;
/// u32, non-zero while the guest's own allocator works, for the same reason.
pub const ALLOCATOR_BUSY: u32 = 0x0010_0F04;
/// u32, the entry through which compiled code came back.
pub const STOP_ENTRY: u32 = 0x0010_0F08;
/// The built-in entries' info tables.
pub const ENTRIES: u32 = 0x0010_1000;
/// Built-in static closures.
pub const CLOSURES: u32 = 0x0011_8000;
/// The end of the RTS region; behind it the guest keeps its Rust data and its allocator's arena.
pub const RTS_END: u32 = 0x0020_0000;
/// The end of the range of the guest's own Rust data.
pub const RUST_END: u32 = 0x1000_0000;
/// Statics (package images, MallocData, info tables made at run time) of the sandboxed machine begin here.
pub const STATICS: u32 = RUST_END;
/// The Haskell heap of the sandboxed machine; statics end here.
pub const HEAP: u32 = 0x8000_0000;
/// The end of the Haskell heap.
pub const HEAP_END: u32 = 0xFFFF_0000;

const _: () = assert!(CLOSURES < RTS_END && ENTRIES > STOP_ENTRY);
