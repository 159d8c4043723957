-- Primops from byte code: arrays of bytes and of pointers, comparisons, narrowing, addresses of literals.
{-# LANGUAGE MagicHash #-}
import GHC.Exts
import GHC.Word
import Data.Bits

loop :: Int# -> Int# -> Int#
loop 0# acc = acc
loop n acc = loop (n -# 1#) (acc +# n *# n)

cstring :: Addr# -> String
cstring a = go 0# where go i = case indexCharOffAddr# a i of '\0'# -> ""; c -> C# c : go (i +# 1#)

main :: IO ()
main = do
  print (I# (loop 10000# 0#))
  putStrLn (cstring "a literal"#)
  print (C# (chr# 955#), isTrue# (3# ># 2#), I# (quotInt# -7# 2#), I# (remInt# -7# 2#), I# (negateInt# 5#))
  print (D# (2.0## **## 10.0##), F# (plusFloat# 1.5# 2.25#), I# (double2Int# 3.99##), D# (int2Double# 7#))
  print (W# (int2Word# -1#), W# (and# 12## 10##), I# (word2Int# (popCnt# 255##)), W# (clz# 1##), W# (ctz# 8##))
  print (I# (uncheckedIShiftL# 1# 20#), I# (uncheckedIShiftRA# -16# 2#), W# (uncheckedShiftRL# 256## 4#))
  print (I# (narrow8Int# 200#), W# (narrow16Word# 70000##), isTrue# (0.1## ==## 0.1##), W# (byteSwap# 1##))
  print (W# (timesWord# 3## 5##) .&. 7, isTrue# (ltWord# 1## 2##), I# (ord# 'x'#))
  print (lazy 3 + inline (+) 1 2 :: Int, the [1, 1, 1 :: Int], sortWith negate [3, 1, 2 :: Int])
