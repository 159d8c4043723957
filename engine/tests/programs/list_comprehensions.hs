-- Comprehensions as queries: joins, grouping, Pythagorean triples, primes, a calendar of Fridays.
import Data.List

main :: IO ()
main = do
  print [(a, b, c) | c <- [1 .. 40], b <- [1 .. c], a <- [1 .. b], a * a + b * b == c * (c :: Int), gcd a b == 1]
  let people = [(1, "ann"), (2, "bob"), (3, "cy")] :: [(Int, String)]
      orders = [(1, 10), (3, 25), (1, 7), (2, 1)] :: [(Int, Int)]
  print [(n, sum [x | (j, x) <- orders, j == i]) | (i, n) <- people]
  print [p | p <- [2 .. 100], null [d | d <- [2 .. p - 1], p `mod` d == (0 :: Int)]]
  print [(x, y) | x <- "ab", y <- [x ..], y < 'e']
  print (sortOn negate [length [() | d <- [1 .. n], n `mod` d == 0] | n <- [1 .. 30 :: Int]])
  print [if odd x then 'o' else 'e' | x <- [1 .. 10 :: Int], let y = x * x, y > 10]
