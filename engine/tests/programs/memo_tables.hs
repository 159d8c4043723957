-- Dynamic programming by lazy arrays and lazy maps: edit distance, knapsack, coin change, partitions.
import Data.Array
import qualified Data.Map.Lazy as M

edit :: String -> String -> Int
edit a b = t ! (0, 0)
  where
    (m, n) = (length a, length b)
    (aa, ba) = (listArray (0, m - 1) a, listArray (0, n - 1) b)
    t = array ((0, 0), (m, n)) [((i, j), f i j) | i <- [0 .. m], j <- [0 .. n]]
    f i j | i == m = n - j
          | j == n = m - i
          | aa ! i == ba ! j = t ! (i + 1, j + 1)
          | otherwise = 1 + minimum [t ! (i + 1, j), t ! (i, j + 1), t ! (i + 1, j + 1)]

coins :: [Int] -> Int -> Integer
coins cs total = foldl (\ways c -> let new = [if i < c then w else w + new !! (i - c) | (i, w) <- zip [0 ..] ways] in new) (1 : replicate total 0) cs !! total

parts :: Int -> Integer
parts n = m M.! (n, n)
  where m = M.fromList [((a, b), go a b) | a <- [0 .. n], b <- [0 .. n]]
        go 0 _ = 1
        go _ 0 = 0
        go a b = m M.! (a, b - 1) + (if a >= b then m M.! (a - b, b) else 0)

main :: IO ()
main = do
  print (edit "kitten sitting on a mitten" "sitting kitten in the kitchen")
  print (coins [1, 2, 5, 10, 20, 50, 100, 200] 200)
  print (map parts [5, 10, 40])
