-- Counting the words of a text that is made on the fly, and a histogram of it.
import Data.Char
import Data.List
import qualified Data.Map.Strict as M

text :: String
text = concat [w ++ sep | (i, w) <- zip [0 :: Int ..] (take 3000 (cycle vocabulary)), let sep = if i `mod` 11 == 0 then ",\n" else " "]
  where vocabulary = words "It was the best of times it was the worst of times it was the age of wisdom"

main :: IO ()
main = do
  let counts = M.fromListWith (+) [(w, 1 :: Int) | w <- words (map (\c -> if isAlpha c then toLower c else ' ') text)]
      top = take 6 (sortOn (\(w, n) -> (negate n, w)) (M.toList counts))
  mapM_ (\(w, n) -> putStrLn (w ++ replicate (8 - length w) ' ' ++ replicate (n `div` 50) '*' ++ " " ++ show n)) top
  print (length (lines text), length text)
