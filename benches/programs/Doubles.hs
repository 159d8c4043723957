-- | A loop on Double: Newton's method, and a sum.
module Doubles (run) where

root :: Double -> Double
root x = go (10 :: Int) (x / 2)
  where
    go :: Int -> Double -> Double
    go 0 r = r
    go k r = go (k - 1) ((r + x / r) / 2)

run :: Int -> IO ()
run n = print (loop n 0)
  where
    loop :: Int -> Double -> Double
    loop 0 s = s
    loop k s = let s' = s + root (fromIntegral k) in s' `seq` loop (k - 1) s'
