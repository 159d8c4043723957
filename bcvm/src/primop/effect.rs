//! Primops that need the machine: they allocate, write to the heap, change the thread, or raise.
//!
//! A row is `Name "name#" "argument representations" "result representations" = function`. The function gets the
//! argument words, void ones left out, and answers with an [`Answer`]. It must not collect: when it can't get the memory
//! it wants it answers `NeedHeap`, the arguments go back on the stack, and it is run again after a collection. Until it
//! has all its memory it must have changed nothing that would make a difference then.

use super::access::ACCESS;
use super::array::{Boxed, Small};
use super::pure::PURE;
use super::table::{Code, MAX_ARGS, MAX_RESULTS, Primop};
use super::{array, byte_array, compact, decode, exception, inspect, misc, mut_var, mvar, stable, stm, thread, weak};
use crate::interp::control::Stop;
use crate::interp::each;
use crate::interp::machine::Machine;
use crate::word::ClosurePtr;

/// Argument words of a primop.
pub type Args = [u64; MAX_ARGS];

/// What an effectful primop wants done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Return this word; of no meaning where the result is void.
    Word(u64),
    /// Return these words, in order: as many as the primop has results.
    Words([u64; MAX_RESULTS]),
    /// Enter this lifted closure; its value is the result.
    Enter(ClosurePtr),
    /// Apply this IO action to State#, with what the primop pushed as its continuation.
    Run(ClosurePtr),
    /// Raise this exception.
    Raise(ClosurePtr),
    /// Run again after a collection that makes room for so many words.
    NeedHeap(u32),
    /// Let other threads run, then return nothing.
    Yield,
    /// The primop has blocked the thread: it is in a queue that says for what it waits, and the stack says how it goes
    /// on. Whoever wakes it puts the result there.
    Block,
    /// Leave for this reason; the stack says how the thread goes on.
    Leave(Stop),
    /// The program did what no Haskell program may; the text says what.
    Crash(&'static str),
}

impl Answer {
    /// Return nothing.
    pub const VOID: Answer = Answer::Word(0);

    /// Return several words.
    pub fn words<const N: usize>(words: [u64; N]) -> Answer {
        const { assert!(N > 1 && N <= MAX_RESULTS) };
        let mut all = [0; MAX_RESULTS];
        all[..N].copy_from_slice(&words);
        Answer::Words(all)
    }

    /// Return a pointer.
    pub fn ptr(p: impl Into<ClosurePtr>) -> Answer {
        Answer::Word(p.into().word())
    }
}

/// Calls `$m!` with every effectful primop.
macro_rules! for_each_effect {
    ($m:ident) => {
        $m! {
            // Mutable variables.
            NewMutVar "newMutVar#" "pv" "p" = mut_var::new,
            ReadMutVar "readMutVar#" "pv" "p" = mut_var::read,
            WriteMutVar "writeMutVar#" "ppv" "" = mut_var::write,
            CasMutVar "casMutVar#" "pppv" "np" = mut_var::cas,
            AtomicModifyMutVar2 "atomicModifyMutVar2#" "ppv" "pp" = mut_var::modify_2,
            AtomicModifyMutVar "atomicModifyMutVar_#" "ppv" "pp" = mut_var::modify,
            SameMutVar "sameMutVar#" "pp" "n" = misc::same,
            // Boxed arrays.
            NewArray "newArray#" "npv" "p" = array::new::<Boxed>,
            SameMutableArray "sameMutableArray#" "pp" "n" = misc::same,
            ReadArray "readArray#" "pnv" "p" = array::read::<Boxed>,
            WriteArray "writeArray#" "pnpv" "" = array::write::<Boxed>,
            SizeofArray "sizeofArray#" "p" "n" = array::size,
            SizeofMutableArray "sizeofMutableArray#" "p" "n" = array::size,
            IndexArray "indexArray#" "pn" "p" = array::read::<Boxed>,
            UnsafeFreezeArray "unsafeFreezeArray#" "pv" "p" = array::unsafe_freeze::<Boxed>,
            UnsafeThawArray "unsafeThawArray#" "pv" "p" = array::unsafe_thaw::<Boxed>,
            CopyArray "copyArray#" "pnpnnv" "" = array::copy::<Boxed>,
            CopyMutableArray "copyMutableArray#" "pnpnnv" "" = array::copy::<Boxed>,
            CloneArray "cloneArray#" "pnn" "p" = array::clone_frozen::<Boxed>,
            CloneMutableArray "cloneMutableArray#" "pnnv" "p" = array::clone_mutable::<Boxed>,
            FreezeArray "freezeArray#" "pnnv" "p" = array::clone_frozen::<Boxed>,
            ThawArray "thawArray#" "pnnv" "p" = array::clone_mutable::<Boxed>,
            CasArray "casArray#" "pnppv" "np" = array::cas::<Boxed>,
            // Arrays of arrays.
            NewArrayArray "newArrayArray#" "nv" "p" = array::new_array_array,
            CopyArrayArray "copyArrayArray#" "pnpnnv" "" = array::copy::<Boxed>,
            CopyMutableArrayArray "copyMutableArrayArray#" "pnpnnv" "" = array::copy::<Boxed>,
            // Small boxed arrays: no cards.
            NewSmallArray "newSmallArray#" "npv" "p" = array::new::<Small>,
            SameSmallMutableArray "sameSmallMutableArray#" "pp" "n" = misc::same,
            ShrinkSmallMutableArray "shrinkSmallMutableArray#" "pnv" "" = array::shrink_small,
            ReadSmallArray "readSmallArray#" "pnv" "p" = array::read::<Small>,
            WriteSmallArray "writeSmallArray#" "pnpv" "" = array::write::<Small>,
            SizeofSmallArray "sizeofSmallArray#" "p" "n" = array::size,
            SizeofSmallMutableArray "sizeofSmallMutableArray#" "p" "n" = array::size,
            GetSizeofSmallMutableArray "getSizeofSmallMutableArray#" "pv" "n" = array::size,
            IndexSmallArray "indexSmallArray#" "pn" "p" = array::read::<Small>,
            UnsafeFreezeSmallArray "unsafeFreezeSmallArray#" "pv" "p" = array::unsafe_freeze::<Small>,
            UnsafeThawSmallArray "unsafeThawSmallArray#" "pv" "p" = array::unsafe_thaw::<Small>,
            CopySmallArray "copySmallArray#" "pnpnnv" "" = array::copy::<Small>,
            CopySmallMutableArray "copySmallMutableArray#" "pnpnnv" "" = array::copy::<Small>,
            CloneSmallArray "cloneSmallArray#" "pnn" "p" = array::clone_frozen::<Small>,
            CloneSmallMutableArray "cloneSmallMutableArray#" "pnnv" "p" = array::clone_mutable::<Small>,
            FreezeSmallArray "freezeSmallArray#" "pnnv" "p" = array::clone_frozen::<Small>,
            ThawSmallArray "thawSmallArray#" "pnnv" "p" = array::clone_mutable::<Small>,
            CasSmallArray "casSmallArray#" "pnppv" "np" = array::cas::<Small>,
            // Byte arrays.
            NewByteArray "newByteArray#" "nv" "p" = byte_array::new,
            NewPinnedByteArray "newPinnedByteArray#" "nv" "p" = byte_array::new_pinned,
            NewAlignedPinnedByteArray "newAlignedPinnedByteArray#" "nnv" "p" = byte_array::new_aligned_pinned,
            MutableByteArrayIsPinned "isMutableByteArrayPinned#" "p" "n" = byte_array::is_pinned,
            ByteArrayIsPinned "isByteArrayPinned#" "p" "n" = byte_array::is_pinned,
            ByteArrayContents "byteArrayContents#" "p" "n" = byte_array::contents,
            SameMutableByteArray "sameMutableByteArray#" "pp" "n" = misc::same,
            ShrinkMutableByteArray "shrinkMutableByteArray#" "pnv" "" = byte_array::shrink,
            ResizeMutableByteArray "resizeMutableByteArray#" "pnv" "p" = byte_array::resize,
            UnsafeFreezeByteArray "unsafeFreezeByteArray#" "pv" "p" = misc::first,
            SizeofByteArray "sizeofByteArray#" "p" "n" = byte_array::size,
            SizeofMutableByteArray "sizeofMutableByteArray#" "p" "n" = byte_array::size,
            GetSizeofMutableByteArray "getSizeofMutableByteArray#" "pv" "n" = byte_array::size,
            CompareByteArrays "compareByteArrays#" "pnpnn" "n" = byte_array::compare,
            CopyByteArray "copyByteArray#" "pnpnnv" "" = byte_array::copy,
            CopyMutableByteArray "copyMutableByteArray#" "pnpnnv" "" = byte_array::copy,
            CopyByteArrayToAddr "copyByteArrayToAddr#" "pnnnv" "" = byte_array::copy_to_addr,
            CopyMutableByteArrayToAddr "copyMutableByteArrayToAddr#" "pnnnv" "" = byte_array::copy_to_addr,
            CopyAddrToByteArray "copyAddrToByteArray#" "npnnv" "" = byte_array::copy_from_addr,
            SetByteArray "setByteArray#" "pnnnv" "" = byte_array::set,
            // Exceptions.
            Catch "catch#" "ppv" "p" = exception::catch,
            Raise "raise#" "p" "p" = exception::raise,
            RaiseIO "raiseIO#" "pv" "p" = exception::raise,
            RaiseDivZero "raiseDivZero#" "v" "p" = exception::raise_div_zero,
            RaiseOverflow "raiseOverflow#" "v" "p" = exception::raise_overflow,
            RaiseUnderflow "raiseUnderflow#" "v" "p" = exception::raise_underflow,
            MaskAsyncExceptions "maskAsyncExceptions#" "pv" "p" = exception::mask,
            MaskUninterruptible "maskUninterruptible#" "pv" "p" = exception::mask_uninterruptible,
            UnmaskAsyncExceptions "unmaskAsyncExceptions#" "pv" "p" = exception::unmask,
            KillThread "killThread#" "ppv" "" = exception::throw_to,
            GetMaskingState "getMaskingState#" "v" "n" = exception::masking_state,
            // Weak and stable pointers, stable names.
            MkWeak "mkWeak#" "pppv" "p" = weak::make,
            MkWeakNoFinalizer "mkWeakNoFinalizer#" "ppv" "p" = weak::make_without_finalizer,
            AddCFinalizerToWeak "addCFinalizerToWeak#" "nnnnpv" "n" = weak::add_c_finalizer,
            DeRefWeak "deRefWeak#" "pv" "np" = weak::deref,
            FinalizeWeak "finalizeWeak#" "pv" "np" = weak::finalize,
            Touch "touch#" "pv" "" = misc::nothing,
            MakeStablePtr "makeStablePtr#" "pv" "n" = stable::make_stable_ptr,
            DeRefStablePtr "deRefStablePtr#" "nv" "p" = stable::deref_stable_ptr,
            EqStablePtr "eqStablePtr#" "nn" "n" = misc::same,
            MakeStableName "makeStableName#" "pv" "p" = stable::make_stable_name,
            StableNameToInt "stableNameToInt#" "p" "n" = stable::stable_name_to_int,
            EqStableName "eqStableName#" "pp" "n" = stable::eq_stable_name,
            // Closures as such.
            UnpackClosure "unpackClosure#" "p" "npp" = inspect::unpack_closure,
            ClosureSize "closureSize#" "p" "n" = inspect::closure_size,
            GetApStackVal "getApStackVal#" "pn" "np" = inspect::ap_stack_value,
            MkApUpd0 "mkApUpd0#" "p" "p" = inspect::make_ap,
            NewBco "newBCO#" "pppnpv" "p" = inspect::new_bco,
            // Compact regions. The second row is how adding goes on when something in between had to be evaluated.
            CompactNew "compactNew#" "nv" "p" = compact::new,
            CompactAddNext "compactAddNext#" "ppppv" "p" = compact::add_next,
            CompactAdd "compactAdd#" "ppv" "p" = compact::add,
            CompactAddWithSharing "compactAddWithSharing#" "ppv" "p" = compact::add,
            CompactResize "compactResize#" "pnv" "" = compact::resize,
            CompactContains "compactContains#" "ppv" "n" = compact::contains,
            CompactContainsAny "compactContainsAny#" "pv" "n" = compact::contains_any,
            CompactSize "compactSize#" "pv" "n" = compact::size,
            // Their blocks cannot be sent elsewhere.
            CompactGetFirstBlock "compactGetFirstBlock#" "pv" "nn" = compact::cannot_serialise,
            CompactGetNextBlock "compactGetNextBlock#" "pnv" "nn" = compact::cannot_serialise,
            CompactAllocateBlock "compactAllocateBlock#" "nnv" "n" = compact::cannot_serialise,
            CompactFixupPointers "compactFixupPointers#" "nnv" "pn" = compact::cannot_serialise,
            // Sparks fizzle: nobody evaluates them but who needs their values.
            Par "par#" "p" "n" = misc::one,
            Spark "spark#" "pv" "p" = misc::first,
            GetSpark "getSpark#" "v" "np" = misc::no_spark,
            NumSparks "numSparks#" "v" "n" = misc::nothing,
            // Events and cost centres, of which there are none.
            TraceEvent "traceEvent#" "nv" "" = misc::nothing,
            TraceBinaryEvent "traceBinaryEvent#" "nnv" "" = misc::nothing,
            TraceMarker "traceMarker#" "nv" "" = misc::nothing,
            ClearCcs "clearCCS#" "pv" "p" = misc::run,
            // Taking floating-point numbers apart.
            DecodeDouble2Int "decodeDouble_2Int#" "d" "nnnn" = decode::double_2_int,
            DecodeDoubleInt64 "decodeDouble_Int64#" "d" "nn" = decode::double_int64,
            DecodeFloatInt "decodeFloat_Int#" "f" "nn" = decode::float_int,
            // The rest.
            ReallyUnsafePtrEquality "reallyUnsafePtrEquality#" "pp" "n" = misc::same,
            Panic "panic#" "n" "p" = misc::panic,
            DataToTag "dataToTag#" "p" "n" = misc::data_to_tag,
            AnyToAddr "anyToAddr#" "pv" "n" = misc::first,
            Seq "seq#" "pv" "p" = misc::seq,
            NoDuplicate "noDuplicate#" "v" "" = misc::nothing,
            // MVars.
            NewMVar "newMVar#" "v" "p" = mvar::new,
            TakeMVar "takeMVar#" "pv" "p" = mvar::take,
            ReadMVar "readMVar#" "pv" "p" = mvar::read,
            PutMVar "putMVar#" "ppv" "" = mvar::put,
            TryTakeMVar "tryTakeMVar#" "pv" "np" = mvar::try_take,
            TryReadMVar "tryReadMVar#" "pv" "np" = mvar::try_read,
            TryPutMVar "tryPutMVar#" "ppv" "n" = mvar::try_put,
            IsEmptyMVar "isEmptyMVar#" "pv" "n" = mvar::is_empty,
            SameMVar "sameMVar#" "pp" "n" = misc::same,
            NewIOPort "newIOPort#" "v" "p" = mvar::new,
            ReadIOPort "readIOPort#" "pv" "p" = mvar::read_port,
            WriteIOPort "writeIOPort#" "ppv" "n" = mvar::write_port,
            SameIOPort "sameIOPort#" "pp" "n" = misc::same,
            // Transactions.
            Atomically "atomically#" "pv" "p" = stm::atomically,
            Retry "retry#" "v" "p" = stm::retry,
            CatchRetry "catchRetry#" "ppv" "p" = stm::catch_retry,
            CatchStm "catchSTM#" "ppv" "p" = stm::catch_stm,
            NewTVar "newTVar#" "pv" "p" = stm::new_tvar,
            ReadTVar "readTVar#" "pv" "p" = stm::read_tvar,
            ReadTVarIO "readTVarIO#" "pv" "p" = stm::read_tvar_io,
            WriteTVar "writeTVar#" "ppv" "" = stm::write_tvar,
            SameTVar "sameTVar#" "pp" "n" = misc::same,
            // Threads.
            Fork "fork#" "pv" "p" = thread::fork,
            ForkOn "forkOn#" "npv" "p" = thread::fork_on,
            Yield "yield#" "v" "" = thread::yield_now,
            MyThreadId "myThreadId#" "v" "p" = thread::mine,
            LabelThread "labelThread#" "pnv" "" = misc::nothing,
            IsCurrentThreadBound "isCurrentThreadBound#" "v" "n" = misc::nothing,
            ThreadStatus "threadStatus#" "pv" "nnn" = thread::status,
            Delay "delay#" "nv" "" = thread::delay,
            WaitRead "waitRead#" "nv" "" = thread::wait_read,
            WaitWrite "waitWrite#" "nv" "" = thread::wait_write,
            GetThreadAllocationCounter "getThreadAllocationCounter#" "v" "n" = thread::allocation_counter,
            SetThreadAllocationCounter "setThreadAllocationCounter#" "nv" "" = thread::set_allocation_counter,
            // Not GHC's: see Note [Loops are primops] in `interp::each`.
            Each "bcvmEach#" "ppv" "p" = each::run_each,
            Times "bcvmTimes#" "ppv" "p" = each::run_times,
        }
    };
}

macro_rules! declare {
    ($($name:ident $ghc:literal $args:literal $results:literal = $f:path,)*) => {
        /// An effectful primop.
        #[allow(missing_docs)]
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Effect {
            $($name,)*
        }

        /// The rows, in the order of [`Effect`].
        pub const EFFECTS: &[Primop] = &[
            $(Primop { name: $ghc, args: $args, results: $results, code: Code::Effect(Effect::$name) },)*
        ];

        impl Effect {
            /// Its row.
            pub fn row(self) -> &'static Primop {
                &EFFECTS[self as usize]
            }

            /// Its number among all primops.
            pub const fn number(self) -> u32 {
                (PURE.len() + ACCESS.len()) as u32 + self as u32
            }

            /// Carries it out on argument words.
            pub fn run(self, m: &mut Machine, args: &Args) -> Answer {
                match self {
                    $(Effect::$name => $f(m, args),)*
                }
            }
        }
    };
}
for_each_effect!(declare);
