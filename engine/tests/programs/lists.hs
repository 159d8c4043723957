-- Data.List from end to end.
import Data.Char
import Data.Function
import Data.List

main :: IO ()
main = do
  print (sortOn negate [3, 1, 2 :: Int], insertBy (compare `on` snd) (9, 'b') [(1, 'a'), (2, 'c')], nub [1, 2, 1, 3 :: Int], [1 .. 5] \\ [2, 4 :: Int])
  print (transpose ["abc", "d", "ef"], subsequences "abc", take 7 (permutations [1, 2, 3, 4 :: Int]), intercalate ", " ["a", "b"])
  print (span isDigit "12ab", dropWhileEnd isSpace "x  ", stripPrefix "ab" "abc", splitAt 2 "hello", partition isUpper "aBcD")
  print (groupBy ((==) `on` (`div` 10)) [1, 5, 11, 12, 25, 30 :: Int], inits "abc", tails "abc", isSubsequenceOf "ace" "abcde")
  print (zip3 "ab" [1 :: Int ..] [True, False], unzip3 [(1 :: Int, 'a', "x")], zipWith3 (,,) "a" "b" "c", lookup 2 [(1, "a"), (2, "b")])
  print (foldl' (-) 10 [1, 2, 3 :: Int], scanl (+) 0 [1, 2, 3 :: Int], scanr (+) 0 [1, 2, 3 :: Int], scanl1 max [3, 1, 4 :: Int], mapAccumR (\a x -> (a + x, a * x)) 0 [1, 2, 3 :: Int])
  print (unfoldr (\n -> if n > 100 then Nothing else Just (n, n * 2)) (1 :: Int), iterate (* 3) 1 !! 20 :: Int, replicate 3 'x', cycle "ab" !! 101)
  print (elemIndex 'c' "abc", findIndices even [1, 2, 4 :: Int], genericLength "abc" :: Integer, maximumBy (compare `on` length) ["a", "abc", "ab"], insert 3 [1, 2, 4, 5 :: Int])
  print (union "abc" "bcd", intersect [1, 2, 3] [2, 3, 4 :: Int], delete 'b' "abcb", zipWith ($) [(+ 1), (* 2)] [10, 20 :: Int], and [], or [True, undefined])
  print (lines "a\n\nb", words "a\tb  c", sortBy (flip compare) (words "the quick brown fox"), foldl1 (-) [10, 2, 3 :: Int], concatMap show [1 .. 12 :: Int])
  print (let msort xs = case xs of { [] -> []; [x] -> [x]; _ -> let (a, b) = splitAt (length xs `div` 2) xs in merge (msort a) (msort b) }; merge [] y = y; merge x [] = x; merge (x : xs) (y : ys) | x <= y = x : merge xs (y : ys) | otherwise = y : merge (x : xs) ys in msort (map (\n -> n * n `mod` 101) [1 .. 60 :: Int]))
