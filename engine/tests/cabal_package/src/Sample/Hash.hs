{-# LANGUAGE CApiFFI #-}
-- | A hash that C computes.
module Sample.Hash (hash) where

import Data.Word (Word64)
import Foreign.C (CSize (..), CChar)
import Foreign.C.String (withCStringLen)
import Foreign.Ptr (Ptr)
import System.IO.Unsafe (unsafePerformIO)

foreign import ccall unsafe "sample_hash" c_hash :: Ptr CChar -> CSize -> IO Word64

hash :: String -> Word64
hash text = unsafePerformIO (withCStringLen text (\(at, len) -> c_hash at (fromIntegral len)))
