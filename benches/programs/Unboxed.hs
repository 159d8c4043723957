{-# LANGUAGE MagicHash #-}
-- | A loop on Int#: primops, and no allocation that the program asks for.
module Unboxed (run) where

import GHC.Exts

loop :: Int# -> Int# -> Int#
loop 0# s = s
loop k s = loop (k -# 1#) ((s +# (k *# k)) `remInt#` 1000003#)

run :: Int -> IO ()
run (I# n) = print (I# (loop n 1#))
