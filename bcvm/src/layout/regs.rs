//! The register table that compiled code addresses through BaseReg (`includes/stg/Regs.h`).
//!
//! Offsets are in bytes from BaseReg, which lies 24 bytes into the Capability; all of it is at a fixed address,
//! because one guest has one capability. The engine's watchdog writes two of these words from another thread:
//! see Note [Stopping without epochs] in `engine`.

use crate::word::Addr;

/// The register table itself.
pub const BASE_REG: Addr = Addr(crate::abi::map::BASE_REG);

/// XMM1 (128 bits); XMM2 to XMM6 follow. F1..F6 and D1..D6 share these registers on x86-64, and between glue and
/// the machine all of them travel in these slots, in the low bytes.
pub const XMM1: u32 = 152;
/// Bytes from one to the next.
pub const XMM_BYTES: u32 = 16;

/// R1..R10, eight bytes each.
pub const R1: u32 = 0;
/// Stack pointer.
pub const SP: u32 = 832;
/// Stack limit.
pub const SP_LIM: u32 = 840;
/// The last word allocated.
pub const HP: u32 = 848;
/// The last byte of the nursery block; zero asks the thread to stop at its next check.
pub const HP_LIM: u32 = 856;
/// The running thread.
pub const CURRENT_TSO: u32 = 872;
/// The nursery's block descriptor.
pub const CURRENT_NURSERY: u32 = 888;
/// Bytes asked for by a failing heap check.
pub const HP_ALLOC: u32 = 904;
/// `Capability.interrupt`: why HpLim was zeroed from outside.
pub const INTERRUPT: u32 = 1156;

/// Below the register table: the address of `stg_gc_fun`'s code.
pub const GC_FUN_BELOW: u32 = 8;
/// Below the register table: the address of `stg_gc_enter_1`'s code.
pub const GC_ENTER_1_BELOW: u32 = 16;
/// Below the register table: the info pointer of a thunk that is blackholed when it is entered.
pub const EAGER_BLACKHOLE_BELOW: u32 = 24;

/// The nursery's block descriptor, as far as compiled code looks into it (`bdescr`): offsets from CurrentNursery.
pub mod nursery {
    /// Where the block starts.
    pub const START: u32 = 0;
    /// The first free byte, while the program does not run.
    pub const FREE: u32 = 8;
    /// u32: how many blocks of 4096 bytes it has.
    pub const BLOCKS: u32 = 48;
}
