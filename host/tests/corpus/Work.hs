{-# LANGUAGE BangPatterns, MagicHash, UnboxedTuples, UnliftedFFITypes, ForeignFunctionInterface #-}
-- Functions on unboxed values: everything they need is in registers, the stack and the heap check.
module Work where

import GHC.Exts

t_nfib :: Int# -> Int#
t_nfib 0# = 1#
t_nfib 1# = 1#
t_nfib n = t_nfib (n -# 1#) +# t_nfib (n -# 2#) +# 1#
{-# NOINLINE t_nfib #-}

t_gcd :: Int# -> Int# -> Int#
t_gcd a 0# = a
t_gcd a b = t_gcd b (remInt# a b)
{-# NOINLINE t_gcd #-}

t_mix :: Word# -> Word# -> Word# -> Word# -> Word# -> Word# -> Word# -> Word#
t_mix a b c d e f g = go 20# a
  where
    go 0# x = x
    go n x =
      go (n -# 1#)
        ((x `timesWord#` b `plusWord#` c)
          `xor#` (uncheckedShiftRL# x 7# `plusWord#` (d `minusWord#` e))
          `xor#` (f `plusWord#` g))
{-# NOINLINE t_mix #-}

t_bits :: Word# -> Word# -> Int# -> Word#
t_bits a b i =
  (popCnt# a `plusWord#` clz# b)
    `xor#` (ctz# (a `or#` b) `timesWord#` 1000##)
    `xor#` uncheckedShiftL# a (andI# i 63#)
    `plusWord#` byteSwap# b
    `plusWord#` int2Word# (uncheckedIShiftRA# (word2Int# a) (andI# i 31#))
    `plusWord#` narrow8Word# b
    `plusWord#` int2Word# (narrow16Int# (word2Int# a))
{-# NOINLINE t_bits #-}

t_wide :: Word# -> Word# -> Word# -> Word#
t_wide a b c = case timesWord2# a b of
  (# high, low #) -> case plusWord2# low c of
    (# carry, sum #) -> case quotRemWord2# (remWord# high (or# c 1##)) sum (or# c 1##) of
      (# q, r #) -> case subIntC# (word2Int# q) (word2Int# r) of
        (# d, o #) -> (int2Word# d `plusWord#` int2Word# o) `xor#` (carry `plusWord#` high)
{-# NOINLINE t_wide #-}

t_compare :: Int# -> Int# -> Int#
t_compare a b = case a <# b of
  1# -> case ltWord# (int2Word# a) (int2Word# b) of { 1# -> 1#; _ -> 2# }
  _ -> case a ==# b of { 1# -> 3#; _ -> case gtWord# (int2Word# a) (int2Word# b) of { 1# -> 4#; _ -> 5# } }
{-# NOINLINE t_compare #-}

t_case :: Int# -> Int# -> Int#
t_case n a = case n of
  0# -> a; 1# -> a *# 3#; 2# -> a +# 1#; 3# -> negateInt# a; 4# -> a -# 9#; 5# -> quotInt# a 7#
  6# -> remInt# a 10#; 7# -> a *# a; 8# -> 8#; 9# -> notI# a; 10# -> orI# a 3#; _ -> t_gcd a n
{-# NOINLINE t_case #-}

-- Doubles travel in xmm registers: integers in, the bits of the result through an integer.
t_double :: Int# -> Int# -> Int#
t_double a b = go 10# (int2Double# (remInt# a 1000#)) (int2Double# (remInt# b 777#))
  where
    go 0# x _ = double2Int# (x *## 16.0##)
    go n x y = case x >## y of
      1# -> go (n -# 1#) (sqrtDouble# (x -## y) *## 3.5##) (y +## 1.0##)
      _ -> go (n -# 1#) ((y /## (x *## x +## 1.0##)) -## int2Double# n) (negateDouble# y)
{-# NOINLINE t_double #-}

-- Strict data of its own: allocation, heap checks, tags, return points.
data L = N | C Int# L

t_list :: Int# -> Int# -> Int#
t_list n k = case grow (andI# n 255#) N of !l -> total 0# l
  where
    grow 0# l = l
    grow i l = grow (i -# 1#) (C (i *# k) l)
    total a N = a
    total a (C x l) = total (a *# 3# +# x) l
{-# NOINLINE t_list #-}

data T = E | B T Int# T

t_tree :: Int# -> Int# -> Int#
t_tree n k = case fill (andI# n 63#) k E of !t -> depthSum 1# t
  where
    fill 0# _ t = t
    fill i x t = case put (andI# x 1023#) t of !u -> fill (i -# 1#) (x *# 1103515245# +# 12345#) u
    put :: Int# -> T -> T
    put x E = B E x E
    put x t@(B l y r) = case x <# y of
      1# -> case put x l of !l' -> B l' y r
      _ -> case x ==# y of { 1# -> t; _ -> case put x r of !r' -> B l y r' }
    depthSum _ E = 0#
    depthSum d (B l x r) = d *# x +# depthSum (d +# 1#) l -# depthSum (d +# 2#) r
{-# NOINLINE t_tree #-}

foreign import ccall unsafe "work_helper" helper :: Int# -> Int# -> Double# -> Int# -> Int# -> Int# -> Int# -> Int# -> Double#

t_foreign :: Int# -> Int# -> Int# -> Int#
t_foreign a b c = case helper a b (int2Double# (remInt# c 1000#)) c a b c 7# of
  d -> double2Int# d +# a *# 3# -# b +# c
{-# NOINLINE t_foreign #-}

-- A loop that allocates nothing, for measuring.
t_count :: Int# -> Int#
t_count n = go 0# (andI# n 0xffffffff#)
  where
    go acc 0# = acc
    go acc i = go (xorI# (acc +# i) (uncheckedIShiftL# i 3#)) (i -# 1#)
{-# NOINLINE t_count #-}
