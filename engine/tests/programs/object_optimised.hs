-- The same compiled with optimisation: unboxed loops, join points, worker/wrapper, specialised classes.
-- flags: -fobject-code -O1
{-# LANGUAGE BangPatterns #-}
module Main (main) where

import Data.Bits
import Data.List (foldl', sort)
import Data.Word
import qualified Data.IntMap.Strict as I

collatz :: Int -> Int
collatz = go 0 where go !n 1 = n; go !n k = go (n + 1) (if even k then k `div` 2 else 3 * k + 1)

xorshift :: Word64 -> Word64
xorshift x0 = let x1 = x0 `xor` (x0 `shiftL` 13); x2 = x1 `xor` (x1 `shiftR` 7) in x2 `xor` (x2 `shiftL` 17)

integrate :: (Double -> Double) -> Double -> Double -> Int -> Double
integrate f a b n = h * foldl' (\s i -> s + f (a + (fromIntegral i + 0.5) * h)) 0 [0 .. n - 1] where h = (b - a) / fromIntegral n

data Op = Push !Int | Add | Mul | Dup deriving (Show, Eq)

run :: [Op] -> [Int] -> [Int]
run [] st = st
run (Push n : os) st = run os (n : st)
run (Add : os) (a : b : st) = run os (a + b : st)
run (Mul : os) (a : b : st) = run os (a * b : st)
run (Dup : os) (a : st) = run os (a : a : st)
run (o : _) _ = error ("stack underflow at " ++ show o)

main :: IO ()
main = do
  print (maximum (map collatz [1 .. 20000]))
  print (foldl' (\(!m) w -> m + popCount w) 0 (take 5000 (iterate xorshift 88172645463325252)))
  print (integrate (\x -> x * x * exp (-x)) 0 4 20000)
  print (run [Push 3, Dup, Mul, Push 4, Add] [])
  print (I.foldlWithKey' (\a k v -> a + k * v) 0 (I.fromListWith (+) [(i .&. 63, i) | i <- [0 .. 5000]]))
  print (sum (take 100 (sort [(i * 7919) `mod` 10007 | i <- [1 .. 3000 :: Int]])))
  print (length (show (product [1 .. 500 :: Integer])))
