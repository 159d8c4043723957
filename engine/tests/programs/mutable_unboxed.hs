-- Primitive arrays through GHC.Exts: byte arrays, copying, comparing, growing, MutVar, compare-and-swap.
{-# LANGUAGE MagicHash, UnboxedTuples #-}
-- flags: -fobject-code
import GHC.Exts
import GHC.IO (IO (..))

data MB = MB (MutableByteArray# RealWorld)
data MA a = MA (MutableArray# RealWorld a)

new :: Int -> IO MB
new (I# n) = IO (\s -> case newByteArray# n s of (# s', a #) -> (# s', MB a #))
wr :: MB -> Int -> Int -> IO ()
wr (MB a) (I# i) (I# v) = IO (\s -> (# writeIntArray# a i v s, () #))
rd :: MB -> Int -> IO Int
rd (MB a) (I# i) = IO (\s -> case readIntArray# a i s of (# s', v #) -> (# s', I# v #))

main :: IO ()
main = do
  m@(MB raw) <- new 800
  mapM_ (\i -> wr m i (i * i)) [0 .. 99]
  sum <$> mapM (rd m) [0 .. 99] >>= print
  IO (\s -> (# copyMutableByteArray# raw 0# raw 400# 400# s, () #))
  rd m 60 >>= print
  n <- IO (\s -> case getSizeofMutableByteArray# raw s of (# s', k #) -> (# s', I# k #))
  print n
  old <- IO (\s -> case fetchAddIntArray# raw 3# 5# s of (# s', v #) -> (# s', I# v #))
  now <- rd m 3
  print (old, now)
  c <- IO (\s -> case casIntArray# raw 3# 14# 99# s of (# s', v #) -> (# s', I# v #))
  now2 <- rd m 3
  print (c, now2)
  MA arr <- IO (\s -> case newArray# 10# 'z' s of (# s', a #) -> (# s', MA a #))
  IO (\s -> (# writeArray# arr 4# 'q' s, () #))
  str <- mapM (\(I# i) -> IO (readArray# arr i)) [0 .. 9]
  putStrLn str
  shrunk <- IO (\s -> case shrinkMutableByteArray# raw 80# s of s' -> case unsafeFreezeByteArray# raw s' of (# s'', b #) -> (# s'', I# (sizeofByteArray# b) #))
  print shrunk
  d <- IO (\s -> case newPinnedByteArray# 64# s of (# s1, b #) -> case writeDoubleArray# b 2# 2.5## s1 of s2 -> case readDoubleArray# b 2# s2 of (# s3, v #) -> (# s3, D# v #))
  print d
