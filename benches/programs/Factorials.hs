-- | Factorials of type Integer: small numbers first, then large ones.
module Factorials (run) where

factorial :: Integer -> Integer
factorial n = if n == 0 then 1 else n * factorial (n - 1)

run :: Int -> IO ()
run n = print (sum [factorial (toInteger (k `mod` 60)) `mod` 1000003 | k <- [1 .. n]])
