-- Life on a torus, a random walk, a priority queue, Dijkstra on a grid: everyday algorithms.
import Data.Bits
import qualified Data.Map as M
import qualified Data.Set as S

life :: S.Set (Int, Int) -> S.Set (Int, Int)
life cells = S.fromList [c | (c, n) <- M.toList counts, n == 3 || n == 2 && S.member c cells]
  where counts = M.fromListWith (+) [((mod (x + dx) 12, mod (y + dy) 12), 1 :: Int) | (x, y) <- S.toList cells, dx <- [-1 .. 1], dy <- [-1 .. 1], (dx, dy) /= (0, 0)]

render :: S.Set (Int, Int) -> String
render s = unlines [[if S.member (x, y) s then '#' else '.' | x <- [0 .. 11]] | y <- [0 .. 11]]

lcg :: Int -> Int
lcg s = (s * 1103515245 + 12345) .&. 0x7fffffff

dijkstra :: (Int, Int) -> (Int, Int) -> Int
dijkstra from to = go (S.singleton (0, from)) S.empty
  where
    cost (x, y) = (x * 7 + y * 13) `mod` 9 + 1
    go q seen = case S.minView q of
      Nothing -> -1
      Just ((d, p@(x, y)), rest)
        | p == to -> d
        | S.member p seen -> go rest seen
        | otherwise -> go (foldr S.insert rest [(d + cost n, n) | n@(a, b) <- [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)], a >= 0, b >= 0, a < 25, b < 25]) (S.insert p seen)

main :: IO ()
main = do
  let glider = S.fromList [(1, 0), (2, 1), (0, 2), (1, 2), (2, 2)]
  putStr (render (iterate life glider !! 20))
  print (sum [if testBit r 16 then 1 else -1 | r <- take 3000 (iterate lcg 42)] :: Int)
  print (dijkstra (0, 0) (24, 24))
