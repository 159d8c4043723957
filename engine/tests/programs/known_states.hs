-- | ST: its operations and its references, strict and lazy, with exceptions, and in IO.
module Main (main) where

import Control.Exception
import Control.Monad
import Control.Monad.ST
import qualified Control.Monad.ST.Lazy as Lazy
import Data.STRef
import qualified Data.STRef.Lazy as Lazy

fibonacci :: Int -> Integer
fibonacci n = runST $ do
  a <- newSTRef 0
  b <- newSTRef 1
  replicateM_ n $ do
    x <- readSTRef a
    y <- readSTRef b
    writeSTRef a y
    writeSTRef b $! x + y
  readSTRef a

-- | A loop without an end of its own, in tail calls.
loop :: STRef s Int -> Int -> ST s Int
loop r k
  | k == 0 = readSTRef r
  | otherwise = modifySTRef' r (+ k) >> pure () >>= \_ -> return k >>= \j -> loop r (j - 1)

lazily :: Either Int Int
lazily = runST $ do
  r <- newSTRef (0 :: Int)
  modifySTRef r (const (error "never looked at"))
  writeSTRef r undefined
  _ <- return undefined
  modifySTRef r (const 3)
  x <- readSTRef r
  unless (x == 3) (writeSTRef r 4)
  Right <$> readSTRef r

primes :: Int -> [Int]
primes n = runST $ do
  found <- newSTRef []
  forM_ [2 .. n] $ \k -> do
    ps <- readSTRef found
    let isPrime = and [k `mod` p /= 0 | p <- ps]
    when isPrime (modifySTRef found (k :))
  reverse <$> readSTRef found

endless :: [Int]
endless = Lazy.runST $ do
  r <- Lazy.newSTRef 0
  let go = do
        x <- Lazy.readSTRef r
        Lazy.writeSTRef r (x + 1)
        (x :) <$> go
  go

main :: IO ()
main = do
  print (fibonacci 300)
  print (runST (newSTRef 0 >>= \r -> loop r 100000))
  print lazily
  print (primes 100, take 5 endless)
  r <- try (evaluate (runST (newSTRef (1 :: Int) >>= \v -> modifySTRef' v (`div` 0) >> readSTRef v)))
  print (r :: Either ArithException Int)
  s <- try (evaluate (runST (newSTRef (1 :: Int) >>= \v -> modifySTRef v (`div` 0) >> return 'k')))
  print (s :: Either ArithException Char)
  v <- stToIO (newSTRef 'a')
  forM_ "bcd" (stToIO . writeSTRef v)
  stToIO (readSTRef v) >>= print
  print (runST (liftM2 (+) (return 1) (pure 2)), runST (mapM (return . (* 2)) [1, 2, 3 :: Int]), runST (fmap not (pure True <* pure ())))
