-- Types at work: singletons, type-level naturals, heterogeneous lists, rank-N, quantified constraints, Typeable proofs.
{-# LANGUAGE DataKinds, GADTs, KindSignatures, TypeFamilies, TypeOperators, ExplicitNamespaces, RankNTypes, ConstraintKinds, PolyKinds, ScopedTypeVariables, TypeApplications, FlexibleInstances, FlexibleContexts, MultiParamTypeClasses, UndecidableInstances, StandaloneKindSignatures, QuantifiedConstraints, AllowAmbiguousTypes, NoStarIsType #-}
import Data.Kind
import Data.Proxy
import Data.Type.Equality
import GHC.TypeLits hiding (type (+), Mod)

data HList (ts :: [Type]) where
  HNil :: HList '[]
  (:&) :: t -> HList ts -> HList (t ': ts)
infixr 5 :&

type family All (c :: k -> Constraint) (ts :: [k]) :: Constraint where
  All c '[] = ()
  All c (t ': ts) = (c t, All c ts)

showH :: All Show ts => HList ts -> [String]
showH HNil = []
showH (x :& xs) = show x : showH xs

data N = Z | S N
data SN (n :: N) where { SZ :: SN 'Z; SS :: SN n -> SN ('S n) }
type family (a :: N) + (b :: N) :: N where { 'Z + b = b; 'S a + b = 'S (a + b) }

plusZ :: SN n -> (n + 'Z) :~: n
plusZ SZ = Refl
plusZ (SS n) = case plusZ n of Refl -> Refl

toI :: SN n -> Int
toI SZ = 0
toI (SS n) = 1 + toI n

newtype Mod (m :: Nat) = Mod Integer deriving (Eq)
instance KnownNat m => Show (Mod m) where show (Mod x) = show x ++ " mod " ++ show (natVal (Proxy @m))
instance KnownNat m => Num (Mod m) where
  Mod a + Mod b = fromInteger (a + b)
  Mod a * Mod b = fromInteger (a * b)
  negate (Mod a) = fromInteger (negate a)
  abs = id
  signum = id
  fromInteger x = Mod (x `mod` natVal (Proxy @m))

newtype Fix f = Fix (f (Fix f))
instance (forall a. Show a => Show (f a)) => Show (Fix f) where showsPrec d (Fix f) = showParen (d > 10) (showString "Fix " . showsPrec 11 f)

main :: IO ()
main = do
  print (showH (1 :& "two" :& Just 'c' :& HNil))
  print (toI (SS (SS SZ)), case plusZ (SS SZ) of Refl -> "proved")
  print (3 * 5 + 4 :: Mod 7, negate 1 :: Mod 100)
  print (Fix (Just (Fix (Just (Fix Nothing)))))
  case someNatVal 12 of Just (SomeNat p) -> print (natVal p); Nothing -> pure ()
  case sameNat (Proxy @3) (Proxy @3) of Just Refl -> putStrLn "same"; Nothing -> putStrLn "different"
