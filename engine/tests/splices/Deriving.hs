-- Deriving: what libraries do with Template Haskell, over three modules of which one runs splices for the other.
{-# LANGUAGE TemplateHaskell, DataKinds, GADTs, KindSignatures, TypeFamilies, RankNTypes, StandaloneKindSignatures #-}
module Deriving where

import Derive
import Generated

-- case: lenses
data Address = Address { _street :: String, _number :: Int } deriving (Show)
data Person = Person { _name :: String, _address :: Address, ignored :: () } deriving (Show)
concat <$> mapM makeLenses [''Address, ''Person]
moved :: Person
moved = over (address . number) (+ 1) (set name "Bert" (Person "Anna" (Address "High Street" 7) ()))

-- case: instances
data Shape a = Circle a | Rect { width, height :: a } | Unit
data Level = Low | Mid | High
derivePretty ''Shape
derivePretty ''Level
pretties :: [String]
pretties = [pretty (Circle (1 :: Int)), pretty (Rect { width = True, height = False }), pretty Low]

-- case: singletons
data Nat' = Zero | Succ Nat'
singletons ''Nat'
two :: SNat' ('Succ ('Succ 'Zero))
two = SSucc (SSucc SZero)

-- case: tuples of every size
concat <$> mapM tupleProjections [2, 3, 4]
third :: Char
third = proj3_3 (1 :: Int, True, 'c')

-- case: embedded files
config :: [(String, String)]
config = $(embedPairs "config.txt")

-- case: printf
line :: String
line = $(printf "%s has %d (%%)") "Anna" (3 :: Int)

-- case: code that a splice of another module made
sums :: [Int]
sums = [sum1 1, sum2 1 2, sum3 1 2 3]

-- case: mutual recursion and declaration groups
isEven' :: Int -> Bool
isEven' 0 = True
isEven' n = isOdd' (n - 1)
isOdd' :: Int -> Bool
isOdd' 0 = False
isOdd' n = isEven' (n - 1)
memo 'isEven'
memo 'isOdd'
