//! Static closures that the runtime itself provides, at fixed addresses.
//!
//! Small Ints and Chars, nullary constructors, the exceptions the runtime raises, and a wrapper for every primop.
//! They stand in for base's and ghc-prim's own until those packages are loaded.

use super::table::{self, Entry};
use crate::abi::map;
use crate::primop::table as primops;
use crate::word::{Addr, ClosurePtr, InfoPtr};

/// The least Int that has a static closure (`MIN_INTLIKE`).
pub const MIN_INTLIKE: i64 = -16;
/// The greatest one (`MAX_INTLIKE`).
pub const MAX_INTLIKE: i64 = 255;
/// Bytes of a static box.
const BOX: u32 = 16;
/// `stg_INTLIKE_closure`.
pub const INTLIKE: Addr = Addr(map::CLOSURES);
/// `stg_CHARLIKE_closure`.
pub const CHARLIKE: Addr = Addr(INTLIKE.0 + (MAX_INTLIKE - MIN_INTLIKE + 1) as u32 * BOX);
/// The closures of [`Builtin`], each with room for the fields of a CAF.
const BUILTINS: Addr = Addr(CHARLIKE.0 + 256 * BOX);
const BUILTIN_BYTES: u32 = 32;
/// The primop wrappers.
const WRAPPERS: Addr = Addr(BUILTINS.0 + COUNT as u32 * BUILTIN_BYTES);
const WRAPPER_BYTES: u32 = 16;
/// Where descriptions of built-in constructors are kept.
pub const STRINGS: Addr = Addr(WRAPPERS.0 + primops::COUNT as u32 * WRAPPER_BYTES);

/// Bytes that descriptions may take.
const STRINGS_BYTES: u32 = 0x4000;
/// The code addresses of primops: what compiled code jumps to with arguments in registers.
const PRIMOP_CODES: Addr = Addr(STRINGS.0 + STRINGS_BYTES);
const PRIMOP_CODE_BYTES: u32 = 8;

/// Primop wrappers' info tables, one each because arities differ.
const WRAPPER_INFO: u32 = table::END.next_multiple_of(8);
const WRAPPER_INFO_BYTES: u32 = 48;

const _: () = assert!(PRIMOP_CODES.0 + primops::COUNT as u32 * PRIMOP_CODE_BYTES <= map::LIBC_DATA);
const _: () = assert!(table::ENTRIES.len() + 2 * primops::COUNT <= map::STOP_SLOTS as usize);
const _: () = assert!(WRAPPER_INFO + primops::COUNT as u32 * WRAPPER_INFO_BYTES <= map::C_FUNCTIONS);

macro_rules! builtins {
    ($($name:ident $symbol:literal $entry:ident $tag:literal,)*) => {
        /// A static closure without fields.
        #[allow(missing_docs)]
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u16)]
        pub enum Builtin {
            $($name,)*
        }

        /// Each with its symbol, entry and tag.
        pub const ALL: &[(Builtin, &str, Entry, u32)] = &[
            $((Builtin::$name, $symbol, Entry::$entry, $tag),)*
        ];
        const COUNT: usize = ALL.len();
    };
}

builtins! {
    False "ghczmprim_GHCziTypes_False_closure" FALSE_CON 1,
    True "ghczmprim_GHCziTypes_True_closure" TRUE_CON 2,
    Unit "ghczmprim_GHCziTuple_Z0T_closure" UNIT_CON 1,
    Nil "ghczmprim_GHCziTypes_ZMZN_closure" NIL_CON 1,
    Lt "ghczmprim_GHCziTypes_LT_closure" LT_CON 1,
    Eq "ghczmprim_GHCziTypes_EQ_closure" EQ_CON 2,
    Gt "ghczmprim_GHCziTypes_GT_closure" GT_CON 3,
    EndTsoQueue "stg_END_TSO_QUEUE_closure" STG_END_TSO_QUEUE 1,
    NoFinalizer "stg_NO_FINALIZER_closure" STG_NO_FINALIZER 1,
    NoTrec "stg_NO_TREC_closure" STG_NO_TREC 1,
    DummyRet "stg_dummy_ret_closure" STG_DUMMY_RET 1,
    HeapOverflow "base_GHCziIOziException_heapOverflow_closure" HEAP_OVERFLOW_CON 2,
    StackOverflow "base_GHCziIOziException_stackOverflow_closure" STACK_OVERFLOW_CON 1,
    UserInterrupt "bcvm_userInterrupt_closure" USER_INTERRUPT_CON 4,
    NonTermination "base_ControlziExceptionziBase_nonTermination_closure" NON_TERMINATION_CON 1,
    DivZero "base_GHCziExceptionziType_divZZeroException_closure" DIV_ZERO_CON 4,
    Overflow "base_GHCziExceptionziType_overflowException_closure" OVERFLOW_CON 1,
    Underflow "base_GHCziExceptionziType_underflowException_closure" UNDERFLOW_CON 2,
    Crash "bcvm_crash_closure" CRASH_CON 1,
    EndStmWatchQueue "stg_END_STM_WATCH_QUEUE_closure" STG_END_STM_WATCH_QUEUE 1,
    EndStmChunkList "stg_END_STM_CHUNK_LIST_closure" STG_END_STM_CHUNK_LIST 1,
    BlockedIndefinitelyOnMVar "base_GHCziIOziException_blockedIndefinitelyOnMVar_closure" BLOCKED_ON_MVAR_CON 1,
    BlockedIndefinitelyOnSTM "base_GHCziIOziException_blockedIndefinitelyOnSTM_closure" BLOCKED_ON_STM_CON 1,
    AllocationLimitExceeded "base_GHCziIOziException_allocationLimitExceeded_closure" ALLOCATION_LIMIT_CON 1,
    NestedAtomically "base_ControlziExceptionziBase_nestedAtomically_closure" NESTED_ATOMICALLY_CON 1,
    CannotCompactFunction "base_GHCziIOziException_cannotCompactFunction_closure" COMPACTION_FAILED_CON 1,
    CannotCompactMutable "base_GHCziIOziException_cannotCompactMutable_closure" COMPACTION_FAILED_CON 1,
    CannotCompactPinned "base_GHCziIOziException_cannotCompactPinned_closure" COMPACTION_FAILED_CON 1,
    DoubleRead "base_GHCziIOPort_doubleReadException_closure" DOUBLE_READ_CON 1,
}

impl Builtin {
    /// Where it is.
    pub const fn addr(self) -> Addr {
        Addr(BUILTINS.0 + self as u32 * BUILTIN_BYTES)
    }

    /// A pointer to it, tagged as constructors are.
    pub const fn ptr(self) -> ClosurePtr {
        ClosurePtr(self.addr().0 | ALL[self as usize].3)
    }
}

/// The wrapper of primop number `n`.
pub const fn wrapper(n: u32) -> Addr {
    Addr(WRAPPERS.0 + n * WRAPPER_BYTES)
}

/// The info pointer of the wrapper of primop number `n`.
pub const fn wrapper_info(n: u32) -> InfoPtr {
    InfoPtr(WRAPPER_INFO + n * WRAPPER_INFO_BYTES + crate::layout::info_table::MAX_BYTES)
}

/// The primop whose wrapper has this info pointer.
#[inline(always)]
pub fn primop_of_info(info: InfoPtr) -> Option<u32> {
    let at = info.0.wrapping_sub(wrapper_info(0).0);
    if at < primops::COUNT as u32 * WRAPPER_INFO_BYTES && at.is_multiple_of(WRAPPER_INFO_BYTES) {
        Some(at / WRAPPER_INFO_BYTES)
    } else {
        None
    }
}

/// The primop whose wrapper is the static closure at `c`.
#[inline(always)]
pub fn primop_at(c: Addr) -> Option<u32> {
    let at = c.0.wrapping_sub(WRAPPERS.0);
    if at < primops::COUNT as u32 * WRAPPER_BYTES && at.is_multiple_of(WRAPPER_BYTES) {
        Some(at / WRAPPER_BYTES)
    } else {
        None
    }
}

/// The table slot of the wrapper of primop number `n`, a function like any other.
pub const fn wrapper_slot(n: u32) -> u32 {
    table::ENTRIES.len() as u32 + 1 + n
}

/// The table slot of primop number `n`, whose arguments begin at R1.
pub const fn primop_slot(n: u32) -> u32 {
    wrapper_slot(primops::COUNT as u32) + n
}

/// The code address of primop number `n` (`stg_newByteArrayzh` and its kin).
pub const fn primop_code(n: u32) -> Addr {
    Addr(PRIMOP_CODES.0 + n * PRIMOP_CODE_BYTES)
}

/// What slot of the table means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Slot {
    /// An entry of the table of entries.
    Entry(Entry),
    /// The wrapper of a primop, by number.
    Wrapper(u32),
    /// The code of a primop, by number.
    Primop(u32),
}

impl Slot {
    /// The meaning of slot `slot`, if it is built in.
    pub fn of(slot: u32) -> Option<Slot> {
        let n = slot.checked_sub(1)?;
        if let Some(row) = table::ENTRIES.get(n as usize) {
            return Some(Slot::Entry(row.entry));
        }
        let n = n - table::ENTRIES.len() as u32;
        match n.checked_sub(primops::COUNT as u32) {
            None => Some(Slot::Wrapper(n)),
            Some(n) if n < primops::COUNT as u32 => Some(Slot::Primop(n)),
            Some(_) => None,
        }
    }
}
