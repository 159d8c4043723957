-- | and, or, all and any: of lists that byte code and compiled code make, and of what is no list.
module Main (main) where

import Control.Exception
import qualified Data.Map as Map
import qualified Data.Set as Set
import System.Timeout (timeout)

-- | A list of its own, whose Foldable is byte code.
data Chain a = End | Link a (Chain a)

instance Foldable Chain where
  foldr _ z End = z
  foldr f z (Link x rest) = f x (foldr f z rest)

chain :: [a] -> Chain a
chain = foldr Link End

queens :: Int -> [[Int]]
queens n = place n
  where
    place 0 = [[]]
    place k = [q : qs | qs <- place (k - 1), q <- [1 .. n], safe q qs]
    safe q qs = and [q /= c && abs (q - c) /= d | (d, c) <- zip [1 ..] qs]

primes :: [Int]
primes = 2 : [n | n <- [3, 5 ..], all (\p -> n `mod` p /= 0) (takeWhile (\p -> p * p <= n) primes)]

data Odd = Odd Int deriving (Show)

instance Exception Odd

-- | An element that counts, or raises an exception.
element :: Int -> Bool
element k
  | odd k = throw (Odd k)
  | otherwise = k < 6

main :: IO ()
main = do
  print (map length (map queens [0 .. 6]))
  print (take 20 primes)
  -- What comes behind the element that decides is not looked at.
  print (and (False : undefined), or (True : undefined), and [True, False, undefined], or [False, True, undefined])
  print (all even (1 : undefined), any even (2 : undefined), any (> 100) [0 ..], all (< 100) [0 ..])
  print (and [], or [], all undefined [], any undefined [], [and, or] <*> [[], [True], [False], [True, False]])
  -- Exceptions of elements, of predicates, and of the list itself.
  r <- try (evaluate (all element [0, 2, 4, 5])) :: IO (Either Odd Bool)
  print (either show show r)
  s <- try (evaluate (any (not . element) (map (* 2) [0 ..]))) :: IO (Either Odd Bool)
  print (either show show s)
  t <- try (evaluate (and (True : throw (Odd 9)))) :: IO (Either Odd Bool)
  print (either show show t)
  -- Other things that can be folded.
  print (and (Just False), or Nothing, all even (Just 3), any even (Right 4 :: Either () Int))
  print (all (> 0) (Map.fromList [(1 :: Int, 1 :: Int), (2, 0)]), any (> 3) (Set.fromList [1, 2, 4 :: Int]))
  print (and (chain [True, True]), or (chain [False]), all odd (chain [1, 3 :: Int]), any odd (chain [2 :: Int]))
  -- As functions, and one within the other.
  print (map (all even) [[2, 4], [1], []], filter (any (> 2)) [[1, 2, 3], [0], [3 :: Int]])
  print (all (any (all even)) [[[1], [2, 4]], [[6 :: Int]]])
  print (zipWith ($) [and, or, and . map not] (repeat [True, False]), foldr (\p b -> p [1, 2, 3 :: Int] && b) True [all (> 0), any (> 2)])
  -- Long lists take no stack, and endless ones can be given up.
  print (all (>= 0) [0 .. 100000 :: Int], any (< 0) [0 .. 100000 :: Int], and (replicate 100000 True))
  u <- timeout 100000 (evaluate (all (>= 0) [0 :: Integer ..]))
  print u
