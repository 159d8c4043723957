-- Laziness: infinite structures, knots, irrefutable patterns, sharing observed by trace.
import Debug.Trace (trace)

primes :: [Int]
primes = 2 : filter isPrime [3, 5 ..]

isPrime :: Int -> Bool
isPrime n = all (\p -> n `mod` p /= 0) (takeWhile (\p -> p * p <= n) primes)

fibs :: [Integer]
fibs = 0 : 1 : zipWith (+) fibs (tail fibs)

-- Replaces every leaf by the minimum in one traversal.
data Tree = Leaf Int | Node Tree Tree deriving (Show)

repMin :: Tree -> Tree
repMin t = t'
  where
    (m, t') = go t
    go (Leaf x) = (x, Leaf m)
    go (Node a b) = let (ma, a') = go a; (mb, b') = go b in (min ma mb, Node a' b')

main :: IO ()
main = do
  print (take 15 primes, primes !! 500)
  print (fibs !! 200)
  print (repMin (Node (Node (Leaf 5) (Leaf 3)) (Leaf 9)))
  let shared = trace "computed once" (sum [1 .. 100 :: Int])
  print (shared + shared)
  let ~(a, b) = undefined :: (Int, Int)
  putStrLn (const "not forced" (a + b))
  print (fst (1 :: Int, undefined :: Int), length [undefined, undefined :: Int])
  let hamming = 1 : merge (map (2 *) hamming) (merge (map (3 *) hamming) (map (5 *) hamming)) :: [Integer]
      merge xx@(x : xs) yy@(y : ys) = case compare x y of LT -> x : merge xs yy; GT -> y : merge xx ys; EQ -> x : merge xs ys
  print (take 20 hamming)
