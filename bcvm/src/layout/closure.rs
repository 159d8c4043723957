//! Where each closure keeps its fields and how many words it takes (`includes/rts/storage/Closures.h`).
//!
//! Offsets are in bytes from the closure's (untagged) address; sizes are in words and include the header.

use super::bitmap::{self, Bitmap};
use super::info_table::InfoTable;
use super::{ClosureType, tso};
use crate::mem::Mem;
use crate::word::{Addr, WORD, words_for};

/// Payload of a constructor or function.
pub const PAYLOAD: u32 = 8;
/// Payload of a thunk: behind the pad word that an update writes to.
pub const THUNK_PAYLOAD: u32 = 16;
/// Indirectee of IND, IND_STATIC, BLACKHOLE, and of any thunk once updated.
pub const INDIRECTEE: u32 = 8;

/// PAP (`StgPAP`).
pub mod pap {
    /// u32: arguments still wanted.
    pub const ARITY: u32 = 8;
    /// u32: words of payload.
    pub const N_ARGS: u32 = 12;
    /// The function, tagged if it is a FUN.
    pub const FUN: u32 = 16;
    /// The arguments.
    pub const PAYLOAD: u32 = 24;
    /// Words of header and fields.
    pub const SIZE_W: u32 = 3;
}

/// AP (`StgAP`).
pub mod ap {
    /// u32: always 0.
    pub const ARITY: u32 = 16;
    /// u32: words of payload.
    pub const N_ARGS: u32 = 20;
    /// The function.
    pub const FUN: u32 = 24;
    /// The arguments.
    pub const PAYLOAD: u32 = 32;
    /// Words of header and fields.
    pub const SIZE_W: u32 = 4;
}

/// AP_STACK (`StgAP_STACK`): a piece of stack to run again.
pub mod ap_stack {
    /// Words of payload.
    pub const SIZE: u32 = 16;
    /// What to enter once the payload is back on the stack.
    pub const FUN: u32 = 24;
    /// The stack words, the top one first.
    pub const PAYLOAD: u32 = 32;
    /// Words of header and fields.
    pub const SIZE_W: u32 = 4;
}

/// BCO (`StgBCO`).
pub mod bco {
    /// ARR_WORDS with the decoded instructions.
    pub const INSTRS: u32 = 8;
    /// ARR_WORDS with the literals.
    pub const LITERALS: u32 = 16;
    /// MUT_ARR_PTRS with the pointers.
    pub const PTRS: u32 = 24;
    /// u32: arguments, void ones counted.
    pub const ARITY: u32 = 32;
    /// u32: words of the whole object.
    pub const SIZE: u32 = 36;
    /// Large bitmap of the words on the stack at entry.
    pub const BITMAP: u32 = 40;
    /// Words of header and fields before the bitmap.
    pub const SIZE_W: u32 = 5;
}

/// ARR_WORDS (`StgArrBytes`).
pub mod arr_words {
    /// Size in bytes.
    pub const BYTES: u32 = 8;
    /// The data.
    pub const PAYLOAD: u32 = 16;
    /// Words of header.
    pub const SIZE_W: u32 = 2;
}

/// MUT_ARR_PTRS (`StgMutArrPtrs`).
pub mod mut_arr_ptrs {
    /// Number of elements.
    pub const PTRS: u32 = 8;
    /// Elements plus words of card table.
    pub const SIZE: u32 = 16;
    /// The elements, then one card byte for every 128 of them.
    pub const PAYLOAD: u32 = 24;
    /// Words of header.
    pub const SIZE_W: u32 = 3;
    /// Elements that one card byte covers, as a shift (`MUT_ARR_PTRS_CARD_BITS`).
    pub const CARD_BITS: u32 = 7;

    /// Words of card table for `n` elements.
    pub const fn card_words(n: u32) -> u32 {
        crate::word::words_for((n >> CARD_BITS) + ((n & ((1 << CARD_BITS) - 1)) != 0) as u32)
    }
}

/// SMALL_MUT_ARR_PTRS (`StgSmallMutArrPtrs`).
pub mod small_mut_arr_ptrs {
    /// Number of elements.
    pub const PTRS: u32 = 8;
    /// The elements.
    pub const PAYLOAD: u32 = 16;
    /// Words of header.
    pub const SIZE_W: u32 = 2;
}

/// MUT_VAR (`StgMutVar`).
pub mod mut_var {
    /// The contents.
    pub const VAR: u32 = 8;
    /// Words of the object.
    pub const SIZE_W: u32 = 2;
}

/// MVAR (`StgMVar`), and IOPort, which has the same layout.
pub mod mvar {
    /// The first cell of the queue of blocked threads, or END_TSO_QUEUE.
    pub const HEAD: u32 = 8;
    /// The last one.
    pub const TAIL: u32 = 16;
    /// The value, or END_TSO_QUEUE in an empty one.
    pub const VALUE: u32 = 24;
    /// Words of the object.
    pub const SIZE_W: u32 = 4;
}

/// A cell of an MVAR's queue (`StgMVarTSOQueue`); MSG_NULL when its thread has left the queue.
pub mod mvar_queue {
    /// The next cell.
    pub const LINK: u32 = 8;
    /// The thread.
    pub const TSO: u32 = 16;
    /// Words of the object.
    pub const SIZE_W: u32 = 3;
}

/// An exception on its way to a thread that has them masked (`MessageThrowTo`); MSG_NULL when it has been taken back.
pub mod msg_throw_to {
    /// The next one for the same thread.
    pub const LINK: u32 = 8;
    /// The thread that waits, or END_TSO_QUEUE if none does.
    pub const SOURCE: u32 = 16;
    /// The thread that will get it.
    pub const TARGET: u32 = 24;
    /// The exception.
    pub const EXCEPTION: u32 = 32;
    /// Words of the object.
    pub const SIZE_W: u32 = 5;
}

/// BLOCKING_QUEUE (`StgBlockingQueue`): the threads that wait for a BLACKHOLE, which points to it.
pub mod blocking_queue {
    /// The next one that the owner has.
    pub const LINK: u32 = 8;
    /// The BLACKHOLE.
    pub const BLACK_HOLE: u32 = 16;
    /// The thread that evaluates it.
    pub const OWNER: u32 = 24;
    /// The threads, chained by their links. (GHC has messages here, because of its other capabilities.)
    pub const QUEUE: u32 = 32;
    /// Words of the object.
    pub const SIZE_W: u32 = 5;
}

/// TVAR (`StgTVar`).
pub mod tvar {
    /// The value.
    pub const VALUE: u32 = 8;
    /// The first cell of those who wait for a change, or END_STM_WATCH_QUEUE.
    pub const FIRST_WATCH: u32 = 16;
    /// How often it was changed.
    pub const UPDATES: u32 = 24;
    /// Words of the object.
    pub const SIZE_W: u32 = 4;
}

/// A cell of a TVAR's watch queue (`StgTVarWatchQueue`).
pub mod watch_queue {
    /// The thread that waits.
    pub const TSO: u32 = 8;
    /// The next cell.
    pub const NEXT: u32 = 16;
    /// The one before.
    pub const PREV: u32 = 24;
    /// Words of the object.
    pub const SIZE_W: u32 = 4;
}

/// A transaction (`StgTRecHeader`).
pub mod trec {
    /// The transaction it is part of, or NO_TREC.
    pub const ENCLOSING: u32 = 8;
    /// Its last chunk of entries, or END_STM_CHUNK_LIST.
    pub const CHUNK: u32 = 16;
    /// Its state: not used here.
    pub const STATE: u32 = 24;
    /// Words of the object.
    pub const SIZE_W: u32 = 4;
}

/// WEAK (`StgWeak`).
pub mod weak {
    /// C finalizers.
    pub const CFINALIZERS: u32 = 8;
    /// While this is alive, so is the value.
    pub const KEY: u32 = 16;
    /// The value.
    pub const VALUE: u32 = 24;
    /// An IO action, or NO_FINALIZER.
    pub const FINALIZER: u32 = 32;
    /// The next weak pointer of the generation.
    pub const LINK: u32 = 40;
    /// Words of the object.
    pub const SIZE_W: u32 = 6;
}

/// A cell of the list of C finalizers of a WEAK (`StgCFinalizerList`); the list ends with NO_FINALIZER.
pub mod c_finalizer {
    /// The next cell.
    pub const LINK: u32 = 8;
    /// The function.
    pub const FUNCTION: u32 = 16;
    /// What it is called with.
    pub const PTR: u32 = 24;
    /// What comes before that if `HAS_ENV` says so.
    pub const ENV: u32 = 32;
    /// Whether there are two arguments.
    pub const HAS_ENV: u32 = 40;
    /// Words of the cell.
    pub const SIZE_W: u32 = 6;
}

/// STABLE_NAME (`StgStableName`).
pub mod stable_name {
    /// Index of the stable name table.
    pub const SN: u32 = 8;
    /// Words of the object.
    pub const SIZE_W: u32 = 2;
}

/// COMPACT_NFDATA (`StgCompactNFData`): the handle of a compact region, in its first block.
pub mod compact {
    /// Bytes before the objects of each block (`StgCompactNFDataBlock`): the block itself, the handle, the next block.
    pub const BLOCK_HEADER: u32 = 24;
    /// Words of all blocks.
    pub const TOTAL_W: u32 = 8;
    /// Words of a block that is added when the others are full.
    pub const AUTO_BLOCK_W: u32 = 16;
    /// Words of the object.
    pub const SIZE_W: u32 = 10;
}

/// Static closures that may be CAFs (`StgIndStatic`, THUNK_STATIC).
pub mod ind_static {
    /// The value, once there is one.
    pub const INDIRECTEE: u32 = 8;
    /// The next CAF of the list.
    pub const STATIC_LINK: u32 = 16;
    /// The info pointer it had as a thunk.
    pub const SAVED_INFO: u32 = 24;
}

/// Words of the closure at `c`, or none if its info table describes no heap closure (`closure_sizeW`).
///
/// Fields of hostile closures can make the answer as large as memory; callers bound it.
pub fn size_w(mem: &Mem, c: Addr) -> Option<u32> {
    use ClosureType::*;
    let info = InfoTable::at(mem, mem.info(c));
    Some(match info.closure_type() {
        CONSTR | CONSTR_NOCAF | FUN | PRIM | MUT_PRIM | BLOCKING_QUEUE => {
            1 + (info.ptrs().checked_add(info.nptrs())?).max(1)
        }
        CONSTR_1_0 | CONSTR_0_1 | FUN_1_0 | FUN_0_1 => 2,
        CONSTR_2_0 | CONSTR_1_1 | CONSTR_0_2 | FUN_2_0 | FUN_1_1 | FUN_0_2 => 3,
        THUNK => 2 + (info.ptrs().checked_add(info.nptrs())?).max(1),
        THUNK_1_0 | THUNK_0_1 | THUNK_SELECTOR => 3,
        THUNK_2_0 | THUNK_1_1 | THUNK_0_2 => 4,
        BCO => mem.u32(c + bco::SIZE).max(bco::SIZE_W),
        AP => ap::SIZE_W.checked_add(mem.u32(c + ap::N_ARGS))?,
        PAP => pap::SIZE_W.checked_add(mem.u32(c + pap::N_ARGS))?,
        AP_STACK => ap_stack::SIZE_W.checked_add(mem.u32(c + ap_stack::SIZE))?,
        IND | BLACKHOLE | MUT_VAR_CLEAN | MUT_VAR_DIRTY => 2,
        MVAR_CLEAN | MVAR_DIRTY | TVAR => 4,
        ARR_WORDS => arr_words::SIZE_W + words_for(mem.u32(c + arr_words::BYTES)),
        MUT_ARR_PTRS_CLEAN | MUT_ARR_PTRS_DIRTY | MUT_ARR_PTRS_FROZEN_DIRTY | MUT_ARR_PTRS_FROZEN_CLEAN => {
            mut_arr_ptrs::SIZE_W.checked_add(mem.u32(c + mut_arr_ptrs::SIZE))?
        }
        SMALL_MUT_ARR_PTRS_CLEAN
        | SMALL_MUT_ARR_PTRS_DIRTY
        | SMALL_MUT_ARR_PTRS_FROZEN_DIRTY
        | SMALL_MUT_ARR_PTRS_FROZEN_CLEAN => {
            small_mut_arr_ptrs::SIZE_W.checked_add(mem.u32(c + small_mut_arr_ptrs::PTRS))?
        }
        WEAK => weak::SIZE_W,
        COMPACT_NFDATA => compact::SIZE_W,
        ClosureType::TSO => tso::SIZE_W,
        STACK => tso::stack::SIZE_W.checked_add(mem.u32(c + tso::stack::STACK_SIZE))?,
        _ => return None,
    })
}

/// The argument bitmap of the function at `fun`: a FUN, or a BCO.
pub fn fun_bitmap(mem: &Mem, fun: Addr) -> Bitmap {
    let info = InfoTable::at(mem, mem.info(fun));
    if info.closure_type() == ClosureType::BCO {
        return Bitmap::from_large(mem, fun + bco::BITMAP);
    }
    match info.fun_type() {
        bitmap::ARG_GEN => Bitmap::from_small(info.fun_bitmap()),
        bitmap::ARG_GEN_BIG => Bitmap::from_large(mem, info.fun_large_bitmap()),
        n => Bitmap::from_small(bitmap::FUN_BITMAPS.get(n as usize).copied().unwrap_or(0)),
    }
}

/// Words of the stack frame whose info word is at `sp`, and the bitmap of its payload; the payload begins
/// `size - bitmap.size()` words above `sp`. None if there is no frame (`stack_frame_sizeW`).
pub fn frame(mem: &Mem, sp: Addr) -> Option<(u32, Bitmap)> {
    use ClosureType::*;
    let info = InfoTable::at(mem, mem.info(sp));
    Some(match info.closure_type() {
        RET_SMALL | UPDATE_FRAME | CATCH_FRAME | UNDERFLOW_FRAME | STOP_FRAME | ATOMICALLY_FRAME
        | CATCH_RETRY_FRAME | CATCH_STM_FRAME => {
            let b = Bitmap::from_small(info.layout_word());
            (1 + b.size(), b)
        }
        RET_BIG => {
            let b = Bitmap::from_large(mem, info.large_bitmap());
            (b.size().checked_add(1)?, b)
        }
        RET_BCO => {
            let code = mem.closure(sp + WORD).addr();
            let b = Bitmap::from_large(mem, code + bco::BITMAP);
            (b.size().checked_add(2)?, b)
        }
        RET_FUN => {
            let b = fun_bitmap(mem, mem.closure(sp + 2 * WORD).addr());
            (b.size().checked_add(3)?, b)
        }
        _ => return None,
    })
}
