-- Patterns: every constructor of Pat.
{-# LANGUAGE TemplateHaskell, MagicHash, UnboxedTuples, UnboxedSums, BangPatterns, ViewPatterns, ScopedTypeVariables #-}
module Patterns where

import GHC.Exts (Int#)
import Language.Haskell.TH

-- case: literals
literal :: Integer -> Bool
literal $(litP (integerL 3)) = True
literal $(litP (integerL (-4))) = True
literal _ = False
text :: String -> Char -> Bool
text $(litP (stringL "key")) $(litP (charL 'c')) = True
text _ _ = False
unlifted :: Int# -> Bool
unlifted $(litP (intPrimL 3)) = True
unlifted _ = False

-- case: variables and wildcards
variable :: Int -> Int -> Int
variable $(varP (mkName "x")) $(wildP) = x

-- case: tuples
pair :: (a, (b, c)) -> c
pair $(tupP [wildP, tupP [wildP, varP (mkName "c")]]) = c
unboxed :: (# Int, Bool #) -> Int
unboxed $(unboxedTupP [varP (mkName "n"), conP 'True []]) = n
unboxed $(unboxedTupP [wildP, wildP]) = 0
alternatives :: (# Int | Bool #) -> Int
alternatives $(unboxedSumP (varP (mkName "n")) 1 2) = n
alternatives $(unboxedSumP wildP 2 2) = 0

-- case: constructors
data T a = a :*: Int | R { field :: a, other :: Int }
constructor :: T a -> Int
constructor $(infixP wildP '(:*:) (varP (mkName "n"))) = n
constructor $(recP 'R [fieldPat 'other (varP (mkName "m"))]) = m
prefix :: Maybe Int -> Int
prefix $(conP 'Just [varP (mkName "k")]) = k
prefix $(conP 'Nothing []) = 0
operators :: [Int] -> Int
operators $(uInfixP (varP (mkName "a")) '(:) (uInfixP (varP (mkName "b")) '(:) wildP)) = a + b
operators $(parensP (listP [varP (mkName "a")])) = a
operators _ = 0

-- case: laziness and strictness
lazy :: (Int, Int) -> Int
lazy $(tildeP (tupP [varP (mkName "a"), wildP])) = 1
strict :: Int -> Int
strict $(bangP (varP (mkName "a"))) = a

-- case: names for parts
as :: [Int] -> ([Int], Int)
as $(asP (mkName "whole") (infixP (varP (mkName "x")) '(:) wildP)) = (whole, x)
as whole = (whole, 0)

-- case: signatures and views
signature :: Int -> Int
signature $(sigP (varP (mkName "n")) (conT ''Int)) = n
view :: Int -> Int
view $(viewP [| subtract 3 |] (litP (integerL 0))) = 1
view _ = 0

-- case: patterns from quotes
quoted :: Maybe (Either Int [Bool]) -> Int
quoted $([p| Just (Left 3) |]) = 1
quoted $([p| Just (Right (True : _)) |]) = 2
quoted $([p| ~(Just _) |]) = 3

-- case: patterns that bind in lambdas and statements
binding :: Maybe Int -> Int
binding m = $(do { n <- newName "n"; lamE [conP 'Just [varP n]] (varE n) }) m
statement :: [Int]
statement = $(do { n <- newName "n"; doE [bindS (conP 'Just [bangP (varP n)]) [| [Just 1, Just 2] |], noBindS [| [$(varE n)] |]] })
