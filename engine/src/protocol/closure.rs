//! `GenClosure`: what `GetClosure` tells of a heap object (`GHC/Exts/Heap/Closures.hs`).
//!
//! Pointers are `B`, in replies an `HValueRef` that the server makes for the occasion.

use super::declare::{wire_struct, wire_sum};
use super::number::DecodedFloat;
use super::text::HsString;
use super::types::RemotePtr;

wire_struct! {
    /// `StgInfoTable` as `ghc-heap` peeks it.
    StgInfoTable {
        /// Entry code; absent with tables next to code.
        entry: Option<RemotePtr>,
        /// Pointers in the payload.
        ptrs: u32,
        /// Other words in the payload.
        nptrs: u32,
        /// Closure type, by its number in `rts/storage/ClosureTypes.h`.
        closure_type: u8,
        /// SRT offset, or the tag of a constructor.
        srt_len: u32,
        /// Code; absent in a peeked table.
        code: Option<Result<Vec<u32>, Vec<u8>>>,
    }
}

wire_sum! {
    /// Width and meaning of an unboxed value.
    PrimType {
        /// `Int#`.
        PInt = 0,
        /// `Word#`.
        PWord = 1,
        /// `Int64#`.
        PInt64 = 2,
        /// `Word64#`.
        PWord64 = 3,
        /// `Addr#`.
        PAddr = 4,
        /// `Float#`.
        PFloat = 5,
        /// `Double#`.
        PDouble = 6,
    }
}

wire_sum! {
    /// A heap object by its layout.
    GenClosure<B> {
        /// A constructor.
        ConstrClosure = 0 {
            /// Info table.
            info: StgInfoTable,
            /// Pointers.
            ptr_args: Vec<B>,
            /// Other words.
            data_args: Vec<u64>,
            /// Package of the constructor.
            pkg: HsString,
            /// Module of the constructor.
            modl: HsString,
            /// Name of the constructor.
            name: HsString,
        },
        /// A function.
        FunClosure = 1 {
            /// Info table.
            info: StgInfoTable,
            /// Pointers.
            ptr_args: Vec<B>,
            /// Other words.
            data_args: Vec<u64>,
        },
        /// A suspended computation.
        ThunkClosure = 2 {
            /// Info table.
            info: StgInfoTable,
            /// Pointers.
            ptr_args: Vec<B>,
            /// Other words.
            data_args: Vec<u64>,
        },
        /// A thunk that selects a field.
        SelectorClosure = 3 {
            /// Info table.
            info: StgInfoTable,
            /// What it selects from.
            selectee: B,
        },
        /// A partial application.
        PAPClosure = 4 {
            /// Info table.
            info: StgInfoTable,
            /// Arguments still missing.
            arity: u32,
            /// Arguments held.
            n_args: u32,
            /// The function.
            fun: B,
            /// The pointers among the arguments.
            payload: Vec<B>,
        },
        /// A suspended application.
        APClosure = 5 {
            /// Info table.
            info: StgInfoTable,
            /// Meaningless (GHC's server sends what lies in memory).
            arity: u32,
            /// Arguments held.
            n_args: u32,
            /// The function.
            fun: B,
            /// The pointers among the arguments.
            payload: Vec<B>,
        },
        /// A suspended stack.
        APStackClosure = 6 {
            /// Info table.
            info: StgInfoTable,
            /// The function.
            fun: B,
            /// Pointers on the stack; always empty in 9.0.2.
            payload: Vec<B>,
        },
        /// An indirection.
        IndClosure = 7 {
            /// Info table.
            info: StgInfoTable,
            /// Where it leads.
            indirectee: B,
        },
        /// Byte code.
        BCOClosure = 8 {
            /// Info table.
            info: StgInfoTable,
            /// Instruction array.
            instrs: B,
            /// Literal array.
            literals: B,
            /// Pointer array.
            bcoptrs: B,
            /// Arguments it takes.
            arity: u32,
            /// Size of the object in words.
            size: u32,
            /// Liveness of its arguments.
            bitmap: Vec<u64>,
        },
        /// A thunk under evaluation.
        BlackholeClosure = 9 {
            /// Info table.
            info: StgInfoTable,
            /// The value, or who computes it.
            indirectee: B,
        },
        /// A byte array.
        ArrWordsClosure = 10 {
            /// Info table.
            info: StgInfoTable,
            /// Size in bytes.
            bytes: u64,
            /// Content.
            arr_words: Vec<u64>,
        },
        /// An array of pointers.
        MutArrClosure = 11 {
            /// Info table.
            info: StgInfoTable,
            /// Elements.
            mcc_ptrs: u64,
            /// Elements and card table, in words.
            mcc_size: u64,
            /// Content.
            mcc_payload: Vec<B>,
        },
        /// A small array of pointers.
        SmallMutArrClosure = 12 {
            /// Info table.
            info: StgInfoTable,
            /// Elements.
            mcc_ptrs: u64,
            /// Content.
            mcc_payload: Vec<B>,
        },
        /// An `MVar#`.
        MVarClosure = 13 {
            /// Info table.
            info: StgInfoTable,
            /// First waiting thread.
            queue_head: B,
            /// Last waiting thread.
            queue_tail: B,
            /// Content.
            value: B,
        },
        /// An `IOPort#`.
        IOPortClosure = 14 {
            /// Info table.
            info: StgInfoTable,
            /// First waiting thread.
            queue_head: B,
            /// Last waiting thread.
            queue_tail: B,
            /// Content.
            value: B,
        },
        /// A `MutVar#`.
        MutVarClosure = 15 {
            /// Info table.
            info: StgInfoTable,
            /// Content.
            var: B,
        },
        /// Threads that wait for a thunk.
        BlockingQueueClosure = 16 {
            /// Info table.
            info: StgInfoTable,
            /// Next queue.
            link: B,
            /// The thunk.
            black_hole: B,
            /// Who computes it.
            owner: B,
            /// Who waits.
            queue: B,
        },
        /// A `Weak#`.
        WeakClosure = 17 {
            /// Info table.
            info: StgInfoTable,
            /// C finalizers.
            cfinalizers: B,
            /// Key.
            key: B,
            /// Value.
            value: B,
            /// Haskell finalizer.
            finalizer: B,
            /// Next weak pointer.
            link: B,
        },
        /// An unboxed `Int#`.
        IntClosure = 18 {
            /// Its type.
            ptipe: PrimType,
            /// Its value.
            int_val: i64,
        },
        /// An unboxed `Word#`.
        WordClosure = 19 {
            /// Its type.
            ptipe: PrimType,
            /// Its value.
            word_val: u64,
        },
        /// An unboxed 64-bit integer.
        Int64Closure = 20 {
            /// Its type.
            ptipe: PrimType,
            /// Its value.
            int64_val: i64,
        },
        /// An unboxed 64-bit word.
        Word64Closure = 21 {
            /// Its type.
            ptipe: PrimType,
            /// Its value.
            word64_val: u64,
        },
        /// An unboxed address.
        AddrClosure = 22 {
            /// Its type.
            ptipe: PrimType,
            /// Its value; `Addr#` travels as an `Int`.
            addr_val: i64,
        },
        /// An unboxed `Float#`.
        FloatClosure = 23 {
            /// Its type.
            ptipe: PrimType,
            /// Its value.
            float_val: DecodedFloat,
        },
        /// An unboxed `Double#`.
        DoubleClosure = 24 {
            /// Its type.
            ptipe: PrimType,
            /// Its value.
            double_val: DecodedFloat,
        },
        /// Another known kind of object.
        OtherClosure = 25 {
            /// Info table.
            info: StgInfoTable,
            /// Pointers.
            hvalues: Vec<B>,
            /// The object's words.
            raw_words: Vec<u64>,
        },
        /// A kind of object that cannot be looked into.
        UnsupportedClosure = 26 {
            /// Info table.
            info: StgInfoTable,
        },
    }
}
