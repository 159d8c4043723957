-- Strings built from many pieces: shows, concat, replicate, unwords, tables, text wrapping, Caesar and run lengths.
import Data.Char
import Data.List

wrap :: Int -> String -> [String]
wrap n = map unwords . go [] 0 . words
  where
    go acc _ [] = [reverse acc | not (null acc)]
    go acc k (w : ws)
      | null acc = go [w] (length w) ws
      | k + 1 + length w <= n = go (w : acc) (k + 1 + length w) ws
      | otherwise = reverse acc : go [] 0 (w : ws)

caesar :: Int -> String -> String
caesar n = map r where r c | isLower c = rot 'a' c | isUpper c = rot 'A' c | otherwise = c; rot b c = chr (ord b + (ord c - ord b + n) `mod` 26)

rle :: String -> [(Char, Int)]
rle = map (\g -> (head g, length g)) . group

table :: [[String]] -> String
table rows = intercalate "\n" [intercalate " | " (zipWith pad widths r) | r <- rows]
  where widths = map (maximum . map length) (transpose rows); pad w s = s ++ replicate (w - length s) ' '

main :: IO ()
main = do
  mapM_ putStrLn (wrap 24 "It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want of a wife.")
  putStrLn (caesar 3 "Hello, World!" ++ " " ++ caesar (-3) (caesar 3 "back again"))
  print (rle "aaabccddddd")
  putStrLn (table [["n", "n^2", "2^n"], ["1", "1", "2"], ["12", "144", "4096"]])
  putStrLn (foldr (\n s -> shows n (',' : s)) "end" [1 .. 30 :: Int])
  print (length (concatMap show [1 .. 20000 :: Int]))
  putStrLn [toUpper c | c <- "comprehension", c `notElem` "aeiou"]
  print (isPalin "A man, a plan, a canal: Panama", sortOn (map toLower) ["b", "A", "c"])
  where isPalin s = let t = map toLower (filter isAlpha s) in t == reverse t
