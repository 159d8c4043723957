{-# LANGUAGE ForeignFunctionInterface #-}
module Main where
import Foreign
import Foreign.C

foreign import ccall "nothing" nothing :: IO ()
foreign import ccall "nothing_either" nothingEither :: IO ()
foreign import ccall "zero" zero :: IO Int
foreign import ccall "by_table" byTable :: Int -> Int -> IO Int
foreign import ccall "by_pointer" byPointer :: Int -> IO Int
foreign import ccall "data" data_ :: IO Int
foreign import ccall "name_length" nameLength :: Int -> IO Int
foreign import ccall "same_address" sameAddress :: IO Int
foreign import ccall "dense" dense :: Int -> Int -> IO Int
foreign import ccall "two_tables" twoTables :: Int -> Int -> IO Int
foreign import ccall "labels" labels :: CString -> Int -> IO Int
foreign import ccall "constructors" constructors :: IO Int
foreign import ccall "of_thread" ofThread :: Int -> IO Int
foreign import ccall "sorted" sorted :: Int -> IO Int
foreign import ccall "buffer" buffer :: CString -> IO Int
foreign import ccall "classified" classified :: CString -> IO Int
foreign import ccall "formatted" formatted :: Int -> Double -> IO Int
foreign import ccall "mean" mean :: Double -> Double -> IO Double
foreign import ccall "wide" wide :: Int -> Int -> IO Int
foreign import ccall "weak" weak :: IO Int
foreign import ccall "&variable" variable :: Ptr Int
foreign import ccall "&exported" exported :: FunPtr (Int -> IO Int)
foreign import ccall "&nothing_either" nothingEitherAt :: FunPtr (IO ())
foreign import ccall "dynamic" call :: FunPtr (Int -> IO Int) -> Int -> IO Int
foreign import ccall "dynamic" run :: FunPtr (IO ()) -> IO ()

main :: IO ()
main = do
  nothing >> nothingEither >> run nothingEitherAt
  zero >>= print
  mapM (\n -> byTable n 9) [0 .. 5] >>= print
  mapM byPointer [1 .. 4] >>= print
  sequence [data_, data_] >>= print
  poke variable 41 >> data_ >>= print
  mapM nameLength [0 .. 2] >>= print
  sameAddress >>= print
  mapM (\n -> dense n 12345) [-1 .. 11] >>= print
  mapM (twoTables 50) [0 .. 9] >>= print
  withCString "aabbbcbcaa@" (\p -> labels p 4) >>= print
  constructors >>= print
  mapM ofThread [1, 10, 100] >>= print
  sorted 60 >>= print
  withCString "a longer text than the words before it" buffer >>= print
  withCString "Some Text, with 12 or 13 kinds\tof\ncharacters!" classified >>= print
  formatted 4711 2.125 >>= print
  mean 1.5 4 >>= print
  wide 123456789012 9876543210 >>= print
  weak >>= print
  call exported 1 >>= print
