module Trusted where

import Data.Int
import Data.Word
import Foreign
import Foreign.C

data Counter

foreign import ccall "readable" readable :: CString -> IO CInt
foreign import ccall "constructed" constructed :: IO CInt
foreign import ccall "add8" add8 :: Int8 -> Word8 -> IO Int8
foreign import ccall "flip8" flip8 :: Word8 -> IO Word8
foreign import ccall "add16" add16 :: Int16 -> Word16 -> IO Int16
foreign import ccall "flip16" flip16 :: Word16 -> IO Word16
foreign import ccall "add32" add32 :: Int32 -> Word32 -> IO Int32
foreign import ccall "flip32" flip32 :: Word32 -> IO Word32
foreign import ccall "add64" add64 :: Int64 -> Word64 -> IO Int64
foreign import ccall "flip64" flip64 :: Word64 -> IO Word64
foreign import ccall "both" both :: CBool -> CBool -> IO CBool
foreign import ccall unsafe "ten" ten
  :: CLong -> CInt -> CShort -> CSChar -> CULong -> CUInt -> CUShort -> CUChar -> CLong -> CInt -> IO CLong
foreign import ccall "sums" sums
  :: Double -> Float -> Double -> Float -> Double -> Float -> Double -> Float -> Double -> Float -> CInt -> Double
  -> IO Double
foreign import ccall unsafe "halved" halved :: Float -> Float
foreign import ccall "fill" fill :: Ptr Word8 -> CULong -> CInt -> IO ()
foreign import ccall unsafe "total" total :: Ptr Double -> CInt -> IO Double
foreign import ccall "take" take_ :: Ptr Word8 -> Ptr CULong -> IO CULong
foreign import ccall "after" after :: Ptr Word8 -> CULong -> IO (Ptr Word8)
foreign import ccall unsafe "measure" measure :: CString -> IO CULong
foreign import ccall unsafe "version" version :: IO CString
foreign import ccall "name_of" nameOf :: CInt -> IO CString
foreign import ccall "counter_new" counterNew :: CLong -> IO (Ptr Counter)
foreign import ccall "counter_add" counterAdd :: Ptr Counter -> CLong -> IO CLong
foreign import ccall "counter_same" counterSame :: Ptr Counter -> IO (Ptr Counter)
foreign import ccall "counter_free" counterFree :: Ptr Counter -> IO ()
foreign import ccall "&counter_free" counterFinalizer :: FinalizerPtr Counter
foreign import ccall "counter_alive" counterAlive :: IO CLong
foreign import ccall "numbers" numbers :: IO (Ptr CInt)
foreign import ccall "number_at" numberAt :: Ptr CInt -> CInt -> IO CInt
foreign import ccall "failing" failing :: CInt -> IO CInt
foreign import ccall "harmless" harmless :: IO CInt
foreign import ccall "slowly" slowly :: Ptr Word8 -> CInt -> IO ()
foreign import ccall "dynamic" callInt :: FunPtr (IO CInt) -> IO CInt
foreign import ccall "&constructed" constructedPtr :: FunPtr (IO CInt)

main :: IO ()
main = do
  constructed >>= print
  callInt constructedPtr >>= print
  sequence [add8 a b | a <- [minBound, -1, 5], b <- [0, 1, 255]] >>= print
  sequence [add16 a b | a <- [minBound, -1, 5], b <- [0, 1, 65535]] >>= print
  sequence [add32 a b | a <- [minBound, -1, 5], b <- [0, 1, maxBound]] >>= print
  sequence [add64 a b | a <- [minBound, -1, 5], b <- [0, 1, maxBound]] >>= print
  (,,,) <$> flip8 1 <*> flip16 1 <*> flip32 1 <*> flip64 1 >>= print
  sequence [both a b | a <- [0, 1], b <- [0, 1]] >>= print
  ten (-1) 2 (-3) 4 5 6 7 8 (-9) 10 >>= print
  sums 0.5 1.25 2 3 4 5 6 7 8.5 9.75 10 11 >>= print
  print (map halved [1, -3, 1e30])
  allocaBytes 16 $ \at -> do
    fill at 16 0x41
    fill (at `plusPtr` 3) 2 0x42
    peekArray 16 at >>= print
    end <- after at 10
    print (end `minusPtr` at)
    n <- with 9 $ \room -> (,) <$> take_ at room <*> peek room
    peekArray 4 at >>= \bytes -> print (n, bytes)
  allocaBytes 16 $ \room -> do
    poke room 2
    take_ (castPtr room `plusPtr` 8) room >>= print
  withArrayLen [1.5, 2.5, -1] (\n at -> total at (fromIntegral n)) >>= print
  withCString "how long" measure >>= print
  version >>= peekCString >>= putStrLn
  again <- (==) <$> version <*> version
  print again
  mapM nameOf [0, 1] >>= mapM peekCString >>= print
  nameOf (-1) >>= print . (== nullPtr)
  c <- counterNew 40
  d <- counterNew 1
  counterAdd c 2 >>= print
  same <- counterSame c
  print (same == c, c == d)
  counterAdd same 1 >>= print
  counterAdd nullPtr 1 >>= print
  counterAlive >>= print
  counterFree c
  newForeignPtr counterFinalizer d >>= finalizeForeignPtr
  counterAlive >>= print
  ns <- numbers
  mapM (numberAt ns) [0 .. 2] >>= print
  withArray [7, 8] (\at -> numberAt at 1) >>= print
  failing 2 >> getErrno >>= \(Errno n) -> print n
  harmless >> getErrno >>= \(Errno n) -> print n
