-- Closures: where and let, mutual recursion, currying, sections, composition, functions in data.
module Main where

import Data.Function (fix, on, (&))

data Counter = Counter { next :: Counter, value :: Int, label :: Int -> String }

make :: Int -> Counter
make n = c where c = Counter { next = make (n + 1), value = n, label = \k -> show n ++ ":" ++ show (k * n) }

compose :: [a -> a] -> a -> a
compose = foldr (.) id

evens, odds :: [a] -> [a]
evens [] = []
evens (x : xs) = x : odds xs
odds [] = []
odds (_ : xs) = evens xs

main :: IO ()
main = do
  print (map (\f -> f 10) [(+ 1), (2 *), subtract 3, (`div` 3), (2 ^)] :: [Int])
  print (compose (replicate 20 (* 2)) 1 :: Int, (((.) . (.)) negate (+)) 2 (3 :: Int))
  print (evens "abcdefg", odds "abcdefg", fix (\r n -> if n <= 1 then 1 else n * r (n - 1)) (20 :: Integer))
  let c = next (next (make 5)) in putStrLn (label c (value c))
  print (uncurry (+) (3, 4), curry fst 'a' 'b', flip (-) 1 10, [1, 2, 3] & map (+ 1) & sum, ((==) `on` (`mod` 10)) 13 23)
  let go 0 acc k = k acc
      go n acc k = go (n - 1) (acc + n) (k . (+ 1))
  print (go 5000 0 id :: Int)
  print (zipWith3 (\f a b -> f a b) [(+), (*), \x y -> x * 10 + y] [1, 2, 3] [4, 5, 6 :: Int])
