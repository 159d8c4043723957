-- Conversions between all numeric types, enumerations, integral laws, overflow, big powers.
import Data.Int
import Data.Word
import Numeric.Natural
import Control.Exception

main :: IO ()
main = do
  print (fromIntegral (2 ^ 65 + 3 :: Integer) :: Int, fromIntegral (-1 :: Int) :: Word, realToFrac (1.5 :: Float) :: Double)
  print (truncate (1e20 :: Double) :: Integer, round (-3.5 :: Float) :: Int, ceiling (1e-9 :: Double) :: Int, floor (-1e-9 :: Double) :: Integer)
  print ([10, 8 .. 1] :: [Int], [1.5 .. 4] :: [Float], ['a' .. 'f'], [3, 2 .. 3] :: [Integer], take 3 [5 :: Word8, 100 ..])
  print (and [a == (a `quot` b) * b + a `rem` b && a == (a `div` b) * b + a `mod` b | a <- [-7 .. 7], b <- [-3, -2, -1, 1, 2, 3 :: Integer]])
  print (fromIntegral (10 ^ 20 :: Integer) :: Natural, 5 + 7 * 2 :: Natural, toInteger (maxBound :: Int64) + 1)
  r <- try (evaluate (3 - 5 :: Natural))
  print (r :: Either ArithException Natural)
  r2 <- try (evaluate (fromInteger (-1) :: Natural))
  print (r2 :: Either ArithException Natural)
  print (gcd (-12) 18 :: Int, lcm 4 6 :: Int8, 2 ^ (62 :: Int) :: Int, 2 ^ (64 :: Int) :: Int, (-2) ^ (3 :: Int) :: Int16)
  print (signum (-5) :: Int, abs minBound :: Int8, negate 5 :: Word8, even (2 ^ (100 :: Int) :: Integer), odd (-1 :: Int))
  print (7 ^ (123 :: Int) `mod` (10 ^ (9 :: Int) + 7) :: Integer, isqrt (10 ^ (41 :: Int)))
  print (fromEnum 'a', toEnum 98 :: Char, succ 1.5 :: Double, pred 'b', fromEnum (3.7 :: Double), minBound :: Word16)
  print (show (-5 :: Int), (read "3" :: Double), subtract 1 (5 :: Int), until (> 1000) (* 2) (1 :: Int), quotRem minBound (-2) :: (Int, Int))
  where isqrt n = go n where go x = let y = (x + n `div` x) `div` 2 in if y >= x then x else go y :: Integer
