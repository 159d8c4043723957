//! Functions of GHC's packages that the interpreter carries out itself: one table, from symbols to what they do.
//!
//! GHC's byte code adds two Ints by `GHC.Num.+` on a dictionary: a call of a compiled selector, then one of a compiled
//! method. Both are known here by their symbols, which the engine looks for once a package is loaded ([`super::bound`]).
//! How they are carried out is `interp::known`'s; whatever it does not do is left to the compiled function.

use crate::word::Addr;
use alloc::vec::Vec;

/// What a known function does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Known {
    /// Selects this field of a dictionary: a method of a class, or a superclass.
    Select(u8),
    /// Nothing: it is a dictionary, that of a class of numbers if it has a kind.
    Dictionary(Option<Kind>),
    /// Nothing: it is the dictionary by which lists are Foldable.
    FoldableOfLists,
    /// Nothing: it is a dictionary by which actions of IO or ST are Applicative or a Monad.
    Actions,
    /// `mapM_` or `traverse_`, whose function comes first, or `forM_` or `for_`.
    Each(bool),
    /// `replicateM_`.
    Times,
    /// Works on boxes of numbers.
    Number(Kind, Op),
    /// `return` of IO, or of ST, as all that follows: they are the same but for their types.
    ReturnIo,
    /// `>>=`.
    BindIo,
    /// `>>`.
    ThenIo,
    /// `$` and `id`: applies its first argument to the others.
    Apply,
    /// `$!`.
    Strict,
    /// `.`.
    Compose,
    /// `const`.
    Const,
    /// `flip`.
    Flip,
    /// `&&`, or `||`: whether the value of the first argument that makes it the result is True.
    Short(bool),
    /// `not`.
    Not,
    /// `and`, or `or`, of a list: the value of an element that makes it the result is True.
    Fold(bool),
    /// `all`, or `any`, likewise.
    FoldBy(bool),
    /// `fst` and `snd`: the field of a pair.
    Field(u8),
    /// `maybe`.
    Maybe,
    /// `either`.
    Either,
    /// `when`, or `unless`: what the condition must be for the action to be run.
    When(bool),
    /// `readIORef`, or `readSTRef`, as those that follow.
    ReadRef,
    /// `writeIORef`.
    WriteRef,
    /// `modifyIORef`.
    ModifyRef,
    /// `modifyIORef'`.
    ModifyRefStrict,
    /// `takeMVar`.
    TakeMVar,
    /// `readMVar`.
    ReadMVar,
    /// `putMVar`.
    PutMVar,
    /// `modifyMVar_`.
    ModifyMVar,
    /// `withMVar`.
    WithMVar,
    /// `evaluate`.
    Evaluate,
    /// `throw`.
    Throw,
    /// `throwIO`.
    ThrowIo,
    /// `even`, or `odd`: the lowest bit it asks for.
    Parity(u8),
    /// A number of one kind from one of another.
    Convert(Kind, Kind),
    /// `fromIntegral`.
    FromIntegral,
    /// A whole number from a Double, which the dictionary says the kind of.
    Whole(Rounding),
}

/// Which whole number is taken for a Double.
#[allow(missing_docs)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rounding {
    Truncate,
    Floor,
    Ceiling,
}

/// What is in the boxes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    /// Int.
    Int,
    /// Word, or Char.
    Word,
    /// Double.
    Double,
    /// Integer: only small ones.
    Integer,
}

/// The kinds, in order.
const KINDS: [Kind; 4] = [Kind::Int, Kind::Word, Kind::Double, Kind::Integer];

/// What is done with two numbers, or with one. The integer divisions are those of Integral.
#[allow(missing_docs)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Op {
    Add,
    Sub,
    Mul,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Compare,
    Quot,
    Rem,
    Div,
    Mod,
    /// Of Fractional.
    Divide,
    Max,
    Min,
    /// With one number, as all that follow.
    Negate,
    Abs,
    Signum,
    /// Of Floating.
    Sqrt,
}

/// The operations, in order.
const OPS: [Op; 21] = {
    use Op::*;
    [Add, Sub, Mul, Eq, Ne, Lt, Le, Gt, Ge, Compare, Quot, Rem, Div, Mod, Divide, Max, Min, Negate, Abs, Signum, Sqrt]
};

impl Op {
    /// How many numbers it takes.
    #[inline(always)]
    pub const fn args(self) -> u32 {
        if self as u8 >= Op::Negate as u8 { 1 } else { 2 }
    }

    /// Whether it divides whole numbers.
    pub const fn divides(self) -> bool {
        matches!(self, Op::Quot | Op::Rem | Op::Div | Op::Mod)
    }

    /// Whether its result is a number.
    pub const fn is_arithmetic(self) -> bool {
        !matches!(self, Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Compare)
    }
}

/// A function of numbers as one byte, which is how instructions and cheap expressions name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Function(pub u8);

impl Function {
    /// Operation `op` on numbers of kind `kind`.
    pub const fn new(kind: Kind, op: Op) -> Function {
        Function((kind as u8) << 5 | op as u8)
    }

    /// What it works on.
    #[inline(always)]
    pub const fn kind(self) -> Kind {
        KINDS[(self.0 >> 5) as usize % KINDS.len()]
    }

    /// What it does.
    #[inline(always)]
    pub const fn op(self) -> Op {
        OPS[(self.0 & 31) as usize % OPS.len()]
    }
}

const _: () = {
    let mut i = 0;
    while i < OPS.len() {
        assert!(OPS[i] as usize == i);
        i += 1;
    }
    let mut i = 0;
    while i < KINDS.len() {
        assert!(KINDS[i] as usize == i);
        i += 1;
    }
};

/// Constructors of one field that hold a number, by kind. Char's is none: no arithmetic is done with it.
pub const BOXES: [(&str, Kind); 4] = [
    ("ghczmprim_GHCziTypes_Izh_con_info", Kind::Int),
    ("ghczmprim_GHCziTypes_Wzh_con_info", Kind::Word),
    ("ghczmprim_GHCziTypes_Dzh_con_info", Kind::Double),
    ("ghczmbignum_GHCziNumziInteger_IS_con_info", Kind::Integer),
];

/// The kind of the numbers of a dictionary.
macro_rules! kind {
    () => {
        None
    };
    ($kind:ident) => {
        Some(Kind::$kind)
    };
}

/// By module, with the z-encoded names: [selectors and their fields], Kind {functions of numbers}, (other
/// functions), {dictionaries}.
macro_rules! known {
    ($(
        $module:literal {
            $([$($selector:literal $field:literal,)*])?
            $($kind:ident { $($op:ident $function:literal,)* })*
            $(($($known:ident $(($($of:expr),*))? $name:literal,)*))?
            $({$($dictionary:literal $($class:ident)?,)*})?
        }
    )*) => {
        /// Every known function with its symbol.
        pub const KNOWN: &[(&str, Known)] = &[
            $(
                $($((concat!($module, "_", $selector, "_closure"), Known::Select($field)),)*)?
                $($((concat!($module, "_", $function, "_closure"), Known::Number(Kind::$kind, Op::$op)),)*)*
                $($((concat!($module, "_", $name, "_closure"), Known::$known $(($($of),*))?),)*)?
                $($((
                    concat!($module, "_zdf", $dictionary, "_closure"),
                    Known::Dictionary(kind!($($class)?)),
                ),)*)?
            )*
        ];
    };
}

known! {
    "ghczmprim_GHCziClasses" {
        [
            "zeze" 0, "zsze" 1,
            "zdp1Ord" 0, "compare" 1, "zl" 2, "zlze" 3, "zg" 4, "zgze" 5, "max" 6, "min" 7,
        ]
        Int {
            Eq "eqInt", Ne "neInt", Compare "compareInt", Lt "ltInt", Le "leInt", Gt "gtInt", Ge "geInt",
            Max "zdfOrdIntzuzdcmax", Min "zdfOrdIntzuzdcmin",
        }
        Word {
            Eq "eqWord", Ne "neWord", Compare "compareWord", Lt "ltWord", Le "leWord", Gt "gtWord", Ge "geWord",
            Eq "eqChar", Ne "neChar", Compare "zdfOrdCharzuzdccompare", Lt "zdfOrdCharzuzdczl",
            Le "zdfOrdCharzuzdczlze", Gt "zdfOrdCharzuzdczg", Ge "zdfOrdCharzuzdczgze",
        }
        Double {
            Eq "eqDouble", Ne "zdfEqDoublezuzdczsze", Lt "zdfOrdDoublezuzdczl", Le "zdfOrdDoublezuzdczlze",
            Gt "zdfOrdDoublezuzdczg", Ge "zdfOrdDoublezuzdczgze", Max "zdfOrdDoublezuzdcmax", Min "zdfOrdDoublezuzdcmin",
        }
        (Short(false) "zaza", Short(true) "zbzb", Not "not",)
        {
            "EqInt", "OrdInt", "EqWord", "OrdWord", "EqChar", "OrdChar", "EqDouble", "OrdDouble",
        }
    }
    "ghczmbignum_GHCziNumziInteger" {
        Integer {
            Add "integerAdd", Sub "integerSub", Mul "integerMul", Eq "integerEq", Ne "integerNe",
            Compare "integerCompare", Lt "integerLt", Le "integerLe", Gt "integerGt", Ge "integerGe",
            Negate "integerNegate", Abs "integerAbs", Signum "integerSignum",
        }
        {
            "EqInteger", "OrdInteger",
        }
    }
    "base_GHCziNum" {
        ["zp" 0, "zm" 1, "zt" 2, "negate" 3, "abs" 4, "signum" 5, "fromInteger" 6,]
        Int {
            Add "zdfNumIntzuzdczp", Sub "zdfNumIntzuzdczm", Mul "zdfNumIntzuzdczt",
            Negate "zdfNumIntzuzdcnegate", Abs "zdfNumIntzuzdcabs", Signum "zdfNumIntzuzdcsignum",
        }
        Word {
            Add "zdfNumWordzuzdczp", Sub "zdfNumWordzuzdczm", Mul "zdfNumWordzuzdczt",
            Negate "zdfNumWordzuzdcnegate", Abs "zdfNumWordzuzdcabs", Signum "zdfNumWordzuzdcsignum",
        }
        (Convert(Kind::Integer, Kind::Int) "zdfNumIntzuzdcfromInteger",)
        {
            "NumInt" Int, "NumWord" Word, "NumInteger" Integer,
        }
    }
    "base_GHCziReal" {
        [
            "quot" 2, "rem" 3, "div" 4, "mod" 5, "quotRem" 6, "divMod" 7, "toInteger" 8,
            "zs" 1, "recip" 2, "fromRational" 3,
            "properFraction" 2, "truncate" 3, "round" 4, "ceiling" 5, "floor" 6,
        ]
        Int {
            Quot "zdfIntegralIntzuzdcquot", Rem "zdfIntegralIntzuzdcrem", Div "zdfIntegralIntzuzdcdiv",
            Mod "zdfIntegralIntzuzdcmod",
        }
        Integer {
            Quot "zdfIntegralIntegerzuzdcquot", Rem "zdfIntegralIntegerzuzdcrem", Div "zdfIntegralIntegerzuzdcdiv",
            Mod "zdfIntegralIntegerzuzdcmod",
        }
        (
            Parity(0) "even", Parity(1) "odd", FromIntegral "fromIntegral",
            Convert(Kind::Int, Kind::Integer) "zdfIntegralIntzuzdctoInteger",
            Convert(Kind::Word, Kind::Integer) "zdfIntegralWordzuzdctoInteger",
        )
        {
            "IntegralInt" Int, "IntegralWord" Word, "IntegralInteger" Integer,
        }
    }
    "base_GHCziFloat" {
        ["pi" 1, "exp" 2, "log" 3, "sqrt" 4, "ztzt" 5, "logBase" 6, "sin" 7, "cos" 8, "tan" 9,]
        Double {
            Add "plusDouble", Sub "minusDouble", Mul "timesDouble", Divide "divideDouble",
            Negate "negateDouble", Abs "fabsDouble", Signum "zdfNumDoublezuzdcsignum", Sqrt "sqrtDouble",
        }
        (
            Convert(Kind::Integer, Kind::Double) "zdfNumDoublezuzdcfromInteger",
            Whole(Rounding::Truncate) "zdfRealFracDoublezuzdctruncate",
            Whole(Rounding::Floor) "zdfRealFracDoublezuzdcfloor",
            Whole(Rounding::Ceiling) "zdfRealFracDoublezuzdcceiling",
        )
        {
            "NumDouble" Double, "FractionalDouble" Double, "FloatingDouble" Double, "RealFracDouble" Double, "ShowDouble", "EnumDouble",
        }
    }
    "base_GHCziBase" {
        [
            "fmap" 0, "zlzd" 1, "pure" 1, "zlztzg" 2, "liftA2" 3, "ztzg" 4, "zlzt" 5,
            "zgzgze" 1, "zgzg" 2, "return" 3,
            "zlzg" 0, "sconcat" 1, "mempty" 1, "mappend" 2, "mconcat" 3, "empty" 1, "zlzbzg" 2, "mzzero" 2, "mplus" 3,
        ]
        (
            Actions "zdfMonadIO", Actions "zdfApplicativeIO", BindIo "zdfMonadIO1", ThenIo "zdfApplicativeIO2", ReturnIo "zdfApplicativeIO4",
            Apply "zd", Apply "id", Strict "zdzn", Compose "zi", Const "const", Flip "flip", When(true) "when",
            Convert(Kind::Word, Kind::Int) "ord",
        )
        {
            "FunctorIO", "MonadZMZN", "ApplicativeZMZN", "FunctorZMZN", "MonoidZMZN",
            "SemigroupZMZN", "MonadMaybe", "ApplicativeMaybe", "FunctorMaybe", "FunctorZLz2cUZR",
        }
    }
    "base_GHCziST" { (
            Actions "zdfMonadST", Actions "zdfApplicativeST", BindIo "zdfMonadSTzuzdczgzgze",
            ThenIo "zdfApplicativeSTzuzdcztzg", ReturnIo "zdfApplicativeSTzuzdcpure",
        ) }
    "base_GHCziShow" {
        ["showsPrec" 0, "show" 1, "showList" 2,]
        {"ShowInt", "ShowInteger", "ShowChar", "ShowBool",}
    }
    "base_GHCziEnum" {
        [
            "succ" 0, "pred" 1, "toEnum" 2, "fromEnum" 3, "enumFrom" 4, "enumFromThen" 5, "enumFromTo" 6,
            "enumFromThenTo" 7, "minBound" 0, "maxBound" 1,
        ]
        {"EnumInt", "EnumInteger", "EnumChar", "BoundedInt",}
    }
    "base_DataziFoldable" {
        [
            "fold" 0, "foldMap" 1, "foldMapzq" 2, "foldr" 3, "foldrzq" 4, "foldl" 5, "foldlzq" 6, "foldr1" 7, "foldl1" 8,
            "toList" 9, "null" 10, "length" 11, "elem" 12, "maximum" 13, "minimum" 14, "sum" 15, "product" 16,
        ]
        (
            FoldableOfLists "zdfFoldableZMZN", Fold(false) "and", Fold(true) "or", FoldBy(false) "all",
            FoldBy(true) "any", Each(true) "mapMzu", Each(true) "traversezu", Each(false) "forMzu", Each(false) "forzu",
        )
        {"FoldableMaybe",}
    }
    "base_DataziTraversable" {
        ["traverse" 2, "sequenceA" 3, "mapM" 4, "sequence" 5,]
        {"TraversableZMZN", "TraversableMaybe",}
    }
    "base_GHCziExceptionziType" { ["toException" 2, "fromException" 3, "displayException" 4,] }
    "base_ControlziMonadziFail" { ["fail" 1,] {"MonadFailIO",} }
    "base_DataziBits" {
        [
            "zizazi" 1, "zizbzi" 2, "xor" 3, "complement" 4, "shift" 5, "testBit" 12, "shiftL" 16, "shiftR" 18,
            "popCount" 22,
        ]
        {"BitsInt", "BitsWord",}
    }
    "base_ControlziMonad" { (When(false) "unless", Times "replicateMzu",) }
    "base_DataziTuple" { (Field(0) "fst", Field(1) "snd",) }
    "base_DataziMaybe" { (Maybe "maybe",) }
    "base_DataziEither" { (Either "either",) {"MonadEither", "ApplicativeEither", "FunctorEither",} }
    "base_GHCziIORef" { (ReadRef "readIORef", WriteRef "writeIORef",) }
    "base_DataziIORef" { (ModifyRef "modifyIORef", ModifyRefStrict "modifyIORefzq",) }
    "base_GHCziSTRef" { (ReadRef "readSTRef", WriteRef "writeSTRef",) }
    "base_DataziSTRef" { (ModifyRef "modifySTRef", ModifyRefStrict "modifySTRefzq",) }
    "base_GHCziMVar" { (TakeMVar "takeMVar", ReadMVar "readMVar", PutMVar "putMVar",) }
    "base_ControlziConcurrentziMVar" { (ModifyMVar "modifyMVarzu", WithMVar "withMVar",) }
    "base_GHCziIO" { (Evaluate "evaluate", ThrowIo "throwIO",) }
    "base_GHCziException" { (Throw "throw",) }
}

/// Where the known functions that were bound so far are: a hash table, for the interpreter looks here at every call of
/// compiled code.
#[derive(Debug)]
pub struct KnownAt {
    /// As many as a power of two, more than twice those of [`KNOWN`]; address 0 is free.
    slots: Vec<(Addr, Known)>,
}

const SLOTS: usize = (3 * KNOWN.len()).next_power_of_two();

impl Default for KnownAt {
    fn default() -> KnownAt {
        KnownAt { slots: alloc::vec![(Addr::NULL, Known::Select(0)); SLOTS] }
    }
}

impl KnownAt {
    /// Slots from where `a` would be, each once.
    #[inline(always)]
    fn probe(a: Addr) -> impl Iterator<Item = usize> {
        // Neighbours in a package's data are 8 or 16 bytes apart.
        let first = (a.0.wrapping_mul(0x9e37_79b1) >> 16) as usize;
        (0..SLOTS).map(move |i| first.wrapping_add(i) % SLOTS)
    }

    /// The known function `symbol` is at `a`; of no consequence if it is none.
    pub fn bind(&mut self, symbol: &str, a: Addr) {
        let Some((_, known)) = KNOWN.iter().find(|(other, _)| *other == symbol) else { return };
        if let Some(i) = Self::probe(a).find(|i| [Addr::NULL, a].contains(&self.slots[*i].0)) {
            self.slots[i] = (a, *known);
        }
    }

    /// What the function at `a` does, if it is known.
    #[inline(always)]
    pub fn find(&self, a: Addr) -> Option<Known> {
        for i in Self::probe(a) {
            let (at, known) = self.slots[i];
            // Null itself, which a pointer may still be while BCOs are created, is no function.
            if at.is_null() {
                return None;
            }
            if at == a {
                return Some(known);
            }
        }
        None
    }
}
