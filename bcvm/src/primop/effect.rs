//! Primops that need the machine: they allocate, write to the heap, change the thread, or raise.
//!
//! A row is `Name "name#" "argument representations" "result representations" = function`. The function gets the argument words,
//! void ones left out, and answers with an [`Answer`]. It must not collect: when it can't get the memory it
//! wants it answers `NeedHeap`, the arguments go back on the stack, and it is run again after a collection.

use super::table::{Code, MAX_ARGS, MAX_RESULTS, Primop};
use super::{array, byte_array, exception, misc, mut_var, stable};
use crate::interp::control::Stop;
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
            SameMutVar "sameMutVar#" "pp" "n" = misc::same,
            // Boxed arrays.
            NewArray "newArray#" "npv" "p" = array::new,
            SameMutableArray "sameMutableArray#" "pp" "n" = misc::same,
            ReadArray "readArray#" "pnv" "p" = array::read,
            WriteArray "writeArray#" "pnpv" "" = array::write,
            SizeofArray "sizeofArray#" "p" "n" = array::size,
            SizeofMutableArray "sizeofMutableArray#" "p" "n" = array::size,
            IndexArray "indexArray#" "pn" "p" = array::read,
            UnsafeFreezeArray "unsafeFreezeArray#" "pv" "p" = array::unsafe_freeze,
            UnsafeThawArray "unsafeThawArray#" "pv" "p" = array::unsafe_thaw,
            CopyArray "copyArray#" "pnpnnv" "" = array::copy,
            CopyMutableArray "copyMutableArray#" "pnpnnv" "" = array::copy,
            CloneArray "cloneArray#" "pnn" "p" = array::clone_frozen,
            CloneMutableArray "cloneMutableArray#" "pnnv" "p" = array::clone_mutable,
            FreezeArray "freezeArray#" "pnnv" "p" = array::clone_frozen,
            ThawArray "thawArray#" "pnnv" "p" = array::clone_mutable,
            // Small boxed arrays: no cards.
            NewSmallArray "newSmallArray#" "npv" "p" = array::small::new,
            SameSmallMutableArray "sameSmallMutableArray#" "pp" "n" = misc::same,
            ShrinkSmallMutableArray "shrinkSmallMutableArray#" "pnv" "" = array::small::shrink,
            ReadSmallArray "readSmallArray#" "pnv" "p" = array::small::read,
            WriteSmallArray "writeSmallArray#" "pnpv" "" = array::small::write,
            SizeofSmallArray "sizeofSmallArray#" "p" "n" = array::small::size,
            SizeofSmallMutableArray "sizeofSmallMutableArray#" "p" "n" = array::small::size,
            GetSizeofSmallMutableArray "getSizeofSmallMutableArray#" "pv" "n" = array::small::size,
            IndexSmallArray "indexSmallArray#" "pn" "p" = array::small::read,
            UnsafeFreezeSmallArray "unsafeFreezeSmallArray#" "pv" "p" = array::small::unsafe_freeze,
            UnsafeThawSmallArray "unsafeThawSmallArray#" "pv" "p" = array::small::unsafe_thaw,
            CopySmallArray "copySmallArray#" "pnpnnv" "" = array::small::copy,
            CopySmallMutableArray "copySmallMutableArray#" "pnpnnv" "" = array::small::copy,
            CloneSmallArray "cloneSmallArray#" "pnn" "p" = array::small::clone_frozen,
            CloneSmallMutableArray "cloneSmallMutableArray#" "pnnv" "p" = array::small::clone_mutable,
            FreezeSmallArray "freezeSmallArray#" "pnnv" "p" = array::small::clone_frozen,
            ThawSmallArray "thawSmallArray#" "pnnv" "p" = array::small::clone_mutable,
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
            GetMaskingState "getMaskingState#" "v" "n" = exception::masking_state,
            // Weak and stable pointers, stable names.
            MkWeak "mkWeak#" "pppv" "p" = stable::make_weak,
            MkWeakNoFinalizer "mkWeakNoFinalizer#" "ppv" "p" = stable::make_weak_no_finalizer,
            Touch "touch#" "pv" "" = misc::nothing,
            MakeStablePtr "makeStablePtr#" "pv" "n" = stable::make_stable_ptr,
            DeRefStablePtr "deRefStablePtr#" "nv" "p" = stable::deref_stable_ptr,
            EqStablePtr "eqStablePtr#" "nn" "n" = misc::same,
            MakeStableName "makeStableName#" "pv" "p" = stable::make_stable_name,
            StableNameToInt "stableNameToInt#" "p" "n" = stable::stable_name_to_int,
            EqStableName "eqStableName#" "pp" "n" = stable::eq_stable_name,
            // The rest.
            ReallyUnsafePtrEquality "reallyUnsafePtrEquality#" "pp" "n" = misc::same,
            DataToTag "dataToTag#" "p" "n" = misc::data_to_tag,
            AnyToAddr "anyToAddr#" "pv" "n" = misc::first,
            Seq "seq#" "pv" "p" = misc::seq,
            Yield "yield#" "v" "" = misc::yield_now,
            MyThreadId "myThreadId#" "v" "p" = misc::my_thread_id,
            NoDuplicate "noDuplicate#" "v" "" = misc::nothing,
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
