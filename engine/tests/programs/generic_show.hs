-- Generic programming: a pretty printer and an encoder from GHC.Generics, SYB over Data.
{-# LANGUAGE DeriveGeneric, DeriveDataTypeable, TypeOperators, FlexibleContexts, FlexibleInstances, RankNTypes, DefaultSignatures #-}
import Data.Data
import Data.Maybe
import GHC.Generics

class Enc a where
  enc :: a -> [Int]
  default enc :: (Generic a, GEnc (Rep a)) => a -> [Int]
  enc = genc . from
class GEnc f where genc :: f p -> [Int]
instance GEnc U1 where genc _ = []
instance (GEnc a, GEnc b) => GEnc (a :*: b) where genc (a :*: b) = genc a ++ genc b
instance (GEnc a, GEnc b) => GEnc (a :+: b) where { genc (L1 a) = 0 : genc a; genc (R1 a) = 1 : genc a }
instance GEnc a => GEnc (D1 c a) where genc (M1 a) = genc a
instance (Constructor c, GEnc a) => GEnc (C1 c a) where genc m@(M1 a) = length (conName m) : genc a
instance (Selector s, GEnc a) => GEnc (S1 s a) where genc m@(M1 a) = length (selName m) : genc a
instance Enc a => GEnc (K1 i a) where genc (K1 a) = enc a
instance Enc Int where enc n = [n]
instance Enc Bool
instance Enc a => Enc [a]
instance Enc a => Enc (Maybe a)
data T = Leaf { label :: Int } | Branch T T [Bool] deriving (Generic, Data, Show)
instance Enc T

everywhere :: (forall a. Data a => a -> a) -> (forall a. Data a => a -> a)
everywhere f x = f (gmapT (everywhere f) x)
inc :: Data a => a -> a
inc x = fromMaybe x (cast (maybe undefined (+ 1) (cast x :: Maybe Int)) >>= \y -> if isJust (cast x :: Maybe Int) then Just y else Nothing)
count :: Data a => a -> Int
count x = 1 + sum (gmapQ count x)

main :: IO ()
main = do
  let t = Branch (Leaf 1) (Branch (Leaf 2) (Leaf 3) [True, False]) []
  print (enc t, enc (Just [1, 2 :: Int]))
  print (everywhere inc t, count t)
  print (map showConstr (dataTypeConstrs (dataTypeOf t)), constrFields (toConstr (Leaf 1)))
  print (fromConstrB (fromConstr (toConstr (7 :: Int))) (toConstr (Leaf 0)) :: T)
