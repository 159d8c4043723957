-- A sudoku solved by constraint propagation over lists of candidates.
import Data.Char
import Data.List

type Board = [[[Int]]]

parse :: String -> Board
parse = chunk 9 . map (\c -> if c == '.' then [1 .. 9] else [digitToInt c])

chunk :: Int -> [a] -> [[a]]
chunk _ [] = []
chunk n xs = let (a, b) = splitAt n xs in a : chunk n b

boxes :: [[a]] -> [[a]]
boxes = map concat . concatMap transpose . chunk 3 . map (chunk 3)

prune :: Board -> Board
prune = by boxes . by transpose . by id
  where
    by f = f . map single . f
    single cells = let known = [x | [x] <- cells] in [if length c == 1 then c else c \\ known | c <- cells]

solve :: Board -> [Board]
solve b
  | any (any null) b' || bad = []
  | all (all ((== 1) . length)) b' = [b']
  | otherwise = concatMap (\x -> solve (place x)) best
  where
    b' = fixed b
    fixed x = let y = prune x in if y == x then x else fixed y
    bad = any dup (b' ++ transpose b' ++ boxes b')
    dup cells = let ks = [x | [x] <- cells] in length (nub ks) /= length ks
    (i, j, best) = (\(_, a, c, d) -> (a, c, d)) (minimum [(length c, r, k, c) | (r, row) <- zip [0 ..] b', (k, c) <- zip [0 ..] row, length c > 1])
    place x = [[if (r, k) == (i, j) then [x] else c | (k, c) <- zip [0 :: Int ..] row] | (r, row) <- zip [0 :: Int ..] b']

main :: IO ()
main = putStr (unlines (map (map (intToDigit . head)) (head (solve (parse "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79")))))
