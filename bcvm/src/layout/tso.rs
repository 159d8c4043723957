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

/// Why a thread doesn't run (`includes/rts/Constants.h`), and what its `block_info` then is.
pub mod why_blocked {
    /// It could run (`NotBlocked`): END_TSO_QUEUE.
    pub const NOT_BLOCKED: u16 = 0;
    /// It takes from an empty MVar or puts to a full one (`BlockedOnMVar`): the MVar, its queue cell being its link.
    pub const MVAR: u16 = 1;
    /// It entered a thunk that another thread evaluates (`BlockedOnBlackHole`): the BLACKHOLE.
    pub const BLACK_HOLE: u16 = 2;
    /// It waits until it can read a file descriptor (`BlockedOnRead`).
    pub const READ: u16 = 3;
    /// It waits until it can write to one (`BlockedOnWrite`).
    pub const WRITE: u16 = 4;
    /// It sleeps (`BlockedOnDelay`).
    pub const DELAY: u16 = 5;
    /// It waits for a TVar to change (`BlockedOnSTM`); its transaction says which.
    pub const STM: u16 = 6;
    /// It has called C, which has called back (`BlockedOnCCall`); it is in no queue.
    pub const C_CALL: u16 = 10;
    /// It throws an exception to a thread that has them masked (`BlockedOnMsgThrowTo`): the MSG_THROWTO.
    pub const MSG_THROW_TO: u16 = 12;
    /// It reads an empty MVar (`BlockedOnMVarRead`): as for `MVAR`.
    pub const MVAR_READ: u16 = 14;
    /// It reads an empty IOPort (`BlockedOnIOCompletion`): as for `MVAR`.
    pub const IO_COMPLETION: u16 = 15;

    /// Whether `block_info` holds a word that is no pointer.
    pub const fn holds_word(why: u16) -> bool {
        // 7 is Windows' `BlockedOnDoProc`.
        matches!(why, READ | WRITE | DELAY | 7)
    }

    /// Whether an exception that is masked interruptibly may interrupt it (`interruptible` of `rts/RaiseAsync.h`).
    pub const fn interruptible(why: u16) -> bool {
        matches!(why, MVAR | MVAR_READ | IO_COMPLETION | STM | MSG_THROW_TO | READ | WRITE | DELAY)
    }
}

/// Bits of the flags field.
pub mod flags {
    /// The thread stays on its capability (`TSO_LOCKED`).
    pub const LOCKED: u32 = 2;
    /// Asynchronous exceptions are masked (`TSO_BLOCKEX`).
    pub const BLOCKEX: u32 = 4;
    /// ... but blocking operations can be interrupted (`TSO_INTERRUPTIBLE`).
    pub const INTERRUPTIBLE: u32 = 8;
    /// The masking state: both of the above.
    pub const MASK: u32 = BLOCKEX | INTERRUPTIBLE;
    /// An exception is due when `alloc_limit` is used up (`TSO_ALLOC_LIMIT`).
    pub const ALLOC_LIMIT: u32 = 256;
    /// The thread is stopped at a breakpoint (`TSO_STOPPED_ON_BREAKPOINT`).
    pub const STOPPED_ON_BREAKPOINT: u32 = 16;
}
