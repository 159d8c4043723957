{-# LANGUAGE BangPatterns #-}
module Queue where

import Data.Char (ord)
import Data.List (foldl')

data Queue a = Queue [a] [a]

empty :: Queue a
empty = Queue [] []

push :: a -> Queue a -> Queue a
push x (Queue f b) = Queue f (x : b)

pop :: Queue a -> (a, Queue a)
pop (Queue [] []) = error "empty queue"
pop (Queue [] b) = pop (Queue (reverse b) [])
pop (Queue (x : f) b) = (x, Queue f b)

drain :: Queue a -> [a]
drain (Queue [] []) = []
drain q = let (x, q') = pop q in x : drain q'

table :: [(Int, Double)]
table = [(n, sqrt (fromIntegral n)) | n <- [1 .. 5]]

hash :: String -> Int
hash = foldl' (\h c -> (h * 33 + ord c) `mod` 1000003) 5381

mean :: [Double] -> Double
mean xs = s / fromIntegral (n :: Int)
  where
    (s, n) = foldl' (\(!a, !b) x -> (a + x, b + 1)) (0, 0) xs
