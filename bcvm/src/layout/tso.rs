//! Threads and their stacks (`includes/rts/storage/TSO.h`): offsets of their fields in bytes, sizes in words.

/// The next TSO of the queue it is in, or END_TSO_QUEUE.
pub const LINK: u32 = 8;
/// The next TSO of the generation's list.
pub const GLOBAL_LINK: u32 = 16;
/// The STACK in use.
pub const STACKOBJ: u32 = 24;
/// u16: how to run it next, a [`what_next`].
pub const WHAT_NEXT: u32 = 32;
/// u16: why it doesn't run, a [`why_blocked`].
pub const WHY_BLOCKED: u32 = 34;
/// u32: a set of [`flags`].
pub const FLAGS: u32 = 36;
/// What it is blocked on.
pub const BLOCK_INFO: u32 = 40;
/// u64: its number, never used again.
pub const ID: u32 = 48;
/// u32: errno, kept over foreign calls.
pub const SAVED_ERRNO: u32 = 56;
/// u32: non-zero when the collector must look at it.
pub const DIRTY: u32 = 60;
/// The bound task: none here.
pub const BOUND: u32 = 64;
/// The capability.
pub const CAP: u32 = 72;
/// The transaction, or NO_TREC.
pub const TREC: u32 = 80;
/// Exceptions thrown to it that wait.
pub const BLOCKED_EXCEPTIONS: u32 = 88;
/// BLOCKING_QUEUEs it owns.
pub const BQ: u32 = 96;
/// i64: counts down as the thread allocates.
pub const ALLOC_LIMIT: u32 = 104;
/// u32: words of all its stack chunks.
pub const TOT_STACK_SIZE: u32 = 112;
/// Words of a TSO.
pub const SIZE_W: u32 = 15;

/// STACK objects.
pub mod stack {
    /// u32: words of stack.
    pub const STACK_SIZE: u32 = 8;
    /// u8: non-zero when the collector must look at it.
    pub const DIRTY: u32 = 12;
    /// u8: used by the non-moving collector of GHC only.
    pub const MARKING: u32 = 13;
    /// The top of the stack.
    pub const SP: u32 = 16;
    /// The words, of which the last is the bottom.
    pub const STACK: u32 = 24;
    /// Words of header and fields.
    pub const SIZE_W: u32 = 3;
    /// Words at the low end that only runtime frames may use (`RESERVED_STACK_WORDS`).
    pub const RESERVED_W: u32 = 21;
}

/// How a thread runs next (`what_next`).
pub mod what_next {
    /// Jump to the code of the top frame (`ThreadRunGHC`).
    pub const RUN_GHC: u16 = 1;
    /// Interpret the top frame (`ThreadInterpret`).
    pub const INTERPRET: u16 = 2;
    /// Ended by an exception (`ThreadKilled`).
    pub const KILLED: u16 = 3;
    /// Ended with a result (`ThreadComplete`).
    pub const COMPLETE: u16 = 4;
}

/// Why a thread doesn't run (`why_blocked`).
pub mod why_blocked {
    /// It could run (`NotBlocked`).
    pub const NOT_BLOCKED: u16 = 0;
    /// It entered a thunk that another thread evaluates (`BlockedOnBlackHole`).
    pub const BLACK_HOLE: u16 = 2;
}

/// Bits of the flags field.
pub mod flags {
    /// Asynchronous exceptions are masked (`TSO_BLOCKEX`).
    pub const BLOCKEX: u32 = 4;
    /// ... but blocking operations can be interrupted (`TSO_INTERRUPTIBLE`).
    pub const INTERRUPTIBLE: u32 = 8;
    /// The thread is stopped at a breakpoint (`TSO_STOPPED_ON_BREAKPOINT`).
    pub const STOPPED_ON_BREAKPOINT: u32 = 16;
}
