-- Unknown calls and returns of every kind at every distance from the end of a stack chunk.
import Data.List (foldl')
import qualified Data.Map as M

-- Goes down n frames, then does the work there.
down :: Int -> (Int -> Int) -> Int -> Int
down 0 f x = f x
down n f x = 1 + down (n - 1) f x

-- A function that is only known once a thunk has been evaluated, called with many arguments.
pick :: Int -> Int -> Int -> Int -> Int -> Int -> Int
pick n = if even n then \a b c d e -> a + b + c + d + e else \a b c d e -> a * b - c * d + e

work :: Int -> Int
work x =
  let f = pick x
      g = foldr (.) id (replicate 3 (+ x))
      m = M.insertWith (flip (.)) 1 (* 2) (M.fromList [(1, (+ 1)), (2, subtract 1)])
   in f 1 2 3 4 5 + g 1 + (m M.! 1) x + foldl' (flip ($)) 0 [(+ 1), (* 3)] + length (show (fromIntegral x / 3 :: Double))
        + sum (zipWith3 (\a b c -> a * b + c) [1 .. 3] [x ..] [2, 4 ..])

main :: IO ()
main = do
  print (sum [down n work n - n | n <- [0 .. 300]])
  print (sum [down n work n - n | n <- [3000, 3001 .. 3200]])
  print (down 200000 work 7)
