-- Foreign memory: malloc, alloca, arrays, Storable of own types, pointers, foreign pointers with finalisers.
import Control.Monad
import Data.Int
import Data.Word
import Foreign
import Foreign.C.String
import Foreign.C.Types

data V = V Int32 Double deriving (Show, Eq)
instance Storable V where
  sizeOf _ = 16
  alignment _ = 8
  peek p = V <$> peekByteOff p 0 <*> peekByteOff p 8
  poke p (V a b) = pokeByteOff p 0 a >> pokeByteOff p 8 b

main :: IO ()
main = do
  alloca $ \p -> poke p (0x0102030405060708 :: Word64) >> peekArray 8 (castPtr p :: Ptr Word8) >>= print
  withArrayLen [1 .. 10 :: CInt] $ \n p -> do
    forM_ [0 .. n - 1] $ \i -> peekElemOff p i >>= pokeElemOff p i . (* 3)
    peekArray n p >>= print . sum
  vs <- withArray [V 1 2.5, V 3 4.5] $ \p -> peekArray 2 p
  print vs
  s <- newCString "hello"
  peekCString (s `plusPtr` 1) >>= putStrLn
  free s
  withCStringLen "abc" (\(p, n) -> peekCStringLen (p, n - 1)) >>= putStrLn
  m <- mallocBytes 64 :: IO (Ptr Word8)
  fillBytes m 0xab 64
  copyBytes (m `plusPtr` 32) m 8
  peekByteOff m 40 >>= \b -> print (b :: Word8)
  m' <- reallocBytes m 128
  peek m' >>= print
  free m'
  fp <- mallocForeignPtrArray 100 :: IO (ForeignPtr Int16)
  withForeignPtr fp $ \p -> pokeArray p [1 .. 100] >> (sum <$> peekArray 100 p) >>= print
  print (sizeOf (undefined :: CLong), alignment (undefined :: Double), nullPtr == (nullPtr :: Ptr ()), minusPtr (nullPtr `plusPtr` 10) nullPtr)
  sp <- newStablePtr "stable"
  deRefStablePtr sp >>= putStrLn
  freeStablePtr sp
  allocaBytes 16 $ \p -> pokeArray (castPtr p) [1.5, 2.5 :: Double] >> moveArray (castPtr p) (castPtr p `plusPtr` 8 :: Ptr Double) 1 >> peek (castPtr p :: Ptr Double) >>= print
  with (42 :: CInt) peek >>= print
