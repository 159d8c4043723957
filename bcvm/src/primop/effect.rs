//! Primops that need the machine: they allocate, write to the heap, change the thread, or raise.
//!
//! A row is `Name "name#" "argument representations" result = function`. The function gets the argument words,
//! void ones left out, and answers with an [`Answer`]. It must not collect: when it can't get the memory it
//! wants it answers `NeedHeap`, the arguments go back on the stack, and it is run again after a collection.

use super::table::{Code, MAX_ARGS, Primop};
use super::{array, byte_array, exception, misc, mut_var, stable};
use crate::interp::machine::Machine;
use crate::word::ClosurePtr;

/// Argument words of a primop.
pub type Args = [u64; MAX_ARGS];

/// What an effectful primop wants done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Return this word; of no meaning where the result is void.
    Word(u64),
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
            NewMutVar "newMutVar#" "pv" b'p' = mut_var::new,
            ReadMutVar "readMutVar#" "pv" b'p' = mut_var::read,
            WriteMutVar "writeMutVar#" "ppv" b'v' = mut_var::write,
            SameMutVar "sameMutVar#" "pp" b'n' = misc::same,
            // Boxed arrays.
            NewArray "newArray#" "npv" b'p' = array::new,
            SameMutableArray "sameMutableArray#" "pp" b'n' = misc::same,
            ReadArray "readArray#" "pnv" b'p' = array::read,
            WriteArray "writeArray#" "pnpv" b'v' = array::write,
            SizeofArray "sizeofArray#" "p" b'n' = array::size,
            SizeofMutableArray "sizeofMutableArray#" "p" b'n' = array::size,
            IndexArray "indexArray#" "pn" b'p' = array::read,
            UnsafeFreezeArray "unsafeFreezeArray#" "pv" b'p' = array::unsafe_freeze,
            UnsafeThawArray "unsafeThawArray#" "pv" b'p' = array::unsafe_thaw,
            CopyArray "copyArray#" "pnpnnv" b'v' = array::copy,
            CopyMutableArray "copyMutableArray#" "pnpnnv" b'v' = array::copy,
            CloneArray "cloneArray#" "pnn" b'p' = array::clone_frozen,
            CloneMutableArray "cloneMutableArray#" "pnnv" b'p' = array::clone_mutable,
            FreezeArray "freezeArray#" "pnnv" b'p' = array::clone_frozen,
            ThawArray "thawArray#" "pnnv" b'p' = array::clone_mutable,
            // Small boxed arrays: no cards.
            NewSmallArray "newSmallArray#" "npv" b'p' = array::small::new,
            SameSmallMutableArray "sameSmallMutableArray#" "pp" b'n' = misc::same,
            ShrinkSmallMutableArray "shrinkSmallMutableArray#" "pnv" b'v' = array::small::shrink,
            ReadSmallArray "readSmallArray#" "pnv" b'p' = array::small::read,
            WriteSmallArray "writeSmallArray#" "pnpv" b'v' = array::small::write,
            SizeofSmallArray "sizeofSmallArray#" "p" b'n' = array::small::size,
            SizeofSmallMutableArray "sizeofSmallMutableArray#" "p" b'n' = array::small::size,
            GetSizeofSmallMutableArray "getSizeofSmallMutableArray#" "pv" b'n' = array::small::size,
            IndexSmallArray "indexSmallArray#" "pn" b'p' = array::small::read,
            UnsafeFreezeSmallArray "unsafeFreezeSmallArray#" "pv" b'p' = array::small::unsafe_freeze,
            UnsafeThawSmallArray "unsafeThawSmallArray#" "pv" b'p' = array::small::unsafe_thaw,
            CopySmallArray "copySmallArray#" "pnpnnv" b'v' = array::small::copy,
            CopySmallMutableArray "copySmallMutableArray#" "pnpnnv" b'v' = array::small::copy,
            CloneSmallArray "cloneSmallArray#" "pnn" b'p' = array::small::clone_frozen,
            CloneSmallMutableArray "cloneSmallMutableArray#" "pnnv" b'p' = array::small::clone_mutable,
            FreezeSmallArray "freezeSmallArray#" "pnnv" b'p' = array::small::clone_frozen,
            ThawSmallArray "thawSmallArray#" "pnnv" b'p' = array::small::clone_mutable,
            // Byte arrays.
            NewByteArray "newByteArray#" "nv" b'p' = byte_array::new,
            NewPinnedByteArray "newPinnedByteArray#" "nv" b'p' = byte_array::new_pinned,
            NewAlignedPinnedByteArray "newAlignedPinnedByteArray#" "nnv" b'p' = byte_array::new_aligned_pinned,
            MutableByteArrayIsPinned "isMutableByteArrayPinned#" "p" b'n' = byte_array::is_pinned,
            ByteArrayIsPinned "isByteArrayPinned#" "p" b'n' = byte_array::is_pinned,
            ByteArrayContents "byteArrayContents#" "p" b'n' = byte_array::contents,
            SameMutableByteArray "sameMutableByteArray#" "pp" b'n' = misc::same,
            ShrinkMutableByteArray "shrinkMutableByteArray#" "pnv" b'v' = byte_array::shrink,
            ResizeMutableByteArray "resizeMutableByteArray#" "pnv" b'p' = byte_array::resize,
            UnsafeFreezeByteArray "unsafeFreezeByteArray#" "pv" b'p' = misc::first,
            SizeofByteArray "sizeofByteArray#" "p" b'n' = byte_array::size,
            SizeofMutableByteArray "sizeofMutableByteArray#" "p" b'n' = byte_array::size,
            GetSizeofMutableByteArray "getSizeofMutableByteArray#" "pv" b'n' = byte_array::size,
            CompareByteArrays "compareByteArrays#" "pnpnn" b'n' = byte_array::compare,
            CopyByteArray "copyByteArray#" "pnpnnv" b'v' = byte_array::copy,
            CopyMutableByteArray "copyMutableByteArray#" "pnpnnv" b'v' = byte_array::copy,
            CopyByteArrayToAddr "copyByteArrayToAddr#" "pnnnv" b'v' = byte_array::copy_to_addr,
            CopyMutableByteArrayToAddr "copyMutableByteArrayToAddr#" "pnnnv" b'v' = byte_array::copy_to_addr,
            CopyAddrToByteArray "copyAddrToByteArray#" "npnnv" b'v' = byte_array::copy_from_addr,
            SetByteArray "setByteArray#" "pnnnv" b'v' = byte_array::set,
            // Exceptions.
            Catch "catch#" "ppv" b'p' = exception::catch,
            Raise "raise#" "p" b'p' = exception::raise,
            RaiseIO "raiseIO#" "pv" b'p' = exception::raise,
            RaiseDivZero "raiseDivZero#" "v" b'p' = exception::raise_div_zero,
            RaiseOverflow "raiseOverflow#" "v" b'p' = exception::raise_overflow,
            RaiseUnderflow "raiseUnderflow#" "v" b'p' = exception::raise_underflow,
            MaskAsyncExceptions "maskAsyncExceptions#" "pv" b'p' = exception::mask,
            MaskUninterruptible "maskUninterruptible#" "pv" b'p' = exception::mask_uninterruptible,
            UnmaskAsyncExceptions "unmaskAsyncExceptions#" "pv" b'p' = exception::unmask,
            GetMaskingState "getMaskingState#" "v" b'n' = exception::masking_state,
            // Weak and stable pointers, stable names.
            MkWeak "mkWeak#" "pppv" b'p' = stable::make_weak,
            MkWeakNoFinalizer "mkWeakNoFinalizer#" "ppv" b'p' = stable::make_weak_no_finalizer,
            Touch "touch#" "pv" b'v' = misc::nothing,
            MakeStablePtr "makeStablePtr#" "pv" b'n' = stable::make_stable_ptr,
            DeRefStablePtr "deRefStablePtr#" "nv" b'p' = stable::deref_stable_ptr,
            EqStablePtr "eqStablePtr#" "nn" b'n' = misc::same,
            MakeStableName "makeStableName#" "pv" b'p' = stable::make_stable_name,
            StableNameToInt "stableNameToInt#" "p" b'n' = stable::stable_name_to_int,
            EqStableName "eqStableName#" "pp" b'n' = stable::eq_stable_name,
            // The rest.
            ReallyUnsafePtrEquality "reallyUnsafePtrEquality#" "pp" b'n' = misc::same,
            DataToTag "dataToTag#" "p" b'n' = misc::data_to_tag,
            AnyToAddr "anyToAddr#" "pv" b'n' = misc::first,
            Seq "seq#" "pv" b'p' = misc::seq,
            Yield "yield#" "v" b'v' = misc::yield_now,
            MyThreadId "myThreadId#" "v" b'p' = misc::my_thread_id,
            NoDuplicate "noDuplicate#" "v" b'v' = misc::nothing,
        }
    };
}

macro_rules! declare {
    ($($name:ident $ghc:literal $args:literal $result:literal = $f:path,)*) => {
        /// An effectful primop.
        #[allow(missing_docs)]
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Effect {
            $($name,)*
        }

        /// The rows, in the order of [`Effect`].
        pub const EFFECTS: &[Primop] = &[
            $(Primop { name: $ghc, args: $args, result: $result, code: Code::Effect(Effect::$name) },)*
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
