-- Derived instances of every kind: Functor, Foldable, Traversable, Generic, newtype and via.
{-# LANGUAGE DeriveFunctor, DeriveFoldable, DeriveTraversable, DeriveGeneric, DerivingVia, GeneralizedNewtypeDeriving, DeriveAnyClass, DefaultSignatures, FlexibleContexts, TypeOperators, StandaloneDeriving, DerivingStrategies #-}
import Data.Foldable
import Data.Ix
import Data.Monoid
import Data.Traversable
import GHC.Generics

data Tree a = Leaf | Node (Tree a) a (Tree a) deriving (Show, Eq, Ord, Functor, Foldable, Traversable, Generic)
data Day = Mon | Tue | Wed deriving (Show, Read, Eq, Ord, Enum, Bounded, Ix, Generic)
newtype Total = Total Int deriving (Semigroup, Monoid) via (Sum Int) deriving newtype (Show, Num)

class Count a where
  count :: a -> Int
  default count :: (Generic a, GCount (Rep a)) => a -> Int
  count = gcount . from

class GCount f where gcount :: f p -> Int
instance GCount U1 where gcount _ = 0
instance Count a => GCount (K1 i a) where gcount (K1 a) = count a
instance (GCount f, GCount g) => GCount (f :*: g) where gcount (a :*: b) = gcount a + gcount b
instance (GCount f, GCount g) => GCount (f :+: g) where { gcount (L1 a) = gcount a; gcount (R1 a) = gcount a }
instance GCount f => GCount (M1 i c f) where gcount (M1 a) = 1 + gcount a
instance Count Int where count _ = 100
data Rec = Rec Int Int | Empty deriving (Generic, Count)

fromL :: Ord a => [a] -> Tree a
fromL = foldr ins Leaf
  where
    ins x Leaf = Node Leaf x Leaf
    ins x t@(Node l y r) = case compare x y of LT -> Node (ins x l) y r; GT -> Node l y (ins x r); EQ -> t

main :: IO ()
main = do
  let t = fromL [5, 2, 8, 1, 9, 3 :: Int]
  print (fmap (* 2) t)
  print (toList t, sum t, product t, maximum t, length t, elem 8 t, foldMap (\x -> [x, x]) t)
  print (traverse (\x -> if x > 0 then Just (show x) else Nothing) t)
  print (mapAccumL (\a x -> (a + x, a)) 0 t)
  print ([minBound .. maxBound :: Day], succ Mon, range (Mon, Wed), index (Mon, Wed) Tue, read "Tue" :: Day)
  print (mconcat [Total 3, Total 4] + 1, t == t, compare t Leaf)
  print (count (Rec 1 2), count Empty, datatypeName (from Mon))
  for_ (Just 'x') print
