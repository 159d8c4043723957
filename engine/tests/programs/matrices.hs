-- Matrices as lists and as unboxed arrays: product, determinant over Rational, power, Gauss.
import Data.Array.Unboxed
import Data.List
import Data.Ratio

type M = [[Rational]]

mmul :: Num a => [[a]] -> [[a]] -> [[a]]
mmul a b = [[sum (zipWith (*) r c) | c <- transpose b] | r <- a]

det :: M -> Rational
det [] = 1
det m = case break ((/= 0) . head) m of
  (_, []) -> 0
  (above, p : below) -> (if even (length above) then 1 else -1) * head p * det [zipWith (\x y -> y - x * head r / head p) (tail p) (tail r) | r <- above ++ below]

mpow :: [[Integer]] -> Int -> [[Integer]]
mpow _ 0 = [[1, 0], [0, 1]]
mpow m n | even n = let h = mpow m (n `div` 2) in mmul h h
         | otherwise = mmul m (mpow m (n - 1))

arr :: Int -> UArray (Int, Int) Double
arr n = array ((1, 1), (n, n)) [((i, j), fromIntegral (i * j `mod` 7)) | i <- [1 .. n], j <- [1 .. n]]

main :: IO ()
main = do
  print (det [[fromIntegral (i ^ j) % 1 | j <- [0 .. 5 :: Int]] | i <- [1 .. 6 :: Int]])
  print (det [[1 % fromIntegral (i + j - 1) | j <- [1 .. 5]] | i <- [1 .. 5 :: Int]])
  print (head (mpow [[1, 1], [1, 0]] 300))
  let a = arr 20
  print (sum [sum [a ! (i, k) * a ! (k, j) | k <- [1 .. 20]] | i <- [1 .. 20], j <- [1 .. 20]])
  print (mmul [[1, 2], [3, 4]] [[0, 1], [1, 0 :: Int]])
