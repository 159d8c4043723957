//! The Template Haskell syntax tree (template-haskell 2.17 for GHC 9.0.2) and run-time type representations, as
//! [shapes](crate::protocol::shape).
//!
//! Rows keep GHC's declaration order, which is where the tags come from (`Language/Haskell/TH/Syntax.hs` through
//! `GHCi/TH/Binary.hs`, and `Data/Binary/Class.hs`). `[T]` is a list; `(Maybe T)` and `(A, B)` are what they are in
//! Haskell. Synonyms are spelled out: `Kind` and `Pred` are `Type`, `Uniq` is `Integer`, `SumAlt`, `SumArity` and
//! `Arity` are `Int`, `Cxt` is `[Type]`. A type is `{ fields }` if it has one constructor, else `[ Con = tag { fields } ]`.

#![allow(non_upper_case_globals, reason = "a shape has the name of its Haskell type, as its marker has")]

use crate::protocol::declare::columns;
use crate::protocol::shape::{Constructor, Shape, Shaped, Sum};
use crate::protocol::version::check_tags_distinct;

/// The shape of a field.
macro_rules! field {
    ([$element:tt]) => {
        &Shape::List(field!($element))
    };
    ((Maybe $element:tt)) => {
        &Shape::Maybe(field!($element))
    };
    (($($part:tt),+)) => {
        &Shape::Record(&[$(field!($part)),+])
    };
    ($name:ident) => {
        &$name
    };
}

/// Declares a static shape and a marker type per Haskell type.
macro_rules! shapes {
    ($( $name:ident = $body:tt )+) => {$(
        #[doc = concat!("Haskell's `", stringify!($name), "`, of which only the shape is known here.")]
        #[derive(Debug)]
        pub enum $name {}

        #[doc = concat!("Shape of `", stringify!($name), "`.")]
        pub static $name: Shape = shape!($name $body);

        impl Shaped for $name {
            const NAME: &'static str = stringify!($name);
            const SHAPE: &'static Shape = &$name;
        }
    )+};
}

/// The shape of one declaration.
macro_rules! shape {
    ($name:ident { $($field:tt)+ }) => {
        Shape::Record(&[$(field!($field)),+])
    };
    ($name:ident [ $( $con:ident = $tag:tt { $($field:tt)* } ),+ $(,)? ]) => {{
        static SUM: Sum = Sum {
            name: stringify!($name),
            rows: &[$(
                (columns!($tag), &Constructor { name: stringify!($con), fields: &[$(field!($field)),*] })
            ),+],
        };
        const _: () = assert!(check_tags_distinct(&[$((columns!($tag), ())),+]));
        Shape::Sum(&SUM)
    }};
    ($name:ident ($leaf:ident)) => {
        Shape::$leaf
    };
}

// The leaves, under their Haskell names.
shapes! {
    Bool = (Bool)
    Int = (Int)
    Char = (Char)
    Text = (Text)
    Bytes = (Bytes)
    Integer = (Integer)
}

/// Haskell's `()`, which takes no bytes.
static Unit: Shape = Shape::Record(&[]);

// Names, modules and source positions.
shapes! {
    ModName = { Text }
    PkgName = { Text }
    OccName = { Text }
    Module = { PkgName ModName }
    ModuleInfo = { [Module] }
    NameSpace = [VarName = 0 {}, DataName = 1 {}, TcClsName = 2 {}]
    NameFlavour = [
        NameS = 0 {},
        NameQ = 1 { ModName },
        NameU = 2 { Integer },
        NameL = 3 { Integer },
        NameG = 4 { NameSpace PkgName ModName },
    ]
    Name = { OccName NameFlavour }
    Loc = { Text Text Text (Int, Int) (Int, Int) }
    AnnLookup = [
        AnnLookupModule = 0 { Module },
        AnnLookupName = 1 { Name },
    ]
}

// Types and what binds their variables.
shapes! {
    Type = [
        ForallT = 0 { [TyVarBndrSpec] [Type] Type },
        ForallVisT = 1 { [TyVarBndr] Type },
        AppT = 2 { Type Type },
        AppKindT = 3 { Type Type },
        SigT = 4 { Type Type },
        VarT = 5 { Name },
        ConT = 6 { Name },
        PromotedT = 7 { Name },
        InfixT = 8 { Type Name Type },
        UInfixT = 9 { Type Name Type },
        ParensT = 10 { Type },
        TupleT = 11 { Int },
        UnboxedTupleT = 12 { Int },
        UnboxedSumT = 13 { Int },
        ArrowT = 14 {},
        MulArrowT = 15 {},
        EqualityT = 16 {},
        ListT = 17 {},
        PromotedTupleT = 18 { Int },
        PromotedNilT = 19 {},
        PromotedConsT = 20 {},
        StarT = 21 {},
        ConstraintT = 22 {},
        LitT = 23 { TyLit },
        WildCardT = 24 {},
        ImplicitParamT = 25 { Text Type },
    ]
    TyLit = [
        NumTyLit = 0 { Integer },
        StrTyLit = 1 { Text },
    ]
    Specificity = [SpecifiedSpec = 0 {}, InferredSpec = 1 {}]
    TyVarBndr = [
        PlainTV = 0 { Name Unit },
        KindedTV = 1 { Name Unit Type },
    ]
    TyVarBndrSpec = [
        PlainTV = 0 { Name Specificity },
        KindedTV = 1 { Name Specificity Type },
    ]
    Role = [NominalR = 0 {}, RepresentationalR = 1 {}, PhantomR = 2 {}, InferR = 3 {}]
}

// Expressions, patterns, literals and statements.
shapes! {
    Lit = [
        CharL = 0 { Char },
        StringL = 1 { Text },
        IntegerL = 2 { Integer },
        RationalL = 3 { (Integer, Integer) },
        IntPrimL = 4 { Integer },
        WordPrimL = 5 { Integer },
        FloatPrimL = 6 { (Integer, Integer) },
        DoublePrimL = 7 { (Integer, Integer) },
        StringPrimL = 8 { Bytes },
        BytesPrimL = 9 { Bytes },
        CharPrimL = 10 { Char },
    ]
    Pat = [
        LitP = 0 { Lit },
        VarP = 1 { Name },
        TupP = 2 { [Pat] },
        UnboxedTupP = 3 { [Pat] },
        UnboxedSumP = 4 { Pat Int Int },
        ConP = 5 { Name [Pat] },
        InfixP = 6 { Pat Name Pat },
        UInfixP = 7 { Pat Name Pat },
        ParensP = 8 { Pat },
        TildeP = 9 { Pat },
        BangP = 10 { Pat },
        AsP = 11 { Name Pat },
        WildP = 12 {},
        RecP = 13 { Name [(Name, Pat)] },
        ListP = 14 { [Pat] },
        SigP = 15 { Pat Type },
        ViewP = 16 { Exp Pat },
    ]
    Match = { Pat Body [Dec] }
    Clause = { [Pat] Body [Dec] }
    Exp = [
        VarE = 0 { Name },
        ConE = 1 { Name },
        LitE = 2 { Lit },
        AppE = 3 { Exp Exp },
        AppTypeE = 4 { Exp Type },
        InfixE = 5 { (Maybe Exp) Exp (Maybe Exp) },
        UInfixE = 6 { Exp Exp Exp },
        ParensE = 7 { Exp },
        LamE = 8 { [Pat] Exp },
        LamCaseE = 9 { [Match] },
        TupE = 10 { [(Maybe Exp)] },
        UnboxedTupE = 11 { [(Maybe Exp)] },
        UnboxedSumE = 12 { Exp Int Int },
        CondE = 13 { Exp Exp Exp },
        MultiIfE = 14 { [(Guard, Exp)] },
        LetE = 15 { [Dec] Exp },
        CaseE = 16 { Exp [Match] },
        DoE = 17 { (Maybe ModName) [Stmt] },
        MDoE = 18 { (Maybe ModName) [Stmt] },
        CompE = 19 { [Stmt] },
        ArithSeqE = 20 { Range },
        ListE = 21 { [Exp] },
        SigE = 22 { Exp Type },
        RecConE = 23 { Name [(Name, Exp)] },
        RecUpdE = 24 { Exp [(Name, Exp)] },
        StaticE = 25 { Exp },
        UnboundVarE = 26 { Name },
        LabelE = 27 { Text },
        ImplicitParamVarE = 28 { Text },
    ]
    Body = [
        GuardedB = 0 { [(Guard,Exp)] },
        NormalB = 1 { Exp },
    ]
    Guard = [
        NormalG = 0 { Exp },
        PatG = 1 { [Stmt] },
    ]
    Stmt = [
        BindS = 0 { Pat Exp },
        LetS = 1 { [Dec] },
        NoBindS = 2 { Exp },
        ParS = 3 { [[Stmt]] },
        RecS = 4 { [Stmt] },
    ]
    Range = [
        FromR = 0 { Exp },
        FromThenR = 1 { Exp Exp },
        FromToR = 2 { Exp Exp },
        FromThenToR = 3 { Exp Exp Exp },
    ]
}

// Declarations and their parts.
shapes! {
    Dec = [
        FunD = 0 { Name [Clause] },
        ValD = 1 { Pat Body [Dec] },
        DataD = 2 { [Type] Name [TyVarBndr] (Maybe Type) [Con] [DerivClause] },
        NewtypeD = 3 { [Type] Name [TyVarBndr] (Maybe Type) Con [DerivClause] },
        TySynD = 4 { Name [TyVarBndr] Type },
        ClassD = 5 { [Type] Name [TyVarBndr] [FunDep] [Dec] },
        InstanceD = 6 { (Maybe Overlap) [Type] Type [Dec] },
        SigD = 7 { Name Type },
        KiSigD = 8 { Name Type },
        ForeignD = 9 { Foreign },
        InfixD = 10 { Fixity Name },
        PragmaD = 11 { Pragma },
        DataFamilyD = 12 { Name [TyVarBndr] (Maybe Type) },
        DataInstD = 13 { [Type] (Maybe [TyVarBndr]) Type (Maybe Type) [Con] [DerivClause] },
        NewtypeInstD = 14 { [Type] (Maybe [TyVarBndr]) Type (Maybe Type) Con [DerivClause] },
        TySynInstD = 15 { TySynEqn },
        OpenTypeFamilyD = 16 { TypeFamilyHead },
        ClosedTypeFamilyD = 17 { TypeFamilyHead [TySynEqn] },
        RoleAnnotD = 18 { Name [Role] },
        StandaloneDerivD = 19 { (Maybe DerivStrategy) [Type] Type },
        DefaultSigD = 20 { Name Type },
        PatSynD = 21 { Name PatSynArgs PatSynDir Pat },
        PatSynSigD = 22 { Name Type },
        ImplicitParamBindD = 23 { Text Exp },
    ]
    Overlap = [Overlappable = 0 {}, Overlapping = 1 {}, Overlaps = 2 {}, Incoherent = 3 {}]
    DerivClause = { (Maybe DerivStrategy) [Type] }
    DerivStrategy = [
        StockStrategy = 0 {},
        AnyclassStrategy = 1 {},
        NewtypeStrategy = 2 {},
        ViaStrategy = 3 { Type },
    ]
    FamilyResultSig = [
        NoSig = 0 {},
        KindSig = 1 { Type },
        TyVarSig = 2 { TyVarBndr },
    ]
    InjectivityAnn = { Name [Name] }
    TypeFamilyHead = { Name [TyVarBndr] FamilyResultSig (Maybe InjectivityAnn) }
    TySynEqn = { (Maybe [TyVarBndr]) Type Type }
    FunDep = { [Name] [Name] }
    Foreign = [
        ImportF = 0 { Callconv Safety Text Name Type },
        ExportF = 1 { Callconv Text Name Type },
    ]
    Callconv = [CCall = 0 {}, StdCall = 1 {}, CApi = 2 {}, Prim = 3 {}, JavaScript = 4 {}]
    Safety = [Unsafe = 0 {}, Safe = 1 {}, Interruptible = 2 {}]
    Con = [
        NormalC = 0 { Name [(Bang, Type)] },
        RecC = 1 { Name [(Name, Bang, Type)] },
        InfixC = 2 { (Bang, Type) Name (Bang, Type) },
        ForallC = 3 { [TyVarBndrSpec] [Type] Con },
        GadtC = 4 { [Name] [(Bang, Type)] Type },
        RecGadtC = 5 { [Name] [(Name, Bang, Type)] Type },
    ]
    Bang = { SourceUnpackedness SourceStrictness }
    SourceUnpackedness = [NoSourceUnpackedness = 0 {}, SourceNoUnpack = 1 {}, SourceUnpack = 2 {}]
    SourceStrictness = [NoSourceStrictness = 0 {}, SourceLazy = 1 {}, SourceStrict = 2 {}]
    DecidedStrictness = [DecidedLazy = 0 {}, DecidedStrict = 1 {}, DecidedUnpack = 2 {}]
    PatSynDir = [
        Unidir = 0 {},
        ImplBidir = 1 {},
        ExplBidir = 2 { [Clause] },
    ]
    PatSynArgs = [
        PrefixPatSyn = 0 { [Name] },
        InfixPatSyn = 1 { Name Name },
        RecordPatSyn = 2 { [Name] },
    ]
    Fixity = { Int FixityDirection }
    FixityDirection = [InfixL = 0 {}, InfixR = 1 {}, InfixN = 2 {}]
}

// Pragmas.
shapes! {
    Pragma = [
        InlineP = 0 { Name Inline RuleMatch Phases },
        SpecialiseP = 1 { Name Type (Maybe Inline) Phases },
        SpecialiseInstP = 2 { Type },
        RuleP = 3 { Text (Maybe [TyVarBndr]) [RuleBndr] Exp Exp Phases },
        AnnP = 4 { AnnTarget Exp },
        LineP = 5 { Int Text },
        CompleteP = 6 { [Name] (Maybe Name) },
    ]
    Inline = [NoInline = 0 {}, Inline = 1 {}, Inlinable = 2 {}]
    RuleMatch = [ConLike = 0 {}, FunLike = 1 {}]
    Phases = [
        AllPhases = 0 {},
        FromPhase = 1 { Int },
        BeforePhase = 2 { Int },
    ]
    RuleBndr = [
        RuleVar = 0 { Name },
        TypedRuleVar = 1 { Name Type },
    ]
    AnnTarget = [
        ModuleAnnotation = 0 {},
        TypeAnnotation = 1 { Name },
        ValueAnnotation = 2 { Name },
    ]
}

// What `reify` answers.
shapes! {
    Info = [
        ClassI = 0 { Dec [Dec] },
        ClassOpI = 1 { Name Type Name },
        TyConI = 2 { Dec },
        FamilyI = 3 { Dec [Dec] },
        PrimTyConI = 4 { Name Int Bool },
        DataConI = 5 { Name Type Name },
        PatSynI = 6 { Name Type },
        VarI = 7 { Name Type (Maybe Dec) },
        TyVarI = 8 { Name Type },
    ]
}

// Run-time type representations (`Data.Typeable`). A `Fun` representation is decoded by GHC 9.0.2 but never sent.
shapes! {
    SomeTypeRep = [
        TypeKind = 0 {},
        TypeCon = 1 { TyCon [SomeTypeRep] },
        TypeApp = 2 { SomeTypeRep SomeTypeRep },
        TypeFun = 3 { SomeTypeRep SomeTypeRep },
    ]
    TyCon = { Text Text Text Int KindRep }
    KindRep = [
        KindRepTyConApp = 0 { TyCon [KindRep] },
        KindRepVar = 1 { Int },
        KindRepApp = 2 { KindRep KindRep },
        KindRepFun = 3 { KindRep KindRep },
        KindRepTYPE = 4 { RuntimeRep },
        KindRepTypeLit = 5 { TypeLitSort Text },
    ]
    TypeLitSort = [TypeLitSymbol = 0 {}, TypeLitNat = 1 {}]
    RuntimeRep = [
        VecRep = 0 { VecCount VecElem },
        TupleRep = 1 { [RuntimeRep] },
        SumRep = 2 { [RuntimeRep] },
        LiftedRep = 3 {},
        UnliftedRep = 4 {},
        IntRep = 5 {},
        WordRep = 6 {},
        Int64Rep = 7 {},
        Word64Rep = 8 {},
        AddrRep = 9 {},
        FloatRep = 10 {},
        DoubleRep = 11 {},
        Int8Rep = 12 {},
        Word8Rep = 13 {},
        Int16Rep = 14 {},
        Word16Rep = 15 {},
        Int32Rep = 16 {},
        Word32Rep = 17 {},
    ]
    VecCount = [Vec2 = 0 {}, Vec4 = 1 {}, Vec8 = 2 {}, Vec16 = 3 {}, Vec32 = 4 {}, Vec64 = 5 {}]
    VecElem = [
        Int8ElemRep = 0 {},
        Int16ElemRep = 1 {},
        Int32ElemRep = 2 {},
        Int64ElemRep = 3 {},
        Word8ElemRep = 4 {},
        Word16ElemRep = 5 {},
        Word32ElemRep = 6 {},
        Word64ElemRep = 7 {},
        FloatElemRep = 8 {},
        DoubleElemRep = 9 {},
    ]
    Serialized = { SomeTypeRep Bytes }
}
