-- Recursion far beyond what is sensible is deep, but not infinite, and ends.
main :: IO ()
main = do
  let f :: Int -> Int
      f 0 = 0
      f n = 1 + f (n - 1)
  print (f 1000000)
  print (length (foldr (\x k acc -> k (x : acc)) id [1 .. 200000 :: Int] []))
