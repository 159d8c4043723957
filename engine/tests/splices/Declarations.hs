-- Declarations: every constructor of Dec, Con, Clause, Foreign, Pragma and what belongs to them.
{-# LANGUAGE TemplateHaskell, GADTs, KindSignatures, DataKinds, TypeFamilies, TypeFamilyDependencies, PolyKinds, RankNTypes #-}
{-# LANGUAGE DerivingStrategies, DeriveAnyClass, DerivingVia, StandaloneDeriving, GeneralizedNewtypeDeriving, DefaultSignatures #-}
{-# LANGUAGE PatternSynonyms, ViewPatterns, RoleAnnotations, FunctionalDependencies, FlexibleInstances, FlexibleContexts #-}
{-# LANGUAGE StandaloneKindSignatures, ExistentialQuantification, UndecidableInstances, ForeignFunctionInterface, CApiFFI #-}
{-# LANGUAGE TypeOperators, ScopedTypeVariables, BangPatterns, DeriveFunctor, StrictData, EmptyDataDeriving, ImplicitParams, MultiParamTypeClasses #-}
module Declarations where

import Data.Kind (Type)
import Language.Haskell.TH hiding (Type)

-- case: functions and their clauses
$(do
    x <- newName "x"
    let f = mkName "function"
    sequence
      [ sigD f [t| Int -> Int |]
      , funD f [clause [litP (integerL 0)] (normalB [| 1 |]) [], clause [bangP (varP x)] (guardedB [normalGE [| even $(varE x) |] (dyn "half"), normalGE [| otherwise |] [| 3 * $(varE x) |]]) [valD (varP (mkName "half")) (normalB [| div $(varE x) 2 |]) []]]
      ])

-- case: data types
data Before = Before
$(return
    [ DataD [] (mkName "Colour") [] Nothing [NormalC (mkName n) [] | n <- ["Red", "Green", "Blue"]] [DerivClause Nothing (map ConT [''Show, ''Eq, ''Ord, ''Enum, ''Bounded])]
    , DataD [] (mkName "Rec") [PlainTV (mkName "a") ()] Nothing [RecC (mkName "Rec") [(mkName "one", Bang NoSourceUnpackedness SourceStrict, ConT ''Int), (mkName "two", Bang SourceUnpack SourceStrict, ConT ''Int), (mkName "three", Bang NoSourceUnpackedness SourceLazy, VarT (mkName "a"))]] []
    , DataD [] (mkName "Op") [] Nothing [InfixC (Bang NoSourceUnpackedness NoSourceStrictness, ConT ''Int) (mkName ":+:") (Bang NoSourceUnpackedness NoSourceStrictness, ConT ''Bool)] [DerivClause (Just StockStrategy) [ConT ''Show]]
    , DataD [] (mkName "Empty") [] Nothing [] [DerivClause Nothing [ConT ''Show]]
    ])

-- case: newtypes and strategies of deriving
$(return
    [ NewtypeD [] (mkName "Age") [] Nothing (RecC (mkName "Age") [(mkName "unAge", Bang NoSourceUnpackedness NoSourceStrictness, ConT ''Int)]) [DerivClause (Just NewtypeStrategy) [ConT ''Num, ConT ''Eq], DerivClause (Just StockStrategy) [ConT ''Show], DerivClause (Just (ViaStrategy (ConT ''Int))) [ConT ''Ord]] ])
class Described a where
  describe :: a -> String
  describe _ = "something"
$(return [DataD [] (mkName "Thing") [] Nothing [NormalC (mkName "Thing") []] [DerivClause (Just AnyclassStrategy) [ConT ''Described]]])

-- case: standalone deriving
$(return [StandaloneDerivD Nothing [] (ConT ''Show `AppT` ConT ''Before), StandaloneDerivD (Just StockStrategy) [] (ConT ''Eq `AppT` ConT ''Before)])

-- case: existential types and GADTs
$(do
    a <- newName "a"
    k <- newName "k"
    let plain = Bang NoSourceUnpackedness NoSourceStrictness
    return
      [ DataD [] (mkName "Shown") [] Nothing [ForallC [PlainTV a SpecifiedSpec] [ConT ''Show `AppT` VarT a] (NormalC (mkName "Shown") [(plain, VarT a)])] []
      , DataD [] (mkName "Expr") [KindedTV k () StarT] Nothing
          [ GadtC [mkName "IntE", mkName "NatE"] [(plain, ConT ''Int)] (ConT (mkName "Expr") `AppT` ConT ''Int)
          , RecGadtC [mkName "BoolE"] [(mkName "boolE", plain, ConT ''Bool)] (ConT (mkName "Expr") `AppT` ConT ''Bool)
          , ForallC [PlainTV a SpecifiedSpec] [] (GadtC [mkName "If"] [(plain, ConT (mkName "Expr") `AppT` ConT ''Bool), (plain, ConT (mkName "Expr") `AppT` VarT a)] (ConT (mkName "Expr") `AppT` VarT a))
          ] []
      ])

-- case: synonyms and kind signatures
$(return
    [ TySynD (mkName "Pair") [PlainTV (mkName "a") ()] (TupleT 2 `AppT` VarT (mkName "a") `AppT` VarT (mkName "a"))
    , KiSigD (mkName "Wrap") (ArrowT `AppT` StarT `AppT` StarT)
    , NewtypeD [] (mkName "Wrap") [PlainTV (mkName "a") ()] Nothing (NormalC (mkName "Wrap") [(Bang NoSourceUnpackedness NoSourceStrictness, VarT (mkName "a"))]) []
    ])

-- case: classes and instances
$(do
    a <- newName "a"
    b <- newName "b"
    sequence
      [ classD (cxt []) (mkName "Convert") [plainTV a, plainTV b] [funDep [a] [b]] [sigD (mkName "convert") [t| $(varT a) -> $(varT b) |]]
      , classD (cxt []) (mkName "Default") [plainTV a] [] [sigD (mkName "def") (varT a), return (DefaultSigD (mkName "def") (ForallT [] [ConT ''Num `AppT` VarT a] (VarT a))), valD (varP (mkName "def")) (normalB [| 0 |]) []]
      , instanceD (cxt []) (conT (mkName "Convert") `appT` conT ''Int `appT` conT ''String) [funD (mkName "convert") [clause [] (normalB [| show |]) []]]
      , instanceD (cxt []) (conT (mkName "Default") `appT` conT ''Int) []
      , return (InstanceD (Just Overlappable) [ConT ''Show `AppT` VarT a] (ConT ''Described `AppT` (ListT `AppT` VarT a)) [FunD 'describe [Clause [WildP] (NormalB (LitE (StringL "many"))) []]])
      ])

-- case: type families
$(do
    a <- newName "a"
    r <- newName "r"
    return
      [ OpenTypeFamilyD (TypeFamilyHead (mkName "Elem") [PlainTV a ()] (KindSig StarT) Nothing)
      , TySynInstD (TySynEqn Nothing (ConT (mkName "Elem") `AppT` (ListT `AppT` VarT a)) (VarT a))
      , ClosedTypeFamilyD (TypeFamilyHead (mkName "Not") [KindedTV a () (ConT ''Bool)] (TyVarSig (KindedTV r () (ConT ''Bool))) (Just (InjectivityAnn r [a])))
          [ TySynEqn Nothing (ConT (mkName "Not") `AppT` PromotedT 'True) (PromotedT 'False), TySynEqn Nothing (ConT (mkName "Not") `AppT` PromotedT 'False) (PromotedT 'True)]
      ])

-- case: data families and associated types
$(do
    a <- newName "a"
    let plain = Bang NoSourceUnpackedness NoSourceStrictness
    return
      [ DataFamilyD (mkName "Vec") [PlainTV a ()] (Just StarT)
      , DataInstD [] Nothing (ConT (mkName "Vec") `AppT` ConT ''Bool) Nothing [NormalC (mkName "Bits") [(plain, ConT ''Integer)]] [DerivClause Nothing [ConT ''Show]]
      , NewtypeInstD [] Nothing (ConT (mkName "Vec") `AppT` ConT ''Char) Nothing (NormalC (mkName "Text") [(plain, ConT ''String)]) []
      , ClassD [] (mkName "Container") [PlainTV a ()] [] [OpenTypeFamilyD (TypeFamilyHead (mkName "Key") [PlainTV a ()] NoSig Nothing), TySynInstD (TySynEqn Nothing (ConT (mkName "Key") `AppT` VarT a) (ConT ''Int)), SigD (mkName "keys") (ArrowT `AppT` VarT a `AppT` (ListT `AppT` (ConT (mkName "Key") `AppT` VarT a)))]
      , InstanceD Nothing [] (ConT (mkName "Container") `AppT` ConT ''Bool) [TySynInstD (TySynEqn Nothing (ConT (mkName "Key") `AppT` ConT ''Bool) (ConT ''Char)), ValD (VarP (mkName "keys")) (NormalB (AppE (VarE 'const) (ListE []))) []]
      ])

-- case: pattern synonyms
$(do
    x <- newName "x"
    y <- newName "y"
    sequence
      [ patSynSigD (mkName "Single") [t| forall a. a -> [a] |]
      , patSynD (mkName "Single") (prefixPatSyn [x]) implBidir (listP [varP x])
      , patSynD (mkName "Head") (prefixPatSyn [x]) unidir (infixP (varP x) '(:) wildP)
      , patSynD (mkName ":>") (infixPatSyn x y) (explBidir [clause [varP x, varP y] (normalB [| ($(varE x), [$(varE y)]) |]) []]) (tupP [varP x, listP [varP y]])
      , patSynD (mkName "Both") (recordPatSyn [mkName "left", mkName "right"]) implBidir (tupP [varP (mkName "left"), varP (mkName "right")])
      ])

-- case: fixity, roles and pragmas

$(return
    [ SigD (mkName "<+>") (ArrowT `AppT` ConT ''Int `AppT` (ArrowT `AppT` ConT ''Int `AppT` ConT ''Int))
    , ValD (VarP (mkName "<+>")) (NormalB (VarE '(+))) []
    , InfixD (Fixity 6 InfixL) (mkName "<+>")
    , RoleAnnotD (mkName "Ref") [NominalR, RepresentationalR, PhantomR, InferR]
    , DataD [] (mkName "Ref") [PlainTV (mkName n) () | n <- ["a", "b", "c", "d"]] Nothing [NormalC (mkName "Ref") []] []
    , PragmaD (InlineP (mkName "<+>") Inline FunLike (FromPhase 1))
    ])

$(do
    x <- newName "x"
    sequence
      [ sigD (mkName "twice") [t| forall a. Num a => a -> a |]
      , funD (mkName "twice") [clause [varP x] (normalB [| $(varE x) + $(varE x) |]) []]
      , pragSpecD (mkName "twice") [t| Int -> Int |] (BeforePhase 2)
      , pragSpecInlD (mkName "twice") [t| Double -> Double |] NoInline AllPhases
      , pragRuleD "twice/zero" [ruleVar x] [| $(dyn "twice") ($(varE x) * (0 :: Integer)) |] [| 0 |] AllPhases
      , pragAnnD (valueAnnotation (mkName "twice")) [| "doubles" |]
      , pragAnnD moduleAnnotation [| 42 :: Int |]
      , pragLineD 7000 "Elsewhere.hs"
      ])

-- case: foreign imports
$(return
    [ ForeignD (ImportF CCall Unsafe "math.h sin" (mkName "c_sin") (ArrowT `AppT` ConT ''Double `AppT` ConT ''Double))
    , ForeignD (ImportF CApi Safe "stdlib.h abs" (mkName "c_abs") (ArrowT `AppT` ConT ''Int `AppT` ConT ''Int))
    ])

-- case: no declarations, and several splices in a row
$(return [])
$(return [])
pure []
concat <$> mapM (\n -> [d| |]) "abc"

-- case: declarations from quotes
[d| data Tree a = Leaf | Node (Tree a) a (Tree a) deriving (Show, Functor)
    insert :: Ord a => a -> Tree a -> Tree a
    insert x Leaf = Node Leaf x Leaf
    insert x t@(Node l y r) | x < y = Node (insert x l) y r
                            | x > y = Node l y (insert x r)
                            | otherwise = t
    infixr 5 +++
    (+++) :: [a] -> [a] -> [a]
    xs +++ ys = foldr (:) ys xs
    class Shape s where { area :: s -> Double; type Unit s :: Type; type Unit s = Double }
    instance Shape () where area () = 0 |]
