-- Fixed-width numbers: wrap-around, shifts, rotations, counts, conversions.
import Data.Bits
import Data.Int
import Data.Word

main :: IO ()
main = do
  print (maxBound + 1 :: Int8, fromIntegral (300 :: Int) :: Word8, negate 1 :: Word16, minBound :: Int64)
  print (rotateL (0x80000001 :: Word32) 4, rotateR (1 :: Word8) 1, shiftR (-8 :: Int) 1, unsafeShiftL (1 :: Word64) 63)
  print (popCount (0xff00ff :: Word32), countLeadingZeros (1 :: Word16), countTrailingZeros (8 :: Int64), finiteBitSize (0 :: Int32))
  print (complement 0 :: Word8, (.&.) 12 10 :: Int, 12 .|. 3 :: Int, xor 5 1 :: Int, testBit (5 :: Int) 2, setBit (0 :: Int) 10)
  print (byteSwap32 0x01020304, byteSwap64 1, byteSwap16 0xff00)
  print (div (-7) 2 :: Int32, mod (-7) 2 :: Int32, quot (-7) 2 :: Int8, rem (-7) 2 :: Int8)
  print (fromIntegral (-1 :: Int8) :: Word64, fromIntegral (200 :: Word8) :: Int8, toInteger (maxBound :: Word64))
  print (sum [fromIntegral i :: Word8 | i <- [1 .. 1000 :: Int]], product [1 .. 25] :: Int32)
  print [minBound, maxBound :: Int16]
  print (shiftL (1 :: Int) 64, shiftR (-1 :: Int) 100, shift (16 :: Int) (-2), zeroBits :: Word)
  print (read "255" :: Word8, [250 ..] :: [Word8])
