{-# LANGUAGE UnboxedTuples, UnboxedSums, MagicHash #-}
module Pairs (both, classify, average, twice, chars) where

import GHC.Exts

quotRemU :: Int -> Int -> (# Int, Int #)
quotRemU (I# a) (I# b) = case quotRemInt# a b of (# q, r #) -> (# I# q, I# r #)

both :: Int -> Int -> (Int, Int)
both a b = case quotRemU a b of (# q, r #) -> (q, r)

sign :: Int -> (# () | Int | String #)
sign n
  | n < 0 = (# () | | #)
  | n == 0 = (# | n | #)
  | otherwise = (# | | "positive" #)

classify :: Int -> String
classify n = case sign n of
  (# () | | #) -> "negative"
  (# | z | #) -> "zero " ++ show z
  (# | | s #) -> s

average :: [Double] -> Double
average xs = case go xs of (# s, n #) -> D# (s /## int2Double# n)
  where
    go [] = (# 0.0##, 0# #)
    go (D# x : rest) = case go rest of (# s, n #) -> (# x +## s, n +# 1# #)

twice :: (Int -> Int) -> Int -> Int
twice f x = f (f x)

chars :: String -> String
chars s = map (\(C# c) -> C# (chr# (ord# c -# 32#))) s
