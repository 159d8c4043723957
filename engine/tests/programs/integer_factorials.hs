-- Integers beyond a word: factorials, division, gcd, shifts, powers and their text.
import Data.Bits

main :: IO ()
main = do
  let f n = product [1 .. n] :: Integer
  print (f 60)
  print (f 100 `div` f 97, f 60 `mod` 1000000007, (-f 25) `quotRem` (2 ^ 70), (-f 25) `divMod` (2 ^ 70))
  print (gcd (f 30) (2 ^ 100), lcm (3 ^ 50) (6 ^ 20))
  print (shiftL 1 200 - 1 :: Integer, shiftR (f 40) 64, popCount (f 40), testBit (f 40) 100)
  print ((f 30 .&. (2 ^ 90 - 1)) `xor` 12345678901234567890, complement (f 22) .|. 1)
  print (read "-123456789012345678901234567890" + 1 :: Integer)
  print (fromIntegral (f 25) :: Int, fromInteger (f 30) :: Double, truncate (1e30 :: Double) :: Integer)
  print (length (show (f 1000)), sum (map (read . pure) (show (f 1000))) :: Int)
