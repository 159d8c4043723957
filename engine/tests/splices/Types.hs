-- Types: every constructor of Type, and of what binds its variables.
{-# LANGUAGE TemplateHaskell, DataKinds, PolyKinds, TypeFamilies, RankNTypes, KindSignatures, TypeOperators, MagicHash #-}
{-# LANGUAGE UnboxedTuples, UnboxedSums, ImplicitParams, ConstraintKinds, PartialTypeSignatures, LinearTypes #-}
{-# LANGUAGE StandaloneKindSignatures, TypeApplications, AllowAmbiguousTypes, FlexibleContexts, StarIsType #-}
{-# OPTIONS_GHC -Wno-partial-type-signatures #-}
module Types where

import Data.Kind (Constraint, Type)
import Data.Proxy (Proxy (..))
import GHC.Exts (Int#)
import GHC.Types (Multiplicity (..))
import GHC.TypeLits (Nat, Symbol, type (+))
import Language.Haskell.TH hiding (Type)

-- case: constructors and applications
apply :: $(appT (appT (conT ''Either) (conT ''Int)) (appT listT (conT ''Bool)))
apply = Left 1
arrow :: $(appT (appT arrowT (conT ''Int)) (conT ''Int))
arrow = id
tuples :: $(appT (appT (tupleT 2) (conT ''Int)) (tupleT 0))
tuples = (1, ())

-- case: quantification and contexts
forall' :: $(do { a <- newName "a"; forallT [PlainTV a SpecifiedSpec] (cxt [conT ''Show `appT` varT a, conT ''Eq `appT` varT a]) [t| $(varT a) -> String |] })
forall' = show
kinded :: $(do { f <- newName "f"; a <- newName "a"; forallT [KindedTV f SpecifiedSpec (ArrowT `AppT` StarT `AppT` StarT), KindedTV a InferredSpec StarT] (cxt []) [t| $(varT f) $(varT a) -> Proxy $(varT f) |] })
kinded _ = Proxy
higher :: $([t| (forall x. [x] -> Int) -> Int |])
higher f = f "abc"

-- case: unboxed types
unboxed :: $([t| Int -> (# Int, Int# #) |])
unboxed _ = (# 1, 2# #)
sums :: $(appT (appT arrowT (conT ''Int)) (appT (appT (unboxedSumT 2) (conT ''Int)) (conT ''Bool)))
sums n = (# n | #)
unboxedPair :: $(appT (appT arrowT (conT ''Int)) (appT (appT (unboxedTupleT 2) (conT ''Int)) (conT ''Bool)))
unboxedPair n = (# n, True #)

-- case: promoted constructors, literals and lists
promoted :: Proxy $(appT (appT (promotedTupleT 2) (promotedT 'True)) (appT (appT promotedConsT (litT (numTyLit 3))) promotedNilT))
promoted = Proxy
literals :: (Proxy $(litT (numTyLit 12345678901234567890)), Proxy $(litT (strTyLit "sy\"m")))
literals = (Proxy, Proxy)

-- case: signatures and kinds
signature :: Proxy $(sigT (conT ''Maybe) (appK (appK arrowK starK) starK))
signature = Proxy
constraint :: Proxy $(return (SigT (ConT ''Show) (ArrowT `AppT` StarT `AppT` ConstraintT)))
constraint = Proxy
visible :: Proxy $(appKindT (promotedT 'Proxy) (conT ''Nat))
visible = Proxy

-- case: operators and equality
operator :: Proxy $(uInfixT (litT (numTyLit 1)) ''(+) (uInfixT (litT (numTyLit 2)) ''(+) (litT (numTyLit 3))))
operator = Proxy
infix' :: Proxy $(infixT (conT ''Int) ''Either (parensT (conT ''Bool)))
infix' = Proxy
equal :: $(do { a <- newName "a"; forallT [PlainTV a SpecifiedSpec] (cxt [equalityT `appT` varT a `appT` conT ''Int]) [t| $(varT a) -> Int |] })
equal n = n

-- case: wildcards and implicit parameters
partial :: $(appT (appT arrowT wildCardT) (conT ''Int))
partial = length :: String -> Int
implicit :: $(return (ForallT [] [ImplicitParamT "x" (ConT ''Int)] (ConT ''Int)))
implicit = ?x

-- case: linear arrows
linear :: $(appT (appT (appT mulArrowT (promotedT 'One)) (conT ''Int)) (conT ''Int))
linear n = n

-- case: types in expressions
typed :: Int
typed = $(appTypeE (varE 'id) (conT ''Int)) 3
