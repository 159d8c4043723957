-- Immutable and mutable arrays: boxed, unboxed, in ST and IO, of several dimensions.
import Control.Monad
import Control.Monad.ST
import Data.Array
import Data.Array.IO
import Data.Array.ST
import Data.Array.Unboxed (UArray)
import qualified Data.Array.Unboxed as U
import Data.Word

sieve :: Int -> UArray Int Bool
sieve n = runSTUArray $ do
  a <- newArray (2, n) True
  forM_ [2 .. n] $ \i -> do
    p <- readArray a i
    when (p && i * i <= n) $ forM_ [i * i, i * i + i .. n] $ \j -> writeArray a j False
  pure a

main :: IO ()
main = do
  print [i | (i, True) <- U.assocs (sieve 100)]
  let sq = listArray ((0, 0), (2, 2)) [1 ..] :: Array (Int, Int) Int
  print (sq ! (1, 1), bounds sq, sum (elems sq))
  print (fmap (* 2) (sq // [((0, 0), 100)]))
  print (accumArray (+) 0 ('a', 'e') [(c, 1 :: Int) | c <- "abracadabra", c <= 'e'])
  m <- newListArray (0, 9) [10, 9 ..] :: IO (IOUArray Int Double)
  forM_ [0 .. 8] $ \i -> forM_ [0 .. 8 - i] $ \j -> do
    x <- readArray m j
    y <- readArray m (j + 1)
    when (x > y) (writeArray m j y >> writeArray m (j + 1) x)
  getElems m >>= print
  w <- newArray (0, 300) 250 :: IO (IOUArray Int Word8)
  forM_ [0 .. 300] $ \i -> readArray w i >>= writeArray w i . (+ fromIntegral i)
  bytes <- getElems w
  print (sum (map fromIntegral bytes :: [Int]))
  b <- newListArray (0, 4) ["a", "b", "c", "d", "e"] :: IO (IOArray Int String)
  frozen <- freeze b :: IO (Array Int String)
  writeArray b 0 "changed"
  print (frozen ! 0)
  let fibs = listArray (0, 80) [if i < 2 then toInteger i else fibs ! (i - 1) + fibs ! (i - 2) | i <- [0 .. 80]] :: Array Int Integer
  print (fibs ! 80)
  print (runST (do r <- newArray (0, 3) 'x' :: ST s (STArray s Int Char); writeArray r 2 'y'; getElems r))
