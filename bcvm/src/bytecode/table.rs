//! The instruction set of GHC 9.0.2 (`includes/rts/Bytecodes.h`), declared once.
//!
//! GHC owns the numbers and there are holes. Operand classes say how wide an operand is in GHC's stream (large
//! ones grow to four halfwords) and what it means, which is what verifier, disassembler and tracer need.

/// What an operand is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// A stack offset in words.
    Off,
    /// A stack offset in bytes.
    ByteOff,
    /// A small number: a count, a tag, flags.
    Small,
    /// A signed small number.
    Signed,
    /// An index of the pointer array.
    Ptr,
    /// An index of the literal array.
    Lit,
    /// A jump target: a halfword of the stream.
    Label,
    /// A large count.
    Count,
}

impl Class {
    /// Whether it takes four halfwords in an instruction with the large-operand flag.
    pub const fn is_large(self) -> bool {
        matches!(self, Class::Ptr | Class::Lit | Class::Label | Class::Count)
    }
}

/// An operand of an instruction.
#[derive(Clone, Copy, Debug)]
pub struct Operand {
    /// What it is called in listings.
    pub name: &'static str,
    /// What it is.
    pub class: Class,
}

/// The most operands an instruction has.
pub const MAX_OPERANDS: usize = 4;

/// Calls `$m!` with every instruction.
#[macro_export]
macro_rules! for_each_bci {
    ($m:ident) => {
        $m! {
            /// Leave for a larger stack unless so many words are free.
            STKCHECK = 1 { words: Count },
            /// Push a word of the stack.
            PUSH_L = 2 { o: Off },
            /// Push two words, both offsets relative to Sp before the instruction.
            PUSH_LL = 3 { o1: Off, o2: Off },
            /// Push three words, likewise.
            PUSH_LLL = 4 { o1: Off, o2: Off, o3: Off },
            /// Push one byte of the stack.
            PUSH8 = 5 { o: ByteOff },
            /// Push two bytes of the stack.
            PUSH16 = 6 { o: ByteOff },
            /// Push four bytes of the stack.
            PUSH32 = 7 { o: ByteOff },
            /// Push one byte as a word.
            PUSH8_W = 8 { o: ByteOff },
            /// Push two bytes as a word.
            PUSH16_W = 9 { o: ByteOff },
            /// Push four bytes as a word.
            PUSH32_W = 10 { o: ByteOff },
            /// Push a pointer of the BCO.
            PUSH_G = 11 { p: Ptr },
            /// Push a case continuation for a lifted value.
            PUSH_ALTS = 12 { p: Ptr },
            /// Push a case continuation for an unlifted pointer.
            PUSH_ALTS_P = 13 { p: Ptr },
            /// Push a case continuation for a word.
            PUSH_ALTS_N = 14 { p: Ptr },
            /// Push a case continuation for a Float#.
            PUSH_ALTS_F = 15 { p: Ptr },
            /// Push a case continuation for a Double#.
            PUSH_ALTS_D = 16 { p: Ptr },
            /// Push a case continuation for a 64-bit integer.
            PUSH_ALTS_L = 17 { p: Ptr },
            /// Push a case continuation for nothing.
            PUSH_ALTS_V = 18 { p: Ptr },
            /// Push a zero byte.
            PUSH_PAD8 = 19 {},
            /// Push two zero bytes.
            PUSH_PAD16 = 20 {},
            /// Push four zero bytes.
            PUSH_PAD32 = 21 {},
            /// Push the low byte of a literal.
            PUSH_UBX8 = 22 { l: Lit },
            /// Push the low two bytes of a literal.
            PUSH_UBX16 = 23 { l: Lit },
            /// Push the low four bytes of a literal.
            PUSH_UBX32 = 24 { l: Lit },
            /// Push literals, the first one on top.
            PUSH_UBX = 25 { l: Lit, n: Small },
            /// Apply the value returned to a word.
            PUSH_APPLY_N = 26 {},
            /// Apply the value returned to a Float#.
            PUSH_APPLY_F = 27 {},
            /// Apply the value returned to a Double#.
            PUSH_APPLY_D = 28 {},
            /// Apply the value returned to a 64-bit integer.
            PUSH_APPLY_L = 29 {},
            /// Apply the value returned to State#.
            PUSH_APPLY_V = 30 {},
            /// Apply the value returned to a pointer.
            PUSH_APPLY_P = 31 {},
            /// Apply the value returned to two pointers.
            PUSH_APPLY_PP = 32 {},
            /// Apply the value returned to three pointers.
            PUSH_APPLY_PPP = 33 {},
            /// Apply the value returned to four pointers.
            PUSH_APPLY_PPPP = 34 {},
            /// Apply the value returned to five pointers.
            PUSH_APPLY_PPPPP = 35 {},
            /// Apply the value returned to six pointers.
            PUSH_APPLY_PPPPPP = 36 {},
            /// Drop `by` words lying under the top `n` words.
            SLIDE = 38 { n: Small, by: Small },
            /// Allocate an updatable application thunk and push it.
            ALLOC_AP = 39 { n: Small },
            /// Allocate an application thunk that is not updated and push it.
            ALLOC_AP_NOUPD = 40 { n: Small },
            /// Allocate a partial application and push it.
            ALLOC_PAP = 41 { arity: Small, n: Small },
            /// Fill the AP at an offset with the function and arguments on top of the stack, and pop those.
            MKAP = 42 { o: Off, n: Small },
            /// Fill the PAP at an offset likewise.
            MKPAP = 43 { o: Off, n: Small },
            /// Push the fields of the constructor on top of the stack.
            UNPACK = 44 { n: Small },
            /// Make a constructor of the words on top of the stack, pop them and push it.
            PACK = 45 { con: Lit, n: Small },
            /// Jump unless the returned Int# is less than the literal.
            TESTLT_I = 46 { l: Lit, fail: Label },
            /// Jump unless the returned Int# is the literal.
            TESTEQ_I = 47 { l: Lit, fail: Label },
            /// Jump unless the returned Float# is less than the literal.
            TESTLT_F = 48 { l: Lit, fail: Label },
            /// Jump unless the returned Float# is the literal.
            TESTEQ_F = 49 { l: Lit, fail: Label },
            /// Jump unless the returned Double# is less than the literal.
            TESTLT_D = 50 { l: Lit, fail: Label },
            /// Jump unless the returned Double# is the literal.
            TESTEQ_D = 51 { l: Lit, fail: Label },
            /// Jump unless the constructor on top has a lower tag.
            TESTLT_P = 52 { tag: Small, fail: Label },
            /// Jump unless the constructor on top has this tag.
            TESTEQ_P = 53 { tag: Small, fail: Label },
            /// No alternative matched: cannot happen in compiled Haskell.
            CASEFAIL = 54 {},
            /// Jump.
            JMP = 55 { to: Label },
            /// Call a C function.
            CCALL = 56 { o: Small, cif: Lit, flags: Small },
            /// Add a number of bytes to a word of the stack.
            SWIZZLE = 57 { o: Off, by: Signed },
            /// Pop a closure and evaluate it.
            ENTER = 58 {},
            /// Pop a pointer and return it as a value.
            RETURN = 59 {},
            /// Return the unlifted pointer on top.
            RETURN_P = 60 {},
            /// Return the word on top.
            RETURN_N = 61 {},
            /// Return the Float# on top.
            RETURN_F = 62 {},
            /// Return the Double# on top.
            RETURN_D = 63 {},
            /// Return the 64-bit integer on top.
            RETURN_L = 64 {},
            /// Return nothing.
            RETURN_V = 65 {},
            /// Stop here if the breakpoint is enabled.
            BRK_FUN = 66 { breaks: Ptr, tick: Small, module: Lit, ccs: Lit },
            /// Jump unless the returned Word# is less than the literal.
            TESTLT_W = 67 { l: Lit, fail: Label },
            /// Jump unless the returned Word# is the literal.
            TESTEQ_W = 68 { l: Lit, fail: Label },
        }
    };
}

macro_rules! declare {
    ($($(#[$doc:meta])* $name:ident = $n:literal { $($operand:ident: $class:ident),* },)*) => {
        /// A byte code instruction, numbered as GHC numbers it.
        #[allow(non_camel_case_types)]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        #[repr(u8)]
        pub enum Bci {
            $($(#[$doc])* $name = $n,)*
        }

        /// The numbers, for `match`.
        #[allow(missing_docs)]
        pub mod number {
            $(pub const $name: u8 = $n;)*
        }

        /// Every instruction, in order of number.
        pub const ALL: &[Bci] = &[$(Bci::$name),*];

        impl Bci {
            /// The instruction numbered `n`, if there is one.
            #[inline(always)]
            pub const fn from_number(n: u8) -> Option<Bci> {
                match n {
                    $($n => Some(Bci::$name),)*
                    _ => None,
                }
            }

            /// GHC's mnemonic.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Bci::$name => stringify!($name),)*
                }
            }

            /// Its operands, in stream order.
            pub const fn operands(self) -> &'static [Operand] {
                match self {
                    $(Bci::$name => &[$(Operand { name: stringify!($operand), class: Class::$class }),*],)*
                }
            }
        }
    };
}
for_each_bci!(declare);

impl Bci {
    /// Whether control never reaches the next instruction.
    pub const fn is_terminal(self) -> bool {
        use Bci::*;
        matches!(
            self,
            CASEFAIL | JMP | ENTER | RETURN | RETURN_P | RETURN_N | RETURN_F | RETURN_D | RETURN_L | RETURN_V
        )
    }
}
